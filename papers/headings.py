"""Headings: which blocks are, and on which level."""

import re

from papers.block import Block, Style

NUMBERED = re.compile(r"^(?P<number>(?:\d{1,2}|[A-H])(?:\.\d{1,2})*|[IVX]+)(?P<stop>[.:]?)\s+(?P<title>\S.*)$")
KNOWN = re.compile(
    r"^(?:abstract|contents|table of contents|references|bibliography|acknowledge?ments?|summary|conclusions?|"
    r"summary and conclusions?|introduction|append(?:ix|ices).*)$",
    re.I,
)


def is_heading(block: Block, style: Style, front: bool, seen: list[str]) -> bool:
    text, first = block.text, block.lines[0]
    if len(block.lines) > 3 or len(text) > 180 or not any(c.isalpha() for c in text):
        return False
    larger = first.size > 1.08 * style.body
    strong = first.bold or larger
    if KNOWN.match(text) and (strong or len(block.lines) == 1):
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


def set_levels(blocks: list[Block]) -> None:
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
            if KNOWN.match(block.text):
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
