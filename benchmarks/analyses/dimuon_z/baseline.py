"""Z bosons to two muons, as a plain loop: a check of what the criteria alone give."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import MUON, Event, Lepton
from benchmarks.analyses.formats import open_events
from benchmarks.analyses.kinematics import MZ, find_distance, find_mass, find_pt, sort_by_pt
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "dimuon_z"
PROFILES = ("nanoaod", "atlas_mini", "atlas_physlite", "evtjsonl")
USES = ("muon",)

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            StepPlan("pair_n", "two muons of opposite charge"),
            StepPlan("leading_muon_pt", "harder muon pT > 25 GeV"),
            StepPlan("subleading_muon_pt", "softer muon pT > 15 GeV"),
            StepPlan("z_mass", "70 GeV < mμμ < 110 GeV"),
        ),
    ),
    RegionPlan("barrel", "preselection", (StepPlan("both_barrel", "both |η| < 1.2"),)),
    RegionPlan("endcap", "preselection", (StepPlan("one_endcap", "one |η| ≥ 1.2"),)),
    RegionPlan(
        "boosted", "preselection", (StepPlan("z_pt", "pT(μμ) > 50 GeV"), StepPlan("near_muons", "ΔR(μ, μ) ≤ 2"))
    ),
    RegionPlan("peak", "preselection", (StepPlan("near_peak", "|mμμ - mZ| < 5 GeV"),)),
)


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection and its regions."""
    return count_events(SLUG, PLANS, judge, open_events(profile, files, USES))


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, open_events(profile, files, USES), keys)


def judge(event: Event, _lacks: Mapping[str, str]) -> Verdict:
    """What one event does at every step."""
    muons = sort_by_pt(one for one in event.leptons if one.flavour == MUON and one.pt > 10.0 and abs(one.eta) < 2.4)
    pair = choose_pair(muons)
    if pair is None:
        return Verdict({"pair_n": Mark(False, 0.0)})
    a, b = pair
    mass, pt, distance, etas = find_mass(pair), find_pt(pair), find_distance(a, b), (abs(a.eta), abs(b.eta))
    return Verdict({
        "pair_n": Mark(True, 1.0),
        "leading_muon_pt": Mark(a.pt > 25.0, a.pt),
        "subleading_muon_pt": Mark(b.pt > 15.0, b.pt),
        "z_mass": Mark(70.0 < mass < 110.0, mass),
        "both_barrel": Mark(max(etas) < 1.2, etas),
        "one_endcap": Mark(max(etas) >= 1.2, etas),
        "z_pt": Mark(pt > 50.0, pt),
        "near_muons": Mark(distance <= 2.0, distance),
        "near_peak": Mark(abs(mass - MZ) < 5.0, abs(mass - MZ)),
    })  # fmt: skip


def choose_pair(muons: Sequence[Lepton]) -> tuple[Lepton, Lepton] | None:
    """The pair of opposite charge nearest to the Z mass, the first of equal ones."""
    pairs = [(a, b) for a, b in combinations(muons, 2) if a.charge * b.charge < 0 and find_mass((a, b)) >= 0.0]
    return min(pairs, key=lambda pair: abs(find_mass(pair) - MZ), default=None)
