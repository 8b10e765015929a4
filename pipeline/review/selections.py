"""What a person selects on a page, as evidence: verbatim, with its place, judged against the requirement."""

from collections.abc import Iterator

from pipeline.review.documents import ReviewedDocument
from schemas.criteria import Cut
from schemas.errors import CriteriaError
from schemas.evidence import Evidence

MOST = 4000  # characters of a quote; a long paragraph has two thousand


def make_evidence(doc: ReviewedDocument, start: int, end: int, cut: Cut | None = None) -> Evidence:  # noqa: ARG001
    """The evidence for what stands from `start` to `end` of a document's text.

    Raises CriteriaError when nothing, or too much, is selected.
    """
    spans = tuple(split_selection(doc, start, end))
    boxes = tuple(b for span in spans for b in doc.index.find_boxes(*span))
    return Evidence(
        document_id=doc.id,
        page=doc.document.page_at(spans[0][0]),
        quote=tuple(doc.document.text[a:b] for a, b in spans),
        spans=spans,
        boxes=boxes,
        alignment="exact",
        number="not_applicable",
        unit="not_applicable",
        operator="not_applicable",
        polarity="not_applicable",
        source="prose",
        recognised=any(b.page in doc.document.ocr_pages for b in boxes),
    )


def split_selection(doc: ReviewedDocument, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a selection, one per passage, as whole words without blanks around them."""
    text = doc.document.text
    if not 0 <= start < end <= len(text):
        raise CriteriaError(f"selection: {start} to {end} is no part of {doc.id}; select the words again")
    if end - start > MOST:
        raise CriteriaError(f"selection: more than {MOST} characters are selected; select the sentence that says it")
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    found = False
    at = start
    for line in text[start:end].split("\n"):
        first, last = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        if first < last:
            found = True
            yield first, last
        at += len(line) + 1
    if not found:
        raise CriteriaError("selection: nothing but blanks is selected; select the words that say it")
