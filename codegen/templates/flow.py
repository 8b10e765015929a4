"""Events on their way through the steps of a region."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Step(NamedTuple):
    """A line of the cutflow; `missing` says why the data format cannot evaluate it."""

    name: str
    label: str
    missing: str | None = None


class Region(NamedTuple):
    """The steps of a region; a region with a parent starts from the events that pass the parent."""

    name: str
    parent: str | None
    steps: tuple[Step, ...]


class Output(NamedTuple):
    """A variable that is stored and drawn; bins are (number, low, high), or chosen from the data."""

    name: str
    unit: str
    bins: tuple[int, float, float] | None = None


class Watch:
    """Takes down what single events are compared with, for questions such as why an event is lost."""

    def __init__(self, keys: np.ndarray, wanted: frozenset[tuple[int, ...]]) -> None:
        listed = enumerate(map(tuple, keys.tolist())) if wanted else ()
        self.rows = np.zeros(len(keys), dtype=bool)
        self.rows[[event for event, key in listed if key in wanted]] = True
        self.values: dict[int, dict[str, float | list[float] | None]] = {int(e): {} for e in np.flatnonzero(self.rows)}

    def note(self, step: str, values: np.ndarray, present: np.ndarray | None) -> None:
        for event, taken in self.values.items():
            if values.ndim == 1:
                taken[step] = _plain(values[event])
            else:
                there = values[:, event] if present is None else values[present[:, event], event]
                taken[step] = [v for v in map(_plain, there) if v is not None]


def _plain(value: np.generic) -> float | None:
    return None if np.isnan(value) else float(value)


class Flow:
    """One region: which events are still in, and the last step that each event passed (-1: never in the region)."""

    def __init__(self, region: Region, n_events: int, watch: Watch, parent: Flow | None = None) -> None:
        self.region, self.watch = region, watch
        self.alive: np.ndarray = np.ones(n_events, dtype=bool) if parent is None else parent.alive.copy()
        self.last = np.where(self.alive, 0, -1).astype(np.int16)
        self.position = 0

    def cut(self, step: str, passed: np.ndarray, *seen: np.ndarray) -> None:
        """Only events that passed stay in. Steps come in the order of the region's table.

        `seen` is what the step compares; for a table of values, also which of them belong to something.
        """
        if seen:
            self.note(step, *seen)
        self.position += 1
        assert self.region.steps[self.position].name == step
        self.alive &= passed
        np.copyto(self.last, self.position, where=self.alive)

    def skip(self, step: str) -> None:
        """A step that the format cannot evaluate keeps its line; the events stay as they are."""
        self.cut(step, np.True_)  # type: ignore[arg-type]

    def note(self, step: str, values: np.ndarray, present: np.ndarray | None = None) -> None:
        """What a step compares, for watched events; `present` says which values of a table belong to something."""
        if self.watch.values:
            shape = np.broadcast_shapes(np.shape(values), self.alive.shape)
            self.watch.note(step, np.broadcast_to(values, shape), present)

    def spread(self, enough: np.ndarray, first: np.ndarray) -> np.ndarray:
        """The last step of all events, when only those that can pass the first cuts were looked at.

        `first` says how many of these cuts an event passes.
        """
        if self.region.parent is None:
            evaluated = [k for k, step in enumerate(self.region.steps[1:]) if step.missing is None]
            full = np.array([*evaluated, len(self.region.steps) - 1], dtype=np.int16)[first]
        else:
            full = np.full(len(enough), -1, dtype=np.int16)
        full[enough] = self.last
        return full


def count_passed(*cuts: np.ndarray) -> np.ndarray:
    """How many of the cuts each event passes before it fails one."""
    passed = np.zeros(len(cuts[0]), dtype=np.intp)
    alive = np.ones(len(cuts[0]), dtype=bool)
    for cut in cuts:
        alive = alive & cut
        passed += alive
    return passed


def name_channels(flavour: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The flavours of a candidate's leptons as a word, such as 2e2mu, for the wanted events."""
    base = len(flavour) + 1  # the numbers of electrons, muons and taus are the digits of one number
    code = np.zeros(len(wanted), dtype=np.intp)
    for lepton in (11, 13, 15):
        code *= base
        for row in flavour:
            code += row == lepton
    code *= wanted  # 0: no word
    known = np.zeros(base**3, dtype="U16")
    for kind in np.flatnonzero(np.bincount(code, minlength=1)):
        digits = np.unravel_index(kind, (base, base, base))
        known[kind] = "".join(f"{n}{word}" for n, word in zip(digits, ("e", "mu", "tau"), strict=True) if n)
    return np.take(known, code)


def collect(
    keys: np.ndarray, weight: np.ndarray, enough: np.ndarray, first: np.ndarray, watch: Watch, flows: list[Flow],
    outputs: dict[str, np.ndarray], flavour: np.ndarray | None, undecided: dict[str, int],
) -> dict[str, Any]:  # fmt: skip
    """All that was found in a slice of events."""

    def spread(values: np.ndarray) -> np.ndarray:
        full = np.full(len(enough), np.nan)
        full[enough] = values
        return full

    lost = np.isnan(weight)
    channel = np.zeros(len(keys), dtype="U16")
    if flavour is not None:
        selected = np.any([flow.alive for flow in flows], axis=0)
        channel[enough] = name_channels(flavour, selected)
    return {
        "keys": keys,
        "weight": np.where(lost, 0.0, weight),
        "last": {flow.region.name: flow.spread(enough, first) for flow in flows},
        "outputs": {name: spread(values) for name, values in outputs.items()},
        "channel": channel,
        "undecided": {"weight": int(lost.sum()), **undecided},
        "watched": [
            {
                "key": keys[enough][event].tolist(),
                "last_step": {f.region.name: f.region.steps[f.last[event]].name for f in flows if f.last[event] >= 0},
                "values": values,
            }
            for event, values in watch.values.items()
        ],
    }
