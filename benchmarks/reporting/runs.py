"""Every single run of a contest as tables: nothing is hidden behind a median."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from benchmarks.contest.contestants import Task
from benchmarks.contest.measures import Measure
from benchmarks.contest.metrics import BOTH, CODE, EXTRACT
from benchmarks.contest.tables import Grid
from benchmarks.contest.words import NOTHING, find_metric, word_number, word_runs, word_value
from benchmarks.reporting.standings import Lane, Standings

ONCE = ("failed", "matched", "held_out", "accepted")  # of a run it is so or not
TOLD = {
    "extract": (("recall", "numeric"), ("precision", ""), ("invented_ungrounded", ""), ("invented_grounded", ""),
                ("agreement", ""), ("failed", ""), ("seconds", "")),
    "code": (("matched", ""), ("held_out", ""), ("accepted", ""), ("witness", ""), ("rounds", ""),
             ("agent_work", ""), ("failed", ""), ("seconds", "")),
}  # fmt: skip


class Place(NamedTuple):
    """Where in the table of one paper a run stands."""

    contestant: str
    mode: str
    run: int


def list_runs(standings: Standings, task: Task) -> Iterator[Grid]:
    """A table for each paper or analysis: a line for each run, a column for each metric that anybody has."""
    names = [
        (m.name, "numeric" if m.name.startswith("recall") else "")
        for m in (*(EXTRACT if task == "extract" else CODE), *BOTH)
    ]
    found: dict[str, dict[Place, dict[str, Measure]]] = {subject: {} for subject in standings.subjects(task)}
    for row in standings.results.measures:
        if row.task == task and row.run and row.subject in found:
            place = Place(row.contestant, row.mode, row.run)
            mine = found[row.subject].setdefault(place, {})
            if (row.metric, row.group) in names:
                mine[row.metric] = row
            elif row.metric == "failures" and row.value:
                mine["failures"] = _add(mine.get("failures"), row)
    lanes = {(lane.contestant, lane.mode): (k, lane) for k, lane in enumerate(standings.lanes(task))}
    for subject, places in found.items():
        shown = [
            name for name, _ in names if any(m.value is not None for one in places.values() if (m := one.get(name)))
        ]
        known = sorted((place for place in places if (place.contestant, place.mode) in lanes),
                       key=lambda place: (lanes[place.contestant, place.mode][0], place.run))  # fmt: skip
        rows = []
        for place in known:
            lane = lanes[place.contestant, place.mode][1]
            rows.append(
                (lane.label, lane.mode, f"{place.run}", *(word_measure(places[place].get(name)) for name in shown))
            )
        yield Grid(
            subject, ("contestant", "mode", "run", *(find_metric(name).title for name in shown)), tuple(rows), names=3
        )


def list_medians_with_runs(standings: Standings, task: Task) -> Iterator[Grid]:
    """A table for each main metric: every run of everything together, in order, on one line for each contestant."""
    for metric, group in TOLD[task]:
        if standings.has(task, metric, group):
            title = find_metric(metric).title
            rows = tuple(_tell(standings, task, lane, metric, group) for lane in standings.lanes(task))
            yield Grid(f"Every run: {title}", ("contestant", "mode", "runs in their order"), rows, names=2)


def word_measure(measure: Measure | None) -> str:
    """A number of one run: `34/40` of a ratio, yes or no where it is one thing."""
    if measure is None or measure.value is None:
        return NOTHING
    if measure.metric in ONCE and measure.of == 1:
        return "yes" if measure.hits else "no"
    if measure.hits is not None and measure.of is not None:
        return f"{word_number(measure.hits)}/{word_number(measure.of)}"
    return word_value(find_metric(measure.metric), measure.value)


def _tell(standings: Standings, task: Task, lane: Lane, metric: str, group: str) -> tuple[str, ...]:
    return lane.label, lane.mode, word_runs(standings.find(task, lane, metric, group))


def _add(before: Measure | None, row: Measure) -> Measure:
    """Failed attempts of all classes together."""
    return replace(row, group="", value=(row.value or 0.0) + ((before.value or 0.0) if before else 0.0))
