"""Two cutflows compared as sets of events, step by step."""

from typing import Literal

from pydantic import Field

from schemas.cutflow import EventKey
from schemas.model import Model


class EventDifference(Model):
    """One event that one side has and the other has not, with the values that decide on each side."""

    key: EventKey
    only: Literal["analysis", "baseline"]
    analysis_values: dict[str, float | tuple[float, ...] | None] = Field(default_factory=dict)
    baseline_values: dict[str, float | tuple[float, ...] | None] = Field(default_factory=dict)


class StepComparison(Model):
    """One step on both sides. `state`: equal, different, missing on one side, or not evaluated on either.

    `no_baseline`: a region that the baseline does not have; nothing is claimed about it.
    """

    region: str
    step: str
    label: str
    analysis_count: int | None
    baseline_count: int | None
    only_analysis: int = 0
    only_baseline: int = 0
    state: Literal["equal", "different", "only_in_analysis", "only_in_baseline", "not_evaluated", "no_baseline"]


class Comparison(Model):
    """The verdict and where it comes from. `matched`: each evaluable step of the baseline's regions has equal sides."""

    analysis: str
    baseline: str
    matched: bool
    steps: tuple[StepComparison, ...]
    first_difference: str | None = None  # region/step
    examples: tuple[EventDifference, ...] = ()
    summary: str  # one line
