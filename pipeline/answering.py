"""Answers from the command line: in a run they go on record, in a criteria file they are written into it."""

from collections.abc import Sequence
from pathlib import Path

from pipeline import gate
from pipeline.files import write_atomically
from pipeline.reading import load_criteria
from pipeline.review.acting import act
from pipeline.review.parts import list_parts
from pipeline.review.store import Review
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.review import Accept, Action, Reply, ReviewState, TakeDefaults

Given = tuple[str, str]  # id of a question, key of the alternative


def answer_run(
    run: Path, answers: Sequence[Given], accepted: Sequence[str], by: str, *, defaults: bool
) -> SelectionCriteria:
    """The criteria of a run after these answers, each on record; all of them or none.

    Raises CriteriaError for an unknown question, alternative or name, RunFolderInUse while something works in the run.
    """
    with Review.open(run) as review:
        actions = list(_list_actions(review.state, answers, accepted, by, defaults=defaults))
        for action in actions:
            review.act(action, by)
        return review.state.criteria


def answer_file(
    path: Path, answers: Sequence[Given], accepted: Sequence[str], by: str, *, defaults: bool
) -> SelectionCriteria:
    """The criteria of a file, YAML or JSON, after these answers; the file says so, with its comments.

    Raises CriteriaError for an unknown question, alternative or name, RunFolderError when it cannot be written.
    """
    from schemas.criteria_comments import rewrite_yaml
    from schemas.criteria_yaml import dump_criteria

    criteria = load_criteria(path)
    for question, key in answers:
        criteria = gate.answer_question(criteria, question, key, by)
    for name in accepted:
        criteria = gate.accept_part(criteria, name, by)
    if defaults:
        criteria = gate.accept_defaults(criteria, by)
    is_json = path.suffix.lower() == ".json"
    text = dump_criteria(criteria, "json") if is_json else rewrite_yaml(path.read_text(encoding="utf-8"), criteria)
    write_atomically(path, text)
    return criteria


def _list_actions(
    state: ReviewState, answers: Sequence[Given], accepted: Sequence[str], by: str, *, defaults: bool
) -> list[Action]:
    """What is to be done, tried out on the state first: one wrong name, and nothing is done. Raises CriteriaError."""
    actions: list[Action] = [Reply(question=question, alternative=key) for question, key in answers]
    for name in accepted:
        called = [p for p in list_parts(state.criteria) if _is_called(p.address, name)]
        if not called:
            raise CriteriaError(f"there is no cut '{name}'; `paperfilter show` lists them")
        parts = tuple(p.address for p in called if getattr(p.value, "status", "") not in ("accepted", "edited"))
        actions += [Accept(parts=parts)] if parts else []
    for action in actions:
        state = act(state, action, by, "").state
    if defaults and any(q.default is not None for q in gate.list_open(state.criteria)):
        actions.append(TakeDefaults())
    return actions


def _is_called(address: str, name: str) -> bool:
    """Whether the gate calls a part so: a cut by its id, an overlap removal "jets near muons"."""
    kind, _, known = address.partition(":")
    if kind in ("removal", "step"):
        return known.replace("/", " near ", 1) == name
    return kind in ("cut", "candidate", "variable") and known == name
