"""Branches whose objects belong to other objects, and lists of which an event needs one number."""

from __future__ import annotations

from collections.abc import Sequence

import awkward as ak
import numpy as np

from codegen.templates.objects import numbers


def pick_entry(branch: ak.Array, position: int) -> ak.Array:
    """One entry of each of the innermost lists; missing where a list is shorter."""
    return ak.fill_none(ak.firsts(branch[..., position : position + 1], axis=-1), np.nan)


def take_bit(values: np.ndarray, position: int) -> np.ndarray:
    """One bit of whole numbers, as 0 or 1; missing where the number is."""
    known = np.isfinite(values)
    bits = (np.where(known, values, 0).astype(np.int64) >> position) & 1
    return np.where(known, bits, np.nan)


def gather(function: str, branch: ak.Array, values: np.ndarray | None, good: np.ndarray | None) -> np.ndarray:
    """One number per event from the good ones of a list: how many, their sum, the largest, the smallest, the first."""
    counts = np.asarray(ak.num(branch))
    event = np.repeat(np.arange(len(counts)), counts)
    picked = np.flatnonzero(good) if good is not None else np.arange(len(event))
    event = event[picked]
    if values is None:
        return np.bincount(event, minlength=len(counts)).astype(np.float64)
    values = values[picked]
    if function == "sum":
        return np.bincount(event, values, minlength=len(counts))
    found = np.full(len(counts), np.nan)
    if function == "first":
        found[event[::-1]] = values[::-1]
        return found
    order = np.argsort(values if function == "largest" else -values, kind="stable")  # a missing value comes last
    found[event[order]] = values[order]
    return found


class Links:
    """To which object of other collections each object leads: that of the first target that has one.

    A target is the position in the other collection of the same event, counted from 0, and where the link holds.
    """

    def __init__(self, event: np.ndarray, targets: Sequence[tuple[np.ndarray, np.ndarray | None]]) -> None:
        self.event, self.targets = event, targets

    def read(self, columns: Sequence[ak.Array | None]) -> np.ndarray:
        """A branch of the linked objects, one for each target; missing where an object leads nowhere."""
        found = np.full(len(self.event), np.nan)
        open_ = np.ones(len(self.event), dtype=bool)
        for (position, holds), column in zip(self.targets, columns, strict=True):
            leads = open_ & (position >= 0)
            if holds is not None:
                leads &= holds
            if column is not None:
                counts = np.asarray(ak.num(column))
                leads &= position < counts[self.event]
                start = np.cumsum(counts) - counts
                rows = start[self.event[leads]] + position[leads].astype(np.int64)
                found[leads] = numbers(column)[rows]
            open_ &= ~leads
        return found
