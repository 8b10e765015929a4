"""Printed thresholds of the paper: which finding or part claims each, and what a person said of those that none does.

What a reader missed is never dropped: a threshold waits until a person gives it to a part or says that it is none of
the selection, or until a part that they added quotes it and requires its number.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from extract.grounding.tokens import split_tokens
from pipeline import artefacts
from pipeline.review.documents import ReviewedDocument
from pipeline.review.parts import Part, list_parts
from pipeline.run_store import load_artefact
from schemas.coverage import Coverage, PrintedThreshold
from schemas.criteria import Cut, ObjectDefinition, OverlapRemoval, OverlapStep, Question, Region, Threshold
from schemas.document import Box
from schemas.evidence import Evidence
from schemas.review import Mark, ReviewState


class CoveredThreshold(NamedTuple):
    """A printed threshold and who claims it."""

    address: str
    document: str
    """Id of the document that prints it."""
    threshold: PrintedThreshold
    boxes: tuple[Box, ...]
    """Where the number stands, in points from the top left."""
    parts: tuple[str, ...]
    """Addresses of the parts whose evidence claims it; empty where a finding claims it that has no part any more."""
    mark: Mark | None
    """What a person said of it."""

    @property
    def claimed(self) -> bool:
        """Whether a finding or a part claims it, apart from what a person marked."""
        return self.threshold.claimed_by is not None or bool(self.parts)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a word."""
        return not self.claimed and self.mark is None


def make_address(document: str, start: int, end: int) -> str:
    """The address of a printed threshold."""
    return f"threshold:{document}/{start}-{end}"


def list_thresholds(
    run: Path, documents: Sequence[ReviewedDocument], state: ReviewState
) -> tuple[CoveredThreshold, ...]:
    """All printed thresholds of the paper's selection passages, in the order of its text; none without a paper.

    Raises RunFolderError when the run's coverage is damaged.
    """
    paper = next((d for d in documents if d.is_paper), None)
    path = run / artefacts.COVERAGE
    if paper is None or not path.is_file():
        return ()
    coverage = _load(path, path.stat().st_mtime_ns)
    marks = {m.threshold: m for m in state.marks}
    found = []
    for threshold, claims in find_claims(coverage, paper.id, state):
        address = make_address(paper.id, threshold.start, threshold.end)
        found.append(
            CoveredThreshold(
                address=address,
                document=paper.id,
                threshold=threshold,
                boxes=paper.index.find_boxes(threshold.start, threshold.end),
                parts=claims,
                mark=marks.get(address),
            )
        )
    return tuple(found)


def find_claims(
    coverage: Coverage, document: str, state: ReviewState
) -> Iterator[tuple[PrintedThreshold, tuple[str, ...]]]:
    """Each printed threshold of a document with the addresses of the parts whose evidence claims it."""
    parts = list_parts(state.criteria)
    by_finding: dict[str, list[str]] = {}
    for part in parts:
        for evidence in _list_own(part):
            if evidence.finding is not None:
                by_finding.setdefault(evidence.finding, []).append(part.address)
    added = list(_list_added(document, parts))
    for threshold in coverage.thresholds:
        claims = list(by_finding.get(threshold.claimed_by or "", ()))
        claims += [one.address for one in added if one.claims(threshold) and one.address not in claims]
        yield threshold, tuple(dict.fromkeys(claims))


def list_unclaimed(
    run: Path, documents: Sequence[ReviewedDocument], state: ReviewState
) -> tuple[CoveredThreshold, ...]:
    """Those that no finding and no part claims, with what a person said of them: what a review goes through."""
    return tuple(t for t in list_thresholds(run, documents, state) if not t.claimed)


class _Added(NamedTuple):
    """A quote that a person gave to a part, and the numbers that the part requires."""

    address: str
    spans: tuple[tuple[int, int], ...]
    numbers: frozenset[float]

    def claims(self, threshold: PrintedThreshold) -> bool:
        if not any(start <= threshold.start and threshold.end <= end for start, end in self.spans):
            return False
        printed = [t.value for t in split_tokens(threshold.number) if t.value is not None]
        return any(value in self.numbers for value in printed)


def _list_added(document: str, parts: Sequence[Part]) -> Iterator[_Added]:
    for part in parts:
        numbers = _list_numbers(part)
        if not numbers or (
            isinstance(part.value, Cut | OverlapRemoval | OverlapStep) and part.value.status == "rejected"
        ):
            continue
        for evidence in _list_own(part):
            if evidence.finding is None and evidence.document_id == document and evidence.spans:
                yield _Added(part.address, evidence.spans, numbers)


def _list_own(part: Part) -> tuple[Evidence, ...]:
    """The evidence of a part, and of what it said before it was edited: the number was not missed."""
    value = part.value
    if isinstance(value, Question):
        return value.evidence
    return () if isinstance(value, ObjectDefinition | Region) else (*value.evidence, *value.history)


def _list_numbers(part: Part) -> frozenset[float]:
    """The numbers that a part requires, as the paper may print them."""
    value = part.value
    if isinstance(value, OverlapRemoval | OverlapStep):
        return frozenset((value.deltaR,))
    if not isinstance(value, Cut):
        return frozenset()
    texts = [value.condition or "", value.words or ""]
    numbers = set[float]()
    if value.threshold is not None:
        numbers |= set(_read_threshold(value.threshold))
        texts.append(value.threshold.expression or "")
        texts.append(value.threshold.literal or "")
    numbers |= {t.value for text in texts for t in split_tokens(text) if t.value is not None}
    return frozenset(numbers)


def _read_threshold(threshold: Threshold) -> Iterator[float]:
    if threshold.value is not None:
        yield threshold.value
    yield from threshold.values or ()
    yield from threshold.range or ()


@lru_cache(maxsize=4)
def _load(path: Path, changed: int) -> Coverage:  # noqa: ARG001 - when it changed is part of the key
    return load_artefact(path, Coverage)
