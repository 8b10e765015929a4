"""A model as a contestant: the loop of `paperfilter run ANALYSIS --against ANALYSIS --coder llm --sample RUN`."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest.effort import Effort
from benchmarks.programming.judging import Judge
from benchmarks.programming.outcome import CodeOutcome
from benchmarks.programming.subjects import Subject
from pipeline.coding_desk import CodingDesk
from pipeline.coding_options import CodingOptions
from pipeline.executors import Executor
from pipeline.files import digest_text, explain, write_atomically
from pipeline.models.config import ModelSettings
from pipeline.terminal import Progress
from schemas.coding import Attempt, Coder, CodingRecord
from schemas.criteria_yaml import dump_criteria
from schemas.errors import CriteriaError
from schemas.execution import Limits

HEAVY = ("results", "probes", "held-out", "witness", "witness-results")  # of an attempt: what programs wrote

IN_WORDS = "criteria-in-words.yaml"


class Rules(NamedTuple):
    """What every model is given: attempts, and seconds that a program may compute."""

    rounds: int
    seconds: float
    supervised: bool = True

    def make_options(self, model: str, mode: Coder, run: int) -> CodingOptions:
        """The options of one run. Its number is the sample: never 0, which is asked at another temperature."""
        return CodingOptions(
            coder=mode, model=model, rounds=self.rounds, supervised=self.supervised, seconds=self.seconds, sample=run
        )

    @property
    def limits(self) -> Limits:
        """Of one execution, as the loop sets them."""
        wall = CodingOptions(seconds=self.seconds).wall_seconds
        return Limits().model_copy(update={"wall_seconds": wall, "cpu_seconds": max(1, round(self.seconds))})


class Table(NamedTuple):
    """What one run of a model is done with: its settings, and where replies and attempts are kept."""

    settings: ModelSettings
    cache: Path
    runs: Path  # a folder for this run alone

    def make_desk(self, options: CodingOptions) -> CodingDesk:
        """The desk of the loop."""
        return CodingDesk(
            options=options, settings=self.settings, cache=self.cache, replay=False, executor=Executor(), unsafe=False
        )


def code_by_model(subject: Subject, judge: Judge, table: Table, options: CodingOptions) -> CodeOutcome:
    """What becomes of one run. An interrupted one goes on after its last finished attempt.

    Raises ModelUnavailable when a server is out of reach, SandboxUnavailable, RunFolderError.
    """
    from pipeline.coding import write_code
    from pipeline.coding_store import FOLDER, find_program
    from pipeline.manifest import Request
    from pipeline.reading import adopt_criteria
    from pipeline.run_store import open_run
    from pipeline.running import accept_criteria

    loop = dict(subject.files.loop)
    request = Request(
        command="run", kind="analysis", source=subject.name, source_sha256=subject.digests["criteria"], reader="none",
        coder=options.label, profile=subject.profile_name, data=tuple(map(str, loop)), against=subject.name,
        coding=options,
    )  # fmt: skip
    quiet = Progress(quiet=True)
    criteria = place_criteria(subject, options, table.runs)
    with open_run(table.runs, subject.name, request) as run:
        adopt_criteria(run, criteria, quiet)
        accept_criteria(run, quiet, accept_defaults=False)
        record = write_code(run, quiet, loop, {}, subject.baseline, table.make_desk(options))
        program = find_program(run.path, record)
        source = program.read_text(encoding="utf-8") if program is not None else None
        outcome = judge_record(record, source, judge)
        for attempt in (run.path / FOLDER).glob("attempt-*"):
            for name in HEAVY:
                with suppress(OSError):
                    shutil.rmtree(attempt / name)
    return outcome


def place_criteria(subject: Subject, options: CodingOptions, folder: Path) -> Path:
    """The file of the criteria that a coder is given: in words, written to the folder, for hybrid coding.

    Raises CriteriaError where nothing of them is in words.
    """
    if options.coder != "hybrid":
        return subject.source
    if subject.worded is None:
        raise CriteriaError(f"{subject.name}: nothing of the criteria is in words, so there is nothing to be coded")
    with explain(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / IN_WORDS, dump_criteria(subject.worded))
    return folder / IN_WORDS


def judge_record(record: CodingRecord, source: str | None, judge: Judge) -> CodeOutcome:
    """The outcome of a loop that is over; `source` is the program that it ends with."""
    last = find_last(record)
    ran = last is not None and last.execution is not None
    held_out, witnesses = None, judge.decide_nothing()
    if ran and source is not None:
        held_out = judge.keeps_held_out(source)
        # the loop tries an accepted program in the same witness events
        witnesses = judge.decide_all() if last is not None and last.witness else judge.decide(source)
    return CodeOutcome(
        failed=None if any(a.code_sha256 for a in record.attempts) else find_reason(record.attempts),
        matched=last is not None and last.comparison is not None and last.comparison.matched and not last.offences,
        accepted=record.ended == "matched",
        held_out=held_out,
        witnesses=witnesses,
        rounds=len(record.attempts),
        failures=tuple(attempt.failure for attempt in record.attempts if attempt.failure is not None),
        agent_work=record.agent_work,
        program=digest_text(source) if source is not None else None,
        effort=measure_effort(record),
    )


def find_last(record: CodingRecord) -> Attempt | None:
    """The attempt whose program a loop ends with, as `pipeline.coding_store.find_program` chooses it."""
    written = [attempt for attempt in record.attempts if attempt.code_sha256 is not None]
    return max(written, key=lambda a: (a.accepted, a.comparison is not None, a.number), default=None)


def find_reason(attempts: Sequence[Attempt]) -> str:
    """Why no attempt has any code, in one line."""
    problem = attempts[-1].problem if attempts else None
    return f"no reply held code; the last: {' '.join((problem or 'nothing came').split())[:200]}"


def measure_effort(record: CodingRecord) -> Effort:
    """What models were asked in a run. Kept replies count as if they were asked now: it is the same work."""
    calls = [call for attempt in record.attempts for call in attempt.calls]
    return Effort(
        calls=len(calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        seconds=record.seconds,
        cost=record.cost,
    )
