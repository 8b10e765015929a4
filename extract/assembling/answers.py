"""Answering open questions: each answer changes the cut it touches and records who gave it."""

from collections.abc import Callable

from schemas.criteria import Alternative, Answer, Cut, Question, SelectionCriteria
from schemas.errors import CriteriaError


def answer_question(
    criteria: SelectionCriteria, question: str, alternative: str, by: str, at: str
) -> SelectionCriteria:
    """The criteria with one question answered by one of its alternatives. `at` is ISO 8601.

    Raises CriteriaError when there is no such question or alternative.
    """
    asked = next((q for q in criteria.questions if q.id == question), None)
    if asked is None:
        raise CriteriaError(f"there is no question '{question}'; `paperfilter show` lists them")
    chosen = next((a for a in asked.alternatives if a.key == alternative), None)
    if chosen is None:
        keys = ", ".join(a.key for a in asked.alternatives)
        raise CriteriaError(f"question '{question}' has no alternative '{alternative}'; it has {keys}")
    answered = asked.model_copy(update={"answer": Answer(by=by, at=at, alternative=alternative)})
    questions = tuple(answered if q.id == question else q for q in criteria.questions)
    return _touch_cuts(criteria, chosen).model_copy(update={"questions": questions})


def accept_defaults(criteria: SelectionCriteria, by: str, at: str) -> SelectionCriteria:
    """The criteria with every open question that has a documented default answered by it."""
    for question in criteria.questions:
        if question.answer is None and question.default is not None:
            criteria = answer_question(criteria, question.id, question.default, by, at)
    return criteria


def open_questions(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Questions that nobody has answered."""
    return tuple(q for q in criteria.questions if q.answer is None)


def _touch_cuts(criteria: SelectionCriteria, chosen: Alternative) -> SelectionCriteria:
    changes = {c.id: c for c in chosen.changes}

    def change(cut: Cut) -> Cut:
        if cut.id in chosen.rejects:
            return cut.model_copy(update={"status": "rejected"})
        new = changes.get(cut.id)
        if new is None or cut.status in ("rejected", "edited"):
            return cut  # what a person wrote is more than an alternative
        read = {k: getattr(new, k) for k in ("variable", "operator", "threshold", "quantifier", "condition", "group")}
        return cut.model_copy(update=read | {"status": "accepted"})

    return _map_cuts(criteria, change)


def _map_cuts(criteria: SelectionCriteria, change: Callable[[Cut], Cut]) -> SelectionCriteria:
    return criteria.model_copy(
        update={
            "objects": tuple(o.model_copy(update={"cuts": tuple(map(change, o.cuts))}) for o in criteria.objects),
            "regions": tuple(r.model_copy(update={"cuts": tuple(map(change, r.cuts))}) for r in criteria.regions),
            "candidates": tuple(
                c.model_copy(update={"select": tuple(map(change, c.select))}) for c in criteria.candidates
            ),
        }
    )
