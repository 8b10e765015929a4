"""The criteria of the demo, and edits of them."""

from collections.abc import Callable
from pathlib import Path

import benchmarks.analyses.demo_h4l as demo
from schemas.alternatives import map_cuts
from schemas.criteria import Cut, Region, SelectionCriteria, Threshold
from schemas.criteria_yaml import load_criteria


def load_demo() -> SelectionCriteria:
    """The selection of the demonstration note."""
    return load_criteria(Path(demo.__file__).with_name("criteria.yaml"))


def change_cut(criteria: SelectionCriteria, name: str, change: Callable[[Cut], Cut]) -> SelectionCriteria:
    """The criteria with one cut as `change` gives it back."""
    return map_cuts(criteria, lambda cut: change(cut) if cut.id == name else cut)


def set_threshold(criteria: SelectionCriteria, name: str, **threshold: object) -> SelectionCriteria:
    """One threshold is another."""
    new = Threshold.model_validate(threshold)
    return change_cut(criteria, name, lambda cut: cut.model_copy(update={"threshold": new, "status": "edited"}))


def reject(criteria: SelectionCriteria, name: str) -> SelectionCriteria:
    """One cut does not belong."""
    return change_cut(criteria, name, lambda cut: cut.model_copy(update={"status": "rejected"}))


def add_cut(criteria: SelectionCriteria, region: str, cut: Cut, at: int) -> SelectionCriteria:
    """One cut more."""
    return _map_region(criteria, region, lambda cuts: (*cuts[:at], cut, *cuts[at:]))


def move_last_first(criteria: SelectionCriteria, region: str) -> SelectionCriteria:
    """The last cut of a region becomes its first."""
    return _map_region(criteria, region, lambda cuts: (cuts[-1], *cuts[:-1]))


def _map_region(
    criteria: SelectionCriteria, name: str, change: Callable[[tuple[Cut, ...]], tuple[Cut, ...]]
) -> SelectionCriteria:
    def edit(region: Region) -> Region:
        return region.model_copy(update={"cuts": change(region.cuts)}) if region.name == name else region

    return criteria.model_copy(update={"regions": tuple(map(edit, criteria.regions))})
