"""The parts of criteria that a person looks at one by one: their addresses, their words, whether they were reviewed."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Question,
    Region,
    SelectionCriteria,
)
from schemas.cut_words import word_candidate, word_cut, word_object, word_removal, word_variable
from schemas.errors import CriteriaError
from schemas.expressions.parser import suggest
from schemas.review import PartKind, ReviewState, Shown

Decided = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable  # parts with a status
Owner = ObjectDefinition | Candidate | Region  # parts that hold others, which are parts of their own

KINDS: dict[type[Shown], PartKind] = {
    Cut: "cut", ObjectDefinition: "object", OverlapRemoval: "removal", OverlapStep: "step", Candidate: "candidate",
    NamedVariable: "variable", Region: "region", Question: "question",
}  # fmt: skip
NOUNS: dict[PartKind, str] = {
    "cut": "cut", "object": "object", "removal": "overlap removal", "step": "line of the overlap removal",
    "candidate": "candidate", "variable": "variable", "region": "region", "question": "question",
    "threshold": "threshold",
}  # fmt: skip
HELD = frozenset({"cuts", "remove_overlap", "select"})  # fields with parts of their own

_LISTS: dict[PartKind, str] = {
    "object": "objects", "step": "overlap", "candidate": "candidates", "variable": "variables", "region": "regions",
    "question": "questions",
}  # fmt: skip
_HELD_LISTS: dict[tuple[str, PartKind], str] = {
    ("object", "cut"): "cuts", ("object", "removal"): "remove_overlap", ("candidate", "cut"): "select",
    ("region", "cut"): "cuts",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part with its place."""

    address: str
    kind: PartKind
    owner: str | None
    """Address of the object, candidate or region that holds it."""
    value: Shown
    index: int
    """Its place among its like, from 0: among the cuts of its owner, among the objects of the document, …"""


class Progress(NamedTuple):
    """How far a review has come: parts that carry a requirement, and questions."""

    reviewed: int
    all: int


def list_parts(criteria: SelectionCriteria) -> tuple[Part, ...]:
    """All parts in the order of a page: objects with their cuts and removals, the ordered overlap removal, candidates
    with the cuts of their combinations, variables, regions with their cuts, questions.

    Addresses are unique: of two removals of one pair the second is `removal:jets/muons#2`.
    """
    taken: set[str] = set()

    def place(value: Shown, index: int, owner: Part | None = None) -> Part:
        address = wanted = address_part(value, owner.value if owner is not None else None)
        number = 1
        while address in taken:
            number += 1
            address = f"{wanted}#{number}"
        taken.add(address)
        return Part(address, find_kind(value), owner.address if owner is not None else None, value, index)

    def walk() -> Iterator[Part]:
        for k, definition in enumerate(criteria.objects):
            owner = place(definition, k)
            yield owner
            yield from (place(cut, n, owner) for n, cut in enumerate(definition.cuts))
            yield from (place(removal, n, owner) for n, removal in enumerate(definition.remove_overlap))
        yield from (place(step, k) for k, step in enumerate(criteria.overlap))
        for k, candidate in enumerate(criteria.candidates):
            owner = place(candidate, k)
            yield owner
            yield from (place(cut, n, owner) for n, cut in enumerate(candidate.select))
        yield from (place(variable, k) for k, variable in enumerate(criteria.variables))
        for k, region in enumerate(criteria.regions):
            owner = place(region, k)
            yield owner
            yield from (place(cut, n, owner) for n, cut in enumerate(region.cuts))
        yield from (place(question, k) for k, question in enumerate(criteria.questions))

    return tuple(walk())


def find_part(criteria: SelectionCriteria, address: str) -> Part:
    """The part at an address. Raises CriteriaError when there is none."""
    parts = list_parts(criteria)
    found = next((p for p in parts if p.address == address), None)
    if found is None:
        kind, colon, name = address.partition(":")
        noun = next((n for k, n in NOUNS.items() if k == kind), None)
        if not colon or noun is None:
            raise CriteriaError(f"'{address}' names no part; expected a kind and a name, as in cut:{name or 'm12'}")
        names = [p.address.partition(":")[2] for p in parts if p.kind == kind]
        raise CriteriaError(f"there is no {noun} '{name}'{suggest(name, names)}")
    return found


