"""What a loop over single events is written with. numba compiles it; as plain Python it gives the same.

A table holds the objects of one collection in one event: a row per object, a column per quantity, NaN where a value is
missing. Rows that are asked for by number are NaN where there is no such object. A candidate is the slots (rows) of its
members, -1 where it does not exist, and its four-momentum (px, py, pz, energy).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import awkward as ak
import numba
import numpy as np

from codegen.templates.compiled import OUTPUTS, REGIONS
from codegen.templates.flow import name_channels

PX, PY, PZ, ENERGY, PT, ETA, PHI, MASS, CHARGE, FLAVOUR, PART = range(11)
N_COLUMNS = 11
NO_MOMENTUM = (np.nan, np.nan, np.nan, np.nan)
SEEN: tuple[tuple[str, bool], ...] = ()

Momentum = tuple[float, float, float, float]


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code, kept on disk for the next run where there is a folder for it."""
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # nowhere to write: compiled anew by every process
        return numba.njit(error_model="numpy", nogil=True)(function)


def scalar(function: Callable[..., Any]) -> Any:
    """A function that the loop over events may call; machine code that Python itself cannot call is made sooner."""
    make = numba.njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
    return make(function)


# ---------------------------------------------------------------------------------------------------------- numbers


@scalar
def number(value: float) -> float:
    """What the file holds, as float64; NaN and inf are missing."""
    stored = np.float64(value)
    return stored if np.isfinite(stored) else np.nan


@scalar
def valid(value: float) -> float:
    """The value; what is not finite is missing."""
    return value if np.isfinite(value) else np.nan


@scalar
def ratio(a: float, b: float) -> float:
    """a / b; missing where b is 0."""
    if b == 0:
        return np.nan
    quotient = a / b
    return quotient if np.isfinite(quotient) else np.nan


@scalar
def differs(a: float, b: float) -> bool:
    """True when both are known and not equal."""
    return a < b or a > b


@scalar
def truth_of(yes: bool, no: bool) -> float:
    """1 for yes, 0 for no, missing when neither is known."""
    return 1.0 if yes else 0.0 if no else np.nan


@scalar
def sign_of(value: float) -> float:
    """1, 0 or -1; missing for a missing value."""
    return 1.0 if value > 0 else -1.0 if value < 0 else value * 0


@scalar
def bit_of(value: float, position: int) -> float:
    """One bit of a whole number, as 0 or 1; missing where the number is."""
    return float((int(value) >> position) & 1) if np.isfinite(value) else np.nan


@scalar
def interpolate(value: float, x: tuple[float, ...], y: tuple[float, ...]) -> float:
    """Linear between the points (x, y), constant outside."""
    if not value < x[-1]:
        return y[-1] if value >= x[-1] else np.nan
    if value <= x[0]:
        return y[0]
    k = 0
    while value >= x[k + 1]:
        k += 1
    if value == x[k]:
        return y[k]
    return (y[k + 1] - y[k]) / (x[k + 1] - x[k]) * (value - x[k]) + y[k]


@scalar
def wrapped(angle: float) -> float:
    """An angle between -pi and pi. Angles already there come back unchanged, to the last bit."""
    return angle - 2 * np.pi * np.rint(angle / (2 * np.pi))


@scalar
def distance(eta1: float, phi1: float, eta2: float, phi2: float) -> float:
    """Distance in eta and phi."""
    d_eta, d_phi = eta1 - eta2, wrapped(phi1 - phi2)
    return np.sqrt(d_eta * d_eta + d_phi * d_phi)


# --------------------------------------------------------------------------------------------------- four-momenta


@scalar
def momentum_from_energy(pt: float, eta: float, phi: float, energy: float) -> Momentum:
    return pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy


@scalar
def momentum_from_mass(pt: float, eta: float, phi: float, mass: float) -> Momentum:
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return px, py, pz, np.sqrt(px * px + py * py + pz * pz + mass * mass)


@scalar
def momentum(table: np.ndarray, k: int) -> Momentum:
    """The four-momentum of the object in row k."""
    return table[k, PX], table[k, PY], table[k, PZ], table[k, ENERGY]


@scalar
def add(a: Momentum, b: Momentum) -> Momentum:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


@scalar
def pair_momentum(table: np.ndarray, i: int, j: int) -> Momentum:
    """The four-momentum of two objects together."""
    return add(momentum(table, i), momentum(table, j))


@scalar
def mass_of(p4: Momentum) -> float:
    """Invariant mass; 0 where rounding makes its square negative."""
    square = valid(p4[3] * p4[3] - (p4[0] * p4[0] + p4[1] * p4[1] + p4[2] * p4[2]))
    return 0.0 if square < 0 else np.sqrt(square)


@scalar
def energy_of(p4: Momentum) -> float:
    return p4[3]


@scalar
def pt_of(p4: Momentum) -> float:
    return np.sqrt(p4[0] * p4[0] + p4[1] * p4[1])


@scalar
def phi_of(p4: Momentum) -> float:
    return np.arctan2(p4[1], p4[0])


@scalar
def eta_of(p4: Momentum) -> float:
    """Pseudorapidity; missing along the beam axis."""
    return valid(np.arcsinh(ratio(p4[2], pt_of(p4))))


@scalar
def rapidity_of(p4: Momentum) -> float:
    return valid(np.arctanh(ratio(p4[2], p4[3])))


