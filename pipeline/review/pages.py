"""Pages as pictures, and the words on them."""

import math
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import groupby
from threading import Lock
from typing import NamedTuple

from papers.png import make_blank
from pipeline.review.documents import ReviewedDocument
from schemas.document import Page
from schemas.errors import PaperError

NARROWEST, WIDEST = 200, 2400  # pixels
_LETTER = (0.5, 1.2)  # width of a letter and distance of lines, in sizes of the font
_SCRIPTS = re.compile(r"[_^{}]")  # how the text writes what stands lower or higher
KEPT = 96 * 2**20  # bytes of pictures in memory; a page has about three hundred thousand


class PlacedWord(NamedTuple):
    """A word on a page: its text, where it stands in the document's text, its box in points from the top left."""

    start: int
    end: int
    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class _Pictures:
    """The pictures used last, up to a size."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    def find(self, key: tuple[str, int, int]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: tuple[str, int, int], png: bytes) -> None:
        with self._lock:
            self._size += len(png) - len(self._kept.pop(key, b""))
            self._kept[key] = png
            while self._size > self._most and self._kept:
                self._size -= len(self._kept.popitem(last=False)[1])


_PICTURES = _Pictures(KEPT)


def render_page(doc: ReviewedDocument, number: int, width_px: int) -> bytes:
    """Page `number` (from 1) as PNG, `width_px` wide within what is sensible.

    Where there is no PDF, or it cannot be drawn, the page's words on white, each at its place; a page that cannot be
    drawn says so at its top. Raises RunFolderError for a page that the document does not have.
    """
    page = doc.page(number)
    width = min(max(width_px, NARROWEST), WIDEST)
    if doc.pdf is None:
        return _render_text(doc, page, width, "")
    key = (doc.sha256, number, width)
    png = _PICTURES.find(key)
    if png is None:
        try:
            png = doc.printer.print_page(number, width)
        except PaperError:
            return _render_text(doc, page, width, f"Page {number} cannot be drawn. This is its text as it was read.")
        _PICTURES.keep(key, png)
    return png


def _render_text(doc: ReviewedDocument, page: Page, width: int, note: str) -> bytes:
    """The page's words on white; white alone where even those cannot be drawn."""
    words = [(_SCRIPTS.sub("", w.text), (w.x0, w.y0, w.x1, w.y1)) for w in list_words(doc, page.number)]
    try:
        return doc.words_printer.print_words((page.width, page.height), words, note, width)
    except PaperError:
        return make_blank(width, round(min(max(page.height / max(page.width, 1.0), 0.1), 4.0) * width))


def list_words(doc: ReviewedDocument, number: int) -> tuple[PlacedWord, ...]:
    """The words of a page in the order of the text; those of which only the paragraph's box is known, spread over it.

    Raises RunFolderError for a page that the document does not have.
    """
    doc.page(number)
    text = doc.document.text
    found: list[PlacedWord] = []
    for box, run in groupby(doc.words.get(number, ()), key=lambda w: w[3:]):
        words = [PlacedWord(w.start, w.end, text[w.start : w.end], *box) for w in run]
        found += words if len(words) == 1 else _spread(words)
    return tuple(found)


def _spread(words: Sequence[PlacedWord]) -> Iterator[PlacedWord]:
    """Words that share one box, line by line over it, each as wide as its letters ask for."""
    _, _, _, x0, y0, x1, y1 = words[0]
    letters = sum(len(w.text) + 1 for w in words)
    size = math.sqrt(max(x1 - x0, 1.0) * max(y1 - y0, 1.0) / (letters * _LETTER[0] * _LETTER[1]))
    lines = max(round((y1 - y0) / (_LETTER[1] * size)), 1)
    longest = max((letters / lines) * 1.05, max(len(w.text) for w in words) + 1)
    width, height = (x1 - x0) / longest, (y1 - y0) / lines
    column, line = 0, 0
    for word in words:
        if column and column + len(word.text) > longest and line + 1 < lines:
            column, line = 0, line + 1
        left, top = min(x0 + column * width, x1 - width), y0 + line * height
        right = min(left + max(len(word.text), 1) * width, x1)
        yield word._replace(x0=left, y0=top, x1=right, y1=top + height)
        column += len(word.text) + 1
