"""Events of our own, written in the layouts of the data formats.

uproot writes lists as branches with a counter where ATLAS files have `std::vector`, and no lists of lists: readers see
the same arrays, but what an electron's links and the covariance of a track say cannot be written.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.samples.layouts import evtjsonl, mini, nanoaod, physlite
from benchmarks.samples.recorded import RecordedEvent

_WRITERS: dict[str, Callable[[Path, Sequence[RecordedEvent]], None]] = {
    "atlas_mini": mini.write_events,
    "atlas_physlite": physlite.write_events,
    "nanoaod": nanoaod.write_events,
    "evtjsonl": evtjsonl.write_events,
}
SUFFIXES = {"atlas_mini": ".root", "atlas_physlite": ".root", "nanoaod": ".root", "evtjsonl": ".jsonl"}


def write_events(folder: Path, name: str, layout: str, events: Sequence[RecordedEvent]) -> Path:
    """Write the events to `name` in the folder; event numbers count from 1. Returns the file's path."""
    path = folder / f"{name}{SUFFIXES[layout]}"
    _WRITERS[layout](path, events)
    return path
