"""Is one contestant better than another: only where it is beyond doubt, and on the papers that both have read."""

import dataclasses

import pytest

from benchmarks.contest.comparing import Side, compare, compare_contestants
from benchmarks.contest.results import Results
from schemas.errors import UsageError
from tests.benchmarks.contest.drawn import RULES, draw_results

WORSE, BETTER = Side("worse", "bulk"), Side("better", "bulk")


@pytest.fixture(scope="module")
def results() -> Results:
    return draw_results({"worse": 0.5, "better": 0.75}, papers=5, runs=4)


def test_difference_is_found_and_has_a_direction(results: Results) -> None:
    found = compare(results, WORSE, BETTER, "recall", "numeric")
    assert found.better == "second"
    assert found.subjects == 5
    assert found.difference == pytest.approx(-0.25, abs=0.06)
    assert found.interval is not None
    assert found.interval.low < -0.25 < found.interval.high < 0
    turned = compare(results, BETTER, WORSE, "recall", "numeric")
    assert turned.better == "first"
    assert turned.difference == -found.difference


def test_same_contestant_is_not_better_than_itself(results: Results) -> None:
    assert compare(results, WORSE, WORSE, "recall", "numeric").better is None


def test_less_is_better_where_the_metric_says_so(results: Results) -> None:
    slow = [
        dataclasses.replace(m, value=(m.value or 0) + 100) if (m.metric, m.contestant) == ("seconds", "worse") else m
        for m in results.measures
    ]
    found = compare(results._replace(measures=tuple(slow)), WORSE, BETTER, "seconds")
    assert found.better == "second"
    assert found.difference == pytest.approx(100, abs=10)
    assert compare(results, WORSE, BETTER, "seconds").better is None


def test_only_common_papers_count(results: Results) -> None:
    """The worse one has read nothing but two papers."""
    rows = [m for m in results.measures if m.contestant == "better" or m.subject in ("paper 00", "paper 01")]
    items = [i for i in results.items if i.contestant == "better" or i.subject in ("paper 00", "paper 01")]
    found = compare(results._replace(measures=tuple(rows), items=tuple(items)), WORSE, BETTER, "recall", "numeric")
    assert found.subjects == 2
    assert found.better is None  # two papers say little about others
    own = [m.hits or 0 for m in rows if m.metric == "recall" and m.subject < "paper 02"]
    assert sum(found.values) == pytest.approx(sum(own) / 160)


def test_what_cannot_be_compared_is_told(results: Results) -> None:
    with pytest.raises(UsageError, match="no metric is called 'charm'; there are recall"):
        compare(results, WORSE, BETTER, "charm")
    with pytest.raises(UsageError, match=r"'nobody' \(bulk\) have no paper in common"):
        compare(results, WORSE, Side("nobody", "bulk"), "recall", "numeric")


def test_comparisons_that_matter() -> None:
    drawn = draw_results({"rules": 0.5, "model": 0.6, "votes of model": 0.7, "other": 0.9}, papers=3, runs=2)
    chunk = [dataclasses.replace(m, mode="chunk") for m in drawn.measures if m.contestant == "model"]
    items = [dataclasses.replace(i, mode="chunk") for i in drawn.items if i.contestant == "model"]
    contestants = [
        c.model_copy(update={"kind": "votes", "model": "model"}) if c.name.startswith("votes") else c
        for c in drawn.manifest.contestants
        if c.name != "rules"
    ]
    manifest = drawn.manifest.model_copy(update={"contestants": (RULES, *contestants)})
    results = Results((*drawn.measures, *chunk), (*drawn.items, *items), manifest)
    pairs = [(d.first, d.second) for d in compare_contestants(results, "extract")]
    rules, model, other = ("rules", "bulk"), ("model", "bulk"), ("other", "bulk")
    votes, model_chunk = ("votes of model", "bulk"), ("model", "chunk")
    assert pairs == [
        (model, rules), (votes, rules), (other, rules), (model_chunk, rules),
        (votes, model), (other, model), (model_chunk, model),
    ]  # fmt: skip
    assert compare_contestants(results, "code") == ()
