"""What is measured of simulated readers is what is known of them: real questions over HTTP, real scoring."""

import pytest

from benchmarks.simulated.proving import compare_with_truth, list_differences
from benchmarks.simulated.serving import Knowledge, Reply, Subject
from extract.grounding.ground import ground_findings
from schemas.reading import Reading
from tests.benchmarks.simulated.reading import read, score


def find_refused(knowledge: Knowledge, name: str, paper: Subject) -> set[str]:
    """Criteria that grounding refuses although they are told rightly: labels in the list's own words, and the like."""
    reading = read("drop=0", {name: paper}, 1)[1][name, 1]
    evidence = ground_findings(paper.document, reading.findings)
    quotes = {f.quote for f, e in zip(reading.findings, evidence, strict=True) if not e.grounded}
    return {s.criterion.id for s in knowledge.papers[name].statements if s.item.quote in quotes}


def list_meanings(reading: Reading) -> list[str]:
    """What a reading says, whatever its findings are called."""
    return sorted(str(f.model_dump(exclude={"id", "start", "reader"})) for f in reading.findings)


def test_a_perfect_reader_recovers_every_criterion_that_a_finding_can_state(papers: dict[str, Subject]) -> None:
    knowledge, readings = read("drop=0", papers, 1, "chunk")
    results = score(knowledge, papers, readings)
    lost = list_differences(results, knowledge)
    assert not lost, [d.criterion for d in lost]
    truths = [knowledge.tell_truth(name, 1) for name in papers]
    told, of = sum(map(knowledge.count_told, truths)), sum(knowledge.count_counted(n) for n in papers)
    assert told == of
    assert all(not (t.dropped or t.wrong or t.made_up or t.misread or t.mute) for t in truths)


def test_measured_rates_are_the_set_ones(papers: dict[str, Subject]) -> None:
    knowledge, readings = read("drop=25,invent=20,wrong=10,seed=3", papers, 6)
    results = score(knowledge, papers, readings)
    assert list_differences(results, knowledge) == ()
    found = {a.metric: a for a in compare_with_truth(results, knowledge)}
    assert set(found) == {"recall", "failed", "invented_ungrounded", "invented_grounded"}
    assert all(a.agrees for a in found.values()), found
    assert found["recall"].measured == found["recall"].true
    assert found["recall"].set == pytest.approx(0.75 * 0.9)
    sums = {m: sum(r.value or 0 for r in results.measures if r.metric == m) for m in found}
    truths = [knowledge.tell_truth(name, run) for name, run in readings]
    assert sums["invented_grounded"] == sum(t.misread for t in truths) > 10
    refused = set().union(*(find_refused(knowledge, name, paper) for name, paper in papers.items()))
    made = sum(t.made_up + len(t.wrong) + len(refused & set(t.told)) for t in truths)
    assert sums["invented_ungrounded"] == made > 50
    assert len(refused) < 5


def test_bulk_and_chunk_say_the_same(papers: dict[str, Subject]) -> None:
    spec = "drop=20,invent=20,wrong=10"
    one = {"05-leptoquark": papers["05-leptoquark"]}
    bulk, chunk = read(spec, one, 1, "bulk")[1], read(spec, one, 1, "chunk")[1]
    assert [r.mode for r in (*bulk.values(), *chunk.values())] == ["bulk", "chunk"]
    assert [list_meanings(r) for r in bulk.values()] == [list_meanings(r) for r in chunk.values()]


def test_broken_replies_cost_questions_and_no_criteria(papers: dict[str, Subject]) -> None:
    one = {"06-belle-dsttaunu": papers["06-belle-dsttaunu"]}
    whole, broken = list[Reply](), list[Reply]()
    plain = read("drop=0", one, 1, "chunk", whole)[1]
    readings = read("break=30", one, 8, "chunk", broken)[1]
    share = sum(r.broken is not None for r in broken) / len(broken)
    assert abs(share - 0.3) < 4 * (0.3 * 0.7 / len(broken)) ** 0.5
    assert {r.broken for r in broken} == {None, "cut", "prose", "empty", "wrong types"}
    assert len(broken) > 1.2 * 8 * len(whole)
    wanted = list_meanings(next(iter(plain.values())))
    assert sum(list_meanings(r) == wanted for r in readings.values()) >= 7  # five broken replies in a row lose a part


def test_runs_without_a_usable_reply_have_failed(papers: dict[str, Subject]) -> None:
    one = {"06-belle-dsttaunu": papers["06-belle-dsttaunu"]}
    knowledge, readings = read("fail=50,seed=1", one, 6, "bulk")
    mute = {run for run in range(1, 7) if knowledge.tell_truth("06-belle-dsttaunu", run).mute}
    assert {run for (_, run), reading in readings.items() if reading.unusable} == mute
    assert 0 < len(mute) < 6
    results = score(knowledge, one, readings)
    found = {a.metric: a for a in compare_with_truth(results, knowledge)}
    assert found["failed"].measured == found["failed"].true == len(mute) / 6
    assert found["recall"].measured == pytest.approx((6 - len(mute)) / 6, abs=0.05)
    assert found["failed"].agrees
    assert found["recall"].agrees
