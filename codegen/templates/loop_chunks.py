"""A chunk of events for a loop over single ones: columns as they are stored, and what the loop fills."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import awkward as ak
import numpy as np

from codegen.templates.compiled import OUTPUTS, REGIONS
from codegen.templates.flow import name_channels

SEEN: tuple[tuple[str, bool], ...] = ()


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
