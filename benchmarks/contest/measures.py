"""The tidy table of a contest: one row per cell and metric, and beside it one row per single thing that was counted.

A contest has hundreds of thousands of rows: they are slim (an ordinary model takes ten times the memory). Change a
copy with `dataclasses.replace`.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, FiniteFloat, NonNegativeInt, model_validator
from pydantic.dataclasses import dataclass

from benchmarks.contest.contestants import Kind, Task


def _drop_nan(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What both tables say about every row."""

    task: Task
    contestant: str
    kind: Kind
    simulated: bool
    subject: str  # the paper, or the analysis
    mode: str
    run: NonNegativeInt  # from 1; 0: of all runs together (agreement)
    metric: str  # a name in `benchmarks.contest.metrics`
    group: str = ""  # a part of the metric: a stage of the selection, a class of failure

    @classmethod
    def model_validate(cls, row: Mapping[str, object]) -> Self:
        """The row of these fields, as a model's method of this name. Raises ValidationError."""
        return cls(**row)  # type: ignore[arg-type] # that is what is checked here


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Row):
    """A number of a cell. `value` is None where it is not defined (0 of 0, a price that nobody knows; NaN is None).

    Of a ratio, `hits` of `of` were so; both None for any other number.
    """

    value: Annotated[FiniteFloat | None, BeforeValidator(_drop_nan)]
    hits: NonNegativeInt | None = None
    of: NonNegativeInt | None = None

    @model_validator(mode="after")
    def _check_counts(self) -> "Measure":
        if (self.hits is None) != (self.of is None) or (self.hits or 0) > (self.of or 0):
            raise ValueError(f"{self.metric}: {self.hits} of {self.of} is no share")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Row):
    """One thing that a ratio counts: a criterion of the gold list, a finding, a cut. `hit`: it was so.

    An `item` has the same name in every run where it is the same thing: criteria of a list, cuts of an analysis.
    """

    item: str
    hit: bool
