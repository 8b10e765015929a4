"""Which papers of a batch are to be done, which are left, and why: from the files of its folder, touching nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline import artefacts
from pipeline.batch.entries import Entry
from pipeline.batch.orders import Order, digest_extraction, digest_request
from pipeline.batch.records import PaperStatus
from pipeline.manifest import Manifest
from pipeline.run_store import MANIFEST, list_runs, load_manifest
from schemas.errors import ModelError, NetworkError, PaperfilterError, RunFolderError, UsageError

Action = Literal["do", "go on", "again", "leave"]
INTERNAL = PaperfilterError.exit_code
OUTSIDE = (ModelError.exit_code, NetworkError.exit_code)  # the paper had no part in it: the same command tries again


class Job(NamedTuple):
    """A paper, where it stands, and what is to be done about it. `status` is as it should be written when it starts."""

    entry: Entry
    status: PaperStatus
    action: Action
    why: str
    run: Path | None = None  # a run folder of this batch in which the paper has been read


class SignedRun(NamedTuple):
    """A run folder that was made for a paper of a batch."""

    path: Path
    manifest: Manifest

    @property
    def is_read(self) -> bool:
        """Whether its criteria are there, so that code can be made from them."""
        made = any(artefacts.CRITERIA_JSON in step.outputs for step in self.manifest.steps)
        return made and (self.path / artefacts.CRITERIA_JSON).is_file()


def plan_jobs(
    entries: tuple[Entry, ...], order: Order, statuses: Mapping[str, PaperStatus], identity: str | None
) -> tuple[Job, ...]:
    """A job for every entry. `identity` is that of the batch folder, None when there is none yet."""
    signed = find_signed(order.runs, identity) if identity is not None and _was_interrupted(statuses) else {}
    return tuple(_plan(entry, order, statuses.get(entry.key), signed, identity or "") for entry in entries)


def sign(identity: str, entry: Entry, extraction: str) -> str:
    """What the runs of one reading of one paper carry in their manifest."""
    return f"{identity}/{entry.key}/{extraction[:16]}"


def find_signed(runs: Path, identity: str, since: float = 0.0) -> dict[str, SignedRun]:
    """The newest run of every paper of a batch, by signature; only those changed after `since` (seconds, Unix time)."""
    found: dict[str, SignedRun] = {}
    for path in reversed(list_runs(runs)):  # the newest last
        try:
            if (path / MANIFEST).stat().st_mtime < since:
                continue
            manifest = load_manifest(path)
        except (OSError, RunFolderError):
            continue
        if manifest.batch is not None and manifest.batch.startswith(f"{identity}/"):
            found[manifest.batch] = SignedRun(path, manifest)
    return found


def _was_interrupted(statuses: Mapping[str, PaperStatus]) -> bool:
    return any(s.state in ("running", "waiting") for s in statuses.values())


def _plan(
    entry: Entry, order: Order, before: PaperStatus | None, signed: Mapping[str, SignedRun], identity: str
) -> Job:
    if entry.kind == "bad":
        status = PaperStatus(
            entry=entry,
            until=order.until,
            extraction="",
            request="",
            state="failed",
            exit_code=UsageError.exit_code,
            problem=entry.problem,
            final=True,
        )
        return Job(entry, status, "leave", entry.problem or "")
    extraction, request = digest_extraction(entry, order), digest_request(entry, order)
    fresh = PaperStatus(entry=entry, until=order.until, extraction=extraction, request=request)
    if before is None:
        return Job(entry, fresh, "do", "new")
    run = _find_run(before, signed.get(sign(identity, entry, extraction)), extraction)
    kept = fresh.model_copy(
        update={"attempts": before.attempts, "usage": before.usage if before.extraction == extraction else None}
    )
    if before.extraction != extraction:
        return Job(entry, kept, "do", "the paper or how it is read changed")
    if before.request != request and not before.final:
        return Job(entry, kept, "do", "the request changed", run)
    current = before.model_copy(update={"entry": entry})
    if before.state == "done":
        if _is_there(before):
            return Job(entry, current, "leave", "done")
        return Job(entry, kept, "do", "its result is gone", run)
    if before.state in ("waiting", "running"):
        return Job(entry, kept, "go on", "interrupted" if before.attempts else "not started", run)
    if before.state == "questions":
        if order.resume or order.retry_failed:
            return Job(entry, kept, "again", "questions may be answered", run)
        return Job(entry, current, "leave", "open questions; --resume looks again")
    if order.retry_failed or before.exit_code in OUTSIDE or (order.resume and not before.final):
        return Job(entry, kept, "again", f"failed with {before.exit_code}", run)
    advice = "--retry-failed" if before.final else "--resume"
    return Job(entry, current, "leave", f"failed with {before.exit_code}; {advice} tries again")


def _find_run(before: PaperStatus, signed: SignedRun | None, extraction: str) -> Path | None:
    """The run folder in which the same reading of the paper is complete."""
    if before.run is not None and before.extraction == extraction:
        path = Path(before.run)
        try:
            known = SignedRun(path, load_manifest(path))
        except RunFolderError:
            known = None
        if known is not None and known.is_read:
            return path
    return signed.path if signed is not None and signed.is_read else None


def _is_there(status: PaperStatus) -> bool:
    if status.entry.kind in ("paper", "identifier"):
        return status.run is not None and (Path(status.run) / MANIFEST).is_file()
    return status.analysis is None or Path(status.analysis).is_file()
