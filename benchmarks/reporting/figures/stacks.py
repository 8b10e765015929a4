"""Figures of things that add up: invented findings, classes of failure, questions and cited works."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contest.contestants import Task
from benchmarks.contest.words import word_number
from benchmarks.reporting.canvas import open_page, plain
from benchmarks.reporting.marks import BAR, INK, write_legend, write_right
from benchmarks.reporting.standings import Lane, Standings

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


CROWDED = 4  # bars of a line, from which on they have neither an outline nor hatching: only how dark they are


class Part(NamedTuple):
    """A part of a stack: a metric or one group of it, and how it is drawn."""

    label: str
    metric: str
    colour: str
    hatch: str = ""
    group: str = ""
    left: bool = False  # drawn to the left of zero


INVENTED = (
    Part("refused by grounding", "invented_ungrounded", "#d8dcdc", "////"),
    Part("grounded but wrong", "invented_grounded", "#bd1f01"),
)
QUESTIONS = (
    Part("rightly", "questions_right", "#3f90da"),
    Part("not decidable", "questions_other", "#d8dcdc", "...."),
    Part("wrongly", "questions_wrong", "#bd1f01", "////", left=True),
)
CITATIONS = (
    Part("followed rightly", "citations_right", "#3f90da"),
    Part("followed wrongly", "citations_wrong", "#bd1f01", "////", left=True),
    Part("not followed", "citations_missed", "#d8dcdc", "....", left=True),
)
# ten that stay apart in grey, too: M. Petroff, arXiv:2107.02270, every second one hatched
COLOURS = (
    ("#3f90da", ""), ("#ffa90e", "////"), ("#bd1f01", ""), ("#94a4a2", "...."), ("#832db6", ""), ("#e8d9b0", "xxxx"),
    ("#a96b59", ""), ("#e76300", "\\\\\\\\"), ("#717581", ""), ("#92dadd", "----"),
)  # fmt: skip


def draw_stacks(standings: Standings, task: Task, parts: Sequence[Part], unit: str) -> "Figure":
    """One thin bar for every run, the first above, made of its parts; medians of the parts beside them."""
    lanes = standings.lanes(task)
    page = open_page(lanes, [""], lane=0.3, right=1.3)
    axes = page.panels[0]
    furthest = [0.0, 0.0]
    stacked = [_stack_runs(standings, task, lane, parts) for lane in lanes]
    crowded = any(len(stacks) >= CROWDED for stacks in stacked)
    for stacks, place in zip(stacked, page.places, strict=True):
        for k, values in enumerate(stacks):
            thick = BAR * page.lane / max(len(stacks), 3)
            y = place + thick * (k - (len(stacks) - 1) / 2)
            ends = _draw_stack(axes, y, 0.9 * thick, parts, values, edge=0.0 if crowded else 0.4)
            furthest = [max(pair) for pair in zip(furthest, ends, strict=True)]
    axes.set_xlim(-1.06 * furthest[0], 1.06 * (furthest[1] or 1.0))
    if furthest[0]:
        axes.axvline(0, color="black", linewidth=0.8, zorder=5)
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set_xlabel(unit, labelpad=1)
    write_right(page, [_word_medians(standings, task, lane, parts) for lane in lanes])
    write_legend(page, [_explain(parts, hatched=not crowded)])
    return page.figure


def draw_classes(standings: Standings, task: Task, metric: str, unit: str) -> "Figure":
    """One bar for each contestant and mode: what all runs on everything did, split by the groups of a metric."""
    lanes = standings.lanes(task)
    counted = count_groups(standings, task, metric)
    names = sorted({name for found in counted.values() for name in found},
                   key=lambda name: (-sum(found.get(name, 0.0) for found in counted.values()), name))  # fmt: skip
    parts = [Part(plain(name), metric, *COLOURS[k % len(COLOURS)], group=name) for k, name in enumerate(names)]
    page = open_page(lanes, [""], lane=0.24, right=1.3, legend=max(-(-len(parts) // 4), 1))
    axes = page.panels[0]
    longest = 0.0
    for lane, place in zip(lanes, page.places, strict=True):
        values = [counted[lane].get(part.group, 0.0) for part in parts]
        longest = max(longest, _draw_stack(axes, place, BAR * page.lane, parts, values)[1])
    axes.set_xlim(0, 1.06 * (longest or 1.0))
    axes.set_xlabel(unit, labelpad=1)
    write_right(
        page,
        [f"{word_number(sum(counted[lane].values()))} in {_count_runs(standings, task, lane)} runs" for lane in lanes],
    )
    write_legend(page, [_explain(parts[k : k + 4]) for k in range(0, len(parts), 4)])
    return page.figure


def count_groups(standings: Standings, task: Task, metric: str) -> dict[Lane, dict[str, float]]:
    """Of each contestant and mode: how often each group of a metric occurred, all runs on everything together."""
    lanes = {(lane.contestant, lane.mode): lane for lane in standings.lanes(task)}
    counted: dict[Lane, dict[str, float]] = {lane: {} for lane in lanes.values()}
    for row in standings.results.measures:
        lane = lanes.get((row.contestant, row.mode))
        if row.task == task and row.metric == metric and row.group and row.value and lane is not None:
            counted[lane][row.group] = counted[lane].get(row.group, 0.0) + row.value
    return counted


def _count_runs(standings: Standings, task: Task, lane: Lane) -> int:
    rows = standings.results.measures
    return len({
        (row.subject, row.run)
        for row in rows
        if row.task == task and row.contestant == lane.contestant and row.mode == lane.mode and row.run
    })  # fmt: skip


def _stack_runs(standings: Standings, task: Task, lane: Lane, parts: Sequence[Part]) -> list[list[float]]:
    """The parts of every run."""
    found = [standings.find(task, lane, part.metric, part.group) for part in parts]
    count = max((len(one.runs) for one in found if one), default=0)
    return [[(one.runs[k] or 0.0) if one and k < len(one.runs) else 0.0 for one in found] for k in range(count)]


def _draw_stack(
    axes: "Axes", y: float, thick: float, parts: Sequence[Part], values: Sequence[float], *, edge: float = 0.4
) -> tuple[float, float]:
    """How far it reaches to the left and to the right."""
    ends = [0.0, 0.0]
    for part, value in zip(parts, values, strict=True):
        if value:
            start = -ends[0] - value if part.left else ends[1]
            axes.barh(
                y, value, left=start, height=thick, color=part.colour, hatch=part.hatch if edge else "",
                edgecolor=INK if edge else "none", linewidth=edge,
            )  # fmt: skip
            ends[0 if part.left else 1] += value
    return ends[0], ends[1]


def _word_medians(standings: Standings, task: Task, lane: Lane, parts: Sequence[Part]) -> str:
    found = [standings.find(task, lane, part.metric, part.group) for part in parts]
    return " | ".join("–" if one is None or one.median is None else word_number(one.median) for one in found)


def _explain(parts: Sequence[Part], *, hatched: bool = True) -> list["Artist"]:
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=p.colour, hatch=p.hatch if hatched else "", edgecolor=INK, linewidth=0.4, label=p.label)
        for p in parts
    ]
