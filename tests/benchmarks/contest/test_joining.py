"""Contests of several people become one, as far as they are about the same."""

import dataclasses

import pytest

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.joining import join_results
from benchmarks.contest.results import Results
from benchmarks.contest.summarising import summarise
from schemas.errors import UsageError
from tests.benchmarks.contest.drawn import RULES, draw_results, make_items, make_manifest, make_measure


def hold(
    name: str, recall: int, *, rules: int = 5, seconds: float = 1.0, gold: str = "g1", **fields: object
) -> Results:
    """A contest of the rules and one model on one paper."""
    measures = (
        make_measure(hits=5, of=9), make_measure("seconds", seconds),
        make_measure(hits=recall, of=9, contestant=name, kind="model", mode="bulk"),
    )  # fmt: skip
    items = tuple(item for m in measures if m.of for item in make_items(m))
    contestants = (RULES, Contestant(name=name, kind="model", model=name))
    subjects = {"one": {"gold": gold, "pdf": str(fields.pop("pdf", "p1"))}}
    return Results(measures, items, make_manifest(contestants, subjects=subjects, **fields))


def test_same_rules_are_there_once() -> None:
    joined = join_results([hold("a", 6), hold("b", 7, seconds=2.0)])
    assert [c.name for c in joined.manifest.contestants] == ["rules", "a", "b"]
    recalls = {m.contestant: m.hits for m in joined.measures if m.metric == "recall"}
    assert recalls == {"rules": 5, "a": 6, "b": 7}
    assert [m.value for m in joined.measures if m.metric == "seconds"] == [1.0]
    assert len(joined.items) == 27
    assert joined.manifest.notes == ()
    assert len({s.contestant for s in summarise(joined)}) == 3


def test_copied_folder_adds_nothing() -> None:
    results = draw_results({"a": 0.5}, papers=2, runs=2)
    joined = join_results([results, results, results])
    assert joined == results


def test_other_results_under_one_name_stay_apart() -> None:
    joined = join_results([hold("a", 6), hold("a", 3, sampling={"a": {"temperature": 1}}), hold("a", 4)])
    assert [c.name for c in joined.manifest.contestants] == ["rules", "a", "a (2)", "a (3)"]
    assert {m.contestant: m.hits for m in joined.measures if m.metric == "recall"}["a (2)"] == 3
    assert joined.manifest.sampling == {"a (2)": {"temperature": 1}}
    assert "a has other results in a second contest: there it is a (2)" in joined.manifest.notes


def test_more_runs_of_a_contestant_are_added() -> None:
    results = draw_results({"a": 0.5}, papers=1, runs=4)
    parts = [
        Results(
            tuple(m for m in results.measures if m.run in runs), tuple(i for i in results.items if i.run in runs),
            results.manifest,
        )
        for runs in ((1, 2), (2, 3, 4))
    ]  # fmt: skip
    joined = join_results(parts)
    assert set(joined.measures) == set(results.measures)
    assert len(joined.measures) == len(results.measures)
    assert len(joined.items) == len(results.items)


def test_other_truths_are_refused() -> None:
    with pytest.raises(UsageError, match="gold of 'one' is not the same in both"):
        join_results([hold("a", 6), hold("b", 6, gold="g2")])
    with pytest.raises(UsageError, match="name at least one folder"):
        join_results([])


def test_what_was_made_otherwise_is_told() -> None:
    later = {"paperfilter": "1.1", "code": {"extract": "e2"}, "prompts": {"bulk": "b2"}, "machine": {"cores": 64}}
    joined = join_results([hold("a", 6), hold("b", 7, pdf="p2", made="2026-12-01T00:00:00Z", **later)]).manifest
    assert joined.paperfilter == "1.0 and 1.1"
    assert joined.made.startswith("2026-12")
    assert joined.machine == {"machines": [{"cores": 2}, {"cores": 64}]}
    assert joined.notes == (
        "joined contests differ in code: extract",
        "joined contests differ in prompts: bulk",
        "joined contests read different files of one",
    )


def test_one_contest_stays_as_it_is() -> None:
    results = hold("a", 6)
    assert join_results([results]) is results


def test_extraction_and_code_are_joined() -> None:
    """An analysis may be called as a paper is: they are judged by different things."""
    code = make_measure("matched", task="code", contestant="compiler", kind="compiler", mode="compiler", hits=1, of=1)
    compiler = Contestant(name="compiler", kind="compiler")
    other = Results((code,), (), make_manifest([compiler], subjects={"one": {"criteria": "c1"}}))
    joined = join_results([hold("a", 6), other])
    assert joined.manifest.subjects == {"one": {"gold": "g1", "pdf": "p1", "criteria": "c1"}}
    assert {s.task for s in summarise(joined)} == {"extract", "code"}


def test_results_are_left_as_they_were() -> None:
    first, second = hold("a", 6), hold("a", 3)
    before = [dataclasses.replace(m) for m in second.measures]
    join_results([first, second])
    assert list(second.measures) == before
