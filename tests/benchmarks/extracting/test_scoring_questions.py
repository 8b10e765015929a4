"""Questions and citations against what a gold list leaves open, and the agreement of runs."""

from collections import Counter

import pytest

from benchmarks.extracting.agreeing import list_requirements, measure_agreement
from benchmarks.extracting.citing import judge_citations
from benchmarks.extracting.outcome import ExtractOutcome
from benchmarks.extracting.questioning import ASKS, find_kind, judge_questions
from benchmarks.extracting.scoring import score_outcomes
from benchmarks.gold import OPEN
from schemas.citation import CitedWork, Delegation, Resolution
from schemas.criteria import Alternative, Question
from schemas.evidence import Evidence
from tests.benchmarks.extracting.scored import criterion, done, finding, get, gold_list, outcome

RANGE: dict[str, object] = {"operator": "between", "value": (10.0, 20.0)}


def question(*keys: str, **given: object) -> Question:
    alternatives = tuple(Alternative(key=k, text="so") for k in keys)
    plain: dict[str, object] = {"id": "q1", "text": "?", "why": "open", "cuts": ("muon_pt",)}
    return Question.model_validate(plain | {"alternatives": alternatives} | given)


def resolution(
    kind: str = "definition", keys: tuple[str, ...] = ("13",), read: bool = False, **given: object
) -> Resolution:
    delegation = Delegation.model_validate(
        {
            "id": "d1", "kind": kind, "keys": keys, "subject": "muon", "variable": "id", "quote": ("as in [13]",),
            "page": 4, "start": 0, "end": 10, "document_id": "d",
        }
        | given
    )  # fmt: skip
    return Resolution(
        delegation=delegation,
        status="no_cut" if kind == "other" else "resolved" if read else "unresolved",
        work=CitedWork(key=keys[0], text="", page=9, start=0, end=0),
        document_id="w" if read else None,
        reason="defined in [13]",
    )


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (("open", "closed"), "ends"), (("sign_0", "sign_1"), "strictness"),
        (("only_a", "only_b", "all", "any"), "which"),
        (("leave_out", "apply_to_all"), "condition"), (("leave_out", "everywhere"), "region"),
        (("leave_out", "alone"), "branch"), (("as_assumed",), "choice"), (("paper", "cited", "all"), "rivals"),
        (("only_a", "only_b", "all", "leave_out"), "readings"), (("leave_out",), "place"),
    ],
)  # fmt: skip
def test_the_answers_tell_what_is_asked(keys: tuple[str, ...], asked: str) -> None:
    assert find_kind(question(*keys), {}) == asked


def test_a_question_is_right_where_the_list_marks_what_it_asks() -> None:
    ends = question("open", "closed")
    marks = {"ends": "right", "strictness": "wrong", None: "wrong"}
    for mark, verdict in marks.items():
        gold = gold_list(criterion(open=(mark,) if mark else (), **RANGE))
        read = outcome((finding(**RANGE), True), questions=(ends,), cuts={"muon_pt": ("f",)})
        assert judge_questions(gold, read) == Counter({(verdict, "ends"): 1})


def test_a_wrong_finding_leads_to_the_criterion_that_it_is_about() -> None:
    gold = gold_list(criterion(open=("ends",), **RANGE))
    read = outcome((finding(operator="between", value=(10.0, 99.0)), True), questions=(question("open", "closed"),))
    assert judge_questions(gold, read) == Counter({("other", "ends"): 1})  # no finding is known
    led = read.model_copy(update={"cuts": {"muon_pt": ("f",)}})
    assert judge_questions(gold, led) == Counter({("right", "ends"): 1})
    elsewhere = gold_list(criterion(subject="electron", **RANGE))
    assert judge_questions(elsewhere, led) == Counter({("other", "ends"): 1})


