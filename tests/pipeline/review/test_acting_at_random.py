"""Every action leaves criteria that are right, or is refused with one line and changes nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pipeline.review.acting import Background, act
from pipeline.review.parts import address_threshold, digest_part, list_parts
from pipeline.review.threshold_text import read_threshold
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    Threshold,
)
from schemas.errors import CriteriaError
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
    Reject,
    Remove,
    Reopen,
    Reply,
    ReviewState,
    TakeDefaults,
)
from schemas.validation import list_problems
from schemas.vocabulary import CutOperator
from tests.pipeline.review.acted import ASKED, ME, MORE, NOW, make_evidence, read
from tests.schemas.documents import cuts, objects, regions, removals, variables
from tests.schemas.examples import DIPHOTON, LEPTOQUARK

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


@given(st.one_of(cuts, objects, removals, variables, regions))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_actions_come_back_from_the_history_as_they_were(value: AnyPart) -> None:
    adapter: TypeAdapter[Action] = TypeAdapter(Action)
    for action in (Edit(part="cut:x", after=value), Add(added=value)):
        assert adapter.validate_json(adapter.dump_json(action, by_alias=True)) == action
