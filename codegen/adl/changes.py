"""What a person changed in an ADL file of ours: comment by comment, whether its statement still stands."""

from collections import defaultdict
from dataclasses import dataclass

from codegen.adl.carried import Carried


@dataclass
class Change:
    """What became of one comment: its statement stands, says something else (in these lines), or is gone."""

    carried: Carried
    state: str  # stands, edited, gone
    lines: tuple[int, ...] = ()
    added: tuple[int, ...] = ()  # lines of statements without a comment that follow
    expected: tuple[tuple[str, ...], ...] = ()  # the tokens of the statements that the comment stands for


def compare(carried: list[Carried], expected: list[Carried]) -> list[Change]:
    """What became of every comment of a file. `expected` is what we would write for the document that they hold."""
    wanted: dict[str, list[Carried]] = defaultdict(list)
    for one in expected:
        wanted[one.key].append(one)
    changes: list[Change] = []
    for k, one in enumerate(carried):
        # A cut joined by "or" to the next ones has no statement of its own; a person may have given it one.
        should = wanted[one.key].pop(0).tokens if wanted[one.key] else ()
        lines = tuple(line for line, _ in one.statements)
        size = len(should)
        place = next((i for i in range(len(lines) - size + 1) if one.tokens[i : i + size] == should), None)
        if place is not None:
            stands = lines[place : place + size]
            changes.append(Change(one, "stands", stands, lines[:place] + lines[place + size :], should))
        elif not lines:
            changes.append(Change(one, "gone", expected=should))
        else:
            changes.append(Change(one, "edited", lines[:size], lines[size:], should))
        if changes[-1].state != "stands" and one.comment.kind == "cut":
            _join_group(changes, k)
    return changes


def _join_group(changes: list[Change], last: int) -> None:
    """What became of the statement of a group became of all its cuts."""
    content = changes[last].carried.content
    group = content.get("group") if isinstance(content, dict) else None
    k = last - 1
    while group is not None and k >= 0 and not changes[k].carried.statements:
        before = changes[k].carried.content
        if changes[k].carried.comment.kind != "cut" or not isinstance(before, dict) or before.get("group") != group:
            return
        changes[k].state, changes[k].lines = changes[last].state, changes[last].lines
        k -= 1
