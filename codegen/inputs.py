"""The files that a program is to read: checked, and brought to where it finds them."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath, PurePosixPath

from codegen.confinement import Identity, Mount
from schemas.errors import DataError

COPIED = 256 * 1024**2  # bytes of a private file that is copied rather than refused


def check_files(words: Iterable[str | Path]) -> list[Path]:
    """Absolute paths of the files among `words`. Raises DataError for one that is missing or closed."""
    files = [word.absolute() for word in words if isinstance(word, Path)]
    for file in files:
        if not file.is_file():
            raise DataError(f"data file {file} does not exist or is not a file")
        if not os.access(file, os.R_OK):
            raise DataError(f"data file {file} cannot be read; check its permissions")
    return files


def place_words(words: Sequence[str | Path], places: Sequence[PurePath]) -> list[str]:
    """`words` with every Path replaced by its place."""
    place = iter(places)
    return [str(next(place)) if isinstance(word, Path) else word for word in words]


def mount_files(files: Sequence[Path], folder: PurePosixPath, identity: Identity, staging: Path) -> list[Mount]:
    """Every file under its base name in a folder of its own. A fresh user, who may read nothing that is closed to
    others, gets copies of small private files; a large one is DataError."""
    mounts = []
    for i, file in enumerate(files):
        source = file
        if identity.role == "fresh user" and not file.stat().st_mode & 0o004:
            if file.stat().st_size > COPIED:
                raise DataError(f"data file {file} cannot be read by others, which the sandbox needs; chmod o+r {file}")
            source = staging / f"{folder.name}{i}"
            shutil.copyfile(file, source)
            source.chmod(0o444)
        mounts.append(Mount(source, folder / str(i) / file.name))
    return mounts
