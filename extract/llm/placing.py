"""Where the quotes of a model's items stand, and the items as findings.

A model's page and the order of its pieces are hints; the place is where the words are. What was read from one part of
a paper is looked for in that part first: the same words may stand elsewhere.
"""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from extract.grounding.ground import locate
from extract.grounding.index import GroundingIndex, split_quote
from extract.llm.answers import Item, RampAnswer
from schemas.finding import Finding, Ramp, Value

Spans = Sequence[tuple[int, int]]

_ALIKE = 88.0  # of 100: how alike words must be to be taken for a quote that was copied with slips
_SHORT = 12  # characters: shorter quotes are not looked for by likeness


def make_finding(item: Item, index: GroundingIndex, spans: Spans, reader: str, name: str) -> Finding:
    """The finding of an item that was read from `spans`, with its page and start; the model's page if it is nowhere.

    A quote that is nearly the paper's words is replaced by them; the grounding judges the paper's words in any case.
    """
    quote = tuple(_mend_quote(q, index, spans) for q in item.quote)
    start = _find_start(quote, index, spans)
    page = index.document.page_at(start) if start is not None else _guess_page(item, index, spans)
    source = item.source
    if start is not None:
        in_cell = any(index.tables.find_cell(p.start, p.end) for q in quote for p in index.find(q)[:1])
        source = "table" if in_cell else "caption" if source == "caption" else "prose"
    finding = Finding(
        id=name, stage=item.stage, subject=_name(item.subject, item.other_subject),
        second_subject=_name(item.second_subject, item.other_second_subject) if item.second_subject else None,
        variable=_name(item.variable, item.other_variable), operator=item.operator, value=_value(item),
        closed=item.closed, unit=item.unit, effect=item.effect, effect_target=item.effect_target,
        condition=item.condition, scope=item.scope, group=item.group, order=item.order, quote=quote, source=source,
        cites=item.cites, page=page, start=start, reader=reader,
    )  # fmt: skip
    evidence, _ = locate(index, finding)
    return finding if evidence.page is None else finding.model_copy(update={"page": evidence.page})


def _name(name: str, words: str | None) -> str:
    return f"other:{words}" if name == "other" and words else name


def _value(item: Item) -> Value | None:
    value = item.value
    if isinstance(value, RampAnswer):
        return Ramp(argument=value.argument, x=value.x, y=value.y, x_unit=value.x_unit)
    return value


def _find_start(quote: Sequence[str], index: GroundingIndex, spans: Spans) -> int | None:
    """Where the first piece starts, within the spans if it is there; None when a piece is nowhere."""
    found = [[index.find(part) for part in split_quote(q)] for q in quote]
    if not all(places for parts in found for places in parts):
        return None
    cells = [p[0].start for p in index.tables.place(list(quote))] if len(quote) > 1 and index.document.tables else []
    starts = cells or [p.start for p in found[0][0]]
    inside = [s for s in starts if any(a <= s < b for a, b in spans)]
    return min(inside or starts, key=lambda s: _distance(s, spans))


def _distance(start: int, spans: Spans) -> int:
    return min((0 if a <= start < b else min(abs(start - a), abs(start - b)) for a, b in spans), default=start)


def _guess_page(item: Item, index: GroundingIndex, spans: Spans) -> int:
    pages = sorted({index.document.page_at(a) for a, _ in spans}) or [1]
    return item.page if item.page in pages else pages[0]


def _mend_quote(quote: str, index: GroundingIndex, spans: Spans) -> str:
    """The paper's own words for a quote with slips: the part of a sentence in the spans that is most like it."""
    if all(index.find(part) for part in split_quote(quote)) or len(quote) < _SHORT:
        return quote
    text = index.document.text
    best: tuple[float, int, int] = (_ALIKE, 0, 0)
    for start, end in spans:
        match = fuzz.partial_ratio_alignment(quote, text[start:end], score_cutoff=best[0])
        if match is not None and match.score > best[0]:
            best = match.score, start + match.dest_start, start + match.dest_end
    score, first, last = best
    if score <= _ALIKE or _numbers(quote) != _numbers(words := _widen(text, first, last)):
        return quote
    return words


def _widen(text: str, first: int, last: int) -> str:
    """A part of the text, widened to whole words within its line."""
    while first > 0 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and not text[last].isspace():
        last += 1
    return " ".join(text[first:last].split("\n")[0].split()) if "\n" in text[first:last] else text[first:last].strip()


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def merge_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in order of the text, one of those that say the same of the same words (overlapping chunks)."""
    kept: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        same = kept.setdefault(_meaning(finding), [])
        if not any(_share_words(finding, other) for other in same):
            same.append(finding)
    merged = [f for same in kept.values() for f in same]
    return tuple(sorted(merged, key=lambda f: (f.start if f.start is not None else -1, f.page)))


def _meaning(finding: Finding) -> tuple[object, ...]:
    return (
        finding.subject, finding.second_subject, finding.variable, finding.operator, finding.value, finding.unit,
        finding.effect, finding.condition, finding.scope, finding.cites,
    )  # fmt: skip


def _share_words(a: Finding, b: Finding) -> bool:
    if a.start is None or b.start is None:
        return a.quote == b.quote
    return a.start < b.start + len(b.quote[0]) and b.start < a.start + len(a.quote[0])
