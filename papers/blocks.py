"""Lines to blocks: what is one paragraph, heading, item, caption, footnote or entry of the bibliography."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from papers.columns import Line
from papers.regions import Region, match_caption
from schemas.document import PassageKind

NUMBERED = re.compile(r"^(?P<number>(?:\d{1,2}|[A-H])(?:\.\d{1,2})*|[IVX]+)(?P<stop>[.:]?)\s+(?P<title>\S.*)$")
_BULLET = re.compile(r"^[•◦▪■∗*‣▶►○●✓]$")
_ITEM = re.compile(r"^(?:[-–—]|\(?\d{1,2}[.)]|\(?[ivx]{1,4}[.)]|\([a-z]\)|[a-z]\))$")
_ENTRY = re.compile(r"^(?:\[\d{1,3}\]|\d{1,3}\.)$")
_NOTE = re.compile(r"^\^(?:(\w{1,2}|[*†‡§¶])|\{(\w{1,2}|[*†‡§¶]{2})\})$")
_KNOWN = re.compile(
    r"^(?:abstract|contents|table of contents|references|bibliography|acknowledge?ments?|summary|conclusions?|"
    r"summary and conclusions?|introduction|append(?:ix|ices).*)$",
    re.I,
)
_BIBLIOGRAPHY = re.compile(r"^(?:\d{1,2}\.?\s+)?(?:references|bibliography)$", re.I)
_AUTHORS = re.compile(r"\b(?:collaboration|authors?)\b", re.I)
_PANELS = re.compile(r"^(?:\([a-z]\)\s*)+$")
_SIGNS = re.compile(r"[=<>≤≥≈∝∑∫→≡±×]|\(\d{1,2}\)$")


@dataclass(slots=True)
class Block:
    """Lines that belong to one passage; `region` instead of lines for a table or a figure."""

    kind: PassageKind
    lines: list[Line]
    region: Region | None = None
    level: int = 0  # of a heading
    equation: bool = False  # displayed mathematics
    note: str | None = None  # the mark of a footnote

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True, frozen=True)
class Style:
    """How the paper is set: the size of its text and the distance of its lines."""

    body: float
    leading: float

    @classmethod
    def measure(cls, pages: list[list[Line]]) -> "Style":
        """The size most characters have, and the usual distance between two lines of that size."""
        weight: Counter[float] = Counter()
        for page in pages:
            for line in page:
                weight[round(line.size * 2) / 2] += sum(len(p.text) for p in line.pieces)
        body = weight.most_common(1)[0][0] if weight else 10.0
        steps: Counter[float] = Counter()
        for page in pages:
            for a, b in pairwise(page):
                if abs(a.size - body) < 0.6 and abs(b.size - body) < 0.6 and body < b.y - a.y < 2 * body:
                    steps[round((b.y - a.y) * 2) / 2] += 1
        return cls(body, steps.most_common(1)[0][0] if steps else 1.2 * body)


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
    _set_levels(blocks)
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
        return False
    if line.x0 < last.x0 - 1.2 * size and (len(block.lines) > 1 or hanging) and last.x0 > line.left + size:
        return True
    indented = 0.8 * size < line.x0 - last.x0 < 4 * size and abs(last.x0 - line.left) < 0.4 * size
    if indented and not hanging and not _SIGNS.search(line.text[:40]):
        return True
    short = last.x1 < line.right - 0.12 * (line.right - line.left)
    return short and last.text.rstrip().endswith((".", ":", "!", "?")) and not line.text[:1].islower()


def _find_front(blocks: list[Block]) -> int:
    """The index of the first block behind title and authors: a known or numbered heading, or a long paragraph."""
    for n, block in enumerate(blocks):
        if not block.lines:
            continue
        first = block.lines[0]
        found = NUMBERED.match(block.text)
        numbered = found and found["number"] in ("1", "I") and first.bold
        if first.page > 1 or _KNOWN.match(block.text) or numbered:
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
    if _is_heading(block, style, front, seen):
        block.kind = "heading"
        if found := NUMBERED.match(text):
            seen.append(found["number"])
        return
    note = _NOTE.match(piece)
    if first.size < 0.95 * style.body and first.y > 0.3 * height and note:
        block.kind, block.note = "footnote", note[1] or note[2]
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


def _is_heading(block: Block, style: Style, front: bool, seen: list[str]) -> bool:
    text, first = block.text, block.lines[0]
    if len(block.lines) > 3 or len(text) > 180 or not any(c.isalpha() for c in text):
        return False
    larger = first.size > 1.08 * style.body
    strong = first.bold or larger
    if _KNOWN.match(text) and (strong or len(block.lines) == 1):
        return True
    if front:
        return False
    found = NUMBERED.match(text)
    if found and "." in found["number"] and _is_next(found["number"], seen):
        title = found["title"]
        if title[0].isupper() and len(block.lines) <= 2 and not text.endswith((".", ",", ";", ":")):
            return True  # set like the text, but it goes on with the count
    if found and first.size > 0.82 * style.body:
        title = found["title"]
        if not title[0].isalpha() or (text.endswith((".", ",", ";")) and not strong):
            return False
        if not _is_plausible(found["number"], seen):
            return False
        capitals = title.upper() == title and len(title) > 5
        return (
            strong or ((first.italic or capitals) and bool(found["stop"])) or (first.italic and "." in found["number"])
        )
    if not strong or first.size < 0.97 * style.body:
        return False
    return len(text) < 110 and text[:1].isupper() and not text.endswith((".", ",", ":")) and len(block.lines) <= 2


def _is_plausible(number: str, seen: list[str]) -> bool:
    """Whether a chapter's number is not far from those before it; `35 GeV` in a figure is no chapter."""
    if not number.isdecimal():
        return True
    if "I" in seen:  # below roman chapters
        return int(number) < 20
    chapters = [int(n) for n in seen if n.isdecimal()]
    return number not in seen and int(number) <= max(chapters, default=0) + 2


