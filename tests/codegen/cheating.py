"""A small selection, right functions for it, and ways to write them otherwise: for tests of what is no selection."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codegen.coder.guard import check_functions
from schemas.coding import Branch, Offence
from tests.codegen.mini_files import EVENT_TYPES, OBJECT_TYPES, make_object, write_mini

CRITERIA = """
schema_version: "1.0"
analysis: {slug: hard_muons}
objects:
- {name: muons, base: muon, cuts: [
    {id: m_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}, status: accepted}]}
variables: [{name: lead_pt, expression: "muons[0].pt", unit: GeV}]
regions:
- name: signal
  cuts:
  - {id: two, variable: count(muons), operator: ">=", threshold: {value: 2}, status: accepted}
  - {id: hard, variable: "muons[0].pt", operator: ">", threshold: {value: 25, unit: GeV}, status: accepted}
  - {id: central, variable: abs(muons.eta), operator: "<", threshold: {value: 2}, status: accepted}
outputs: [lead_pt]
"""
STEPS = ("two", "hard", "central")
KEY = ("runNumber", "eventNumber", "channelNumber")
BRANCHES = (
    *(Branch(name=name, shape="number") for name in EVENT_TYPES),
    *(Branch(name=f"{p}_{f}", shape="list") for p, fields in OBJECT_TYPES.items() for f in fields),
)


def write(hard: str = "lead > 25", before: str = "", top: str = "", after: str = "") -> str:
    """The right functions, with another mask for the step `hard`, and more lines in `select` or above it."""
    return "\n".join([
        *(line for line in top.strip("\n").split("\n") if line),
        "def select(events, selection):",
        '    good = (events["lep_type"] == 13) & (events["lep_pt"] / 1000 > 10)',
        '    pt = events["lep_pt"][good] / 1000',
        '    eta = events["lep_eta"][good]',
        "    lead = ak.fill_none(ak.max(pt, axis=1), np.nan)",
        *(f"    {line}" for line in before.strip("\n").split("\n") if line),
        '    selection.add("two", ak.num(pt) >= 2, ak.num(pt))',
        f'    selection.add("hard", {hard}, lead)',
        '    selection.add("central", ak.all(abs(eta) < 2, axis=1), eta)',
        '    selection.store("lead_pt", lead)',
        *(f"    {line}" for line in after.strip("\n").split("\n") if line),
        "",
    ])  # fmt: skip


def check(functions: str) -> tuple[Offence, ...]:
    """What the guard says of these functions."""
    return check_functions(functions, steps=STEPS, branches=BRANCHES, keys=KEY)


def kinds(functions: str) -> set[str]:
    """The kinds of offences that the guard finds."""
    return {offence.kind for offence in check(functions)}


def write_file(path: Path, number: int, seed: int, run: int = 1) -> Path:
    """Events with up to four muons, of all momenta around the thresholds; weights that differ."""
    random = np.random.default_rng(seed)
    events = []
    for k in range(number):
        muons = [
            make_object(float(random.uniform(6, 45)), float(random.uniform(-2.4, 2.4)), float(random.uniform(-3, 3)))
            for _ in range(int(random.integers(0, 5)))
        ]
        events.append({
            "lep": muons, "runNumber": run, "channelNumber": 7, "eventNumber": 1 + 3 * k,
            "mcWeight": float(random.uniform(0.5, 2)), "met_et": float(random.uniform(0, 90_000)),
        })  # fmt: skip
    return write_mini(path, events)


def name_all(texts: Sequence[str]) -> list[str]:
    """Names of variants, for the output of tests."""
    return [f"{k}" for k, _ in enumerate(texts, start=1)]
