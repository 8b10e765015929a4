"""H to ZZ* to four leptons as in arXiv:2004.03447, Section 4, as far as a `mini` tree can say it.

Not there, and left out: electron and muon identification (only a tight point exists), calorimeter-tagged and
stand-alone muons, the fit of the four tracks to one vertex, photons from final-state radiation. Isolation takes the
closest variables of the format: tracks in a cone of 0.3 and energy in a cone of 0.2, both with the other leptons.
"""

from collections.abc import Collection, Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, Verdict, count_events, explain
from benchmarks.analyses.kinematics import (
    Quadruplet,
    build_quadruplet,
    divide,
    find_distance,
    find_mass,
    interpolate,
    is_electron,
    pair_up,
    sort_by_pt,
)
from benchmarks.analyses.mini import ELECTRON, MUON, Event, Lepton
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG, PROFILE = "h4l", "atlas_mini"

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            ("quadruplet_n", "a quadruplet of two same-flavour, opposite-charge pairs"),
            ("leading_lepton_pt", "leading lepton pT > 20 GeV"),
            ("subleading_lepton_pt", "second lepton pT > 15 GeV"),
            ("third_lepton_pt", "third lepton pT > 10 GeV"),
            ("leading_pair_mass", "50 GeV < m12 < 106 GeV"),
            ("subleading_pair_mass_min", "m34 > 12 GeV to 50 GeV, rising with m4l from 140 GeV to 190 GeV"),
            ("subleading_pair_mass_max", "m34 < 115 GeV"),
            ("dilepton_mass", "same-flavour, opposite-charge pairs m > 5 GeV"),
            ("lepton_lepton_deltaR", "all pairs ΔR > 0.1"),
            ("electron_d0_sig", "electrons |d0/σ(d0)| < 5"),
            ("muon_d0_sig", "muons |d0/σ(d0)| < 3"),
            ("lepton_isolation", "(track + 0.4 calorimeter isolation) / pT < 0.16"),
        ),
    ),
    RegionPlan("signal_region", "preselection", (("quadruplet_mass", "115 GeV < m4l < 130 GeV"),)),
    RegionPlan("sideband", "preselection", (("sideband_mass", "105 GeV < m4l < 115 GeV or 130 GeV < m4l < 350 GeV"),)),
)


def run_baseline(files: Sequence[Path]) -> Cutflow:
    """The cutflow of the preselection, the signal region and the sideband."""
    return count_events(SLUG, PROFILE, PLANS, judge, files)


def explain_events(files: Sequence[Path], keys: Collection[EventKey]) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, files, keys)


def judge(event: Event) -> Verdict:
    """What one event does at every step."""
    electrons = [one for one in event.leptons if is_selected_electron(one)]
    muons = [one for one in event.leptons if is_selected_muon(one)]
    quadruplet = build_quadruplet(sort_by_pt([*sort_by_pt(electrons), *sort_by_pt(muons)]))
    if quadruplet is None:
        return Verdict({"quadruplet_n": Mark(False, 0.0)})
    return Verdict(measure(quadruplet), quadruplet.channel)


def is_selected_electron(one: Lepton) -> bool:
    """Object selection of electrons."""
    return one.flavour == ELECTRON and one.et > 7.0 and abs(one.eta) < 2.47 and abs(one.z0_sintheta) < 0.5


def is_selected_muon(one: Lepton) -> bool:
    """Object selection of muons. A transverse impact parameter above 1 mm is what the paper rejects: 1 mm stays."""
    return (
        one.flavour == MUON
        and one.pt > 5.0
        and abs(one.eta) < 2.7
        and abs(one.d0) <= 1.0
        and abs(one.z0_sintheta) < 0.5
    )


def measure(quadruplet: Quadruplet) -> dict[str, Mark]:
    """Marks of an event that has a quadruplet."""
    leptons = quadruplet.leptons
    m12, m34, m4l = find_mass(quadruplet.leading), find_mass(quadruplet.subleading), find_mass(leptons)
    lowest_m34 = interpolate(m4l, (140.0, 190.0), (12.0, 50.0))
    pair_masses = tuple(find_mass(pair) for pair in pair_up(leptons))
    distances = tuple(find_distance(a, b) for a, b in combinations(leptons, 2))
    electron_d0 = tuple(abs(one.d0_sig) for one in leptons if is_electron(one))
    muon_d0 = tuple(abs(one.d0_sig) for one in leptons if not is_electron(one))
    isolation = tuple(divide(one.ptcone30 + 0.4 * one.etcone20, one.pt) for one in leptons)
    in_sideband = 105.0 < m4l < 115.0 or 130.0 < m4l < 160.0 or 130.0 < m4l < 350.0
    return {
        "quadruplet_n": Mark(True, 1.0),
        "leading_lepton_pt": Mark(leptons[0].pt > 20.0, leptons[0].pt),
        "subleading_lepton_pt": Mark(leptons[1].pt > 15.0, leptons[1].pt),
        "third_lepton_pt": Mark(leptons[2].pt > 10.0, leptons[2].pt),
        "leading_pair_mass": Mark(50.0 < m12 < 106.0, m12),
        "subleading_pair_mass_min": Mark(m34 > lowest_m34, (m34, lowest_m34, m4l)),
        "subleading_pair_mass_max": Mark(m34 < 115.0, m34),
        "dilepton_mass": Mark(all(m > 5.0 for m in pair_masses), pair_masses),
        "lepton_lepton_deltaR": Mark(all(d > 0.1 for d in distances), distances),
        "electron_d0_sig": Mark(all(s < 5.0 for s in electron_d0), electron_d0),
        "muon_d0_sig": Mark(all(s < 3.0 for s in muon_d0), muon_d0),
        "lepton_isolation": Mark(all(i < 0.16 for i in isolation), isolation),
        "quadruplet_mass": Mark(115.0 < m4l < 130.0, m4l),
        "sideband_mass": Mark(in_sideband, m4l),
    }
