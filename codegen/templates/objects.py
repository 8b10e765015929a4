"""Objects in slots: tables of shape (slots, events), ordered by descending pT, NaN where an event has fewer objects."""

from __future__ import annotations

from collections.abc import Sequence

import awkward as ak
import numpy as np

from codegen.templates.kinematics import FourMomenta, arrange, delta_r, once


def numbers(branch: ak.Array) -> np.ndarray:
    """The values of a branch, one after another, as float64; NaN and inf in the file are missing."""
    stored = np.asarray(ak.flatten(branch, axis=None) if branch.ndim > 1 else branch)
    values = stored.astype(np.float64)
    if stored.dtype.kind not in "biu":  # whole numbers are always usable
        unusable = ~np.isfinite(stored)
        if unusable.any():
            values[unusable] = np.nan
    return values


class Stored:
    """Objects as stored: how many each event has, and the event that each of them belongs to."""

    def __init__(self, branch: ak.Array) -> None:
        self.counts = np.asarray(ak.num(branch))
        self.event = np.repeat(np.arange(len(self.counts)), self.counts)
        self.enough: np.ndarray | None = None

    @property
    def everything(self) -> np.ndarray:
        """A mask that is true for each object."""
        return np.ones(len(self.event), dtype=bool)

    def count(self, good: np.ndarray) -> np.ndarray:
        """Number of good objects per event."""
        return np.bincount(self.event[good], minlength=len(self.counts))

    def identify(self, kind: int) -> np.ndarray:
        """A number for each object that no other object has, whatever its kind."""
        return np.arange(len(self.event)) + kind * 2.0**40

    def keep(self, enough: np.ndarray) -> None:
        """From now on, fill tables for these events only."""
        self.enough = enough

    def fill(self, good: np.ndarray, slots: int, **columns: np.ndarray | float) -> Objects:
        """The good objects in at least so many slots, ordered by descending pT; equal pT keep the order of the file."""
        n_events, event = len(self.counts), self.event
        if self.enough is not None:
            good = good & self.enough[event]
            n_events = int(np.count_nonzero(self.enough))
            event = (np.cumsum(self.enough) - 1)[event]
        picked = np.flatnonzero(good)
        event = event[picked]
        if "pt" in columns:
            pt = np.asarray(columns["pt"])[picked]
            if not np.all((pt[1:] <= pt[:-1]) | (event[1:] != event[:-1])):
                picked = picked[np.lexsort((-pt, event))]  # stable; a missing pT comes last
        count = np.bincount(event, minlength=n_events)
        slot = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
        rows = np.full((max(slots, int(count.max(initial=0))), n_events), -1)
        rows[slot, event] = np.arange(len(event))
        return Objects(count, rows, Picked(picked, columns))


class Picked:
    """Columns of picked objects, one after another; the last entry is for a slot without an object: missing."""

    n_parts = 1  # of how many collections they are

    def __init__(self, picked: np.ndarray, columns: dict[str, np.ndarray | float]) -> None:
        self.picked, self.columns = picked, columns
        self.done: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.picked)

    def find(self, name: str) -> np.ndarray:
        if name not in self.done:
            column = self.columns[name]
            picked = column[self.picked] if isinstance(column, np.ndarray) else np.full(len(self.picked), column)
            self.done[name] = np.append(picked, np.nan)
        return self.done[name]

    @once
    def p4(self) -> FourMomenta:
        pt, eta, phi = self.find("pt"), self.find("eta"), self.find("phi")
        if "energy" in self.columns:
            return FourMomenta.from_energy(pt, eta, phi, self.find("energy"))
        return FourMomenta.from_mass(pt, eta, phi, self.find("mass"))


