"""The paper that figures are drawn on: one line for each contestant and mode, names at the left, one or more panels.

Lengths are inches. Names are of models and papers: they are drawn as they are, never as mathematics.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.reporting.standings import Lane
from pipeline.terminal import strip_controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.0  # of a page of two columns
DPI = 160  # of PNG; names are measured at it, because letters are wider at some sizes
LINE = 0.125  # of a line of a name
GAP = 0.1  # between contestants
LONGEST = 3  # lines of a name
PER_LINE = 26  # characters
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes along with matplotlib
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "xtick.direction": "in",
    "xtick.top": True,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 0.9,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "pdf.fonttype": 42,
    "savefig.facecolor": "white",
}


class Look(NamedTuple):
    """How a mode is drawn: told apart in grey by hatching and by the shape of the points."""

    colour: str
    hatch: str
    marker: str
    filled: bool


# Colours of M. Petroff, arXiv:2107.02270: told apart by the colour-blind, too.
LOOKS = {
    "rules": Look("#94a4a2", "", "D", True),
    "compiler": Look("#94a4a2", "", "D", True),
    "bulk": Look("#3f90da", "", "o", True),
    "llm": Look("#3f90da", "", "o", True),
    "chunk": Look("#ffa90e", "////", "s", False),
    "hybrid": Look("#ffa90e", "////", "s", False),
}
OTHER = Look("#b9ac70", "....", "^", True)


class Page(NamedTuple):
    """A figure with its panels, and where in every panel each line stands."""

    figure: "Figure"
    panels: tuple["Axes", ...]
    places: tuple[float, ...]
    lane: float  # height of a line


@contextmanager
def use_style() -> Iterator[None]:
    """Inside, figures look like those of a paper."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):  # type: ignore[arg-type] # a plain mapping serves
        yield


def open_page(
    lanes: Sequence[Lane], titles: Sequence[str], *, columns: int | None = None, lane: float = 0.2,
    right: float = 0.12, legend: int = 1,
) -> Page:  # fmt: skip
    """A figure with a panel for each title, `columns` beside each other, and room for `legend` lines below.

    `right` is left free beside the panels. All panels have a line for each of `lanes`, from above.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = columns or len(titles)
    rows = -(-len(titles) // columns)
    groups = [(name, tuple(members)) for name, members in groupby(lanes, key=lambda one: one.label)]
    lines = [wrap_name(name) for name, _ in groups]
    heights = [max(len(m) * lane, len(text) * LINE) + GAP for (_, m), text in zip(groups, lines, strict=True)]
    tall = sum(heights)
    head = 0.22 if any(titles) else 0.06
    below, foot = 0.34, 0.17 * legend + 0.06
    height = rows * (head + tall + below) + foot
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(figure)
    modes = max((_measure(figure, _word_mode(one)) for one in lanes), default=0.0)
    left = max((_measure(figure, line) for text in lines for line in text), default=0.0) + modes + 0.24
    between = 0.2
    wide = (WIDTH - left - right - between * (columns - 1)) / columns
    places: list[float] = []
    centres: list[float] = []
    top = 0.0
    for (_, members), room in zip(groups, heights, strict=True):
        first = top + (room - len(members) * lane) / 2 + lane / 2
        places += [first + k * lane for k in range(len(members))]
        centres.append(top + room / 2)
        top += room
    panels = []
    for k, title in enumerate(titles):
        row, column = divmod(k, columns)
        bottom = foot + (rows - 1 - row) * (head + tall + below) + below
        x = left + column * (wide + between)
        axes = figure.add_axes((x / WIDTH, bottom / height, wide / WIDTH, tall / height))
        axes.set_ylim(tall, 0)
        axes.set_yticks([])
        axes.set_title(plain(shorten_middle(title, int(wide * 16))), parse_math=False, pad=4)
        edges = [sum(heights[:n]) for n in range(1, len(heights))]
        for edge in edges:
            axes.axhline(edge, color="#cccccc", linewidth=0.5, zorder=0)
        if column == 0:
            for place, one in zip(places, lanes, strict=True):
                _write_left(axes, place, _word_mode(one), 0.07, colour="#555555")
            for centre, text in zip(centres, lines, strict=True):
                _write_left(axes, centre, "\n".join(text), 0.07 + modes + 0.1)
        panels.append(axes)
    return Page(figure, tuple(panels), tuple(places), lane)


def save_page(figure: "Figure") -> tuple[bytes, bytes]:
    """The figure as PNG and PDF, the same bytes for the same figure."""
    png, pdf = io.BytesIO(), io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
    return png.getvalue(), pdf.getvalue()


def find_look(lane: Lane) -> Look:
    """How its mode is drawn."""
    return LOOKS.get(lane.mode, OTHER)


def plain(text: str) -> str:
    """Text in one line that the font can draw: what it has no letter for becomes a box."""
    known = _letters()
    return "".join(c if ord(c) in known else "\u25a1" for c in " ".join(strip_controls(text).split()))


def shorten_middle(text: str, limit: int) -> str:
    """At most `limit` characters, beginning and end kept: names of models differ at both."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    tail = (limit - 1) // 2
    return f"{line[: limit - 1 - tail]}…{line[len(line) - tail :]}"


def wrap_name(name: str) -> list[str]:
    """A name in at most LONGEST lines, broken behind a slash, a hyphen or a space where there is one."""
    rest = plain(shorten_middle(name, LONGEST * PER_LINE - 12))
    lines: list[str] = []
    while len(rest) > PER_LINE and len(lines) < LONGEST - 1:
        cut = max(rest.rfind(mark, 0, PER_LINE) for mark in "/- _") + 1
        cut = cut if cut > PER_LINE // 3 else PER_LINE
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:]
    return [*lines, rest]


def _word_mode(lane: Lane) -> str:
    return "" if lane.mode == lane.contestant else plain(lane.mode)


def _write_left(axes: "Axes", place: float, text: str, distance: float, colour: str = "black") -> None:
    axes.annotate(
        text, (0, place), xycoords=("axes fraction", "data"), xytext=(-72 * distance, 0), textcoords="offset points",
        ha="right", va="center", color=colour, annotation_clip=False, parse_math=False, linespacing=1.05,
    )  # fmt: skip


def _measure(figure: "Figure", text: str) -> float:
    """Width of a line of text."""
    from matplotlib.text import Text

    drawn = Text(0, 0, text, figure=figure, parse_math=False)
    return 1.04 * float(drawn.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi)  # type: ignore[attr-defined]


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())
