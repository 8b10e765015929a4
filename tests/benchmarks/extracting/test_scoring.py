"""Scoring: what a run did becomes rows; a failed run recovers nothing and has no findings to judge."""

import pytest

from benchmarks.contest.effort import Effort
from benchmarks.contest.metrics import BOTH, EXTRACT, METRICS
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.scoring import score_contest, score_outcomes
from tests.benchmarks.extracting.scored import criterion, done, finding, get, gold_list, outcome, ratio

GOLD = gold_list(
    criterion(),
    criterion(id="eta", variable="abs_eta", operator="<", value=2.5, unit=None),
    criterion(id="met", stage="event", subject="event", variable="met", value=30.0),
    criterion(id="id", variable="id", operator="pass", value="tight", unit=None, numeric=False),
)
LONG = [(finding(id=i, subject="other:" + 200 * "word " + i), True) for i in ("one", "two")]
ETA = finding(id="eta", variable="abs_eta", operator="<", value=2.5, unit=None)


def test_recall_counts_grounded_findings_and_invented_ones_are_told_apart() -> None:
    read = outcome(
        (finding(), True), (ETA, False), (finding(id="x", value=99.0), True), (finding(id="y", value=98.0), False)
    )
    rows = score_outcomes(GOLD, [done(read)], {})
    assert ratio(rows, "recall", "numeric") == (1, 3)
    assert ratio(rows, "recall", "all") == (1, 4)
    assert ratio(rows, "recall", "event") == (0, 1)
    assert ratio(rows, "recall_ungrounded", "numeric") == (2, 3)
    assert ratio(rows, "precision") == (1, 2)
    assert [get(rows, m).value for m in ("invented_ungrounded", "invented_grounded", "undecided")] == [2, 1, 1]
    counted = {i.item: i.hit for i in rows[1] if (i.metric, i.group) == ("recall", "numeric")}
    assert counted == {"pt": True, "eta": False, "met": False}
    assert {i.item: i.hit for i in rows[1] if i.metric == "precision"} == {
        "muon pt > 15 GeV, p. 4": True,
        "muon pt > 99 GeV, p. 4": False,
    }


def test_a_failed_run_recovers_nothing_and_invents_nothing_that_counts() -> None:
    effort = Effort(calls=7, prompt_tokens=1000, seconds=3.0, cost=0.5)
    rows = score_outcomes(GOLD, [done(ExtractOutcome(failed="no usable reply", effort=effort))], {})
    assert ratio(rows, "recall", "numeric") == (0, 3)
    assert ratio(rows, "failed") == (1, 1)
    assert ratio(rows, "precision") == (0, 0)
    assert [get(rows, m).value for m in ("precision", "invented_grounded", "invented_ungrounded")] == [None] * 3
    assert [get(rows, m).value for m in ("calls", "prompt_tokens", "seconds", "cost")] == [7, 1000, 3.0, 0.5]


def test_every_metric_of_reading_is_written_for_every_run() -> None:
    runs = [done(outcome((finding(), True)), run=1), done(ExtractOutcome(failed="an error"), run=2)]
    rows = score_outcomes(GOLD, runs, {})
    wanted = {m.name for m in (*EXTRACT, *BOTH)} - {"agreement"}
    for run in (1, 2):
        assert {m.metric for m in rows[0] if m.run == run} == wanted
    assert {m.metric for m in rows[0] if m.run == 0} == {"agreement"}


def test_every_ratio_is_the_share_of_its_items() -> None:
    rows = score_outcomes(GOLD, [done(outcome((finding(), True), (ETA, True), *LONG), run=r) for r in (1, 2)], {})
    assert any(i.item.endswith("#2") for i in rows[1])
    for row in rows[0]:
        assert row.metric in METRICS
        assert (METRICS[row.metric].shape == "ratio") == (row.of is not None)
        if row.of is not None:
            own = [i for i in rows[1] if (i.metric, i.group, i.run) == (row.metric, row.group, row.run)]
            assert (sum(i.hit for i in own), len(own)) == (row.hits, row.of)
            assert len({i.item for i in own}) == len(own)


def test_chance_is_what_the_same_reader_found_elsewhere() -> None:
    gold = [GOLD, GOLD.model_copy(update={"paper": "Q"})]
    elsewhere = done(outcome((finding(page=9), True)), paper="Q")
    rows = score_contest(gold, [done(outcome((finding(), True))), elsewhere])
    chance = {m.subject: m.value for m in rows[0] if m.metric == "chance_others"}
    assert chance == {"P": pytest.approx(1 / 3), "Q": pytest.approx(1 / 3)}
    assert all(m.value is None for m in score_contest(gold[:1], [done(outcome())])[0] if m.metric == "chance_others")
