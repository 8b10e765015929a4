"""The places of a text that cite works: numbers in brackets, raised numbers, keys, names with years.

Which numbers are marks is told by the bibliography (they are keys of it), by the words around (an interval has a unit
or stands behind "range"), and by the file's own links into the bibliography.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from papers.entries import Entry, EntryStyle
from papers.named_marks import find_named_marks
from schemas.citation import Mark
from schemas.document import Document

_Printed = Literal["bracket", "paren", "superscript"]

_N = r"\d{1,4}"
_LIST = rf"{_N}(?:\s*(?:,|;|–|-|—| and )\s*{_N})*"
_BRACKETS = re.compile(
    rf"\[(?:see |cf\. |e\.g\. )?(?P<list>{_LIST})"
    r"(?:, (?:pp?|Secs?|Sections?|Chap|Ch|Figs?|Tables?|Eqs?|App)\b\.? ?[^\]]{1,20})?\]"
)
_PARENS = re.compile(rf"\((?P<list>{_LIST})\)")
_RAISED = re.compile(rf"\^(?:\{{\[?(?P<list>{_N}(?:[,–-]{_N})*)\]?\}}|(?P<one>\d))(?![\w{{^])")
_SPOKEN = re.compile(
    rf"\b(?:Refs?|References?|refs?)(?:\.|\b) ?(?P<list>{_N}(?:(?:, ?| ?[–-] ?|, and | and ){_N})*)(?![\w.]*\d| ?[%×])"
)
# What makes "[105, 160]" an interval: a unit or a relation behind it, words for a range in front of it.
_UNIT = re.compile(
    r"^\s?(?:[TGMkµμm]?eV|fb|pb|[mcμk]?m\b|m?rad|ns|ps|°|%|×|[<>≤≥=∪∩⊂])|^\s*(?:range|interval|window|bins?)\b"
)
_RANGED = re.compile(
    r"(?:range|interval|window|region|values?|bins?|between|within|from|edges|∈|[<>≤≥=×∪∩]|[_^]\{?\w{1,6}\}?|\||"
    r"[ηφεσμθ])\s?(?:of |in |with |the |are |is |= ?|: ?)*$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"(?<![\w-])(?:Eqs?|Equations?|Tables?|Figs?|Figures?|Sections?|Sec|items?|steps?)\.?\s?$", re.I
)
_COUNTED = re.compile(r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|both|all|or|and)\s$", re.I)
_BEFORE_PAREN = re.compile(r"(?:[a-z]{3,}|[.,;:)\]”’]|\bet al)\s?$")
_SYMBOL = re.compile(r"(?:^|[\s(\[/·×*|_{}-])(?:[A-Za-z]{1,2}|[TGMk]?eV|[mcμ]m|rad|fb|pb|[^A-Za-z\s]*[α-ωΑ-Ωℓ}|)])$")
_HEADING = 40  # characters
_MOST_IN_RANGE = 200
_LINKED = 0.7  # share of linked marks from which on the others are none


class _Candidate(NamedTuple):
    """Numbers that are keys of the bibliography, printed like a mark."""

    keys: tuple[str, ...]
    start: int
    end: int
    printed: _Printed
    sure: bool  # a link of the file leads from there to one of its works, or the words say "Ref."
    doubtful: bool  # it may be an interval, a power or a number of an equation


def find_marks(document: Document, entries: Sequence[Entry], style: EntryStyle) -> tuple[Mark, ...]:
    """The marks in order of the text; marks in the bibliography itself, tables of contents and titles are left out."""
    if style in ("author", "key"):
        return find_named_marks(document, entries, style)
    known = {e.key for e in entries}
    linked = _read_linked(document, entries)
    found = [c for passage in _list_passages(document) for c in _find_candidates(document, *passage, known, linked)]
    kept = _keep_likely(found, len(known), bool(linked))
    return tuple(Mark(keys=c.keys, start=c.start, end=c.end, page=document.page_at(c.start)) for c in kept)


def _list_passages(document: Document) -> Iterator[tuple[int, int]]:
    for passage in document.passages:
        if passage.kind not in ("bibliography", "other"):
            yield passage.start, passage.end


def _read_linked(document: Document, entries: Sequence[Entry]) -> Mapping[int, set[str]]:
    """Where links into the bibliography start, and the keys of the works they lead to."""
    starts = [e.start for e in entries]
    out: dict[int, set[str]] = {}
    for link in document.links:
        if link.target is None or link.start == link.end or link.start >= starts[0] > 0:
            continue
        # a link to the first entry may lead to the heading above it
        first = 0 < starts[0] - link.target < _HEADING
        i = 0 if first else bisect_right(starts, link.target) - 1
        if i >= 0 and link.target < entries[i].end:
            out.setdefault(link.start, set()).add(entries[i].key)
    return dict(sorted(out.items()))


def _find_candidates(
    document: Document, start: int, end: int, known: set[str], linked: Mapping[int, set[str]]
) -> Iterator[_Candidate]:
    text = document.text[start:end]
    places = sorted(linked)
    patterns: tuple[tuple[_Printed, re.Pattern[str]], ...] = (
        ("bracket", _BRACKETS),
        ("bracket", _SPOKEN),
        ("superscript", _RAISED),
        ("paren", _PARENS),
    )
    for printed, pattern in patterns:
        for found in pattern.finditer(text):
            keys = spell_out(found["list"] or found["one"]) if pattern is _RAISED else spell_out(found["list"])
            if not keys or not known.issuperset(keys):
                continue
            a, b = start + found.start(), start + found.end()
            word = document.text.rfind(" ", 0, a) + 1
            leads = [k for p in places[bisect_left(places, min(word, a)) : bisect_left(places, b)] for k in linked[p]]
            around = text[max(0, found.start() - 40) : found.start()], text[found.end() : found.end() + 40]
            spoken = pattern is _SPOKEN
            doubtful = not spoken and _is_doubtful(printed, found["list"] or "", *around)
            yield _Candidate(keys, a, b, printed, spoken or bool(set(leads) & set(keys)), doubtful)


def spell_out(numbers: str) -> tuple[str, ...]:
    """The keys that a list names: `4–6, 9` gives 4, 5, 6 and 9; empty for a range that falls or is too long."""
    keys: list[str] = []
    for part in re.split(r"\s*(?:,|;|\band\b)\s*", numbers):
        ends = [int(n) for n in re.split(r"\s*[–—-]\s*", part) if n]
        if not ends or ends[-1] < ends[0] or ends[-1] - ends[0] > _MOST_IN_RANGE:
            return ()
        keys += [str(n) for n in range(ends[0], ends[-1] + 1)]
    return tuple(dict.fromkeys(keys))


def _is_doubtful(printed: _Printed, numbers: str, before: str, behind: str) -> bool:
    if printed == "superscript":
        return _SYMBOL.search(before[-12:]) is not None or before[-1:].isdigit() or before[-1:] in " ^_{"
    if _UNIT.match(behind) or _NUMBERING.search(before[-14:]):
        return True
    if printed == "paren":
        # "5 (3) GeV", "Eq. (4)", "(2)" in front of an item
        counted = _COUNTED.search(before) is not None or re.match(r"\s?\d", behind) is not None
        return counted or _BEFORE_PAREN.search(before[-14:]) is None
    pair = re.fullmatch(r"\d+\s*[,;]\s*\d+", numbers) is not None
    return pair and _RANGED.search(before[-30:]) is not None


def _keep_likely(found: Sequence[_Candidate], n_works: int, linked: bool) -> list[_Candidate]:
    """The candidates of the way in which this paper cites, in order; what overlaps another one is left out.

    A paper cites in one way: the one that names most of its works, brackets before the others. Where the file links
    its marks, a doubtful number without a link is none.
    """
    covered: dict[_Printed, int] = {}
    for printed in ("bracket", "superscript", "paren"):
        likely = [c for c in found if c.printed == printed and (c.sure or not c.doubtful)]
        linked_share = sum(c.sure for c in likely) if linked else 0
        covered[printed] = len({k for c in likely for k in c.keys}) + 2 * linked_share
    best = max(covered, key=lambda p: covered[p] * (2 if p == "bracket" else 1))
    if covered["bracket"] >= 0.3 * n_works:
        best = "bracket"
    likely = [c for c in found if c.printed == best and not c.doubtful]
    all_linked = best != "bracket" and sum(c.sure for c in likely) > _LINKED * len(likely)
    kept: list[_Candidate] = []
    for c in sorted(found, key=lambda c: (c.start, -c.end)):
        if kept and c.start < kept[-1].end:
            continue
        if c.sure or (c.printed == best and not c.doubtful and not all_linked):
            kept.append(c)
    return kept
