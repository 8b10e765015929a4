"""Compiled analyses select the events that plain loops select, at every step."""

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow
from tests.codegen.loops import pass_regions, select_diphoton, select_h4l, select_leptoquark
from tests.codegen.mini_files import Compiled, list_passed, make_object, read_mini, write_mini
from tests.schemas.examples import ALL, DIPHOTON, H4L, LEPTOQUARK
from tests.shared import require

LOOPS = {"h4l": select_h4l, "diphoton": select_diphoton, "leptoquark": select_leptoquark}


def compare(cutflow: Cutflow, loop: Callable[[dict[str, Any]], Any], events: list[dict[str, Any]]) -> int:
    """Equal sets of events at every step; gives the number of steps that were compared."""
    expected = pass_regions(loop, events)
    compared = 0
    for region in cutflow.regions:
        passed = list_passed(cutflow, region.name)
        for step in region.steps[1:]:
            assert passed[step.id] == expected.get(region.name, {}).get(step.id, set()), (region.name, step.id)
            compared += 1
    return compared


@pytest.mark.parametrize(("name", "pattern", "steps"), [
    ("h4l", "data/atlas2020_4lep/*.root", 12),
    ("h4l", "data/generated/mc_*4l.root", 12),
    ("diphoton", "data/generated/mc_*y*.root", 7),
    ("leptoquark", "data/generated/mc_LQ1000.root", 3),
])  # fmt: skip
def test_real_and_generated_events(name: str, pattern: str, steps: int, tmp_path: Path) -> None:
    folder, glob = pattern.rsplit("/", 1)
    files = sorted(require(folder).glob(glob))
    cutflow = Compiled(ALL[name], tmp_path).run(files, tmp_path)
    assert compare(cutflow, LOOPS[name], read_mini(files)) == steps


def make_random_events(number: int, seed: int) -> list[dict[str, Any]]:
    """Events full of trouble: values at thresholds, identical objects, missing values, none or many objects."""
    dice = random.Random(seed)

    def odd(value: float) -> float:
        return dice.choice((math.nan, math.inf)) if dice.random() < 0.01 else value

    def make(prefix: str) -> dict[str, float]:
        pts = {"lep": (5, 7, 10, 15, 20, 50, 50, 80), "photon": (25, 30, 40, 60, 80), "jet": (30, 50, 60, 90, 200)}
        eta = dice.choice((0.0, 0.5, 1.37, 1.52, 2.37, 2.5, -1.2, dice.uniform(-2.8, 2.8)))
        made = make_object(odd(dice.choice(pts[prefix])) * dice.choice((1, 1, dice.uniform(0.8, 2))), eta,
                           dice.choice((math.pi, -math.pi, dice.uniform(-math.pi, math.pi))))  # fmt: skip
        return made | {
            "charge": dice.choice((-1, 1)), "type": dice.choice((11, 13)), "z0": odd(dice.choice((0.0, 0.5, 0.1))),
            "trackd0pvunbiased": dice.choice((0.0, 0.0, 1.0)), "eta": odd(made["eta"]),
            "isTightID": dice.random() < 0.7,
            "tracksigd0pvunbiased": odd(dice.choice((0.1, 0.5, 3.0, 5.0, 2.9))),
        }  # fmt: skip

    def fill(prefix: str, most: int) -> list[dict[str, float]]:
        things = [make(prefix) for _ in range(dice.randrange(most))]
        if things and dice.random() < 0.2:
            things.append(dict(dice.choice(things)))  # a twin: the same momentum, a tie
        return things

    return [{"lep": fill("lep", 8), "photon": fill("photon", 5), "jet": fill("jet", 6)} for _ in range(number)]


@pytest.mark.parametrize("name", ALL)
def test_random_events_with_ties_thresholds_and_missing_values(name: str, tmp_path: Path) -> None:
    file = write_mini(tmp_path / "odd.root", make_random_events(3000, seed=7))
    analysis = Compiled(ALL[name], tmp_path)
    cutflow = analysis.run([file], tmp_path, chunk=700)
    assert compare(cutflow, LOOPS[name], read_mini([file])) > 0
    assert all(step.count > 0 for region in cutflow.regions for step in region.steps[:-1])


