"""A run and the review of it: the run takes what people said, and what it takes by default is on record."""

from pathlib import Path

from pipeline import artefacts, gate
from pipeline.review.store import Review
from pipeline.run_store import RunFolder
from schemas.criteria import SelectionCriteria
from schemas.review import TakeDefaults


def keep_review(run: Path) -> None:
    """Put on record what was edited by hand, and write what is on record into criteria.yaml. The caller holds the run.

    Raises CriteriaError when criteria.yaml does not fit, RunFolderError.
    """
    with Review.open(run, held=True):
        pass


def take_defaults(run: RunFolder, by: str) -> bool:
    """Answer every open question of a run by its documented default, on record in the name of `by`.

    False when there was none. criteria.yaml gets the answers where a person has changed it; as it was made it stays so,
    so that it is made again where the reading changes. Raises OpenQuestions, and nothing is taken, where the gate stays
    shut even so.
    """
    with Review.open(run.path, held=True) as review:
        criteria = review.state.criteria
        if not _list_defaults(criteria):
            return False
        gate.check_gate(gate.accept_defaults(criteria, by), str(run.path), reviewable=True)
        review.settle()
        as_made = artefacts.CRITERIA not in (*run.edited("assemble"), *run.edited("adopt"))
        review.act(TakeDefaults(), by, "--accept-defaults")
        if as_made:
            review.leave_file()
    return True


def _list_defaults(criteria: SelectionCriteria) -> tuple[str, ...]:
    return tuple(q.id for q in gate.list_answerable(criteria))
