"""The words of a paper that state a gold criterion, for lists that give pages and no quotes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.gold import GoldCriterion
from benchmarks.grounding import make_finding
from extract.grounding.ground import ground
from extract.grounding.index import GroundingIndex
from schemas.finding import Finding

_LONGEST = 480  # characters of one piece of a quote
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LEFT_OUT = ("heading", "bibliography", "other", "cell")


class Words(NamedTuple):
    """Pieces of a quote, and where the one that carries the statement begins in Document.text."""

    quote: tuple[str, ...]
    start: int


def quote_criterion(criterion: GoldCriterion, words: tuple[str, ...]) -> Finding:
    """The finding of a criterion with these words as its quote."""
    finding = make_finding(criterion.model_copy(update={"quote": " ".join(words), "quote_2": None}))
    return finding.model_copy(update={"quote": words})


def find_words(criterion: GoldCriterion, index: GroundingIndex) -> Words | None:
    """The sentence or the cell on a page of the criterion that bears it; None where none does.

    Of several the one that shares most words with what the list says of it, of those the first.
    """
    own = _list_words(" ".join(filter(None, (criterion.subject, criterion.condition, criterion.scope))))
    own |= _list_words(criterion.value) if isinstance(criterion.value, str) else set()
    places = (_list_cells if criterion.source == "table" else _list_places)(criterion, index)
    best: tuple[int, Words] | None = None
    for words in places:
        shared = len(own & _list_words(" ".join(words.quote)))
        if best is not None and shared <= best[0]:
            continue
        if ground(index, quote_criterion(criterion, words.quote)).grounded:
            best = shared, words
    return best[1] if best is not None else None


def _list_places(criterion: GoldCriterion, index: GroundingIndex) -> Iterator[Words]:
    yield from _list_sentences(criterion, index)
    yield from _list_cells(criterion, index)


def _list_sentences(criterion: GoldCriterion, index: GroundingIndex) -> Iterator[Words]:
    for passage in index.document.passages:
        if passage.kind in _LEFT_OUT or passage.page not in criterion.pages:
            continue
        for reading in index.read(passage.start, passage.end):
            text = reading.statement.text.strip()
            if 0 < len(text) <= _LONGEST and _may_state(criterion, text):
                yield Words((text,), reading.statement.start)


def _list_cells(criterion: GoldCriterion, index: GroundingIndex) -> Iterator[Words]:
    for table in index.document.tables:
        for cell in table.cells:
            if cell.page in criterion.pages and not cell.is_label and _may_state(criterion, cell.text):
                pieces = [*cell.row_path[-1:], *cell.header_path[-1:], cell.text]
                quote = tuple(dict.fromkeys(p for p in pieces if 0 < len(p.strip()) <= _LONGEST))
                if quote:
                    yield Words(quote, cell.start)


def _may_state(criterion: GoldCriterion, text: str) -> bool:
    """Whether a text is worth a closer look: a number of a criterion is nearly always printed in digits."""
    value = criterion.value
    numbers = value if isinstance(value, tuple) else (value,)
    plain = [n for n in numbers if isinstance(n, float | int)]
    if not plain or criterion.literal is not None or any(abs(n) < 10 and n == int(n) for n in plain):
        return True  # small numbers are also printed as words
    printed = {float(n) for n in _NUMBER.findall(text)}
    return all(any(abs(n) * factor in printed for factor in (1.0, 1000.0, 0.001, 100.0)) for n in plain)


def _list_words(text: str) -> set[str]:
    return {w.lower()[:5] for w in re.findall(r"[^\W\d_]{3,}", text.replace("_", " "))} - {"other"}
