"""Tables that rules do not enclose: rows outside the outer rules, and tables without any rule."""

from papers.glyphs import Area
from papers.lines import Segment
from papers.regions import Region

_STEP = 2.0  # of the size; rows of a table are closer than this


def extend_table(region: Region, caption: Segment, bottom: float, segments: list[Segment], below: bool) -> None:
    """Adds rows that stand outside the outer rules: a header between the caption and the first rule, and rows of
    several cells below the last rule, in the size of the table."""
    box = region.box
    taken = {id(s) for s in region.segments}
    inside = [s for s in segments if s.x0 > box.x0 - 6 and s.x1 < box.x1 + 6 and id(s) not in taken]
    if below:
        head = [s for s in inside if bottom + 2 < s.y < box.y0 and s.y - bottom > 0.9 * s.size]
        if len({round(s.y) for s in head}) <= 3 and len(head) > 1:
            region.segments += head
            region.box = box = box._replace(y0=min(s.y - s.size for s in head))
    sizes = [s.size for s in region.segments]
    size = sorted(sizes)[len(sizes) // 2] if sizes else caption.size
    edge = box.y1
    for row in _group_rows([s for s in inside if s.y > box.y1]):
        y = row[0].y
        if y - edge > _STEP * size or len(row) < 2 or any(abs(s.size - size) > 0.06 * size for s in row):
            break
        region.segments += row
        region.box = region.box._replace(y1=y + 0.3 * size)
        edge = y


def find_loose_table(page: int, caption: Segment, bottom: float, segments: list[Segment], label: str) -> Region | None:
    """A table without rules below (or above) its caption: rows of several cells, close to each other."""
    column = [s for s in segments if s.x1 > caption.x0 - 30 and s.x0 < max(caption.x1, caption.x0 + 150) + 30]
    down = _group_rows([s for s in column if s.y > bottom + 2])
    up = _group_rows([s for s in column if s.y < caption.y - 0.5 * caption.size])[::-1]
    for rows, edge in ((down, bottom), (up, caption.y - caption.size)):
        taken: list[list[Segment]] = []
        for row in rows:
            size = max(s.size for s in row)
            if abs(row[0].y - edge) > (_STEP if taken else 2 * _STEP) * size or max(s.length for s in row) > 60:
                break
            taken.append(row)
            edge = row[0].y
        while taken and len(taken[-1]) < 2:
            taken.pop()
        if len(taken) > 2 and sum(len(row) > 1 for row in taken) > 0.6 * len(taken):
            inside = [s for row in taken for s in row]
            box = Area(
                min(s.x0 for s in inside),
                min(s.y - s.size for s in inside),
                max(s.x1 for s in inside),
                max(s.y for s in inside) + 2,
            )
            return Region("table", page, box, [], [], inside, label)
    return None


def _group_rows(segments: list[Segment]) -> list[list[Segment]]:
    """Segments on common baselines, from the top."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.y, s.x0)):
        if rows and segment.y - rows[-1][0].y < 0.3 * segment.size:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return rows
