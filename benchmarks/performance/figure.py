"""The figure of the results page: what was measured, in up to four panels."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.performance import occupancy, reading, scaling, selecting
from benchmarks.performance.record import Performance
from benchmarks.performance.timing import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = ("performance.png", "performance.pdf")
# colour-blind safe and apart in grey (Okabe and Ito)
BLUE, ORANGE, GREEN = "#0072b2", "#e69f00", "#004d40"
WAYS = {
    "read": "reading only", "ours": "compiled", "loop": "compiled, numba", "hand": "by hand",
    "runner": "by hand, Runner", "command": "whole command", "baseline": "baseline",
}  # fmt: skip
MARKS = ("o", "s", "^")
LONGEST = 28  # characters of a paper's name


def draw_figure(found: Performance, folder: Path) -> tuple[Path, ...]:
    """Write the figure as PNG and PDF; their paths. Nothing is drawn where nothing was measured."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = _list_panels(found)
    if not panels:
        return ()
    rows = -(-len(panels) // 2)
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "0"}):
        figure = Figure(figsize=(10, 3.6 * rows), layout="constrained")
        axes = figure.subplots(rows, 2, squeeze=False)
        for panel, place in zip(panels, axes.flat, strict=False):
            panel(place)
        for place in axes.flat[len(panels) :]:
            place.set_axis_off()
        paths = tuple(folder / name for name in NAMES)
        for path in paths:
            figure.savefig(path, dpi=150, metadata={"CreationDate": None} if path.suffix == ".pdf" else None)
    return paths


def _list_panels(found: Performance) -> "list[Callable[[Axes], None]]":
    panels: list[Callable[[Axes], None]] = []
    if found.reading is not None:
        panels.append(partial(_draw_reading, speed=found.reading))
    if found.selecting is not None:
        panels.append(partial(_draw_selecting, speed=found.selecting))
    if found.memory is not None:
        panels.append(partial(_draw_memory, points=found.memory))
    if found.serving is not None:
        panels.append(partial(_draw_serving, runs=found.serving))
    return panels


def _draw_reading(place: "Axes", speed: reading.ReadingSpeed) -> None:
    rows = reading.list_rows(speed)[::-1]
    for shift, label, colour, mark, values in (
        (0.15, "PDF to text", BLUE, "o", [row.text for row in rows]),
        (-0.15, "text to findings", ORANGE, "s", [row.rules for row in rows]),
    ):
        heights = [k + shift for k in range(len(rows))]
        medians = [one.median for one in values]
        place.errorbar(medians, heights, xerr=_reach(values), fmt=mark, color=colour, capsize=2, label=label)
    place.set_yticks(range(len(rows)), [_shorten(row.name) for row in rows])
    place.set_ylim(-0.6, len(rows) - 0.4)
    _scale(place)
    place.set_xlabel("pages per second of one core")
    place.set_title("Reading")
    place.legend(frameon=False)


def _draw_selecting(place: "Axes", speed: selecting.SelectingSpeed) -> None:
    for k, one in enumerate(speed.analyses):
        rows = [row for row in selecting.list_rows(one) if row.way in WAYS]
        kept = [*{row.way: row for row in reversed(rows)}.values()]
        shift = 0.2 * (k - (len(speed.analyses) - 1) / 2)
        order = list(WAYS)[::-1]
        heights = [order.index(row.way) - shift for row in kept]
        values = [Spread(*(n / 1e3 for n in row.rate)) for row in kept]
        colour = (BLUE, ORANGE, GREEN)[k % 3]
        medians = [one.median for one in values]
        place.errorbar(
            medians, heights, xerr=_reach(values), fmt=MARKS[k % 3], color=colour, capsize=2, label=one.analysis
        )
    place.set_yticks(range(len(WAYS)), list(WAYS.values())[::-1])
    _scale(place)
    place.set_xlabel("thousand events per second of one core")
    place.set_title("Selecting events")
    place.legend(frameon=False)


def _draw_memory(place: "Axes", points: scaling.Scaling) -> None:
    rows = scaling.list_rows(points)
    for k, way in enumerate(dict.fromkeys(row.point.way for row in rows)):
        own = [row for row in rows if row.point.way == way]
        values = [Spread(*(n / 1e6 for n in row.memory)) for row in own]
        place.errorbar(
            [row.point.events for row in own], [one.median for one in values], yerr=_reach(values),
            fmt=f"{MARKS[k % 3]}-", color=(BLUE, ORANGE, GREEN)[k % 3], capsize=2, label=way,
        )  # fmt: skip
    place.set_xscale("log")
    place.set_ylim(bottom=0)
    place.set_xlabel("events")
    place.set_ylabel("peak memory (MB)")
    place.set_title(f"Memory, {points.analysis}")
    place.legend(frameon=False)


def _draw_serving(place: "Axes", runs: occupancy.Occupancy) -> None:
    rows = occupancy.list_rows(runs)
    values = [Spread(*(100 * n for n in row.busy)) for row in rows]
    place.errorbar(
        [row.in_flight for row in rows], [one.median for one in values], yerr=_reach(values), fmt="o-", color=BLUE,
        capsize=2,
    )  # fmt: skip
    place.set_xscale("log", base=2)
    place.set_xticks([row.in_flight for row in rows], [str(row.in_flight) for row in rows])
    place.set_ylim(0, 105)
    place.set_xlabel("calls in flight")
    place.set_ylabel("slots of the server busy (%)")
    place.set_title("Keeping a model server busy")


def _scale(place: "Axes") -> None:
    """A logarithmic axis whose numbers are written out."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    place.set_xscale("log")
    place.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    place.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    place.xaxis.set_minor_formatter(NullFormatter())
    place.margins(x=0.1)


def _reach(values: Sequence[Spread]) -> tuple[list[float], list[float]]:
    """How far the ends are from the medians."""
    return [one.median - one.low for one in values], [one.high - one.median for one in values]


def _shorten(name: str) -> str:
    """A name that fits beside an axis, in which nothing is mathematics."""
    plain = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return plain.replace("$", r"\$")
