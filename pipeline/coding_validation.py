"""The validation log of a model coder: every attempt, step by step, beside the baseline. For people, never for a coder:
it has the baseline's counts."""

from collections.abc import Iterator, Sequence

from codegen.coder.task import Acceptance
from pipeline.markdown import escape, write_table
from schemas.coding import Attempt, CodingRecord
from schemas.comparison import Comparison, StepComparison
from schemas.verdict import Verdict

STATES = {
    "equal": "equal",
    "different": "**different**",
    "only_in_analysis": "only in the analysis",
    "only_in_baseline": "only in the baseline",
    "not_evaluated": "not evaluated",
    "no_baseline": "no baseline",
}


IN_WORDS = "no witness events: these criteria are in words"

Judged = tuple[Attempt, Acceptance | None]


def render_validation(attempts: Sequence[Judged], record: CodingRecord | None = None) -> str:
    """The attempts against the baseline, and what became of those that match in the loop, as Markdown."""
    return "\n\n".join(_lines(attempts, record)) + "\n"


def word_end(record: CodingRecord) -> str:
    """How the loop ended, and what it took, as Markdown."""
    how = "**Matched**" if record.ended == "matched" else "**Not matched**"
    models = escape(record.model)
    if record.supervisor and record.supervisor != record.model:
        models += f", supervised by {escape(record.supervisor)}"
    cost = f"cost {record.cost:.6g}" if record.cost is not None else "no price known"
    work = f"{record.agent_work:.2f}" if record.agent_work is not None else "not known"
    witnesses = f"witness events: {record.witnesses}"
    if record.coder == "hybrid" and not record.witnesses:
        witnesses = IN_WORDS
    return "\n".join(
        [
            f"{how} in round {len(record.attempts)} of {record.rounds} against {escape(record.against)}.",
            "",
            f"- coder {record.coder}, {models}",
            f"- held out: {escape(record.held_out)}; {witnesses}",
            f"- agent work {work}: {record.total_tokens} tokens in all, {record.user_tokens} of the user",
            f"- {record.calls} calls, {record.seconds:.1f} s, {cost}",
        ]
    )


def _lines(attempts: Sequence[Judged], record: CodingRecord | None) -> Iterator[str]:
    yield "# Coder: every attempt beside the baseline"
    if record is not None:
        yield word_end(record)
    for attempt, acceptance in attempts:
        yield f"## Attempt {attempt.number}"
        failure = f" ({attempt.failure})" if attempt.failure else ""
        yield "Accepted." if attempt.accepted else f"Not accepted{failure}: {escape(attempt.problem or '')}"
        if attempt.comparison is not None:
            yield _tabulate(attempt.comparison)
            first = attempt.comparison.first_difference
            yield f"First difference: {escape(first)}" if first else "No step differs."
        elif attempt.execution is not None:
            code = attempt.execution.exit_code
            ended = attempt.execution.outcome
            yield f"Not compared: it ended as {ended}, exit code {'none' if code is None else code}."
        else:
            yield "Not compared: it was not run."
        differing = f", first at {escape(acceptance.differing)}" if acceptance and acceptance.differing else ""
        yield f"Held-out events: {_word_check(attempt.held_out)}{differing}."
        number = f" ({acceptance.witnesses})" if acceptance and acceptance.witnesses else ""
        none = attempt.accepted and attempt.witness is None
        if record is not None and record.coder == "hybrid" and attempt.witness is None:
            yield f"Witness events: {IN_WORDS}."
        else:
            yield f"Witness events{number}: {'none could be made' if none else _word_check(attempt.witness)}."
        if acceptance and acceptance.verdicts:
            yield _list_verdicts(acceptance.verdicts)


def _tabulate(comparison: Comparison) -> str:
    head = ("region", "step", "analysis", "baseline", "only in analysis", "only in baseline", "event sets")
    lines = ["| " + " | ".join(head) + " |", "| --- | --- |" + " ---: |" * 4 + " --- |"]
    lines += ["| " + " | ".join(_cells(step)) + " |" for step in comparison.steps]
    return "\n".join(lines)


def _cells(step: StepComparison) -> tuple[str, ...]:
    name = escape(step.step) if step.label in ("", step.step) else f"{escape(step.step)}: {escape(step.label)}"
    ours, theirs = ("" if count is None else str(count) for count in (step.analysis_count, step.baseline_count))
    return (
        escape(step.region), name, ours, theirs, str(step.only_analysis), str(step.only_baseline), STATES[step.state]
    )  # fmt: skip


def _list_verdicts(verdicts: Sequence[Verdict]) -> str:
    """What the witness events say about every cut, candidate and overlap removal."""
    rows = [(v.item, v.owner, v.verdict, "; ".join(t for t in (v.detail, *v.likely) if t)) for v in verdicts]
    return "\n".join(write_table(("part", "of", "witness events say", ""), rows)).rstrip()


def _word_check(passed: bool | None) -> str:
    return "not reached" if passed is None else "the same" if passed else "**not the same**"
