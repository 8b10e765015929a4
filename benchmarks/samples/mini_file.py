"""Writing events in the layout of ATLAS Open Data 2020 `mini` trees (names, units and types of the branches).

Lists are counted branches (`lep_n` counts `lep_pt[lep_n]`) where the original has std::vector: uproot writes no
vectors, and readers see the same jagged arrays.
"""

from collections.abc import Mapping
from pathlib import Path

import awkward as ak
import numpy as np
import numpy.typing as npt

_LISTS = {
    "pt": np.float32, "eta": np.float32, "phi": np.float32, "E": np.float32, "z0": np.float32, "charge": np.int32,
    "type": np.uint32, "isTightID": np.bool_, "ptcone30": np.float32, "etcone20": np.float32,
    "trackd0pvunbiased": np.float32, "tracksigd0pvunbiased": np.float32, "truthMatched": np.bool_,
    "trigMatched": np.bool_, "jvt": np.float32, "trueflav": np.int32, "MV2c10": np.float32,
}  # fmt: skip
_INTEGERS = ("runNumber", "eventNumber", "channelNumber")
_FLAGS = ("trigE", "trigM", "trigP")


def write_mini(
    path: Path, scalars: Mapping[str, npt.NDArray[np.generic]], lists: Mapping[str, ak.Array], tree: str = "mini"
) -> None:
    """Write one tree. `scalars` are event branches; `lists` maps `lep` or `jet` to records, one list an event."""
    import uproot

    columns: dict[str, npt.NDArray[np.generic] | ak.Array] = {
        name: np.asarray(values, dtype=_type_of(name)) for name, values in scalars.items()
    }
    for name, records in lists.items():
        columns[name] = ak.zip({f: ak.values_astype(records[f], _LISTS[f]) for f in ak.fields(records)})
    types = {name: c.dtype if isinstance(c, np.ndarray) else c.type for name, c in columns.items()}
    with uproot.recreate(path) as file:
        written = file.mktree(tree, types, counter_name=lambda name: f"{name}_n")
        if len(next(iter(columns.values()))):
            written.extend(columns)


def _type_of(name: str) -> type[np.generic]:
    return np.int32 if name in _INTEGERS else np.bool_ if name in _FLAGS else np.float32
