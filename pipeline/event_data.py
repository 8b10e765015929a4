"""The event files that a command names: patterns to files, and digests of them."""

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipeline.files import digest_file
from schemas.errors import DataError, UsageError

WHOLE = 512 * 1024**2  # bytes up to which a file is digested whole
SAMPLE = 16 * 1024**2


def find_files(patterns: Sequence[str]) -> tuple[Path, ...]:
    """Absolute paths of the files that the patterns match, sorted, each once.

    Raises DataError for a pattern that matches nothing, a folder, or a file that cannot be read.
    """
    found: set[Path] = set()
    for pattern in patterns:
        wanted = str(Path(pattern).expanduser())
        matches = [Path(m) for m in glob.glob(wanted, recursive=True)]  # noqa: PTH207 - may be absolute
        files = [m for m in matches if m.is_file()]
        if not files and matches:
            raise DataError(f"--data {pattern}: a folder; name its files, for example '{pattern.rstrip('/')}/*.root'")
        if not files:
            raise DataError(f"--data {pattern}: matches no file; check the path, and quote a pattern")
        found.update(m.resolve() for m in files)
    for path in found:
        _try_reading(path)
    return tuple(sorted(found))


def find_held_out(names: Sequence[str]) -> tuple[Path, ...]:
    """Absolute paths of the files that are kept out of a coder's loop, each once. Raises UsageError for no file."""
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name).expanduser()
        if not path.is_file():
            what = "a folder, not a file" if path.is_dir() else "no such file"
            raise UsageError(f"--held-out {name}: {what}; name an event file of the same format as --data")
        found[path.resolve()] = None
    for path in found:
        _try_reading(path)
    return tuple(found)


def digest_data(path: Path) -> str:
    """SHA-256 of an event file; of size, time of change, head and tail for files above 512 MiB."""
    status = path.stat()
    if status.st_size <= WHOLE:
        return digest_file(path)
    digest = hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode())
    with path.open("rb") as file:
        digest.update(file.read(SAMPLE))
        file.seek(-SAMPLE, 2)
        digest.update(file.read(SAMPLE))
    return f"sampled-{digest.hexdigest()}"


def _try_reading(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}; check its permissions") from error
    if not head:
        raise DataError(f"{path}: an empty file (0 bytes); copy or download it again")
