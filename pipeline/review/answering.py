"""Answers to open questions, and taking them back: what an answer changed goes back to what it was."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from schemas.alternatives import SAYS, apply_alternative, map_cuts
from schemas.criteria import (
    Alternative,
    Answer,
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    Question,
    SelectionCriteria,
)
from schemas.errors import CriteriaError
from schemas.review import Reply

Definition = ObjectDefinition | Candidate | NamedVariable
Held = TypeVar("Held", bound=Cut | OverlapRemoval)


def reply(criteria: SelectionCriteria, action: Reply, by: str, at: str) -> SelectionCriteria:
    """The criteria with one open question answered. Raises CriteriaError."""
    from extract.assembling.answers import answer_question

    question = find_question(criteria, action.question)
    text = action.text.strip() if action.text is not None else None
    if (action.alternative is None) == (not text):
        raise CriteriaError(f"question '{question.id}': expected one of its alternatives, or words of your own")
    if action.alternative is not None:
        return answer_question(criteria, question.id, action.alternative, by, at)
    return _replace(criteria, question.model_copy(update={"answer": Answer(by=by, at=at, text=text)}))


def find_question(criteria: SelectionCriteria, name: str) -> Question:
    """The question of that id. Raises CriteriaError."""
    found = next((q for q in criteria.questions if q.id == name), None)
    if found is None:
        raise CriteriaError(f"there is no question '{name}'; `paperfilter show` lists them")
    return found


DECIDED = ("status", "by")


class Asked(Protocol):
    """What the record knows of the time before an answer."""

    def __call__(self, *questions: str) -> SelectionCriteria | None:
        """The criteria as they read when all of these questions were last open; None where that is not known."""


def find_asked(states: Iterable[SelectionCriteria], questions: Sequence[str]) -> SelectionCriteria | None:
    """The first of the states, given from the newest on, in which all of the questions are open."""
    wanted = set(questions)
    return next((c for c in states if wanted <= {q.id for q in c.questions if q.answer is None}), None)


def take_back(criteria: SelectionCriteria, name: str, asked: Asked) -> SelectionCriteria:
    """The criteria with a question open again and what its answer changed as it was.

    What somebody decided or edited since the answer stays, and so does what another answer says of the same cut. Where
    the record does not know how it was, cuts that the answer left out are proposed again; raises CriteriaError where it
    changed more than that, and for a question that is open.
    """
    question = find_question(criteria, name)
    if question.answer is None:
        raise CriteriaError(f"question '{name}' is open: nobody answered it")
    chosen = next((a for a in question.alternatives if a.key == question.answer.alternative), None)
    open_again = _replace(criteria, question.model_copy(update={"answer": None}))
    if chosen is None:
        return open_again
    before = asked(name)
    if before is None:
        return _put_back_rejected(open_again, chosen, name)
    stale = _list_stale(criteria, before, _list_touched(chosen))
    before = (asked(name, *stale) if stale else None) or before
    return _answer_others(_put_back(open_again, chosen, before), chosen)


def _list_stale(now: SelectionCriteria, before: SelectionCriteria, touched: frozenset[str]) -> list[str]:
    """Questions about the same cuts whose answer was another before: what it made of the cuts holds no more."""
    answers = {q.id: q.answer for q in now.questions}
    return [
        q.id
        for q in before.questions
        if q.answer is not None
        and q.answer != answers.get(q.id)
        and any(touched & _list_touched(a) for a in q.alternatives if a.key == q.answer.alternative)
    ]


def _list_touched(alternative: Alternative) -> frozenset[str]:
    return frozenset((*alternative.rejects, *(c.id for c in alternative.changes)))


def _put_back(criteria: SelectionCriteria, chosen: Alternative, asked: SelectionCriteria) -> SelectionCriteria:
    """Everything that reads as the alternative left it, as it read before."""
    answered = apply_alternative(asked, chosen)
    before, given = _index_cuts(asked), _index_cuts(answered)
    touched = _list_touched(chosen)

    def put_back(cut: Cut) -> Cut:
        if cut.id not in touched or cut.id not in before:
            return cut
        old, answer = before[cut.id], given[cut.id]
        if any(getattr(cut, f) != getattr(answer, f) for f in SAYS):
            return cut
        fields: tuple[str, ...] = (*SAYS, *DECIDED)
        if any(getattr(cut, f) != getattr(answer, f) for f in DECIDED):
            if cut.status != "rejected":
                return cut  # somebody took it as it reads now
            fields = SAYS  # by another answer, or by somebody
        return cut.model_copy(update={f: getattr(old, f) for f in fields})

    definitions: dict[str, object] = {}
    for field in ("objects", "candidates", "variables"):
        names = {d.name for d in getattr(chosen, field)}
        old, new = ({d.name: d for d in getattr(c, field)} for c in (asked, answered))
        definitions[field] = tuple(
            _restore(d, new[d.name], old[d.name]) if d.name in names and d.name in old else d
            for d in getattr(criteria, field)
        )
    if chosen.overlap is not None and criteria.overlap == answered.overlap:
        definitions["overlap"] = asked.overlap
    return map_cuts(criteria.model_copy(update=definitions), put_back)


def _restore(now: Definition, given: Definition, before: Definition) -> Definition:
    """A definition as it was, where it reads as it was given: itself, and each cut and removal that it holds."""
    held = {f: key for f, key in (("cuts", "id"), ("select", "id"), ("remove_overlap", "with_")) if hasattr(now, f)}
    own = (d.model_dump(exclude=set(held)) for d in (now, given))
    restored = before if next(own) == next(own) else now
    return restored.model_copy(
        update={
            field: _merge(getattr(now, field), getattr(given, field), getattr(before, field), key)
            for field, key in held.items()
        }
    )


def _merge(now: Sequence[Held], given: Sequence[Held], before: Sequence[Held], key: str) -> tuple[Held, ...]:
    """The parts as they were; those that are not as they were given, or not among the given, are as they are now."""
    current, answered, old = ({getattr(p, key): p for p in parts} for parts in (now, given, before))
    kept = [
        p if current.get(name) == answered.get(name) else current[name]
        for name, p in old.items()
        if name in current or name not in answered
    ]
    return (*kept, *(p for name, p in current.items() if name not in old and p != answered.get(name)))


def _put_back_rejected(criteria: SelectionCriteria, chosen: Alternative, name: str) -> SelectionCriteria:
    if chosen.changes or chosen.objects or chosen.candidates or chosen.variables or chosen.overlap is not None:
        raise CriteriaError(
            f"question '{name}': what its answer changed is not on record as it was before; edit what it changed"
        )
    # a rejection by a person has a name
    return map_cuts(
        criteria,
        lambda cut: (
            cut.model_copy(update={"status": "proposed"})
            if cut.id in chosen.rejects and cut.status == "rejected" and cut.by is None
            else cut
        ),
    )


def _answer_others(criteria: SelectionCriteria, taken: Alternative) -> SelectionCriteria:
    """The criteria with what other standing answers say of the cuts that were put back."""
    touched = _list_touched(taken)
    for question in criteria.questions:
        answer = question.answer
        chosen = next((a for a in question.alternatives if answer is not None and a.key == answer.alternative), None)
        if chosen is None:
            continue
        again = Alternative(
            key=chosen.key,
            text=chosen.text,
            changes=tuple(c for c in chosen.changes if c.id in touched),
            rejects=tuple(r for r in chosen.rejects if r in touched),
        )
        criteria = apply_alternative(criteria, again)
    return criteria


def _index_cuts(criteria: SelectionCriteria) -> dict[str, Cut]:
    found: dict[str, Cut] = {}
    map_cuts(criteria, lambda cut: found.setdefault(cut.id, cut))
    return found


def _replace(criteria: SelectionCriteria, question: Question) -> SelectionCriteria:
    questions = tuple(question if q.id == question.id else q for q in criteria.questions)
    return criteria.model_copy(update={"questions": questions})
