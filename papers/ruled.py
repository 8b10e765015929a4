"""Tables on a page: for each caption the rules below or above it, and what stands between them."""

from papers.glyphs import Area, Rule
from papers.lines import Segment
from papers.loose import extend_table, find_loose_table
from papers.regions import Region, RuleRow, group_rules, match_caption


def find_tables(
    page: int,
    segments: list[Segment],
    rules: list[Rule],
    top: float,
    drawings: list[Area],
    gutter: float | None,
) -> list[Region]:
    """The tables of a page: for each caption the rules above or below it, then ruled blocks without a caption that
    touch none of the `drawings`."""
    rows = group_rules(rules, top, gutter)
    stops = [s for s in segments if match_caption(s.text)]
    found_regions: list[Region] = []
    used: set[int] = set()
    for segment in stops:
        match = match_caption(segment.text)
        if match is None:
            continue
        bottom, top_edge = _caption_bottom(segment, segments, rows), segment.y - segment.size
        above = _collect(rows, used, segment, top_edge, segments, stops, downward=False)
        if match["kind"].lower().startswith("fig"):
            choice = above if len(above) == 2 else []  # a frame around a figure
        else:
            below = _collect(rows, used, segment, bottom, segments, stops, downward=True)
            choice = _choose(below, above, bottom, top_edge)
        label = f"Table {match['number']}" if match["kind"].lower().startswith("tab") else None
        if choice:
            used.update(id(r) for r in choice)
            region = _make_table(page, choice, segments, rules, label)
            if label is None:
                region.kind = "figure"
            else:
                extend_table(region, segment, bottom, segments, choice[0].y > bottom)
            found_regions.append(region)
        elif label is not None:
            near = [s for s in segments if gutter is None or _same_side(s, segment, gutter)]
            loose = find_loose_table(page, segment, bottom, near, label)
            if loose is not None:
                found_regions.append(loose)
    free = [r for r in rows if id(r) not in used and r.covered > 100]
    for group in _group_alike(free, segments, stops):
        region = _make_table(page, group, segments, rules, None)
        if len(region.segments) > 4 and not any(
            region.box.touches(box) for box in (*drawings, *(other.box for other in found_regions))
        ):
            found_regions.append(region)
    return [r for r in found_regions if r.segments]


def _same_side(segment: Segment, caption: Segment, gutter: float) -> bool:
    """Whether a segment is in the column of the caption; all are for a caption across both."""
    if caption.x0 < gutter < caption.x1:
        return True
    return (segment.x0 + segment.x1 < 2 * gutter) == (caption.x1 < gutter)


def _caption_bottom(first: Segment, segments: list[Segment], rows: list[RuleRow]) -> float:
    """The baseline of the caption's last line."""
    y = first.y
    x0, x1 = first.x0, first.x1
    while True:
        size = first.size
        below = [
            s
            for s in segments
            if 0.7 * size < s.y - y < 1.5 * size and s.x0 < x1 and s.x1 > x0 and 0.9 < s.size / size < 1.1
        ]
        if not below:
            return y
        step = min(s.y for s in below)
        if any(y < r.y < step and r.x0 < x1 and r.x1 > x0 for r in rows):
            return y
        x0, x1 = min(x0, *(s.x0 for s in below)), max(x1, *(s.x1 for s in below))
        y = step


def _collect(
    rows: list[RuleRow],
    used: set[int],
    caption: Segment,
    edge: float,
    segments: list[Segment],
    stops: list[Segment],
    downward: bool,
) -> list[RuleRow]:
    """The rule rows of a table that starts below (ends above) `edge`, nearest first."""
    reach = 90.0
    ordered = [r for r in rows if id(r) not in used and r.covered > 30]
    ordered = [r for r in ordered if r.y > edge] if downward else [r for r in reversed(ordered) if r.y < edge]
    ordered = [r for r in ordered if min(r.x1, caption.x1) - max(r.x0, caption.x0) > 0.3 * (caption.x1 - caption.x0)]
    if not ordered or abs(ordered[0].y - edge) > reach:
        return []
    widest = max(ordered[:3], key=lambda r: r.x1 - r.x0)
    x0, x1 = widest.x0, widest.x1
    taken: list[RuleRow] = []
    last = edge
    for row in ordered:
        if row.x1 < x0 or row.x0 > x1:
            continue
        if row.x0 < x0 - 5 or row.x1 > x1 + 5:
            break
        if taken and _blocked(last, row.y, x0, x1, segments, stops):
            break
        if not taken and _blocked(edge, row.y, x0, x1, [], [s for s in stops if s is not caption]):
            break
        taken.append(row)
        last = row.y
    while taken and taken[-1].x1 - taken[-1].x0 < 0.8 * (x1 - x0):
        taken.pop()  # a table ends with a full rule
    return taken if len(taken) >= 2 else []


def _blocked(a: float, b: float, x0: float, x1: float, segments: list[Segment], stops: list[Segment]) -> bool:
    """Whether running text or another caption stands between two rules."""
    low, high = min(a, b), max(a, b)
    for s in stops:
        if low < s.y < high and s.x0 < x1 and s.x1 > x0:
            return True
    for s in segments:
        if low < s.y < high and (s.x0 < x0 - 8 < x0 + 20 < s.x1 or s.x0 < x1 - 20 < x1 + 8 < s.x1):
            return True
    return False


def _choose(below: list[RuleRow], above: list[RuleRow], bottom: float, top: float) -> list[RuleRow]:
    if not below or not above:
        return below or above
    return below if below[0].y - bottom <= top - above[0].y else above


def _group_alike(rows: list[RuleRow], segments: list[Segment], stops: list[Segment]) -> list[list[RuleRow]]:
    """Three or more full rules of one width below each other: a table without a caption of its own on this page."""
    groups: list[list[RuleRow]] = []
    for row in rows:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and abs(row.x0 - last.x0) < 2.5
            and abs(row.x1 - last.x1) < 2.5
            and not _blocked(last.y, row.y, row.x0, row.x1, segments, stops)
        ):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [g for g in groups if len(g) >= 3]


def _make_table(
    page: int, rows: list[RuleRow], segments: list[Segment], rules: list[Rule], caption: str | None
) -> Region:
    rows = sorted(rows, key=lambda r: r.y)
    box = Area(min(r.x0 for r in rows), rows[0].y, max(r.x1 for r in rows), rows[-1].y)
    inside = [s for s in segments if box.holds((s.x0 + s.x1) / 2, s.y - 0.3 * s.size, 1.0)]
    uprights = [r for r in rules if r.width <= 2 and r.height >= 6 and box.holds(r.x0, (r.y0 + r.y1) / 2, 2.0)]
    return Region("table", page, box, rows, uprights, inside, caption)
