"""Quotes as models copy them, and the paper's own words for them.

A quote with a slip, or with the marks that a prompt puts around the text, becomes what the paper prints; one that
leaves out the words that carry its statement becomes the sentence. The grounding judges the paper's words in any case.
"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from extract.grounding.folding import fold_quote
from extract.grounding.index import GroundingIndex, split_quote

Spans = Sequence[tuple[int, int]]

_ALIKE = 88.0  # of 100: how alike words must be to be taken for a quote that was copied with slips
_SHORT = 12  # characters: shorter quotes are not looked for by likeness
_LONGEST = 1200  # characters of a sentence that a quote may become
_SENSE = re.compile(
    r"\d+(?:\.\d+)?|[<>=≤≥≠±%°]|[kMGT]?eV|(?<=\d)[cmμ]?m|not|without|except|unless|never|neither|nor|above|below|great|larg"
    r"|high|low|less|more|few|small|least|most|exceed|between|within|outside|inside|over|under|min|max|exact|only|reject"
    r"|remov|discard|veto|exclu|fail|both|each|either|lead|second|third|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|zero|loose|tight|medium|opposite|same",
    re.I,
)
_SMALL = re.compile(r"\b(?:no|non|any|all|or)\b", re.I)
_MARKS = re.compile(r"\[page \d+\]|^\((?:caption|footnote)\)|^#+ ")
_ROW = re.compile(r"(?:^|[|\n])\s*(?:row|column|cell):\s*")


def read_quote(quote: Sequence[str], index: GroundingIndex, spans: Spans) -> tuple[str, ...]:
    """The pieces of a quote in the paper's own words where they can be found, else as they are."""
    pieces: list[str] = []
    for piece in quote:
        if _is_there(piece, index):
            pieces.append(piece)
            continue
        for part in _drop_marks(piece):
            pieces.append(part if _is_there(part, index) else _mend(part, index, spans))
    return tuple(dict.fromkeys(pieces)) or tuple(quote)


def widen_quote(quote: Sequence[str], start: int, index: GroundingIndex) -> tuple[str, ...] | None:
    """The sentences in which the pieces stand, the first of them at `start`; None for cells and for long sentences."""
    sentences: list[str] = []
    at = start
    for piece in quote:
        for part in split_quote(piece):
            places = index.find(part)
            if not places:
                return None
            place = min(places, key=lambda p: abs(p.start - at))
            at = place.start
            if index.tables.find_cell(place.start, place.end) is not None:
                return None
            sentences += [r.statement.text.strip() for r in index.read(place.start, place.end)]
    wide = tuple(dict.fromkeys(s for s in sentences if s))
    return wide if wide and sum(map(len, wide)) <= _LONGEST and wide != tuple(quote) else None


def _is_there(quote: str, index: GroundingIndex) -> bool:
    return all(index.find(part) for part in split_quote(quote))


def _drop_marks(quote: str) -> list[str]:
    """Without page marks and the like; a row of a table as its labels and its cell."""
    plain = _MARKS.sub("", quote).strip()
    if not _ROW.search(plain):
        return [plain] if plain else []
    parts = [p for cell in _ROW.split(plain) for p in cell.split(" › ")]
    return [p.strip(" |") for p in parts if p.strip(" |")]


def _mend(quote: str, index: GroundingIndex, spans: Spans) -> str:
    """The part of a line in the spans that is most like the quote, and says the same; else the quote."""
    if len(quote) < _SHORT:
        return quote
    text = index.document.text
    best: tuple[float, int, int] = (_ALIKE, 0, 0)
    for start, end in spans:
        match = fuzz.partial_ratio_alignment(quote, text[start:end], score_cutoff=best[0])
        if match is not None and match.score > best[0]:
            best = match.score, start + match.dest_start, start + match.dest_end
    score, first, last = best
    words = _take_words(text, first, last) if score > _ALIKE else quote
    return words if _read_sense(quote) == _read_sense(words) else quote


def _take_words(text: str, first: int, last: int) -> str:
    """A part of the text, widened to whole words, of one line."""
    while first > 0 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and not text[last].isspace():
        last += 1
    return text[first:last].strip().split("\n")[0]


def _read_sense(text: str) -> list[str]:
    """What a slip may never touch: numbers, signs, units, negations and words that compare or decide."""
    return [m.lower() for m in (*_SENSE.findall(fold_quote(text)), *_SMALL.findall(text))]
