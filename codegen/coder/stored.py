"""What a coder's program stores beside its cutflow, against the compiled program's: outputs and weights by event."""

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from schemas.cutflow import EventKey
from schemas.model import Model

CLOSE = 1e-6  # relative: one quantity written in two ways, as a mass from E or from the mass of the particle
MOST_BYTES = 512 * 1024**2
FIXED = ("channel", "weight")  # between the key of the event and the outputs

Line = tuple[str, EventKey]  # region and event


class Stored(NamedTuple):
    """The lines of a candidates.csv: for each region and event that passes it, the numbers by name; NaN is absent."""

    names: tuple[str, ...]
    lines: Mapping[Line, tuple[float, ...]]


class OtherOutput(Model):
    """An output that differs, with the numbers of one event."""

    name: str
    ours: float
    theirs: float


def read_stored(path: Path, names: int) -> Stored | None:
    """The lines of a candidates.csv whose events have so many numbers in their key; None for anything else."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            header = next(rows)
            first = 1 + names + len(FIXED)
            if header[0] != "region" or tuple(header[1 + names : first]) != FIXED:
                return None
            lines = {
                (row[0], tuple(map(int, row[1 : 1 + names]))): tuple(
                    float(v or "nan") for v in (row[first - 1], *row[first:])
                )
                for row in rows
            }
    except (OSError, ValueError, IndexError, StopIteration, csv.Error):
        return None
    return Stored(("weight", *header[first:]), lines)


def find_other_output(
    ours: Stored | None, theirs: Stored, keep: Callable[[EventKey], bool]
) -> OtherOutput | str | None:
    """The first output that differs in an event that both keep and `keep` allows to be told.

    Text where ours cannot be compared at all; None where nothing differs.
    """
    if ours is None or ours.names != theirs.names:
        return "candidates.csv is not what the frame writes: leave its files alone"
    for line, expected in theirs.lines.items():
        found = ours.lines.get(line)
        if found is None or not keep(line[1]):
            continue  # which events pass is compared elsewhere
        if len(found) != len(expected):
            return "candidates.csv is not what the frame writes: leave its files alone"
        for name, one, other in zip(theirs.names, found, expected, strict=True):
            if not _is_same(one, other):
                return OtherOutput(name=name, ours=one, theirs=other)
    return None


def _is_same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-9)


def word_other(found: OtherOutput | str) -> str:
    """What differs, as a coder may be told: it is one event, without its number."""
    if isinstance(found, str):
        return found
    ours, theirs = (f"{v:.9g}" if math.isfinite(v) else "nothing" for v in (found.ours, found.theirs))
    return f"output {found.name} differs: it stores {ours} in an event where the criteria give {theirs}"
