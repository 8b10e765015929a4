"""The profile that CONTRIBUTING shows is a whole data format: a selection runs on a file in it, with right values."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from codegen.compile import compile_analysis
from pipeline.compiling import find_profile
from schemas.criteria_yaml import load_criteria
from schemas.errors import DataError
from tests.codegen.formats import read_quantities, run_on, write_tree

CONTRIBUTING = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"

CRITERIA = """
schema_version: "1.0"
analysis: {slug: own, title: A selection of our own}
objects:
- name: electrons
  base: electron
  cuts:
  - {id: e_pt, variable: pt, operator: ">", threshold: {value: 20, unit: GeV}, status: accepted}
  - {id: e_id, variable: id, operator: ">=", threshold: {label: loose}, status: accepted}
  - {id: e_d0, variable: abs(d0), operator: "<", threshold: {value: 1, unit: mm}, status: accepted}
- name: jets
  base: jet
regions:
- name: signal
  cuts:
  - {id: fired, variable: trigger, operator: "==", threshold: {label: HLT_e26}, status: accepted}
  - {id: two, variable: count(electrons), operator: ">=", threshold: {value: 2}, status: accepted}
  - {id: veto, variable: count(jets), operator: "==", threshold: {value: 0}, status: accepted}
outputs: []
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """The profile of the page, as a file."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    found = re.search(
        r"<!-- example profile: begin -->\s*```toml\n(.*?)```\s*<!-- example profile: end -->", text, re.DOTALL
    )
    assert found is not None
    path = tmp_path / "ministry.toml"
    path.write_text(found[1], encoding="utf-8")
    return path


def make_branches() -> dict[str, object]:
    """Three events: two good electrons; one of them without a track; one below the threshold."""
    return {
        "run": np.array([1, 1, 1], dtype=np.int32),
        "event": np.array([7, 8, 9], dtype=np.uint64),
        "lep_pt": [[30e3, 25e3, 50e3], [30e3, 25e3], [30e3, 19e3]],
        "lep_eta": [[0.1, -0.5, 1.0], [0.3, 0.2], [0.0, 0.0]],
        "lep_phi": [[90.0, -45.0, 10.0], [0.0, 180.0], [1.0, 2.0]],
        "lep_pid": [[11, -11, 13], [11, -11], [-11, 11]],
        "lep_cone20": [[1e3, 2e3, 0.0], [0.0, 0.0], [0.0, 0.0]],
        "lep_track_row": [[1, 0, 2], [0, -1], [0, 1]],
        "lep_flags": [[5, 1, 0], [1, 1], [1, 1]],
        "trk_d0": [[0.2, -0.3, 5.0], [0.1], [0.0, 0.1]],
        "trk_z": [[4.0, 6.0, 0.0], [1.0], [2.0, 2.0]],
        "vertex_z": [[3.5, 9.0], [1.5], [0.0]],
        "vertex_kind": [[1, 3], [1], [0]],
        "miss_x": np.array([3e3, 0.0, -1e3]),
        "miss_y": np.array([4e3, 2e3, 0.0]),
        "HLT_e26": np.array([True, True, True]),
        "mc_weight": np.array([2.0, 3.0, 4.0]),
        "sf_electron": np.array([0.5, 0.5, 0.5]),
    }


def test_a_selection_runs_on_files_of_the_format(profile: Path, tmp_path: Path) -> None:
    file = write_tree(tmp_path / "own.root", make_branches())
    program = compile_analysis(load_criteria(CRITERIA), find_profile(str(profile), [file]))
    assert [(one.cut, one.reason) for one in program.not_evaluable] == [("veto", "the trees hold leptons only")]
    cutflow = run_on(program, [file], tmp_path / "run")
    (flow,) = cutflow.regions
    assert [len(flow.keys_at(k)) for k in range(4)] == [3, 3, 1, 1]
    assert flow.keys_at(2) == {(1, 7)}


def test_quantities_are_what_the_profile_says(profile: Path, tmp_path: Path) -> None:
    file = write_tree(tmp_path / "own.root", make_branches())
    found = read_quantities(
        str(profile), [file], {"electrons": "electron"},
        {"first_d0": "electrons[0].d0", "first_dz": "electrons[0].dz", "second_phi": "electrons[1].phi",
         "second_d0": "electrons[1].d0", "iso": "electrons[1].track_isolation", "q": "electrons[0].charge",
         "miss": "met.pt", "vertices": "n_vertices", "strong": "count(electrons.id >= tight)",
         "pair": "mass(electrons[0], electrons[1])"},
        tmp_path,
    )  # fmt: skip
    assert found["first_d0"] == [-0.3, 0.1, 0.0]
    assert found["first_dz"] == [6.0 - 3.5, 1.0 - 1.5, 2.0]
    assert found["second_phi"] == pytest.approx([-math.pi / 4, math.pi, math.pi / 90])
    assert found["second_d0"] == [0.2, None, 0.1]
    assert found["iso"] == [2.0, 0.0, 0.0]
    assert found["q"] == [-1.0, -1.0, 1.0]
    assert found["miss"] == [5.0, 2.0, 1.0]
    assert found["vertices"] == [2.0, 1.0, 0.0]
    assert found["strong"] == [1.0, 0.0, 0.0]
    assert found["pair"][0] == pytest.approx(
        math.sqrt(2 * 30 * 25 * (math.cosh(0.6) - math.cos(0.75 * math.pi))), rel=1e-6
    )


def test_files_that_differ_are_read_as_what_all_of_them_hold(profile: Path, tmp_path: Path) -> None:
    branches = make_branches()
    first = write_tree(tmp_path / "a.root", branches | {"lep_cone30": branches["lep_cone20"]})
    second = write_tree(tmp_path / "b.root", {k: v for k, v in branches.items() if k != "lep_track_row"})
    both = find_profile(str(profile), [first, second])
    electron = both.collections["electron"]
    assert electron.fields["track_isolation"].expression == "cone20"
    assert electron.unavailable["d0"] == "the files lack the branch lep_track_row"
    data = write_tree(tmp_path / "data.root", {k: v for k, v in branches.items() if k != "mc_weight"})
    assert find_profile(str(profile), [data]).weights is None
    with pytest.raises(DataError, match=r"a\.root is simulation, .*data\.root is collision data; run them one by one"):
        find_profile(str(profile), [first, data])
    unnumbered = write_tree(tmp_path / "row.root", {k: v for k, v in branches.items() if k != "event"})
    with pytest.raises(DataError, match=r"numbers its events by run, event, .* by nothing"):
        find_profile(str(profile), [first, unnumbered])
    program = compile_analysis(load_criteria(CRITERIA), find_profile(str(profile), [unnumbered]))
    cutflow = run_on(program, [unnumbered], tmp_path / "run")
    assert cutflow.regions[0].keys_at(2) == {(0, 0)}
    with pytest.raises(DataError, match="no tree 'events'"):
        find_profile(str(profile), [write_tree(tmp_path / "other.root", branches, tree="other")])
