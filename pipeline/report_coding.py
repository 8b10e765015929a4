"""What a report says about a model coder: its rounds, how they ended, and what they took."""

from collections import Counter
from pathlib import Path

from pipeline import artefacts
from pipeline.coding_log import FUNCTIONS, load_attempts, name_attempt
from pipeline.run_store import load_artefact
from pipeline.wording import shorten
from schemas.coding import Attempt, CodingRecord
from schemas.model import Model

FOLDER = "coding"
OUTCOMES = {
    "crashed": "crashed",
    "timeout": "ran out of time",
    "memory": "ran out of memory",
    "output_limit": "wrote too much",
    "killed": "was killed",
    "no_output": "left no results",
}
CHECKS = {None: "not reached", True: "the same events", False: "other events"}
LONGEST = 300  # characters of a problem


class RoundRow(Model):
    """One attempt in a line of the table."""

    number: int
    lines: int | None  # of code that are not empty; None: the reply held none
    outcome: str
    first: str = ""  # the first difference, region/step
    failure: str = ""
    by_model: bool = False  # the class is what a model said
    problem: str = ""
    tokens: int
    seconds: float
    accepted: bool = False


class CodingReport(Model):
    """The rounds of a coder, and what they took."""

    coder: str
    model: str
    supervisor: str = ""
    ended: str  # in a line
    matched: bool = False
    finished: bool = True  # False: it was interrupted, a model was out of reach
    rounds: tuple[RoundRow, ...]
    facts: tuple[tuple[str, str], ...] = ()  # what, and how much, in words


def load_coding_report(folder: Path) -> CodingReport | None:
    """What the run folder says about its coder, None for a run without one. Raises RunFolderError."""
    path = folder / artefacts.CODING
    if path.is_file():
        record = load_artefact(path, CodingRecord)
        return describe_coding(record, _count_lines(folder, record.attempts))
    attempts = tuple(kept.attempt for kept in load_attempts(folder / FOLDER))
    if not attempts:
        return None
    calls = [call for attempt in attempts for call in attempt.calls if call.role == "coder"]
    rounds = tuple(_describe_round(a, lines) for a, lines in zip(attempts, _count_lines(folder, attempts), strict=True))
    ended = f"not finished: {len(rounds)} round{'s'[: len(rounds) != 1]} so far"
    return CodingReport(
        coder="model", model=calls[0].model if calls else "", ended=ended, finished=False, rounds=rounds
    )  # fmt: skip


def describe_coding(record: CodingRecord, lines: tuple[int | None, ...]) -> CodingReport:
    """A record for people. `lines` are the lines of code of each attempt."""
    n = len(record.attempts)
    matched = record.ended == "matched"
    rounds = f"{n} round{'s'[: n != 1]}"
    return CodingReport(
        coder=record.coder,
        model=record.model,
        supervisor=record.supervisor or "",
        ended=f"matched after {rounds}" if matched else f"not matched after {rounds}",
        matched=matched,
        rounds=tuple(_describe_round(a, number) for a, number in zip(record.attempts, lines, strict=True)),
        facts=tuple(_list_facts(record)),
    )


def _list_facts(record: CodingRecord) -> list[tuple[str, str]]:
    last = record.attempts[-1] if record.attempts else None
    work = record.agent_work
    roles = Counter(call.role for attempt in record.attempts for call in attempt.calls)
    by_role = ", ".join(f"{number} {role}" for role, number in sorted(roles.items()))
    witness = "not reached" if last is None or last.witness is None else "right" if last.witness else "wrong"
    if last is not None and last.accepted and last.witness is None:
        witness = "none could be made of these criteria"
    if record.coder == "hybrid" and not record.witnesses and (last is None or last.witness is None):
        witness = "no witness events: these criteria are in words"
    number = f" ({record.witnesses})" if record.witnesses else ""
    return [
        ("compared with", record.against),
        ("held-out events", f"{CHECKS[last.held_out if last else None]} ({record.held_out})"),
        (f"witness events{number}", witness),
        ("agent work", "not known" if work is None else f"{work:.1f} tokens per token of the user"),
        ("tokens", f"{record.total_tokens} in all calls, {record.user_tokens} of the user"),
        ("calls", f"{record.calls} ({by_role})" if by_role else str(record.calls)),
        ("seconds of models", f"{record.seconds:.1f}"),
        ("cost of all calls", "no price" if record.cost is None else f"{record.cost:.4f}"),
    ]


def _describe_round(attempt: Attempt, lines: int | None) -> RoundRow:
    comparison = attempt.comparison
    return RoundRow(
        number=attempt.number,
        lines=lines,
        outcome=word_outcome(attempt),
        first=(comparison.first_difference or "") if comparison else "",
        failure=attempt.failure or "",
        by_model=attempt.classified_by == "model",
        problem=shorten(_find_reason(attempt), LONGEST),
        tokens=sum(call.prompt_tokens + call.completion_tokens for call in attempt.calls),
        seconds=sum(call.seconds for call in attempt.calls),
        accepted=attempt.accepted,
    )


def _find_reason(attempt: Attempt) -> str:
    """Why it was not accepted: the likely cause of a difference, else the problem."""
    causes = attempt.explanation.causes if attempt.explanation else ()
    return f"likely cause: {causes[0].text}" if causes else attempt.problem or ""


def list_cells(row: RoundRow) -> tuple[str, ...]:
    """A round as cells: number, lines, outcome, first difference, class, tokens, seconds."""
    failure = f"{row.failure} (by a model)" if row.by_model else row.failure
    lines = "" if row.lines is None else str(row.lines)
    return (str(row.number), lines, row.outcome, row.first, failure, str(row.tokens), f"{row.seconds:.1f}")


def word_outcome(attempt: Attempt) -> str:
    """How far an attempt came, in a few words."""
    run = attempt.execution
    if attempt.accepted:
        return "accepted"
    if attempt.code_sha256 is None:
        return "no code"
    if run is None:
        return "refused before it ran"
    if run.outcome != "ok":
        code = f", exit code {run.exit_code}" if run.exit_code else ""
        return f"{OUTCOMES.get(run.outcome, run.outcome)}{code}"
    if attempt.comparison is None:
        return "results that cannot be used"
    if not attempt.comparison.matched:
        return "other events"
    if attempt.held_out is False:
        return "other events where they were held out"
    if attempt.witness is False:
        return "wrong in witness events"
    return "refused after it ran" if attempt.offences else "not accepted"


def _count_lines(folder: Path, attempts: tuple[Attempt, ...]) -> tuple[int | None, ...]:
    return tuple(_count(folder / FOLDER / name_attempt(a.number) / FUNCTIONS) for a in attempts)


def _count(path: Path) -> int | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(bool(line.strip()) for line in file)
