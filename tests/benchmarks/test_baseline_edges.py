"""Baselines on events made to sit on an edge: one value is moved, and the event stops at the step that asks for it."""

import math
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from benchmarks.analyses.events import Event, Lepton
from benchmarks.analyses.formats.mini import LUMINOSITY, open_files
from benchmarks.analyses.h4l.baseline import SELECTION, explain_events, run_baseline
from benchmarks.analyses.kinematics import build_quadruplet, find_distance, find_mass, interpolate, sort_by_pt
from benchmarks.analyses.quadruplets import judge
from benchmarks.samples.mini_file import write_mini
from schemas.errors import DataError


def _lepton(flavour: int, charge: int, pt: float, eta: float, phi: float) -> dict[str, float]:
    return {
        "type": flavour, "charge": charge, "pt": pt * 1e3, "eta": eta, "phi": phi, "E": pt * 1e3 * math.cosh(eta),
        "z0": 0.0, "trackd0pvunbiased": 0.0, "tracksigd0pvunbiased": 0.0, "ptcone30": 0.0, "etcone20": 0.0,
    }  # fmt: skip


def _leptons() -> list[dict[str, float]]:
    """Two electrons of a Z boson and two muons of a light pair: an event of the signal region."""
    return [_lepton(11, 1, 45.0, 0.0, 0.1), _lepton(11, -1, 45.0, 0.3, 3.0), _lepton(13, 1, 17.0, 0.2, 1.5),
            _lepton(13, -1, 15.5, -0.2, -1.7)]  # fmt: skip


def _write(path: Path, events: list[list[dict[str, float]]]) -> Path:
    n = len(events)
    names = list(_leptons()[0])
    lists = ak.zip({f: ak.Array([[lepton[f] for lepton in event] for event in events]) for f in names})
    scalars = {"runNumber": np.full(n, 1), "eventNumber": np.arange(n), "channelNumber": np.full(n, 7)}
    weights = {"mcWeight": np.full(n, 0.5), "XSection": np.full(n, 2.0), "SumWeights": np.full(n, 1000.0)} | {
        f"scaleFactor_{name}": np.ones(n) for name in ("PILEUP", "ELE", "MUON", "LepTRIGGER")
    }
    write_mini(path, {**scalars, **weights}, {"lep": lists})
    return path


def _move(index: int, **values: float) -> list[dict[str, float]]:
    leptons = _leptons()
    leptons[index] |= values
    return leptons


def _above(value: float) -> float:
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


# event, and the step at which it stops (None: it passes the preselection)
EDGES: dict[str, tuple[list[dict[str, float]], str | None]] = {
    "as it is": (_leptons(), None),
    "no leptons": ([], "quadruplet_n"),
    "three leptons": (_leptons()[:3], "quadruplet_n"),
    "same charge": (_move(1, charge=1), "quadruplet_n"),
    "electron at its ET threshold": ([*_leptons()[2:], _lepton(11, 1, 7.0, 0.0, 0), _lepton(11, -1, 50, 0, 3)],
                                     "quadruplet_n"),
    "electron at the edge in eta": (_move(0, eta=2.47, E=45e3 * math.cosh(2.47)), "quadruplet_n"),
    "muon d0 of 1 mm stays": (_move(2, trackd0pvunbiased=-1.0), None),
    "muon d0 above 1 mm": (_move(2, trackd0pvunbiased=-_above(1.0)), "quadruplet_n"),
    "electron d0 is not asked for": (_move(0, trackd0pvunbiased=5.0), None),
    "z0 sin(theta) below 0.5 mm though z0 is above": (_move(1, z0=0.52), None),
    "z0 above 0.5 mm at eta 0": (_move(0, z0=-0.5), "quadruplet_n"),
    "z0 is no number": (_move(0, z0=math.nan), "quadruplet_n"),
    "third lepton at its threshold": ([*_leptons()[:2], _lepton(13, 1, 10, 0.2, 1.5), _lepton(13, -1, 9, -0.2, -1.7)],
                                      "third_lepton_pt"),
    "light subleading pair": ([*_leptons()[:2], _lepton(13, 1, 17, 0.2, 1.5), _lepton(13, -1, 15.5, 0.2, 1.9)],
                              "subleading_pair_mass_min"),
    "two leptons too close": ([*_leptons()[:3], _lepton(13, -1, 15.5, -0.2, -1.7) | {"eta": 0.31, "phi": 3.0}],
                              "lepton_lepton_deltaR"),
    "electron significance of 5": (_move(0, tracksigd0pvunbiased=5.0), "electron_d0_sig"),
    "negative significance": (_move(0, tracksigd0pvunbiased=-6.0), "electron_d0_sig"),
    "electron significance above the muons' limit": (_move(0, tracksigd0pvunbiased=4.0), None),
    "muon significance of 3": (_move(3, tracksigd0pvunbiased=3.0), "muon_d0_sig"),
    "infinite significance": (_move(3, tracksigd0pvunbiased=math.inf), "muon_d0_sig"),
    "isolation of tracks": (_move(0, ptcone30=0.17 * 45e3), "lepton_isolation"),
    "40% of the calorimeter": (_move(0, etcone20=0.39 * 45e3), None),
    "more than that": (_move(0, etcone20=0.41 * 45e3), "lepton_isolation"),
    "isolation is no number": (_move(2, ptcone30=math.nan), "lepton_isolation"),
}  # fmt: skip


