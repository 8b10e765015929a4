"""What an answer to an open question does to a document: cuts and definitions read as its alternative says."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from schemas.criteria import Alternative, Candidate, Cut, NamedVariable, ObjectDefinition, SelectionCriteria

SAYS = ("variable", "operator", "words", "threshold", "quantifier", "condition", "group")

Definition = ObjectDefinition | Candidate | NamedVariable
Named = TypeVar("Named", ObjectDefinition, Candidate, NamedVariable)


def apply_alternative(criteria: SelectionCriteria, chosen: Alternative) -> SelectionCriteria:
    """The document as it reads under an alternative; the question itself is left as it is.

    Cuts that the alternative changes are accepted with it, those it rejects stay as rejected ones; whose answer it is
    stands in the question, not in `by`. What a person edited or rejected is more than an alternative and stays.
    """
    changes = {c.id: c for c in chosen.changes}

    def change(cut: Cut) -> Cut:
        by = cut.by if cut.origin == "human" else None
        if cut.id in chosen.rejects:
            return cut if cut.status == "rejected" else cut.model_copy(update={"status": "rejected", "by": by})
        new = changes.get(cut.id)
        if new is None or cut.status in ("rejected", "edited"):
            return cut
        return cut.model_copy(update={k: getattr(new, k) for k in SAYS} | {"status": "accepted", "by": by})

    replaced = criteria.model_copy(
        update={
            "objects": _replace(criteria.objects, chosen.objects),
            "candidates": _replace(criteria.candidates, chosen.candidates),
            "variables": _replace(criteria.variables, chosen.variables),
            "overlap": criteria.overlap if chosen.overlap is None else chosen.overlap,
        }
    )
    return map_cuts(replaced, change)


def overrules(criteria: SelectionCriteria, chosen: Alternative) -> bool:
    """Whether an alternative changes or leaves out a cut that a person accepted as it is."""
    held = {c.id: c for c in list_cuts(criteria) if c.status == "accepted" and c.by is not None}
    changed = (c for c in chosen.changes if c.id in held)
    return any(name in held for name in chosen.rejects) or any(
        any(getattr(c, field) != getattr(held[c.id], field) for field in SAYS) for c in changed
    )


def list_cuts(criteria: SelectionCriteria) -> tuple[Cut, ...]:
    """All cuts, of objects, candidates and regions."""
    return (
        *(cut for one in criteria.objects for cut in one.cuts),
        *(cut for one in criteria.candidates for cut in one.select),
        *(cut for one in criteria.regions for cut in one.cuts),
    )


def replaces_definitions(alternative: Alternative) -> bool:
    """Whether an alternative changes more than single cuts."""
    return bool(
        alternative.objects or alternative.candidates or alternative.variables or alternative.overlap is not None
    )


def map_cuts(criteria: SelectionCriteria, change: Callable[[Cut], Cut]) -> SelectionCriteria:
    """The document with every cut of objects, candidates and regions as `change` gives it back."""
    return criteria.model_copy(
        update={
            "objects": tuple(o.model_copy(update={"cuts": tuple(map(change, o.cuts))}) for o in criteria.objects),
            "candidates": tuple(
                c.model_copy(update={"select": tuple(map(change, c.select))}) for c in criteria.candidates
            ),
            "regions": tuple(r.model_copy(update={"cuts": tuple(map(change, r.cuts))}) for r in criteria.regions),
        }
    )


def _replace(known: Sequence[Named], new: Sequence[Named]) -> tuple[Named, ...]:
    """The definitions in their order, those of a name that is in `new` as they read there."""
    named = {d.name: d for d in new}
    return tuple(
        d
        if d.name not in named or getattr(d, "status", None) == "edited"
        else named[d.name].model_copy(update=_keep_decided(d, named[d.name]))
        for d in known
    )


def _keep_decided(old: Definition, new: Definition) -> dict[str, object]:
    """What the new definition holds, with the cuts and removals of the old one that a person edited or rejected."""
    held: dict[str, object] = {}
    for field, key in (("cuts", "id"), ("select", "id"), ("remove_overlap", "with_")):
        decided = {getattr(p, key): p for p in getattr(old, field, ()) if p.status in ("edited", "rejected")}
        if decided:
            own = tuple(decided.pop(getattr(p, key), p) for p in getattr(new, field))
            held[field] = (*own, *decided.values())
    return held
