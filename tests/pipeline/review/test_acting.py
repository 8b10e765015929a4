"""What each action of a review does to criteria, and what it refuses."""

from collections.abc import Callable

import pytest

from pipeline.review.changes import list_changes
from pipeline.review.parts import count_progress, find_part, replace_part
from schemas.criteria import (
    Cut,
    NamedVariable,
    ObjectDefinition,
    Region,
    Threshold,
)
from schemas.criteria_yaml import parse_criteria
from schemas.errors import CriteriaError, UsageError
from schemas.review import (
    Accept,
    Action,
    Add,
    Attach,
    Edit,
    Move,
    Redo,
    Reject,
    Remove,
    Reopen,
    ReviewState,
    Undo,
)
from schemas.validation import list_cuts, list_problems
from tests.pipeline.review.acted import ASKED, ME, MORE, change, cut_of, do, make_evidence, read
from tests.schemas.examples import H4L, LEPTOQUARK


@pytest.fixture(scope="module")
def asked() -> ReviewState:
    return read(MORE + ASKED)


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
        (
            "variable:m4l",
            {"name": "mass4l"},
            "variable 'm4l' cannot be called otherwise: cut 'm34_low' and cut 'mass_w",
        ),
        ("region:preselection", {"name": "pre"}, "cannot be called otherwise: region 'signal' uses it"),
        (
            "cut:m12",
            {"id": "m_12"},
            "cut 'm12' cannot be called otherwise: question 'ends' and question 'which' use it",
        ),
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


def test_a_rejected_cut_is_edited_as_if_it_stood(asked: ReviewState) -> None:
    rejected = do(asked, Reject(part="cut:e_pt")).state
    cut = cut_of(rejected, "e_pt")
    far = cut.model_copy(update={"threshold": Threshold(value=8, unit="furlong")})
    with pytest.raises(CriteriaError, match="furlong"):
        do(rejected, Edit(part="cut:e_pt", after=far))
    with pytest.raises(CriteriaError, match="momentum"):
        do(rejected, change(rejected, "e_pt", "8", variable="momentum"))
    with pytest.raises(CriteriaError, match="region 'signal', cut 'e_pt'"):
        do(rejected, Move(part="cut:e_pt", owner="region:signal", at=0))
    edited = do(rejected, change(rejected, "e_pt", "8", id="e_pt8")).state
    assert cut_of(edited, "e_pt8").status == "rejected"
    broken = cut.model_copy(update={"variable": "momentum"})
    old = rejected.model_copy(update={"criteria": replace_part(rejected.criteria, "cut:e_pt", broken)})
    assert cut_of(do(old, change(old, "e_pt", "8", variable="pt")).state, "e_pt").variable == "pt"


def test_a_variable_that_is_called_otherwise_is_stored_under_its_new_name() -> None:
    state = read(LEPTOQUARK)
    variable = find_part(state.criteria, "variable:m_lq_min").value
    edit = Edit(part="variable:m_lq_min", after=variable.model_copy(update={"name": "m_min"}))
    assert do(state, edit).state.criteria.outputs == ("m_min", "m_lq_max")
    assert do(state, Remove(part="variable:m_lq_min")).state.criteria.outputs == ("m_lq_max",)


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
    with pytest.raises(CriteriaError, match="region 'preselection' cannot be removed: question 'ends' and "):
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


def test_every_cut_can_be_acted_on(asked: ReviewState) -> None:
    acts: tuple[Callable[[str], Action], ...] = (
        lambda a: Accept(parts=(a,)), lambda a: Attach(part=a, evidence=make_evidence("x", start=3)),
    )  # fmt: skip
    for cut in list_cuts(asked.criteria):
        for make in acts:
            assert do(asked, make(f"cut:{cut.id}")).changes
