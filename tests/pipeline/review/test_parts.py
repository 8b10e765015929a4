"""Parts of criteria: every one has an address of its own and is found by it."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.review.parts import (
    HELD,
    count_progress,
    digest_part,
    find_free_id,
    find_part,
    is_reviewed,
    list_like,
    list_parts,
    replace_part,
    word_part,
)
from schemas.criteria import Answer, Cut, SelectionCriteria
from schemas.criteria_yaml import parse_criteria
from schemas.errors import CriteriaError
from schemas.review import ReviewState, Shown
from schemas.validation import list_cuts
from tests.schemas.documents import cuts as drawn_cuts
from tests.schemas.documents import documents, objects, variables
from tests.schemas.examples import ALL, H4L

patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def h4l() -> SelectionCriteria:
    return parse_criteria(H4L, "h4l")


@given(documents)
@patient
def test_addresses_are_unique_and_found_again(criteria: SelectionCriteria) -> None:
    parts = list_parts(criteria)
    assert len({p.address for p in parts}) == len(parts)
    assert len([p for p in parts if p.kind == "cut"]) == len(list(list_cuts(criteria)))
    for part in parts[:12]:
        assert find_part(criteria, part.address) == part
        assert list_like(criteria, part.kind, part.owner)[part.index] == part
        assert replace_part(criteria, part.address, part.value) == criteria
        shorter = replace_part(criteria, part.address, None)
        assert len(list_like(shorter, part.kind, part.owner)) == len(list_like(criteria, part.kind, part.owner)) - 1


@given(st.one_of(st.tuples(drawn_cuts, drawn_cuts), st.tuples(variables, variables)))
@patient
def test_the_digest_is_another_exactly_when_the_part_is(two: tuple[Shown, Shown]) -> None:
    one, other = two
    again = type(one).model_validate_json(one.model_dump_json(by_alias=True))
    assert digest_part(one) == digest_part(again)
    assert (digest_part(one) == digest_part(other)) == (one == other)
    changed = one.model_copy(update={"note": f"{getattr(one, 'note', None)}?"})
    assert digest_part(changed) != digest_part(one)


@given(objects, drawn_cuts)
@patient
def test_what_an_object_holds_is_not_in_its_digest(definition: Shown, cut: Cut) -> None:
    assume(definition != definition.model_copy(update={"cuts": (cut,)}))
    assert digest_part(definition) == digest_part(definition.model_copy(update={"cuts": (cut,)}))
    assert "cuts" in HELD


@pytest.mark.parametrize("name", ALL)
def test_parts_come_in_the_order_of_the_page(name: str) -> None:
    criteria = parse_criteria(ALL[name], name)
    kinds = [p.kind for p in list_parts(criteria) if p.owner is None]
    order = ["object", "step", "candidate", "variable", "region", "question"]
    assert kinds == sorted(kinds, key=order.index)
    for part in list_parts(criteria):
        assert word_part(part.value).strip()
        assert "\n" not in word_part(part.value)


def test_a_cut_that_is_joined_to_others_says_so(h4l: SelectionCriteria) -> None:
    cut = h4l.objects[0].cuts[0]
    assert word_part(cut.model_copy(update={"group": "trigger"})) == f"{word_part(cut)} (one of trigger)"


def test_an_address_that_names_nothing_says_what_is_there(h4l: SelectionCriteria) -> None:
    with pytest.raises(CriteriaError, match=r"there is no cut 'e_pT'; did you mean e_pt\?"):
        find_part(h4l, "cut:e_pT")
    with pytest.raises(CriteriaError, match=r"'e_pt' names no part; expected a kind and a name, as in cut:"):
        find_part(h4l, "e_pt")
    with pytest.raises(CriteriaError, match="expected cut again, found object"):
        replace_part(h4l, "cut:e_pt", h4l.objects[0])


def test_two_removals_of_one_pair_have_two_addresses(h4l: SelectionCriteria) -> None:
    jets = h4l.objects[3]
    twice = replace_part(
        h4l, "object:jets", jets.model_copy(update={"remove_overlap": (*jets.remove_overlap, jets.remove_overlap[0])})
    )
    assert [p.address for p in list_like(twice, "removal", "object:jets")] == [
        "removal:jets/muons",
        "removal:jets/electrons",
        "removal:jets/muons#2",
    ]
    assert find_part(twice, "removal:jets/muons#2").index == 2


def test_progress_counts_requirements_and_questions(h4l: SelectionCriteria) -> None:
    start = count_progress(ReviewState(criteria=h4l))
    n_cuts = len(list(list_cuts(h4l)))
    assert start == (0, n_cuts + 2 + len(h4l.candidates))  # two removals; formulas and definitions ask for nothing
    cut = find_part(h4l, "cut:e_pt").value
    for status in ("accepted", "edited", "rejected"):
        decided = replace_part(h4l, "cut:e_pt", cut.model_copy(update={"status": status}))
        assert count_progress(ReviewState(criteria=decided)) == (1, start.all)
    assert is_reviewed(h4l.objects[0])


def test_a_question_is_reviewed_when_it_is_answered() -> None:
    text = H4L + "questions: [{id: q1, text: which?, why: not said, alternatives: [{key: a, text: a}]}]\n"
    question = parse_criteria(text, "h4l").questions[0]
    assert not is_reviewed(question)
    assert is_reviewed(question.model_copy(update={"answer": Answer(by="A. Physicist", at="now", alternative="a")}))


def test_a_free_id_is_one_that_a_document_accepts(h4l: SelectionCriteria) -> None:
    assert find_free_id(h4l, "met_pt") == "met_pt"
    assert find_free_id(h4l, "m12") == "m12_2"
    assert find_free_id(h4l, "initial") == "initial_2"
    assert find_free_id(h4l, "m (ll) > 5") == "m__ll____5"
