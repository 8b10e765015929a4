"""All figures of a contest: what they are called, what they say, and where they are worth drawing."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contest.contestants import Task
from benchmarks.reporting.canvas import save_page, use_style
from benchmarks.reporting.figures.bars import Panel, draw_bars
from benchmarks.reporting.figures.stacks import CITATIONS, INVENTED, QUESTIONS, Part, draw_classes, draw_stacks
from benchmarks.reporting.standings import Standings
from benchmarks.reporting.words import find_metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

BARS = "Bars: median of the runs. Points: every run, the first above. Lines: 95 % interval."


class Figure(NamedTuple):
    """A figure that is drawn. `stem` is its file's name without the ending."""

    task: Task
    stem: str
    title: str
    caption: str
    png: bytes
    pdf: bytes


class Plan(NamedTuple):
    """A figure that could be drawn."""

    task: Task
    stem: str
    title: str
    caption: str
    draw: Callable[[], "Canvas"]


def draw_figures(standings: Standings, only: frozenset[str] | None = None) -> Iterator[Figure]:
    """Every figure for which there are results, or those of them whose stem is in `only`."""
    with use_style():
        for plan in plan_figures(standings):
            if only is None or plan.stem in only:
                png, pdf = save_page(plan.draw())
                yield Figure(plan.task, plan.stem, plan.title, plan.caption, png, pdf)


def plan_figures(standings: Standings) -> Iterator[Plan]:
    """Those for which there are results, in the order of a report."""
    if "extract" in standings.tasks:
        yield from _plan_extract(standings)
    if "code" in standings.tasks:
        yield from _plan_code(standings)


def _plan_extract(standings: Standings) -> Iterator[Plan]:
    task: Task = "extract"
    subjects = standings.subjects(task)
    chance = "Dotted and dashed: how much another paper's findings, and the own with exchanged values, match by chance."

    def plan(stem: str, title: str, caption: str, draw: Callable[[], "Canvas"]) -> Plan:
        return Plan(task, stem, title, caption, draw)

    recall = [Panel("recall of numeric criteria", "recall", "numeric")]
    yield plan("recall", "Recall of numeric gold criteria, all papers", f"{BARS} {chance}",
               lambda: draw_bars(standings, task, recall, chance=True))  # fmt: skip
    if len(subjects) > 1:
        papers = [Panel(name, "recall", "numeric", name) for name in subjects]
        yield plan("recall-by-paper", "Recall of numeric gold criteria, paper by paper", f"{BARS} {chance}",
                   lambda: draw_bars(standings, task, papers, chance=True))  # fmt: skip
    stages = [g for g in standings.groups(task, "recall") if g not in ("numeric", "all")]
    if stages:
        parts = [Panel(name, "recall", name) for name in stages]
        yield plan("recall-by-stage", "Recall of numeric gold criteria, by stage of the selection", BARS,
                   lambda: draw_bars(standings, task, parts))  # fmt: skip
    if standings.has(task, "precision"):
        yield plan("precision", "Precision of grounded numeric findings, all papers", BARS,
                   lambda: draw_bars(standings, task, [Panel("precision", "precision")]))  # fmt: skip
    if any(standings.has(task, part.metric) for part in INVENTED):
        yield plan("invented", "Invented criteria per run",
                   "Mean over papers, a thin bar for every run, the first above; at the right medians of the parts. "
                   "What grounding refuses never reaches a person as a criterion.",
                   lambda: draw_stacks(standings, task, INVENTED, "findings per paper"))  # fmt: skip
    exact = [name for name in ("value_exact", "unit_exact", "operator_exact", "polarity_exact") if standings.has(task, name)]
    if exact:
        panels = [Panel(find_metric(name).title, name) for name in exact]
        yield plan("exactness", "Findings about a criterion: how often each part is exact", BARS,
                   lambda: draw_bars(standings, task, panels))  # fmt: skip
    if any(standings.has(task, part.metric) for part in QUESTIONS):
        yield plan("questions", "Open questions per run",
                   "Mean over papers, a thin bar for every run; right of zero those that the paper leaves open, left "
                   "those that it answers. At the right medians of the parts.",
                   lambda: draw_stacks(standings, task, QUESTIONS, "questions per paper"))  # fmt: skip
    if any((s := standings.find(task, lane, part.metric)) and any(s.runs) for lane in standings.lanes(task) for part in CITATIONS):
        yield plan("citations", "Cited works per run",
                   "Mean over papers, a thin bar for every run; right of zero what the gold list names. At the right "
                   "medians of the parts.",
                   lambda: draw_stacks(standings, task, CITATIONS, "works per paper"))  # fmt: skip
    if standings.has(task, "agreement"):
        yield plan("agreement", "Agreement between runs", "Mean over pairs of runs: requirements that both have, of those that either has.",
                   lambda: draw_bars(standings, task, [Panel("agreement", "agreement")]))  # fmt: skip
    yield from _plan_effort(standings, task, "reading")


def _plan_code(standings: Standings) -> Iterator[Plan]:
    task: Task = "code"

    def plan(stem: str, title: str, caption: str, draw: Callable[[], "Canvas"]) -> Plan:
        return Plan(task, stem, title, caption, draw)

    matches = [Panel(find_metric(name).title, name) for name in ("matched", "held_out", "witness") if standings.has(task, name)]
    if matches:
        yield plan("match", "Code with the same events as the baseline, all analyses", BARS,
                   lambda: draw_bars(standings, task, matches))  # fmt: skip
    subjects = standings.subjects(task)
    if len(subjects) > 1:
        panels = [Panel(name, "matched", "", name) for name in subjects]
        yield plan("match-by-analysis", "Code with the same events as the baseline, analysis by analysis", BARS,
                   lambda: draw_bars(standings, task, panels))  # fmt: skip
    if standings.has(task, "rounds"):
        rounds = [Panel(name, "rounds", "", name) for name in subjects]
        yield plan("rounds", "Rounds used", BARS, lambda: draw_bars(standings, task, rounds))
    if standings.groups(task, "failures"):
        yield plan("failures", "Failed attempts by class", "All attempts of all runs on all analyses together.",
                   lambda: draw_classes(standings, task, "failures", "failed attempts"))  # fmt: skip
    if standings.has(task, "agent_work"):
        work = [Panel(name, "agent_work", "", name) for name in subjects]
        yield plan("agent-work", "Agent work: (total - user) / user tokens", BARS, lambda: draw_bars(standings, task, work))
    yield from _plan_effort(standings, task, "coding")


def _plan_effort(standings: Standings, task: Task, step: str) -> Iterator[Plan]:
    if standings.has(task, "failed"):
        yield Plan(task, f"failed-{step}", f"Failed runs of {step}", "Share of the runs without any usable result, with its 95 % interval.",
                   lambda: draw_bars(standings, task, [Panel("failed runs", "failed")]))  # fmt: skip
    names = [name for name in ("prompt_tokens", "completion_tokens", "seconds", "cost") if _nonzero(standings, task, name)]
    if names:
        panels = [Panel(find_metric(name).title, name) for name in names]
        yield Plan(task, f"effort-{step}", f"What {step} takes, per run", BARS + " Means over all that was read or coded.",
                   lambda: draw_bars(standings, task, panels))  # fmt: skip


def _nonzero(standings: Standings, task: Task, metric: str) -> bool:
    return any((s := standings.find(task, lane, metric)) is not None and any(s.runs) for lane in standings.lanes(task))


__all__ = ["Figure", "Part", "draw_figures", "plan_figures"]
