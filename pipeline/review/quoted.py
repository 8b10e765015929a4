"""A cited work that cannot be had, as a document of the quotes that are known of it."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from schemas.document import Box, Document, Page, Passage, Word
from schemas.evidence import Evidence

_SHEET = (595.0, 842.0)  # points, of a page whose size is not known: A4
_MARGIN, _LINE, _LETTERS = 60.0, 14.0, 90  # of such a page: points, points between lines, letters on one
_WORD = re.compile(r"\S+")


def make_quoted(name: str, proofs: Sequence[Evidence]) -> Document:
    """A document that has nothing but the quotes that are known of it, each at its place."""
    quotes = sorted({(e.page or 1, e.boxes, e.quote) for e in proofs}, key=lambda q: (q[0], _find_top(q[1]), q[2]))
    text, words, passages = "", list[Word](), list[Passage]()
    below = dict.fromkeys((page for page, _, _ in quotes), _MARGIN)
    for page, boxes, quote in quotes:
        lines = [b for b in boxes if b.page == page]
        said = " … ".join(" ".join(q.split()) for q in quote)
        if not lines:  # nobody knows where: from the top
            height = _LINE * (1 + len(said) // _LETTERS)
            lines = [Box(page=page, x0=_MARGIN, y0=below[page], x1=_SHEET[0] - _MARGIN, y1=below[page] + height)]
            below[page] += height + _LINE
        passages.append(Passage(kind="paragraph", start=len(text), end=len(text) + len(said), page=page, section=None))
        words += _lay(said, len(text), lines)
        text += said + "\n"
    width = max((w.x1 for w in words), default=0.0) + _MARGIN
    height = max((w.y1 for w in words), default=0.0) + _MARGIN
    size = (max(width, _SHEET[0]), max(height, _SHEET[1]))
    pages = max((page for page, _, _ in quotes), default=1)
    return Document(
        document_id=name,
        sha256="",
        title=None,
        n_pages=pages,
        pages=tuple(Page(number=n + 1, width=size[0], height=size[1]) for n in range(pages)),
        text=text,
        words=tuple(words),
        sections=(),
        passages=tuple(passages),
        tables=(),
    )


def _lay(said: str, start: int, lines: Sequence[Box]) -> Iterator[Word]:
    """The words of a quote on the lines of its boxes, as many on each as its width asks for."""
    total = sum(max(b.x1 - b.x0, 1.0) for b in lines)
    ends, reached = list[float](), 0.0
    for box in lines:
        reached += max(box.x1 - box.x0, 1.0) / total * len(said)
        ends.append(reached)
    for match in _WORD.finditer(said):
        box = lines[min(bisect_left(ends, match.end()), len(lines) - 1)]
        yield Word(start + match.start(), start + match.end(), box.page, box.x0, box.y0, box.x1, box.y1)


def _find_top(boxes: Sequence[Box]) -> float:
    return boxes[0].y0 if boxes else math.inf
