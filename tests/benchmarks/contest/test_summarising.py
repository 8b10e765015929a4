"""Summaries of small tables that can be added up by hand."""

import pytest

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Measure
from benchmarks.contest.results import Results
from benchmarks.contest.summarising import summarise
from benchmarks.contest.summary import ALL, Summary
from tests.benchmarks.contest.drawn import RULES, draw_results, make_items, make_manifest, make_measure

MODEL = {"contestant": "model", "kind": "model", "mode": "bulk"}


def find(
    summaries: tuple[Summary, ...], subject: str, metric: str = "recall", contestant: str = "model", group: str = ""
) -> Summary:
    (found,) = (
        s for s in summaries if (s.subject, s.metric, s.contestant, s.group) == (subject, metric, contestant, group)
    )
    return found


def summarise_rows(*measures: Measure, contestants: tuple[Contestant, ...] = (RULES,)) -> tuple[Summary, ...]:
    items = [item for m in measures for item in make_items(m)]
    return summarise(Results(measures, tuple(items), make_manifest(contestants)))


def test_shares_of_all_papers_are_of_all_criteria() -> None:
    summaries = summarise_rows(
        make_measure(subject="small", run=1, hits=1, of=2, **MODEL),
        make_measure(subject="small", run=2, hits=2, of=2, **MODEL),
        make_measure(subject="large", run=1, hits=4, of=8, **MODEL),
        make_measure(subject="large", run=2, hits=5, of=8, **MODEL),
        make_measure(subject="large", run=3, hits=8, of=8, **MODEL),
    )
    large, whole = find(summaries, "large"), find(summaries, ALL)
    assert large.runs == (0.5, 0.625, 1.0)
    assert (large.median, large.rate, large.hits, large.of) == (0.625, 17 / 24, 17, 24)
    # the small paper has no third run yet: that of the large one alone would be about something else
    assert whole.runs == (0.5, 0.7, None)
    assert whole.median == pytest.approx(0.6)
    assert (whole.rate, whole.hits, whole.of, whole.subjects) == (20 / 28, 20, 28, 2)
    assert whole.interval is not None
    assert whole.interval.low <= 0.6 < whole.interval.high
    assert [s.subject for s in summaries] == [ALL, "large", "small"]


def test_numbers_of_all_papers_are_means() -> None:
    rows = [
        make_measure("seconds", value, subject=subject, run=run, **MODEL)
        for subject, values in (("a", (1.0, 5.0, 3.0)), ("b", (10.0, 20.0, 60.0)))
        for run, value in enumerate(values, 1)
    ]
    summaries = summarise_rows(*rows)
    assert find(summaries, "a", "seconds").median == 3.0
    whole = find(summaries, ALL, "seconds")
    assert whole.runs == (5.5, 12.5, 31.5)
    assert whole.median == 12.5
    assert whole.rate is None
    assert whole.interval is not None
    assert whole.interval.low == 0.0  # no time is negative
    assert whole.interval.how == "Student's t over 2 papers"


def test_what_is_not_defined_is_left_out() -> None:
    """A run that failed recovers nothing, but its precision is none: it has no findings. Nobody knows the price."""
    summaries = summarise_rows(
        make_measure("precision", subject="a", run=1, hits=3, of=4, **MODEL),
        make_measure("precision", None, subject="a", run=2, hits=0, of=0, **MODEL),
        make_measure("cost", None, subject="a", run=1, **MODEL),
        make_measure("cost", None, subject="a", run=2, **MODEL),
    )
    precision, cost = find(summaries, "a", "precision"), find(summaries, "a", "cost")
    assert precision.runs == (0.75, None)
    assert (precision.median, precision.rate) == (0.75, 0.75)
    assert (cost.runs, cost.median, cost.interval) == ((None, None), None, None)
    assert not [s for s in summaries if s.subject == ALL]  # there is one paper


def test_failed_runs_are_counted_as_runs() -> None:
    """Also where the rows name an item for each paper: one paper of ten runs is ten, not one."""
    rows = [make_measure("failed", subject="a", run=run, hits=0, of=1, **MODEL) for run in range(1, 11)]
    failed = find(summarise_rows(*rows), "a", "failed")
    assert (failed.rate, failed.hits, failed.of) == (0.0, 0, 10)
    assert failed.interval is not None
    assert failed.interval.high == pytest.approx(1.96**2 / (10 + 1.96**2), rel=0.01)


def test_deterministic_contestant_has_no_interval_of_runs() -> None:
    """It ran once because it would do the same again; what it was asked is still a choice of criteria."""
    summaries = summarise_rows(make_measure("failed", hits=0, of=1), make_measure(hits=5, of=9))
    assert find(summaries, "one", "failed", "rules").interval is None
    assert find(summaries, "one", "recall", "rules").interval is not None


def test_agreement_is_of_all_runs() -> None:
    summaries = summarise_rows(
        make_measure("agreement", 0.5, subject="a", run=0, **MODEL),
        make_measure("agreement", 0.7, subject="b", run=0, **MODEL),
    )
    whole = find(summaries, ALL, "agreement")
    assert whole.runs == (pytest.approx(0.6),)
    assert whole.interval is not None
    assert whole.interval.high == 1.0  # not more


def test_order_is_that_of_the_manifest() -> None:
    contestants = (RULES, Contestant(name="z", kind="model"), Contestant(name="a", kind="model"))
    rows = [
        make_measure(metric, hits=1, of=2, contestant=name, kind="model", mode=mode)
        for metric in ("failed", "recall") for name in ("a", "z") for mode in ("chunk", "bulk")
    ]  # fmt: skip
    order = [(s.contestant, s.mode, s.metric) for s in summarise_rows(*rows, contestants=contestants)]
    assert order == [
        (name, mode, metric) for name in ("z", "a") for mode in ("bulk", "chunk") for metric in ("recall", "failed")
    ]


def test_nothing_has_an_empty_summary() -> None:
    assert summarise(Results((), (), make_manifest([]))) == ()


def test_order_of_rows_changes_nothing() -> None:
    results = draw_results({"a": 0.5, "b": 0.7}, papers=3, runs=2)
    turned = Results(results.measures[::-1], results.items[::-1], results.manifest)
    assert summarise(turned) == summarise(results)
