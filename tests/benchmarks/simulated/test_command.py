"""`bench simulated` beside the results of a contest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.cli import bench
from benchmarks.contest.results import Results
from benchmarks.contest.storing import write_results
from benchmarks.simulated.serving import Subject
from schemas.errors import UsageError
from tests.benchmarks.simulated.reading import read, score

NOTE = "06-belle-dsttaunu"


@pytest.fixture(scope="module")
def results(papers: dict[str, Subject]) -> Results:
    one = {NOTE: papers[NOTE]}
    knowledge, readings = read("drop=30,invent=20,seed=2", one, 5)
    return score(knowledge, one, readings)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(bench, ["simulated", *arguments])


def test_truth_stands_beside_what_was_measured(results: Results, tmp_path: Path) -> None:
    write_results(tmp_path, results)
    shown = run(str(tmp_path), "--papers", NOTE, "--json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert told["differences"] == []
    rows = {row["metric"]: row for row in told["agreements"]}
    assert set(rows) == {"recall", "failed", "invented_ungrounded", "invented_grounded"}
    assert rows["recall"]["set"] == pytest.approx(0.7)
    assert rows["recall"]["true"] == rows["recall"]["measured"] < 1
    assert rows["invented_grounded"]["true"] == rows["invented_grounded"]["measured"] > 0


def test_rates_that_were_not_the_set_ones_are_noticed(results: Results, tmp_path: Path) -> None:
    """The same results, said to be of a reader that drops nothing."""
    name = "simulated reader invent=20 seed=2"
    liar = results.manifest.contestants[0].model_copy(update={"name": name})
    lying = Results(
        tuple(replace(row, contestant=name) for row in results.measures),
        tuple(replace(row, contestant=name) for row in results.items),
        results.manifest.model_copy(update={"contestants": (liar,)}),
    )
    write_results(tmp_path, lying)
    shown = run(str(tmp_path), "--papers", NOTE, "--json")
    assert shown.exit_code == 1
    assert [r["metric"] for r in json.loads(shown.stdout)["agreements"] if r["agrees"] is False] == ["recall"]


def test_a_contest_that_cannot_be_judged_is_refused_in_one_line(results: Results, tmp_path: Path) -> None:
    write_results(tmp_path, results)
    others = run(str(tmp_path), "--papers", "03-b-to-kmumu")
    assert isinstance(others.exception, UsageError)
    assert NOTE in str(others.exception)
