"""Whether one contestant is better than another: the difference of a metric on the papers that both have read.

Both meet the same papers and the same criteria, so what makes a paper hard is in both and falls out of the difference:
papers, or criteria of the one paper, are drawn again for both together. Runs have nothing to do with each other.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Literal, NamedTuple, TypeVar

from benchmarks.contest.contestants import COMPILER, RULES, Contestant, Task
from benchmarks.contest.drawing import Counts
from benchmarks.contest.intervals import bound_difference, bound_mean
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.metrics import METRICS
from benchmarks.contest.results import Results
from benchmarks.contest.summarising import count
from benchmarks.contest.summary import Interval
from schemas.errors import UsageError
from schemas.model import Model

R = TypeVar("R", Measure, Item)
MAIN: dict[Task, tuple[tuple[str, str], ...]] = {
    "extract": (("recall", "numeric"), ("precision", "")),
    "code": (("matched", ""), ("held_out", ""), ("witness", "")),
}


class Side(NamedTuple):
    """One of the two that are compared."""

    contestant: str
    mode: str


class Difference(Model):
    """`first` minus `second` of a metric on `subjects` papers. `better` is the one that is, beyond doubt, if any is."""

    task: Task
    first: Side
    second: Side
    metric: str
    group: str
    subjects: int
    values: tuple[float, float]
    interval: Interval | None  # of the difference; None: not enough to tell
    better: Literal["first", "second"] | None

    @property
    def difference(self) -> float:
        """`first` minus `second`."""
        return self.values[0] - self.values[1]


def compare(results: Results, first: Side, second: Side, metric: str, group: str = "") -> Difference:
    """The difference of a metric between two contestants, paired by paper and, for shares, by criterion.

    Of a share: all hits of what was tried, on the papers that both have. Of a number: the mean over these papers of
    the median of the runs. Raises UsageError when the metric is unknown or there is no paper that both have it of.
    """
    if metric not in METRICS:
        raise UsageError(f"no metric is called '{metric}'; there are {', '.join(METRICS)}")
    return _compare(_gather(results.measures, metric, group), _gather(results.items, metric, group), first, second)


def compare_contestants(results: Results, task: Task) -> tuple[Difference, ...]:
    """The comparisons that matter most, where both have papers in common.

    Every contestant against the one without a model; single models against each other in the same mode; each model's
    modes; and what is made of several readings of a model against one reading of it.
    """
    known = {c.name: c for c in results.manifest.contestants}
    differences = []
    for metric, group in MAIN[task]:
        rows, things = _gather(results.measures, metric, group), _gather(results.items, metric, group)
        sides = list(dict.fromkeys(Side(m.contestant, m.mode) for m in rows if m.task == task))
        base = [side for side in sides if side.contestant in (RULES, COMPILER)]
        pairs = [(side, base[0]) for side in sides if base and side not in base]
        pairs += [(b, a) for a, b in combinations(sides, 2) if _is_of_interest(a, b, known)]
        for first, second in pairs:
            with suppress(UsageError):  # no paper in common
                differences.append(_compare(rows, things, first, second))
    return tuple(differences)


def _is_of_interest(a: Side, b: Side, known: Mapping[str, Contestant]) -> bool:
    """Whether two with a model are compared."""
    first, second = known.get(a.contestant), known.get(b.contestant)
    if first is None or second is None:
        return False
    single = [c.kind in ("model", "simulated") for c in (first, second)]
    if a.mode != b.mode:
        return first == second and all(single)
    return all(single) or (any(single) and first.model is not None and first.model == second.model)


def _gather(rows: Iterable[R], metric: str, group: str) -> list[R]:
    """Rows of one metric, where it is defined."""
    return [
        row for row in rows
        if (row.metric, row.group) == (metric, group) and (isinstance(row, Item) or row.value is not None)
    ]  # fmt: skip


def _compare(rows: Sequence[Measure], things: Sequence[Item], first: Side, second: Side) -> Difference:
    sides = [_group(rows, side) for side in (first, second)]
    common = sorted(sides[0].keys() & sides[1].keys())
    if not common:
        raise UsageError(
            f"{_name(first)} and {_name(second)} have no paper in common of which both have the same metric; look "
            "into measures.csv for what there is"
        )
    ((metric, group),) = {(row.metric, row.group) for row in rows}
    if METRICS[metric].shape == "ratio":
        items = [_group(things, side) for side in (first, second)]
        counts = [[count(sides[k][paper], items[k].get(paper, ())) for paper in common] for k in (0, 1)]
        values = tuple(_find_share([c for c in side if c is not None]) for side in counts)
        interval = bound_difference([(a, b) for a, b in zip(*counts, strict=True) if a is not None and b is not None])
    else:
        medians = [[statistics.median(m.value or 0.0 for m in side[paper]) for paper in common] for side in sides]
        values = tuple(statistics.fmean(side) for side in medians)
        interval = bound_mean([a - b for a, b in zip(*medians, strict=True)], values[0] - values[1], floor=None)
    return Difference(
        task=rows[0].task,
        first=first,
        second=second,
        metric=metric,
        group=group,
        subjects=len(common),
        values=(values[0], values[1]),
        interval=interval,
        better=_decide(interval, metric),
    )


def _group(rows: Iterable[R], side: Side) -> dict[str, list[R]]:
    """Rows of one side, by paper."""
    grouped: dict[str, list[R]] = defaultdict(list)
    for row in rows:
        if (row.contestant, row.mode) == side:
            grouped[row.subject].append(row)
    return grouped


def _find_share(papers: Sequence[Counts]) -> float:
    return float(sum(p.hits.sum() for p in papers) / sum(p.of.sum() for p in papers))


def _decide(interval: Interval | None, metric: str) -> Literal["first", "second"] | None:
    wanted = METRICS[metric].better
    if interval is None or wanted == "neither" or interval.low <= 0 <= interval.high:
        return None
    return "first" if (interval.low > 0) == (wanted == "higher") else "second"


def _name(side: Side) -> str:
    return f"'{side.contestant}' ({side.mode})"
