"""What a batch came to: summary.json, summary.md, one exit code."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pipeline.batch.records import STATES, BatchRecord, PaperStatus, Usage
from pipeline.batch.usage import sum_usage
from pipeline.files import write_atomically
from pipeline.markdown import escape
from schemas.errors import (
    EXIT_INTERRUPTED,
    EXIT_MISMATCH,
    EXIT_OK,
    AnalysisFailed,
    CriteriaError,
    DataError,
    ModelError,
    NetworkError,
    PaperError,
    PaperfilterError,
    ProfileError,
    RunFolderError,
    SandboxUnavailable,
    UsageError,
)
from schemas.model import Model

SUMMARY_JSON = "summary.json"
SUMMARY_MARKDOWN = "summary.md"

# From the worst to the best: first what concerns the machine and so every paper, then what concerns one paper.
ORDER = (
    EXIT_INTERRUPTED,
    PaperfilterError.exit_code,
    RunFolderError.exit_code,
    SandboxUnavailable.exit_code,
    ProfileError.exit_code,
    ModelError.exit_code,
    NetworkError.exit_code,
    UsageError.exit_code,
    DataError.exit_code,
    AnalysisFailed.exit_code,
    PaperError.exit_code,
    CriteriaError.exit_code,
    EXIT_MISMATCH,
    EXIT_OK,
)


class Summary(Model):
    """summary.json: how many papers are in which state, what they took together, and each of them."""

    format: Literal["paperfilter-batch-summary/1"] = "paperfilter-batch-summary/1"
    name: str
    folder: str
    until: str
    exit_code: int
    states: dict[str, int]
    seconds: float  # of all papers together
    usage: Usage | None
    papers: tuple[PaperStatus, ...]


def summarise(path: Path, record: BatchRecord, statuses: Sequence[PaperStatus], *, interrupted: bool) -> Summary:
    """The summary of the papers of a batch folder, in their order."""
    counted = Counter(s.state for s in statuses)
    return Summary(
        name=record.name,
        folder=str(path),
        until=record.until,
        exit_code=EXIT_INTERRUPTED if interrupted else find_worst(statuses),
        states={state: counted[state] for state in STATES},
        seconds=round(sum(s.seconds or 0.0 for s in statuses), 2),
        usage=sum_usage([s.usage for s in statuses if s.usage is not None]),
        papers=tuple(statuses),
    )


def find_worst(statuses: Sequence[PaperStatus]) -> int:
    """The worst exit code of the papers; one that is not known is as bad as a bug, one not done as an interruption."""
    codes = [EXIT_INTERRUPTED if s.state in ("waiting", "running") else s.exit_code or EXIT_OK for s in statuses]
    known = [c if c in ORDER else PaperfilterError.exit_code for c in codes]
    return min(known, key=ORDER.index, default=EXIT_OK)


def write_summary(path: Path, summary: Summary) -> None:
    """Write summary.json and summary.md. Raises RunFolderError."""
    write_atomically(path / SUMMARY_JSON, summary.model_dump_json(indent=1) + "\n")
    write_atomically(path / SUMMARY_MARKDOWN, "\n".join(_lines(summary)) + "\n")


def count_states(summary: Summary) -> str:
    """The states in words: "3 done, 1 failed"."""
    return ", ".join(f"{n} {state}" for state, n in summary.states.items() if n) or "no papers"


def describe(status: PaperStatus) -> str:
    """What a paper came to, in one line."""
    counts = status.counts
    said = []
    if counts.cuts is not None:
        said.append(f"{counts.cuts} cuts")
    if counts.findings is not None:
        said.append(f"{counts.grounded} of {counts.findings} findings grounded")
    if counts.questions is not None:
        said.append(f"{counts.questions} open questions")
    if status.usage is not None and status.usage.asked + status.usage.cached:
        said.append(f"{status.usage.asked} questions to a model, {status.usage.cached} from the cache")
    if status.problem is not None:
        code = f"[{status.exit_code}] " if status.exit_code is not None else ""
        said.insert(0, f"{code}{status.problem}")
    return "; ".join(said)


def _lines(summary: Summary) -> Iterator[str]:
    yield f"# Batch {escape(summary.name)}"
    yield ""
    yield f"Until {summary.until}: {count_states(summary)}; {summary.seconds:.0f} s of all papers together."
    if summary.usage is not None:
        usage = summary.usage
        cost = f", cost {usage.cost:g}" if usage.cost is not None else ""
        tokens = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens"
        yield f"Models: {usage.asked} questions ({usage.cached} more from the cache), {tokens}{cost}."
    yield ""
    columns = ("paper", "state", "exit", "cuts", "grounded", "open", "asked", "tokens", "seconds", "run or reason")
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for status in summary.papers:
        yield f"| {' | '.join(_cells(status))} |"


def _cells(status: PaperStatus) -> tuple[str, ...]:
    counts, usage = status.counts, status.usage
    grounded = f"{counts.grounded}/{counts.findings}" if counts.findings is not None else ""
    return (
        escape(status.entry.given),
        status.state,
        _show(status.exit_code),
        _show(counts.cuts),
        grounded,
        _show(counts.questions),
        _show(usage.asked if usage else None),
        _show(usage.prompt_tokens + usage.completion_tokens if usage else None),
        f"{status.seconds:.1f}" if status.seconds is not None else "",
        escape(status.problem or status.run or status.analysis or ""),
    )


def _show(number: int | None) -> str:
    return "" if number is None else str(number)
