"""Answering open questions: each answer changes what it touches and records who gave it."""

from schemas.alternatives import apply_alternative
from schemas.criteria import Answer, Question, SelectionCriteria
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
    return apply_alternative(criteria, chosen).model_copy(update={"questions": questions})


def accept_defaults(criteria: SelectionCriteria, by: str, at: str) -> SelectionCriteria:
    """The criteria with every open question that has a documented default answered by it."""
    for question in criteria.questions:
        if question.answer is None and question.default is not None:
            criteria = answer_question(criteria, question.id, question.default, by, at)
    return criteria


def open_questions(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Questions that nobody has answered."""
    return tuple(q for q in criteria.questions if q.answer is None)
