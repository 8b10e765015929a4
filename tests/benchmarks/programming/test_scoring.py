"""Rows of coding: every metric of every cell, and what a run without a program counts for."""

from typing import get_args

from benchmarks.contest.cells import Cell
from benchmarks.contest.contestants import Contestant
from benchmarks.contest.effort import Effort
from benchmarks.contest.metrics import BOTH, CODE
from benchmarks.programming.outcome import CodeOutcome, Decided
from benchmarks.programming.scoring import score_code
from schemas.coding import FailureClass

MODEL = Contestant(name="a model", kind="model", model="a model")
PARTS = ("muons/mu_pt", "signal/two")
RIGHT = CodeOutcome(
    matched=True, accepted=True, held_out=True, witnesses=tuple(Decided(cut=p, right=True) for p in PARTS), rounds=3,
    failures=("syntax", "semantic error"), agent_work=4.5,
    effort=Effort(calls=6, prompt_tokens=900, completion_tokens=90, seconds=1.5, cost=0.25),
)  # fmt: skip
OTHER = RIGHT.model_copy(update={
    "matched": False, "accepted": False, "held_out": False, "failures": ("semantic error",) * 3,
    "witnesses": (Decided(cut=PARTS[0], right=True), Decided(cut=PARTS[1], right=False)),
})  # fmt: skip
NOTHING = CodeOutcome(
    failed="no reply held code", witnesses=tuple(Decided(cut=p, right=False) for p in PARTS), rounds=2,
    failures=("syntax", "syntax"),
)  # fmt: skip


def name_cell(run: int) -> Cell:
    return Cell(task="code", contestant=MODEL.name, subject="tiny", mode="llm", run=run)


def test_every_cell_has_every_metric() -> None:
    outcomes = (RIGHT, OTHER, NOTHING)
    measures, items = score_code((name_cell(run), MODEL, one) for run, one in enumerate(outcomes, start=1))
    table = {(m.run, m.metric, m.group): m for m in measures}
    assert len(table) == len(measures)
    expected = {metric.name for metric in (*CODE, *BOTH)}
    for run in (1, 2, 3):
        assert {m.metric for m in measures if m.run == run} == expected
        assert {m.group for m in measures if m.run == run and m.metric == "failures"} == {"", *get_args(FailureClass)}
    values = {name: [table[run, name, ""].value for run in (1, 2, 3)] for name in expected}
    assert values["matched"] == values["held_out"] == values["accepted"] == [1.0, 0.0, 0.0]
    assert values["witness"] == [1.0, 0.5, 0.0]
    assert values["failed"] == [0.0, 0.0, 1.0]
    assert values["rounds"] == [3, 3, 2]
    assert values["failures"] == [2, 3, 2]
    assert [table[run, "failures", "semantic error"].value for run in (1, 2, 3)] == [1, 3, 0]
    assert values["cost"] == [0.25, 0.25, None]
    assert values["agent_work"] == [4.5, 4.5, None]
    assert [i.hit for i in items if i.metric == "witness" and i.item == PARTS[1]] == [True, False, False]
    assert sum(i.metric == "matched" for i in items) == 3


def test_without_witness_events_the_score_is_not_defined() -> None:
    measures, _ = score_code([(name_cell(1), MODEL, RIGHT.model_copy(update={"witnesses": ()}))])
    (witness,) = (m for m in measures if m.metric == "witness")
    assert (witness.value, witness.hits, witness.of) == (None, 0, 0)
