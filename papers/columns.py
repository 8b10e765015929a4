"""Reading order: segments of a page to whole lines, column by column."""

from dataclasses import dataclass

from papers.lines import Piece, Segment


@dataclass(slots=True, frozen=True)
class Line:
    """A line of a column, left to right; `column` is the box its column spans (x0, x1)."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    page: int
    left: float
    right: float

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


def find_gutter(segments: list[Segment], width: float) -> float | None:
    """The x that parts two columns of running text, or nothing on a page of one column."""
    wide = [s for s in segments if len(s.text) > 12]
    total = sum(len(s.text) for s in wide)
    best: tuple[int, float] | None = None
    for step in range(30, 71):
        x = width * step / 100
        crossing = sum(len(s.text) for s in wide if s.x0 < x < s.x1)
        if (
            best is None
            or crossing < best[0]
            or (crossing == best[0] and abs(x - width / 2) < abs(best[1] - width / 2))
        ):
            best = (crossing, x)
    if best is None or best[0] > 0.45 * total:
        return None
    x = best[1]
    left = [s for s in wide if s.x1 <= x]
    right = [s for s in wide if s.x0 >= x]
    if min(len(left), len(right)) < 8:
        return None
    # running text: most lines on the right start at one x, and they carry a good part of the page
    starts = sorted(s.x0 for s in right)
    common = max(sum(abs(a - b) < 3 for b in starts) for a in starts)
    if common < 0.5 * len(right) or min(sum(len(s.text) for s in left), sum(len(s.text) for s in right)) < 0.15 * total:
        return None
    return x


def order_lines(segments: list[Segment], width: float) -> list[Line]:
    """All lines of the page in reading order."""
    gutter = find_gutter(segments, width)
    if gutter is None:
        return _make_lines(segments)
    lines: list[Line] = []
    band: list[Segment] = []
    for segment in sorted(segments, key=lambda s: s.y):
        if segment.x0 < gutter < segment.x1:
            lines += _read_band(band, gutter)
            band = []
            lines += _make_lines([segment])
        else:
            band.append(segment)
    return lines + _read_band(band, gutter)


def _read_band(band: list[Segment], gutter: float) -> list[Line]:
    left = [s for s in band if s.x1 <= gutter]
    right = [s for s in band if s.x1 > gutter]
    return _make_lines(left) + _make_lines(right)


def _make_lines(segments: list[Segment]) -> list[Line]:
    if not segments:
        return []
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    lines: list[Line] = []
    group: list[Segment] = []
    for segment in sorted(segments, key=lambda s: s.y):
        if group and segment.y - group[-1].y > 0.25 * segment.size:
            lines.append(_join(group, left, right))
            group = []
        group.append(segment)
    lines.append(_join(group, left, right))
    return lines


def _join(group: list[Segment], left: float, right: float) -> Line:
    group = sorted(group, key=lambda s: s.x0)
    pieces = tuple(p for s in group for p in s.pieces)
    main = max(group, key=lambda s: len(s.text))
    return Line(pieces, group[0].x0, max(s.x1 for s in group), main.y, main.size, main.bold, main.page, left, right)
