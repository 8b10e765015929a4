"""The gate before code: nothing open and nothing ungrounded goes through unless a person says so."""

from datetime import UTC, datetime

from schemas.criteria import Cut, Question, SelectionCriteria
from schemas.errors import CriteriaError, OpenQuestions

SHOWN = 8


def accept_defaults(criteria: SelectionCriteria, by: str) -> SelectionCriteria:
    """The criteria with every open question that has a documented default answered by it, in the name of `by`."""
    from extract.assembling.answers import accept_defaults as accept

    return accept(criteria, by, _now())


def answer_question(criteria: SelectionCriteria, question: str, alternative: str, by: str) -> SelectionCriteria:
    """The criteria with one question answered. Raises CriteriaError for an unknown question or alternative."""
    from extract.assembling.answers import answer_question as answer

    return answer(criteria, question, alternative, by, _now())


def accept_cut(criteria: SelectionCriteria, cut_id: str) -> SelectionCriteria:
    """The criteria with one cut accepted by name. Raises CriteriaError when there is no such cut."""
    if not any(cut.id == cut_id for cut in list_cuts(criteria)):
        raise CriteriaError(f"there is no cut '{cut_id}'; `paperfilter show` lists them")

    def accept(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
        return tuple(c.model_copy(update={"status": "accepted"}) if c.id == cut_id else c for c in cuts)

    return criteria.model_copy(
        update={
            "objects": tuple(o.model_copy(update={"cuts": accept(o.cuts)}) for o in criteria.objects),
            "candidates": tuple(c.model_copy(update={"select": accept(c.select)}) for c in criteria.candidates),
            "regions": tuple(r.model_copy(update={"cuts": accept(r.cuts)}) for r in criteria.regions),
        }
    )


def check_gate(criteria: SelectionCriteria, where: str) -> None:
    """Raise OpenQuestions, with the command that helps, while questions are open or cuts are not grounded.

    `where` is what the person would name on the command line: the run folder or the criteria file.
    """
    open_now = list_open(criteria)
    if open_now:
        without = [q for q in open_now if q.default is None]
        advice = f"answer with `paperfilter answer {where} {open_now[0].id}=KEY`"
        if without:
            advice += f" ({_names([q.id for q in without])} {'have' if len(without) > 1 else 'has'} no default)"
        else:
            advice += " or take the documented defaults with --accept-defaults"
        raise OpenQuestions(f"{_count(len(open_now), 'open question')}: {_names([q.id for q in open_now])}; {advice}")
    loose = [cut.id for cut in list_cuts(criteria) if is_ungrounded(cut)]
    if loose:
        raise OpenQuestions(
            f"{_count(len(loose), 'cut')} without a quote that says so: {_names(loose)}; "
            f"accept by name with `paperfilter answer {where} --accept {loose[0]}`, or reject in the file"
        )


def list_open(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Questions that nobody has answered."""
    return tuple(q for q in criteria.questions if q.answer is None)


def list_cuts(criteria: SelectionCriteria) -> tuple[Cut, ...]:
    """All cuts, of objects, candidates and regions."""
    return (
        *(cut for one in criteria.objects for cut in one.cuts),
        *(cut for one in criteria.candidates for cut in one.select),
        *(cut for one in criteria.regions for cut in one.cuts),
    )


def is_ungrounded(cut: Cut) -> bool:
    """Proposed by a reader, and no quote of it is grounded. What a person wrote or accepted is theirs."""
    if cut.status != "proposed":
        return False
    if cut.evidence:
        return not any(e.grounded for e in cut.evidence)
    return cut.origin != "human"


def _names(ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
