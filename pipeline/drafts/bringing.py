"""Two people's changes of one text brought together, line by line."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MINE = "<<<<<<<"
BETWEEN = "======="
THEIRS = ">>>>>>>"


class Merged(NamedTuple):
    """The text with both changes, and in how many places they exclude each other."""

    text: str
    conflicts: int


def merge_texts(base: str, mine: str, theirs: str, my_name: str, their_name: str) -> Merged:
    """What both made of `base`. Where both changed the same lines, both versions stand between marks as git's are."""
    origin, ours, others = base.split("\n"), mine.split("\n"), theirs.split("\n")
    merged: list[str] = []
    conflicts = 0
    position = a = b = 0
    for start, end, first, second in [
        *_find_common(origin, ours, others),
        (len(origin),) * 2 + (len(ours), len(others)),
    ]:
        left, right, before = ours[a:first], others[b:second], origin[position:start]
        if left == right or right == before:
            merged += left
        elif left == before:
            merged += right
        else:
            conflicts += 1
            merged += [f"{MINE} {my_name}", *left, BETWEEN, *right, f"{THEIRS} {their_name}"]
        merged += origin[start:end]
        position, a, b = end, first + end - start, second + end - start
    return Merged("\n".join(merged), conflicts)


def _find_common(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Runs of lines that all three have: where they begin and end in the base, and begin in the other two."""
    left = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    right = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    found = []
    for a, at, n in left:
        for b, place, m in right:
            start, end = max(a, b), min(a + n, b + m)
            if start < end:
                found.append((start, end, at + start - a, place + start - b))
    return found
