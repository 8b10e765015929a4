"""The gate before code: nothing open and nothing ungrounded goes through unless a person says so."""

from typing import TypeVar

from pipeline.clock import note_time
from schemas.alternatives import list_cuts, map_cuts
from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    OverlapRemoval,
    OverlapStep,
    Question,
    SelectionCriteria,
)
from schemas.errors import CriteriaError, OpenQuestions

SHOWN = 8

Part = TypeVar("Part", Cut, OverlapRemoval, OverlapStep, Candidate, NamedVariable)
AnyPart = Cut | OverlapRemoval | OverlapStep | Candidate | NamedVariable


def accept_defaults(criteria: SelectionCriteria, by: str) -> SelectionCriteria:
    """The criteria with every open question that has a documented default answered by it, in the name of `by`."""
    from extract.assembling.answers import accept_defaults as accept

    return accept(criteria, by, note_time())


def list_answerable(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Open questions that `accept_defaults` answers."""
    from extract.assembling.answers import list_answerable as list_all

    return list_all(criteria)


def answer_question(criteria: SelectionCriteria, question: str, alternative: str, by: str) -> SelectionCriteria:
    """The criteria with one question answered. Raises CriteriaError for an unknown question or alternative."""
    from extract.assembling.answers import answer_question as answer

    return answer(criteria, question, alternative, by, note_time())


def accept_part(criteria: SelectionCriteria, name: str, by: str) -> SelectionCriteria:
    """The criteria with one cut, candidate, variable or overlap removal accepted by name, in the name of `by`.

    Raises CriteriaError for another name. An overlap removal is called what the gate calls it: "jets near muons".
    """
    if not any(name == known for known, _ in _list_parts(criteria)):
        raise CriteriaError(f"there is no cut '{name}'; `paperfilter show` lists them")

    def accept(part: Part, called: str) -> Part:
        if called != name or part.status == "edited":
            return part
        return part.model_copy(update={"status": "accepted", "by": by})

    changed = map_cuts(criteria, lambda cut: accept(cut, cut.id))
    objects = (
        o.model_copy(update={"remove_overlap": tuple(accept(r, _name_near(o.name, r.with_)) for r in o.remove_overlap)})
        for o in changed.objects
    )
    return changed.model_copy(
        update={
            "objects": tuple(objects),
            "overlap": tuple(accept(s, _name_near(s.remove, s.near)) for s in changed.overlap),
            "candidates": tuple(accept(c, c.name) for c in changed.candidates),
            "variables": tuple(accept(v, v.name) for v in changed.variables),
        }
    )


def check_gate(criteria: SelectionCriteria, where: str, *, reviewable: bool = False) -> None:
    """Raise OpenQuestions, with the command that helps, while questions are open or cuts are not grounded.

    `where` is what the person would name on the command line: the run folder, which is `reviewable`, or the criteria
    file.
    """
    page = f" or `paperfilter review {where}`" if reviewable else ""
    open_now = list_open(criteria)
    if open_now:
        answerable = list_answerable(criteria)
        without = [q for q in open_now if q not in answerable]
        advice = f"answer with `paperfilter answer {where} {open_now[0].id}=KEY`{page}"
        if without:
            has = "have" if len(without) > 1 else "has"
            advice += f" ({_names([q.id for q in without])} {has} no default, or one against what a person accepted)"
        else:
            advice += " or take the documented defaults with --accept-defaults"
        raise OpenQuestions(f"{_count(len(open_now), 'open question')}: {_names([q.id for q in open_now])}; {advice}")
    loose = list_ungrounded(criteria)
    if loose:
        named = f"'{loose[0]}'" if " " in loose[0] else loose[0]
        raise OpenQuestions(
            f"{_count(len(loose), 'cut')} without a quote that says so: {_names(list(loose))}; "
            f"accept by name with `paperfilter answer {where} --accept {named}`{page}, or reject in the file"
        )


def list_open(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Questions that nobody has answered."""
    return tuple(q for q in criteria.questions if q.answer is None)


def list_ungrounded(criteria: SelectionCriteria) -> tuple[str, ...]:
    """Names of what must not reach code before a person accepts it: no quote of it says so.

    A cut, or a variable in words, that a reader proposed needs a quote. Candidates and overlap removals may be what a
    reader concluded, without any; a quote that does not say it is one too many for them as well.
    """
    loose = [name for name, part in _list_parts(criteria) if part.status == "proposed" and _is_loose(part)]
    return tuple(dict.fromkeys(loose))


def _is_loose(part: AnyPart) -> bool:
    if part.evidence:
        return not any(e.grounded for e in part.evidence)
    stated = isinstance(part, Cut) or (isinstance(part, NamedVariable) and part.words is not None)
    return stated and part.origin != "human"


def _list_parts(criteria: SelectionCriteria) -> list[tuple[str, AnyPart]]:
    return [
        *((cut.id, cut) for cut in list_cuts(criteria)),
        *((_name_near(o.name, r.with_), r) for o in criteria.objects for r in o.remove_overlap),
        *((_name_near(s.remove, s.near), s) for s in criteria.overlap),
        *((c.name, c) for c in criteria.candidates),
        *((v.name, v) for v in criteria.variables),
    ]


def _name_near(removed: str, near: str) -> str:
    return f"{removed} near {near}"


def _names(ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
