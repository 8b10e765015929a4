"""What is drawn on a line of a figure: a bar to the median, a point for every run, an interval, chance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.contest.summary import LEVEL, Summary
from benchmarks.reporting.canvas import Look, Page, find_look
from benchmarks.reporting.standings import Lane

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

INK = "#222222"
FAILED = "#bd1f01"
BAR = 0.78  # of the height of a line
SPREAD = 0.62  # of the height of a line, over which runs are spread in their order
DOTTED = (0.0, (1.0, 1.0))
DASHED = (0.0, (4.0, 2.0))
CHANCE = (("chance_others", "chance: other papers", DOTTED), ("chance_shuffled", "chance: shuffled values", DASHED))
LEGEND_LINE = 0.17  # inches


def draw_summary(
    axes: "Axes", place: float, lane: float, look: Look, summary: Summary | None, failed: frozenset[int] = frozenset(),
    *, scale: float = 1.0,
) -> None:  # fmt: skip
    """The median as a bar, the interval as a line, every run as a point, the first above; a cross where it failed.

    Values are drawn times `scale`.
    """
    if summary is None or summary.median is None:
        said = "not measured" if summary is None else "not defined"
        axes.text(
            0.015, place, said, transform=axes.get_yaxis_transform(), va="center", color="#777777", style="italic"
        )
        return
    axes.barh(
        place, summary.median * scale, height=BAR * lane, color=lighten(look.colour), edgecolor=look.colour,
        hatch=look.hatch, linewidth=0.8, zorder=1,
    )  # fmt: skip
    if summary.interval is not None:
        _draw_interval(axes, place, lane, summary.interval.low * scale, summary.interval.high * scale)
    for k, value in enumerate(summary.runs):
        if value is not None:
            y = place + SPREAD * lane * (k / (len(summary.runs) - 1) - 0.5 if len(summary.runs) > 1 else 0.0)
            axes.plot(value * scale, y, linestyle="", zorder=4, clip_on=False, **_style_point(look, k in failed))


def draw_chance(axes: "Axes", place: float, lane: float, summaries: Sequence[Summary | None], scale: float) -> None:
    """A dotted and a dashed line across the line of a contestant: other papers, shuffled values."""
    for found, (_, _, dashes) in zip(summaries, CHANCE, strict=True):
        if found is not None and found.median is not None:
            value = found.median * scale
            axes.plot(
                [value, value], [place - 0.56 * lane, place + 0.56 * lane], linestyle=dashes, color="#7a0c0c",
                linewidth=1.2, zorder=5, clip_on=False,
            )  # fmt: skip


def write_right(page: Page, lines: Sequence[str]) -> None:
    """A number beside each line, right of the last panel."""
    for place, text in zip(page.places, lines, strict=True):
        page.panels[-1].annotate(
            text, (1, place), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", ha="left", annotation_clip=False, parse_math=False,
        )  # fmt: skip


def write_legend(page: Page, lines: Sequence[Sequence["Artist"]]) -> None:
    """Below all panels, in the middle, one line below the other."""
    height = page.figure.get_figheight()
    for k, handles in enumerate(reversed(lines)):
        if handles:
            page.figure.legend(
                handles=list(handles), loc="lower center", bbox_to_anchor=(0.5, (0.01 + LEGEND_LINE * k) / height),
                ncols=len(handles), handlelength=1.8, columnspacing=1.4, borderpad=0.2,
            )  # fmt: skip


def explain_modes(lanes: Sequence[Lane]) -> list["Artist"]:
    """A handle for each mode that takes part."""
    from matplotlib.patches import Patch

    looks = {lane.mode: find_look(lane) for lane in lanes}
    return [
        Patch(facecolor=lighten(look.colour), edgecolor=look.colour, hatch=look.hatch, label=f"{mode}: median")
        for mode, look in looks.items()
    ]


def explain_points(lanes: Sequence[Lane]) -> list["Artist"]:
    """Handles of runs, failed runs and the interval."""
    from matplotlib.lines import Line2D

    looks = {find_look(lane) for lane in lanes}
    markers = sorted({(look.marker, look) for look in looks})
    return [
        *(Line2D([], [], linestyle="", label="", **_style_point(look, False)) for _, look in markers[:-1]),
        *(Line2D([], [], linestyle="", label="a run", **_style_point(look, False)) for _, look in markers[-1:]),
        Line2D([], [], linestyle="", label="a failed run", **_style_point(markers[0][1], True)),
        Line2D([], [], color=INK, linewidth=1.1, marker="|", markersize=4, label=f"{100 * LEVEL:.0f} % interval"),
    ]


def explain_chance() -> list["Artist"]:
    """Handles of the two lines of chance."""
    from matplotlib.lines import Line2D

    return [Line2D([], [], color="#7a0c0c", linewidth=1.2, linestyle=dashes, label=text) for _, text, dashes in CHANCE]


def lighten(colour: str) -> tuple[float, float, float]:
    """Half way to white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return (red + 1) / 2, (green + 1) / 2, (blue + 1) / 2


def _draw_interval(axes: "Axes", place: float, lane: float, low: float, high: float) -> None:
    axes.plot([low, high], [place, place], color=INK, linewidth=1.1, zorder=2, solid_capstyle="butt")
    for end in (low, high):
        cap = [place - 0.2 * lane, place + 0.2 * lane]
        axes.plot([end, end], cap, color=INK, linewidth=1.1, zorder=2, clip_on=False)


def _style_point(look: Look, failed: bool) -> dict[str, str | float]:
    if failed:
        return {"marker": "x", "markersize": 3.4, "color": FAILED, "markeredgewidth": 1.0}
    inside = INK if look.filled else "white"
    return {"marker": look.marker, "markersize": 2.7, "markeredgewidth": 0.6, "color": INK, "markerfacecolor": inside}
