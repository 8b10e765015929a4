"""The compiler as a contestant: its program, held to what programs of models are held to."""

import time

from benchmarks.contest.effort import Effort
from benchmarks.programming.judging import Judge
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.subjects import Subject
from pipeline.files import digest_text
from schemas.coding import Attempt
from schemas.errors import CriteriaError, DataError, ProfileError


def code_by_compiler(subject: Subject, judge: Judge) -> CodeOutcome:
    """What becomes of the compiler's program: one attempt, in seconds by the clock of compiling and of running it over
    the events of the loop. Criteria that it cannot express are a failed run. Raises SandboxUnavailable."""
    from codegen.coder.classes import classify
    from codegen.compare import compare_cutflows
    from pipeline.coding_services import word_failure
    from pipeline.compiling import compile_criteria

    began = time.monotonic()
    try:
        source = compile_criteria(subject.criteria, subject.profile).source
    except CriteriaError as error:
        return CodeOutcome(failed=str(error), witnesses=judge.decide_nothing(), effort=Effort(cost=0.0))
    ran = judge.run(source, tuple(subject.files.loop))
    seconds = round(time.monotonic() - began, 3)
    comparison, problem = None, None
    if ran.cutflow is None:
        problem = word_failure(ran.execution)
    else:
        try:
            comparison = compare_cutflows(ran.cutflow, subject.loop_cutflow)
        except (ProfileError, DataError) as error:
            problem = str(error)
        else:
            problem = None if comparison.matched else f"other events at {comparison.first_difference or 'every step'}"
    attempt = Attempt(
        number=1, code_sha256=digest_text(source), execution=ran.execution, comparison=comparison, problem=problem
    )
    held_out, witnesses = judge.keeps_held_out(source), judge.decide(source)
    matched = problem is None
    return CodeOutcome(
        matched=matched,
        accepted=matched and held_out and all(one.right for one in witnesses),
        held_out=held_out,
        witnesses=witnesses,
        rounds=1,
        failures=() if matched else (classify(attempt),),
        program=digest_text(source),
        effort=Effort(seconds=seconds, cost=0.0),
    )
