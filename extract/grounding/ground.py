"""Findings against the paper: where each quote stands, and whether it says number, unit, operator and polarity.

A finding is checked against the text that was found, never against the quote that it claims.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from extract.attempts import REFUSED
from extract.grounding.alignment import Place
from extract.grounding.index import GroundingIndex, split_quote
from extract.grounding.judgement import Judgement, Reading
from extract.grounding.labels import check_cites, judge_choice, judge_label, judge_passing
from extract.grounding.numeric import judge_list, judge_number, judge_range
from extract.grounding.ramps import judge_ramp
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding, Ramp

_TRIED = 6  # places of a repeated quote that are judged
_NEAR = 4  # characters by which a reader's own start may be off


def ground_findings(document: Document, findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    """The evidence of each finding, in the same order. Nothing is raised: what is not there is `not_found`."""
    index = GroundingIndex(document)
    return tuple(ground(index, finding) for finding in findings)


def ground(index: GroundingIndex, finding: Finding) -> Evidence:
    """The evidence of one finding."""
    return locate(index, finding)[0]


def locate(index: GroundingIndex, finding: Finding) -> tuple[Evidence, Judgement]:
    """The evidence of one finding, and the judgement behind it (which numbers carry it)."""
    fragments = [part for quote in finding.quote for part in split_quote(quote)]
    found = [index.find(fragment) for fragment in fragments]
    missing = next((f for f, places in zip(fragments, found, strict=True) if not places), None)
    if missing is not None:
        what = REFUSED if index.is_refused(missing) else "not in the visible text"
        reason = f"{what}: '{_shorten(missing)}'"
        return _make_evidence(index, finding, (), Judgement(), reason), Judgement(reason=reason)
    best: tuple[Judgement, tuple[Place, ...]] | None = None
    for places in _choose(index, finding, found):
        cite = (
            check_cites(finding, [t for p in places for t in index.find_passages(p.start, p.end)])
            if finding.cites
            else None
        )
        stranger = (
            index.tables.find_stranger(fragments, [(p.start, p.end) for p in places]) if len(places) > 1 else None
        )
        if cite is not None:
            judgement = Judgement(number="absent", reason=f"the cited work {cite} is not cited there")
        elif stranger is not None:
            judgement = Judgement(number="wrong", reason=f"'{_shorten(stranger)}' is the label of another cell")
        else:
            judgement = judge(finding, read_places(index, [(p.start, p.end) for p in places]))
        if best is None or judgement.rank > best[0].rank:
            best = judgement, places
        if judgement.holds:
            break
    assert best is not None
    return _make_evidence(index, finding, best[1], best[0], best[0].reason), best[0]


def read_places(index: GroundingIndex, spans: Sequence[tuple[int, int]]) -> tuple[Reading, ...]:
    """What stands at the places of a quote, and the labels over those that are cells."""
    quoted = [r for span in spans for r in index.read(*span)]
    return (*quoted, *(r for span in spans for r in index.read_labels(*span)))


def judge(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding against the statements in which its quote was found."""
    value = finding.value
    if finding.operator in ("minimise", "maximise") or (finding.operator == "order" and not isinstance(value, tuple)):
        return judge_choice(finding, readings)
    if value is None:
        return judge_passing(finding, readings)
    if isinstance(value, Ramp):
        return judge_ramp(finding, readings)
    if isinstance(value, int | float):
        return judge_number(finding, readings)
    if isinstance(value, tuple) and all(isinstance(v, int | float) for v in value):
        if finding.operator in ("between", "outside") and len(value) == 2:
            return judge_range(finding, readings)
        return judge_list(finding, readings)
    return judge_label(finding, readings)


def _choose(index: GroundingIndex, finding: Finding, found: list[tuple[Place, ...]]) -> Iterable[tuple[Place, ...]]:
    """The places to judge: the one at the reader's own start, else those on its page, else the nearest to that."""
    document = index.document
    if len(found) > 1 and document.tables:
        fragments = [part for quote in finding.quote for part in split_quote(quote)]
        start = finding.start if finding.start is not None else 0
        cells = sorted(
            index.tables.place(fragments),
            key=lambda places: (
                abs(document.page_at(places[0].start) - finding.page),
                min(abs(p.start - start) for p in places),
            ),
        )
        if cells:
            yield from cells[:_TRIED]
            return
    lead = found[0]
    if finding.start is not None:
        begin = finding.start
        lead = tuple(sorted(lead, key=lambda p: abs(p.start - begin)))[:1]
    else:
        lead = tuple(sorted(lead, key=lambda p: abs(document.page_at(p.start) - finding.page)))
        nearest = abs(document.page_at(lead[0].start) - finding.page)
        lead = tuple(p for p in lead if abs(document.page_at(p.start) - finding.page) == nearest)
    for first in islice(lead, _TRIED):
        rest = tuple(min(places, key=lambda p: abs(p.start - first.start)) for places in found[1:])
        yield (first, *rest)


def _make_evidence(
    index: GroundingIndex, finding: Finding, places: tuple[Place, ...], judgement: Judgement, reason: str | None
) -> Evidence:
    boxes = tuple(box for p in places for box in index.find_boxes(p.start, p.end))
    page = None
    if places:
        position = judgement.marks[0][0] if judgement.marks else places[0].start
        page = index.document.page_at(position)
    alignment = "not_found" if not places else "exact" if all(p.alignment == "exact" for p in places) else "normalised"
    return Evidence(
        document_id=index.document.document_id,
        page=page,
        quote=finding.quote,
        spans=tuple((p.start, p.end) for p in places),
        boxes=boxes,
        alignment=alignment,
        number=judgement.number,
        unit=judgement.unit,
        operator=judgement.operator,
        polarity=judgement.polarity,
        source=finding.source,
        recognised=any(b.page in index.document.ocr_pages for b in boxes),
        finding=finding.id,
        reason=reason,
    )


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else plain[:57] + "..."
