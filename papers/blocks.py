"""Lines to blocks: what is one paragraph, heading, item, caption, footnote or entry of the bibliography."""

import re

from papers.block import Block, Style
from papers.columns import Line
from papers.headings import KNOWN, NUMBERED, is_heading, set_levels
from papers.regions import Region, match_caption

_BULLET = re.compile(r"^[•◦▪■∗*‣▶►○●✓]$")
_ITEM = re.compile(r"^(?:[-–—]|\(?\d{1,2}[.)]|\(?[ivx]{1,4}[.)]|\([a-z]\)|[a-z]\))$")
_ENTRY = re.compile(r"^(?:\[\d{1,4}\]|\(\d{1,4}\)|\d{1,4}\.|\^\{?\d{1,4}\}?|\[[A-Z][\w+:.-]{1,24}\])$")
_NOTE = re.compile(r"^\^(?:(\w{1,2}|[*†‡§¶])|\{(\w{1,2}|[*†‡§¶]{2})\})$")
_GLUED = re.compile(r"^\d{1,2}[A-Z][a-z]+$")  # a mark that is a raised letter of the font, not a small one
_BIBLIOGRAPHY = re.compile(
    r"^(?:(?:\d{1,2}|[IVX]{1,5})\.?\s+)?"
    r"(?:r ?eferences(?: and notes| cited)?|b ?ibliography|literature(?: cited)?)[:.]?$",
    re.I,
)
_AUTHORS = re.compile(r"\b(?:collaboration|authors?)\b", re.I)
_PANELS = re.compile(r"^(?:\([a-z]\)\s*)+$")
_SIGNS = re.compile(r"[=<>≤≥≈∝∑∫→≡±×]|\(\d{1,2}\)$")


def build_blocks(pages: list[list[Line]], regions: list[Region], heights: list[float]) -> list[Block]:
    """The blocks of a paper in reading order."""
    entries_from = _find_bibliography(pages)
    last_page = entries_from[0] if entries_from else len(pages)
    style = Style.measure(pages[: max(1, last_page - 1)])
    contents = _find_contents(pages)
    blocks: list[Block] = []
    for page in pages:
        last: Line | None = None
        for line in page:
            if line.region is not None:
                blocks.append(Block("other", [], regions[line.region]))
                last = None
                continue
            listed = entries_from is not None and (line.page, line.column, line.y) >= entries_from
            toc = id(line) in contents
            if last is None or _starts_block(line, last, blocks[-1], style, listed) or toc != (id(last) in contents):
                blocks.append(Block("other" if toc else "paragraph", []))
            blocks[-1].lines.append(line)
            last = line
    title_end = _find_front(blocks)
    seen: list[str] = []
    for n, block in enumerate(blocks):
        if block.lines and not (block.lines and id(block.lines[0]) in contents):
            _classify(block, style, heights[block.lines[0].page - 1], n < title_end, seen)
    set_levels(blocks)
    return _mark_bibliography(blocks, entries_from)


def _find_bibliography(pages: list[list[Line]]) -> tuple[int, int, float] | None:
    """Where the list of cited works starts: its heading, or its first entry where there is no heading."""
    found: tuple[int, int, float] | None = None
    numbers: list[tuple[int, tuple[int, int, float]]] = []
    for page in pages:
        for line in page:
            if line.region is None and line.pieces:
                if _BIBLIOGRAPHY.match(line.text):
                    found = (line.page, line.column, line.y)
                if line.page > 0.4 * len(pages) and re.match(r"^\[\d{1,3}\]$", line.pieces[0].text):
                    numbers.append((int(line.pieces[0].text[1:-1]), (line.page, line.column, line.y)))
    if found is None:
        for (a, place), (b, _), (c, _) in zip(numbers, numbers[1:], numbers[2:], strict=False):
            if (a, b, c) == (1, 2, 3):
                return place
    return found


def _find_contents(pages: list[list[Line]]) -> set[int]:
    """The lines of a table of contents (their ids): from its heading as long as lines end with page numbers."""
    found: set[int] = set()
    for page in pages[:6]:
        for n, line in enumerate(page):
            if re.match(r"^(?:table of )?contents$", line.text, re.I):
                rest = page[n + 1 :] + [x for later in pages[line.page : line.page + 2] for x in later]
                misses: list[Line] = []
                for entry in rest:
                    if re.search(r"(?:^|[\s.])\d{1,3}$", entry.text) and not entry.text.endswith(" ."):
                        found |= {id(x) for x in (*misses, entry)}
                        misses = []
                    elif len(misses) >= 2:
                        break
                    else:
                        misses.append(entry)
                return found
    return found


