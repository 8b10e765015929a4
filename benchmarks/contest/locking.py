"""One command at a time works in the folder of a contest; the system takes the lock from a process that dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import RunFolderError, RunFolderInUse

LOCK = ".lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Make the folder and hold it. Raises RunFolderInUse while another process holds it, RunFolderError when it cannot
    be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {folder}: {error.strerror or error}; choose another folder with --out"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunFolderInUse(
                f"{folder}: another command works in this contest; wait for it, or choose another folder with --out"
            ) from error
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)
