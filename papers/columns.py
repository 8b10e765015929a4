"""Reading order: segments of a page to whole lines, column by column."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from papers.lines import Piece, Segment


@dataclass(slots=True, frozen=True)
class Line:
    """A line of a column, left to right. `left` and `right` are the edges of its column's text."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    italic: bool
    page: int
    left: float
    right: float
    column: int  # 0 for the whole width, 1 and 2 for columns
    region: int | None = None  # a table or figure that stands here

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


def find_gutters(pages: list[list[Segment]], widths: list[float]) -> list[float | None]:
    """For each page the x that parts two columns of running text, or nothing.

    A page with little text follows the gutter that most pages of the paper have.
    """
    sure = [_find_gutter(page, width) for page, width in zip(pages, widths, strict=True)]
    known = sorted(x for x in sure if x is not None)
    if len(known) < max(1, 0.3 * len(pages)):
        return sure
    usual = known[len(known) // 2]
    out: list[float | None] = []
    for page, own in zip(pages, sure, strict=True):
        if own is None and page:
            total = sum(s.length for s in page)
            crossing = sum(s.length for s in page if s.x0 < usual - 15 and s.x1 > usual + 15)
            own = usual if crossing < 0.6 * total else None
        out.append(own)
    return out


def _find_gutter(segments: list[Segment], width: float) -> float | None:
    long = [s for s in segments if s.length > 12]
    total = sum(s.length for s in long)
    best: tuple[float, float] | None = None
    for step in range(35, 66):
        x = width * step / 100
        crossing = sum(s.length for s in long if s.x0 < x < s.x1)
        cost = crossing + 0.001 * total * abs(step - 50)
        if best is None or cost < best[0]:
            best = (cost, x)
    if best is None or best[0] > 0.45 * total:
        return None
    x = best[1]
    left = [s for s in long if s.x1 <= x]
    right = [s for s in long if s.x0 >= x]
    if min(len(left), len(right)) < 8:
        return None
    # running text: most lines of a side start at one x and are as wide as the side
    for side in (left, right):
        starts = [s.x0 for s in side]
        common = max(sum(abs(a - b) < 3 for b in starts) for a in starts)
        wide = sum(s.x1 - s.x0 > 0.3 * width for s in side)
        if common < 0.45 * len(side) or wide < 0.4 * len(side) or sum(s.length for s in side) < 0.1 * total:
            return None
    return x


def order_lines(segments: list[Segment], gutter: float | None) -> list[Line]:
    """All lines of the page in reading order; a segment across the gutter ends the columns above it."""
    if gutter is None:
        return _set_edges(_make_lines(segments, 0))
    lines: list[Line] = []
    band: list[Segment] = []
    listing = _find_listing(segments, gutter)
    for segment in sorted(segments, key=lambda s: s.y):
        if listing is not None and segment.y >= listing:
            lines += _read_band(band, gutter)
            band, listing = [], None
        if segment.x0 < gutter - 15 and segment.x1 > gutter + 15:
            lines += _read_band(band, gutter)
            band = []
            lines += _make_lines([segment], 0)
        else:
            band.append(segment)
    return _set_edges(lines + _read_band(band, gutter))


def _find_listing(segments: list[Segment], gutter: float) -> float | None:
    """Where the list of cited works starts below text, when both columns end there (balanced columns)."""
    entries = [s for s in segments if re.match(r"\[\d{1,3}\]", s.text)]
    first = next((s for s in entries if s.text.startswith("[1]") and s.x1 < gutter), None)
    if first is None:
        return None
    top = first.y - 0.8 * first.size
    right = sorted((s for s in segments if s.x0 > gutter), key=lambda s: s.y)
    below = next((s for s in right if s.y > top), None)
    if below in entries and any(s.y < top for s in right) and not any(s in entries for s in right if s.y < top):
        return top
    return None


def _read_band(band: list[Segment], gutter: float) -> list[Line]:
    left = [s for s in band if (s.x0 + s.x1) / 2 <= gutter]
    right = [s for s in band if (s.x0 + s.x1) / 2 > gutter]
    return _make_lines(left, 1) + _make_lines(right, 2)


def _make_lines(segments: list[Segment], column: int) -> list[Line]:
    lines: list[Line] = []
    group: list[Segment] = []
    for segment in sorted(segments, key=lambda s: s.y):
        apart = group and (segment.y - group[-1].y > 0.3 * segment.size or group[-1].region is not None)
        if group and (apart or segment.region is not None):
            lines.append(_join(group, column))
            group = []
        group.append(segment)
    if group:
        lines.append(_join(group, column))
    return lines


def _set_edges(lines: list[Line]) -> list[Line]:
    """The lines with the edges of the text of their column."""
    edges = {c: _find_edges([line for line in lines if line.column == c]) for c in {line.column for line in lines}}
    return [replace(line, left=edges[line.column][0], right=edges[line.column][1]) for line in lines]


def _find_edges(lines: list[Line]) -> tuple[float, float]:
    """Where most lines start, and the right edge that the longest lines share."""
    own = [line for line in lines if line.region is None] or lines
    starts = Counter(round(line.x0) for line in own)
    ends = Counter(round(line.x1) for line in own)
    left = min(starts, key=lambda x: (-sum(starts[x + d] for d in (-1, 0, 1)), x))
    right = max(ends, key=lambda x: (sum(ends[x + d] for d in (-2, -1, 0, 1, 2)), x))
    if right < left + 0.5 * (max(ends) - left):
        right = max(ends)
    return float(left), float(right)


def _join(group: list[Segment], column: int) -> Line:
    group = sorted(group, key=lambda s: s.x0)
    pieces = tuple(p for s in group for p in s.pieces)
    main = max(group, key=lambda s: s.length)
    length = sum(len(p.text) for p in pieces) or 1
    bold = sum(len(p.text) for p in pieces if p.bold) * 1.5 > length
    italic = sum(len(p.text) for p in pieces if p.italic) * 1.5 > length
    x0, x1 = group[0].x0, max(s.x1 for s in group)
    return Line(pieces, x0, x1, main.y, main.size, bold, italic, main.page, x0, x1, column, group[0].region)