def _is_next(number: str, seen: list[str]) -> bool:
    """Whether a number like `4.2` follows the numbers of the headings before it."""
    parent, _, last = number.rpartition(".")
    if not last.isdecimal():
        return False
    before = parent if last == "1" else f"{parent}.{int(last) - 1}"
    return before in seen and number not in seen


def _set_levels(blocks: list[Block]) -> None:
    """Levels of headings: from the number; without one from the size of numbered headings of the paper."""
    sizes: dict[int, float] = {}
    numbers = [found["number"] for b in blocks if b.kind == "heading" and (found := NUMBERED.match(b.text))]
    roman = "I" in numbers and "II" in numbers
    for block in blocks:
        if block.kind == "heading" and (found := NUMBERED.match(block.text)):
            block.level = _level_of(found["number"], roman)
            sizes.setdefault(block.level, block.lines[0].size)
    current = 1
    for block in blocks:
        if block.kind != "heading":
            continue
        if block.level == 0:
            size = block.lines[0].size
            alike = [level for level, known in sizes.items() if abs(known - size) < 0.03 * size]
            if _KNOWN.match(block.text):
                block.level = 1
            else:
                block.level = min(alike) if alike else (1 if size > max(sizes.values(), default=0) else current + 1)
        elif NUMBERED.match(block.text):
            current = block.level


def _level_of(number: str, roman: bool) -> int:
    """The level of a number: `4.2` is 2; below roman chapters letters are 2 and single figures 3."""
    if roman and number.isdigit():
        return 3
    if roman and len(number) == 1 and number not in "IVX":
        return 2
    return 1 + number.count(".")


def _mark_bibliography(blocks: list[Block], start: tuple[int, int, float] | None) -> list[Block]:
    """Sets the kind of entries; the list of authors behind them is no text of the paper."""
    if start is None:
        return blocks
    inside, authors = False, False
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
        if inside:
            block.kind = "bibliography"
    return blocks
