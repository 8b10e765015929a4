"""The bookkeeping of a baseline: what each event did at each step, added up to a cutflow."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from benchmarks.analyses.events import Event, EventSource
from schemas.analysis import StepValue, StepValues
from schemas.cutflow import Cutflow, EventKey, EventTable, NotEvaluable, RegionFlow, Step
from schemas.errors import DataError


class Mark(NamedTuple):
    """What an event did at one step: whether it passes, and the values that were compared."""

    passed: bool
    value: StepValue


class Verdict(NamedTuple):
    """Marks by step id; a step without a mark could not be asked and is not passed."""

    marks: dict[str, Mark]
    channel: str | None = None


class StepPlan(NamedTuple):
    """One step: its id, its label, and what a format has to tell for it (`electron.d0sig`)."""

    id: str
    label: str
    needs: tuple[str, ...] = ()

    def find_reason(self, lacks: Mapping[str, str]) -> str | None:
        """Why a format that lacks these things cannot evaluate the step; None where it can."""
        asked = (name for need in self.needs for name in (need.split(".")[0], need))
        return next((lacks[name] for name in asked if name in lacks), None)


class RegionPlan(NamedTuple):
    """A region: its steps after the first. A parent comes before its children."""

    name: str
    parent: str | None
    steps: tuple[StepPlan, ...]


Judge = Callable[[Event, Mapping[str, str]], Verdict]  # of an event of a format that lacks these things


class _Seen(NamedTuple):
    key: EventKey
    weight: float
    last: int
    channel: str | None


def count_events(slug: str, plans: Sequence[RegionPlan], judge: Judge, source: EventSource) -> Cutflow:
    """The cutflow of all events of the source. A step that the format cannot evaluate leaves the events alone.

    Raises DataError when an event key is not unique, or a file is not what it should be.
    """
    seen: dict[str, list[_Seen]] = {plan.name: [] for plan in plans}
    keys: set[EventKey] = set()
    for event in source.events:
        if event.key in keys:
            raise DataError(f"event {event.key} is there twice; give every file once")
        keys.add(event.key)
        verdict = judge(event, source.lacks)
        passed_all: set[str | None] = {None}
        for plan in plans:
            if plan.parent not in passed_all:
                continue
            last = _count_passed(plan, verdict, source.lacks)
            seen[plan.name].append(_Seen(event.key, event.weight, last, verdict.channel))
            if last == len(plan.steps):
                passed_all.add(plan.name)
    flows: dict[str, RegionFlow] = {}
    for plan in plans:
        flows[plan.name] = _add_up(plan, flows.get(plan.parent or ""), seen[plan.name], source)
    return Cutflow(
        analysis=slug,
        profile=source.profile,
        made_by="baseline",
        n_events=len(keys),
        regions=tuple(flows.values()),
        not_evaluable=tuple(
            NotEvaluable(cut=step.id, text=step.label, reason=reason)
            for plan in plans
            for step in plan.steps
            if (reason := step.find_reason(source.lacks)) is not None
        ),
        channels={p.name: _count_channels(p, seen[p.name]) for p in plans},
    )


def explain(judge: Judge, source: EventSource, keys: Collection[EventKey]) -> dict[EventKey, StepValues]:
    """What each step compared, for those of the events that are in the files. Missing values are None."""
    wanted = frozenset(keys)
    return {
        event.key: {step: _tell(mark.value) for step, mark in judge(event, source.lacks).marks.items()}
        for event in source.events
        if event.key in wanted
    }


def _count_passed(plan: RegionPlan, verdict: Verdict, lacks: Mapping[str, str]) -> int:
    """How many steps the event passes in a row."""
    for i, step in enumerate(plan.steps):
        mark = verdict.marks.get(step.id)
        if (mark is None or not mark.passed) and step.find_reason(lacks) is None:
            return i
    return len(plan.steps)


def _add_up(plan: RegionPlan, parent: RegionFlow | None, seen: Sequence[_Seen], source: EventSource) -> RegionFlow:
    first = StepPlan(parent.steps[-1].id, parent.steps[-1].label) if parent else StepPlan("initial", "all events")
    steps = []
    for i, step in enumerate((first, *plan.steps)):
        weights = [s.weight for s in seen if s.last >= i]
        reason = step.find_reason(source.lacks)
        steps.append(
            Step(
                id=step.id,
                label=step.label,
                count=len(weights),
                weighted=math.fsum(weights),
                uncertainty=math.sqrt(math.fsum(w * w for w in weights)),
                evaluated=reason is None,
                reason=reason,
            )
        )
    columns = source.key_columns
    table = EventTable(columns=columns, keys=tuple(s.key for s in seen), last_step=tuple(s.last for s in seen))
    return RegionFlow(name=plan.name, parent=plan.parent, steps=tuple(steps), events=table)


def _count_channels(plan: RegionPlan, seen: Sequence[_Seen]) -> dict[str, int]:
    counts = Counter(s.channel for s in seen if s.last == len(plan.steps) and s.channel is not None)
    return dict(sorted(counts.items()))


def _tell(value: StepValue) -> StepValue:
    if isinstance(value, tuple):
        return value if all(math.isfinite(v) for v in value) else None
    return value if value is not None and math.isfinite(value) else None
