"""The baselines on real collision data."""

from pathlib import Path

from benchmarks.analyses import h4l, h4l_opendata
from schemas.cutflow import Cutflow
from tests.shared import require


def _files() -> list[Path]:
    return sorted(require("data/atlas2020_4lep").glob("*.root"))


def _counts(cutflow: Cutflow, region: str) -> dict[str, int]:
    flow = next(r for r in cutflow.regions if r.name == region)
    return {s.id: s.count for s in flow.steps}


def test_open_data_example_with_the_significance_read_correctly() -> None:
    cutflow = h4l_opendata.ANALYSIS.run_baseline(_files(), "atlas_mini")
    assert _counts(cutflow, "preselection") == {
        "initial": 832,
        "lepton_n": 322,
        "leading_lepton_pt": 322,
        "subleading_lepton_pt": 317,
        "third_lepton_pt": 295,
        "lepton_charge": 284,
        "lepton_flavour": 268,
    }
    assert cutflow.channels["preselection"] == {"4e": 81, "2e2mu": 139, "4mu": 48}
    assert _counts(cutflow, "signal_region")["quadruplet_mass"] == 21


def test_the_papers_selection_is_a_chain_on_collision_data() -> None:
    files = _files()
    cutflow = h4l.ANALYSIS.run_baseline(files, "atlas_mini")
    assert cutflow.n_events == 832
    for flow in cutflow.regions:
        counts = [s.count for s in flow.steps]
        assert counts == sorted(counts, reverse=True)
        assert counts == [len(flow.keys_at(i)) for i in range(len(counts))]
    parent, signal, sideband = cutflow.regions
    assert signal.steps[0].count == sideband.steps[0].count == parent.steps[-1].count
    assert signal.keys_at(1)
    assert not signal.keys_at(1) & sideband.keys_at(1)
    assert sum(cutflow.channels["signal_region"].values()) == signal.steps[-1].count


def test_values_explain_why_an_event_is_where_it_is() -> None:
    files = _files()
    flow = h4l.ANALYSIS.run_baseline(files, "atlas_mini").regions[0]
    lost = flow.keys_at(3) - flow.keys_at(4)  # at third_lepton_pt
    values = h4l.ANALYSIS.explain_events(files, lost, "atlas_mini")
    assert set(values) == lost
    for steps in values.values():
        assert isinstance(steps["third_lepton_pt"], float)
        assert steps["third_lepton_pt"] <= 10.0
