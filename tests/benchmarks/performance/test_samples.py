"""Event files of our own for measuring: the same events again and again, and every way selects the same of them."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from benchmarks.performance.samples import Samples
from benchmarks.performance.selecting import SMALL
from benchmarks.samples.collisions import draw_collisions
from benchmarks.samples.layouts import write_events
from benchmarks.speed import counted_writer
from benchmarks.speed.make_files import make_file
from benchmarks.speed.measuring import describe_file, measure_speed
from schemas.errors import DataError


def test_events_are_repeated_with_new_numbers_without_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted_writer, "BLOCK", 40)  # blocks that end within a repetition
    source = write_events(tmp_path, "own", "atlas_mini", draw_collisions("leptoquarks", 30, 1))
    make_file([source], tmp_path / "large.root", 100, None)
    with uproot.open(source) as one, uproot.open(tmp_path / "large.root") as other:
        before, after = one["mini"], other["mini"]
        places = np.arange(100) % 30
        assert after["eventNumber"].array().tolist() == list(range(1, 101))
        kept = [name for name in before.keys() if not name.startswith(("nlep", "njet", "nphoton"))]  # noqa: SIM118
        assert set(kept) < set(after.keys())
        for name in kept:
            if name != "eventNumber":
                assert ak.all(after[name].array() == before[name].array()[places]), name
                assert after[name].typename == before[name].typename
        assert after["lep_n"].array().tolist() == ak.num(before["lep_pt"].array())[places].tolist()
    assert "arrays with counters" in describe_file(tmp_path / "large.root")[1]


def test_only_named_branches_and_only_real_files(tmp_path: Path) -> None:
    source = write_events(tmp_path, "own", "atlas_mini", draw_collisions("diphoton", 5, 1))
    make_file([source], tmp_path / "small.root", 7, None, ["photon_pt", "eventNumber"])
    with uproot.open(tmp_path / "small.root") as file:
        assert set(file["mini"].keys()) == {"eventNumber", "photon_n", "photon_pt"}
    (tmp_path / "no.root").write_bytes(b"no")
    with pytest.raises(DataError, match="cannot be read as a ROOT file"):
        make_file([tmp_path / "no.root"], tmp_path / "x.root", 7, None)


def test_the_baseline_is_compared_on_the_same_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.speed.preparing.DRAWN", 600)
    samples = Samples(tmp_path, tmp_path / "nothing there", None)
    assert samples.find_sources("leptoquark") is None
    file = samples.make("leptoquark", 700)
    speed = measure_speed("leptoquark", samples.compile("leptoquark", "test"), file, 1, 500, kinds=SMALL)
    ours, baseline = speed.find("ours").runs[0], speed.find("baseline").runs[0]
    assert speed.events == 700
    assert ours.digests == baseline.digests
    assert ours.selected["mumu_signal"] > 0
    assert speed.compare_rounds("baseline", "ours") == (baseline.processor_seconds / ours.processor_seconds,)
