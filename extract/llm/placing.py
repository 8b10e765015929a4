"""Where the quotes of a model's items stand, and the items as findings.

A model's page and the order of its pieces are hints; the place is where the words are. What was read from one part of
a paper is looked for in that part first: the same words may stand elsewhere.
"""

from collections.abc import Iterable, Sequence

from extract.grounding.ground import locate
from extract.grounding.index import GroundingIndex, split_quote
from extract.llm.answers import Item, RampAnswer
from extract.llm.quoting import Spans, read_quote, widen_quote
from schemas.evidence import Check, Evidence
from schemas.finding import Finding, Ramp, Value


def make_finding(item: Item, index: GroundingIndex, spans: Spans, reader: str, name: str) -> Finding:
    """The finding of an item that was read from `spans`, with its page and start; the model's page if it is nowhere.

    Where the quote is there but leaves out what carries the statement, it becomes the sentence.
    """
    quote = read_quote(item.quote, index, spans)
    start = _find_start(quote, index, spans)
    page = index.document.page_at(start) if start is not None else _guess_page(item, index, spans)
    source = item.source
    if start is not None:
        in_cell = index.tables.find_cell(start, start + 1) is not None
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
    if start is not None and not evidence.grounded and "absent" in _checks(evidence):
        wide = widen_quote(quote, start, index)
        wider = finding.model_copy(update={"quote": wide, "start": None}) if wide else finding
        wider = wider.model_copy(update={"start": _find_start(wider.quote, index, spans)})
        proof, _ = locate(index, wider)
        if proof.grounded:
            finding, evidence = wider, proof
    return finding if evidence.page is None else finding.model_copy(update={"page": evidence.page})


def _checks(evidence: Evidence) -> tuple[Check, ...]:
    return evidence.number, evidence.unit, evidence.operator, evidence.polarity


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
