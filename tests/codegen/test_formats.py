"""The formats that come along, on real files: H to four leptons runs, and quantities are what the branches say."""

import json
import math
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from codegen.compile import compile_analysis
from pipeline.compiling import find_profile
from schemas.criteria_yaml import load_criteria
from schemas.element_links import hash_container
from tests.codegen.formats import read_quantities, run_on
from tests.codegen.programs import load_file
from tests.shared import require

H4L = Path(__file__).resolve().parents[2] / "benchmarks" / "analyses" / "h4l" / "criteria.yaml"

# file, profile, what cannot be evaluated, events before any cut and with four leptons
REAL = [
    ("atlas2020_4lep/data_*.root", "atlas_mini", {"electron_id", "muon_id", "muon_pt_2"}, 832, 425),
    ("physlite/PHYSLITE_example.root", "atlas_physlite", set(), 100, 0),
    ("nanoaod/nano_dy.root", "nanoaod", {"muon_pt_2"}, 40, 0),
    ("nanoaod/nano_tt_v12.root", "nanoaod", {"muon_pt_2"}, 200, 1),
    (
        "cms_dimuon/open-data-example.root",
        "nanoaod",
        {"leptons", "muon_id", "muon_pt_2", "muon_d0", "muon_z0_sintheta", "electron_d0_sig", "muon_d0_sig",
         "lepton_isolation"},
        100_000, 2529,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "profile", "missing", "events", "quadruplets"), REAL)
def test_four_leptons_run_on_every_real_file(
    pattern: str, profile: str, missing: set[str], events: int, quadruplets: int, tmp_path: Path
) -> None:
    folder = require(pattern.partition("/")[0].join(("data/", "")))
    files = sorted(folder.glob(pattern.partition("/")[2]))
    fitted = find_profile(profile, files)
    program = compile_analysis(load_criteria(H4L.read_text(encoding="utf-8")), fitted)
    assert {one.cut for one in program.not_evaluable} == missing
    assert all(one.reason for one in program.not_evaluable)
    cutflow = run_on(program, files, tmp_path)
    assert cutflow.n_events == events
    flow = next(r for r in cutflow.regions if r.name == "preselection")
    assert len(flow.keys_at(1)) == quadruplets
    assert program == compile_analysis(load_criteria(H4L.read_text(encoding="utf-8")), find_profile(profile, files))


def test_tracks_of_physlite_leptons_are_those_that_they_link_to(tmp_path: Path) -> None:
    path = require("data/physlite/PHYSLITE_example.root")
    found = read_quantities(
        "atlas_physlite",
        [path],
        {"muons": "muon", "electrons": "electron", "photons": "photon"},
        {"mu_sig": "muons[0].d0sig", "mu_z": "muons[0].z0_sintheta", "e_d0": "electrons[0].d0",
         "converted": "count(photons.conversion == converted)", "vertices": "n_vertices"},
        tmp_path,
    )  # fmt: skip
    tree = uproot.open(path)["CollectionTree"]

    def read(name: str) -> list[list[float]]:
        return tree[name].array().tolist()

    vertices = zip(read("PrimaryVerticesAuxDyn.z"), read("PrimaryVerticesAuxDyn.vertexType"), strict=True)
    primary = [next(z for z, kind in zip(zs, kinds, strict=True) if kind == 1) for zs, kinds in vertices]
    tracks = {n: read(f"CombinedMuonTrackParticlesAuxDyn.{n}") for n in ("d0", "z0", "vz", "theta")}
    diagonal = read("CombinedMuonTrackParticlesAuxDyn.definingParametersCovMatrixDiag")
    index = read("AnalysisMuonsAuxDyn.combinedTrackParticleLink.m_persIndex")
    pt = read("AnalysisMuonsAuxDyn.pt")
    seen = 0
    for event in range(100):
        if not pt[event]:
            assert found["mu_sig"][event] is None
            continue
        at = int(index[event][int(np.argmax(pt[event]))])
        seen += 1
        assert found["mu_sig"][event] == pytest.approx(
            tracks["d0"][event][at] / math.sqrt(diagonal[event][at][0]), rel=1e-12
        )
        z = tracks["z0"][event][at] + tracks["vz"][event][at] - primary[event]
        assert found["mu_z"][event] == pytest.approx(z * math.sin(tracks["theta"][event][at]), rel=1e-9, abs=1e-12)
    assert seen >= 3
    links = tree["AnalysisElectronsAuxDyn.trackParticleLinks"].array().tolist()
    d0 = read("GSFTrackParticlesAuxDyn.d0")
    electrons = read("AnalysisElectronsAuxDyn.pt")
    assert hash_container("GSFTrackParticles", 1287425431) == 776133387
    for event in range(100):
        best = int(np.argmax(electrons[event])) if electrons[event] else None
        link = links[event][best][0] if best is not None and links[event][best] else None
        wanted = d0[event][link["m_persIndex"]] if link is not None and link["m_persKey"] == 776133387 else None
        assert found["e_d0"][event] == (pytest.approx(wanted, rel=1e-12) if wanted is not None else None)
    sizes = ak.num(tree["AnalysisPhotonsAuxDyn.vertexLinks"].array(), axis=2)
    assert found["converted"] == ak.sum(sizes > 0, axis=1).tolist()
    kinds = tree["PrimaryVerticesAuxDyn.vertexType"].array()
    assert found["vertices"] == ak.sum((kinds == 1) | (kinds == 3), axis=1).tolist()


