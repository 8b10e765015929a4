"""What a summary of a contest says: medians with all runs, and intervals."""

from benchmarks.contest.contestants import Kind, Task
from schemas.model import Model

ALL = "(all)"  # in the place of the paper: all papers together; no paper is called that
LEVEL = 0.95


class Interval(Model):
    """An interval at the level LEVEL. `how` says how it was found, in a few words."""

    low: float
    high: float
    how: str


class Summary(Model):
    """One contestant in one mode, one paper (or ALL), one metric: every run, their median, and how sure that is.

    Runs are in order of their number; None where the value is not defined. For ALL a run is the ratio of all papers'
    hits to all papers' items, or the mean over papers; None where one of the papers has no such run yet. `rate` is the
    ratio of all `hits` to all items, `of`, of all runs; None for numbers. `subjects` is how many papers it is about.
    The interval is that of the rate for ratios, of the median for numbers, and holds the median of both.
    """

    task: Task
    contestant: str
    kind: Kind
    simulated: bool
    subject: str
    mode: str
    metric: str
    group: str
    runs: tuple[float | None, ...]
    median: float | None
    subjects: int = 1
    hits: int | None = None
    of: int | None = None
    rate: float | None = None
    interval: Interval | None = None  # None: not enough papers or runs to tell
