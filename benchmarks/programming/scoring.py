"""Outcomes of coding become rows of the tidy table. Nothing here asks a model or runs a program.

A run without a program (`failed`) matches nothing, decides nothing, and used all its rounds. Of a program that was
never run, because every attempt was refused before, the held-out events count as missed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.rows import Rows
from benchmarks.programming.outcome import CodeOutcome
from schemas.coding import FailureClass

CLASSES: tuple[FailureClass, ...] = get_args(FailureClass)
RUN = "run"  # the one thing that a ratio over runs counts in each of them


def score_code(cells: Iterable[tuple[Cell, Contestant, CodeOutcome]]) -> tuple[list[Measure], list[Item]]:
    """Rows of all cells: every metric of `metrics.CODE` and `metrics.BOTH` for each."""
    measures: list[Measure] = []
    items: list[Item] = []
    for cell, contestant, outcome in cells:
        rows = Rows(cell, contestant)
        for metric, hit in (
            ("matched", outcome.matched),
            ("held_out", outcome.held_out is True),
            ("accepted", outcome.accepted),
            ("failed", outcome.failed is not None),
        ):
            rows.write_ratio(metric, [(RUN, hit)])
        rows.write_ratio("witness", [(one.cut, one.right) for one in outcome.witnesses])
        rows.write_number("rounds", outcome.rounds)
        _write_failures(rows, outcome.failures)
        rows.write_number("agent_work", outcome.agent_work)
        rows.write_effort(outcome.effort)
        measures += rows.measures
        items += rows.items
    return measures, items


def _write_failures(rows: Rows, failures: Sequence[FailureClass]) -> None:
    """Failed attempts in all, and of each class, those that did not occur included: their median is 0, not unknown."""
    counted = Counter(failures)
    rows.write_number("failures", len(failures))
    for name in CLASSES:
        rows.write_number("failures", counted[name], name)
