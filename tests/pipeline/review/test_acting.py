"""Every action of a review leaves criteria that are right, or is refused with one line and changes nothing."""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pipeline.review.acting import Acted, Background, act
from pipeline.review.answering import find_asked
from pipeline.review.changes import list_changes
from pipeline.review.marks import rewrite_state
from pipeline.review.parts import address_threshold, count_progress, digest_part, find_part, list_parts
from pipeline.review.threshold_text import read_threshold
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    SelectionCriteria,
    Threshold,
)
from schemas.criteria_yaml import dump_criteria, parse_criteria
from schemas.errors import CriteriaError, UsageError
from schemas.evidence import Evidence
from schemas.review import (
    Accept,
    Action,
    Add,
    AnyPart,
    Attach,
    Claim,
    Dismiss,
    Edit,
    Move,
    Redo,
    Reject,
    Remove,
    Reopen,
    Reply,
    ReviewState,
    TakeDefaults,
    Undo,
)
from schemas.validation import list_cuts, list_problems
from schemas.vocabulary import CutOperator
from tests.schemas.documents import cuts, objects, regions, removals, variables
from tests.schemas.examples import DIPHOTON, H4L, LEPTOQUARK

NOW = "2026-11-21T12:00:00+00:00"
ME = "A. Physicist"
ASKED = """
questions:
  - id: ends
    text: do the ends belong to it?
    why: not said
    default: open
    cuts: [m12]
    alternatives:
      - {key: open, text: "no"}
      - {key: closed, text: "yes", changes: [
          {id: m12, variable: m12, operator: between, threshold: {range: [50, 106], unit: GeV, closed: both}}]}
      - {key: neither, text: "it does not hold", rejects: [m12]}
  - id: which
    text: dR or jpsi?
    why: they differ
    default: first
    cuts: [dR, jpsi]
    alternatives:
      - {key: first, text: the first, rejects: [jpsi]}
      - {key: second, text: the second, rejects: [dR]}
      - {key: none, text: neither, rejects: [dR, jpsi, m12]}
  - {id: words, text: what is loose?, why: no definition}
  - id: built
    text: which pair?
    why: not said
    alternatives:
      - key: pt
        text: by momentum
        candidates: [{name: z1, pair: leptons, require: [same_flavour, opposite_charge], maximise: pt(z1)}]
        objects: [{name: jets, base: jet, cuts: [
          {id: j_pt, variable: pt, operator: ">", threshold: {value: 25, unit: GeV}}]}]
        overlap: [{remove: jets, near: electrons, deltaR: 0.2}]
      - {key: mass, text: by mass}
"""
MORE = H4L.replace(
    "  - {name: z1, pair: leptons,",
    "  - {name: z1, pair: leptons, select: [{id: z1_pt, variable: z1.pt, operator: '>', "
    "threshold: {value: 1, unit: GeV}}],",
).replace("candidates:", "overlap: [{remove: muons, near: electrons, deltaR: 0.01}]\ncandidates:", 1)


def make_evidence(*quote: str, start: int = 0) -> Evidence:
    end = start + sum(map(len, quote))
    return Evidence(
        document_id="note", page=1, quote=quote or ("pT > 7 GeV",), spans=((start, end),), alignment="exact",
        number="ok", unit="ok", operator="ok", polarity="ok",
    )  # fmt: skip


