"""The criteria of an unfinished review as a program can be made of them now, and what that takes for granted.

A preview is no gate: open questions take their documented defaults and what no quote supports takes part. Neither is
written anywhere. What selects no event (quotes, notes, who accepted what) is left out, so that two states of a review
that select the same are equal.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from pipeline import gate
from schemas.alternatives import map_cuts
from schemas.criteria import Candidate, Cut, NamedVariable, OverlapRemoval, OverlapStep, SelectionCriteria

SHOWN = 4  # names in a line
SILENT = {
    "evidence": (), "history": (), "origin": "human", "status": "accepted", "by": None, "agreement": None, "note": None,
}  # fmt: skip

Part = TypeVar("Part", Cut, OverlapRemoval, OverlapStep, Candidate, NamedVariable)


class PreviewCriteria(NamedTuple):
    """What is compiled for a preview. `told` says in lines for people what it takes for granted."""

    criteria: SelectionCriteria
    told: tuple[str, ...]


def prepare_criteria(criteria: SelectionCriteria) -> PreviewCriteria:
    """Criteria without open questions and without anything that selects no event."""
    waiting = gate.list_open(criteria)
    without = [q.id for q in waiting if q.default is None]
    taken = len(waiting) - len(without)
    told = []
    if taken:
        told.append(
            f"{_count(taken, 'open question')} {'takes its' if taken == 1 else 'take their'} documented default"
        )
        criteria = gate.accept_defaults(criteria, "preview")
    if without:
        told.append(f"no answer yet to {name_some(without)}: everything stands as it reads now")
    loose = gate.list_ungrounded(criteria)
    if loose:
        told.append(f"included although no quote says so: {name_some(loose)}")
    return PreviewCriteria(_silence(criteria), tuple(told))


def name_some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _silence(criteria: SelectionCriteria) -> SelectionCriteria:
    """Only what selects: the rejected is gone, and so is everything about where the rest comes from."""
    objects = tuple(
        o.model_copy(update={
            "cuts": tuple(c for c in o.cuts if c.status != "rejected"),
            "remove_overlap": tuple(_mute(r) for r in o.remove_overlap if r.status != "rejected"),
        })
        for o in criteria.objects
    )  # fmt: skip
    kept = criteria.model_copy(
        update={
            "objects": objects,
            "overlap": tuple(_mute(s) for s in criteria.overlap if s.status != "rejected"),
            "candidates": tuple(
                _mute(c).model_copy(update={"select": tuple(s for s in c.select if s.status != "rejected")})
                for c in criteria.candidates
            ),
            "variables": tuple(_mute(v) for v in criteria.variables),
            "regions": tuple(
                r.model_copy(update={"cuts": tuple(c for c in r.cuts if c.status != "rejected"), "note": None})
                for r in criteria.regions
            ),
            "questions": (),
        }
    )
    return map_cuts(kept, _mute_cut)


def _mute(part: Part) -> Part:
    return part.model_copy(update=SILENT)


def _mute_cut(cut: Cut) -> Cut:
    threshold = cut.threshold.model_copy(update={"literal": None}) if cut.threshold is not None else None
    return cut.model_copy(update={**SILENT, "threshold": threshold})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