class Objects:
    """A collection. `electrons.pt[0]` is the leading electron's pT in each event, NaN where there is none."""

    def __init__(self, count: np.ndarray, rows: np.ndarray, source: Picked) -> None:
        self.count = count
        self.rows = rows  # which entry of the columns is in which slot of which event, -1 for none
        self.source = source
        self._first: dict[int, Objects] = {}

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_") or name not in self.__dict__["source"].columns:
            raise AttributeError(name)
        self.__dict__[name] = np.take(self.source.find(name), self.rows, mode="wrap")
        return self.__dict__[name]

    @once
    def present(self) -> np.ndarray:
        """True where a slot holds an object."""
        return self.rows >= 0

    @property
    def p4(self) -> FourMomenta:
        return self.source.p4.spread(self.rows)

    def where(self, good: np.ndarray) -> Objects:
        """Only the good ones, moved up to the first slots."""
        rows = np.full(self.rows.shape, -1)
        count = np.zeros(len(self.count), dtype=np.intp)
        for row, wanted in zip(self.rows, good & self.present, strict=True):
            event = np.flatnonzero(wanted)
            rows[count[event], event] = row[event]
            count[event] += 1
        return Objects(count, rows, self.source)

    def first(self, n: int) -> Objects:
        """The first n of each event, with columns of their own: what is computed of them is computed of no others."""
        if n not in self._first:
            slot, event = np.nonzero(self.rows[:n] >= 0)
            rows = np.full((n, len(self.count)), -1)
            rows[slot, event] = np.arange(len(event))
            self._first[n] = Objects(np.minimum(self.count, n), rows, Chosen(self.source, self.rows[slot, event]))
        return self._first[n]

    def away_from(self, others: Objects, radius: float) -> Objects:
        """Only those that no object of another collection comes closer to than `radius` in eta and phi."""
        slot, event = np.nonzero(self.present)
        entries = self.rows[slot, event]
        eta, phi = self.source.find("eta")[entries], self.source.find("phi")[entries]
        near = np.zeros(len(event), dtype=bool)
        for other_eta, other_phi in zip(others.eta, others.phi, strict=True):
            pair = np.flatnonzero(abs(eta - other_eta[event]) <= radius)  # only these can be near
            at = event[pair]
            near[pair] |= delta_r(eta[pair], phi[pair], other_eta[at], other_phi[at]) < radius
        far = np.zeros(self.rows.shape, dtype=bool)
        far[slot, event] = ~near
        return self.where(far)

    def match(self, others: Objects) -> np.ndarray:
        """True where an object is one of the others, too, whichever collections they come from."""
        same: np.ndarray = np.any(self.identity[:, np.newaxis] == others.identity, axis=1)
        return same

    def take(self, slots: np.ndarray, exists: np.ndarray) -> Objects:
        """The objects in the given slots of each event, where they exist."""
        rows = np.where(exists, arrange(self.rows, np.maximum(slots, 0)), -1)
        return Objects(np.where(exists, len(slots), 0), rows, self.source)


class Chosen(Picked):
    """Columns of some of the objects of another source."""

    def __init__(self, source: Picked, picked: np.ndarray) -> None:
        super().__init__(picked, source.columns)
        self.source = source

    def find(self, name: str) -> np.ndarray:
        if name not in self.done:
            self.done[name] = np.append(self.source.find(name)[self.picked], np.nan)
        return self.done[name]


class Joined(Picked):
    """Columns of several collections, one after another, and which collection each object is from: `part`.

    The parts of a part that is joined itself are numbered in its place.
    """

    def __init__(self, parts: Sequence[Picked]) -> None:
        self.parts, self.done = parts, {}
        self.n_parts = sum(part.n_parts for part in parts)
        self.columns = {
            name: column for name, column in parts[0].columns.items() if all(name in p.columns for p in parts)
        }
        self.columns["part"] = 0.0

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def find(self, name: str) -> np.ndarray:
        if name not in self.done:
            if name == "part":
                columns, before = [], 0.0
                for part in self.parts:
                    columns.append(before + part.find("part")[:-1] if part.n_parts > 1 else np.full(len(part), before))
                    before += part.n_parts
            else:
                columns = [part.find(name)[:-1] for part in self.parts]
            self.done[name] = np.concatenate([*columns, [np.nan]])
        return self.done[name]


def merge(parts: Sequence[Objects], slots: int) -> Objects:
    """The union of collections in at least so many slots, ordered by descending pT; ties in the order of the parts."""
    count = np.sum([part.count for part in parts], axis=0)
    rows = np.full((max(slots, int(count.max(initial=0))), len(count)), -1)
    # what is compared: a missing pT comes after all others; NaN, in an empty slot, comes neither before nor after
    ranks = [np.where(part.present & np.isnan(part.pt), -np.inf, part.pt) for part in parts]
    start = 0
    for k, part in enumerate(parts):
        for slot, row in enumerate(part.rows):
            event = np.flatnonzero(row >= 0)
            place, rank = np.full(len(event), slot), ranks[k][slot, event]
            for other in [other for earlier in ranks[:k] for other in earlier]:
                place += other[event] >= rank
            for other in [other for later in ranks[k + 1 :] for other in later]:
                place += other[event] > rank
            rows[place, event] = row[event] + start
        start += len(part.source)
    return Objects(count, rows, Joined([part.source for part in parts]))
