"""Built-in analyses by the command: the format is found, and a new analysis takes criteria and nothing else."""

import json
from pathlib import Path

import pytest
import uproot

from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import nanoaod, write_events
from benchmarks.samples.layouts.columns import write_tree
from tests.benchmarks.analyses_running import ANALYSES, run_analysis
from tests.pipeline.calling import call
from tests.pipeline.test_run import UNSAFE


@pytest.fixture(scope="module")
def muons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds momenta and charges of muons, and no event numbers."""
    path = tmp_path_factory.mktemp("muons") / "muons.root"
    kept = [f"Muon_{field}" for field in ("pt", "eta", "phi", "mass", "charge")]
    columns = nanoaod.make_columns(draw_collisions("dimuon", 400, seed=8))
    write_tree(path, "Events", {name: columns[name] for name in kept}, counted=True)
    return path


def test_the_format_of_the_files_is_found(tmp_path: Path) -> None:
    path = write_events(tmp_path, "photons", "nanoaod", draw_collisions("diphoton", 300, seed=7))
    called = call("run", "diphoton", "--data", path, "--against", "diphoton", "--runs-dir", tmp_path / "runs", *UNSAFE)
    assert called.code == 0, called.err
    assert "the same events after every one of 28 evaluated steps in 10 regions" in called.out
    (manifest,) = (tmp_path / "runs").glob("*/*/manifest.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["request"]["profile"] == "nanoaod"


def test_criteria_alone_are_an_analysis(muons: Path, tmp_path: Path) -> None:
    criteria = ANALYSES["dimuon_z"].criteria
    how = ("--profile", "nanoaod", "--against", "dimuon_z", "--runs-dir", tmp_path)
    called = call("run", criteria, "--data", muons, *how, *UNSAFE)
    assert called.code == 0, called.err
    assert "the same events after every one of 14 evaluated steps in 5 regions" in called.out


def test_events_without_numbers_are_known_by_file_and_entry(muons: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.root"
    again.write_bytes(muons.read_bytes())
    outcome = run_analysis("dimuon_z", "nanoaod", [muons, again], tmp_path, chunk=150)
    outcome.check(9)
    region = outcome.analysis.regions[0]
    assert region.events.columns == ("file", "entry")
    passed = region.keys_at(len(region.steps) - 1)
    assert {entry for file, entry in passed if file == 0} == {entry for file, entry in passed if file == 1} != set()


def test_files_of_no_known_format_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.root"
    with uproot.recreate(path) as file:
        file.mktree("ntuple", {"x": "f4"}).extend({"x": [1.0]})
    called = call("run", "leptoquark", "--data", path, "--runs-dir", tmp_path / "runs", *UNSAFE)
    assert called.code == 4
    assert "other.root" in called.error_line()
    assert "atlas_mini, atlas_physlite, nanoaod, evtjsonl" in called.error_line()
