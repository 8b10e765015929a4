"""From the tidy table of a contest to its summary: every run, the median, and how sure it is."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest.contestants import Task
from benchmarks.contest.drawing import Counts
from benchmarks.contest.intervals import bound_mean, bound_median, bound_share
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.metrics import METRICS, SHARES
from benchmarks.contest.results import Manifest, Results
from benchmarks.contest.summary import ALL, Interval, Summary

R = TypeVar("R", Measure, Item)
COUNTED = ("findings", "questions", "works", "attempts")  # units of metrics that count
RUNS = ("failed", "matched", "held_out", "accepted")  # what is counted are the runs, whatever their items are called


class Key(NamedTuple):
    """What a summary is about, but for the paper."""

    task: Task
    contestant: str
    mode: str
    metric: str
    group: str


def summarise(results: Results) -> tuple[Summary, ...]:
    """The summary of every contestant, mode, metric and group: of each paper, and of ALL where the contest has several.

    In the order of the manifest's contestants and modes and of `METRICS`; ALL stands before the single papers.
    """
    rows, things = _group(results.measures), _group(results.items)
    several = {task: len({m.subject for m in results.measures if m.task == task}) > 1 for task in ("extract", "code")}
    summaries = []
    for key in sorted(rows, key=_order(results.manifest)):
        papers = {name: rows[key][name] for name in sorted(rows[key])}
        counts = {name: count(papers[name], things[key][name] if key in things else ()) for name in papers}
        if several[key.task]:
            summaries.append(_summarise_all(key, papers, counts))
        summaries += [_summarise_paper(key, name, papers[name], counts[name]) for name in papers]
    return tuple(summaries)


def count(measures: Sequence[Measure], items: Iterable[Item]) -> Counts | None:
    """What a ratio counts in one paper, things by runs; None for a number.

    Where there are no items, and for shares of runs, the runs themselves are counted: so many hits, of so many.
    """
    counted = sorted((m for m in measures if m.of is not None), key=lambda m: m.run)
    if not counted:
        return None
    runs = {m.run: i for i, m in enumerate(counted)}  # each is there once, see `storing.find_contradiction`
    listed = [item for item in items if item.run in runs and item.metric not in RUNS]
    names = {name: i for i, name in enumerate(sorted({item.item for item in listed}))}
    if not names:
        return Counts(_make_row(m.hits for m in counted), _make_row(m.of for m in counted))
    hits, of = np.zeros((len(names), len(runs))), np.zeros((len(names), len(runs)))
    for item in listed:
        hits[names[item.item], runs[item.run]] += item.hit
        of[names[item.item], runs[item.run]] += 1
    return Counts(hits, of, tuple(names))


def _make_row(numbers: Iterable[int | None]) -> NDArray[np.float64]:
    return np.array([[n or 0 for n in numbers]], dtype=np.float64)


def _group(rows: Iterable[R]) -> dict[Key, dict[str, list[R]]]:
    grouped: dict[Key, dict[str, list[R]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[Key(row.task, row.contestant, row.mode, row.metric, row.group)][row.subject].append(row)
    return grouped


def _order(manifest: Manifest) -> Callable[[Key], tuple[object, ...]]:
    contestants = {c.name: i for i, c in enumerate(manifest.contestants)}
    modes = {mode: i for i, mode in enumerate(manifest.modes)}
    metrics = {name: i for i, name in enumerate(METRICS)}

    def place(key: Key) -> tuple[object, ...]:
        last = len(contestants) + len(modes) + len(metrics)
        whose = (key.task, contestants.get(key.contestant, last), key.contestant, modes.get(key.mode, last), key.mode)
        return (*whose, metrics.get(key.metric, last), key.metric, key.group)

    return place


def _summarise_paper(key: Key, subject: str, measures: Sequence[Measure], counts: Counts | None) -> Summary:
    ordered = sorted(measures, key=lambda m: m.run)
    runs = tuple(m.value for m in ordered)
    interval: Interval | None = None
    if counts is not None and (counts.names or not _is_deterministic(ordered)):
        interval = bound_share([counts])
    elif counts is None and not _is_deterministic(ordered):
        known = [value for value in runs if value is not None]
        interval = bound_median(known, counted=METRICS[key.metric].unit in COUNTED)
    return _make(key, ordered, subject, runs, [counts] if counts else [], interval)


def _summarise_all(key: Key, papers: Mapping[str, Sequence[Measure]], counts: Mapping[str, Counts | None]) -> Summary:
    every = [m for measures in papers.values() for m in measures]
    by_run: dict[int, list[Measure]] = defaultdict(list)
    for measure in every:
        by_run[measure.run].append(measure)
    runs = tuple(_join_papers(by_run[run]) if len(by_run[run]) == len(papers) else None for run in sorted(by_run))
    counted = [c for c in counts.values() if c is not None]
    interval = bound_share(counted) if counted else _bound_number(key.metric, papers, find_median(runs))
    return _make(key, every, ALL, runs, counted, interval)


def _join_papers(measures: Sequence[Measure]) -> float | None:
    """One run of all papers: the share of all, or the mean."""
    if any(m.of is not None for m in measures):
        of = sum(m.of or 0 for m in measures)
        return sum(m.hits or 0 for m in measures) / of if of else None
    known = [m.value for m in measures if m.value is not None]
    return statistics.fmean(known) if known else None


def _bound_number(metric: str, papers: Mapping[str, Sequence[Measure]], centre: float | None) -> Interval | None:
    medians = [find_median([m.value for m in measures]) for measures in papers.values()]
    known = [value for value in medians if value is not None]
    return bound_mean(known, centre, counted=METRICS[metric].unit in COUNTED, ceiling=1.0 if metric in SHARES else None)


def _make(
    key: Key,
    measures: Sequence[Measure],
    subject: str,
    runs: tuple[float | None, ...],
    counts: Sequence[Counts],
    interval: Interval | None,
) -> Summary:
    hits = int(sum(c.hits.sum() for c in counts)) if counts else None
    of = int(sum(c.of.sum() for c in counts)) if counts else None
    median = find_median(runs)
    if interval is not None and median is not None:  # of runs that differ it may lie beside the share of all
        limits = {"low": min(interval.low, median), "high": max(interval.high, median)}
        interval = interval.model_copy(update=limits)
    return Summary(
        task=key.task,
        contestant=key.contestant,
        kind=measures[0].kind,
        simulated=measures[0].simulated,
        subject=subject,
        mode=key.mode,
        metric=key.metric,
        group=key.group,
        runs=runs,
        median=median,
        subjects=len({m.subject for m in measures}),
        hits=hits,
        of=of,
        rate=hits / of if of and hits is not None else None,
        interval=interval,
    )


def find_median(runs: Iterable[float | None]) -> float | None:
    """The median of the runs that have a value; None where none has."""
    known = [value for value in runs if value is not None]
    return statistics.median(known) if known else None


def _is_deterministic(measures: Sequence[Measure]) -> bool:
    return all(m.kind in ("rules", "compiler") for m in measures)
