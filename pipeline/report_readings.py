"""What a report says about readers, models and cited works; empty for a run without them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from pipeline import artefacts
from pipeline.models.record import RunUsage, Usage, load_usage
from pipeline.run_store import load_artefact
from pipeline.wording import word_finding
from schemas.citation import Resolution
from schemas.evidence import Evidence
from schemas.model import Model
from schemas.reading import Consensus, Dropped, Reading, Vote

T = TypeVar("T")

STATES = {"resolved": "resolved", "question": "question", "unresolved": "unresolved", "no_cut": "no cut"}


class ReadingRow(Model):
    """One reading in numbers."""

    name: str
    mode: str
    findings: int
    requirements: int  # that it has, with a quote that says so
    dropped: int  # items of replies that could not be used
    asked: int
    failed: int  # questions without a usable reply
    unusable: bool = False  # no reply could be used: it has no vote

    @property
    def label(self) -> str:
        """The name, and whether it counts."""
        return f"{self.name} (no usable reply, not counted)" if self.unusable else self.name


class DroppedRow(Model):
    """An item of a reply, or a whole reply, that could not be used."""

    reading: str
    dropped: Dropped


class ConflictRow(Model):
    """Findings of different readings that cannot both be right, each with its votes; the default first."""

    why: str
    sides: tuple[str, ...]
    decided: bool  # whether the first one is the documented default


class WorkRow(Model):
    """What became of a definition that the paper leaves to a cited work."""

    work: str
    what: str
    page: int
    state: str
    reason: str
    findings: int  # taken from there


class AttemptRow(Model):
    """Text that addresses a reader or a model; it was never used."""

    page: int
    text: str
    why: str
    hidden: bool


class UsageRow(Model):
    """Questions to one model in one role, or all of them, as people read them."""

    role: str
    model: str
    calls: str
    tokens: str
    seconds: str
    cost: str


class ReadingReport(Model):
    """Readers, models and cited works of a run."""

    readings: tuple[ReadingRow, ...] = ()
    dropped: tuple[DroppedRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
    votes: tuple[tuple[int, int], ...] = ()  # how many requirements (second) were found in how many readings (first)
    works: tuple[WorkRow, ...] = ()
    usage: tuple[UsageRow, ...] = ()
    attempts: tuple[AttemptRow, ...] = ()

    @property
    def n_failed(self) -> int:
        """Questions to models that got no usable reply."""
        return sum(r.failed for r in self.readings)

    @property
    def several(self) -> bool:
        """Whether there is more than one reading."""
        return len(self.readings) > 1


class _Resolutions(BaseModel):
    """resolutions.json, as far as a report needs it."""

    model_config = ConfigDict(extra="ignore")

    resolutions: tuple[Resolution, ...] = ()


def load_reading_report(folder: Path, evidence: Sequence[Evidence]) -> ReadingReport:
    """What the run folder says about its readers. Raises RunFolderError for damaged artefacts."""
    readings = _load(folder / artefacts.READINGS, tuple[Reading, ...]) or ()
    consensus = _load(folder / artefacts.CONSENSUS, Consensus)
    grounded = {e.finding for e in evidence if e.grounded}
    votes = [v for v in consensus.votes if v.finding in grounded] if consensus else []
    usage = load_usage(folder)
    return ReadingReport(
        readings=tuple(_count_reading(r, votes) for r in readings),
        dropped=tuple(DroppedRow(reading=r.name, dropped=d) for r in readings for d in r.dropped),
        conflicts=_list_conflicts(consensus, evidence) if consensus else (),
        votes=_count_votes(votes),
        works=_list_works(folder),
        usage=list_usage(usage) if usage else (),
        attempts=_list_attempts(folder),
    )


def list_usage(usage: RunUsage) -> tuple[UsageRow, ...]:
    """One row per role and model, and their sum where there is more than one."""
    rows = [*usage.roles, *([usage.total] if len(usage.roles) > 1 else [])]
    return tuple(_word_usage(row) for row in rows)


def _word_usage(usage: Usage) -> UsageRow:
    details = ((usage.cached, "from the cache"), (usage.failures, "failed"))
    told = ", ".join(f"{number} {what}" for number, what in details if number)
    return UsageRow(
        role=usage.role or "all",
        model=usage.model or "",
        calls=f"{usage.calls} ({told})" if told else str(usage.calls),
        tokens=f"{usage.prompt_tokens} + {usage.completion_tokens}",
        seconds=f"{usage.seconds:.1f}",
        cost="no price" if usage.cost is None else f"{usage.cost:.4f}",
    )


def _count_reading(reading: Reading, votes: Sequence[Vote]) -> ReadingRow:
    return ReadingRow(
        name=reading.name,
        mode=reading.mode,
        findings=len(reading.findings),
        requirements=sum(reading.name in v.found_in for v in votes),
        dropped=len(reading.dropped),
        asked=reading.asked,
        failed=reading.failed,
        unusable=reading.unusable,
    )


def _list_conflicts(consensus: Consensus, evidence: Sequence[Evidence]) -> tuple[ConflictRow, ...]:
    findings = {f.id: f for f in consensus.findings}
    votes = {v.finding: v for v in consensus.votes}
    pages = {e.finding: e.page for e in evidence}

    def word(name: str) -> str:
        place = f"p. {pages[name]}: " if pages.get(name) else ""
        vote = votes.get(name)
        return f"{place}{word_finding(findings[name])}" + (f" ({len(vote.found_in)}/{vote.of})" if vote else "")

    rows = []
    for conflict in consensus.conflicts:
        ordered = sorted((f for f in conflict.findings if f in findings), key=lambda f: f != conflict.default)
        rows.append(
            ConflictRow(why=conflict.why, sides=tuple(map(word, ordered)), decided=conflict.default is not None)
        )
    return tuple(rows)


def _count_votes(votes: Sequence[Vote]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(len(v.found_in) for v in votes).items(), reverse=True))


def _list_works(folder: Path) -> tuple[WorkRow, ...]:
    path = folder / artefacts.RESOLUTIONS
    if not path.is_file():
        return ()
    loaded = _load(path, _Resolutions)
    order = {state: i for i, state in enumerate(STATES)}
    resolutions = loaded.resolutions if loaded else ()
    return tuple(
        WorkRow(
            work=_name_work(r),
            what=f"{_plain(r.delegation.variable)} of {_plain(r.delegation.subject)}",
            page=r.delegation.page,
            state=STATES[r.status],
            reason=r.reason,
            findings=len(r.findings),
        )
        for r in sorted(resolutions, key=lambda r: (order[r.status], r.delegation.start))
    )


def _name_work(resolution: Resolution) -> str:
    keys = ", ".join(k.strip("[]") for k in resolution.delegation.keys)
    work = resolution.work
    named = work.arxiv or work.doi or work.report if work is not None else None
    return f"[{keys}] {named}" if named else f"[{keys}]"


def _plain(name: str) -> str:
    return name.removeprefix("other:").replace("_", " ")


def _list_attempts(folder: Path) -> tuple[AttemptRow, ...]:
    if not (folder / artefacts.ATTEMPTS).is_file():
        return ()
    from extract.attempts import Attempt

    attempts = _load(folder / artefacts.ATTEMPTS, tuple[Attempt, ...]) or ()
    return tuple(AttemptRow(page=a.page, text=a.text, why=a.why, hidden=a.hidden) for a in attempts)


def _load(path: Path, kind: type[T]) -> T | None:
    return load_artefact(path, kind) if path.is_file() else None