def _starts_block(line: Line, last: Line, block: Block, style: Style, listed: bool) -> bool:
    gap = line.y - last.y
    size = max(line.size, last.size)
    caption = match_caption(block.lines[0].text) is not None
    leading = style.leading * size / style.body
    if line.column != last.column or gap < 0 or gap > max((1.5 if caption else 1.22) * leading, 1.3 * size):
        return True
    if abs(line.size - last.size) > 0.08 * size or (line.bold != last.bold and not caption):
        return True
    first = line.pieces[0].text
    if listed and _ENTRY.match(first) and line.x0 < line.left + 2.5 * size:
        return True
    if _BULLET.match(first) or _NOTE.match(first):
        return True
    if caption:
        return match_caption(line.text) is not None and gap > 1.1 * leading
    ended = last.text.rstrip().endswith((".", ":", ";", ",", "and", "or"))
    if _ITEM.match(first) and len(line.pieces) > 1 and ended:
        return True
    if match_caption(line.text) and gap > 1.1 * style.leading:
        return True
    start = block.lines[0]
    hanging = len(block.lines) == 1 and (_BULLET.match(start.pieces[0].text) or _ITEM.match(start.pieces[0].text))
    if listed:
        return not _ENTRY.match(start.pieces[0].text) and _starts_entry(line, last)
    if line.x0 < last.x0 - 1.2 * size and (len(block.lines) > 1 or hanging) and last.x0 > line.left + size:
        return True
    indented = 0.8 * size < line.x0 - last.x0 < 4 * size and abs(last.x0 - line.left) < 0.4 * size
    if indented and not hanging and not _SIGNS.search(line.text[:40]):
        return True
    short = last.x1 < line.right - 0.12 * (line.right - line.left)
    return short and last.text.rstrip().endswith((".", ":", "!", "?")) and not line.text[:1].islower()


def _starts_entry(line: Line, last: Line) -> bool:
    """Whether a line starts an entry of a list without numbers: it hangs out, or the line above ends one early."""
    if line.x0 < last.x0 - 0.7 * line.size:
        return True
    if line.x0 > line.left + 0.4 * line.size or line.x0 > last.x0 + 0.4 * line.size:
        return False
    short = last.x1 < line.right - 0.05 * (line.right - line.left)
    return short and last.text.rstrip().endswith((".", "]", ")"))


def _find_front(blocks: list[Block]) -> int:
    """The index of the first block behind title and authors: a known or numbered heading, or a long paragraph."""
    for n, block in enumerate(blocks):
        if not block.lines:
            continue
        first = block.lines[0]
        found = NUMBERED.match(block.text)
        numbered = found and found["number"] in ("1", "I") and first.bold
        if first.page > 1 or KNOWN.match(block.text) or numbered:
            return n
        if (len(block.text) > 400 and block.text.endswith((".", "-", ","))) or len(block.text) > 1500:
            return n
    return len(blocks)


def _classify(block: Block, style: Style, height: float, front: bool, seen: list[str]) -> None:
    text, first = block.text, block.lines[0]
    piece = first.pieces[0].text
    if (found := match_caption(text)) and (
        found["stop"] or first.pieces[0].bold or first.size < 0.97 * style.body or len(block.lines) > 1
    ):
        block.kind = "caption"
        return
    if is_heading(block, style, front, seen):
        block.kind = "heading"
        if found := NUMBERED.match(text):
            seen.append(found["number"])
        return
    note = _NOTE.match(piece)
    glued = not front and _GLUED.match(piece)
    if first.size < 0.95 * style.body and first.y > 0.3 * height and (note or glued):
        block.kind, block.note = "footnote", note[1] or note[2] if note else None
        return
    if _PANELS.match(text):
        block.kind = "other"
        return
    if (_BULLET.match(piece) or _ITEM.match(piece)) and len(first.pieces) > 1:
        block.kind = "item"
        return
    centred = all(line.x0 > line.left + 1.5 * line.size for line in block.lines)
    if centred and len(block.lines) <= 6 and _SIGNS.search(text):
        block.kind, block.equation = "paragraph", True
        return
    words = re.findall(r"[^\W\d_]{3,}", text)
    low = sum(w[0].islower() for w in words)
    title_page = front and (len(words) < 12 or low < 0.6 * len(words))  # title, names, addresses; no sentences
    if len(words) < 2 or (first.size < 0.8 * style.body and len(text) < 80) or title_page:
        block.kind = "other"


def _mark_bibliography(blocks: list[Block], start: tuple[int, int, float] | None) -> list[Block]:
    """Sets the kind of entries; the list of authors behind them is no text of the paper.

    A footnote below the list stays one, unless the entries themselves are marked like footnotes.
    """
    if start is None:
        return blocks
    inside, authors, raised = False, False, None
    for block in blocks:
        if not block.lines:
            continue
        first = block.lines[0]
        if (first.page, first.column, first.y) == start:
            inside = True
            if block.kind == "heading":
                continue
        elif inside and block.kind == "heading" and not _ENTRY.match(first.pieces[0].text):
            inside = False
            authors = bool(_AUTHORS.search(block.text))
        elif authors:
            block.kind = "other"
        if inside and raised is None:
            raised = bool(_NOTE.match(first.pieces[0].text))
        if inside and block.kind != "caption" and (raised or block.kind != "footnote"):
            block.kind = "bibliography"  # a table may float between the entries
    return blocks
