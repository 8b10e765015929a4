"""Printed thresholds that nothing claims, for the end of a draft: what a reader may have missed."""

from pathlib import Path

from pipeline import artefacts
from pipeline.review.coverage_marks import find_claims
from pipeline.review.parts import address_threshold
from pipeline.review.printed import read_paper_name
from pipeline.run_store import load_artefact
from schemas.coverage import Coverage
from schemas.review import ReviewState

MOST = 60


def list_unclaimed(run: Path, state: ReviewState) -> tuple[str, ...]:
    """A line for each threshold of coverage.json that no finding, no quote of a part and no person has claimed."""
    path = run / artefacts.COVERAGE
    if not path.is_file():
        return ()
    paper = read_paper_name(run)
    marked = {m.threshold for m in state.marks}
    left = [
        t for t, claims in find_claims(load_artefact(path, Coverage), paper, state)
        if t.claimed_by is None and not claims and address_threshold(paper, t.start, t.end) not in marked
    ]  # fmt: skip
    if not left:
        return ()
    told = [f"  p. {t.page}: {t.number} in “{t.text}”" for t in left[:MOST]]
    more = [f"  and {len(left) - MOST} more"] if len(left) > MOST else []
    return (f"Printed thresholds that nothing above claims ({len(left)}):", *told, *more, "")
