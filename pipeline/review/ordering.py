"""Parts that are added, moved and taken out."""

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.review import provenance, uses
from pipeline.review.marks import follow_parts
from pipeline.review.parts import (
    NOUNS,
    Decided,
    change_like,
    find_kind,
    find_part,
    list_like,
    list_parts,
    name_part,
    replace_part,
)
from schemas.criteria import Cut, NamedVariable, Question, SelectionCriteria
from schemas.cut_words import word_cut
from schemas.errors import CriteriaError
from schemas.review import Add, Move, Remove, ReviewState


class Step(NamedTuple):
    """A new state, and the new addresses of parts by their old ones."""

    state: ReviewState
    renamed: Mapping[str, str] = {}
    moved: str | None = None


def add_part(state: ReviewState, action: Add, by: str) -> ReviewState:
    """A new part in its place. Raises CriteriaError where its name is taken or it has no place."""
    kind = find_kind(action.added)
    if action.owner is not None:
        find_part(state.criteria, action.owner)
    added = provenance.add(action.added, by)
    taken = uses.list_names(added) & {
        n for p in list_parts(state.criteria) if p.kind == kind for n in uses.list_names(p.value)
    }
    if taken:
        raise CriteriaError(f"there is a {NOUNS[kind]} '{min(taken)}' already; choose another name")
    places = len(list_like(state.criteria, kind, action.owner))
    place = _check_place(places if action.at is None else action.at, places, NOUNS[kind])
    return _with(
        state, change_like(state.criteria, kind, action.owner, lambda own: (*own[:place], added, *own[place:]))
    )


def move_part(state: ReviewState, action: Move, by: str) -> Step:
    """A part in another place. Raises CriteriaError where it cannot go there, or stands there."""
    criteria = state.criteria
    part = find_part(criteria, action.part)
    owner = part.owner if action.owner is None else find_part(criteria, action.owner).address
    value = part.value
    if part.kind == "question":
        raise CriteriaError("questions have no order")
    if owner != part.owner:
        if not isinstance(value, Cut):
            raise CriteriaError(f"{name_part(part.address)} cannot go to another owner; only cuts can")
        value = _change_owner(value, part.owner or "", by)
    places = len(list_like(criteria, part.kind, owner)) - (owner == part.owner)
    place = _check_place(action.at, places, NOUNS[part.kind])
    if owner == part.owner and place == part.index:
        raise CriteriaError(f"{name_part(part.address)} stands there already")
    taken = replace_part(criteria, part.address, None)
    moved = change_like(taken, part.kind, owner, lambda own: (*own[:place], value, *own[place:]))
    renamed = _find_renamed(criteria, moved)
    return Step(follow_parts(_with(state, moved), renamed), renamed, renamed.get(part.address, part.address))


def _change_owner(cut: Cut, owner: str, by: str) -> Cut:
    """A cut that holds for something else is another requirement: the person's."""
    status = "rejected" if cut.status == "rejected" else "edited"
    note = provenance.note_past(cut, cut.note, f"{word_cut(cut)}, in {owner.replace(':', ' ', 1)}")
    past = (*cut.history, *(e for e in cut.evidence if e not in cut.history))
    return cut.model_copy(
        update={
            "status": status, "origin": "human", "by": by, "agreement": None, "evidence": (), "history": past,
            "note": note,
        }
    )  # fmt: skip


def remove_part(state: ReviewState, action: Remove) -> ReviewState:
    """A part taken out, with what it holds. Raises CriteriaError where it comes from the paper or is used."""
    part = find_part(state.criteria, action.part)
    value = part.value
    if isinstance(value, Question):
        raise CriteriaError(f"{name_part(part.address)} cannot be removed; answer it")
    if part.kind in ("cut", "removal", "step") and isinstance(value, Decided) and not provenance.is_added(value):
        raise CriteriaError(f"{name_part(part.address)} comes from the paper; reject it, so that it stays on record")
    uses.refuse_used(state.criteria, part, uses.list_names(value), "cannot be removed")
    asking = uses.list_questions(state.criteria, uses.list_cut_ids(value))
    if asking:
        verb = "ask" if len(asking) > 1 else "asks"
        raise CriteriaError(
            f"{name_part(part.address)} cannot be removed: {uses.join_names(asking)} {verb} about its cuts"
        )
    changed = replace_part(state.criteria, part.address, None)
    if isinstance(value, NamedVariable):
        changed = changed.model_copy(update={"outputs": tuple(n for n in changed.outputs if n != value.name)})
    gone = frozenset(p.address for p in list_parts(state.criteria) if part.address in (p.address, p.owner))
    return follow_parts(_with(state, changed), _find_renamed(state.criteria, changed), gone)


def _find_renamed(before: SelectionCriteria, after: SelectionCriteria) -> dict[str, str]:
    """New addresses of the parts that kept their value and lost their address, as removals with a number do."""
    now = {id(p.value): p.address for p in list_parts(after)}
    return {
        p.address: now[id(p.value)] for p in list_parts(before) if id(p.value) in now and now[id(p.value)] != p.address
    }


def _check_place(at: int, places: int, noun: str) -> int:
    if not 0 <= at <= places:
        known = f"1 to {places + 1}" if places else "1"
        raise CriteriaError(f"{noun}: there is no place {at + 1} here; expected {known}")
    return at


def _with(state: ReviewState, criteria: SelectionCriteria) -> ReviewState:
    return state.model_copy(update={"criteria": criteria})
