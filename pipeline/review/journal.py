"""The record of a review in its run folder: one line per revision, a snapshot of each, and what criteria.yaml holds.

    review/history.jsonl   the revisions; a line that is there whole was done, whatever happens afterwards
    review/0007.json.gz    the state that revision 7 left; 0000 is what the readers made
    review/file.json.gz    criteria.yaml as this program last left or read it

A snapshot is on disk before its line. A process that is killed leaves a torn last line at worst, of an action that
nobody was told about: it is not read, and the next action cuts it off.
"""

import gzip
import hashlib
import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from pipeline.artefacts import HISTORY
from pipeline.files import explain, sync_folder, write_atomically
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError, RunFolderError
from schemas.model import Model
from schemas.review import ReviewState, Revision

FOLDER = "review"
FILE = f"{FOLDER}/file.json.gz"

Kept = TypeVar("Kept", bound=Model)


class Journal(NamedTuple):
    """What stands in the history of a run."""

    revisions: tuple[Revision, ...]
    end: int
    """Where the last whole line ends, in bytes."""
    torn: int
    """Bytes after it: an action that was cut off."""

    @property
    def newest(self) -> int:
        """Number of the newest revision; 0 when nothing was done."""
        return len(self.revisions)


class KnownFile(Model):
    """criteria.yaml as this program last left or read it."""

    sha256: str  # of the file
    revision: int  # up to which it need not be written again
    criteria: SelectionCriteria  # as it says them, without what only the history knows


def read_journal(run: Path) -> Journal:
    """The history of a run folder; empty when there is none. Raises RunFolderError when it is damaged."""
    path = run / HISTORY
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Journal((), 0, 0)
    except OSError as error:
        raise RunFolderError(f"cannot read {path}: {error.strerror}; check the path") from error
    *lines, rest = content.split(b"\n")
    revisions: list[Revision] = []
    end = 0
    for number, line in enumerate(lines, 1):
        if number == len(lines) and not rest and not _is_json(line):
            break  # written when the power went: the length was on disk before the content
        try:
            revision = Revision.model_validate_json(line)
            if revision.number != number:
                raise ValueError(f"revision {revision.number} stands where {number} is expected")
        except ValueError as error:
            reason = _tell(error)
            raise RunFolderError(f"{path}, line {number}: {reason}; restore the file, or move {FOLDER}/ away") from None
        revisions.append(revision)
        end += len(line) + 1
    return Journal(tuple(revisions), end, len(content) - end)


def append_revision(run: Path, journal: Journal, revision: Revision) -> Journal:
    """The journal with one more revision, on disk when this returns. The run folder is held by the caller.

    Raises RunFolderError when it cannot be written, CriteriaError for what is no text; then it stands as before.
    """
    path = run / HISTORY
    line = _encode(revision) + b"\n"
    if not _says(line, revision):  # what cannot be read back must not be the record
        raise RunFolderError(f"{path}: revision {revision.number} cannot be written; report this with what was done")
    fresh = not path.exists()
    with explain(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.ftruncate(descriptor, journal.end)  # without what was torn
            try:
                _write_all(descriptor, line, journal.end)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(descriptor, journal.end)
                raise
        finally:
            os.close(descriptor)
    if fresh:
        sync_folder(path.parent)
    return Journal((*journal.revisions, revision), journal.end + len(line), 0)


def save_state(run: Path, number: int, state: ReviewState) -> None:
    """Keep the state that a revision leaves. Raises RunFolderError."""
    _save(_name_snapshot(run, number), state)


def load_state(run: Path, number: int) -> ReviewState:
    """The state that a revision left; 0 is what the readers made. Raises RunFolderError."""
    return _load(_name_snapshot(run, number), ReviewState)


def has_state(run: Path, number: int) -> bool:
    """Whether there is a snapshot of a revision."""
    return _name_snapshot(run, number).is_file()


def save_file(run: Path, known: KnownFile) -> None:
    """Keep what criteria.yaml holds. Raises RunFolderError."""
    _save(run / FILE, known)


def load_file(run: Path) -> KnownFile | None:
    """criteria.yaml as this program last left or read it; None where that is not known."""
    try:
        return _load(run / FILE, KnownFile)
    except RunFolderError:
        return None


def digest_criteria(criteria: SelectionCriteria) -> str:
    """SHA-256 of the canonical JSON of criteria: sorted keys, no spaces, no defaults."""
    content = criteria.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _name_snapshot(run: Path, number: int) -> Path:
    return run / FOLDER / f"{number:04d}.json.gz"


def _save(path: Path, content: Model) -> None:
    with explain(path.parent):
        path.parent.mkdir(exist_ok=True)
    data = _encode(content, exclude_defaults=True)
    write_atomically(path, gzip.compress(data, 6, mtime=0))


def _load(path: Path, kind: type[Kept]) -> Kept:
    try:
        return kind.model_validate_json(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, zlib.error, ValidationError) as error:
        reason = _tell(error)
        raise RunFolderError(f"{path} does not hold what it should: {reason}; restore it from a copy") from None


def _encode(content: Model, *, exclude_defaults: bool = False) -> bytes:
    try:
        return content.model_dump_json(by_alias=True, exclude_defaults=exclude_defaults).encode()
    except ValueError:  # half a character, which no file can hold
        raise CriteriaError("a text holds something that is no character; write it again") from None


def _tell(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
    return str(error).splitlines()[0]


def _says(line: bytes, revision: Revision) -> bool:
    try:
        return Revision.model_validate_json(line) == revision
    except ValidationError:
        return False


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written