@scalar
def set_momenta_from_energy(table: np.ndarray, n: int) -> None:
    """px, py and pz of the first n objects, whose energy is known."""
    for k in range(n):
        p4 = momentum_from_energy(table[k, PT], table[k, ETA], table[k, PHI], table[k, ENERGY])
        table[k, PX], table[k, PY], table[k, PZ] = p4[0], p4[1], p4[2]


@scalar
def set_momenta_from_mass(table: np.ndarray, n: int) -> None:
    """px, py, pz and energy of the first n objects, whose mass is known."""
    for k in range(n):
        p4 = momentum_from_mass(table[k, PT], table[k, ETA], table[k, PHI], table[k, MASS])
        table[k, PX], table[k, PY], table[k, PZ], table[k, ENERGY] = p4


# --------------------------------------------------------------------------------------------------------- objects


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


# ------------------------------------------------------------------------------------------------------ candidates


@scalar
def has(slots: np.ndarray, k: int) -> bool:
    """Whether object k is a member."""
    found = False
    for slot in slots:
        found = found or slot == k
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


# --------------------------------------------------------------------------------------------------- chunks of events


def find_offsets(branch: ak.Array) -> np.ndarray:
    """Where the objects of each event begin among all objects of the chunk, and where the last ones end."""
    return np.concatenate([[0], np.cumsum(np.asarray(ak.num(branch)))]).astype(np.int64)


def flat(branch: ak.Array, offsets: np.ndarray) -> np.ndarray:
    """The values of a branch as they are stored, one after another."""
    return match(np.ascontiguousarray(ak.flatten(branch, axis=1)), offsets)


def match(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """The values, one for each object: the loop does not look whether there are too few."""
    if len(values) != offsets[-1]:
        raise ValueError(f"{len(values)} values for {offsets[-1]} objects")
    return values


class Found:
    """What is found in a chunk of events, filled by the loop."""

    def __init__(self, keys: np.ndarray, watched: frozenset[tuple[int, ...]], members: int, conditions: int) -> None:
        n = len(keys)
        self.keys = keys
        self.watching = np.zeros(n, dtype=np.bool_)
        if watched:
            self.watching[[event for event, key in enumerate(map(tuple, keys.tolist())) if key in watched]] = True
        self.last = np.full((len(REGIONS), n), -1, dtype=np.int16)
        for region, row in zip(REGIONS, self.last, strict=True):
            if region.parent is None:  # events that are not looked at fail the first cut that is evaluated
                steps = region.steps[1:]
                row[:] = next((k for k, step in enumerate(steps) if step.missing is None), len(steps))
        self.outputs = np.full((len(OUTPUTS), n), np.nan)
        self.flavours = np.full((members, n), np.nan)
        self.undecided = np.zeros(conditions, dtype=np.int64)
        self.notes = np.zeros((64 * np.count_nonzero(self.watching), 3))
        self.noted = np.zeros(1, dtype=np.int64)
        self.incomplete = n > 0

    def check_room(self) -> None:
        """Make room for all that is noted of watched events; if there was too little, the loop runs once more."""
        self.incomplete = bool(self.noted[0] > len(self.notes))
        if self.incomplete:
            self.notes = np.zeros((int(self.noted[0]), 3))
            self.noted[:] = 0
            self.undecided[:] = 0

    def gather(self, events: Any, weight: np.ndarray, conditions: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
        """All that is known about a chunk of events, under the file and the entry it starts at."""
        lost = np.isnan(weight)
        channel = np.zeros(len(self.keys), dtype="U16")
        if len(self.flavours):
            ends = [row == len(region.steps) - 1 for region, row in zip(REGIONS, self.last, strict=True)]
            channel = name_channels(self.flavours, np.any(ends, axis=0))
        found = {
            "keys": self.keys,
            "weight": np.where(lost, 0.0, weight),
            "last": {region.name: row for region, row in zip(REGIONS, self.last, strict=True)},
            "outputs": {output.name: row for output, row in zip(OUTPUTS, self.outputs, strict=True)},
            "channel": channel,
            "undecided": {
                "weight": int(lost.sum()), **dict(zip(conditions, self.undecided.tolist(), strict=True)),
            },
            "watched": [self.explain(int(event)) for event in np.flatnonzero(self.watching)],
        }  # fmt: skip
        return {(events.metadata["filename"], events.metadata["entrystart"]): found}

    def explain(self, event: int) -> dict[str, Any]:
        """What the steps compared in one event: numbers, or lists of them; None is missing."""
        values: dict[str, Any] = {name: [] if several else None for name, several in SEEN}
        for _, step, value in self.notes[: self.noted[0]][self.notes[: self.noted[0], 0] == event].tolist():
            name, several = SEEN[int(step)]
            if not np.isnan(value):
                values[name] = [*values[name], value] if several else value
        reached = zip(REGIONS, self.last[:, event].tolist(), strict=True)
        return {
            "key": self.keys[event].tolist(),
            "last_step": {region.name: region.steps[last].name for region, last in reached if last >= 0},
            "values": values,
        }


def list_ways(composites: int, roles: int) -> np.ndarray:
    """All ways to give every composite one object of each role: slots by way, role and composite."""
    others = [list(permutations(range(composites)))] * (roles - 1)
    return np.array([(tuple(range(composites)), *way) for way in product(*others)], dtype=np.int64)
