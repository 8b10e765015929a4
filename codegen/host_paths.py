"""Paths of this machine in what a program printed, replaced by what they are called inside.

The program can read them: /proc/self/mountinfo names the source of every mount, as a path within its file system.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/self/mountinfo")


def hide_paths(text: str, inside: Mapping[str, str]) -> str:
    """`text` with every key of `inside`, an absolute path of this machine, replaced by its value, whole paths only.

    The path within the file system, as in mountinfo, and its spelling there (a space is \\040) are replaced as well.
    """
    if not text:
        return text
    mounts = _list_mounts()
    names: dict[str, str] = {}
    for path, name in inside.items():
        for spelling in dict.fromkeys((path, str(Path(path).resolve()))):
            for place in (spelling, _find_in_file_system(spelling, mounts)):
                if len(PurePosixPath(place).parts) > 1:  # "/" is no secret
                    names.setdefault(place, name)
                    names.setdefault(_escape(place), name)
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    # not within a longer name, and not the end of another path
    pattern = re.compile(rf"(?<![\w.~/-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
    return pattern.sub(lambda found: names[found[0]], text)


def _list_mounts() -> list[tuple[str, str]]:
    """Mount points of this process, and what of their file system is mounted there; the longest first."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    fields = (line.split(" ") for line in lines)
    return sorted(((_unescape(f[4]), _unescape(f[3])) for f in fields if len(f) > 4), key=lambda m: -len(m[0]))


def _find_in_file_system(path: str, mounts: list[tuple[str, str]]) -> str:
    for point, root in mounts:
        if PurePosixPath(path).is_relative_to(point):
            return str(PurePosixPath(root, PurePosixPath(path).relative_to(point)))
    return path


def _escape(path: str) -> str:
    return re.sub(r"[ \t\n\\]", lambda found: f"\\{ord(found[0]):03o}", path)


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