def test_nanoaod_lengths_are_in_mm_and_bits_are_read(tmp_path: Path) -> None:
    path = require("data/nanoaod/nano_dy.root")
    found = read_quantities(
        "nanoaod",
        [path],
        {"electrons": "electron", "photons": "photon", "jets": "jet", "taus": "tau"},
        {"e_d0": "electrons[0].d0", "sig": "electrons[0].d0sig", "y_tight": "count(photons.id >= tight)",
         "jets_tight": "count(jets.id >= tight)", "taus_medium": "count(taus.id >= medium)", "e_miss": "met.pt",
         "prongs": "taus[0].n_tracks"},
        tmp_path,
    )  # fmt: skip
    tree = uproot.open(path)["Events"]
    events = tree.arrays(
        ["Electron_pt", "Electron_dxy", "Electron_dxyErr", "Photon_cutBasedBitmap", "Jet_jetId", "Tau_pt",
         "Tau_idDeepTau2017v2p1VSjet", "Tau_decayMode", "MET_pt", "PV_npvsGood"]
    ).tolist()  # fmt: skip
    for k, event in enumerate(events):
        if event["Electron_pt"]:
            first = int(np.argmax(event["Electron_pt"]))
            assert found["e_d0"][k] == pytest.approx(10 * event["Electron_dxy"][first], rel=1e-12)
            assert found["sig"][k] == pytest.approx(event["Electron_dxy"][first] / event["Electron_dxyErr"][first])
        assert found["y_tight"][k] == sum(value >> 2 & 1 for value in event["Photon_cutBasedBitmap"])
        assert found["jets_tight"][k] == sum(value >> 1 & 1 for value in event["Jet_jetId"])
        assert found["taus_medium"][k] == sum(value >> 4 & 1 for value in event["Tau_idDeepTau2017v2p1VSjet"])
        assert found["e_miss"][k] == pytest.approx(event["MET_pt"])
        if event["Tau_pt"]:
            mode = event["Tau_decayMode"][int(np.argmax(event["Tau_pt"]))]
            assert found["prongs"][k] == {0: 1, 1: 1, 2: 1, 5: 2, 6: 2, 7: 2, 10: 3, 11: 3}[mode]


def test_a_trigger_path_of_the_file_is_a_label() -> None:
    path = require("data/nanoaod/nano_dy.root")
    fitted = find_profile("nanoaod", [path])
    point = fitted.event.labels["trigger"].find("HLT_IsoMu24")
    assert point is not None
    assert point.expression == "HLT_IsoMu24 == 1"
    assert fitted.weights is not None


