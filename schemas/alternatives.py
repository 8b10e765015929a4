"""What an answer to an open question does to a document: cuts and definitions read as its alternative says."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from schemas.criteria import Alternative, Candidate, Cut, NamedVariable, ObjectDefinition, SelectionCriteria

SAYS = ("variable", "operator", "words", "threshold", "quantifier", "condition", "group")

Named = TypeVar("Named", ObjectDefinition, Candidate, NamedVariable)


def apply_alternative(criteria: SelectionCriteria, chosen: Alternative) -> SelectionCriteria:
    """The document as it reads under an alternative; the question itself is left as it is.

    Cuts that the alternative changes are accepted with it, those it rejects stay as rejected ones. What a person
    edited or rejected is more than an alternative and stays.
    """
    changes = {c.id: c for c in chosen.changes}

    def change(cut: Cut) -> Cut:
        if cut.id in chosen.rejects:
            return cut.model_copy(update={"status": "rejected"})
        new = changes.get(cut.id)
        if new is None or cut.status in ("rejected", "edited"):
            return cut
        return cut.model_copy(update={k: getattr(new, k) for k in SAYS} | {"status": "accepted"})

    replaced = criteria.model_copy(
        update={
            "objects": _replace(criteria.objects, chosen.objects),
            "candidates": _replace(criteria.candidates, chosen.candidates),
            "variables": _replace(criteria.variables, chosen.variables),
            "overlap": criteria.overlap if chosen.overlap is None else chosen.overlap,
        }
    )
    return map_cuts(replaced, change)


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
    return tuple(d if getattr(d, "status", None) == "edited" else named.get(d.name, d) for d in known)
