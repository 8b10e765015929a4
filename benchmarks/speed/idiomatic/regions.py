"""Regions as coffea's users count them: masks in a PackedSelection, and the events that pass all of a region's."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import awkward as ak
import numpy as np
from coffea.analysis_tools import PackedSelection


class Region(NamedTuple):
    """How many events are left after each cut, and the selected ones: key and variables."""

    counts: list[int]
    selected: ak.Array


def gev(branch: ak.Array) -> ak.Array:
    """MeV as stored to GeV in float64."""
    return ak.values_astype(branch, np.float64) / 1000


def float64(branch: ak.Array) -> ak.Array:
    """A stored quantity without a unit, or in mm."""
    return ak.values_astype(branch, np.float64)


def select_regions(
    cuts: Mapping[str, ak.Array], regions: Mapping[str, Sequence[str]], events: ak.Array, variables: dict[str, ak.Array]
) -> dict[str, Region]:
    """Every region with the cuts that it consists of."""
    selection = PackedSelection(dtype="uint64")
    for name, mask in cuts.items():
        selection.add(name, np.asarray(ak.fill_none(mask, False)))
    keys = {name: events[name] for name in ("runNumber", "eventNumber", "channelNumber")}
    table = ak.zip({**keys, **variables}, depth_limit=1)
    found = {}
    for region, names in regions.items():
        counts = [int(n) for n in selection.cutflow(*names).result().nevcutflow]
        found[region] = Region(counts, table[selection.all(*names)])
    return found
