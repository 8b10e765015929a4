"""Columns of a tree from events that are Python objects."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import awkward as ak
import numpy as np
import numpy.typing as npt

from benchmarks.samples.recorded import RecordedEvent

Column: TypeAlias = "npt.NDArray[np.generic] | ak.Array"
Kind = type[np.generic]
One = TypeVar("One")


def list_column(groups: Sequence[Sequence[One]], value: Callable[[One], float], kind: Kind) -> ak.Array:
    """One list an event."""
    counts = np.array([len(group) for group in groups], dtype=np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold is infinite in the file, too
        flat = np.array([value(one) for group in groups for one in group], dtype=np.float64).astype(kind)
    return ak.unflatten(flat, counts)


def event_column(events: Sequence[RecordedEvent], value: Callable[[RecordedEvent], float], kind: Kind) -> Column:
    """One number an event."""
    return np.array([value(event) for event in events]).astype(kind)


def write_tree(path: Path, tree: str, columns: Mapping[str, Column], counted: bool = False) -> None:
    """Write one tree; with `counted`, `Muon_pt` is counted by `nMuon`."""
    import uproot

    types = {name: c.dtype if isinstance(c, np.ndarray) else ak.type(c).content for name, c in columns.items()}
    with uproot.recreate(path) as file:
        if counted:
            groups: dict[str, dict[str, ak.Array]] = {}
            plain: dict[str, Column] = {}
            for name, column in columns.items():
                prefix, _, field = name.partition("_")
                if isinstance(column, ak.Array):
                    groups.setdefault(prefix, {})[field] = column
                else:
                    plain[name] = column
            whole = plain | {prefix: ak.zip(fields) for prefix, fields in groups.items()}
            types = {n: c.dtype if isinstance(c, np.ndarray) else ak.type(c).content for n, c in whole.items()}
            written = file.mktree(tree, types, counter_name=lambda name: f"n{name}")
        else:
            whole = dict(columns)
            written = file.mktree(tree, types)
        if len(next(iter(columns.values()))):
            written.extend(whole)
