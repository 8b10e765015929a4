"""Pairs of leptoquarks, each to a lepton and a jet: the selection that `criteria.yaml` describes, as a plain loop."""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import ELECTRON, MUON, Event, Jet, Lepton, divide
from benchmarks.analyses.formats import open_events
from benchmarks.analyses.kinematics import find_distance, find_mass, sort_by_pt
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "leptoquark"
PROFILES = ("atlas_mini", "atlas_physlite", "nanoaod", "evtjsonl")
USES = ("electron", "muon", "jet")

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            StepPlan("lepton_n", "two leptons"),
            StepPlan("third_lepton_veto", "no third lepton"),
            StepPlan("jet_n", "two jets"),
            StepPlan("paired", "leptons of one flavour and opposite charge, paired with jets"),
            StepPlan("dilepton_mass", "mℓℓ > 110 GeV"),
            StepPlan("scalar_sum", "scalar sum of pT > 300 GeV"),
            StepPlan("mass_asymmetry", "mass asymmetry ≤ 0.5"),
        ),
    ),
    RegionPlan("ee", "preselection", (StepPlan("two_electrons", "two electrons"),)),
    RegionPlan("mumu", "preselection", (StepPlan("two_muons", "two muons"),)),
    RegionPlan("ee_signal", "ee", (StepPlan("high_mass_ee", "smaller mass ≥ 500 GeV"),)),
    RegionPlan("mumu_signal", "mumu", (StepPlan("high_mass_mumu", "smaller mass ≥ 500 GeV"),)),
    RegionPlan(
        "control",
        "preselection",
        (
            StepPlan("low_mass", "100 GeV ≤ smaller mass < 400 GeV"),
            StepPlan("balanced", "mass asymmetry < 0.25, or leading lepton near its jet"),
        ),
    ),
)


class Pairing(NamedTuple):
    """A jet for each of the two leptons, and the masses that come of it."""

    jets: tuple[Jet, Jet]
    masses: tuple[float, float]


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection, the channels and the control region."""
    return count_events(SLUG, PLANS, judge, open_events(profile, files, USES))


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, open_events(profile, files, USES), keys)


def judge(event: Event, lacks: Mapping[str, str]) -> Verdict:
    """What one event does at every step, in a format that lacks these things."""
    electrons = sort_by_pt(one for one in event.leptons if one.flavour == ELECTRON and is_selected(one, lacks))
    muons = sort_by_pt(one for one in event.leptons if one.flavour == MUON and is_selected(one, lacks))
    leptons = sort_by_pt((*electrons, *muons))
    jets = sort_by_pt(
        jet
        for jet in event.jets
        if jet.pt > 50.0 and abs(jet.eta) < 2.8 and not any(find_distance(jet, one) < 0.4 for one in leptons)
    )
    marks = {
        "lepton_n": Mark(len(leptons) >= 2, float(len(leptons))),
        "third_lepton_veto": Mark(len(leptons) < 3, float(len(leptons))),
        "jet_n": Mark(len(jets) >= 2, float(len(jets))),
    }
    if len(leptons) < 2 or len(jets) < 2:
        return Verdict(marks)
    pairing = pair_up(leptons[:2], jets[:2])
    marks["paired"] = Mark(pairing is not None, 2.0 if pairing else 0.0)
    if pairing is not None:
        marks |= _measure(leptons[:2], jets[:2], pairing)
    return Verdict(marks)


def is_selected(one: Lepton, lacks: Mapping[str, str]) -> bool:
    """Leptons of the selection, as far as the format can tell."""
    part = "electron" if one.flavour == ELECTRON else "muon"
    return (
        one.pt > 50.0
        and abs(one.eta) < 2.5
        and (_is_unknown("dz", lacks) or abs(one.dz) < 2.0)
        and (_is_unknown("d0", lacks) or abs(one.d0) < 0.45)
        and part not in lacks
    )


def _is_unknown(quantity: str, lacks: Mapping[str, str]) -> bool:
    """One cut is for both flavours: where it cannot be asked of one of them, it is left out."""
    return any(f"{part}.{quantity}" in lacks for part in ("electron", "muon"))


def pair_up(leptons: Sequence[Lepton], jets: Sequence[Jet]) -> Pairing | None:
    """Of the two ways to give each lepton a jet, the one with the closer masses; of equal ones the first."""
    (a, b), (first, second) = leptons, jets
    if a.flavour != b.flavour or not a.charge * b.charge < 0:
        return None
    best: Pairing | None = None
    for pair in ((first, second), (second, first)):
        masses = find_mass((a, pair[0])), find_mass((b, pair[1]))
        difference = abs(masses[0] - masses[1])
        if math.isfinite(difference) and (best is None or difference < abs(best.masses[0] - best.masses[1])):
            best = Pairing(pair, masses)
    return best


def _measure(leptons: Sequence[Lepton], jets: Sequence[Jet], pairing: Pairing) -> dict[str, Mark]:
    low, high = sorted(pairing.masses)
    m_ll = find_mass(leptons)
    total = sum(one.pt for one in leptons) + sum(jet.pt for jet in jets)
    asymmetry = divide(high - low, high + low)
    distance = find_distance(leptons[0], pairing.jets[0])
    flavours = [one.flavour for one in leptons]
    return {
        "dilepton_mass": Mark(m_ll > 110.0, m_ll),
        "scalar_sum": Mark(total > 300.0, total),
        "mass_asymmetry": Mark(asymmetry <= 0.5, asymmetry),
        "two_electrons": Mark(flavours == [ELECTRON, ELECTRON], tuple(map(float, flavours))),
        "two_muons": Mark(flavours == [MUON, MUON], tuple(map(float, flavours))),
        "high_mass_ee": Mark(low >= 500.0, low),
        "high_mass_mumu": Mark(low >= 500.0, low),
        "low_mass": Mark(100.0 <= low < 400.0, low),
        "balanced": Mark(asymmetry < 0.25 or distance < 1.5, (asymmetry, distance)),
    }
