"""Four leptons as in the example analysis of the ATLAS Open Data 13 TeV release (ATL-OREACH-PUB-2020-001).

The transverse impact parameter significance is the branch itself. The public example divides |d0| by that branch, so
its requirement removes nothing; here it removes what it says.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import ELECTRON, MUON, Event, Lepton, divide
from benchmarks.analyses.formats import open_events
from benchmarks.analyses.kinematics import find_mass, is_electron, sort_by_pt
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "h4l_opendata"
PROFILES = ("atlas_mini", "atlas_physlite", "nanoaod", "evtjsonl")
USES = ("electron", "muon")

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            StepPlan("lepton_n", "exactly four good leptons"),
            StepPlan("leading_lepton_pt", "leading lepton pT > 25 GeV"),
            StepPlan("subleading_lepton_pt", "second lepton pT > 15 GeV"),
            StepPlan("third_lepton_pt", "third lepton pT > 10 GeV"),
            StepPlan("lepton_charge", "charges add up to zero"),
            StepPlan("lepton_flavour", "4e, 2e2μ or 4μ", ("electron",)),
        ),
    ),
    RegionPlan("signal_region", "preselection", (StepPlan("quadruplet_mass", "115 GeV < m4l < 130 GeV"),)),
)

_CHANNELS = {0: "4mu", 2: "2e2mu", 4: "4e"}


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection and of the mass window around the Higgs boson."""
    return count_events(SLUG, PLANS, judge, open_events(profile, files, USES))


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, open_events(profile, files, USES), keys)


def judge(event: Event, lacks: Mapping[str, str]) -> Verdict:
    """What one event does at every step."""
    leptons = sort_by_pt([
        *sort_by_pt(one for one in event.leptons if one.flavour == ELECTRON and is_good(one, "electron", lacks)),
        *sort_by_pt(one for one in event.leptons if one.flavour == MUON and is_good(one, "muon", lacks)),
    ])  # fmt: skip
    pts = [one.pt for one in leptons[:4]] + [math.nan] * 4
    charge = sum(one.charge for one in leptons)
    n_electrons = sum(is_electron(one) for one in leptons)
    m4l = find_mass(leptons[:4]) if len(leptons) >= 4 else math.nan
    marks = {
        "lepton_n": Mark(len(leptons) == 4, float(len(leptons))),
        "leading_lepton_pt": Mark(pts[0] > 25.0, pts[0]),
        "subleading_lepton_pt": Mark(pts[1] > 15.0, pts[1]),
        "third_lepton_pt": Mark(pts[2] > 10.0, pts[2]),
        "lepton_charge": Mark(charge == 0, float(charge)),
        "lepton_flavour": Mark(n_electrons in _CHANNELS, float(n_electrons)),
        "quadruplet_mass": Mark(115.0 < m4l < 130.0, m4l),
    }
    return Verdict(marks, _CHANNELS.get(n_electrons))


def is_good(one: Lepton, part: str, lacks: Mapping[str, str]) -> bool:
    """Object selection of electrons and muons, as far as the format can tell."""
    lowest_pt, largest_eta, largest_d0_sig = (7.0, 2.47, 5.0) if part == "electron" else (5.0, 2.5, 3.0)
    return (
        one.pt > lowest_pt
        and abs(one.eta) < largest_eta
        and (f"{part}.track_isolation" in lacks or divide(one.track_isolation, one.pt) < 0.3)
        and (f"{part}.calo_isolation" in lacks or divide(one.calo_isolation, one.pt) < 0.3)
        and (f"{part}.d0sig" in lacks or abs(one.d0_sig) < largest_d0_sig)
        and (f"{part}.z0_sintheta" in lacks or abs(one.z0_sintheta) < 0.5)
    )
