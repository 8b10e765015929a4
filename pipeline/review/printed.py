"""The thresholds that a paper prints, by their addresses."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ValidationError

from pipeline import artefacts
from pipeline.review.parts import address_threshold
from pipeline.run_store import load_artefact
from schemas.coverage import Coverage


class _Named(BaseModel):
    """What a document is called; everything else in it is skipped."""

    document_id: str


def list_printed(run: Path) -> Mapping[str, str]:
    """Of each threshold of the run's paper: how it is printed, with a little around it; empty without a paper.

    Raises RunFolderError when the coverage is damaged.
    """
    document, coverage = run / artefacts.DOCUMENT, run / artefacts.COVERAGE
    if not document.is_file() or not coverage.is_file():
        return {}
    name = read_paper_name(run)
    found = load_artefact(coverage, Coverage).thresholds
    return {address_threshold(name, t.start, t.end): t.text for t in found}


def read_paper_name(run: Path) -> str:
    """What the run's paper is called in addresses."""
    document = run / artefacts.DOCUMENT
    return _read_name(document, document.stat().st_mtime_ns if document.is_file() else 0)


@lru_cache(maxsize=4)
def _read_name(document: Path, _: int) -> str:
    try:
        return _Named.model_validate_json(document.read_bytes()).document_id
    except (OSError, ValidationError):
        return document.stem
