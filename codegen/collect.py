"""What generated code left in its output folder, taken over with suspicion, and the folder removed.

Whatever lies there may be a trap: links to other files, pipes that block, folders deeper than any path. Nothing is
followed, nothing is opened that could block, and nothing but plain files with a few harmless suffixes is taken.
"""

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from codegen.outputs import clean_text
from schemas.errors import RunFolderError
from schemas.execution import Limits, OutputFile, RefusedOutput

# text that is parsed with care; no pickles, and nothing a library would unpickle
SUFFIXES = (".json", ".csv", ".txt")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CHUNK = 1024 * 1024
REPORTED = 50  # refusals that are listed one by one


def collect_outputs(
    source: Path | int, target: Path, limits: Limits
) -> tuple[tuple[OutputFile, ...], tuple[RefusedOutput, ...]]:
    """Copy the acceptable files of `source`, a path or an open folder, into `target`; say what was refused and why.

    Acceptable: regular files with one link, directly in `source`, with a plain name and a suffix of SUFFIXES, at most
    `limits.file_bytes` each, `limits.output_bytes` and `limits.output_files` in all. The processes that wrote them
    must be gone. Raises RunFolderError when `target` cannot be written.
    """
    taken: list[OutputFile] = []
    refused: list[RefusedOutput] = []
    room = limits.output_bytes
    _make_folder(target)
    try:
        folder = _open_folder(source)
    except OSError:
        return (), (RefusedOutput(name=".", reason="the output folder is gone or replaced"),)
    try:
        for name in _names(folder, 10 * limits.output_files):
            size = min(limits.file_bytes, room)
            reason = "too many files" if len(taken) >= limits.output_files else _refuse(folder, name, size)
            output = None if reason else _copy(folder, name, target, size)
            if output is None:
                refused.append(RefusedOutput(name=_show(name), reason=reason or "cannot be opened"))
            else:
                taken.append(output)
                room -= output.size
    finally:
        os.close(folder)
    if len(refused) > REPORTED:
        more = RefusedOutput(name="…", reason=f"{len(refused) - REPORTED} more, not listed")
        refused = [*refused[:REPORTED], more]
    return tuple(taken), tuple(refused)


def _show(name: str) -> str:
    """A name that may be anything, for one line of a report."""
    return " ".join(clean_text(os.fsencode(name)).split())[:200]


def _open_folder(source: Path | int) -> int:
    """The folder itself, never what a link leads to, and also when its writer has closed it."""
    if isinstance(source, int):
        os.fchmod(source, 0o700)
        return os.open(f"/proc/self/fd/{source}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    place = os.open(source, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.chmod(f"/proc/self/fd/{place}", 0o700)  # noqa: PTH101
        return os.open(f"/proc/self/fd/{place}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(place)


def _names(folder: int, most: int) -> list[str]:
    """Names in the folder, sorted, so that the same outputs give the same record; at most `most`."""
    names = []
    with os.scandir(folder) as listing:
        for entry in listing:
            names.append(entry.name)
            if len(names) >= most:
                break
    return sorted(names)


def _refuse(folder: int, name: str, size: int) -> str | None:
    """Why this entry is not taken, or None."""
    state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    kinds = {
        stat.S_ISLNK: "a symbolic link", stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe",
        stat.S_ISSOCK: "a socket", stat.S_ISCHR: "a device", stat.S_ISBLK: "a device",
    }  # fmt: skip
    for is_kind, text in kinds.items():
        if is_kind(state.st_mode):
            return text
    if not NAME.fullmatch(name):
        return "not a plain name"
    if os.path.splitext(name)[1] not in SUFFIXES:  # noqa: PTH122
        return f"suffix is none of {' '.join(SUFFIXES)}"
    if state.st_nlink != 1:
        return "a hard link"
    if state.st_size > size:
        return f"too large ({state.st_size} bytes)"
    return None


def _copy(folder: int, name: str, target: Path, size: int) -> OutputFile | None:
    """Copy one file; None when it is closed to us or no longer what `_refuse` saw."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    partial = target / f".{name}.part"
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1 or state.st_size > size:
            return None
        digest, copied = hashlib.sha256(), 0
        try:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()
            with partial.open("xb") as copy:
                while copied < state.st_size and (data := file.read(min(CHUNK, state.st_size - copied))):
                    digest.update(data)
                    copied += copy.write(data)
            partial.replace(target / name)
        except OSError as error:
            raise RunFolderError(f"{target / name} cannot be written: {error.strerror}") from error
    return OutputFile(name=name, size=copied, sha256=digest.hexdigest())


def _make_folder(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"folder {target} cannot be made: {error.strerror}") from error


def remove_tree(root: Path) -> None:
    """Remove a folder of ours with whatever hostile tree is in it: closed folders, a chain thousands deep.

    Folders below the first level are moved up to it, so no path gets long and no recursion deep.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        numbers = iter(range(1_000_000_000))
        while folders := list(_remove_files(folder)):
            for name in folders:
                _empty(folder, name, numbers)
                os.rmdir(name, dir_fd=folder)
    finally:
        os.close(folder)
    root.rmdir()


def _remove_files(folder: int) -> Iterator[str]:
    """Unlink all but folders, whose names come back."""
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            yield name
        else:
            os.unlink(name, dir_fd=folder)


def _empty(parent: int, name: str, numbers: Iterator[int]) -> None:
    """Empty one folder: files go, folders move to `parent`."""
    os.chmod(name, 0o700, dir_fd=parent)  # a folder, seen a moment ago, and nobody else is here
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        for below in _remove_files(inner):
            os.chmod(below, 0o700, dir_fd=inner)
            os.rename(below, f".moved{next(numbers)}", src_dir_fd=inner, dst_dir_fd=parent)
    finally:
        os.close(inner)
