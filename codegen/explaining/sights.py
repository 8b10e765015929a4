"""Single events at the first differing step: what both sides compared there, and with what."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from codegen.explaining.difference import LOOKED_AT, Difference, spread
from schemas.analysis import StepValue, StepValues
from schemas.criteria import Cut
from schemas.cutflow import EventKey
from schemas.units import to_base

Fate = Literal["analysis", "baseline", "both", "neither"]


class Sight(NamedTuple):
    """One event at the step: which sides keep it, and what each compared (None: missing; absent: not told)."""

    key: EventKey
    kept_by: Fate
    analysis: StepValue
    baseline: StepValue
    told: tuple[bool, bool]  # whether each side says anything for the step

    @property
    def pairs(self) -> tuple[tuple[float, float], ...] | None:
        """Values of the analysis and the baseline that belong together; None where they cannot be put side by side.

        A baseline may add to what it compares what it compares with: then its first value is the one.
        """
        ours, theirs = self.analysis, self.baseline
        if ours is None or theirs is None or not all(self.told):
            return None
        if isinstance(ours, tuple) and isinstance(theirs, tuple):
            return tuple(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else None
        if isinstance(theirs, tuple):
            return ((ours, theirs[0]),) if theirs and isinstance(ours, float) else None
        if isinstance(ours, tuple):
            return ((ours[0], theirs),) if len(ours) == 1 else None
        return ((ours, theirs),)


def list_sights(
    difference: Difference,
    analysis_values: Mapping[EventKey, StepValues],
    baseline_values: Mapping[EventKey, StepValues],
) -> tuple[Sight, ...]:
    """The events whose values are known, those that differ first; where none are known, some events without values."""
    step = difference.step.step
    known = {*analysis_values, *baseline_values}

    def look(keys: Sequence[EventKey], kept_by: Fate) -> Iterator[Sight]:
        for key in keys if known else spread(keys, LOOKED_AT):
            ours, theirs = analysis_values.get(key, {}), baseline_values.get(key, {})
            if not known or key in known:
                told = (step in ours, step in theirs)
                yield Sight(key, kept_by, ours.get(step), theirs.get(step), told)

    return (
        *look(difference.only_analysis, "analysis"),
        *look(difference.only_baseline, "baseline"),
        *look(difference.agreed_kept, "both"),
        *look(difference.agreed_lost, "neither"),
    )


def list_limits(cuts: Sequence[Cut]) -> tuple[float, ...]:
    """The numbers that the step compares with, in base units; none for labels and for thresholds that vary."""
    limits: list[float] = []
    for cut in cuts:
        threshold = cut.threshold
        if threshold is not None:
            given = (threshold.value,) if threshold.value is not None else threshold.values or threshold.range or ()
            limits += [to_base(value, threshold.unit)[0] for value in given if value is not None]
    return tuple(dict.fromkeys(limits))


def is_close(a: float, b: float, relative: float = 1e-6) -> bool:
    """Whether two values are the same but for rounding."""
    return math.isclose(a, b, rel_tol=relative, abs_tol=1e-9)
