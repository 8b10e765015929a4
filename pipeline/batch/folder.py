"""Batch folders: `<runs>/batches/<name>/` with batch.json, a status file per paper and a summary. Every file is whole.

One batch at a time works in a folder. Its children hold a second lock, so that a batch that starts right after another
was killed waits until the last of the other's processes is gone.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ValidationError

from pipeline.batch.records import BatchRecord, PaperStatus
from pipeline.files import explain, remove_leftovers, write_atomically
from pipeline.run_store import load_artefact
from schemas.errors import RunFolderError

BATCHES = "batches"
RECORD = "batch.json"
PAPERS = "papers"
CODE = "analyses"  # generated code of criteria, which have no run folder
LOCK = ".lock"
CHILDREN_LOCK = ".children"
PATIENCE = 30.0  # seconds that the processes of a killed batch have to disappear


class BatchFolder:
    """A batch on disk, held by this process."""

    def __init__(self, path: Path, record: BatchRecord, children_lock: int) -> None:
        self.path = path
        self.record = record
        self.children_lock = children_lock  # inherited by every child, freed when the last one is gone

    def save_record(self, record: BatchRecord) -> None:
        """Write batch.json."""
        self.record = record
        _write(self.path / RECORD, record)

    def save_status(self, status: PaperStatus) -> None:
        """Write the status file of a paper."""
        _write(self.path / PAPERS / f"{status.entry.key}.json", status)

    def find_code(self, key: str) -> Path:
        """Where code for criteria goes that have no run folder."""
        folder = self.path / CODE
        with explain(folder):
            folder.mkdir(exist_ok=True)
        return folder / f"{key}.py"


@contextmanager
def open_batch(path: Path, record: BatchRecord) -> Iterator[BatchFolder]:
    """The batch folder at `path`, made if need be; an existing one keeps its identity.

    Raises RunFolderError when another batch works in it, when it cannot be written, or when it is damaged.
    """
    with explain(path):
        (path / PAPERS).mkdir(parents=True, exist_ok=True)
    locks: list[int] = []
    try:
        locks.append(_lock(path / LOCK, fcntl.LOCK_EX, 0.0))
        if locks[-1] < 0:
            raise RunFolderError(f"{path}: another batch works in it; wait for it, or choose another --name")
        locks.append(_lock(path / CHILDREN_LOCK, fcntl.LOCK_EX, PATIENCE))
        if locks[-1] < 0:
            raise RunFolderError(f"{path}: processes of an earlier batch do not end; look for them with ps")
        for folder in (path, path / PAPERS):
            remove_leftovers(folder)
        before = load_batch(path) if (path / RECORD).is_file() else None
        batch = BatchFolder(path, record, locks[-1])
        if before is not None:
            record = record.model_copy(update={"identity": before.identity, "created": before.created})
        batch.save_record(record)
        yield batch
    finally:
        for descriptor in locks:
            if descriptor >= 0:
                os.close(descriptor)


def load_batch(path: Path) -> BatchRecord:
    """The record of a batch folder. Raises RunFolderError when there is none or it is damaged."""
    return load_artefact(path / RECORD, BatchRecord)


def load_statuses(path: Path) -> Mapping[str, PaperStatus]:
    """All papers of a batch folder by key. A damaged status file counts as none: the paper is looked at again."""
    found = {}
    for file in sorted((path / PAPERS).glob("*.json")):
        with suppress(ValidationError, OSError):
            status = PaperStatus.model_validate_json(file.read_bytes())
            found[status.entry.key] = status
    return found


def list_batches(runs: Path) -> tuple[Path, ...]:
    """The batch folders below a folder of run folders, by name."""
    return tuple(sorted(file.parent for file in (runs / BATCHES).glob(f"*/{RECORD}")))


def make_identity() -> str:
    """A new random identity."""
    return secrets.token_hex(8)


def _write(path: Path, artefact: BaseModel) -> None:
    write_atomically(path, artefact.model_dump_json(indent=1) + "\n")


def _lock(path: Path, how: int, patience: float) -> int:
    """A descriptor that holds the lock, -1 when somebody else has it for longer than `patience` seconds."""
    with explain(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(descriptor)
                    return -1
                time.sleep(0.02)
            else:
                return descriptor
