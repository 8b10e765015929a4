"""What is drawn on a line of a figure: a bar to the median, a point for every run, an interval, chance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.contest.summary import LEVEL, Summary
from benchmarks.reporting.canvas import Look, Page, find_look, plain
from benchmarks.reporting.standings import Lane

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

INK = "#222222"
FAILED = "#bd1f01"
RED = "#7a0c0c"
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
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    if summary is None or summary.median is None:
        said = "not measured" if summary is None else "not defined"
        axes.text(
            0.015, place, said, transform=axes.get_yaxis_transform(), va="center", color="#777777", style="italic"
        )
        return
    # Patches and lines are added one by one: `barh` and `plot` take several times as long, and there are thousands.
    height = BAR * lane
    axes.add_patch(
        Rectangle(
            (0, place - height / 2), summary.median * scale, height, facecolor=lighten(look.colour),
            edgecolor=look.colour, hatch=look.hatch, linewidth=0.8, zorder=1,
        )
    )  # fmt: skip
    if summary.interval is not None:
        ends = [summary.interval.low * scale, summary.interval.high * scale]
        axes.add_line(
            Line2D(
                ends, [place, place], color=INK, linewidth=1.1, zorder=2, marker="|", markersize=72 * 0.4 * lane,
                markeredgewidth=1.1, clip_on=False,
            )
        )  # fmt: skip
    count = len(summary.runs)
    for crossed in (False, True):
        points = [
            (value * scale, place + SPREAD * lane * (k / (count - 1) - 0.5 if count > 1 else 0.0))
            for k, value in enumerate(summary.runs)
            if value is not None and (k in failed) == crossed
        ]
        if points:
            axes.add_line(_make_points(points, look, crossed=crossed))


def draw_chance(axes: "Axes", place: float, lane: float, summaries: Sequence[Summary | None], scale: float) -> None:
    """A dotted and a dashed line across the line of a contestant: other papers, shuffled values."""
    from matplotlib.lines import Line2D

    reach = [place - 0.56 * lane, place + 0.56 * lane]
    for found, (_, _, dashes) in zip(summaries, CHANCE, strict=True):
        if found is not None and found.median is not None:
            x = found.median * scale
            line = Line2D([x, x], reach, linestyle=dashes, color=RED, linewidth=1.2, zorder=5, clip_on=False)
            axes.add_line(line)


def write_right(page: Page, lines: Sequence[str]) -> None:
    """A number beside each line, right of the last panel."""
    for place, text in zip(page.places, lines, strict=True):
        page.panels[-1].annotate(
            text, (1, place), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", ha="left", annotation_clip=False, parse_math=False,
        )  # fmt: skip


def write_legend(page: Page, lines: Sequence[Sequence["Artist"]]) -> None:
    """Below all panels, in the middle, one line below the other; what has no label belongs to what follows it."""
    from matplotlib.legend_handler import HandlerTuple

    height = page.figure.get_figheight()
    for k, handles in enumerate(reversed(lines)):
        if not handles:
            continue
        together: list[tuple[Artist, ...]] = []
        waiting: tuple[Artist, ...] = ()
        for handle in handles:
            waiting += (handle,)
            if handle.get_label():
                together.append(waiting)
                waiting = ()
        page.figure.legend(
            handles=[one[0] if len(one) == 1 else one for one in together],
            labels=[str(one[-1].get_label()) for one in together],
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0.6)},
            loc="lower center",
            bbox_to_anchor=(0.5, (0.01 + LEGEND_LINE * k) / height),
            ncols=len(together),
            handlelength=1.8,
            columnspacing=1.4,
            borderpad=0.2,
        )


def explain_modes(lanes: Sequence[Lane]) -> list["Artist"]:
    """A handle for each mode that takes part."""
    from matplotlib.patches import Patch

    looks = {lane.mode: find_look(lane) for lane in lanes}
    return [
        Patch(facecolor=lighten(look.colour), edgecolor=look.colour, hatch=look.hatch, label=plain(mode))
        for mode, look in looks.items()
    ]


def explain_points(shown: Sequence[tuple[Lane, Summary | None, frozenset[int]]]) -> list["Artist"]:
    """Handles of what is drawn of these lines: runs, failed runs, intervals."""
    from matplotlib.lines import Line2D

    looks = list(dict.fromkeys(find_look(lane) for lane, one, _ in shown if one is not None and one.median is not None))
    handles: list[Artist] = [_make_points((), look, label="a run" if look == looks[-1] else "") for look in looks]
    if any(failed for _, _, failed in shown) and looks:
        handles.append(_make_points((), looks[-1], crossed=True, label="a failed run"))
    if any(one is not None and one.interval is not None for _, one, _ in shown):
        mark = f"{100 * LEVEL:.0f} % interval"
        handles.append(Line2D([], [], color=INK, linewidth=1.1, marker="|", markersize=4, label=mark))
    return handles


def explain_chance() -> list["Artist"]:
    """Handles of the two lines of chance."""
    from matplotlib.lines import Line2D

    return [Line2D([], [], color=RED, linewidth=1.2, linestyle=dashes, label=text) for _, text, dashes in CHANCE]


def lighten(colour: str) -> tuple[float, float, float]:
    """Half way to white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return (red + 1) / 2, (green + 1) / 2, (blue + 1) / 2


def _make_points(
    points: Sequence[tuple[float, float]], look: Look, *, crossed: bool = False, label: str = ""
) -> "Line2D":
    """Points of runs, crosses where they failed."""
    from matplotlib.lines import Line2D

    return Line2D(
        [x for x, _ in points],
        [y for _, y in points],
        linestyle="",
        marker="x" if crossed else look.marker,
        markersize=3.4 if crossed else 2.7,
        markeredgewidth=1.0 if crossed else 0.6,
        color=FAILED if crossed else INK,
        markerfacecolor=INK if look.filled else "white",
        label=label,
        zorder=4,
        clip_on=False,
    )
