"""How far an attempt goes: the sentences that carry its signs, and what they announce.

An order without a number of its own announces one: the sentences behind it, up to the first with a number, belong to
it. Where a passage begins with an attempt, all of it does. Next to an attempt a weak sign is enough.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.addressing.phrases import Kind
from extract.addressing.signs import Sign
from schemas.document import Document, Passage

_END = re.compile(r"[.!?][\"”’')\]]*\s+(?=[\"“‘(\[<{#*]?[^\W\d_a-zа-я])|[。！？]|\n")
_STOP = re.compile(r"[.!?][\"”’')\]]*\s+|[。！？]|\n")
_ANNOUNCES = re.compile(r"[:：]\s*$")


class Extent(NamedTuple):
    """A part of one passage that belongs to an attempt."""

    start: int
    end: int
    kinds: frozenset[Kind]


class _Sentence(NamedTuple):
    start: int
    end: int
    signs: tuple[Sign, ...]

    @property
    def strong(self) -> bool:
        kinds = {s.kind for s in self.signs}
        return any(s.strong for s in self.signs) or len(kinds) > 1

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(s.kind for s in self.signs)


def find_extents(document: Document, signs: Sequence[Sign]) -> tuple[Extent, ...]:
    """The parts of the document's passages that belong to attempts, in order of the text."""
    if not signs:
        return ()
    passages = document.passages
    starts = [p.start for p in passages]
    touched: dict[int, list[Sign]] = {}
    for sign in signs:
        first = max(bisect_right(starts, sign.start) - 1, 0)
        last = max(bisect_right(starts, max(sign.end - 1, sign.start)) - 1, first)
        for n in range(first, last + 1):
            if n < len(passages) and sign.start < passages[n].end and passages[n].start < sign.end:
                touched.setdefault(n, []).append(sign)
    bad: dict[int, list[Extent]] = {}
    for n, found in touched.items():
        if extents := list(_read_passage(document, passages[n], found, near=False)):
            bad[n] = extents
    for n in [n for n in touched if n not in bad and (n - 1 in bad or n + 1 in bad)]:
        if extents := list(_read_passage(document, passages[n], touched[n], near=True)):
            bad[n] = extents
    for n in sorted(bad):
        _spread(document, n, bad)
    return tuple(extent for n in sorted(bad) for extent in bad[n])


def _split(text: str, start: int, end: int, signs: Sequence[Sign]) -> list[_Sentence]:
    """The sentences of a passage; a sentence in small letters begins where a sign stands behind a full stop."""
    cuts = {start, end, *(start + m.end() for m in _END.finditer(text[start:end]))}
    for sign in signs:
        if sign.strong and start < sign.start < end:
            stops = [m.end() for m in _STOP.finditer(text[start : sign.start])]
            cuts |= {start + stops[-1]} if stops else set()
    edges = sorted(cuts)
    return [_Sentence(a, b, tuple(s for s in signs if s.start < b and a < s.end)) for a, b in itertools.pairwise(edges)]


def _read_passage(document: Document, passage: Passage, signs: Sequence[Sign], *, near: bool) -> Iterator[Extent]:
    sentences = _split(document.text, passage.start, passage.end, signs)
    bad = [s.strong or (near and bool(s.signs)) for s in sentences]
    if not any(bad):
        return
    kinds: frozenset[Kind] = frozenset().union(*(s.kinds for s, b in zip(sentences, bad, strict=True) if b))
    if bad[0] or passage.kind in ("cell", "heading"):
        yield Extent(passage.start, passage.end, kinds)
        return
    n = bad.index(True)
    while n < len(sentences):
        if not bad[n]:
            n += 1
            continue
        last = _end_run(document.text, sentences, bad, n)
        yield Extent(sentences[n].start, sentences[last].end, kinds)
        n = last + 1


def _end_run(text: str, sentences: Sequence[_Sentence], bad: Sequence[bool], first: int) -> int:
    """The last sentence of a run that starts with sentence `first`."""
    last = first
    while last + 1 < len(sentences):
        said = text[sentences[first].start : sentences[last].end]
        announced = _ANNOUNCES.search(said) is not None or re.search(r"\d", said) is None
        if not (bad[last + 1] or sentences[last + 1].signs or announced):
            break
        last += 1
    return last


def _spread(document: Document, n: int, bad: dict[int, list[Extent]]) -> None:
    """What an attempt takes with it: the list it announces, the section or the cells it stands over."""
    passage, extent = document.passages[n], bad[n][-1]
    text = document.passage_text(passage)
    taken: list[int] = []
    if passage.kind == "heading" and extent.kinds & {"address", "role", "chat"}:
        section = document.sections[passage.section] if passage.section is not None else None
        taken = [
            i
            for i in range(n + 1, len(document.passages))
            if section and document.passages[i].start < section.end and document.passages[i].section == passage.section
        ]
    elif passage.kind == "cell" and passage.table is not None:
        cells = {c.start: c for c in document.tables[passage.table].cells}
        own = cells.get(passage.start)
        bare = re.search(r"\d", text) is None
        for i, other in enumerate(document.passages):
            cell = cells.get(other.start) if other.kind == "cell" and other.table == passage.table else None
            if own and cell and cell is not own:
                governed = own.text in cell.row_path or own.text in cell.header_path
                if governed or (bare and cell.row == own.row and cell.column > own.column):
                    taken.append(i)
    elif extent.end == passage.end and _ANNOUNCES.search(text):
        i = n + 1
        while i < len(document.passages) and document.passages[i].kind == "item":
            taken.append(i)
            i += 1
        if not taken and i < len(document.passages) and document.passages[i].kind in ("paragraph", "other", "cell"):
            taken = [i]
    for i in taken:
        other = document.passages[i]
        bad[i] = [Extent(other.start, other.end, extent.kinds)]
