"""Results and summaries that are drawn at random, with a seed: what a report is made of, without a contest."""

import random
from collections.abc import Sequence
from statistics import mean, median

from benchmarks.contest.contestants import Contestant, Kind, Task
from benchmarks.contest.measures import Measure
from benchmarks.contest.metrics import BOTH, CODE, EXTRACT, METRICS
from benchmarks.contest.results import Manifest, Results
from benchmarks.contest.summary import ALL, Interval, Summary

STAGES = ("object", "event", "region")
CLASSES = ("semantic error", "syntax", "timeout", "incorrect branch name")


def make_up(
    task: Task, names: Sequence[str], subjects: Sequence[str], *, runs: int = 10, simulated: bool = True, seed: int = 7
) -> tuple[Results, tuple[Summary, ...]]:
    """A contest of `names`, the first without a model, in two modes each; every tenth run failed."""
    draw = random.Random(seed)
    contestants = [_enter(task, name, k, simulated) for k, name in enumerate(names)]
    measures: list[Measure] = []
    for one in contestants:
        for mode in _modes(task, one):
            skill = draw.uniform(0.3, 0.95)
            for subject in subjects:
                for run in range(1, 2 if one.deterministic else runs + 1):
                    failed = not one.deterministic and draw.random() < 0.1
                    measures += _run(draw, task, one, mode, subject, run, skill, failed)
                if task == "extract" and runs > 1:
                    measures.append(_row(task, one, mode, subject, 0, "agreement", "", draw.uniform(0.4, 0.9)))
    manifest = Manifest(
        made="2026-11-22T03:00:00Z", paperfilter="0.1.0", code={"extract": "0" * 64}, versions={"python": "3.11"},
        machine={"cores": 2}, contestants=tuple(contestants), subjects={name: {"pdf": "1" * 64} for name in subjects},
        modes=tuple({mode for one in contestants for mode in _modes(task, one)}), runs=runs,
        seeds={one.name: tuple(range(1, runs + 1)) for one in contestants}, sampling={}, prompts={"bulk": "2" * 64},
    )  # fmt: skip
    return Results(tuple(measures), (), manifest), _summarise(measures)


def _enter(task: Task, name: str, number: int, simulated: bool) -> Contestant:
    first: Kind = "rules" if task == "extract" else "compiler"
    kind: Kind = first if number == 0 else "simulated" if simulated else "model"
    return Contestant(name=name, kind=kind, model=None if number == 0 else name, simulated=simulated and number > 0)


def _modes(task: Task, one: Contestant) -> tuple[str, ...]:
    return (one.kind,) if one.deterministic else ("bulk", "chunk") if task == "extract" else ("llm", "hybrid")


def _row(
    task: Task, one: Contestant, mode: str, subject: str, run: int, metric: str, group: str, value: float | None,
    hits: int | None = None, of: int | None = None,
) -> Measure:  # fmt: skip
    return Measure(task=task, contestant=one.name, kind=one.kind, simulated=one.simulated, subject=subject, mode=mode,
                   run=run, metric=metric, group=group, value=value, hits=hits, of=of)  # fmt: skip


def _run(
    draw: random.Random, task: Task, one: Contestant, mode: str, subject: str, run: int, skill: float, failed: bool
) -> list[Measure]:
    rows = []
    for metric in (*(EXTRACT if task == "extract" else CODE), *BOTH):
        if metric.name == "agreement":
            continue
        groups = {"recall": ("numeric", "all", *STAGES), "failures": CLASSES}.get(metric.name, ("",))
        for group in groups:
            if metric.shape == "ratio":
                of = 1 if metric.name in ("failed", "matched", "held_out", "accepted") else 40
                hits = sum(draw.random() < skill for _ in range(of))
                hits = int(failed) if metric.name == "failed" else 0 if failed else hits
                value = None if failed and metric.name == "precision" else hits / of
                rows.append(_row(task, one, mode, subject, run, metric.name, group, value, hits, of))
            else:
                rows.append(_row(task, one, mode, subject, run, metric.name, group, _number(draw, metric.name, one)))
    return rows


def _number(draw: random.Random, metric: str, one: Contestant) -> float | None:
    if metric.startswith("chance"):
        return draw.uniform(0.02, 0.3)
    if metric == "cost":
        return None
    if one.deterministic and metric in ("calls", "prompt_tokens", "completion_tokens", "agent_work"):
        return None if metric == "agent_work" else 0.0
    scale = {"prompt_tokens": 40_000, "completion_tokens": 9_000, "seconds": 80, "agent_work": 12, "rounds": 5}
    return float(round(draw.uniform(0, scale.get(metric, 6))))


def _summarise(measures: Sequence[Measure]) -> tuple[Summary, ...]:
    """Medians, and the range of the runs as an interval: the real one is not what is tested here."""
    found: dict[tuple[str, ...], list[Measure]] = {}
    for row in measures:
        for subject in (row.subject, ALL):
            found.setdefault((row.contestant, row.mode, subject, row.metric, row.group), []).append(row)
    made = []
    for (contestant, mode, subject, metric, group), rows in found.items():
        runs = []
        for run in sorted({row.run for row in rows}):
            values = [row.value for row in rows if row.run == run and row.value is not None]
            runs.append(mean(values) if values else None)
        known = [value for value in runs if value is not None]
        of, hits = sum(row.of or 0 for row in rows), sum(row.hits or 0 for row in rows)
        interval = Interval(low=min(known), high=max(known), how="range of the runs") if len(known) > 1 else None
        made.append(
            Summary(
                task=rows[0].task, contestant=contestant, kind=rows[0].kind, simulated=rows[0].simulated,
                subject=subject, mode=mode, metric=metric, group=group, runs=tuple(runs),
                median=median(known) if known else None,
                rate=hits / of if METRICS[metric].shape == "ratio" and of else None, interval=interval,
            )
        )  # fmt: skip
    return tuple(made)
