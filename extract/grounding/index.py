"""A document prepared for grounding: folded text, sentences and lines, read once and used for every quote."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import pairwise

from extract.attempts import find_attempts, find_spans, leave_out
from extract.grounding.alignment import Place, find_aligned, find_exact, find_folded
from extract.grounding.folding import fold, fold_quote
from extract.grounding.judgement import Reading
from extract.grounding.reading import read_statement
from extract.grounding.statements import Statement
from extract.grounding.tables import TableIndex
from schemas.document import Box, Document, Word

_SHORT = ("e\\.g", "i\\.e", "Refs?", "Eqs?", "Figs?", "Secs?", "Sect", "al", "vs", "resp", "cf", "approx", "[A-Z]")
_ABBREVIATED = "".join(rf"(?<!\b{form}\.)" for s in _SHORT for form in {s.replace("s?", ""), s.replace("s?", "s")})
_END = re.compile(
    rf"[.!?]{_ABBREVIATED}(?:\^\{{?\d+\}}?)?[)\]’”\"']*\s+(?=[A-Z0-9“‘(•–-])|\s(?=[•▪◦‣]\s)|\s[-–]\s(?=[A-Z][a-z])|\n"
)
_LEFT_OUT = re.compile(r"\s*(?:\[?…\]?|\[?\.\.\.\]?)\s*|\s+›\s+")


class GroundingIndex:
    """The visible text of one document, ready to be searched and read.

    Hidden text is not in it, nor is text that addresses a reader program.
    """

    def __init__(self, document: Document) -> None:
        """Folds the text; sentences are read when first asked for."""
        self._refused = tuple(fold(document.text[s.start : s.end]).text for s in find_spans(document))
        self._whole = document
        self.document = document = leave_out(document)
        self.folded = fold(document.text)
        self.tables = TableIndex(document)
        self._starts = [p.start for p in document.passages]
        self._places: dict[str, tuple[Place, ...]] = {}
        self._statements: dict[tuple[int, int], Statement] = {}
        self._ends: dict[tuple[int, int], tuple[int, ...]] = {}

    def find(self, quote: str) -> tuple[Place, ...]:
        """Every place of a quote: the exact ones, or else the normalised ones; none when it is not in the text."""
        if quote not in self._places:
            self._places[quote] = self._search(quote)
        return self._places[quote]

    def is_refused(self, quote: str) -> bool:
        """Whether a quote stands in text that addresses a reader program, printed or hidden."""
        wanted = fold_quote(quote)
        return any(wanted in text for text in self._refused) or any(wanted in text for text in self._hidden)

    @cached_property
    def _hidden(self) -> tuple[str, ...]:
        return tuple(fold(a.text).text for a in find_attempts(self._whole) if a.hidden)

    def _search(self, quote: str) -> tuple[Place, ...]:
        text = self.document.text
        for places in (
            find_exact(text, quote.strip()),
            find_folded(text, self.folded, quote),
            find_aligned(text, self.folded, quote),
        ):
            if found := tuple(places):
                return found
        return ()

    def read(self, start: int, end: int) -> tuple[Reading, ...]:
        """The statements that a part of the text touches, with the part of each; a cell is a statement of its own."""
        readings = []
        for a, b in self._find_sentences(start, end):
            first, last = max(start, a), min(end, b)
            if first < last:
                readings.append(Reading(self._read_statement(a, b), first - a, last - a))
        return tuple(readings)

    def read_labels(self, start: int, end: int) -> tuple[Reading, ...]:
        """The labels and the caption over a part of the text that stands in a cell; empty outside tables."""
        found = self.tables.find_cell(start, end)
        if found is None:
            return ()
        cell, table = found
        labels = [Reading(read_statement(t), 0, 0, "label") for t in (*cell.row_path, *cell.header_path)]
        return (*labels, Reading(read_statement(table.caption), 0, 0, "caption"))

    def find_passages(self, start: int, end: int) -> tuple[str, ...]:
        """The texts of the passages that a part of the text touches."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = bisect_left(self._starts, end)
        return tuple(self.document.passage_text(p) for p in self.document.passages[first:last])

    def find_boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """One box per printed line of a part of the text."""
        words = self.document.words
        first = max(bisect_right(words, start, key=_start) - 1, 0)
        boxes: list[list[float]] = []
        pages: list[int] = []
        for word in words[first : bisect_left(words, end, key=_start)]:
            if word.end <= start:
                continue
            last = boxes[-1] if boxes else None
            middle = (word.y0 + word.y1) / 2
            if last is not None and pages[-1] == word.page and last[1] <= middle <= last[3] and word.x0 >= last[0]:
                last[1], last[2], last[3] = min(last[1], word.y0), max(last[2], word.x1), max(last[3], word.y1)
            else:
                boxes.append([word.x0, word.y0, word.x1, word.y1])
                pages.append(word.page)
        return tuple(Box(page=p, x0=b[0], y0=b[1], x1=b[2], y1=b[3]) for p, b in zip(pages, boxes, strict=True))

    def _read_statement(self, start: int, end: int) -> Statement:
        key = (start, end)
        if key not in self._statements:
            self._statements[key] = read_statement(self.document.text[start:end], start, self._find_lead(start))
        return self._statements[key]

    def _find_lead(self, start: int) -> str:
        """The unfinished sentence in front of a list, for a statement that is an item of it."""
        passages = self.document.passages
        i = bisect_right(self._starts, start) - 1
        if i < 0 or passages[i].kind != "item":
            return ""
        while i > 0 and passages[i].kind == "item":
            i -= 1
        text = self.document.passage_text(passages[i]).rstrip()
        if passages[i].kind != "paragraph" or text.endswith((".", "!", "?")):
            return ""
        cuts = [m.end() for m in _END.finditer(text)]
        return text[cuts[-1] if cuts else 0 :] + " "

    def _find_sentences(self, start: int, end: int) -> list[tuple[int, int]]:
        """The sentences between `start` and `end`; one that a quote crosses at a passage's end goes on behind it."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = max(bisect_right(self._starts, end - 1) - 1, first)
        passages = self.document.passages
        lower = passages[first].start if passages else 0
        upper = max(passages[last].end, end) if passages else len(self.document.text)
        if (lower, upper) not in self._ends:
            text = self.document.text[lower:upper]
            pattern = _END
            cuts = [lower + m.end() for m in pattern.finditer(text) if m[0] != "\n" or not _goes_on(text, m.end())]
            self._ends[lower, upper] = (lower, *cuts, upper)
        cuts = list(self._ends[lower, upper])
        return [(a, b) for a, b in pairwise(cuts) if b > start and a < end]


def _goes_on(text: str, at: int) -> bool:
    """Whether a sentence continues behind a passage's end: no full stop before, a small letter after."""
    return not text[:at].rstrip().endswith((".", "!", "?", ":")) and text[at : at + 1].islower()


def _start(word: Word) -> int:
    return word.start


def split_quote(quote: str) -> tuple[str, ...]:
    """The fragments of a quote that leaves something out with an ellipsis, and the labels of a path ("SR › jets")."""
    return tuple(part for part in _LEFT_OUT.split(quote) if part.strip()) or (quote,)
