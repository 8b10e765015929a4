"""Criteria files: reading them, adopting them into a run, writing them beside their JSON."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pipeline import artefacts
from pipeline.files import digest_file
from pipeline.run_store import RunFolder, dump_artefact
from pipeline.terminal import Progress
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError


def adopt_criteria(run: RunFolder, source: Path, progress: Progress) -> None:
    """Start from criteria that exist. Raises CriteriaError when they do not validate."""
    with progress.stage("criteria") as stage:
        edited = run.edited("adopt")
        stage.reused = not run.do(
            "adopt",
            lambda folder: _adopt(source, folder),
            writes=[artefacts.CRITERIA, artefacts.ASSEMBLED],
            digests={"criteria": digest_file(source)},
        )
        stage.detail = f"{source.name}: {describe_criteria(load_criteria(run.path / artefacts.CRITERIA))}"
    if edited:
        progress.note(f"{', '.join(edited)}: edited by hand or in a review, and kept; what comes after is redone")
    export_criteria(run)


def load_criteria(path: Path) -> SelectionCriteria:
    """The criteria of a YAML or JSON file; the same content is parsed once. Raises CriteriaError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CriteriaError(f"cannot read criteria file '{path}': {error.strerror}") from error
    return _parse_criteria(path, content)


@lru_cache(maxsize=8)
def _parse_criteria(path: Path, content: bytes) -> SelectionCriteria:  # noqa: ARG001 - the content is the key
    from schemas.criteria_yaml import load_criteria as load

    return load(path)


def count_cuts(criteria: SelectionCriteria) -> int:
    """Cuts that are not rejected."""
    cuts = [c for o in criteria.objects for c in o.cuts] + [c for r in criteria.regions for c in r.cuts]
    return sum(c.status != "rejected" for c in cuts)


def describe_criteria(criteria: SelectionCriteria) -> str:
    """Cuts, regions and open questions in a few words."""
    n_open = sum(q.answer is None for q in criteria.questions)
    regions = count(len(criteria.regions), "region")
    return f"{count(count_cuts(criteria), 'cut')} in {regions}, {count(n_open, 'open question')}"


def count(number: int, noun: str) -> str:
    """ "1 cut", "2 cuts"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def write_criteria(path: Path, criteria: SelectionCriteria) -> None:
    """Criteria as YAML, alternatives without the evidence that they repeat."""
    _write_yaml(path, leave_out_copies(criteria))


def leave_out_copies(criteria: SelectionCriteria) -> SelectionCriteria:
    """The criteria without the evidence that alternatives repeat from the cuts that they change."""
    questions = []
    for question in criteria.questions:
        alternatives = tuple(
            a.model_copy(update={"changes": tuple(c.model_copy(update={"evidence": ()}) for c in a.changes)})
            for a in question.alternatives
        )
        questions.append(question.model_copy(update={"alternatives": alternatives}))
    return criteria.model_copy(update={"questions": tuple(questions)})


def _adopt(source: Path, folder: Path) -> None:
    criteria = load_criteria(source)
    if source.suffix.lower() in (".yaml", ".yml"):
        (folder / artefacts.CRITERIA).write_bytes(source.read_bytes())  # with the comments in it
    else:
        _write_yaml(folder / artefacts.CRITERIA, criteria)
    dump_artefact(folder / artefacts.ASSEMBLED, criteria)


def _write_yaml(path: Path, criteria: SelectionCriteria) -> None:
    from schemas.criteria_yaml import dump_criteria

    path.write_text(dump_criteria(criteria), encoding="utf-8")


def export_criteria(run: RunFolder) -> None:
    """The criteria as JSON beside the YAML, edits marked; what was edited by hand is on record then."""
    from pipeline.review.accepting import keep_review

    keep_review(run.path)
    make: Callable[[Path], None] = lambda folder: dump_artefact(  # noqa: E731
        folder / artefacts.CRITERIA_JSON, load_marked(run.path)
    )
    run.do("export", make, reads=list_criteria_files(run.path), writes=[artefacts.CRITERIA_JSON])


def load_marked(folder: Path) -> SelectionCriteria:
    """The criteria of a run folder as a review of it has them, with who edited and accepted what.

    What a person changed in the file since then is marked as theirs. Raises CriteriaError when the file does not
    validate, RunFolderError for a damaged folder.
    """
    from pipeline.review.finding import load_state_of

    return load_state_of(folder).criteria


def list_criteria_files(folder: Path) -> list[str]:
    """The artefacts that `load_marked` reads."""
    return [name for name in artefacts.REVIEWED if (folder / name).is_file()]
