"""The numbers that are printed on a page, each with the units that it can have.

Plain reading on purpose, and shared with no reader under test: a number counts with the unit that follows it, with the
unit at the end of its list ("20, 15 and 10 GeV", "25 (30) GeV", "50 < m < 106 GeV"), and in a cell of a table with the
units of the page's headers and captions ("[GeV]", "in GeV"). A number that stands alone has no unit.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from math import isclose, pi
from typing import NamedTuple

from schemas.document import Document
from schemas.errors import CriteriaError
from schemas.units import UNIT_ALIASES, UNITS, to_base

TOLERANCE = 1e-6

_UNIT_NAMES = sorted((*UNITS, *UNIT_ALIASES, "GeV²", "MeV²"), key=len, reverse=True)
_UNIT = rf"(?:{'|'.join(re.escape(name) for name in _UNIT_NAMES)})(?:\s?/\s?c(?:\^?\{{?\d\}}?|[²⁴])?)?(?![A-Za-z\d])"
_RANGE = "\N{EN DASH}\N{EM DASH}"
_NUMBER = re.compile(
    rf"(?<![\w.^{{])(?P<sign>(?<![\w)\]{_RANGE}])-|±\s?)?(?P<whole>\d{{1,3}}(?:[, ]\d{{3}})+(?![\d,])|\d+)"
    r"(?P<rest>\.\d+)?(?P<power>\s?×\s?10\^\{?(?P<exponent>-?\d+)\}?)?(?![\d]|\.\d)"
)
_ANGLE = re.compile(r"(?<![\w.^{])(?P<times>\d+)?\s?π(?:\s?/\s?(?P<part>\d+))?")
_OWN_UNIT = re.compile(rf"\s?[-{_RANGE}]?\s?(?P<unit>{_UNIT})")
_HEADER_UNIT = re.compile(rf"(?:[\[(]\s?|\bin\s|,\s?|/\s?)(?P<unit>{_UNIT})\s?(?=[\])]|$|[.,;:)\s])")
_TOKEN = re.compile(r"\s*(\w[\w.^{}′'*,+/-]*\w|\w|[^\w\s])")
_GLUE = frozenset(("and", "or", "to", "from", "at", ",", "(", ")", "[", "]", "/", "-", "±", *_RANGE))
_RELATION = frozenset(("<", ">", "≤", "≥", "="))
_ROUND = frozenset(("|", "{", "}", "^", "_", "*", "'", "′"))
_CLOSING = frozenset((")", "]", "|"))
_REACH = 14  # tokens to the unit at the end of a list

_WORDS = {
    0: ("no", "none", "zero", "without", "not", "neither", "veto", "vetoes", "vetoed"),
    1: ("one", "a", "an", "single", "any", "another", "additional", "extra", "further"),
    2: ("two", "both", "pair", "pairs", "double", "dilepton", "diphoton", "dijet", "dimuon"),
    3: ("three", "triple"), 4: ("four",), 5: ("five",), 6: ("six",), 7: ("seven",), 8: ("eight",), 9: ("nine",),
    10: ("ten",), 11: ("eleven",), 12: ("twelve",),
}  # fmt: skip
_OPENED, _CLOSED = re.compile(rf"\[[\d,\s{_RANGE}-]*\Z"), re.compile(rf"[\d,\s{_RANGE}-]*\]")  # "[13, 14]"
_CITED = re.compile(r"\[([\w,;\s.:\N{EN DASH}\N{EM DASH}-]{1,80})\]")
MOST_CITED = 100  # works in a range of citations; what is longer is no citation
_COUNTS = {word: value for value, words in _WORDS.items() for word in words}
BEFORE, BEHIND = 40, 60  # characters around a count in which the thing that is counted is named


class Printed(NamedTuple):
    """A number of a page: its value as printed, the units it can have, and where it stands in `Document.text`.

    `around` are the words near it, in lower case; None in a cell of a table, whose words are its row and column.
    `counts`: it can be a count, a whole number that is no mark of a citation.
    """

    value: float
    units: frozenset[str | None]
    start: int
    end: int
    around: str | None
    counts: bool = True
    worded: bool = False  # no figures


class PrintedPage(NamedTuple):
    """What a page prints."""

    number: int
    numbers: tuple[Printed, ...]
    words: tuple[Printed, ...]  # small whole numbers that are words
    plain: tuple[Printed, ...]  # all words, each around itself
    cited: frozenset[str]  # the works that are cited in brackets: "[13, 15–17]" are 13, 15, 16, 17

    def find(self, value: float, unit: str | None) -> tuple[Printed, ...]:
        """The numbers that are the same quantity, whatever unit they are printed in. Raises CriteriaError for a unit
        that is not known.
        """
        return tuple(n for n in self.numbers if any(_same(n.value, u, value, unit) for u in n.units))

    def find_any_unit(self, value: float) -> tuple[Printed, ...]:
        """The numbers with these figures, with any unit or none."""
        return tuple(n for n in self.numbers if isclose(n.value, value, rel_tol=TOLERANCE, abs_tol=1e-12))

    def find_count(self, count: float, nouns: Sequence[str]) -> tuple[Printed, ...]:
        """The numbers without a unit, then the words ("two", "pair", "no"), that count one of these nouns: one of them
        is near, or it stands in a table. Without nouns all of them do.
        """
        places = (n for n in (*self.numbers, *self.words) if n.counts and None in n.units and n.value == count)
        return tuple(n for n in places if _is_near(n, nouns))

    def find_nouns(self, nouns: Sequence[str]) -> tuple[Printed, ...]:
        """Where one of these nouns stands: "events with leptons" says that there is one."""
        return tuple(n for n in self.plain if any(noun in (n.around or "") for noun in nouns))


def read_pages(document: Document) -> dict[int, PrintedPage]:
    """What each page prints, by its number from 1."""
    runs: dict[int, list[tuple[int, int]]] = {}
    cells = {p.start for p in document.passages if p.kind == "cell"}
    for page, start, end in _find_runs(document):
        runs.setdefault(page, []).append((start, end))
    pages = {}
    for number, places in runs.items():
        texts = [(document.text[s:e], s, s in cells) for s, e in places]
        headers = frozenset(m["unit"] for text, _, _ in texts for m in _HEADER_UNIT.finditer(text))
        numbers = tuple(n for text, s, cell in texts for n in _read_numbers(text, s, headers, cell))
        words = tuple(n for text, s, cell in texts for n in _read_words(text, s, cell))
        plain = tuple(
            Printed(0.0, frozenset((None,)), s + m.start(), s + m.end(), m[0].lower(), worded=True)
            for text, s, _ in texts
            for m in re.finditer(r"\S+", text)
        )
        cited = frozenset(key for text, _, _ in texts for key in _read_citations(text))
        pages[number] = PrintedPage(number, numbers, words, plain, cited)
    return pages


def _find_runs(document: Document) -> Iterator[tuple[int, int, int]]:
    """Page, start and end of every stretch of one passage that stands on one page."""
    ends = iter(sorted(p.end for p in document.passages))
    limit = next(ends, len(document.text))
    page, start, end = 0, 0, 0
    for word in document.words:
        while word.start >= limit:
            limit = next(ends, len(document.text) + 1)
            if end > start:
                yield page, start, end
            start = end = word.start
        if word.page != page or end == start:
            if end > start:
                yield page, start, end
            page, start = word.page, word.start
        end = word.end
    if end > start:
        yield page, start, end


def find_pages(document: Document, place: Printed) -> frozenset[int]:
    """The pages on which the passage of a number stands: more than one where a page break divides it."""
    i = bisect_right(document.passages, place.start, key=lambda p: p.start)
    if i == 0:
        return frozenset()
    passage = document.passages[i - 1]
    first, last = (bisect_left(document.words, end, key=lambda w: w.start) for end in (passage.start, passage.end))
    return frozenset(w.page for w in document.words[first:last])


def _read_words(text: str, offset: int, cell: bool) -> Iterator[Printed]:
    for m in re.finditer(r"[A-Za-z]+", text):
        if (value := _COUNTS.get(m[0].lower())) is not None:
            around = None if cell else _take_around(text, m)
            yield Printed(float(value), frozenset((None,)), offset + m.start(), offset + m.end(), around, worded=True)


def _take_around(text: str, m: re.Match[str]) -> str:
    return text[max(0, m.start() - BEFORE) : m.end() + BEHIND].lower()


def _is_near(place: Printed, nouns: Sequence[str]) -> bool:
    around = place.around
    return around is None or not nouns or any(noun in around for noun in nouns)


def _read_numbers(text: str, offset: int, headers: frozenset[str], cell: bool) -> Iterator[Printed]:
    headers = headers if cell else frozenset()
    for m in _NUMBER.finditer(text):
        digits = (m["whole"] + (m["rest"] or "")).replace(",", "").replace(" ", "")
        value = float(digits) * 10.0 ** int(m["exponent"] or 0)
        units = _find_units(text, m.end(), headers)
        around = None if cell else _take_around(text, m)
        signed = (value, -value) if (m["sign"] or "").startswith("±") else (-value if m["sign"] else value,)
        for one in signed:
            counts = m["rest"] is None and not _is_citation(text, m.start(), m.end())
            yield Printed(one, units, offset + m.start(), offset + m.end(), around, counts)
        if " " in m["whole"] or "," in m["whole"]:  # "20 000", but also "bins of 20 100": its parts count too
            for part in re.finditer(r"\d+", m["whole"]):
                start = m.start("whole") + part.start()
                yield Printed(float(part[0]), units, offset + start, offset + start + len(part[0]), around)
    for m in _ANGLE.finditer(text):
        angle = pi * float(m["times"] or 1) / float(m["part"] or 1)
        yield Printed(angle, frozenset((None, "rad")), offset + m.start(), offset + m.end(), _take_around(text, m))


def _read_citations(text: str) -> Iterator[str]:
    for group in _CITED.finditer(text):
        for part in re.split(r"\s*[,;]\s*", group[1]):
            first, _, last = re.sub(rf"\s*[{_RANGE}-]\s*", "-", part).partition("-")
            if first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= int(first) + MOST_CITED:
                yield from (str(n) for n in range(int(first), int(last) + 1))
            else:
                yield part.strip()


def _is_citation(text: str, start: int, end: int) -> bool:
    return _OPENED.search(text, 0, start) is not None and _CLOSED.match(text, end) is not None


def _find_units(text: str, end: int, headers: frozenset[str]) -> frozenset[str | None]:
    if own := _OWN_UNIT.match(text, end):
        return frozenset((own["unit"],))
    found: set[str | None] = {None, *headers}
    if listed := _find_listed_unit(text, end):
        found.add(listed)
    return frozenset(found)


def _find_listed_unit(text: str, end: int) -> str | None:
    """The unit at the end of the list or the chain of relations that the number stands in."""
    related = False  # behind a relation one symbol may stand
    for _ in range(_REACH):
        token = _TOKEN.match(text, end)
        if token is None:
            return None
        word = token[1]
        number = _NUMBER.match(text, token.start(1))
        if number is not None:
            end, related = number.end(), False
            if own := _OWN_UNIT.match(text, end):
                return own["unit"]
            continue
        end = token.end()
        if word in _CLOSING and (own := _OWN_UNIT.match(text, end)):
            return own["unit"]  # "25 (30) GeV"
        if word in _RELATION:
            related = True
        elif word not in _GLUE and word not in _ROUND and not (related or _before_relation(text, end)):
            return None
    return None


def _before_relation(text: str, end: int) -> bool:
    return text[end : end + 3].strip()[:1] in _RELATION


def _same(printed: float, printed_unit: str | None, value: float, unit: str | None) -> bool:
    try:
        a, base_a = to_base(printed, printed_unit)
    except CriteriaError:
        return False
    b, base_b = to_base(value, unit)
    plain = (None, "rad")  # an angle without a unit is in radians
    return (base_a == base_b or (base_a in plain and base_b in plain)) and isclose(
        a, b, rel_tol=TOLERANCE, abs_tol=1e-12
    )


def show_place(document: Document, place: Printed, around: int = 40) -> str:
    """The words around a number, for a person at the terminal; never written to a file of ours."""
    start, end = max(0, place.start - around), min(len(document.text), place.end + around)
    return " ".join(document.text[start:end].split())


def list_shared_words(texts: Sequence[str], pages: str, at_least: int) -> tuple[str, ...]:
    """Runs of at least so many words of `texts` that stand in the same order on the pages: sentences, not facts."""
    plain = f" {' '.join(_plain_words(pages))} "
    found = []
    for text in texts:
        words = _plain_words(text)
        runs = (" ".join(words[i : i + at_least]) for i in range(len(words) - at_least + 1))
        if (run := next((r for r in runs if f" {r} " in plain), None)) is not None:
            found.append(run)
    return tuple(found)


def _plain_words(text: str) -> list[str]:
    return [w.lower() for w in re.findall(r"[^\W_]+", text)]
