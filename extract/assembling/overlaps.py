"""Overlap removal: a list per object where that is enough, else one ordered list for the event."""

from collections.abc import Mapping, Sequence

from extract.assembling.conditions import repeats_subject
from extract.assembling.requirements import Requirement
from schemas.criteria import OverlapRemoval, OverlapStep
from schemas.model import Model

PARTS: dict[str, tuple[str, ...]] = {"leptons": ("electrons", "muons")}  # a union is what its parts are


class Removal(Model):
    """Objects of `removed` that come closer than the distance to one of another collection go."""

    removed: str
    entry: OverlapRemoval


def find_distance(requirement: Requirement) -> float | None:
    """The distance below which objects are removed; None when the requirement is not of that kind.

    "Closer than R are removed" and "must be farther than R" are; a removal under a condition is not.
    """
    f = requirement.finding
    closer = f.operator in ("<", "<=") and f.effect == "remove_object"
    farther = f.operator in (">", ">=") and f.effect == "keep"
    plain = requirement.condition is None or repeats_subject(requirement.condition)
    usable = (closer or farther) and plain and requirement.scope is None
    return requirement.value if usable and isinstance(requirement.value, float) else None


def arrange_removals(
    removals: Sequence[Removal],
) -> tuple[Mapping[str, tuple[OverlapRemoval, ...]], tuple[OverlapStep, ...]]:
    """Entries per collection, or, where removals go both ways or round, all of them as steps in order of the text."""
    if _goes_round(removals):
        steps = [
            OverlapStep(
                remove=part,
                near=e.with_,
                deltaR=e.deltaR,
                evidence=e.evidence,
                origin=e.origin,
                agreement=e.agreement,
                note=e.note,
            )
            for r in removals
            for e in (r.entry,)
            for part in PARTS.get(r.removed, (r.removed,))
            if part != e.with_
        ]
        return {}, tuple(steps)
    lists: dict[str, tuple[OverlapRemoval, ...]] = {}
    for r in removals:
        lists[r.removed] = (*lists.get(r.removed, ()), r.entry)
    return lists, ()


def _goes_round(removals: Sequence[Removal]) -> bool:
    needs: dict[str, set[str]] = {union: set(parts) for union, parts in PARTS.items()}
    for r in removals:
        needs.setdefault(r.removed, set()).add(r.entry.with_)
    done: set[str] = set()
    while ready := {name for name, others in needs.items() if name not in done and not ((others & set(needs)) - done)}:
        done |= ready
    return set(needs) != done
