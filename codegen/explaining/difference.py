"""The first step at which two cutflows differ: which events, and what the criteria ask there."""

from collections.abc import Sequence
from typing import NamedTuple

from codegen.event_sets import RegionPair, Row, align_steps, pair_regions
from schemas.comparison import Comparison, StepComparison
from schemas.criteria import Cut, SelectionCriteria
from schemas.cutflow import Cutflow, EventKey

LOOKED_AT = 30  # differing events of each kind whose values are fetched to find a cause
JURY = 60  # events of each kind that test a cause
AGREEING = 20  # events that both sides keep, and that both lose at the step


class Difference(NamedTuple):
    """The first differing step. Keys of events by what becomes of them there; `cuts` are those of the criteria.

    `agreed_kept` and `agreed_lost` are events on which the sides agree: kept by both, lost by both at this very step.
    """

    region: str
    step: StepComparison
    cuts: tuple[Cut, ...]
    pair: RegionPair
    row: Row
    only_analysis: tuple[EventKey, ...]
    only_baseline: tuple[EventKey, ...]
    agreed_kept: tuple[EventKey, ...]
    agreed_lost: tuple[EventKey, ...]

    @property
    def differing(self) -> int:
        """How many events one side only has after the step."""
        return len(self.only_analysis) + len(self.only_baseline)


def find_difference(
    ssc: SelectionCriteria, analysis: Cutflow, baseline: Cutflow, comparison: Comparison
) -> Difference | None:
    """The step that the comparison names first; None where it names none."""
    if comparison.first_difference is None:
        return None
    region, _, name = comparison.first_difference.partition("/")
    step = next(s for s in comparison.steps if (s.region, s.step) == (region, name) and not _is_fine(s))
    pair = next(p for p in pair_regions(analysis, baseline) if p.name == region)
    rows, _ = align_steps(pair.analysis, pair.baseline)
    at = before = rows[0]
    for row in rows:
        before = at
        at = Row(
            at.analysis if row.analysis is None else row.analysis, at.baseline if row.baseline is None else row.baseline
        )
        ids = [
            steps[index].id
            for steps, index in ((pair.analysis, row.analysis), (pair.baseline, row.baseline))
            if index is not None
        ]
        if name in ids:
            break
    kept: dict[tuple[bool, bool], list[EventKey]] = {(a, b): [] for a in (True, False) for b in (True, False)}
    for key, last in sorted(pair.last.items()):
        now = _is_left(last[0], at.analysis), _is_left(last[1], at.baseline)
        if now != (False, False) or (_is_left(last[0], before.analysis) and _is_left(last[1], before.baseline)):
            kept[now].append(key)
    return Difference(
        region=region,
        step=step,
        cuts=find_cuts(ssc, region, name),
        pair=pair,
        row=at,
        only_analysis=tuple(kept[True, False]),
        only_baseline=tuple(kept[False, True]),
        agreed_kept=tuple(kept[True, True]),
        agreed_lost=tuple(kept[False, False]),
    )


def choose_keys(difference: Difference, most: int = LOOKED_AT, agreeing: int = AGREEING) -> tuple[EventKey, ...]:
    """Events that help to find the cause, spread over all: those that differ at the step come first, then those on
    which the sides agree there, and some that differ later."""
    d = difference
    differing = [*spread(d.only_analysis, most), *spread(d.only_baseline, most)]
    alike = [*spread(d.agreed_kept, agreeing), *spread(d.agreed_lost, agreeing)]
    there = {*d.only_analysis, *d.only_baseline}
    elsewhere = [k for k, (a, b) in sorted(d.pair.last.items()) if a != b and k not in there]
    before = [k for k, (a, b) in sorted(d.pair.last.items()) if a == b and a < (d.row.analysis or 0) - 1]
    others = [*spread(elsewhere, agreeing), *spread(before, agreeing)]
    return tuple(dict.fromkeys((*differing, *alike, *others)))


def choose_jury(difference: Difference, most: int = JURY) -> tuple[EventKey, ...]:
    """More events, on which causes that explain the first ones are held to it."""
    d = difference
    kinds = (d.only_analysis, d.only_baseline, d.agreed_kept, d.agreed_lost)
    return tuple(dict.fromkeys(key for kind in kinds for key in spread(kind, most)))


def find_cuts(ssc: SelectionCriteria, region: str, step: str) -> tuple[Cut, ...]:
    """The cuts of a step: one, or those that are joined by "or". A child's first line is its parent's last step."""
    named = {r.name: r for r in ssc.regions}
    at: str | None = region
    while at is not None and at in named:
        cuts = tuple(c for c in named[at].cuts if c.status != "rejected" and step in (c.group, c.id))
        if cuts:
            return cuts
        at = named[at].parent
    return ()


def spread(keys: Sequence[EventKey], most: int) -> list[EventKey]:
    """Up to `most` of the keys, evenly spaced, the first one among them."""
    if len(keys) <= most:
        return list(keys)
    return [keys[k * len(keys) // most] for k in range(most)]


def _is_fine(step: StepComparison) -> bool:
    return step.state in ("equal", "not_evaluated", "no_baseline")


def _is_left(last: int, step: int | None) -> bool:
    return step is not None and last >= step
