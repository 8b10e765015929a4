"""Lines to blocks: paragraphs, headings, items, captions, footnotes; what runs on over a page break is joined."""

import re
from collections import Counter
from dataclasses import dataclass

from papers.columns import Line
from schemas.document import PassageKind

_NUMBERED = re.compile(r"^((?:\d{1,2}|[A-Z])(?:\.\d{1,2})*|[IVX]+)\.?\s+\S")
_CAPTION = re.compile(
    r"^(?:Figure|Fig\.|FIG\.|FIGURE|Table|TABLE|Tab\.)\s*(?:[A-Z]?\d+|[IVX]+)\b\s*(?:\([a-z]\))?\s*[:.|]?"
)
_ITEM = re.compile(r"^(?:[•◦▪■–*∗-]|\(?[0-9ivx]{1,4}[.)]|\([a-z]\)|[a-z]\))$")
_UNNUMBERED = re.compile(
    r"^(?:abstract|references|bibliography|acknowledge?ments?|summary|conclusions?|introduction|appendix.*)$", re.I
)


@dataclass(slots=True)
class Block:
    """Lines that belong to one passage."""

    kind: PassageKind
    lines: list[Line]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def find_body_size(lines: list[Line]) -> float:
    """The size most characters of the paper are set in."""
    weight: Counter[float] = Counter()
    for line in lines:
        weight[round(line.size * 2) / 2] += len(line.text)
    return weight.most_common(1)[0][0] if weight else 10.0


def build_blocks(pages: list[list[Line]], heights: list[float]) -> list[Block]:
    """The blocks of a paper in reading order."""
    body = find_body_size([line for page in pages for line in page])
    blocks: list[Block] = []
    for page, height in zip(_drop_running(pages, heights), heights, strict=True):
        blocks += _split_page(page, body, height)
    return _join_over_pages(_mark_bibliography(blocks))


def _drop_running(pages: list[list[Line]], heights: list[float]) -> list[list[Line]]:
    """Page numbers and running heads: lines at the top or bottom that are a number or come back on other pages."""
    edge: Counter[str] = Counter()
    shape = re.compile(r"\d+|[ivxl]+\b")
    for lines, height in zip(pages, heights, strict=True):
        edge.update({shape.sub("#", x.text) for x in lines if x.y < 0.11 * height or x.y > 0.9 * height})
    kept: list[list[Line]] = []
    for lines, height in zip(pages, heights, strict=True):
        page = []
        for line in lines:
            at_edge = line.y < 0.11 * height or line.y > 0.9 * height
            text = shape.sub("#", line.text)
            if at_edge and (text == "#" or edge[text] >= max(3, len(pages) // 5)):
                continue
            page.append(line)
        kept.append(page)
    return kept


def _split_page(lines: list[Line], body: float, height: float) -> list[Block]:
    blocks: list[Block] = []
    last: Line | None = None
    for line in lines:
        if last is None or not blocks or _starts_block(line, last, blocks[-1]):
            blocks.append(Block("paragraph", []))
        blocks[-1].lines.append(line)
        last = line
    for block in blocks:
        block.kind = _classify(block, body, height)
    return blocks


def _starts_block(line: Line, last: Line, block: Block) -> bool:
    gap = line.y - last.y
    size = max(line.size, last.size)
    if gap < 0 or gap > 1.55 * size or abs(line.size - last.size) > 0.08 * size or line.bold != last.bold:
        return True
    if _ITEM.match(line.pieces[0].text) and len(line.pieces) > 1 and last.text.rstrip().endswith((".", ":", ";", ",")):
        return True
    if _CAPTION.match(line.text) and last.text.rstrip().endswith("."):
        return True
    width = line.right - line.left
    indent = line.x0 - line.left > 0.8 * size and last.x0 - last.left < 0.4 * size
    short = last.x1 < line.right - 0.1 * width
    return (indent and line.text[:1].isupper()) or (short and last.text.rstrip().endswith((".", ":")))


def _classify(block: Block, body: float, height: float) -> PassageKind:
    text, first = block.text, block.lines[0]
    if _CAPTION.match(text):
        return "caption"
    prominent = first.bold or first.size > 1.1 * body
    if len(block.lines) <= 3 and len(text) < 200 and prominent and (_NUMBERED.match(text) or _UNNUMBERED.match(text)):
        return "heading"
    if first.size < 0.93 * body and first.y > 0.6 * height and re.match(r"^(?:\^?\{?\d{1,2}\}?|[a-z*†‡])\s*\S", text):
        return "footnote"
    if _ITEM.match(first.pieces[0].text) and len(first.pieces) > 1:
        return "item"
    letters = sum(c.isalpha() for c in text)
    if letters < 0.4 * len(text) or (first.size < 0.8 * body and len(text) < 80):
        return "other"
    return "paragraph"


def _mark_bibliography(blocks: list[Block]) -> list[Block]:
    inside = False
    for block in blocks:
        if block.kind == "heading":
            inside = bool(re.match(r"^(?:\d+\s+)?(?:references|bibliography)\b", block.text, re.I))
        elif inside:
            block.kind = "bibliography"
    return blocks


def _join_over_pages(blocks: list[Block]) -> list[Block]:
    out: list[Block] = []
    open_block: Block | None = None
    for block in blocks:
        if block.kind in ("paragraph", "item"):
            if (
                open_block is not None
                and block.kind == "paragraph"
                and block.lines[0].page > open_block.lines[-1].page
                and not open_block.text.rstrip().endswith((".", ":", "?", "!"))
            ):
                open_block.lines += block.lines
                continue
            open_block = block
        elif block.kind == "heading":
            open_block = None
        out.append(block)
    return out
