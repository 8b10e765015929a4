"""What a person selects on a page, as evidence: verbatim, with its place, judged as the quotes of readers are.

A quote is judged for a part by saying the part again as a finding. What has no such form is checked for its numbers
only, and nothing is claimed of the rest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from extract.attempts import REFUSED, is_addressed
from extract.grounding.ground import judge, read_places
from extract.grounding.judgement import Judgement
from extract.grounding.measures import same_figures, same_value
from extract.restating.findings import Owner, restate
from pipeline.review.documents import ReviewedDocument
from pipeline.review.placing import place_evidence
from schemas.criteria import Candidate, Cut, OverlapRemoval, OverlapStep, SelectionCriteria
from schemas.document import Passage
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from schemas.review import Shown
from schemas.vocabulary import Source

MOST = 4000  # characters of a quote; a long paragraph has two thousand

Spans = tuple[tuple[int, int], ...]


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


def judge_evidence(
    doc: ReviewedDocument,
    evidence: Evidence,
    part: Shown | None,
    criteria: SelectionCriteria | None = None,
    owner: Owner | None = None,
) -> Evidence:
    """The same quote at the same place with the checks of another part. It came with no finding then."""
    judgement = _judge(doc, evidence, part, criteria or SelectionCriteria(), owner)
    position = judgement.marks[0][0] if judgement.marks else evidence.spans[0][0] if evidence.spans else None
    return evidence.model_copy(
        update={
            "page": doc.document.page_at(position) if position is not None else evidence.page,
            "number": judgement.number,
            "unit": judgement.unit,
            "operator": judgement.operator,
            "polarity": judgement.polarity,
            "reason": judgement.reason,
            "finding": None,
        }
    )


def reground(
    documents: Sequence[ReviewedDocument], part: Cut, criteria: SelectionCriteria, owner: Owner | None = None
) -> tuple[Evidence, ...]:
    """The quotes of a part, and of what it said before, that prove what it says now; each judged anew.

    Empty where none does, and where what it says cannot be judged.
    """
    if restate(part, criteria, owner) is None:
        return ()
    by_id = {d.id: d for d in documents}
    found: dict[tuple[str, tuple[str, ...]], Evidence] = {}
    for old in (*part.evidence, *part.history):
        doc = by_id.get(old.document_id)
        key = old.document_id, old.quote
        if doc is None or key in found or old.alignment == "not_found":
            continue
        placed = place_evidence(doc, old)
        if not placed.spans:
            continue
        judged = judge_evidence(doc, placed, part, criteria, owner)
        if judged.grounded and judged.number == "ok":
            found[key] = judged
    return tuple(found.values())


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


def find_source(doc: ReviewedDocument, spans: Spans) -> Source:
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


def _judge(
    doc: ReviewedDocument, evidence: Evidence, part: Shown | None, criteria: SelectionCriteria, owner: Owner | None
) -> Judgement:
    if not evidence.spans or not isinstance(part, Cut | OverlapRemoval | OverlapStep | Candidate):
        return Judgement()
    finding = restate(part, criteria, owner)
    if finding is None:
        return _look_for_numbers(doc, evidence.spans, part) if isinstance(part, Cut) else Judgement()
    claimed = finding.model_copy(update={"quote": evidence.quote, "source": evidence.source})
    return judge(claimed, read_places(doc.index, evidence.spans))


def _look_for_numbers(doc: ReviewedDocument, spans: Spans, cut: Cut) -> Judgement:
    """Whether the numbers of a cut are printed there, where nothing else can be judged.

    That a candidate exists is said of its members, in whatever words.
    """
    threshold = cut.threshold
    if threshold is None or cut.variable.startswith("count("):
        return Judgement()
    wanted = [threshold.value] if threshold.value is not None else [*(threshold.values or threshold.range or ())]
    printed = [
        (r, n)
        for r in read_places(doc.index, spans)
        for n in r.statement.numbers
        if r.role == "quote" and r.holds(n.start, n.end)
    ]
    marks = []
    for value in wanted:
        fitting = [(r, n) for r, n in printed if same_value(value, threshold.unit, n, None) or same_figures(value, n)]
        if not fitting:
            return Judgement(number="absent", reason=f"{value:g} is not printed there")
        reading, number = fitting[0]
        marks.append((reading.statement.start + number.start, reading.statement.start + number.end))
    return Judgement(number="ok" if wanted else "not_applicable", marks=tuple(marks))
