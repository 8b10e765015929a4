"""The events of a region on two sides, brought together: which side has which event after which step."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from schemas.comparison import EventDifference
from schemas.cutflow import Cutflow, EventKey, EventTable, RegionFlow, Step
from schemas.errors import DataError, ProfileError

EXAMPLES = 10
ABSENT = -1  # last step of an event that is not in a region


class Row(NamedTuple):
    """A step on both sides: its index in each chain, or None where there is none."""

    analysis: int | None
    baseline: int | None


class RegionPair(NamedTuple):
    """A region on both sides. `last` has the last step of every event on each side, `joint` counts the same pairs;
    `repeated` are the keys that the analysis has more than once, with how often beyond the first time."""

    name: str
    analysis: tuple[Step, ...]
    baseline: tuple[Step, ...]
    last: Mapping[EventKey, tuple[int, int]]
    joint: Counter[tuple[int, int]]
    repeated: Counter[EventKey]

    def count_differences(self, row: Row) -> tuple[int, int]:
        """How many events only the analysis has after these steps, and how many only the baseline."""
        here, there = 0, 0
        for last, number in self.joint.items():
            sides = _is_left(last[0], row.analysis), _is_left(last[1], row.baseline)
            here += number * (sides == (True, False))
            there += number * (sides == (False, True))
        return here, there

    def loses_events(self, row: Row) -> tuple[bool, bool]:
        """Whether events end right before this step, on each side."""
        ends = [{last[side] for last in self.joint} for side in (0, 1)]
        here, there = ((index or 0) > 0 and (index or 0) - 1 in end for index, end in zip(row, ends, strict=True))
        return here, there

    def pick_examples(self, row: Row) -> tuple[EventDifference, ...]:
        """Up to EXAMPLES events that one side has and the other has not, of both kinds, smallest keys first."""
        ours, theirs = sorted(self.repeated), []
        for key, last in sorted(self.last.items()):
            sides = _is_left(last[0], row.analysis), _is_left(last[1], row.baseline)
            if sides == (True, False):
                ours.append(key)
            elif sides == (False, True):
                theirs.append(key)
        ours = ours[: max(EXAMPLES // 2, EXAMPLES - len(theirs))]
        theirs = theirs[: EXAMPLES - len(ours)]
        return (
            *(EventDifference(key=key, only="analysis") for key in ours),
            *(EventDifference(key=key, only="baseline") for key in theirs),
        )


def _is_left(last: int, step: int | None) -> bool:
    return step is not None and last >= step


def pair_regions(analysis: Cutflow, baseline: Cutflow) -> Iterator[RegionPair]:
    """Regions by name: those of the analysis in their order, then those that only the baseline has.

    Raises ProfileError for different key columns, DataError for baseline keys that occur more than once.
    """
    ours = {region.name: region for region in analysis.regions}
    theirs = {region.name: region for region in baseline.regions}
    for name in (*ours, *(n for n in theirs if n not in ours)):
        mine, other = ours.get(name), theirs.get(name)
        columns = (mine or theirs[name]).events.columns
        last_mine, repeated = _read_last_steps(mine, columns)
        last_other, ambiguous = _read_last_steps(other, columns)
        if ambiguous:
            key = ", ".join(f"{column} {number}" for column, number in zip(columns, min(ambiguous), strict=True))
            raise DataError(
                f"{len(ambiguous)} event keys occur more than once in region '{name}' of the baseline (first: {key}): "
                "a file may be given twice, or the profile's event key needs another column"
            )
        last = {k: (last_mine.get(k, ABSENT), last_other.get(k, ABSENT)) for k in last_mine | last_other}
        steps = [region.steps if region else () for region in (mine, other)]
        yield RegionPair(name, steps[0], steps[1], last, Counter(last.values()), repeated)


def _read_last_steps(
    region: RegionFlow | None, columns: tuple[str, ...]
) -> tuple[dict[EventKey, int], Counter[EventKey]]:
    """The last step of every event, keys in the order of `columns`, and the keys that come again."""
    last: dict[EventKey, int] = {}
    repeated: Counter[EventKey] = Counter()
    if region is not None:
        keys = _arrange_keys(region.name, region.events, columns)
        for key, step in zip(keys, region.events.last_step, strict=True):
            repeated.update([key] if key in last else [])
            last[key] = max(step, last.get(key, ABSENT))
    return last, repeated


def _arrange_keys(region: str, events: EventTable, columns: tuple[str, ...]) -> Sequence[EventKey]:
    if columns == events.columns:
        return events.keys
    if sorted(columns) != sorted(events.columns):
        raise ProfileError(
            f"region '{region}': the analysis identifies events by ({', '.join(columns)}), the baseline by "
            f"({', '.join(events.columns)}); give the profile's event key the columns of the baseline and run again"
        )
    order = [events.columns.index(column) for column in columns]
    return [tuple(key[i] for i in order) for key in events.keys]


def align_steps(analysis: Sequence[Step], baseline: Sequence[Step]) -> tuple[list[Row], bool]:
    """Rows in the order of the analysis, and whether the steps that both have stand in the same order.

    Steps are the same when their ids are; the first steps belong together whatever they are called (a child region
    starts with its parent's last step, and that may be one which the other side does not list).
    """
    ours, theirs = [s.id for s in analysis[1:]], [s.id for s in baseline[1:]]
    rows = [Row(0 if analysis else None, 0 if baseline else None)]
    in_order = True
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [Row(a + 1, b + 1) for a, b in zip(range(a0, a1), range(b0, b1), strict=True)]
            continue
        for a in range(a0, a1):
            moved = ours[a] in theirs
            in_order = in_order and not moved
            rows.append(Row(a + 1, theirs.index(ours[a]) + 1 if moved else None))
        rows += [Row(None, b + 1) for b in range(b0, b1) if theirs[b] not in ours]
    return rows, in_order