def test_the_size_of_chunks_changes_nothing(tmp_path: Path) -> None:
    file = write_mini(tmp_path / "odd.root", make_random_events(500, seed=3))
    analysis = Compiled(H4L, tmp_path)
    for out, chunk in (("one", 500), ("many", 61)):
        analysis.run([file], tmp_path / out, chunk=chunk)
    for name in ("cutflow.json", "histograms.json", "candidates.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def test_same_input_same_bytes() -> None:
    profile = load_profile("atlas_mini")
    for text in ALL.values():
        first = compile_analysis(load_criteria(text), profile)
        again = compile_analysis(load_criteria(text), load_profile("atlas_mini"))
        assert (first.source, first.digest) == (again.source, again.digest)


def test_only_needed_branches_are_read(tmp_path: Path) -> None:
    needed = compile_analysis(load_criteria(DIPHOTON), load_profile("atlas_mini")).branches
    assert not [b for b in needed if b.startswith(("lep_", "jet_", "scaleFactor_ELE"))]
    file = write_mini(tmp_path / "y.root", make_random_events(50, 1), drop=["lep_pt", "jet_E", "met_et", "trigE"])
    assert Compiled(DIPHOTON, tmp_path).run([file], tmp_path).n_events == 50


def test_the_code_stands_alone_and_can_be_read() -> None:
    for text in ALL.values():
        source = compile_analysis(load_criteria(text), load_profile("atlas_mini")).source
        imports = {
            line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
        }
        assert not imports & {"schemas", "codegen", "papers", "extract", "pipeline", "pydantic"}
        selection = source.split("def select(self, events):")[1].split("# ---- what")[0]
        for cut in load_criteria(text).regions[0].cuts:
            assert f"# {cut.id}: " in selection
        assert max(len(line) for line in selection.splitlines()) <= 160


def test_what_cannot_be_evaluated_keeps_its_line(tmp_path: Path) -> None:
    text = H4L.replace(
        "      - {id: m12,",
        '      - {id: vertices, variable: n_vertices, operator: ">=", threshold: {value: 1}}\n      - {id: m12,',
    )
    analysis = Compiled(text, tmp_path)
    assert [n.cut for n in analysis.program.not_evaluable] == ["vertices", "e_id", "mu_pt_calo"]
    assert "not evaluated: e_id: id >= loose" in analysis.program.source
    file = write_mini(tmp_path / "odd.root", make_random_events(300, seed=5))
    flow = analysis.run([file], tmp_path).regions[0]
    skipped = next(k for k, step in enumerate(flow.steps) if step.id == "vertices")
    assert flow.steps[skipped].evaluated is False
    assert flow.steps[skipped].reason == "the format stores no vertices"
    assert flow.steps[skipped].count == flow.steps[skipped - 1].count
    assert flow.keys_at(skipped) == flow.keys_at(skipped - 1)


def test_closest_quantities_are_named() -> None:
    cut = (
        '      - {id: iso, variable: "(higgs.leptons.track_isolation + 0.4 * higgs.leptons.calo_isolation)'
        ' / higgs.leptons.pt", operator: "<", threshold: {value: 0.16}}\n  - name: signal'
    )
    program = compile_analysis(load_criteria(H4L.replace("  - name: signal", cut, 1)), load_profile("atlas_mini"))
    assert {s.cut for s in program.substitutions} == {"iso"}
    assert any("ptcone30" in s.note for s in program.substitutions)
    assert "# closest available: track_isolation: lep_ptcone30" in program.source


def test_unused_definitions_are_listed() -> None:
    assert compile_analysis(load_criteria(H4L), load_profile("atlas_mini")).unused == ("jets",)
    assert compile_analysis(load_criteria(LEPTOQUARK), load_profile("atlas_mini")).unused == ()
