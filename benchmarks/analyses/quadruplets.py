"""The event loop of selections that build one quadruplet of leptons and then ask things of it.

The order of the steps is fixed; the numbers belong to each analysis.
"""

from collections.abc import Collection, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

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

Window = tuple[float, float]  # GeV, open at both ends


class MassRegion(NamedTuple):
    """A region in the mass of the quadruplet: inside any of the windows."""

    name: str
    step: str
    windows: tuple[Window, ...]


class QuadrupletSelection(NamedTuple):
    """The numbers of one analysis, in GeV and mm. What is called a limit is not passed by a value equal to it."""

    electron_et: float
    electron_eta: float
    muon_pt: float
    muon_eta: float
    muon_d0: float  # the largest value that is kept
    z0_sintheta: float
    lepton_pts: tuple[float, float, float]
    m12: Window
    m34_corners: tuple[tuple[float, float], tuple[float, float]]  # lower limit on m34: m4l at the ends, values there
    m34_max: float
    pair_mass: float
    distance: float
    electron_d0_sig: float
    muon_d0_sig: float
    calorimeter_share: float
    isolation: float
    regions: tuple[MassRegion, ...]


def count_quadruplets(slug: str, profile: str, selection: QuadrupletSelection, files: Sequence[Path]) -> Cutflow:
    """The cutflow of the preselection and of the regions that start from it."""
    return count_events(slug, profile, plan_regions(selection), lambda event: judge(event, selection), files)


def explain_quadruplets(
    selection: QuadrupletSelection, files: Sequence[Path], keys: Collection[EventKey]
) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(lambda event: judge(event, selection), files, keys)


def plan_regions(cuts: QuadrupletSelection) -> tuple[RegionPlan, ...]:
    """Regions and their steps, labelled with the numbers."""
    (x0, x1), (y0, y1) = cuts.m34_corners
    steps = (
        ("quadruplet_n", "a quadruplet of two same-flavour, opposite-charge pairs"),
        ("leading_lepton_pt", f"leading lepton pT > {cuts.lepton_pts[0]:g} GeV"),
        ("subleading_lepton_pt", f"second lepton pT > {cuts.lepton_pts[1]:g} GeV"),
        ("third_lepton_pt", f"third lepton pT > {cuts.lepton_pts[2]:g} GeV"),
        ("leading_pair_mass", f"{cuts.m12[0]:g} GeV < m12 < {cuts.m12[1]:g} GeV"),
        ("subleading_pair_mass_min", f"m34 > {y0:g} to {y1:g} GeV, rising with m4l from {x0:g} to {x1:g} GeV"),
        ("subleading_pair_mass_max", f"m34 < {cuts.m34_max:g} GeV"),
        ("dilepton_mass", f"same-flavour, opposite-charge pairs m > {cuts.pair_mass:g} GeV"),
        ("lepton_lepton_deltaR", f"all pairs ΔR > {cuts.distance:g}"),
        ("electron_d0_sig", f"electrons |d0/σ(d0)| < {cuts.electron_d0_sig:g}"),
        ("muon_d0_sig", f"muons |d0/σ(d0)| < {cuts.muon_d0_sig:g}"),
        ("lepton_isolation", f"(tracks + {cuts.calorimeter_share:g} calorimeter) / pT < {cuts.isolation:g}"),
    )
    children = tuple(
        RegionPlan(
            r.name, "preselection", ((r.step, " or ".join(f"{a:g} GeV < m4l < {b:g} GeV" for a, b in r.windows)),)
        )
        for r in cuts.regions
    )
    return (RegionPlan("preselection", None, steps), *children)


def judge(event: Event, cuts: QuadrupletSelection) -> Verdict:
    """What one event does at every step."""
    electrons = [one for one in event.leptons if _is_selected_electron(one, cuts)]
    muons = [one for one in event.leptons if _is_selected_muon(one, cuts)]
    quadruplet = build_quadruplet(sort_by_pt([*sort_by_pt(electrons), *sort_by_pt(muons)]))
    if quadruplet is None:
        return Verdict({"quadruplet_n": Mark(False, 0.0)})
    return Verdict(_measure(quadruplet, cuts), quadruplet.channel)


def _is_selected_electron(one: Lepton, cuts: QuadrupletSelection) -> bool:
    return (
        one.flavour == ELECTRON
        and one.et > cuts.electron_et
        and abs(one.eta) < cuts.electron_eta
        and abs(one.z0_sintheta) < cuts.z0_sintheta
    )


def _is_selected_muon(one: Lepton, cuts: QuadrupletSelection) -> bool:
    return (
        one.flavour == MUON
        and one.pt > cuts.muon_pt
        and abs(one.eta) < cuts.muon_eta
        and abs(one.d0) <= cuts.muon_d0
        and abs(one.z0_sintheta) < cuts.z0_sintheta
    )


def _measure(quadruplet: Quadruplet, cuts: QuadrupletSelection) -> dict[str, Mark]:
    leptons = quadruplet.leptons
    m12, m34, m4l = find_mass(quadruplet.leading), find_mass(quadruplet.subleading), find_mass(leptons)
    lowest_m34 = interpolate(m4l, *cuts.m34_corners)
    pair_masses = tuple(find_mass(pair) for pair in pair_up(leptons))
    distances = tuple(find_distance(a, b) for a, b in combinations(leptons, 2))
    electron_d0 = tuple(abs(one.d0_sig) for one in leptons if is_electron(one))
    muon_d0 = tuple(abs(one.d0_sig) for one in leptons if not is_electron(one))
    isolation = tuple(divide(one.ptcone30 + cuts.calorimeter_share * one.etcone20, one.pt) for one in leptons)
    marks = {
        "quadruplet_n": Mark(True, 1.0),
        "leading_lepton_pt": Mark(leptons[0].pt > cuts.lepton_pts[0], leptons[0].pt),
        "subleading_lepton_pt": Mark(leptons[1].pt > cuts.lepton_pts[1], leptons[1].pt),
        "third_lepton_pt": Mark(leptons[2].pt > cuts.lepton_pts[2], leptons[2].pt),
        "leading_pair_mass": Mark(cuts.m12[0] < m12 < cuts.m12[1], m12),
        "subleading_pair_mass_min": Mark(m34 > lowest_m34, (m34, lowest_m34, m4l)),
        "subleading_pair_mass_max": Mark(m34 < cuts.m34_max, m34),
        "dilepton_mass": Mark(all(m > cuts.pair_mass for m in pair_masses), pair_masses),
        "lepton_lepton_deltaR": Mark(all(d > cuts.distance for d in distances), distances),
        "electron_d0_sig": Mark(all(s < cuts.electron_d0_sig for s in electron_d0), electron_d0),
        "muon_d0_sig": Mark(all(s < cuts.muon_d0_sig for s in muon_d0), muon_d0),
        "lepton_isolation": Mark(all(i < cuts.isolation for i in isolation), isolation),
    }
    for region in cuts.regions:
        marks[region.step] = Mark(any(low < m4l < high for low, high in region.windows), m4l)
    return marks
