"""Locks between processes, and files that are seen whole or not at all."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEW = ".new-"  # prefix of what is not finished; a killed process may leave it behind


@contextmanager
def hold_lock(path: Path, *, keep: bool = True) -> Iterator[None]:
    """Wait for a lock that the system gives back when its holder ends, however it ends.

    Without `keep` its file is removed in the end; who waited for a removed file takes the new one.
    """
    while True:
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not is_at(file.fileno(), path):
                continue
            try:
                yield
            finally:
                if not keep:
                    path.unlink(missing_ok=True)
            return


def is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def write_whole(path: Path, text: str) -> None:
    """Write a file that is seen whole or not at all."""
    new = path.with_name(f"{NEW}{secrets.token_hex(6)}")
    try:
        new.write_text(text, encoding="utf-8")
        sync(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
