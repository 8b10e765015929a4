"""Drafts on disk: what a person writes in the editor, and the file that it was begun from, until it is applied."""

import contextlib
import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from pipeline.files import explain, write_atomically
from schemas.errors import RunFolderError

BASE = ".base"
SUFFIX = ".yaml"


class Draft:
    """A draft that this process holds: the text in the editor, and beside it the file as it was when it was begun."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @property
    def base(self) -> str:
        """The criteria file that the draft was begun from."""
        with explain(self._base_path, "read"):
            return self._base_path.read_text(encoding="utf-8")

    @property
    def begun(self) -> str:
        """When the draft was begun, by its name."""
        stamp = datetime.strptime(self.path.stem[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return f"{stamp.astimezone():%Y-%m-%d %H:%M}"

    def read(self) -> bytes:
        """What stands in it. Raises RunFolderError."""
        with explain(self.path, "read"):
            return self.path.read_bytes()

    def write(self, text: str | bytes, base: str | None = None) -> None:
        """Write it whole; with `base` from now on as one that was begun from that."""
        if base is not None:
            write_atomically(self._base_path, base)
        write_atomically(self.path, text)

    def stamp(self) -> tuple[int, int]:
        """What is another one when an editor saves the file, even with the same content."""
        with explain(self.path, "read"):
            found = self.path.stat()
        return found.st_ino, found.st_mtime_ns

    def keep_aside(self, content: bytes) -> Path:
        """Where bytes are kept that are no text."""
        path = self.path.with_suffix(".bytes")
        write_atomically(path, content)
        return path

    def drop(self) -> None:
        """Remove it: it was applied, or nobody wrote anything."""
        for path in (self.path, self._base_path):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.parent.rmdir()
        self.close()

    def close(self) -> None:
        """Let another process have it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @property
    def _base_path(self) -> Path:
        return name_base(self.path)


def find_draft(folder: Path) -> Draft | None:
    """The newest draft that nobody has open; None where there is none."""
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        base = name_base(path)
        if path.stem.endswith(BASE) or not base.is_file():
            continue
        lock = _lock(base)
        if lock is not None:
            return Draft(path, lock)
    return None


def begin_draft(folder: Path, text: str, base: str) -> Draft:
    """A new draft, on disk before anybody writes into it. Raises RunFolderError."""
    with explain(folder):
        folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for attempt in range(1, 1000):
        path = folder / f"{stamp}{f'-{attempt}' if attempt > 1 else ''}{SUFFIX}"
        try:
            with explain(path):
                path.touch(exist_ok=False)
        except RunFolderError as error:
            if isinstance(error.__cause__, FileExistsError):
                continue
            raise
        write_atomically(name_base(path), base)
        lock = _lock(name_base(path))
        draft = Draft(path, -1 if lock is None else lock)
        draft.write(text)
        return draft
    raise RunFolderError(f"too many drafts in {folder}; remove those that are not needed")


def name_base(path: Path) -> Path:
    """Where the file is that a draft was begun from."""
    return path.with_name(f"{path.stem}{BASE}{path.suffix}")


def find_state_folder() -> Path:
    """Where drafts of files outside run folders are: the state folder of the XDG base directory specification."""
    given = os.environ.get("XDG_STATE_HOME", "")
    home = Path(given) if given.startswith("/") else Path.home() / ".local" / "state"
    return home / "paperfilter" / "drafts"


def _lock(path: Path) -> int | None:
    with explain(path, "read"):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
