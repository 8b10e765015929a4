"""What an edit does to the cutflow: counts before and after, and which events were gained and lost at every step.

Two programs of one review look at the same events in the same order, so the last step that each event passes says all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codegen.event_sets import align_steps
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey, RegionFlow, Step
from schemas.model import Model

Kind = Literal["same", "changed", "new", "removed", "moved"]

OUTSIDE = -1  # last step of an event that never was in a region
NOBODY: NDArray[np.int16] = np.zeros(0, dtype=np.int16)


class RegionEvents(NamedTuple):
    """A region, and of every event that was looked at the last step that it passed (OUTSIDE: it never was in)."""

    name: str
    parent: str | None
    steps: tuple[Step, ...]
    last: NDArray[np.int16]


class CutflowEvents(NamedTuple):
    """A cutflow with its events, small enough to keep many. Of the same `events` only where the same were looked at."""

    events: str  # digest of the keys in their order
    n_events: int
    regions: tuple[RegionEvents, ...]


class StepChange(Model):
    """A step of a region, before and after. `gained` and `lost` are events that pass it now and did not, and did.

    `weighted` are the yields before and after, where events have weights. New and removed steps have numbers on one
    side only, and neither gain nor lose. `kind` is "changed" where the events differ, also when the counts do not, or
    the cut reads otherwise. `reason` is why the data format cannot evaluate it; `part` the address of its cut, of
    several joined by "or" the first one.
    """

    id: str
    label: str
    before: int | None
    after: int | None
    gained: int = 0
    lost: int = 0
    weighted: tuple[float | None, float | None] | None = None
    kind: Kind = "same"
    reason: str | None = None
    part: str | None = None


class RegionChange(Model):
    """A region, before and after: its steps in the order they have now, removed ones where they were."""

    name: str
    parent: str | None
    steps: tuple[StepChange, ...]
    kind: Kind = "same"

    @property
    def last(self) -> StepChange:
        """The step that says how many events the region has; where it is not removed, one that it has now."""
        there = [s for s in self.steps if s.after is not None] or list(self.steps)
        return there[-1]


def keep_events(cutflow: Cutflow) -> CutflowEvents:
    """A cutflow as it is compared. Its counts must agree with its events (`codegen.outputs.read_cutflow` checks)."""
    whole = max(cutflow.regions, key=lambda r: len(r.events.keys))
    places: dict[EventKey, int] = {key: i for i, key in enumerate(whole.events.keys)}
    digest = hashlib.sha256(repr((whole.events.columns, whole.events.keys)).encode()).hexdigest()
    regions = (RegionEvents(r.name, r.parent, r.steps, _spread(r, places)) for r in cutflow.regions)
    return CutflowEvents(digest, cutflow.n_events, tuple(regions))


def _spread(region: RegionFlow, places: Mapping[EventKey, int]) -> NDArray[np.int16]:
    last = np.full(len(places), OUTSIDE, dtype=np.int16)
    last[[places[key] for key in region.events.keys]] = region.events.last_step
    return last


def compare_cutflows(before: CutflowEvents | None, after: CutflowEvents) -> tuple[RegionChange, ...]:
    """Every region of both sides, those that are gone behind those that are there. `before` None: all are new.

    Raises ValueError when not the same events were looked at.
    """
    if before is not None and before.events != after.events:
        raise ValueError("the two cutflows are of different events")
    then = {region.name: region for region in before.regions} if before is not None else {}
    changes = [_compare_region(then.pop(region.name, None), region) for region in after.regions]
    return (*changes, *(_compare_region(region, None) for region in then.values()))


def name_parts(regions: Sequence[RegionChange], criteria: SelectionCriteria) -> tuple[RegionChange, ...]:
    """The same, each step with the address of its cut in these criteria."""
    parts: dict[str, str] = {}
    for cut in (cut for region in criteria.regions for cut in region.cuts):
        parts.setdefault(cut.group or cut.id, f"cut:{cut.id}")
        parts.setdefault(cut.id, f"cut:{cut.id}")
    return tuple(
        r.model_copy(update={"steps": tuple(s.model_copy(update={"part": parts.get(s.id)}) for s in r.steps)})
        for r in regions
    )


def _compare_region(before: RegionEvents | None, after: RegionEvents | None) -> RegionChange:
    shown = after or before
    assert shown is not None
    old, new = (before.steps if before else ()), (after.steps if after else ())
    rows, _ = align_steps(new, old)
    steps = [
        _compare_step(
            _Side(new, after.last if after else NOBODY, row.analysis),
            _Side(old, before.last if before else NOBODY, row.baseline),
        )
        for row in rows
    ]
    stayed = _find_stayed([s.id for s in old[1:]], [s.id for s in new[1:]])
    steps[1:] = [
        s.model_copy(update={"kind": "moved"}) if s.kind in ("same", "changed") and s.id not in stayed else s
        for s in steps[1:]
    ]
    kind: Kind = "new" if before is None else "removed" if after is None else "same"
    if kind == "same" and any(s.kind != "same" for s in steps):
        kind = "changed"
    return RegionChange(name=shown.name, parent=shown.parent, steps=tuple(steps), kind=kind)


def _find_stayed(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Ids of the steps that are on both sides and in one order."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {old[i] for block in blocks for i in range(block.a, block.a + block.size)}


class _Side(NamedTuple):
    steps: Sequence[Step]
    last: NDArray[np.int16]
    at: int | None

    @property
    def step(self) -> Step | None:
        return None if self.at is None else self.steps[self.at]


def _compare_step(after: _Side, before: _Side) -> StepChange:
    new, old = after.step, before.step
    shown = new or old
    assert shown is not None
    kind: Kind = "removed" if new is None else "new" if old is None else "same"
    gained = lost = 0
    if new is not None and old is not None:
        is_in, was_in = after.last >= (after.at or 0), before.last >= (before.at or 0)
        gained, lost = int(np.count_nonzero(is_in & ~was_in)), int(np.count_nonzero(was_in & ~is_in))
        kind = "changed" if gained or lost or new.label != old.label else "same"
    return StepChange(
        id=shown.id,
        label=shown.label,
        before=old.count if old is not None else None,
        after=new.count if new is not None else None,
        gained=gained,
        lost=lost,
        weighted=_find_yields(old, new),
        kind=kind,
        reason=shown.reason,
    )


def _find_yields(*sides: Step | None) -> tuple[float | None, float | None] | None:
    """The weighted yields; None where they are the counts."""
    there = [step for step in sides if step is not None and step.weighted is not None]
    if all(step.weighted == step.count for step in there):
        return None
    before, after = (step.weighted if step is not None else None for step in sides)
    return before, after
