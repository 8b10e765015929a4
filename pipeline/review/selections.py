"""What a person selects on a page, as evidence: verbatim, with its place, judged as the quotes of readers are."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from extract.attempts import REFUSED, is_addressed
from extract.restating.findings import Owner
from pipeline.review.documents import ReviewedDocument
from pipeline.review.judging import judge_evidence
from schemas.criteria import SelectionCriteria
from schemas.document import Passage
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import Shown
from schemas.vocabulary import Source

MOST = 4000  # characters of a quote; a long paragraph has two thousand


def make_evidence(
    doc: ReviewedDocument,
    start: int,
    end: int,
    part: Shown | None = None,
    criteria: SelectionCriteria | None = None,
    owner: Owner | None = None,
) -> Evidence:
    """The evidence for what stands from `start` to `end` of a document's text, judged for `part`.

    `criteria` say what the names in the part mean, and `owner` is the definition or region that holds it. Whole words
    are quoted, one fragment per passage. Text that addresses a program is `not_found`, as everywhere.

    Raises CriteriaError when nothing, or too much, is selected.
    """
    spans = tuple(split_selection(doc, start, end))
    quoted = Evidence(
        document_id=doc.id,
        page=doc.document.page_at(spans[0][0]),
        quote=tuple(doc.document.text[a:b] for a, b in spans),
        spans=spans,
        boxes=tuple(b for span in spans for b in doc.index.find_boxes(*span)),
        alignment="exact",
        number="not_applicable",
        unit="not_applicable",
        operator="not_applicable",
        polarity="not_applicable",
        source=find_source(doc, spans),
        recognised=any(doc.document.page_at(a) in doc.document.ocr_pages for a, _ in spans),
    )
    if any(is_addressed(doc.refused, a, b) for a, b in spans):
        return quoted.model_copy(
            update={"page": None, "spans": (), "boxes": (), "alignment": "not_found", "reason": REFUSED}
        )
    return judge_evidence(doc, quoted, part, criteria, owner)


def split_selection(doc: ReviewedDocument, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a selection, one per passage, as whole words without blanks around them.

    Raises CriteriaError when nothing, or too much, is selected.
    """
    text = doc.document.text
    if not 0 <= start < end <= len(text):
        raise CriteriaError(f"selection: {start} to {end} is no part of {doc.id}; select the words again")
    if end - start > MOST:
        raise CriteriaError(f"selection: more than {MOST} characters are selected; select the sentence that says it")
    first, last = _widen(doc, start, end)
    found = False
    at = first
    for line in text[first:last].split("\n"):
        begin, stop = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        if begin < stop:
            found = True
            yield begin, stop
        at += len(line) + 1
    if not found:
        raise CriteriaError("selection: nothing but blanks is selected; select the words that say it")


def find_sentence(doc: ReviewedDocument, start: int, end: int) -> tuple[int, int]:
    """The sentence, item or cell that a part of the text stands in."""
    readings = doc.index.read(start, end)
    if not readings:
        return start, end
    first, last = readings[0].statement, readings[-1].statement
    return min(first.start, start), max(last.start + len(last.text.rstrip()), end)


def find_source(doc: ReviewedDocument, spans: tuple[tuple[int, int], ...]) -> Source:
    """What kind of text spans are in: a table where one of them is a cell, a caption where all are, else prose."""
    kinds = {p.kind for a, b in spans for p in _list_passages(doc, a, b)}
    if "cell" in kinds:
        return "table"
    return "caption" if kinds == {"caption"} else "prose"


def _widen(doc: ReviewedDocument, start: int, end: int) -> tuple[int, int]:
    """A span with the words whole that it cuts."""
    words = doc.document.words
    k = bisect_right(words, start, key=lambda w: w.start) - 1
    if k >= 0 and words[k].start < start < words[k].end:
        start = words[k].start
    k = bisect_left(words, end, key=lambda w: w.start) - 1
    if k >= 0 and words[k].start < end < words[k].end:
        end = words[k].end
    return start, end


def _list_passages(doc: ReviewedDocument, start: int, end: int) -> Iterator[Passage]:
    passages = doc.document.passages
    k = max(bisect_right(passages, start, key=lambda p: p.start) - 1, 0)
    while k < len(passages) and passages[k].start < end:
        if start < passages[k].end:
            yield passages[k]
        k += 1
