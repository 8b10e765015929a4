"""What is printed around the text: running heads, page numbers, line numbers of drafts."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

from papers.glyphs import Rule
from papers.lines import Segment

_EDGE = 0.12  # of the page's height, at the top and at the bottom
_NUMBER = re.compile(r"^[-–—]?\s*(\d{1,4}|[ivxl]{1,6})\s*[-–—]?$")


def drop_furniture(
    pages: list[list[Segment]], heights: list[float], rules: list[list[Rule]]
) -> tuple[list[list[Segment]], list[float]]:
    """The segments of each page without its furniture, and the y above which each page has only its head."""
    pages = [_drop_line_numbers(page) for page in pages]
    tops = _find_head_rules(heights, rules)
    rows = [_group_edge_rows(page, height) for page, height in zip(pages, heights, strict=True)]
    repeated = Counter(key for page in rows for key in {_shape(row) for row in page})
    offsets = _find_page_numbers(rows)
    kept = []
    for number, (page, edge_rows) in enumerate(zip(pages, rows, strict=True), start=1):
        drop: set[int] = set()
        for row in edge_rows:
            text = _text(row)
            if (
                _NUMBER.match(text)
                or repeated[_shape(row)] >= max(3, 0.2 * len(pages))
                or any(_number_at(row, end) == number + offset for end, offset in offsets)
            ):
                drop.update(id(s) for s in row)
        kept.append([s for s in page if id(s) not in drop and s.y > tops[number - 1]])
    return kept, tops


def _text(row: list[Segment]) -> str:
    return " ".join(s.text for s in row)


def _shape(row: list[Segment]) -> str:
    return re.sub(r"\d+", "#", _text(row))


def _group_edge_rows(page: list[Segment], height: float) -> list[list[Segment]]:
    """The rows of text near the top and the bottom of a page: at most three of each."""
    rows: list[list[Segment]] = []
    for segment in sorted(page, key=lambda s: (s.y, s.x0)):
        if rows and segment.y - rows[-1][0].y < 3:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    head = [r for r in rows if r[0].y < _EDGE * height][:3]
    foot = [r for r in rows if r[0].y > (1 - _EDGE) * height][-3:]
    return head + [r for r in foot if r not in head]


def _number_at(row: list[Segment], end: str) -> int | None:
    """The number that the row starts or ends with."""
    piece = row[0].pieces[0].text if end.endswith("first") else row[-1].pieces[-1].text
    piece = piece.rpartition("-")[2]
    return int(piece) if piece.isdecimal() and len(piece) <= 4 else None


def _find_page_numbers(rows: list[list[list[Segment]]]) -> list[tuple[str, int]]:
    """Where pages carry their number within a longer line: which end, and the number minus the page's place."""
    found: Counter[tuple[str, int]] = Counter()
    for number, page in enumerate(rows, start=1):
        for row in page:
            for end in ("first", "last"):
                value = _number_at(row, end)
                if value is not None:
                    found[(end, value - number)] += 1
    # left and right pages may differ in the end that carries the number
    return [key for key, n in found.items() if n >= max(3, 0.3 * len(rows))]


def _find_head_rules(heights: list[float], rules: list[list[Rule]]) -> list[float]:
    """The y of the rule below the running head of each page; 0 where there is none."""
    seen: defaultdict[int, list[int]] = defaultdict(list)
    for page, (height, lines) in enumerate(zip(heights, rules, strict=True)):
        for y in {round(r.y0) for r in lines if r.height <= 2 and r.width > 200 and r.y0 < _EDGE * height}:
            seen[y].append(page)
    tops = [0.0] * len(heights)
    for y, where in seen.items():
        if len(where) >= max(3, 0.4 * len(heights)):
            for page in where:
                tops[page] = max(tops[page], float(y + 1))
    return tops


def _drop_line_numbers(page: list[Segment]) -> list[Segment]:
    """Without numbers that count the lines beside the text."""
    columns: defaultdict[int, list[tuple[float, int, Segment]]] = defaultdict(list)
    for segment in page:
        for piece in {segment.pieces[0], segment.pieces[-1]}:
            if piece.text.isdecimal() and len(piece.text) <= 4:
                columns[round(piece.x1 / 3)].append((segment.y, int(piece.text), segment))
    drop: set[tuple[int, str]] = set()
    for column in columns.values():
        column.sort(key=lambda t: t[0])
        steps = [b[1] - a[1] for a, b in pairwise(column)]
        if len(column) >= 10 and sum(step in (1, 5) for step in steps) > 0.8 * len(steps):
            drop |= {(id(segment), str(value)) for _, value, segment in column}
    if not drop:
        return page
    kept = []
    for segment in page:
        pieces = segment.pieces
        if (id(segment), pieces[0].text) in drop:
            pieces = pieces[1:]
        if pieces and (id(segment), pieces[-1].text) in drop and len(pieces) > 1:
            pieces = pieces[:-1]
        if pieces is segment.pieces:
            kept.append(segment)
        elif pieces:
            length = sum(len(p.text) + 1 for p in pieces) - 1
            kept.append(replace(segment, pieces=pieces, x0=pieces[0].x0, x1=max(p.x1 for p in pieces), length=length))
    return kept
