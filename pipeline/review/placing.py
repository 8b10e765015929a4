"""Where a quote stands on the pages of a document as it is now."""

from pipeline.review.documents import ReviewedDocument
from schemas.evidence import Evidence


def place_evidence(doc: ReviewedDocument, evidence: Evidence) -> Evidence:
    """The evidence with the spans and boxes of its quote in this text.

    They are kept where they fit. Where the text was read otherwise since, or nobody wrote them down, the quote is
    looked for; what is not found comes back as it is.
    """
    if evidence.boxes and _fits(doc, evidence):
        return evidence
    if not doc.document.text:
        return evidence
    spans: list[tuple[int, int]] = []
    for fragment in evidence.quote:
        places = doc.index.find(fragment)
        if not places:
            return evidence
        page = evidence.page or 1
        anchor = spans[0][0] if spans else None
        best = min(
            places,
            key=lambda p: abs(p.start - anchor) if anchor is not None else abs(doc.document.page_at(p.start) - page),
        )
        spans.append((best.start, best.end))
    boxes = tuple(b for span in spans for b in doc.index.find_boxes(*span))
    return evidence.model_copy(update={"spans": tuple(spans), "boxes": boxes})


def _fits(doc: ReviewedDocument, evidence: Evidence) -> bool:
    """Whether the spans hold the quote; a normalised one differs in small things, and is believed."""
    if len(evidence.spans) != len(evidence.quote):
        return not evidence.spans
    text = doc.document.text
    if evidence.alignment != "exact":
        return all(0 <= a < b <= len(text) for a, b in evidence.spans) or not text
    return not text or all(text[a:b] == q.strip() for (a, b), q in zip(evidence.spans, evidence.quote, strict=True))