@pytest.mark.filterwarnings("ignore:Skipping")  # coffea says which branches it leaves out
def test_a_runner_of_ones_own_reads_linked_objects(tmp_path: Path) -> None:
    """The class works in a plain coffea Runner, with the longer names that its schema gives to split branches."""

    from coffea import processor
    from coffea.nanoevents import BaseSchema

    path = require("data/physlite/PHYSLITE_example.root")
    program = compile_analysis(load_criteria(H4L.read_text(encoding="utf-8")), find_profile("atlas_physlite", [path]))
    (tmp_path / "physlite_h4l.py").write_text(program.source, encoding="utf-8")
    module = load_file(tmp_path / "physlite_h4l.py")
    runner = processor.Runner(
        executor=processor.IterativeExecutor(status=False, retries=0), schema=BaseSchema, chunksize=40
    )
    with np.errstate(all="ignore"):
        found = runner({"data": {"files": {str(path): "CollectionTree"}}}, module.Analysis())
    assert sum(len(chunk["keys"]) for chunk in found.values()) == 100


def test_generated_events_are_selected_by_their_numbers(tmp_path: Path) -> None:
    """Particles and jets of evtjsonl: kinds by PDG number and status, eta missing along the beam, merged lists."""
    events = [
        {"event_id": 4, "schema": "evtjsonl-1.0", "data": {"n": 4, "particles": [
            {"i": 0, "id": 11, "status": 1, "px": 3.0, "py": 4.0, "pz": 12.0, "E": 13.0, "m": 0.0005},
            {"i": 1, "id": -11, "status": 23, "px": 30.0, "py": 0.0, "pz": 0.0, "E": 30.0, "m": 0.0005},
            {"i": 2, "id": -13, "status": 1, "px": 0.0, "py": 0.0, "pz": 7.0, "E": 7.0, "m": 0.1},
            {"i": 3, "id": 14, "status": 1, "px": 6.0, "py": 8.0, "pz": 0.0, "E": 10.0, "m": 0.0}],
            "jets": [{"i": 0, "px": 0.0, "py": -20.0, "pz": 0.0, "E": 25.0}]}},
        {"event_id": 5, "data": {"particles": [], "jets": []}},
    ]  # fmt: skip
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    found = read_quantities(
        "evtjsonl",
        [path],
        {"electrons": "electron", "muons": "muon", "jets": "jet"},
        {"electrons_n": "count(electrons)", "e_pt": "electrons[0].pt", "e_eta": "electrons[0].eta",
         "e_q": "electrons[0].charge", "mu_eta": "muons[0].eta", "mu_q": "muons[0].charge", "j_m": "jets[0].mass",
         "miss": "met.pt"},
        tmp_path,
    )  # fmt: skip
    assert found["electrons_n"] == [1.0, 0.0]
    assert found["e_pt"] == [5.0, None]
    assert found["e_eta"] == [pytest.approx(math.asinh(12 / 5)), None]
    assert (found["e_q"], found["mu_q"]) == ([-1.0, None], [1.0, None])
    assert found["mu_eta"] == [None, None]
    assert found["j_m"] == [15.0, None]
    assert found["miss"] == [10.0, 0.0]
    merged = tmp_path / "merged.jsonl"
    particles = [
        {"id": 0, "px": 1.0, "py": 0.0, "pz": 0.0, "E": 2.0},
        {"id": 11, "px": 1.0, "py": 1.0, "pz": 0.0, "E": 3.0},
    ]
    merged.write_text(json.dumps({"event_id": 0, "data": {"particles": particles}}) + "\n", encoding="utf-8")
    fitted = find_profile("evtjsonl", [merged])
    assert fitted.collections["jet"].selector == "id == 0 or id == 1000"
    assert fitted.collections["electron"].selector == "abs(id) == 11"
    assert "met" in fitted.event.unavailable
    wanted = {"jets_n": "count(jets)", "electrons_n": "count(electrons)"}
    counted = read_quantities(
        "evtjsonl", [merged], {"electrons": "electron", "jets": "jet"}, wanted, tmp_path / "merged"
    )
    assert counted == {"jets_n": [1.0], "electrons_n": [1.0]}
