"""Figures of a page: clusters of drawings and images, with the lettering in and around them."""

import re
from collections import Counter, defaultdict
from typing import NamedTuple

from papers.glyphs import Area, Rule
from papers.lines import Segment
from papers.regions import Region, match_caption

_CELL = 10.0  # points
_LEAST = 40.0  # points; smaller drawings are signs and logos
_BESIDE = 32.0  # points; how far axis labels stand from the frame


class Look(NamedTuple):
    """What running text looks like: its fonts and the size most of it has."""

    fonts: frozenset[str]
    size: float


def find_look(pages: list[list[Segment]], widths: list[float]) -> Look:
    """The look of the long lines. A font that is in them on one page only is of a figure, unless it has much text."""
    weight: Counter[str] = Counter()
    sizes: Counter[float] = Counter()
    where: defaultdict[str, set[int]] = defaultdict(set)
    for page, width in zip(pages, widths, strict=True):
        for segment in page:
            if segment.length > 40 and segment.x1 - segment.x0 > 0.3 * width:
                sizes[round(2 * segment.size) / 2] += segment.length
                for piece in segment.pieces:
                    weight[piece.font] += len(piece.text)
                    where[piece.font].add(segment.page)
    total = sum(weight.values())
    several = min(2, len(pages))
    fonts = (f for f, n in weight.items() if n > 0.02 * total or (n > 0.0005 * total and len(where[f]) >= several))
    return Look(frozenset(fonts), sizes.most_common(1)[0][0] if sizes else 10.0)


def find_figures(page: int, width: float, segments: list[Segment], drawings: list[Area], look: Look) -> list[Region]:
    """The figures of a page of this width. `segments` are those that no table has taken.

    Drawings reach farther than what is seen of them, so running text (long lines in the fonts of the text, and the
    short ones that go on below them) is never part of a figure.
    """
    regions = [Region("figure", page, box, [], [], []) for box in drawings]
    running = _find_running(segments, width, look.fonts)
    for segment in segments:
        if id(segment) in running or match_caption(segment.text):
            continue
        if segment.size > 1.05 * look.size and re.match(r"\d+(?:\.\d+)* +[A-Z]", segment.text):
            continue  # a heading
        foreign = not any(p.font in look.fonts for p in segment.pieces)
        x, y = (segment.x0 + segment.x1) / 2, segment.y - 0.3 * segment.size
        for region in regions:
            if region.box.holds(x, y, _BESIDE if foreign else 4.0):
                region.segments.append(segment)
                break
    for region in regions:
        if region.segments:
            region.box = Area(
                min(s.x0 for s in region.segments),
                min(s.y for s in region.segments),
                max(s.x1 for s in region.segments),
                max(s.y for s in region.segments),
            )
    return regions


def _find_running(segments: list[Segment], width: float, fonts: frozenset[str]) -> set[int]:
    """The ids of segments of running text."""
    running: list[Segment] = []
    found: set[int] = set()
    for segment in sorted(segments, key=lambda s: s.y):
        if not any(p.font in fonts for p in segment.pieces):
            continue
        goes_on = any(
            0.9 < (segment.y - other.y) / segment.size < 1.6
            and abs(segment.x0 - other.x0) < 2.0 * segment.size
            and abs(segment.size - other.size) < 0.08 * segment.size
            for other in running[-12:]
        )
        if segment.length > 60 or (segment.x1 - segment.x0 > 0.33 * width and segment.length > 25) or goes_on:
            running.append(segment)
            found.add(id(segment))
    # a short line with running text closely above and below it is a formula
    for segment in segments:
        if id(segment) in found or not any(p.font in fonts for p in segment.pieces):
            continue
        reach = 3.5 * segment.size
        column = [s for s in running if s.x0 < segment.x1 and s.x1 > segment.x0 and abs(s.y - segment.y) < reach]
        if any(s.y < segment.y for s in column) and any(s.y > segment.y for s in column):
            found.add(id(segment))
    return found


def find_drawings(width: float, height: float, marks: list[Area], rules: list[Rule]) -> list[Area]:
    """Boxes around drawings that lie together; ticks of axes are drawings, other rules are not."""
    ticks = [r for r in rules if max(r.width, r.height) < 7]
    columns, rows = int(width / _CELL) + 2, int(height / _CELL) + 2
    grid = [0] * rows
    areas = [a for a in marks if not (a.width > 0.85 * width and a.height > 0.85 * height)]
    if len(ticks) > 40:
        areas += [Area(*t) for t in ticks]
    for area in areas:
        x0, x1 = max(0, int(area.x0 / _CELL)), min(columns - 1, int(area.x1 / _CELL))
        y0, y1 = max(0, int(area.y0 / _CELL)), min(rows - 1, int(area.y1 / _CELL))
        if x1 < x0 or y1 < y0:
            continue
        mask = ((1 << (x1 - x0 + 1)) - 1) << x0
        for y in range(y0, y1 + 1):
            grid[y] |= mask
    cells = {(x, y) for y in range(rows) if grid[y] for x in range(columns) if grid[y] >> x & 1}
    boxes: list[Area] = []
    while cells:
        stack = [cells.pop()]
        group = list(stack)
        while stack:
            x, y = stack.pop()
            for dx in (-2, -1, 0, 1, 2):
                for dy in (-2, -1, 0, 1, 2):
                    cell = (x + dx, y + dy)
                    if cell in cells:
                        cells.remove(cell)
                        stack.append(cell)
                        group.append(cell)
        xs, ys = [c[0] for c in group], [c[1] for c in group]
        a0, b0, a1, b1 = min(xs) * _CELL, min(ys) * _CELL, (max(xs) + 1) * _CELL, (max(ys) + 1) * _CELL
        inside = [a for a in areas if a.x0 < a1 and a.x1 > a0 and a.y0 < b1 and a.y1 > b0]
        tight = Area(
            max(a0, min(a.x0 for a in inside)),
            max(b0, min(a.y0 for a in inside)),
            min(a1, max(a.x1 for a in inside)),
            min(b1, max(a.y1 for a in inside)),
        )
        if min(tight.width, tight.height) >= _LEAST:
            boxes.append(tight)
    return boxes
