"""Every action of a review as a pure function: from one state to the next, or a line that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.review import answering, provenance, uses
from pipeline.review.changes import list_changes
from pipeline.review.marks import claim, dismiss, drop_mark, follow_parts
from pipeline.review.ordering import Step, add_part, move_part, remove_part
from pipeline.review.parts import (
    NOUNS,
    Decided,
    Part,
    find_kind,
    find_part,
    list_parts,
    name_part,
    replace_part,
    replace_parts,
)
from schemas.criteria import Candidate, NamedVariable, ObjectDefinition, Question, Region, SelectionCriteria
from schemas.errors import CriteriaError, UsageError
from schemas.review import (
    Accept,
    Action,
    Add,
    AnyPart,
    Attach,
    Change,
    Claim,
    Dismiss,
    Edit,
    Move,
    Reject,
    Remove,
    Reopen,
    Reply,
    ReviewState,
    Shown,
    TakeDefaults,
)
from schemas.validation import list_problems


class Acted(NamedTuple):
    """The next state, and what is different in it."""

    state: ReviewState
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Background:
    """What is on record outside of the state."""

    asked: answering.Asked = lambda *_: None
    """The criteria as they read when some questions were last open."""
    thresholds: Mapping[str, str] = field(default_factory=dict)
    """By the address of a printed threshold: how it is printed. When empty, any threshold may be marked."""


def act(
    state: ReviewState, action: Action, by: str, at: str, why: str | None = None, background: Background | None = None
) -> Acted:
    """What the action makes of the state, in the name of `by`; `at` is ISO 8601.

    Raises CriteriaError, and nothing is changed, where a part does not exist or is used, where the result would not
    validate, and where nothing would change. Undo, redo and rewriting are not done here but with the history.
    """
    by = " ".join("".join(c if c.isprintable() else " " for c in by).split())
    if not by:
        raise CriteriaError("nobody's name is given; say who it is with --by")
    step = _do(state, action, by, at, why, background or Background())
    _check_no_worse(state.criteria, step.state.criteria)
    if isinstance(action, Edit | Move):
        now = step.renamed.get(action.part, action.part)
        _check_no_worse(_let_stand(state.criteria, action.part), _let_stand(step.state.criteria, now))
    changes = list_changes(state, step.state, step.renamed, step.moved)
    if not changes:
        raise CriteriaError("nothing changes: it reads so already")
    return Acted(step.state, changes)


def _do(state: ReviewState, action: Action, by: str, at: str, why: str | None, background: Background) -> Step:
    match action:
        case Accept():
            return Step(_accept(state, action, by))
        case Reject():
            part, decided = _find_decided(state.criteria, action.part)
            return Step(_put(state, part, provenance.reject(decided, part.address, by)))
        case Reopen():
            return Step(_reopen(state, action, by, background))
        case Edit():
            return _edit(state, action, by)
        case Add():
            return Step(add_part(state, action, by))
        case Move():
            return move_part(state, action, by)
        case Remove():
            return Step(remove_part(state, action))
        case Attach():
            return Step(_attach(state, action))
        case Reply():
            return Step(_reply(state, action, by, at, background))
        case TakeDefaults():
            return Step(_take_defaults(state, by, at))
        case Claim():
            return Step(claim(state, action, background.thresholds, by, at, why))
        case Dismiss():
            return Step(dismiss(state, action, background.thresholds, by, at, why))
        case _:
            raise UsageError(f"'{action.do}' is an action on the history, not on the criteria")


def _accept(state: ReviewState, action: Accept, by: str) -> ReviewState:
    known = {p.address: p for p in list_parts(state.criteria)}
    accepted: dict[str, Shown] = {}
    for address in action.parts:
        part = known.get(address) or find_part(state.criteria, address)
        accepted[address] = provenance.accept(_expect_decided(part), by)
        if accepted[address] is part.value and len(action.parts) == 1:
            raise CriteriaError(f"{name_part(address)} is {_expect_decided(part).status} already")
    return _with(state, replace_parts(state.criteria, accepted))


def _reopen(state: ReviewState, action: Reopen, by: str, background: Background) -> ReviewState:
    kind, _, name = action.part.partition(":")
    if kind == "threshold":
        return drop_mark(state, action.part)
    if kind == "question":
        return _with(state, answering.take_back(state.criteria, name, background.asked))
    part, decided = _find_decided(state.criteria, action.part)
    return _put(state, part, provenance.reopen(decided, part.address, by))


def _edit(state: ReviewState, action: Edit, by: str) -> Step:
    part = find_part(state.criteria, action.part)
    before, after = part.value, action.after
    if isinstance(before, Question) or type(before) is not type(after):
        raise CriteriaError(f"{name_part(part.address)}: a {NOUNS[find_kind(after)]} cannot stand in its place")
    edited: AnyPart = after
    if isinstance(before, Decided) and isinstance(after, Decided):
        edited = provenance.edit(before, after, action.quotes, by)
    if isinstance(before, ObjectDefinition | Candidate | Region) and isinstance(
        edited, ObjectDefinition | Candidate | Region
    ):
        edited = provenance.keep_held(before, edited)
    if edited == before:
        raise CriteriaError(f"{name_part(part.address)} reads so already")
    gone = uses.list_names(before) - uses.list_names(edited)
    uses.refuse_used(state.criteria, part, gone, "cannot be called otherwise")
    changed = replace_part(state.criteria, part.address, edited)
    if isinstance(before, NamedVariable) and isinstance(edited, NamedVariable):
        outputs = tuple(edited.name if name == before.name else name for name in changed.outputs)
        changed = changed.model_copy(update={"outputs": outputs})
    old, new = list_parts(state.criteria), list_parts(changed)
    renamed = {a.address: b.address for a, b in zip(old, new, strict=True) if a.address != b.address}
    return Step(follow_parts(_with(state, changed), renamed), renamed)


def _attach(state: ReviewState, action: Attach) -> ReviewState:
    part = find_part(state.criteria, action.part)
    value = part.value
    if isinstance(value, ObjectDefinition | Region):
        raise CriteriaError(f"{name_part(part.address)} has no quotes; its cuts have")
    if action.evidence in value.evidence:
        raise CriteriaError(f"{name_part(part.address)} has this quote already")
    return _put(state, part, value.model_copy(update={"evidence": (action.evidence, *value.evidence)}))


def _reply(state: ReviewState, action: Reply, by: str, at: str, background: Background) -> ReviewState:
    """An answered question is opened first, so that another answer changes what this one would have."""
    criteria = state.criteria
    answer = answering.find_question(criteria, action.question).answer
    if answer is not None:
        if (answer.alternative, answer.text) == (action.alternative, action.text):
            raise CriteriaError(f"question '{action.question}' is answered so already, by {answer.by}")
        criteria = answering.take_back(criteria, action.question, background.asked)
    return _with(state, answering.reply(criteria, action, by, at))


def _take_defaults(state: ReviewState, by: str, at: str) -> ReviewState:
    from extract.assembling.answers import accept_defaults, list_answerable

    if not list_answerable(state.criteria):
        raise CriteriaError("no open question has a documented default that leaves alone what a person accepted")
    return _with(state, accept_defaults(state.criteria, by, at))


def _find_decided(criteria: SelectionCriteria, address: str) -> tuple[Part, Decided]:
    part = find_part(criteria, address)
    return part, _expect_decided(part)


def _expect_decided(part: Part) -> Decided:
    if isinstance(part.value, Decided):
        return part.value
    advice = "answer it" if part.kind == "question" else "its cuts are"
    raise CriteriaError(f"{name_part(part.address)} is neither accepted nor rejected; {advice}")


def _check_no_worse(before: SelectionCriteria, after: SelectionCriteria) -> None:
    """Raises CriteriaError for the first problem that was not there; a repair may show what it has hidden."""
    found = list_problems(after)
    if not found:
        return
    known = list_problems(before)
    new = [problem for problem in found if problem not in known]
    if new and not set(known) - set(found):
        raise CriteriaError(new[0])


def _let_stand(criteria: SelectionCriteria, address: str) -> SelectionCriteria:
    """The criteria as if the part were not rejected: what is rejected is not checked, and may be taken back."""
    value = find_part(criteria, address).value
    if not isinstance(value, Decided) or value.status != "rejected":
        return criteria
    return replace_part(criteria, address, value.model_copy(update={"status": "edited"}))


def _put(state: ReviewState, part: Part, value: Decided | Question) -> ReviewState:
    return _with(state, replace_part(state.criteria, part.address, value))


def _with(state: ReviewState, criteria: SelectionCriteria) -> ReviewState:
    return state.model_copy(update={"criteria": criteria})
