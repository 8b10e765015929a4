"""Whatever a form says, it becomes an action or a line beside a field; never an error of ours."""

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.acting import act
from pipeline.review.form_fields import FieldProblem, Fields, read_fields
from pipeline.review.forms import READERS, Asked, read_form, read_place
from pipeline.review.part_forms import list_values, place_problem
from pipeline.review.part_yaml import EMPTY, MODELS, read_part, write_part
from pipeline.review.parts import list_parts
from schemas.criteria import Cut, Question
from schemas.criteria_yaml import load_criteria
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import Accept, Add, Claim, Edit, ReviewState
from tests.pipeline.review.runs import CRITERIA
from tests.pipeline.review.selections import load_demo

STATE = ReviewState(criteria=load_criteria(CRITERIA))
ADDRESSES = tuple(p.address for p in list_parts(STATE.criteria))
QUOTE = Evidence(
    document_id="p", page=1, quote=("pT > 20 GeV",), alignment="exact", number="ok", unit="ok", operator="ok",
    polarity="ok",
)  # fmt: skip


def ground(document: str, start: int, end: int, cut: Cut | None) -> Evidence:
    if document != "p" or end > 100:
        raise CriteriaError("there is no such text")
    return QUOTE


def read(**fields: object) -> Asked | FieldProblem:
    sent = read_fields(urlencode(fields, doseq=True).encode())
    assert isinstance(sent, Fields)
    return read_form(sent, STATE, ground)


@pytest.mark.parametrize("criteria", [STATE.criteria, load_demo()], ids=["ours", "demo"])
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(criteria: object) -> None:
    state = STATE.model_copy(update={"criteria": criteria})
    for part in list_parts(state.criteria):
        if isinstance(part.value, Question):
            continue
        values = list_values(part.value)
        for names in ([n for n in values if n != "yaml"], ["yaml"]):
            if not names:
                continue
            sent = Fields([("do", "edit"), ("part", part.address), *((n, values[n]) for n in names)])
            asked = read_form(sent, state, ground)
            assert isinstance(asked, Asked), (part.address, asked)
            assert isinstance(asked.action, Edit)
            assert asked.action.after == part.value


def test_every_kind_of_part_has_a_model_and_a_beginning() -> None:
    assert set(MODELS) == set(EMPTY)
    for kind, text in EMPTY.items():
        with pytest.raises(CriteriaError):  # it says what is still missing
            read_part(text, kind)
    cut = read_part("id: a\nvariable: higgs.leptons[0].pt\noperator: '>'\nthreshold: {value: 5, unit: GeV}\n", "cut")
    assert isinstance(cut, Cut)
    assert cut.variable == "higgs.leptons[0].pt"
    assert read_part(write_part(cut), "cut") == cut


def test_digests_belong_to_their_parts() -> None:
    asked = read(do="accept", part=["cut:mu_pt", "cut:mu_eta"], seen=["aa", "bb"])
    assert isinstance(asked, Asked)
    assert asked.action == Accept(parts=("cut:mu_pt", "cut:mu_eta"))
    assert asked.seen == {"cut:mu_pt": "aa", "cut:mu_eta": "bb"}
    named = read(do="reject", part="cut:pair", seen="cut:pair=cc", why="  not ours \r\n")
    assert isinstance(named, Asked)
    assert (named.seen, named.why) == ({"cut:pair": "cc"}, "not ours")
    question = read(do="answer", question="ends", alternative="with", seen="dd")
    assert isinstance(question, Asked)
    assert question.seen == {"question:ends": "dd"}


def test_a_cut_that_holds_needs_no_unit() -> None:
    said = {"do": "add", "kind": "cut", "owner": "object:muons", "id": "x", "variable": "id", "unit": "GeV"}
    made = read(**said, operator="pass")
    assert isinstance(made, Asked)
    assert isinstance(made.action, Add)
    assert isinstance(made.action.added, Cut)
    assert made.action.added.threshold is None
    missing = read(**said, operator=">")
    assert isinstance(missing, FieldProblem)
    assert missing.field == "threshold"


def test_a_printed_threshold_is_claimed_with_its_place() -> None:
    asked = read(do="claim", threshold="threshold:p/12-19", part="cut:mu_pt")
    assert isinstance(asked, Asked)
    assert asked.action == Claim(threshold="threshold:p/12-19", part="cut:mu_pt", evidence=QUOTE)
    assert read_place("threshold:hep-ex/0512020/12-19") == ("hep-ex/0512020", 12, 19)
    for wrong in ("threshold:p/x-y", "threshold:12-19", "p/12-19", "threshold:p/-1-5", "threshold:p/1-9999999999", ""):
        assert read_place(wrong) is None
        assert isinstance(read(do="claim", threshold=wrong, part="cut:mu_pt"), FieldProblem)
        assert isinstance(read(do="dismiss", threshold=wrong), FieldProblem)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("object 'muons', cut 'x': 'momentum': is not defined", "variable"),
        ("object 'muons', cut 'x', condition: 'pt >': expected an expression in Python syntax", "condition"),
        ("object 'muons', cut 'x': unit 'mm': expected the unit of an energy (GeV)", "unit"),
        ("object 'muons', cut 'x': no threshold: operator 'in' expected a list", "threshold"),
        ("cut 'mu_eta': the id is used twice; expected unique ids", "id"),
        ("there is no region 'nowhere'", ""),
    ],
)
def test_a_message_finds_its_field(message: str, field: str) -> None:
    fields = Fields([("variable", "momentum"), ("condition", "pt > "), ("threshold", "5")])
    assert place_problem(message, fields).field == field


TEXTS = st.one_of(
    st.sampled_from(["", "1", "-1", "5 GeV", "[1, 2)", "pt", "abs(eta)", "loose", ">", "between", "in", "pass", "a b"]),
    st.sampled_from(["m", "mu_pt", "id: x", "- 1", "{", "&a", "*a", "%", "!x", "? ", "\x85", "name: \u2028", "1e999"]),
    st.text(max_size=30),
)
NAMES = (
    "id", "variable", "operator", "threshold", "unit", "quantifier", "condition", "group", "words", "note", "yaml",
    "at", "to", "kind", "owner", "doc", "start", "end", "question", "alternative", "text", "seen", "why",
)  # fmt: skip
FORMS = st.fixed_dictionaries(
    {"do": st.one_of(st.sampled_from(sorted(READERS)), TEXTS), "part": st.one_of(st.sampled_from(ADDRESSES), TEXTS)},
    optional=dict.fromkeys(NAMES, TEXTS) | {"owner": st.one_of(st.sampled_from(ADDRESSES), TEXTS)},
)


@settings(max_examples=300, deadline=None)
@given(FORMS)
def test_no_form_is_too_strange(form: Mapping[str, str]) -> None:
    asked = read(**form)
    if isinstance(asked, FieldProblem):
        assert asked.text
        assert "\n" not in asked.text
        return
    if asked.action.do in ("undo", "redo"):
        return
    done = do(asked)
    if isinstance(done, str):
        assert "\n" not in done
    else:
        assert ReviewState.model_validate_json(done.model_dump_json(by_alias=True)) == done


def do(asked: Asked) -> ReviewState | str:
    """What the action comes to, or why it cannot be done."""
    try:
        return act(STATE, asked.action, "somebody", "2026-01-01T00:00:00+00:00", asked.why).state
    except CriteriaError as error:
        return str(error)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_body_is_too_strange(body: bytes) -> None:
    assert isinstance(read_fields(body), Fields | FieldProblem)
