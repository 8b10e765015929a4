"""Files that are either whole or not there: atomic writes, digests, and OSError turned into a line."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import RunFolderError

TEMPORARY = ".tmp-"  # prefix of files that a killed process may leave behind
CHUNK = 1024 * 1024


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write `content` to `path` so that a reader, or a machine that loses power, sees the old file or the new one.

    Raises RunFolderError when the folder cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(6)}")
    with explain(path):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def move_into(source: Path, target: Path) -> None:
    """Move a finished file to its place on the same file system, synced first."""
    with explain(target), source.open("rb") as file:
        os.fsync(file.fileno())
        source.replace(target)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal. Raises RunFolderError when it cannot be read."""
    with explain(path, "read"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_text(*parts: str) -> str:
    """SHA-256 of strings, in hexadecimal; where one part ends matters."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def digest_sources(packages: Iterable[str]) -> str:
    """One digest over the files of our packages, so that changed code redoes the steps that it makes."""
    root = Path(__file__).resolve().parent.parent
    files = sorted(
        path
        for package in packages
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    return digest_text(*(f"{path.relative_to(root).as_posix()} {digest_file(path)}" for path in files))


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed process left in `folder`; call it with the folder locked."""
    with suppress(OSError):
        for path in folder.glob(f"{TEMPORARY}*"):
            path.unlink(missing_ok=True)


@contextmanager
def explain(path: Path, verb: str = "write") -> Iterator[None]:
    """Turn an OSError into a RunFolderError that names the path and says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        advice = "choose another folder with --runs-dir" if verb == "write" else "check the path"
        raise RunFolderError(f"cannot {verb} {path}: {reason}; {advice}") from error
