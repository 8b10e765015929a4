"""Tables of the objects of one event, and candidates made from them, for numba. As plain Python they give the same.

Rows that are asked for by number are NaN where there is no such object. A candidate is the slots (rows) of its members,
-1 where it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from codegen.templates.loop_numbers import (
    CHARGE,
    ETA,
    FLAVOUR,
    N_COLUMNS,
    NO_MOMENTUM,
    PART,
    PHI,
    PT,
    Momentum,
    add,
    distance,
    momentum,
    scalar,
)


@scalar
def count_most(offsets: np.ndarray) -> int:
    """The greatest number of objects in one event."""
    most = 0
    for event in range(len(offsets) - 1):
        most = max(most, offsets[event + 1] - offsets[event])
    return most


@scalar
def make_table(rows: int) -> np.ndarray:
    """A table with room for so many objects."""
    table = np.empty((rows, N_COLUMNS))
    blank(table, 0, rows)
    return table


@scalar
def copy_row(target: np.ndarray, k: int, source: np.ndarray, i: int) -> None:
    for column in range(N_COLUMNS):
        target[k, column] = source[i, column]


@scalar
def comes_after(a: float, b: float) -> bool:
    """Whether an object of transverse momentum a belongs behind one of b; a missing one comes last."""
    return a < b or (np.isnan(a) and not np.isnan(b))


@scalar
def sort_by_pt(table: np.ndarray, n: int) -> None:
    """Order by descending pT; equal pT keep their order."""
    for last in range(1, n):
        k = last
        while k > 0 and comes_after(table[k - 1, PT], table[k, PT]):
            for column in range(N_COLUMNS):
                table[k - 1, column], table[k, column] = table[k, column], table[k - 1, column]
            k -= 1


@scalar
def append(table: np.ndarray, n: int, others: np.ndarray, m: int, part: int) -> int:
    """Put the objects of another table behind the first n; gives the number there are now."""
    for k in range(m):
        copy_row(table, n + k, others, k)
        table[n + k, PART] = part
    return n + m


@scalar
def append_union(table: np.ndarray, n: int, others: np.ndarray, m: int, part: int) -> int:
    """The same with a table that has parts itself: they are numbered from `part` on."""
    for k in range(m):
        copy_row(table, n + k, others, k)
        table[n + k, PART] = others[k, PART] + part
    return n + m


@scalar
def take_all(table: np.ndarray, others: np.ndarray, m: int) -> int:
    """The objects of another table as they are; gives their number."""
    for k in range(m):
        copy_row(table, k, others, k)
    return m


@scalar
def keep_away(table: np.ndarray, n: int, others: np.ndarray, m: int, radius: float) -> int:
    """Keep objects that none of the others comes closer to than `radius` in eta and phi; gives how many are left."""
    kept = 0
    for k in range(n):
        near = False
        for i in range(m):
            near = near or distance(table[k, ETA], table[k, PHI], others[i, ETA], others[i, PHI]) < radius
        if not near:
            copy_row(table, kept, table, k)
            kept += 1
    return kept


@scalar
def blank(table: np.ndarray, n: int, rows: int) -> None:
    """What is asked of the first rows is missing where there is no object."""
    for k in range(n, rows):
        for column in range(N_COLUMNS):
            table[k, column] = np.nan


@scalar
def take_part(table: np.ndarray, members: np.ndarray, n: int, part: int) -> int:
    """Those of the first n members that come from a part of their collection; gives how many."""
    taken = 0
    for k in range(n):
        if members[k, PART] == part:
            copy_row(table, taken, members, k)
            taken += 1
    return taken


@scalar
def take_parts(table: np.ndarray, members: np.ndarray, n: int, parts: tuple[int, ...]) -> int:
    """Those of the first n members that come from one of several parts; gives how many."""
    taken = 0
    for k in range(n):
        wanted = False
        for part in parts:
            wanted = wanted or members[k, PART] == part
        if wanted:
            copy_row(table, taken, members, k)
            taken += 1
    return taken


@scalar
def same_flavour(table: np.ndarray, i: int, j: int) -> bool:
    return table[i, FLAVOUR] == table[j, FLAVOUR]


@scalar
def opposite_flavour(table: np.ndarray, i: int, j: int) -> bool:
    return table[i, FLAVOUR] != table[j, FLAVOUR]


@scalar
def same_charge(table: np.ndarray, i: int, j: int) -> bool:
    return table[i, CHARGE] * table[j, CHARGE] > 0


@scalar
def opposite_charge(table: np.ndarray, i: int, j: int) -> bool:
    return table[i, CHARGE] * table[j, CHARGE] < 0


@scalar
def has(slots: np.ndarray, k: int) -> bool:
    """Whether object k is a member."""
    found = False
    for slot in slots:
        found = found or slot == k
    return found


@scalar
def is_among(table: np.ndarray, k: int, others: np.ndarray, slots: np.ndarray, identity: int) -> bool:
    """Whether object k is a member that comes from another collection; `identity` is the column that tells."""
    found = False
    for slot in slots:
        found = found or (slot >= 0 and others[slot, identity] == table[k, identity])
    return found


@scalar
def share_any(table: np.ndarray, n: int, others: np.ndarray, slots: np.ndarray, identity: int) -> bool:
    """Whether one of the first n objects is a member."""
    found = False
    for k in range(n):
        found = found or is_among(table, k, others, slots, identity)
    return found


@scalar
def improves(scores: tuple[float, ...], best: np.ndarray) -> bool:
    """Whether a combination is better than the best so far; the earlier scores decide first.

    A missing score is never the best. `best` ends in inf as long as nothing was chosen.
    """
    better = False
    for k in range(len(scores)):
        if scores[k] < best[k]:
            best[k:] = np.inf
            best[k] = scores[k]
            better = True
        elif scores[k] != best[k] or scores[k] == np.inf:
            return False
    return better


@scalar
def settle(slots: np.ndarray, exists: bool) -> None:
    """A candidate that does not exist has no members."""
    if not exists:
        slots[:] = -1


@scalar
def place(slots: np.ndarray, start: int, others: np.ndarray) -> None:
    for k in range(len(others)):
        slots[start + k] = others[k]


@scalar
def total_momentum(table: np.ndarray, slots: np.ndarray, exists: bool) -> Momentum:
    """The four-momentum of the members together; missing where the candidate does not exist."""
    if not exists:
        return NO_MOMENTUM
    added = momentum(table, slots[0])
    for k in range(1, len(slots)):
        added = add(added, momentum(table, slots[k]))
    return added


@scalar
def total_charge(table: np.ndarray, slots: np.ndarray, exists: bool) -> float:
    """The charge of the members together; missing where the candidate does not exist."""
    added = 0.0 if exists else np.nan
    if exists:
        for slot in slots:
            added += table[slot, CHARGE]
    return added


@scalar
def member(table: np.ndarray, slots: np.ndarray, k: int, column: int) -> float:
    """A quantity of member k; missing where the candidate does not exist."""
    return table[slots[k], column] if slots[k] >= 0 else np.nan


@scalar
def list_members(table: np.ndarray, collection: np.ndarray, slots: np.ndarray, exists: bool) -> int:
    """The members of a candidate in the order of their collection; gives their number."""
    if not exists:
        blank(table, 0, len(slots))
        return 0
    for k in range(len(slots)):
        rank = 0
        for i in range(len(slots)):
            rank += slots[i] < slots[k] or (slots[i] == slots[k] and i < k)
        copy_row(table, rank, collection, slots[k])
    return len(slots)


@scalar
def deal(table: np.ndarray, collection: np.ndarray, slots: np.ndarray, exists: bool) -> None:
    """The objects of one role, in the order of the composites; missing where there are none."""
    for k in range(len(slots)):
        if exists:
            copy_row(table, k, collection, slots[k])
        else:
            blank(table, k, k + 1)


@scalar
def all_pairs(flag: Callable[[np.ndarray, int, int], bool], table: np.ndarray, n: int) -> bool:
    """Whether a flag holds for every pair of the first n objects."""
    passed = True
    for i in range(n):
        for j in range(i + 1, n):
            passed = passed and flag(table, i, j)
    return passed


@scalar
def note(notes: np.ndarray, noted: np.ndarray, event: int, step: int, value: float) -> None:
    """Take down what a step compares in a watched event; where there is no more room, only count."""
    k = noted[0]
    if k < len(notes):
        notes[k, 0], notes[k, 1], notes[k, 2] = event, step, value
    noted[0] = k + 1
