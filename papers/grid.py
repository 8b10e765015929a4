"""The columns of a table, from the gaps between its words."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from papers.glyphs import Area, Rule
from papers.lines import Piece, Segment

_ADDED = "±∓×"
_GAP = 0.75  # of the size; wider gaps part columns, narrower ones are spaces


@dataclass(slots=True)
class Chunk:
    """Words of one line of one cell; `first` and `last` are the columns it stands in."""

    pieces: list[Piece]
    first: int = 0
    last: int = 0

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)

    @property
    def x0(self) -> float:
        return self.pieces[0].x0

    @property
    def x1(self) -> float:
        return max(p.x1 for p in self.pieces)

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class TextLine:
    """The chunks of a table on one baseline."""

    y: float
    size: float
    chunks: list[Chunk]


def read_lines(segments: list[Segment], uprights: list[Rule]) -> list[TextLine]:
    """The lines of a table from the top, cut where a gap or an upright rule parts two cells."""
    lines: list[TextLine] = []
    group: list[Segment] = []
    for segment in sorted(segments, key=lambda s: s.y):
        if group and segment.y - group[-1].y > 0.35 * min(segment.size, group[-1].size):
            lines.append(_cut_line(group, uprights))
            group = []
        group.append(segment)
    if group:
        lines.append(_cut_line(group, uprights))
    return lines


def find_walls(uprights: list[Rule], box: Area) -> list[float]:
    """The x of the upright rules between columns, where a frame and such rules part all cells; else nothing."""
    heights: defaultdict[int, float] = defaultdict(float)
    for rule in uprights:
        heights[round(rule.x0 / 2)] += rule.height
    tall = sorted(2.0 * x for x, height in heights.items() if height > 0.7 * box.height)
    if len(tall) < 3 or tall[0] > box.x0 + 6 or tall[-1] < box.x1 - 6:
        return []
    return [x for x in tall if box.x0 + 6 < x < box.x1 - 6]


def _cut_line(group: list[Segment], uprights: list[Rule]) -> TextLine:
    pieces = sorted((p for s in group for p in s.pieces), key=lambda p: p.x0)
    main = max(group, key=lambda s: s.length)
    walls = [r.x0 for r in uprights if r.y0 - 2 < main.y - 0.3 * main.size < r.y1 + 2]
    chunks = [Chunk([pieces[0]])]
    for last, piece in pairwise(pieces):
        edge = chunks[-1].x1
        gap = piece.x0 - edge
        if piece.text[0] in _ADDED or last.text in _ADDED:  # aligned uncertainties belong to their number
            gap = min(gap, 0.0)
        wall = any(edge - 1.5 < x < piece.x0 + 1.5 for x in walls)
        if gap > _GAP * max(piece.size, last.size) or wall:
            chunks.append(Chunk([piece]))
        else:
            chunks[-1].pieces.append(piece)
    return TextLine(main.y, main.size, chunks)


def find_separators(bands: list[list[TextLine]], x0: float, x1: float) -> list[float]:
    """The x between neighbouring columns, from left to right.

    Each band (lines between two full rules) proposes the gaps that few of its lines run across. Proposals of all
    bands are intersected, the best supported first.
    """
    bands = _leave_out_merged(bands)
    proposals: list[tuple[int, float, float]] = []
    for band in bands:
        proposals += _propose(band, x0, x1)
    proposals.sort(key=lambda p: (-p[0], p[2] - p[1]))
    voters = [line for band in bands for line in _find_voters(band)]
    found: list[tuple[float, float]] = []
    for votes, a, b in proposals:
        touching = [n for n, (c, d) in enumerate(found) if a < d and c < b]
        if not touching:
            against = sum(any(c.x0 < b - 1 and c.x1 > a + 1 for c in line.chunks) for line in voters)
            if votes > 2 or against <= votes:
                found.append((a, b))
        elif len(touching) == 1:
            c, d = found[touching[0]]
            found[touching[0]] = (max(a, c), min(b, d))
    chunks = [c for band in bands for line in band if len(line.chunks) > 1 for c in line.chunks]
    return sorted(_place_separator(a, b, chunks) for a, b in found)


def _place_separator(a: float, b: float, chunks: list[Chunk]) -> float:
    """The x between two columns in the gap from `a` to `b`: clear of wide words that reach into it from one side."""
    left = max((c.x1 for c in chunks if c.x0 < a and a < c.x1 < b), default=a)
    right = min((c.x0 for c in chunks if c.x1 > b and a < c.x0 < b), default=b)
    return (left + right) / 2 if left < right else (a + b) / 2


def _leave_out_merged(bands: list[list[TextLine]]) -> list[list[TextLine]]:
    """The lines without the chunks that stand centred between columns: a merged cell is no column of its own.

    The columns are those of the lines with the most chunks; a table that shows fewer than three has none to go by.
    """
    most = max((len(line.chunks) for band in bands for line in band), default=0)
    if most < 3:
        return bands
    full = [line.chunks for band in bands for line in band if len(line.chunks) == most]
    columns = [(min(c.x0 for c in column), max(c.x1 for c in column)) for column in zip(*full, strict=True)]
    if any(b[0] < a[1] for a, b in pairwise(columns)):
        return bands

    def stands_between(chunk: Chunk) -> bool:
        inside = any(a < chunk.middle < b for a, b in columns)
        if inside and sum(chunk.x0 < b and chunk.x1 > a for a, b in columns) < 2:
            return False
        reach = 0.5 * chunk.pieces[0].size
        values = columns[1:]
        return any(
            abs((a + b) / 2 - chunk.middle) < reach for i, (a, _) in enumerate(values) for _, b in values[i + 1 :]
        )

    def keep(line: TextLine) -> TextLine:
        if len(line.chunks) == most:
            return line
        return TextLine(line.y, line.size, [c for c in line.chunks if not stands_between(c)])

    return [[kept for line in band if (kept := keep(line)).chunks] for band in bands]


def _find_voters(band: list[TextLine]) -> list[TextLine]:
    """The lines that show the columns: not those of one chunk, nor those with far fewer chunks than others."""
    most = max((len(line.chunks) for line in band), default=0)
    rich = [line for line in band if len(line.chunks) >= 0.6 * most]
    return rich if most > 3 and len(rich) > 2 else [line for line in band if len(line.chunks) > 1]


def _propose(band: list[TextLine], x0: float, x1: float) -> list[tuple[int, float, float]]:
    width = int(x1 - x0) + 2
    ink, gap = [0] * width, [0] * width
    for line in _find_voters(band):
        for chunk in line.chunks:
            for x in range(max(0, int(chunk.x0 - x0)), min(width, int(chunk.x1 - x0) + 1)):
                ink[x] += 1
        for left, right in pairwise(line.chunks):
            for x in range(max(0, int(left.x1 - x0) + 1), min(width, int(right.x0 - x0))):
                gap[x] += 1
    out: list[tuple[int, float, float]] = []
    start: int | None = None
    for x in range(width + 1):
        free = x < width and gap[x] > 0 and ink[x] <= 0.2 * gap[x]
        if free and start is None:
            start = x
        elif not free and start is not None:
            best = max(gap[start:x])
            # where fewer lines have a gap, cells of different lines are side by side by chance
            a = next(i for i in range(start, x) if gap[i] == best)
            b = next(i for i in range(x - 1, start - 1, -1) if gap[i] == best)
            out.append((best, x0 + a, x0 + b + 1))
            start = None
    return out


def cut_at_separators(lines: list[TextLine], separators: list[float], is_number: Callable[[str], bool]) -> None:
    """Numbers of neighbouring cells that stand too close for a gap are cut where the columns of other lines part."""
    for line in lines:
        chunks: list[Chunk] = []
        for chunk in line.chunks:
            parts: list[list[Piece]] = [[chunk.pieces[0]]]
            for last, piece in pairwise(chunk.pieces):
                if any(last.x1 - 2 < s < piece.x0 + 2 for s in separators) and piece.x0 - last.x1 > 0.3 * piece.size:
                    parts.append([])
                parts[-1].append(piece)
            cut = [Chunk(part) for part in parts]
            chunks += cut if len(cut) > 1 and all(is_number(c.text) for c in cut) else [chunk]
        line.chunks = chunks


def place_chunks(lines: list[TextLine], separators: list[float]) -> None:
    """Sets the first and last column of each chunk; chunks that share a column are one."""
    for line in lines:
        for chunk in line.chunks:
            chunk.first = sum(s < chunk.x0 + 2 for s in separators)
            chunk.last = max(chunk.first, sum(s < chunk.x1 - 2 for s in separators))
        merged: list[Chunk] = []
        for chunk in line.chunks:
            if merged and merged[-1].last == chunk.first:
                merged[-1].pieces += chunk.pieces
                merged[-1].last = max(merged[-1].last, chunk.last)
            else:
                merged.append(chunk)
        line.chunks = merged
