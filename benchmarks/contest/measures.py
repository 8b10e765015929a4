"""The tidy table of a contest: one row per cell and metric, and beside it one row per single thing that was counted."""

from benchmarks.contest.contestants import Kind, Task
from schemas.model import Model


class Row(Model):
    """What both tables say about every row."""

    task: Task
    contestant: str
    kind: Kind
    simulated: bool
    subject: str  # the paper, or the analysis
    mode: str
    run: int  # from 1; 0: of all runs together (agreement)
    metric: str  # a name in `benchmarks.contest.metrics`
    group: str = ""  # a part of the metric: a stage of the selection, a class of failure


class Measure(Row):
    """A number of a cell. `value` is None where it is not defined (0 of 0, a price that nobody knows).

    Of a ratio, `hits` of `of` were so; both None for any other number.
    """

    value: float | None
    hits: int | None = None
    of: int | None = None


class Item(Row):
    """One thing that a ratio counts: a criterion of the gold list, a finding, a cut. `hit`: it was so.

    An `item` has the same name in every run where it is the same thing: criteria of a list, cuts of an analysis.
    """

    item: str
    hit: bool
