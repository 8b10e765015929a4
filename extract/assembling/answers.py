"""Answering open questions: each answer changes what it touches and records who gave it."""

from schemas.alternatives import apply_alternative, overrules
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
    """The criteria with every open question that has a documented default answered by it.

    A default that would change or leave out what a person accepted is not taken: the question stays open.
    """
    for question in list_answerable(criteria):
        criteria = answer_question(criteria, question.id, str(question.default), by, at)
    return criteria


def list_answerable(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Open questions with a documented default that leaves alone what a person accepted."""

    def leaves_alone(question: Question) -> bool:
        chosen = next((a for a in question.alternatives if a.key == question.default), None)
        return chosen is not None and not overrules(criteria, chosen)

    return tuple(q for q in open_questions(criteria) if leaves_alone(q))


def open_questions(criteria: SelectionCriteria) -> tuple[Question, ...]:
    """Questions that nobody has answered."""
    return tuple(q for q in criteria.questions if q.answer is None)
