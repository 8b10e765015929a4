"""Four leptons as in the example analysis of the ATLAS Open Data 13 TeV release (ATL-OREACH-PUB-2020-001).

The transverse impact parameter significance is the branch itself. The public example divides |d0| by that branch, so
its requirement removes nothing; here it removes what it says.
"""

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, Verdict, count_events, explain
from benchmarks.analyses.kinematics import find_mass, is_electron, sort_by_pt
from benchmarks.analyses.mini import ELECTRON, MUON, Event, Lepton
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG, PROFILE = "h4l_opendata", "atlas_mini"

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            ("lepton_n", "exactly four good leptons"),
            ("leading_lepton_pt", "leading lepton pT > 25 GeV"),
            ("subleading_lepton_pt", "second lepton pT > 15 GeV"),
            ("third_lepton_pt", "third lepton pT > 10 GeV"),
            ("lepton_charge", "charges add up to zero"),
            ("lepton_flavour", "4e, 2e2μ or 4μ"),
        ),
    ),
    RegionPlan("signal_region", "preselection", (("quadruplet_mass", "115 GeV < m4l < 130 GeV"),)),
)

_CHANNELS = {0: "4mu", 2: "2e2mu", 4: "4e"}


def run_baseline(files: Sequence[Path]) -> Cutflow:
    """The cutflow of the preselection and of the mass window around the Higgs boson."""
    return count_events(SLUG, PROFILE, PLANS, judge, files)


def explain_events(files: Sequence[Path], keys: Collection[EventKey]) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, files, keys)


def judge(event: Event) -> Verdict:
    """What one event does at every step."""
    leptons = sort_by_pt([
        *(one for one in event.leptons if is_good_electron(one)),
        *(one for one in event.leptons if is_good_muon(one)),
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


def is_good_electron(one: Lepton) -> bool:
    """Object selection of electrons."""
    return one.flavour == ELECTRON and one.pt > 7.0 and abs(one.eta) < 2.47 and _is_clean(one, d0_sig=5.0)


def is_good_muon(one: Lepton) -> bool:
    """Object selection of muons."""
    return one.flavour == MUON and one.pt > 5.0 and abs(one.eta) < 2.5 and _is_clean(one, d0_sig=3.0)


def _is_clean(one: Lepton, d0_sig: float) -> bool:
    isolated = one.ptcone30 / one.pt < 0.3 and one.etcone20 / one.pt < 0.3
    return isolated and abs(one.d0_sig) < d0_sig and abs(one.z0_sintheta) < 0.5