def read(text: str, origin: str = "rules") -> ReviewState:
    """Criteria as a reader makes them: every part comes from the rules and has a quote."""
    criteria = parse_criteria(text, "criteria")
    content = json.loads(dump_criteria(criteria, "json"))

    def mark(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                mark(inner, name)
        elif isinstance(value, list) and key not in ("alternatives", "evidence"):
            for entry in value:
                if isinstance(entry, dict):
                    mark(entry)
                    if key in ("cuts", "select", "remove_overlap", "overlap", "candidates"):
                        entry.update(origin=origin, evidence=[json.loads(make_evidence().model_dump_json())])

    mark(content)
    return ReviewState(criteria=SelectionCriteria.model_validate(content))


@pytest.fixture(scope="module")
def asked() -> ReviewState:
    return read(MORE + ASKED)


def do(state: ReviewState, *actions: Action, by: str = ME, background: Background | None = None) -> Acted:
    """The actions one after the other; what the last one gives back."""
    acted = Acted(state, ())
    for action in actions:
        acted = act(acted.state, action, by, NOW, "because", background)
    return acted


def cut_of(state: ReviewState, name: str) -> Cut:
    cut = find_part(state.criteria, f"cut:{name}").value
    assert isinstance(cut, Cut)
    return cut


def change(state: ReviewState, name: str, text: str, **fields: object) -> Edit:
    """The edit of one cut's threshold, given as text, and of other fields."""
    cut = cut_of(state, name)
    assert cut.operator is not None
    threshold = read_threshold(text, cut.operator, cut.threshold.unit if cut.threshold else None)
    return Edit(part=f"cut:{name}", after=cut.model_copy(update={"threshold": threshold, **fields}))


# ---- properties: any action on any state

VALUES = st.sampled_from(["7", "12.5 GeV", "0.1", "-1", "[50, 106]", "105 to 160", "loose", "= m34", "0.2 * m4l"])
NAMES = st.sampled_from(["m12", "e_pt", "fresh", "z1", "muons", "initial", "odd name", "m4l", "preselection", "x" * 50])


@st.composite
def edits(draw: st.DrawFn, state: ReviewState) -> Edit:
    part = draw(st.sampled_from([p for p in list_parts(state.criteria) if p.kind != "question"]))
    value = part.value
    update: dict[str, object] = {}
    if isinstance(value, Cut):
        if draw(st.booleans()):
            operator: CutOperator = draw(st.sampled_from([">", "<=", "between", "in", "pass"]))
            try:
                update = {"operator": operator, "threshold": read_threshold(draw(VALUES), operator)}
            except CriteriaError:
                update = {"operator": "fail", "threshold": None}
        name = "id"
        update |= draw(st.sampled_from([{}, {"condition": "m4l > 5"}, {"group": "one"}, {"variable": "pt"}]))
    elif isinstance(value, OverlapRemoval | OverlapStep):
        name = "with_" if isinstance(value, OverlapRemoval) else "near"
        update = {"deltaR": draw(st.sampled_from([0.1, 0.3]))}
    else:
        name = "name"
        if isinstance(value, NamedVariable):
            update = {"expression": draw(st.sampled_from(["mass(z1)", "count(jets)", "met", "nonsense("]))}
    if draw(st.booleans()):
        update[name] = draw(NAMES)
    update |= draw(st.sampled_from([{}, {"note": "see the logbook"}]))
    quotes = draw(st.sampled_from([(), (make_evidence("a quote", start=70),)]))
    return Edit(part=part.address, after=value.model_copy(update=update), quotes=quotes)


@st.composite
def actions(draw: st.DrawFn, state: ReviewState) -> Action:
    parts = list_parts(state.criteria)
    address = draw(st.sampled_from([*(p.address for p in parts), "cut:nothing", "threshold:note/1-2", "odd"]))
    owner = draw(st.sampled_from([None, *(p.address for p in parts if p.owner is None)]))
    at = draw(st.sampled_from([None, 0, 1, 5, 99]))
    threshold = address_threshold("note", draw(st.integers(0, 2)), 3)
    evidence = make_evidence("some words", start=draw(st.integers(0, 2)))
    question = draw(st.sampled_from(["ends", "which", "words", "built", "none"]))
    new: list[AnyPart] = [
        Cut(id=draw(NAMES), variable="pt", operator=">", threshold=Threshold(value=5, unit="GeV"), status="rejected"),
        Cut(id="met_pt", variable="met", operator=">", threshold=Threshold(value=5, unit="GeV"), evidence=(evidence,)),
        ObjectDefinition(name=draw(NAMES), base="jet", cuts=(Cut(id="deep", variable="pt", operator="pass"),)),
        OverlapRemoval(with_="electrons", deltaR=0.3),
        OverlapStep(remove="muons", near="electrons", deltaR=0.3),
        Candidate(name=draw(NAMES), leading="jets", n=2),
        NamedVariable(name=draw(NAMES), expression="mass(z1)"),
        Region(name=draw(NAMES), parent=draw(st.sampled_from([None, "preselection", "fresh"]))),
    ]
    plain: list[Action] = [
        Accept(parts=(address,)),
        Accept(parts=tuple(p.address for p in parts if p.kind in ("cut", "removal"))),
        Reject(part=address),
        Reopen(part=address),
        Reopen(part=f"question:{question}"),
        Reopen(part=threshold),
        Add(owner=owner, added=draw(st.sampled_from(new)), at=at),
        Move(part=address, at=at or 0, owner=draw(st.sampled_from([None, owner]))),
        Remove(part=address),
        Attach(part=address, evidence=evidence),
        Reply(question=question, alternative=draw(st.sampled_from(["open", "closed", "first", "pt", "neither", "x"]))),
        Reply(question=question, text=draw(st.sampled_from(["as in the other paper", " "]))),
        TakeDefaults(),
        Claim(threshold=threshold, part=address, evidence=evidence),
        Dismiss(threshold=threshold),
    ]
    return draw(st.one_of(st.sampled_from(plain), edits(state)))


@given(st.data(), st.sampled_from([MORE + ASKED, DIPHOTON, LEPTOQUARK]), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_an_action_leaves_criteria_that_are_right_or_is_refused_in_one_line(
    data: st.DataObject, text: str, known: bool
) -> None:
    state = start = read(text)
    background = Background(asked=(lambda *_: start.criteria) if known else (lambda *_: None))
    for _ in range(data.draw(st.integers(1, 6))):
        action = data.draw(actions(state))
        again: Action = TypeAdapter(Action).validate_json(TypeAdapter(Action).dump_json(action, by_alias=True))
        assert again == action
        before = state.model_dump_json()
        refused = None
        try:
            acted = act(state, action, ME, NOW, background=background)
        except CriteriaError as error:
            refused = str(error)
        assert state.model_dump_json() == before
        if refused is not None:
            assert refused
            assert "\n" not in refused
            continue
        after = acted.state
        assert list_problems(after.criteria) == ()
        assert ReviewState.model_validate_json(after.model_dump_json(by_alias=True)) == after
        addresses = [p.address for p in list_parts(after.criteria)]
        assert len(set(addresses)) == len(addresses)
        assert {m.part for m in after.marks if m.part is not None} <= set(addresses)
        assert len({m.threshold for m in after.marks}) == len(after.marks)
        told = {c.part for c in acted.changes}
        old = {p.address: p.value for p in list_parts(state.criteria)}
        new = {p.address: p.value for p in list_parts(after.criteria)}
        different = {a for a in new if a not in old or digest_part(old[a]) != digest_part(new[a])}
        assert told
        assert {a for a in different if "#" not in a} <= told
        assert all(c.before != c.after for c in acted.changes)
        state = after


# ---- deciding


def test_accepting_is_a_named_persons_yes(asked: ReviewState) -> None:
    acted = do(asked, Accept(parts=("cut:e_pt", "removal:jets/muons", "step:muons/electrons", "candidate:z1")))
    cut = cut_of(acted.state, "e_pt")
    assert (cut.status, cut.by, cut.origin, cut.evidence) == ("accepted", ME, "rules", cut_of(asked, "e_pt").evidence)
    assert next((c.part, c.before, c.after) for c in acted.changes) == (
        "cut:e_pt", "pt > 7 GeV (proposed)", f"pt > 7 GeV (accepted by {ME})",
    )  # fmt: skip
    assert count_progress(acted.state).reviewed == 4
    with pytest.raises(CriteriaError, match="cut 'e_pt' is accepted already"):
        do(acted.state, Accept(parts=("cut:e_pt",)))
    with pytest.raises(CriteriaError, match="question 'ends' is neither accepted nor rejected; answer it"):
        do(asked, Accept(parts=("question:ends",)))
    with pytest.raises(CriteriaError, match="object 'jets' is neither accepted nor rejected; its cuts are"):
        do(asked, Accept(parts=("cut:e_pt", "object:jets")))
    with pytest.raises(CriteriaError, match="nobody's name is given"):
        do(asked, Accept(parts=("cut:e_pt",)), by=" \x00")


def test_a_rejected_cut_stays_and_is_undecided_again_when_reopened(asked: ReviewState) -> None:
    rejected = do(asked, Reject(part="cut:e_pt")).state
    assert (cut_of(rejected, "e_pt").status, cut_of(rejected, "e_pt").by) == ("rejected", ME)
    assert do(rejected, Reopen(part="cut:e_pt")).state == asked
    assert do(do(asked, Accept(parts=("cut:e_pt",))).state, Reopen(part="cut:e_pt")).state == asked
    with pytest.raises(CriteriaError, match=f"cut 'e_pt' is rejected already, by {ME}"):
        do(rejected, Reject(part="cut:e_pt"))
    with pytest.raises(CriteriaError, match="cut 'e_pt' is open: nobody accepted or rejected it"):
        do(asked, Reopen(part="cut:e_pt"))
    for part in ("candidate:z1", "variable:m4l"):
        with pytest.raises(CriteriaError, match="cannot be rejected, because expressions name it"):
            do(asked, Reject(part=part))


def test_an_edited_cut_that_is_rejected_and_reopened_is_an_edited_one(asked: ReviewState) -> None:
    edited = do(asked, change(asked, "e_pt", "9")).state
    again = do(edited, Reject(part="cut:e_pt"), Reopen(part="cut:e_pt")).state
    assert again == edited
    with pytest.raises(CriteriaError, match=f"cut 'e_pt' was edited by {ME}; undo the edit, or edit it again"):
        do(edited, Reopen(part="cut:e_pt"))


# ---- editing


def test_an_edited_cut_is_the_persons(asked: ReviewState) -> None:
    before = cut_of(asked, "e_pt")
    quote = make_evidence("more than 9 GeV", start=50)
    edit = change(asked, "e_pt", "9", agreement=None, origin="llm:other", evidence=(quote,))
    acted = do(asked, edit.model_copy(update={"quotes": (quote,)}))
    cut = cut_of(acted.state, "e_pt")
    assert (cut.status, cut.origin, cut.by, cut.agreement) == ("edited", "human", ME, None)
    assert (cut.evidence, cut.history, cut.note) == ((quote,), before.evidence, "was: pt > 7 GeV")
    assert [(c.before, c.after) for c in acted.changes] == [
        ("pt > 7 GeV (proposed; 1 quote; no note)", f"pt > 9 GeV (edited by {ME}; 1 quote, others; note: {cut.note})")
    ]
    twice = do(acted.state, change(acted.state, "e_pt", "11")).state
    cut = cut_of(twice, "e_pt")
    assert (cut.note, cut.evidence, cut.history) == ("was: pt > 7 GeV", (), (*before.evidence, quote))


def test_what_says_the_same_keeps_where_it_comes_from(asked: ReviewState) -> None:
    before = cut_of(asked, "e_pt")
    edit = change(asked, "e_pt", "7", note="as in the table", status="accepted", evidence=(), origin="human")
    cut = cut_of(do(asked, edit).state, "e_pt")
    assert cut == before.model_copy(update={"note": "as in the table"})
    renamed = do(asked, change(asked, "e_pt", "7", id="electron_pt")).state
    assert cut_of(renamed, "electron_pt") == before.model_copy(update={"id": "electron_pt"})
    with pytest.raises(CriteriaError, match="cut 'e_pt' reads so already"):
        do(asked, change(asked, "e_pt", "7"))


def test_the_printed_literal_is_no_part_of_what_a_cut_says() -> None:
    state = read(H4L.replace("threshold: {value: 7, unit: GeV}", "threshold: {value: 7, unit: GeV, literal: '7 GeV'}"))
    noted = cut_of(do(state, change(state, "e_pt", "7", note="seen")).state, "e_pt")
    assert noted.threshold == cut_of(state, "e_pt").threshold
    assert noted.status == "proposed"
    assert cut_of(do(state, change(state, "e_pt", "9")).state, "e_pt").threshold == Threshold(value=9, unit="GeV")


def test_an_owner_keeps_what_it_holds() -> None:
    asked = read(MORE)
    jets = find_part(asked.criteria, "object:jets").value
    assert isinstance(jets, ObjectDefinition)
    edit = Edit(part="object:jets", after=ObjectDefinition(name="hard_jets", base="jet", note="by hand"))
    acted = do(asked, edit)
    assert acted.state.criteria.objects[3] == jets.model_copy(update={"name": "hard_jets", "note": "by hand"})
    assert [c.part for c in acted.changes] == ["object:hard_jets"]
    region = Edit(part="region:signal", after=Region(name="sr", parent="preselection"))
    assert do(asked, region).state.criteria.regions[1].cuts == asked.criteria.regions[1].cuts


@pytest.mark.parametrize(
    ("part", "after", "said"),
    [
        (
            "object:muons",
            {"name": "mu"},
            "object 'muons' cannot be called otherwise: object 'leptons', overlap removal",
        ),
        ("candidate:higgs", {"name": "h"}, "candidate 'higgs' cannot be called otherwise: variable 'm4l', cut 'quad"),
        ("variable:m4l", {"name": "mass4l"}, "variable 'm4l' cannot be called otherwise: cut 'm34_low', cut 'mass_w"),
        ("region:preselection", {"name": "pre"}, "cannot be called otherwise: region 'signal' uses it"),
        ("cut:m12", {"id": "m_12"}, "cut 'm12' cannot be called otherwise: question 'ends', question 'which' use it"),
        ("cut:e_pt", {"id": "e_eta"}, "cut 'e_eta': the id is used twice; expected unique ids"),
        ("cut:e_pt", {"id": "e pt"}, "cut 'e pt': expected an id of letters"),
        ("cut:e_pt", {"variable": "ptt"}, "object 'electrons', cut 'e_pt': 'ptt'"),
        ("cut:e_pt", {"threshold": Threshold(value=7, unit="mm")}, "cut 'e_pt': unit 'mm': expected the unit of an en"),
        ("variable:m34", {"expression": "mass(z3)"}, "variable 'm34': 'z3' in 'mass(z3)': is not defined"),
        ("removal:jets/muons", {"with_": "taus"}, "object 'jets', remove_overlap: 'taus': expected a defined coll"),
        (
            "candidate:z1",
            {"minimise": "met.pt"},
            "candidate 'z1', minimise: 'met.pt' is the same for every combination",
        ),
    ],
)
def test_an_edit_that_is_wrong_is_refused_and_names_why(
    asked: ReviewState, part: str, after: dict[str, object], said: str
) -> None:
    value = find_part(asked.criteria, part).value
    with pytest.raises(CriteriaError) as caught:
        do(asked, Edit(part=part, after=value.model_copy(update=after)))
    assert said in str(caught.value)


def test_a_variable_that_is_called_otherwise_is_stored_under_its_new_name() -> None:
    state = read(LEPTOQUARK)
    variable = find_part(state.criteria, "variable:m_lq_min").value
    edit = Edit(part="variable:m_lq_min", after=variable.model_copy(update={"name": "m_min"}))
    assert do(state, edit).state.criteria.outputs == ("m_min", "m_lq_max")
    assert do(state, Remove(part="variable:m_lq_min")).state.criteria.outputs == ("m_lq_max",)


# ---- adding, moving, removing


def test_an_added_cut_is_the_persons_and_may_be_taken_out_again(asked: ReviewState) -> None:
    quote = make_evidence("missing momentum above 30 GeV")
    cut = Cut(id="met_pt", variable="met", operator=">", threshold=Threshold(value=30, unit="GeV"), evidence=(quote,))
    acted = do(asked, Add(owner="region:preselection", added=cut, at=2))
    added = find_part(acted.state.criteria, "cut:met_pt")
    assert (added.owner, added.index) == ("region:preselection", 2)
    assert added.value == cut.model_copy(update={"status": "accepted", "by": ME})
    assert [(c.part, c.before, c.after) for c in acted.changes] == [("cut:met_pt", None, "met > 30 GeV")]
    assert do(acted.state, Remove(part="cut:met_pt")).state == asked
    for wrong, said in (
        (Add(added=cut), "cut: it belongs to an object or a candidate or a region; say to which"),
        (Add(owner="variable:m4l", added=cut), "cut: variable 'm4l' cannot hold it; expected an object"),
        (Add(owner="region:nowhere", added=cut), "there is no region 'nowhere'"),
        (Add(owner="region:signal", added=cut.model_copy(update={"id": "e_pt"})), "there is a cut 'e_pt' already"),
        (Add(owner="region:signal", added=cut, at=7), "cut: there is no place 8 here; expected 1 to 2"),
        (
            Add(owner="object:jets", added=cut.model_copy(update={"variable": "nn"})),
            "object 'jets', cut 'met_pt': 'nn'",
        ),
    ):
        with pytest.raises(CriteriaError, match=said):
            do(asked, wrong)


def test_a_new_object_comes_with_its_cuts(asked: ReviewState) -> None:
    cut = Cut(id="ph_pt", variable="pt", operator=">", threshold=Threshold(value=15, unit="GeV"), origin="rules")
    acted = do(asked, Add(added=ObjectDefinition(name="photons", base="photon", cuts=(cut,)), at=0))
    assert acted.state.criteria.objects[0].cuts == (
        cut.model_copy(update={"origin": "human", "status": "accepted", "by": ME}),
    )
    assert [c.part for c in acted.changes] == ["object:photons", "cut:ph_pt"]


def test_what_comes_from_the_paper_is_rejected_not_removed(asked: ReviewState) -> None:
    with pytest.raises(CriteriaError, match="cut 'e_pt' comes from the paper; reject it, so that it stays on record"):
        do(asked, Remove(part="cut:e_pt"))
    edited = do(asked, change(asked, "e_pt", "9")).state
    with pytest.raises(CriteriaError, match="comes from the paper"):
        do(edited, Remove(part="cut:e_pt"))
    with pytest.raises(CriteriaError, match="object 'muons' cannot be removed: object 'leptons', "):
        do(asked, Remove(part="object:muons"))
    with pytest.raises(CriteriaError, match="question 'ends' cannot be removed; answer it"):
        do(asked, Remove(part="question:ends"))
    with pytest.raises(CriteriaError, match="region 'preselection' cannot be removed: region 'signal' uses it"):
        do(asked, Remove(part="region:preselection"))
    acted = do(asked, Remove(part="region:signal"))
    assert [(c.part, c.after) for c in acted.changes] == [("region:signal", None), ("cut:mass_window", None)]
    with pytest.raises(CriteriaError, match="region 'preselection' cannot be removed: question 'ends', "):
        do(acted.state, Remove(part="region:preselection"))


def test_a_cut_moves_within_its_region_and_to_another(asked: ReviewState) -> None:
    within = do(asked, Move(part="cut:dR", at=0))
    assert within.state.criteria.regions[0].cuts[0] == cut_of(asked, "dR")
    assert [(c.part, c.before, c.after) for c in within.changes] == [
        ("cut:dR", "8th in region 'preselection'", "1st in region 'preselection'")
    ]
    elsewhere = do(asked, Move(part="cut:dR", at=1, owner="region:signal"))
    moved = find_part(elsewhere.state.criteria, "cut:dR")
    assert (moved.owner, moved.index) == ("region:signal", 1)
    cut = cut_of(elsewhere.state, "dR")
    assert (cut.status, cut.by, cut.history) == ("edited", ME, cut_of(asked, "dR").evidence)
    assert cut.note == "was: deltaR(pairs(higgs.leptons)) > 0.1, in region preselection"
    for wrong, said in (
        (Move(part="cut:dR", at=7), "cut 'dR' stands there already"),
        (Move(part="cut:dR", at=0, owner="object:jets"), "object 'jets', cut 'dR'"),
        (Move(part="removal:jets/muons", at=0, owner="object:muons"), "only cuts can"),
        (Move(part="object:leptons", at=0), "object 'leptons': 'electrons' is defined further down"),
        (Move(part="question:ends", at=1), "questions have no order"),
    ):
        with pytest.raises(CriteriaError, match=said):
            do(asked, wrong)


# ---- questions


def test_an_answer_changes_what_its_alternative_says(asked: ReviewState) -> None:
    acted = do(asked, Reply(question="ends", alternative="closed"))
    cut = cut_of(acted.state, "m12")
    assert cut.threshold is not None
    assert (cut.threshold.closed, cut.status, cut.by) == ("both", "accepted", None)
    assert [c.part for c in acted.changes] == ["cut:m12", "question:ends"]
    assert (acted.changes[1].before, acted.changes[1].after) == ("open", f"yes, says {ME}")
    said = do(asked, Reply(question="words", text=" as defined elsewhere ")).state.criteria.questions[2].answer
    assert said is not None
    assert (said.text, said.by, said.at, said.alternative) == ("as defined elsewhere", ME, NOW, None)
    for wrong, expected in (
        (Reply(question="ends"), "question 'ends': expected one of its alternatives, or words of your own"),
        (Reply(question="ends", alternative="open", text="both"), "expected one of its alternatives, or words"),
        (Reply(question="ends", alternative="x"), "question 'ends' has no alternative 'x'; it has open, closed, nei"),
        (Reply(question="nothing", alternative="x"), "there is no question 'nothing'"),
    ):
        with pytest.raises(CriteriaError, match=expected):
            do(asked, wrong)


def test_defaults_are_taken_where_there_are_any(asked: ReviewState) -> None:
    acted = do(asked, TakeDefaults())
    assert [q.id for q in acted.state.criteria.questions if q.answer is None] == ["words", "built"]
    assert cut_of(acted.state, "jpsi").status == "rejected"
    with pytest.raises(CriteriaError, match="no open question has a documented default"):
        do(acted.state, TakeDefaults())


@pytest.mark.parametrize(
    ("question", "key"),
    [("ends", "open"), ("ends", "closed"), ("ends", "neither"), ("which", "none"), ("built", "pt"), ("built", "mass")],
)
def test_a_question_that_is_opened_again_leaves_everything_as_it_was(
    asked: ReviewState, question: str, key: str
) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    answered = do(asked, Reply(question=question, alternative=key)).state
    assert do(answered, Reopen(part=f"question:{question}"), background=background).state == asked


def test_what_was_decided_since_the_answer_stays_when_the_question_is_opened_again(asked: ReviewState) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    answered = do(asked, Reply(question="which", alternative="none")).state
    decided = do(answered, Accept(parts=("cut:dR",)), change(answered, "m12", "40 to 106")).state
    opened = do(decided, Reopen(part="question:which"), background=background).state
    assert (cut_of(opened, "dR").status, cut_of(opened, "dR").by) == ("accepted", ME)
    assert cut_of(opened, "m12").threshold == Threshold(range=(40, 106), unit="GeV")
    assert cut_of(opened, "jpsi") == cut_of(asked, "jpsi")
    built = do(asked, Reply(question="built", alternative="pt")).state
    other = do(built, change(built, "j_pt", "35"), Add(owner="object:jets", added=cut_of(asked, "e_eta").model_copy(
        update={"id": "j_central"}))).state  # fmt: skip
    jets = do(other, Reopen(part="question:built"), background=background).state.criteria.objects[3]
    assert [c.id for c in jets.cuts] == ["j_pt", "j_eta", "j_central"]
    assert jets.cuts[0].threshold == Threshold(value=35, unit="GeV")
    assert [r.with_ for r in jets.remove_overlap] == ["muons", "electrons"]


def test_another_standing_answer_keeps_its_word_until_it_is_taken_back(asked: ReviewState) -> None:
    states = [asked.criteria]
    background = Background(asked=lambda *questions: find_asked(reversed(states), questions))

    def answer(*actions: Action) -> ReviewState:
        state = ReviewState(criteria=states[-1])
        for action in actions:
            state = do(state, action, background=background).state
            states.append(state.criteria)
        return state

    state = answer(Reply(question="ends", alternative="neither"), Reply(question="which", alternative="none"))
    assert cut_of(state, "m12").status == "rejected"
    state = answer(Reopen(part="question:ends"))
    assert cut_of(state, "m12").status == "rejected"
    state = answer(Reopen(part="question:which"))
    assert state == asked
    state = answer(
        Reply(question="ends", alternative="closed"),
        Reply(question="which", alternative="none"),
        Reply(question="ends", alternative="open"),
        Reopen(part="question:which"),
        Reopen(part="question:ends"),
    )
    assert state == asked


def test_another_answer_changes_what_it_would_have_changed_at_first(asked: ReviewState) -> None:
    background = Background(asked=lambda *_: asked.criteria)
    first = do(asked, Reply(question="which", alternative="first")).state
    second = do(first, Reply(question="which", alternative="second"), background=background).state
    assert second == do(asked, Reply(question="which", alternative="second")).state


def test_without_a_record_only_what_was_left_out_can_come_back(asked: ReviewState) -> None:
    left_out = do(asked, Reply(question="which", alternative="first")).state
    assert do(left_out, Reopen(part="question:which")).state == asked
    mine = do(asked, Reject(part="cut:jpsi"), Reply(question="which", alternative="first")).state
    assert cut_of(do(mine, Reopen(part="question:which")).state, "jpsi").status == "rejected"
    with pytest.raises(CriteriaError, match="question 'ends': what its answer changed is not on record"):
        do(do(asked, Reply(question="ends", alternative="closed")).state, Reopen(part="question:ends"))
    with pytest.raises(CriteriaError, match="question 'ends' is open: nobody answered it"):
        do(asked, Reopen(part="question:ends"))


# ---- quotes and thresholds


def test_what_a_person_points_at_stands_first(asked: ReviewState) -> None:
    quote = make_evidence("electrons above 7 GeV", start=90)
    acted = do(asked, Attach(part="cut:e_pt", evidence=quote))
    assert cut_of(acted.state, "e_pt").evidence == (quote, *cut_of(asked, "e_pt").evidence)
    assert [(c.before, c.after) for c in acted.changes] == [("pt > 7 GeV (1 quote)", "pt > 7 GeV (2 quotes)")]
    with pytest.raises(CriteriaError, match="cut 'e_pt' has this quote already"):
        do(acted.state, Attach(part="cut:e_pt", evidence=quote))
    with pytest.raises(CriteriaError, match="region 'signal' has no quotes; its cuts have"):
        do(asked, Attach(part="region:signal", evidence=quote))


def test_a_threshold_is_claimed_dismissed_and_unclaimed_again(asked: ReviewState) -> None:
    quote = make_evidence("pT > 7 GeV, say", start=90)
    threshold = address_threshold("hep-ex/9901001", 95, 99)
    here = quote.model_copy(update={"document_id": "hep-ex/9901001"})
    background = Background(thresholds={threshold: "… pT > 7 GeV …"})
    claimed = do(asked, Claim(threshold=threshold, part="cut:e_pt", evidence=here), background=background)
    (mark,) = claimed.state.marks
    assert (mark.text, mark.part, mark.by, mark.at, mark.why) == ("… pT > 7 GeV …", "cut:e_pt", ME, NOW, "because")
    assert cut_of(claimed.state, "e_pt").evidence[-1] == here
    assert [c.part for c in claimed.changes] == ["cut:e_pt", threshold]
    assert claimed.changes[1].after == f"… pT > 7 GeV … (belongs to cut 'e_pt', says {ME})"
    dismissed = do(claimed.state, Dismiss(threshold=threshold), background=background).state
    assert [m.part for m in dismissed.marks] == [None]
    assert dismissed.criteria == asked.criteria
    assert do(claimed.state, Reopen(part=threshold)).state == asked
    for wrong, said in (
        (Dismiss(threshold=address_threshold("note", 1, 2)), "there is no threshold 'note/1-2' in the coverage"),
        (Dismiss(threshold="cut:e_pt"), "'cut:e_pt' names no printed threshold"),
        (Reopen(part=threshold), "is neither claimed nor dismissed"),
        (Claim(threshold=threshold, part="region:signal", evidence=here), "region 'signal' has no quotes; say to whi"),
    ):
        with pytest.raises(CriteriaError, match=said):
            do(asked, wrong, background=background)


def test_a_mark_follows_its_part(asked: ReviewState) -> None:
    quote = make_evidence("pT > 7 GeV, say", start=90)
    claim = Claim(threshold=address_threshold("note", 95, 99), part="cut:e_pt", evidence=quote)
    claimed = do(asked, claim).state
    renamed = do(claimed, change(claimed, "e_pt", "7", id="electron_pt")).state
    assert [m.part for m in renamed.marks] == ["cut:electron_pt"]
    step = OverlapStep(remove="muons", near="electrons", deltaR=0.3)
    added = do(asked, Add(added=step, at=0), Add(added=step, at=1)).state
    claim = claim.model_copy(update={"part": "step:muons/electrons#2"})
    fewer = do(do(added, claim).state, Remove(part="step:muons/electrons")).state
    assert [m.part for m in fewer.marks] == ["step:muons/electrons"]
    assert do(fewer, Remove(part="step:muons/electrons")).state.marks == ()
    assert rewrite_state(claimed, claimed.criteria) == claimed
    assert rewrite_state(claimed, SelectionCriteria()).marks == ()


# ---- states


def test_criteria_that_are_wrong_may_be_repaired_bit_by_bit(asked: ReviewState) -> None:
    text = H4L.replace("{name: m34, expression: mass(z2)}", "{name: m34, expression: mass(z3)}")
    broken = parse_criteria(text.replace("mu_eta, variable: abs(eta)", "mu_eta, variable: nn"), "broken")
    state = ReviewState(criteria=broken)
    assert len(list_problems(broken)) == 2
    assert do(state, Accept(parts=("cut:e_pt",))).state.criteria != broken
    fixed = do(state, Edit(part="variable:m34", after=NamedVariable(name="m34", expression="mass(z2)"))).state
    assert len(list_problems(fixed.criteria)) == 1
    with pytest.raises(CriteriaError, match="cut 'e_pt': 'mm'"):
        do(state, change(state, "e_pt", "7", variable="mm"))


def test_undo_and_redo_are_no_actions_on_criteria(asked: ReviewState) -> None:
    for action in (Undo(), Redo()):
        with pytest.raises(UsageError, match="is an action on the history"):
            do(asked, action)


def test_changes_between_any_two_states_tell_the_fewest_moves(asked: ReviewState) -> None:
    moved = do(asked, Move(part="cut:dR", at=1), Accept(parts=("cut:jpsi",))).state
    assert [(c.part, c.after) for c in list_changes(asked, moved)] == [
        ("cut:jpsi", f"mass(pairs(higgs.leptons, same_flavour, opposite_charge)) > 5 GeV (accepted by {ME})"),
        ("cut:dR", "2nd in region 'preselection'"),
    ]
    assert list_changes(asked, asked) == ()


@given(st.one_of(cuts, objects, removals, variables, regions))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_actions_come_back_from_the_history_as_they_were(value: AnyPart) -> None:
    adapter: TypeAdapter[Action] = TypeAdapter(Action)
    for action in (Edit(part="cut:x", after=value), Add(added=value)):
        assert adapter.validate_json(adapter.dump_json(action, by_alias=True)) == action


def test_every_cut_can_be_acted_on(asked: ReviewState) -> None:
    acts: tuple[Callable[[str], Action], ...] = (
        lambda a: Accept(parts=(a,)), lambda a: Attach(part=a, evidence=make_evidence("x", start=3)),
    )  # fmt: skip
    for cut in list_cuts(asked.criteria):
        for make in acts:
            assert do(asked, make(f"cut:{cut.id}")).changes
