"""Printed thresholds that nothing claims, for the end of a draft: what a reader may have missed."""

from pathlib import Path

from pipeline import artefacts
from pipeline.review.parts import Decided, list_parts
from pipeline.run_store import load_artefact
from schemas.coverage import Coverage
from schemas.review import ReviewState

MOST = 60


def list_unclaimed(run: Path, state: ReviewState) -> tuple[str, ...]:
    """A line for each threshold of coverage.json that no finding, no quote of a part and no person has claimed."""
    path = run / artefacts.COVERAGE
    if not path.is_file():
        return ()
    marked = {m.threshold.rpartition("/")[2] for m in state.marks}
    added = [
        span
        for part in list_parts(state.criteria)
        if isinstance(part.value, Decided)
        for evidence in part.value.evidence
        if evidence.finding is None
        for span in evidence.spans
    ]
    left = [
        t for t in load_artefact(path, Coverage).unclaimed
        if f"{t.start}-{t.end}" not in marked and not any(a <= t.start and t.end <= b for a, b in added)
    ]  # fmt: skip
    if not left:
        return ()
    told = [f"  p. {t.page}: {t.number} in “{t.text}”" for t in left[:MOST]]
    more = [f"  and {len(left) - MOST} more"] if len(left) > MOST else []
    return (f"Printed thresholds that nothing above claims ({len(left)}):", *told, *more, "")
