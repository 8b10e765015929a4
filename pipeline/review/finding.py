"""What somebody wrote into criteria.yaml by hand, found by what the history knows of the file."""

from pathlib import Path
from typing import NamedTuple

from pipeline import artefacts
from pipeline.editing import mark_edits
from pipeline.files import digest_file
from pipeline.person import find_person
from pipeline.reading import leave_out_copies, load_criteria
from pipeline.review.journal import Journal, KnownFile, has_state, load_file, load_state, read_journal
from pipeline.review.marks import rewrite_state
from pipeline.review.merging import merge_criteria
from pipeline.run_store import load_artefact, load_manifest
from schemas.criteria import SelectionCriteria
from schemas.errors import CriteriaError
from schemas.review import ReviewState

PROGRAM = "paperfilter"  # who made the criteria anew
GONE = ""  # instead of the digest of a file that is not there


class Found(NamedTuple):
    """criteria.yaml says something that is not on record yet."""

    state: ReviewState
    by: str
    why: str | None
    file: KnownFile


class Looked(NamedTuple):
    """What criteria.yaml holds."""

    known: KnownFile
    """As far as it is on record; `found` is what is more."""
    kept: bool
    """Whether that stands in the run folder."""
    found: Found | None


def load_made(run: Path) -> ReviewState:
    """What the readers made, or what was adopted, before anybody edited it. Raises CriteriaError, RunFolderError."""
    file, assembled = run / artefacts.CRITERIA, run / artefacts.ASSEMBLED
    if not file.is_file():
        raise CriteriaError(f"{run} has no {artefacts.CRITERIA} yet; the command that began this run goes on with it")
    if digest_file(file) in _list_made(run) or not assembled.is_file():
        return ReviewState(criteria=load_criteria(file))
    return ReviewState(criteria=leave_out_copies(load_artefact(assembled, SelectionCriteria)))


def find_hand_edit(run: Path, journal: Journal, recorded: ReviewState) -> Looked:
    """What criteria.yaml holds, and what of it is not on record.

    Raises CriteriaError when it does not fit, RunFolderError for a damaged folder.
    """
    file = run / artefacts.CRITERIA
    digest = digest_present(file)
    if digest == GONE:
        return Looked(KnownFile(sha256=GONE, revision=-1, criteria=recorded.criteria), False, None)
    known = load_file(run) if journal.newest else None
    if known is not None and known.sha256 == digest:
        return Looked(known, True, None)
    criteria = load_criteria(file)
    here = KnownFile(sha256=digest, revision=journal.newest, criteria=criteria)
    if criteria == recorded.criteria:
        return Looked(here, False, None)
    why = None
    by = find_person()
    if journal.newest and digest in _list_made(run):
        if not has_state(run, 0) or criteria != load_state(run, 0).criteria:
            by, why = PROGRAM, "the criteria were made anew"
        marked = criteria
    else:
        seen = known.criteria if known is not None else recorded.criteria
        marked = mark_edits(merge_criteria(seen, criteria, recorded.criteria), recorded.criteria, by)
    if marked == recorded.criteria:
        return Looked(here, False, None)
    found = Found(rewrite_state(recorded, marked), by, why, here)
    unknown = KnownFile(sha256=GONE, revision=journal.newest, criteria=recorded.criteria)
    return Looked(known or unknown, known is not None, found)


def digest_present(file: Path) -> str:
    """SHA-256 of a file, or GONE. Raises RunFolderError when it cannot be read."""
    return digest_file(file) if file.is_file() else GONE


def load_state_of(run: Path) -> ReviewState:
    """The state of a run's review, whoever else works in the folder; what stands in criteria.yaml alone is marked.

    Raises CriteriaError when the file does not fit, RunFolderError for a damaged folder.
    """
    journal = read_journal(run)
    recorded = load_state(run, journal.newest) if journal.newest else load_made(run)
    found = find_hand_edit(run, journal, recorded).found
    return found.state if found is not None else recorded


def is_on_record(run: Path, journal: Journal) -> bool:
    """Whether criteria.yaml says nothing that the history does not know. Raises CriteriaError when it does not fit."""
    recorded = load_state(run, journal.newest) if journal.newest else load_made(run)
    return find_hand_edit(run, journal, recorded).found is None


def _list_made(run: Path) -> set[str]:
    records = [load_manifest(run).find_step(name) for name in ("assemble", "adopt")]
    return {r.outputs[artefacts.CRITERIA] for r in records if r is not None and artefacts.CRITERIA in r.outputs}
