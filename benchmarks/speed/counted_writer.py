"""Large event files without ROOT: lists as arrays with a counter, written block by block with uproot.

Readers see the same lists as in `std::vector` branches, but decoding them is other work: there are no ten bytes of
header before each list.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import awkward as ak
import numpy as np

BLOCK = 50_000  # events in a basket


class Branch(NamedTuple):
    """A branch whose values are in a folder as `<name>.npy`, and those of lists also `<name>.offsets.npy`."""

    name: str
    type: str  # of C++
    jagged: bool


def write_counted(folder: Path, tree: str, rows: int, events: int, branches: Sequence[Branch], target: Path) -> None:
    """Repeat the events of the folder, in order, until there are so many; event numbers count from 1.

    Lists that are always as long as each other and share a prefix share a counter: `lep_n` counts `lep_pt`.
    """
    import uproot

    columns = _load_columns(folder, branches)
    types = {name: c.dtype if isinstance(c, np.ndarray) else ak.type(c).content for name, c in columns.items()}
    with uproot.recreate(target) as file:  # compressed with zlib, level 1
        written = file.mktree(tree, types, counter_name=lambda name: f"{name}_n")
        for start in range(0, events, BLOCK):
            numbers = np.arange(start, min(start + BLOCK, events))
            block = {name: column[numbers % rows] for name, column in columns.items()}
            if "eventNumber" in block:
                block["eventNumber"] = (numbers + 1).astype(types["eventNumber"])
            written.extend(block)


def _load_columns(folder: Path, branches: Sequence[Branch]) -> "dict[str, np.ndarray | ak.Array]":
    columns: dict[str, np.ndarray | ak.Array] = {}
    groups: dict[str, dict[str, ak.Array]] = {}
    lengths: dict[str, np.ndarray] = {}
    for branch in branches:
        values = np.load(folder / f"{branch.name}.npy")
        if not branch.jagged:
            columns[branch.name] = values
            continue
        offsets = np.load(folder / f"{branch.name}.offsets.npy")
        column = ak.unflatten(values, np.diff(offsets))
        prefix, _, field = branch.name.partition("_")
        if field and np.array_equal(lengths.setdefault(prefix, offsets), offsets):
            groups.setdefault(prefix, {})[field] = column
        else:
            columns[branch.name] = column
    for prefix, fields in groups.items():
        columns.pop(f"{prefix}_n", None)  # its counter is written anew
        columns[prefix] = ak.zip(fields)
    return columns
