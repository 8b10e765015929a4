"""Results of a contest that nobody held: drawn at rates that are known."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.contest.contestants import Contestant
from benchmarks.contest.measures import Item, Measure
from benchmarks.contest.results import Manifest, Results

RULES = Contestant(name="rules", kind="rules")


def make_measure(metric: str = "recall", value: float | None = None, **fields: object) -> Measure:
    """A measure of the rules, or of whom the fields say. Of a ratio the value is computed."""
    row = {
        "task": "extract", "contestant": "rules", "kind": "rules", "simulated": False, "subject": "one",
        "mode": "rules", "run": 1, **fields,
    }  # fmt: skip
    if row.get("of"):
        value = float(str(row["hits"])) / float(str(row["of"]))
    return Measure.model_validate({**row, "metric": metric, "value": value})


def make_items(measure: Measure) -> list[Item]:
    """Items that a ratio counts: c0, c1, ..., the first ones hits."""
    head = {
        name: getattr(measure, name)
        for name in ("task", "contestant", "kind", "simulated", "subject", "mode", "run", "metric", "group")
    }
    return [
        Item.model_validate({**head, "item": f"c{i}", "hit": i < (measure.hits or 0)}) for i in range(measure.of or 0)
    ]


def make_manifest(contestants: Sequence[Contestant] = (RULES,), **fields: object) -> Manifest:
    """A manifest of little more than contestants."""
    made: dict[str, object] = {
        "made": "2026-11-22T03:00:00Z", "paperfilter": "1.0", "code": {"extract": "e1"}, "versions": {"python": "3.11"},
        "machine": {"cores": 2}, "contestants": tuple(contestants), "subjects": {"one": {"gold": "g1", "pdf": "p1"}},
        "modes": ("rules", "bulk", "chunk"), "runs": 3, "seeds": {}, "sampling": {}, "prompts": {"bulk": "b1"},
    }  # fmt: skip
    return Manifest.model_validate({**made, **fields})


def draw_results(rates: Mapping[str, float], papers: int, runs: int, seed: int = 1, criteria: int = 20) -> Results:
    """Models that find each criterion with a probability: harder papers and criteria are harder for all of them."""
    dice = np.random.default_rng(seed)
    contestants = [Contestant(name=name, kind="model", model=name) for name in rates]
    measures: list[Measure] = []
    items: list[Item] = []
    for paper in range(papers):
        easy = dice.beta(20, 20, criteria)  # around 0.5
        for name, rate in rates.items():
            for run in range(1, runs + 1):
                found = dice.random(criteria) < rate + 0.2 * (easy - 0.5)
                head = {
                    "contestant": name, "kind": "model", "subject": f"paper {paper:02}", "mode": "bulk", "run": run,
                    "group": "numeric",
                }  # fmt: skip
                measure = make_measure(hits=int(found.sum()), of=criteria, **head)
                measures += [measure, make_measure("seconds", float(dice.gamma(4, 5)), **{**head, "group": ""})]
                items += [
                    dataclasses.replace(item, hit=bool(hit))
                    for item, hit in zip(make_items(measure), found, strict=True)
                ]
    subjects = {f"paper {paper:02}": {"gold": f"g{paper}"} for paper in range(papers)}
    return Results(tuple(measures), tuple(items), make_manifest(contestants, subjects=subjects, runs=runs))
