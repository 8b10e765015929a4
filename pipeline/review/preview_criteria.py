"""The criteria of an unfinished review as a program can be made of them now, and what that takes for granted.

A preview is no gate: open questions take their documented defaults, what no quote supports takes part, and what only
words state is left out. None of it is written anywhere. What selects no event (quotes, notes, who accepted what) is
left out, so that two states of a review that select the same are equal.
"""

import re
from collections.abc import Iterator, Sequence
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
    answerable = gate.list_answerable(criteria)
    without = [q.id for q in waiting if q not in answerable]
    taken = len(waiting) - len(without)
    told = []
    if taken:
        verb = "takes its documented default" if taken == 1 else "take their documented defaults"
        told.append(f"{_count(taken, 'open question')} {verb}")
        criteria = gate.accept_defaults(criteria, "preview")
    if without:
        told.append(f"no answer yet to {name_some(without)}: everything stands as it reads now")
    loose = gate.list_ungrounded(criteria)
    if loose:
        told.append(f"included although no quote says so: {name_some(loose)}")
    silent, in_words = _leave_out_words(_silence(criteria))
    if in_words:
        told.append(f"left out because it is stated in words, which a coder has to write: {name_some(in_words)}")
    return PreviewCriteria(silent, tuple(told))


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


def _leave_out_words(criteria: SelectionCriteria) -> tuple[SelectionCriteria, tuple[str, ...]]:
    """The criteria without what is stated in words and without cuts and variables that use it; the names of these."""
    gone: list[str] = []
    variables = []
    for variable in criteria.variables:
        if variable.words is not None or _names_any(gone, variable.expression):
            gone.append(variable.name)
        else:
            variables.append(variable)
    lost = [*gone]

    def keep(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
        kept = tuple(c for c in cuts if c.words is None and not _names_any(gone, *_list_expressions(c)))
        lost.extend(c.id for c in cuts if c not in kept)
        return kept

    without = criteria.model_copy(
        update={
            "objects": tuple(o.model_copy(update={"cuts": keep(o.cuts)}) for o in criteria.objects),
            "variables": tuple(variables),
            "regions": tuple(r.model_copy(update={"cuts": keep(r.cuts)}) for r in criteria.regions),
            "outputs": tuple(name for name in criteria.outputs if name not in gone),
        }
    )
    return (without, tuple(lost)) if lost else (criteria, ())


def _list_expressions(cut: Cut) -> Iterator[str]:
    yield cut.variable
    yield cut.condition or ""
    yield (cut.threshold.expression if cut.threshold is not None else None) or ""


def _names_any(names: Sequence[str], *expressions: str) -> bool:
    return any(name in re.findall(r"\w+", text) for text in expressions for name in names)


def _mute(part: Part) -> Part:
    return part.model_copy(update=SILENT)


def _mute_cut(cut: Cut) -> Cut:
    threshold = cut.threshold.model_copy(update={"literal": None}) if cut.threshold is not None else None
    return cut.model_copy(update={**SILENT, "threshold": threshold})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