def replace_part(criteria: SelectionCriteria, address: str, value: Shown | None) -> SelectionCriteria:
    """The criteria with another value in the place of a part, or without it. Raises CriteriaError for another kind."""
    part = find_part(criteria, address)
    if value is not None and find_kind(value) != part.kind:
        raise CriteriaError(f"{name_part(address)}: expected {NOUNS[part.kind]} again, found {NOUNS[find_kind(value)]}")
    new = () if value is None else (value,)
    return change_like(criteria, part.kind, part.owner, lambda own: (*own[: part.index], *new, *own[part.index + 1 :]))


def replace_parts(criteria: SelectionCriteria, values: Mapping[str, Shown]) -> SelectionCriteria:
    """The criteria with other values in the places of several parts, all at once.

    What an object, a candidate or a region holds stays, whatever the new value of it holds. Raises CriteriaError for
    an address that names nothing.
    """
    parts = list_parts(criteria)
    missing = values.keys() - {p.address for p in parts}
    if missing:
        find_part(criteria, min(missing))
    held: dict[str, dict[str, list[Shown]]] = {}
    lists: dict[str, list[Shown]] = {}
    for part in parts:
        value = values.get(part.address, part.value)
        if part.owner is None:
            lists.setdefault(_LISTS[part.kind], []).append(value)
            held[part.address] = {}
        else:
            field = _HELD_LISTS[part.owner.partition(":")[0], part.kind]
            held[part.owner].setdefault(field, []).append(value)
    owners = iter([p.address for p in parts if p.owner is None])
    return criteria.model_copy(
        update={
            field: tuple(
                value.model_copy(update={f: tuple(held[address].get(f, ())) for f in HELD if hasattr(value, f)})
                if isinstance(value, Owner)  # the cuts of a question are ids
                else value
                for value, address in zip(own, owners, strict=False)
            )
            for field, own in lists.items()
        }
    )


def change_like(
    criteria: SelectionCriteria,
    kind: PartKind,
    owner: str | None,
    change: Callable[[tuple[Shown, ...]], Sequence[Shown]],
) -> SelectionCriteria:
    """The criteria with the parts of one kind and one owner as `change` gives them back.

    Raises CriteriaError where parts of this kind have no place.
    """
    if owner is None:
        field = _LISTS.get(kind)
        if field is None:
            raise CriteriaError(f"{NOUNS[kind]}: it belongs to {_expect_owner(kind)}; say to which")
        return criteria.model_copy(update={field: tuple(change(getattr(criteria, field)))})
    held = _HELD_LISTS.get((owner.partition(":")[0], kind))
    if held is None:
        expected = "none: it stands in the document itself" if kind in _LISTS else _expect_owner(kind)
        raise CriteriaError(f"{NOUNS[kind]}: {name_part(owner)} cannot hold it; expected {expected}")
    place = find_part(criteria, owner)
    changed = place.value.model_copy(update={held: tuple(change(getattr(place.value, held)))})
    return replace_part(criteria, owner, changed)


def list_like(criteria: SelectionCriteria, kind: PartKind, owner: str | None) -> tuple[Part, ...]:
    """The parts of one kind and one owner, in their order."""
    return tuple(p for p in list_parts(criteria) if p.kind == kind and p.owner == owner)


def find_kind(value: Shown) -> PartKind:
    """What kind of part a value is."""
    return KINDS[type(value)]


def address_part(value: Shown, owner: Shown | None = None) -> str:
    """The address that a part has where no other of the same name stands before it."""
    match value:
        case Cut() | Question():
            name = value.id
        case OverlapRemoval():
            name = f"{owner.name if isinstance(owner, ObjectDefinition) else ''}/{value.with_}"
        case OverlapStep():
            name = f"{value.remove}/{value.near}"
        case _:
            name = value.name
    return f"{find_kind(value)}:{name}"


