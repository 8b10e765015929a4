"""Numeric comparisons in passages that speak of selection, and which finding claims each: what is left was missed.

A comparison is a number with a relation in signs or words, an end of a range, or a number of objects that is asked
for. Values that are only set equal (`m_H = 125 GeV`), efficiencies and years are not comparisons.
"""

import re
from collections.abc import Iterator, Sequence

from extract.grounding.belonging import classify
from extract.grounding.ground import judge, read_places
from extract.grounding.index import GroundingIndex
from extract.grounding.judgement import Reading
from extract.grounding.statements import PrintedNumber
from extract.grounding.tokens import split_tokens
from extract.rules.sections import find_speaking, judge_headings, read_headings
from schemas.coverage import Coverage, PrintedThreshold
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.reading import Consensus

_CONTEXT = 60  # characters on either side
_ASKS = re.compile(
    r"\b(?:requir|must|has to|have to|should|need|demand|select|preselect|reject|veto|remov|discard|exclu|keep|kept"
    r"|accept|retain|satisf|fulfil|pass|criteri|cuts?\b|threshold|consider|categor|region|allow|defin|with\s+\S+\s*[<>≤≥])",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:efficienc|resolution|uncertaint|purit|acceptance|luminosity|cross[- ]section|average|probabilit|fraction of"
    r"|rate\b"
    r"|coverage|covers?\b|simulat|generat|contribut|expected|signal|background|var(?:y|ies)|total|ratio)\w*",
    re.IGNORECASE,
)
_RESULTS = re.compile(
    r"yield|uncertaint|systematic|result|expected|observed|number of (?:data )?events|cross[- ]section|fitted|limits?"
    r"|impact|predict|efficienc|resolution",
    re.IGNORECASE,
)
_EVENTS = re.compile(r"\s(?:signal |background |data )?events?\b")


def find_thresholds(document: Document) -> Coverage:
    """The numeric comparisons of the selection passages, none of them claimed."""
    return Coverage(thresholds=tuple(t for t, _ in _list_thresholds(GroundingIndex(document))))


def cover(
    document: Document, findings: Sequence[Finding], evidence: Sequence[Evidence], consensus: Consensus | None = None
) -> Coverage:
    """The numeric comparisons of the selection passages, each with the first grounded finding that claims it.

    A finding claims the numbers that carry it, and those of its own condition in the text of its quote. `evidence`
    belongs to `findings` one by one. With a consensus, `findings` are those of all readings: what any of them claims
    is claimed, in the name of the finding that stands for it. What cited works state claims nothing here.
    """
    names = {i: vote.finding for vote in (consensus.votes if consensus else ()) for i in vote.merged}
    index = GroundingIndex(document)
    claims: dict[tuple[int, int], str] = {}
    seen: dict[tuple[object, ...], tuple[tuple[int, int], ...]] = {}
    for finding, proof in zip(findings, evidence, strict=True):
        if not proof.grounded or finding.document is not None:
            continue
        # Readings repeat each other; what they claim depends on nothing but this.
        same = proof.spans, finding.model_dump_json(exclude={"id", "reader", "note", "scope", "group", "start"})
        if same not in seen:
            seen[same] = tuple(_list_claims(index, finding, proof))
        for place in seen[same]:
            claims.setdefault(place, names.get(finding.id, finding.id))
    thresholds = []
    for threshold, place in _list_thresholds(index):
        thresholds.append(threshold.model_copy(update={"claimed_by": claims.get(place)}))
    return Coverage(thresholds=tuple(thresholds))


def _list_claims(index: GroundingIndex, finding: Finding, proof: Evidence) -> Iterator[tuple[int, int]]:
    readings = read_places(index, proof.spans)
    yield from judge(finding, readings).marks
    values = {t.value for t in split_tokens(finding.condition or "") if t.kind == "number"}
    for reading in (r for r in readings if values and r.role == "quote"):
        for number in reading.statement.numbers:
            if number.value in values:
                yield reading.statement.start + number.start, reading.statement.start + number.end


def _list_thresholds(index: GroundingIndex) -> Iterator[tuple[PrintedThreshold, tuple[int, int]]]:
    seen: set[tuple[int, int]] = set()
    for start, end, trusted in sorted(_list_passages(index.document)):
        for reading in index.read(start, end):
            text = reading.statement.text
            if not trusted and not _ASKS.search(text):
                continue
            for number in _list_comparisons(reading):
                place = reading.statement.start + number.start, reading.statement.start + number.end
                if place not in seen and start <= place[0] < end:
                    seen.add(place)
                    yield _make_threshold(index, *place, number), place


def _list_passages(document: Document) -> Iterator[tuple[int, int, bool]]:
    """Spans that speak of selection, and whether all their sentences count or only those that ask for something."""
    for speaking in find_speaking(document):
        yield speaking.passage.start, speaking.passage.end, speaking.trust == "selection"
    for passage in document.passages:
        if passage.kind != "cell" or judge_headings(read_headings(document, passage.section)) == "none":
            continue
        table = document.tables[passage.table] if passage.table is not None else None
        if table is None or not _RESULTS.search(table.caption):
            yield passage.start, passage.end, True


def _list_comparisons(reading: Reading) -> Iterator[PrintedNumber]:
    statement = reading.statement
    ends = {i for pair in statement.ranges for i in (pair.lower, pair.upper)}
    for i, number in enumerate(statement.numbers):
        sign = statement.text[: number.start].rstrip()[-1:]
        compared = number.related and number.operators and (number.operators != {"=="} or sign != "=")
        if not (compared or i in ends or _is_absence(statement.text, number)):
            continue
        if not (_is_year(number) or _is_performance(statement.text, number)):
            yield number


def _is_year(number: PrintedNumber) -> bool:
    return not number.own_unit and number.value == int(number.value) and 1980 <= number.value <= 2060


def _is_absence(text: str, number: PrintedNumber) -> bool:
    """Whether "no" or "without" stands before objects: "no additional leptons"."""
    return number.counts and number.value == 0 and bool(classify(" ".join(text[number.end :].split()[:4])))


def _is_performance(text: str, number: PrintedNumber) -> bool:
    """Whether a percentage speaks of an efficiency or the like, or a number of how many events there are."""
    if number.unit is None and not number.counts and _EVENTS.match(text, number.end):
        return True
    if number.unit != "%":
        return False
    around = text[max(number.start - 60, 0) : number.end + 40]
    return bool(_ELSEWHERE.search(around))


def _make_threshold(index: GroundingIndex, start: int, end: int, number: PrintedNumber) -> PrintedThreshold:
    text = index.document.text
    first, last = max(start - _CONTEXT, 0), min(end + _CONTEXT, len(text))
    context = " ".join(text[first:last].split())
    if first > 0 and not text[first - 1].isspace():
        context = context.partition(" ")[2]
    if last < len(text) and not text[last].isspace():
        context = context.rpartition(" ")[0]
    return PrintedThreshold(page=index.document.page_at(start), start=start, end=end, text=context, number=number.text)
