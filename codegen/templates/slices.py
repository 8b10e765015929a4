"""A chunk of events in slices, and what was found in them together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import awkward as ak
import numpy as np

from codegen.templates.compiled import BRANCHES


class Slice(dict[str, ak.Array]):
    """A run of the events of a chunk, by branch."""

    def __init__(self, events: Any, branches: dict[str, ak.Array], first: int, last: int) -> None:
        super().__init__((name, values[first:last]) for name, values in branches.items())
        start = events.metadata["entrystart"]
        self.metadata = {**events.metadata, "entrystart": start + first, "entrystop": start + last}


def slice_events(events: Any, size: int = 34_000) -> Iterator[Slice]:
    """So many events at a time: tables that fit into the processor's cache are filled and read much faster."""
    branches = {name: events[name] for name in BRANCHES}
    number = events.metadata["entrystop"] - events.metadata["entrystart"]
    for first in range(0, max(number, 1), size):
        yield Slice(events, branches, first, min(first + size, number))


def join_slices(events: Any, slices: Sequence[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """All that was found in the slices of a chunk, under the file and the entry that the chunk starts at."""

    def join(parts: Sequence[Any]) -> Any:
        match parts[0]:
            case dict():
                return {name: join([part[name] for part in parts]) for name in parts[0]}
            case np.ndarray():
                return np.concatenate(parts)
            case list():
                return [one for part in parts for one in part]
        return sum(parts)

    return {(events.metadata["filename"], events.metadata["entrystart"]): join(slices)}
