"""What is drawn on a page: rules, pictures, coloured grounds."""

from collections.abc import Iterable
from typing import NamedTuple, TypedDict

from papers.glyphs import Area, Box, Rule, Shade, turn_box

_THIN = 2.0  # points; a drawn box that is thinner is a rule
_MANY = 12  # a path of more pieces than this is a picture

Point = tuple[float, ...]


class DrawnPath(TypedDict, total=False):
    """A path as the PDF library tells it; clips and groups have a level and no items."""

    type: str
    rect: Box
    scissor: Box
    level: int
    seqno: int
    items: list[tuple[str, Point, Point]]
    fill: tuple[float, ...] | None
    fill_opacity: float


class Drawings(NamedTuple):
    """What is drawn on a page: rules and marks in the reading frame, shades in the page's own; `clips` says whether
    some of the page is drawn through a window."""

    rules: list[Rule]
    marks: list[Area]
    shades: list[Shade]
    clips: bool


def collect_drawings(paths: Iterable[DrawnPath], images: Iterable[tuple[int, Box]], frame: Box, turn: int) -> Drawings:
    """The drawings of a page of this frame: its paths in drawing order (with the windows they are seen through) and
    its images with their place in the drawing order."""
    found = Drawings([], [], [], False)
    windows: dict[int, Box] = {}  # by level of nesting
    clips = False
    for path in paths:
        kind = path["type"]
        if kind == "clip":
            window = path["scissor"]
            windows[path["level"]] = window
            clips = clips or (window[2] - window[0]) * (window[3] - window[1]) < 0.9 * frame[2] * frame[3]
        elif kind != "group":
            level = max((n for n in windows if n < path["level"]), default=None)
            _read_path(path, windows[level] if level is not None else frame, frame, turn, found)
    for order, box in images:
        area = Area(*turn_box(box, frame[2], frame[3], turn))
        if min(area.width, area.height) <= _THIN:  # some drivers paint rules as images of one pixel
            found.rules.append(Rule(*area))
        else:
            found.shades.append(Shade(box, order, None))
            found.marks.append(area)
    return found._replace(clips=clips)


def _read_path(path: DrawnPath, window: Box, frame: Box, turn: int, found: Drawings) -> None:
    """Adds one drawn path, as far as its window shows it."""

    def place(x0: float, y0: float, x1: float, y1: float) -> Area | None:
        box = (
            max(min(x0, x1), window[0]),
            max(min(y0, y1), window[1]),
            min(max(x0, x1), window[2]),
            min(max(y0, y1), window[3]),
        )
        if box[0] > box[2] or box[1] > box[3]:
            return None
        return Area(*turn_box(box, frame[2], frame[3], turn))

    def add(area: Area | None, filled: bool) -> None:
        if area is None:
            return
        if area.width <= _THIN or area.height <= _THIN:
            if max(area.width, area.height) > 1:
                found.rules.append(Rule(*area))
        elif filled:
            found.marks.append(area)
        else:
            found.rules.extend(area.edges())

    area = place(*path["rect"])
    if area is None:
        return
    items, fill = path["items"], path.get("fill")
    if fill is not None and path.get("fill_opacity", 1.0) > 0.5 and area.width > 3 and area.height > 3:
        x0, y0, x1, y1 = path["rect"]
        shown = (max(x0, window[0]), max(y0, window[1]), min(x1, window[2]), min(y1, window[3]))
        found.shades.append(Shade(shown, path["seqno"], tuple(fill)))
    if area.width <= _THIN or area.height <= _THIN:
        add(area, False)
    elif len(items) > _MANY:
        found.marks.append(area)
    else:
        for item in items:
            if item[0] == "l":
                add(place(*item[1], *item[2]), True)
            elif item[0] == "re":
                add(place(*item[1]), fill is not None)
            else:
                found.marks.append(area)