def test_what_has_no_place_is_traced_by_its_findings() -> None:
    gold = gold_list(criterion(), criterion(id="b", value=30.0, open=("value",)))
    asked = question("leave_out", cuts=())
    read = outcome((finding(), True), (finding(id="g", value=30.0), True), questions=(asked,))
    assert judge_questions(gold, read.model_copy(update={"raised": {"q1": ("f",)}})) == Counter({("wrong", "place"): 1})
    assert judge_questions(gold, read.model_copy(update={"raised": {"q1": ("g",)}})) == Counter({("right", "place"): 1})
    evidence = Evidence.model_validate(read.evidence[1].model_dump() | {"finding": "g"})
    proven = read.model_copy(update={"questions": (asked.model_copy(update={"evidence": (evidence,)}),)})
    assert judge_questions(gold, proven) == Counter({("right", "place"): 1})


def test_a_definition_that_is_left_to_a_work_is_found_by_the_work() -> None:
    asked = question("leave_out", cuts=(), why="defined in [13]")
    read = outcome(questions=(asked,), resolutions=(resolution(),))
    label: dict[str, object] = {"variable": "id", "operator": "pass", "value": "tight", "unit": None, "numeric": False}
    marked = gold_list(criterion(**label, cites=("[13]",), open=("definition",)))
    credited = gold_list(criterion(**label, cites=("[13]",)))
    elsewhere = gold_list(criterion(**label, cites=("[14]",), open=("definition",)))
    told = [judge_questions(g, read) for g in (marked, credited, elsewhere)]
    assert told == [Counter({(v, "definition"): 1}) for v in ("right", "wrong", "other")]


def test_answered_questions_are_not_open_and_every_kind_asks_for_known_marks() -> None:
    answered = question("open", "closed", answer={"by": "me", "at": "2026-01-01", "alternative": "open"})
    assert judge_questions(gold_list(criterion()), outcome(questions=(answered,))) == Counter()
    assert {mark for marks in ASKS.values() for mark in marks} == set(OPEN)


def test_works_are_followed_and_traced_rightly_wrongly_or_not() -> None:
    label: dict[str, object] = {"variable": "id", "operator": "pass", "value": "tight", "unit": None, "numeric": False}
    gold = gold_list(
        criterion(**label, cites=("[13]",), open=("definition",)),
        criterion(id="b", **label, cites=("[20]", "[21]"), open=("definition",)),
        criterion(id="c", **label, cites=("[30]",)),
    )
    found = (
        resolution(read=True),
        resolution(keys=("20",)),
        resolution(keys=("30",), read=True),
        resolution("other", keys=("40",)),
        resolution(keys=("50",), document_id="a cited work", read=True),
    )
    read = outcome((finding(), True), resolutions=found)
    judged = judge_citations(gold, read)
    assert [set(keys) for keys in judged[""]] == [{"13"}, {"30"}, {"20", "21"}]
    assert [set(keys) for keys in judged["traced"]] == [{"13", "20"}, {"30"}, {"21"}]
    rows = score_outcomes(gold, [done(read)], {})
    assert [get(rows, f"citations_{n}").value for n in ("right", "wrong", "missed")] == [1, 1, 2]


def test_agreement_is_the_mean_share_of_common_requirements() -> None:
    gold = gold_list(criterion(), criterion(id="b", value=30.0))
    extra = finding(id="x", subject="electron", value=99.0, quote=("electrons of more than 99 GeV",))
    runs = {
        1: outcome((finding(), True), (finding(id="g", value=30.0), True)),
        2: outcome((finding(value=15000.0, unit="MeV"), True), (extra, True)),
        3: outcome(
            (finding(operator="<=", effect="remove_object"), True), (extra.model_copy(update={"id": "y"}), True)
        ),
        4: ExtractOutcome(failed="no usable reply"),
    }
    sets = list_requirements(gold, {n: o for n, o in runs.items() if o.failed is None})
    assert sets[1] == {"pt", "b"}
    assert sets[2] == sets[3]
    assert measure_agreement(gold, runs) == pytest.approx((1 / 3 + 1 / 3 + 1) / 3)
    assert measure_agreement(gold, {1: runs[1], 4: runs[4]}) is None
    rows = score_outcomes(gold, [done(o, run=n) for n, o in runs.items()], {})
    assert get(rows, "agreement", run=0).value == pytest.approx(5 / 9)
