"""Figures with a bar for each contestant and mode: shares with chance, and numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contest.contestants import Task
from benchmarks.contest.summary import ALL, Summary
from benchmarks.contest.words import find_metric, is_share, word_summary, word_value
from benchmarks.reporting.canvas import find_look, open_page, plain
from benchmarks.reporting.marks import (
    CHANCE,
    draw_chance,
    draw_summary,
    explain_chance,
    explain_modes,
    explain_points,
    write_legend,
    write_right,
)
from benchmarks.reporting.standings import Lane, Standings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 4  # beside each other
PERCENT = 100.0


class Panel(NamedTuple):
    """What a panel shows: a metric, of a paper or of all papers together."""

    title: str
    metric: str
    group: str = ""
    subject: str = ALL


def draw_bars(standings: Standings, task: Task, panels: Sequence[Panel], *, chance: bool = False) -> "Figure":
    """Medians as bars, runs as points, intervals as lines; a single panel has its numbers beside it.

    With `chance`, the two numbers of chance are lines across each bar.
    """
    lanes = standings.lanes(task)
    alone = len(panels) == 1
    page = open_page(
        lanes, ["" if alone else panel.title for panel in panels], columns=min(len(panels), MOST_PANELS),
        lane=0.22 if alone else 0.17, right=1.3 if alone else 0.16, legend=2 if chance else 1,
    )  # fmt: skip
    shown: list[tuple[Lane, Summary | None, frozenset[int]]] = []
    for panel, axes in zip(panels, page.panels, strict=True):
        metric = find_metric(panel.metric)
        found = [standings.find(task, lane, panel.metric, panel.group, panel.subject) for lane in lanes]
        scale = PERCENT if is_share(metric) else 1.0
        if is_share(metric):
            axes.set_xlim(0, PERCENT)
            axes.set_xticks([0, 25, 50, 75, 100], ["0", "", "50", "", "100"] if not alone else None)
            axes.set_xlabel(plain(f"{panel.title} [%]" if alone else "%"), labelpad=1, parse_math=False)
        else:
            _span_numbers(axes, found)
            axes.set_xlabel(
                plain(f"{panel.title} [{metric.unit}]" if alone and metric.unit else metric.unit), labelpad=1
            )
        for lane, place, summary in zip(lanes, page.places, found, strict=True):
            failed = standings.failed_runs(task, lane, panel.subject) if panel.metric != "failed" else frozenset()
            shown.append((lane, summary, failed))
            draw_summary(axes, place, page.lane, find_look(lane), summary, failed, scale=scale)
            if chance:
                others = [standings.find(task, lane, name, "", panel.subject) for name, _, _ in CHANCE]
                draw_chance(axes, place, page.lane, others, scale)
            if not alone and not is_share(metric) and summary is not None and summary.median is not None:
                _write_inside(axes, place, word_value(metric, summary.median))
    if alone:
        only = panels[0]
        write_right(page, [word_summary(standings.find(task, lane, only.metric, only.group)) for lane in lanes])
    write_legend(page, [[*explain_modes(lanes), *explain_points(shown)], *([explain_chance()] if chance else [])])
    return page.figure


def _write_inside(axes: "Axes", place: float, text: str) -> None:
    axes.text(0.97, place, text, transform=axes.get_yaxis_transform(), ha="right", va="center", parse_math=False)


def _span_numbers(axes: "Axes", found: Sequence[Summary | None]) -> None:
    """From zero, with room for a number at the right."""
    from matplotlib.ticker import MaxNLocator

    values = [
        v for one in found if one for v in (*one.runs, one.interval.high if one.interval else None) if v is not None
    ]
    axes.set_xlim(0, 1.7 * max([*values, 1e-9]))
    whole = all(value == int(value) for one in found if one for value in one.runs if value is not None)
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper", integer=whole))
    axes.ticklabel_format(axis="x", style="sci", scilimits=(-3, 5), useMathText=True)