def test_events_stop_at_the_step_that_asks(tmp_path: Path) -> None:
    path = _write(tmp_path / "edges.root", [event for event, _ in EDGES.values()])
    flow = run_baseline([path], "atlas_mini").regions[0]
    stops = {}
    for name, key, last in zip(EDGES, flow.events.keys, flow.events.last_step, strict=True):
        assert key[1] == list(EDGES).index(name)
        stops[name] = flow.steps[last + 1].id if last + 1 < len(flow.steps) else None
    assert stops == {name: step for name, (_, step) in EDGES.items()}
    assert flow.steps[0].weighted == pytest.approx(LUMINOSITY * len(EDGES))  # 0.5 x 1000 x 2 pb / 1000 each
    assert flow.steps[0].uncertainty == pytest.approx(LUMINOSITY * math.sqrt(len(EDGES)))


def test_values_of_what_is_missing_are_none(tmp_path: Path) -> None:
    path = _write(tmp_path / "one.root", [_move(2, ptcone30=math.nan), _leptons()[:3]])
    values = explain_events([path], [(1, 0, 7), (1, 1, 7), (9, 9, 9)], "atlas_mini")
    assert values[1, 0, 7]["lepton_isolation"] is None
    assert values[1, 1, 7] == {"quadruplet_n": 0.0}
    assert set(values) == {(1, 0, 7), (1, 1, 7)}


def test_wrong_files_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path / "once.root", [_leptons()])
    with pytest.raises(DataError, match="twice"):
        run_baseline([path, path], "atlas_mini")
    with uproot.recreate(tmp_path / "other.root") as file:
        file.mktree("events", {"x": "f4"}).extend({"x": np.ones(1, dtype="f4")})
        file.mktree("mini", {"eventNumber": "i4"}).extend({"eventNumber": np.ones(1, dtype="i4")})
    with pytest.raises(DataError, match=r"runNumber.*other\.root"):
        list(open_files([tmp_path / "other.root"], ("muon",)).events)
    with uproot.recreate(tmp_path / "treeless.root") as file:
        file.mktree("events", {"x": "f4"}).extend({"x": np.ones(1, dtype="f4")})
    with pytest.raises(DataError, match="no tree 'mini'"):
        list(open_files([tmp_path / "treeless.root"], ("muon",)).events)
    (tmp_path / "text.root").write_text("no ROOT file")
    for name in ("text.root", "absent.root"):
        with pytest.raises(DataError, match=name):
            list(open_files([tmp_path / name], ("muon",)).events)


def test_an_empty_tree_has_an_empty_cutflow(tmp_path: Path) -> None:
    cutflow = run_baseline([_write_empty(tmp_path / "empty.root")], "atlas_mini")
    assert cutflow.n_events == 0
    assert {s.count for r in cutflow.regions for s in r.steps} == {0}


def _write_empty(path: Path) -> Path:
    full = _write(path.with_name("full.root"), [_leptons()])
    with uproot.open(full) as file:
        columns = file["mini"].arrays(library="ak")[:0]
    names = [f for f in columns.fields if f != "lep_n"]
    lists = ak.zip({f.removeprefix("lep_"): columns[f] for f in names if f.startswith("lep_")})
    scalars = {f: ak.to_numpy(columns[f]) for f in names if not f.startswith("lep_")}
    write_mini(path, scalars, {"lep": lists})
    return path


def _muon(charge: int, pt: float, eta: float, phi: float) -> Lepton:
    return Lepton(13, pt, eta, phi, pt * math.cosh(eta), charge)


def test_the_leading_pair_is_chosen_first_and_never_revised() -> None:
    # mass of two leptons at opposite phi and one eta is 2 sqrt(pt1 pt2)
    a, b = _muon(1, 45.6, 0.0, 0.0), _muon(-1, 45.6, 0.0, math.pi)
    c, d, e = _muon(1, 20.0, 0.0, math.pi / 2), _muon(-1, 20.0, 0.0, -math.pi / 2), _muon(-1, 6.0, 0.0, -1.5)
    quadruplet = build_quadruplet(sort_by_pt([e, d, c, b, a]))
    assert quadruplet is not None
    assert set(quadruplet.leading) == {a, b}
    assert find_mass(quadruplet.leading) == pytest.approx(91.2)
    assert set(quadruplet.subleading) == {c, d}  # 40 GeV is nearer to the Z mass than what e gives
    assert [one.pt for one in quadruplet.leptons] == [45.6, 45.6, 20.0, 20.0]


def test_a_lepton_of_infinite_energy_forms_no_pair() -> None:
    broken = _muon(1, 30.0, 0.0, 0.0)._replace(energy=math.nan)
    leptons = (broken, _muon(-1, 30.0, 0.0, 3.0), _muon(1, 20.0, 0.5, 1.0), _muon(-1, 20.0, 0.5, -2.0))
    assert judge(Event((1, 1, 1), 1.0, leptons), SELECTION, {}).marks["quadruplet_n"].passed is False


def test_distance_wraps_and_thresholds_interpolate() -> None:
    assert find_distance(_muon(1, 5, 0.0, 3.1), _muon(1, 5, 0.0, -3.1)) == pytest.approx(2 * math.pi - 6.2)
    corners = (140.0, 190.0), (12.0, 50.0)
    assert [interpolate(x, *corners) for x in (100.0, 140.0, 165.0, 190.0, 500.0)] == [12.0, 12.0, 31.0, 50.0, 50.0]
