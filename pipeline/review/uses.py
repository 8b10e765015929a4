"""What in criteria uses a cut or a definition by its name: what has to change before the name can."""

import re
from collections.abc import Iterator, Sequence

from pipeline.review.parts import Part, list_parts, name_part
from schemas.criteria import (
    Alternative,
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
from schemas.errors import CriteriaError
from schemas.review import Shown

SHOWN = 4

_WORD = re.compile(r"[^\W\d]\w*")


def list_users(criteria: SelectionCriteria, part: Part, gone: frozenset[str]) -> tuple[str, ...]:
    """What uses one of the names in `gone`, which the part defines, in words such as "cut 'm12'".

    Rejected parts use nothing: they are not evaluated. What the part holds goes with it, and the list of outputs
    follows its variables.
    """
    if part.kind in ("removal", "step", "question") or not gone:
        return ()
    return tuple(
        name_part(other.address)
        for other in list_parts(criteria)
        if other.address != part.address and other.owner != part.address and _uses(other, part, gone)
    )


def refuse_used(criteria: SelectionCriteria, part: Part, names: frozenset[str], what: str) -> None:
    """Nothing when nothing uses the names; else raises CriteriaError that names the users."""
    users = list_users(criteria, part, names)
    if users:
        raise CriteriaError(f"{name_part(part.address)} {what}: {join_names(users)} use{'s' * (len(users) == 1)} it")


def join_names(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    if len(names) > SHOWN:
        return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def list_names(value: Shown) -> frozenset[str]:
    """The names by which others use a part: the id of a cut, the names that a candidate or a definition introduces."""
    match value:
        case Cut():
            return frozenset({value.id})
        case Candidate():
            return frozenset({value.name, *(value.pairing or ())})
        case ObjectDefinition() | NamedVariable() | Region():
            return frozenset({value.name})
        case _:
            return frozenset()


def list_cut_ids(value: Shown) -> frozenset[str]:
    """The ids of the cuts that a part holds."""
    held = value.cuts if isinstance(value, ObjectDefinition | Region) else ()
    held = value.select if isinstance(value, Candidate) else held
    return frozenset(cut.id for cut in held)


def list_questions(criteria: SelectionCriteria, ids: frozenset[str]) -> tuple[str, ...]:
    """Open questions that touch one of these cuts, in words."""
    return tuple(f"question '{q.id}'" for q in criteria.questions if q.answer is None and ids & set(_list_touched(q)))


def _uses(other: Part, part: Part, gone: frozenset[str]) -> bool:
    value = other.value
    if isinstance(value, Question):
        return _asks(value, part, gone)
    if part.kind == "cut":
        return False
    if part.kind == "region":
        return isinstance(value, Region) and value.parent in gone
    if isinstance(value, Region) or (not isinstance(value, ObjectDefinition) and value.status == "rejected"):
        return False
    return bool(gone & set(_list_words(value)))


def _asks(question: Question, part: Part, gone: frozenset[str]) -> bool:
    if part.kind == "cut":
        return bool(gone & set(_list_touched(question)))
    if question.answer is not None:
        return False
    alternatives = question.alternatives
    defined = {d.name for a in alternatives for own in (a.objects, a.candidates, a.variables) for d in own}
    return bool(gone & (defined | {w for a in alternatives for w in _list_needed(a)}))


def _list_touched(question: Question) -> Iterator[str]:
    yield from question.cuts
    for alternative in question.alternatives:
        yield from alternative.rejects
        yield from (cut.id for cut in alternative.changes)


def _list_needed(alternative: Alternative) -> Iterator[str]:
    parts: list[Shown] = [*alternative.changes, *(alternative.overlap or ()), *alternative.variables]
    for definition in alternative.objects:
        parts += [definition, *definition.cuts, *definition.remove_overlap]
    for candidate in alternative.candidates:
        parts += [candidate, *candidate.select]
    for part in parts:
        yield from _list_words(part)


def _list_words(value: Shown) -> Iterator[str]:
    """Every word of what a part says in the language of expressions, and the names that stand in its fields."""
    texts: list[str | None] = []
    match value:
        case Cut():
            texts += [value.variable, value.condition, value.threshold.expression if value.threshold else None]
        case OverlapRemoval():
            texts += [value.with_]
        case OverlapStep():
            texts += [value.remove, value.near]
        case ObjectDefinition():
            texts += [value.base] if isinstance(value.base, str) else value.base or ()
            texts += value.union or ()
        case Candidate():
            minimise = (value.minimise,) if isinstance(value.minimise, str) else value.minimise or ()
            texts += [value.pair, value.leading, *(value.assign or {}).values(), *(value.sum or ()), *value.exclude]
            texts += [*minimise, value.maximise]
        case NamedVariable():
            texts += [value.expression]
    for text in texts:
        yield from _WORD.findall(text or "")
