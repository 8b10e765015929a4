"""Objects in slots: tables of shape (slots, events), ordered by descending pT, NaN where an event has fewer objects."""

from __future__ import annotations

from collections.abc import Sequence

import awkward as ak
import numpy as np

from codegen.templates.kinematics import FourMomenta, delta_r, once


def numbers(branch: ak.Array) -> np.ndarray:
    """The values of a branch, one after another, as float64; NaN and inf in the file are missing."""
    values = np.asarray(ak.flatten(branch, axis=None) if branch.ndim > 1 else branch)
    if values.dtype.kind != "f":
        return values.astype(np.float64)
    values = values.astype(np.float64)
    values[~np.isfinite(values)] = np.nan
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

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_") or name not in self.__dict__["source"].columns:
            raise AttributeError(name)
        self.__dict__[name] = np.take(self.source.find(name), self.rows, mode="wrap")
        return self.__dict__[name]

    @property
    def present(self) -> np.ndarray:
        """True where a slot holds an object."""
        return self.rows >= 0

    @once
    def p4(self) -> FourMomenta:
        flat = self.source.p4
        return FourMomenta(
            *(np.take(part, self.rows, mode="wrap") for part in (flat.px, flat.py, flat.pz, flat.energy))
        )

    def where(self, good: np.ndarray) -> Objects:
        """Only the good ones, moved up to the first slots."""
        good = good & self.present
        rows = np.where(good, self.rows, -1)
        return Objects(good.sum(axis=0), arrange(rows, np.argsort(~good, axis=0, kind="stable")), self.source)

    def away_from(self, others: Objects, radius: float) -> Objects:
        """Only those that no object of another collection comes closer to than `radius` in eta and phi."""
        near = np.zeros(self.rows.shape, dtype=bool)
        for eta, phi in zip(others.eta, others.phi, strict=True):
            near |= delta_r(self.eta, self.phi, eta, phi) < radius
        return self.where(~near)

    def take(self, slots: np.ndarray, exists: np.ndarray) -> Objects:
        """The objects in the given slots of each event, where they exist."""
        rows = np.where(exists, arrange(self.rows, np.maximum(slots, 0)), -1)
        return Objects(np.where(exists, len(slots), 0), rows, self.source)


def arrange(table: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """A table whose slots are others of each event."""
    n_events = table.shape[1]
    return np.take(table, slots * n_events + np.arange(n_events))


def merge(parts: Sequence[Objects], slots: int) -> Objects:
    """The union of collections in at least so many slots, ordered by descending pT; ties in the order of the parts."""
    count = np.sum([part.count for part in parts], axis=0)
    columns: dict[str, np.ndarray | float] = {
        name: np.concatenate([part.source.find(name)[:-1] for part in parts])
        for name in parts[0].source.columns
        if all(name in part.source.columns for part in parts)
    }
    sizes = [len(part.source) for part in parts]
    columns["part"] = np.repeat(np.arange(len(parts), dtype=np.float64), sizes)
    source = Picked(np.arange(sum(sizes)), columns)
    starts = np.cumsum([0, *sizes[:-1]])
    rows = np.concatenate([np.where(p.present, p.rows + start, -1) for p, start in zip(parts, starts, strict=True)])
    pt = np.take(source.find("pt"), rows, mode="wrap")
    last = np.where(rows < 0, np.inf, np.finfo(np.float64).max)  # a missing pT comes after all others
    order = np.argsort(np.where(np.isnan(pt), last, -pt), axis=0, kind="stable")
    rows = arrange(rows, order[: max(slots, int(count.max(initial=0)))])
    padding = np.full((max(slots - len(rows), 0), len(count)), -1)
    return Objects(count, np.concatenate([rows, padding]), source)