def address_threshold(document_id: str, start: int, end: int) -> str:
    """The address of a printed threshold: the document, where it begins and ends in its text."""
    return f"threshold:{document_id}/{start}-{end}"


def name_part(address: str) -> str:
    """An address as it stands in a message: cut 'e_pt', overlap removal 'jets near muons'."""
    kind, _, name = address.partition(":")
    noun = next((n for k, n in NOUNS.items() if k == kind), kind)
    return f"{noun} '{name.replace('/', ' near ', 1) if kind in ('removal', 'step') else name}'"


def digest_part(value: Shown) -> str:
    """SHA-256 of a part in hexadecimal: another one exactly when the part is another.

    What an object, a candidate or a region holds are parts of their own and do not count.
    """
    own = value.model_dump(mode="json", by_alias=True, exclude=set(HELD))
    text = json.dumps([find_kind(value), own], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_whole(value: Shown) -> str:
    """SHA-256 of a part with what it holds, in hexadecimal; that of `digest_part` where it holds nothing."""
    held = [digest_part(own) for own in list_held(value)]
    return hashlib.sha256(" ".join([digest_part(value), *held]).encode()).hexdigest() if held else digest_part(value)


def list_held(value: Shown) -> tuple[Cut | OverlapRemoval, ...]:
    """What an object, a candidate or a region holds, in its order."""
    match value:
        case ObjectDefinition():
            return (*value.cuts, *value.remove_overlap)
        case Candidate():
            return value.select
        case Region():
            return value.cuts
        case _:
            return ()


def word_part(value: Shown) -> str:
    """One line for people that says what a part asks for, without its name and without what it holds."""
    return " ".join(_word(value).split())


def is_required(value: Shown) -> bool:
    """Whether a part carries a requirement, or is a question: what a person is asked to look at.

    A formula is what it is, and definitions only name things.
    """
    if isinstance(value, NamedVariable):
        return value.words is not None
    return not isinstance(value, ObjectDefinition | Region)


def is_reviewed(value: Shown) -> bool:
    """Whether somebody decided: a status other than proposed, an answer. Objects and regions have nothing to decide."""
    if isinstance(value, Question):
        return value.answer is not None
    return not isinstance(value, Decided) or value.status != "proposed"


def count_progress(state: ReviewState) -> Progress:
    """How many of the parts that carry a requirement, and of the questions, were decided."""
    asked = [p.value for p in list_parts(state.criteria) if is_required(p.value)]
    return Progress(sum(map(is_reviewed, asked)), len(asked))


def find_free_id(criteria: SelectionCriteria, wanted: str) -> str:
    """An id for a new cut that is like the wanted one and not taken: m12, m12_2, m12_3, …"""
    taken = (
        {p.value.id for p in list_parts(criteria) if isinstance(p.value, Cut)} | _list_groups(criteria) | {"initial"}
    )
    kept = "".join(c if c.isalnum() or c in "_.:+-" else "_" for c in wanted).strip("_") or "cut"
    numbers = (kept if n == 1 else f"{kept}_{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbers if name not in taken)


def _list_groups(criteria: SelectionCriteria) -> set[str]:
    return {c.group for r in criteria.regions for c in r.cuts if c.group is not None}


def _expect_owner(kind: PartKind) -> str:
    return " or ".join(f"a{'n' * (owner == 'object')} {owner}" for owner, own in _HELD_LISTS if own == kind)


def _word(value: Shown) -> str:
    match value:
        case Cut():
            return word_cut(value) + (f" (one of {value.group})" if value.group else "")
        case OverlapRemoval() | OverlapStep():
            return word_removal(value)
        case ObjectDefinition():
            return word_object(value)
        case Candidate():
            return word_candidate(value)
        case NamedVariable():
            return word_variable(value) + (f" [{value.unit}]" if value.unit else "")
        case Region():
            return f"events that pass {value.parent}" if value.parent else "all events"
        case Question():
            return value.text
