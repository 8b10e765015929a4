"""All figures of a contest: what they are called, what they say, and where they are worth drawing."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contest.contestants import Task
from benchmarks.contest.words import find_metric
from benchmarks.reporting.canvas import save_page, use_style
from benchmarks.reporting.figures.bars import Panel, draw_bars
from benchmarks.reporting.figures.stacks import CITATIONS, INVENTED, QUESTIONS, Part, draw_classes, draw_stacks
from benchmarks.reporting.standings import Standings

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

STEMS = frozenset({
    "recall", "recall-by-paper", "recall-by-stage", "precision", "invented", "exactness", "questions", "citations",
    "agreement", "failed-reading", "effort-reading", "match", "match-by-analysis", "rounds", "failures", "agent-work",
    "failed-coding", "effort-coding",
})  # of all figures that are ever drawn  # fmt: skip
BARS = "Bars: medians of the runs; points: every run, the first above; lines: intervals at 95 %."
CHANCE = "Dotted and dashed: what another paper's findings, and the own with their values exchanged, match by accident."
STACKS = "A thin bar for every run, the first above, mean over the papers; at the right the medians of the parts."
EXACT = ("value_exact", "unit_exact", "operator_exact", "polarity_exact")
EFFORT = ("prompt_tokens", "completion_tokens", "seconds", "cost")


class Figure(NamedTuple):
    """A figure that is drawn. `stem` is its file's name without the ending."""

    task: Task
    stem: str
    title: str
    caption: str
    png: bytes
    pdf: bytes


class Plan(NamedTuple):
    """A figure that can be drawn."""

    stem: str
    title: str
    caption: str
    draw: Callable[[], "Canvas"]


def draw_figures(standings: Standings, only: frozenset[str] | None = None) -> Iterator[Figure]:
    """Every figure for which there are results, or those of them whose stem is in `only`."""
    with use_style():
        for task in standings.tasks:
            for plan in plan_figures(standings, task):
                if only is None or plan.stem in only:
                    yield Figure(task, plan.stem, plan.title, plan.caption, *save_page(plan.draw()))


def plan_figures(standings: Standings, task: Task) -> Iterator[Plan]:
    """Those for which there are results, in the order of a report."""
    plotter = _Plotter(standings, task)
    yield from _plan_extract(plotter) if task == "extract" else _plan_code(plotter)


class _Plotter:
    """Plans of one task's figures, each where it shows something."""

    def __init__(self, standings: Standings, task: Task) -> None:
        self.standings = standings
        self.task: Task = task
        self.subjects = standings.subjects(task)

    def bars(
        self, stem: str, title: str, caption: str, panels: Sequence[Panel], *, chance: bool = False
    ) -> Iterator[Plan]:
        """Panels of metrics that somebody has; nothing where there is none."""
        shown = [panel for panel in panels if self.standings.has(self.task, panel.metric, panel.group)]
        if shown:
            yield Plan(stem, title, caption, lambda: draw_bars(self.standings, self.task, shown, chance=chance))

    def stacks(self, stem: str, title: str, caption: str, parts: Sequence[Part], unit: str) -> Iterator[Plan]:
        """Nothing where all parts of everybody are zero."""
        if any(self.counts(part.metric) for part in parts):
            yield Plan(stem, title, caption, lambda: draw_stacks(self.standings, self.task, parts, unit))

    def counts(self, metric: str) -> bool:
        """Whether anybody has a value that is not zero."""
        lanes = self.standings.lanes(self.task)
        found = (self.standings.find(self.task, lane, metric) for lane in lanes)
        return any(one is not None and any(one.runs) for one in found)

    def by_subject(self, metric: str, group: str = "") -> list[Panel]:
        """A panel for each paper or analysis."""
        return [Panel(name, metric, group, name) for name in self.subjects]

    def effort(self, step: str) -> Iterator[Plan]:
        """What failed, and what a run takes."""
        yield from self.bars(
            f"failed-{step}", f"Failed runs of {step}",
            "Runs without any usable result, of all papers or analyses. " + BARS, [Panel("failed runs", "failed")],
        )  # fmt: skip
        yield from self.bars(
            f"effort-{step}", f"What a run of {step} takes",
            f"Means over papers or analyses. {BARS}",
            [Panel(find_metric(name).title, name) for name in EFFORT if self.counts(name)],
        )  # fmt: skip


def _plan_extract(plotter: _Plotter) -> Iterator[Plan]:
    numeric = "Recall of numeric gold criteria"
    yield from plotter.bars(
        "recall", f"{numeric}, all papers", f"{BARS} {CHANCE}",
        [Panel("recall of numeric criteria", "recall", "numeric")], chance=True,
    )  # fmt: skip
    if len(plotter.subjects) > 1:
        yield from plotter.bars(
            "recall-by-paper", f"{numeric}, paper by paper", f"{BARS} {CHANCE}",
            plotter.by_subject("recall", "numeric"), chance=True,
        )  # fmt: skip
    stages = [name for name in plotter.standings.groups("extract", "recall") if name not in ("numeric", "all")]
    yield from plotter.bars(
        "recall-by-stage", f"{numeric}, by stage of the selection", BARS,
        [Panel(name, "recall", name) for name in stages],
    )  # fmt: skip
    yield from plotter.bars(
        "precision", "Precision of grounded numeric findings, all papers", BARS, [Panel("precision", "precision")]
    )
    yield from plotter.stacks(
        "invented", "Invented criteria", f"{STACKS} What grounding refuses never reaches a person as a criterion.",
        INVENTED, "findings per paper",
    )  # fmt: skip
    yield from plotter.bars(
        "exactness", "Findings about a gold criterion: how often each part of them is exact", BARS,
        [Panel(find_metric(name).title, name) for name in EXACT],
    )  # fmt: skip
    yield from plotter.stacks(
        "questions", "Open questions",
        f"Right of zero those about what the paper leaves open, left those about what it answers. {STACKS}",
        QUESTIONS, "questions per paper",
    )  # fmt: skip
    yield from plotter.stacks(
        "citations", "Cited works", f"Right of zero those that the gold list names for a definition. {STACKS}",
        CITATIONS, "works per paper",
    )  # fmt: skip
    yield from plotter.bars(
        "agreement", "Agreement between runs",
        "Mean over pairs of runs: requirements that both have, of those that either has; lines: intervals at 95 %.",
        [Panel("agreement", "agreement")],
    )  # fmt: skip
    yield from plotter.effort("reading")


def _plan_code(plotter: _Plotter) -> Iterator[Plan]:
    yield from plotter.bars(
        "match", "Code with the same events as the baseline, all analyses", BARS,
        [Panel(find_metric(name).title, name) for name in ("matched", "held_out", "accepted", "witness")],
    )  # fmt: skip
    if len(plotter.subjects) > 1:
        yield from plotter.bars(
            "match-by-analysis", "Code with the same events as the baseline, analysis by analysis", BARS,
            plotter.by_subject("matched"),
        )  # fmt: skip
    yield from plotter.bars("rounds", "Rounds used, analysis by analysis", BARS, plotter.by_subject("rounds"))
    if any(row.metric == "failures" and row.value for row in plotter.standings.results.measures):
        yield Plan(
            "failures", "Failed attempts by class", "All attempts of all runs on all analyses together.",
            lambda: draw_classes(plotter.standings, "code", "failures", "failed attempts"),
        )  # fmt: skip
    work = plotter.by_subject("agent_work")
    yield from plotter.bars("agent-work", "Agent work: (total - user) / user tokens, analysis by analysis", BARS, work)
    yield from plotter.effort("coding")
