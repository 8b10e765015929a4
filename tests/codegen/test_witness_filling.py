"""Witness events look like those of real files: nothing beside the criteria tells them apart, and angles wrap."""

from pathlib import Path

import numpy as np
import pytest
import uproot

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from codegen.witness.collecting import WitnessSet, collect_witnesses
from codegen.witness.filling import number_events, order_events
from codegen.witness.judging import judge, read_marks, read_outputs
from codegen.witness.writing import write_events
from schemas.criteria_yaml import load_criteria
from schemas.verdict import Verdict
from tests.codegen.programs import run_program

CRITERIA = """
analysis: {slug: near}
objects:
  - {name: muons, base: muon, cuts: [{id: mu_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}}]}
  - {name: jets, base: jet, cuts: [{id: j_pt, variable: pt, operator: ">", threshold: {value: 30, unit: GeV}}],
     remove_overlap: [{with: muons, deltaR: 0.4}]}
regions:
  - name: signal
    cuts:
      - {id: two, variable: count(muons), operator: "==", threshold: {value: 2}}
      - {id: apart, variable: "deltaR(muons[0], muons[1])", operator: ">", threshold: {value: 0.1}}
      - {id: turned, variable: "abs(deltaphi(muons[0], muons[1]))", operator: "<", threshold: {value: 2.5}}
      - {id: one_jet, variable: count(jets), operator: ">=", threshold: {value: 1}}
"""


@pytest.fixture(scope="module")
def found() -> WitnessSet:
    return collect_witnesses(load_criteria(CRITERIA), load_profile("atlas_mini"))


def judge_filling(found: WitnessSet, program: str, filling: int, folder: Path) -> dict[str, Verdict]:
    data = folder / f"witness{filling}.root"
    write_events(data, found.layout, [w.event for w in found.witnesses], filling)
    cutflow, table = run_program(program, data, folder)
    stored = read_outputs(table, found.interpreter)
    marks = read_marks(cutflow, found.interpreter, len(found.witnesses), stored, filling)
    return {v.item: v for v in judge(found.interpreter, found.witnesses, found.unreached, marks, found.killed)}


@pytest.mark.parametrize("filling", [0, 1])
def test_right_code_is_right_with_every_filling(filling: int, found: WitnessSet, tmp_path: Path) -> None:
    program = compile_analysis(load_criteria(CRITERIA), found.layout.profile).source
    assert {v.verdict for v in judge_filling(found, program, filling, tmp_path).values()} == {"implemented"}


def test_what_criteria_do_not_read_is_as_in_files(found: WitnessSet, tmp_path: Path) -> None:
    events = [w.event for w in found.witnesses]
    for filling in (0, 1):
        write_events(tmp_path / f"{filling}.root", found.layout, events, filling)
    trees = [uproot.open({tmp_path / f"{filling}.root": "mini"}) for filling in (0, 1)]
    for tree in trees:
        met, phi, weight = (tree[name].array(library="np") for name in ("met_et", "met_phi", "mcWeight"))
        assert len(set(met)) == len(events)
        assert 5_000 < np.median(met) < 200_000  # MeV, as the file has it
        assert np.all(np.abs(phi) <= np.float32(np.pi))
        assert len(set(weight)) == len(events)
        assert len(set(tree["SumWeights"].array(library="np"))) == 1
        assert set(np.unique(tree["trigM"].array(library="np"))) == {False, True}
        numbers = tree["eventNumber"].array(library="np")
        assert len(set(numbers)) == len(events)
        assert sorted(numbers) != list(range(1, len(events) + 1))
        assert len(set(tree["runNumber"].array(library="np"))) > 2
        taus = tree["tau_pt"].array(library="ak")  # the criteria know no tau leptons; events have some
        assert set(tree["tau_n"].array(library="np")) == {len(event) for event in taus}
        assert 0 < sum(len(event) > 0 for event in taus) < len(events)
    first, second = (tree["met_et"].array(library="np") for tree in trees)
    assert not set(first) & set(second)
    assert order_events(len(events), 0) != order_events(len(events), 1)
    assert number_events(len(events), 0) != number_events(len(events), 1)
    assert number_events(3, 0) == number_events(9, 0)[:3]


def test_code_that_does_not_wrap_angles_is_wrong(found: WitnessSet, tmp_path: Path) -> None:
    program = compile_analysis(load_criteria(CRITERIA), found.layout.profile).source
    wrong = program.replace("return angle - 2 * np.pi * np.round(angle / (2 * np.pi))", "return angle")
    assert wrong != program
    bad = {name for name, v in judge_filling(found, wrong, 0, tmp_path).items() if v.verdict == "wrong"}
    assert {"apart", "turned", "jets near muons"} <= bad
