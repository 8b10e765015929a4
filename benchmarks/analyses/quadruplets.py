"""The event loop of selections that build one quadruplet of leptons and then ask things of it.

The order of the steps is fixed; the numbers belong to each analysis.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import ELECTRON, MUON, Event, Lepton, divide
from benchmarks.analyses.formats import open_events
from benchmarks.analyses.kinematics import (
    Quadruplet,
    build_quadruplet,
    find_distance,
    find_mass,
    interpolate,
    is_electron,
    pair_up,
    sort_by_pt,
)
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

USES = ("electron", "muon")

Window = tuple[float, float]  # GeV, open at both ends


class MassRegion(NamedTuple):
    """A region in the mass of the quadruplet: inside any of the windows."""

    name: str
    step: str
    windows: tuple[Window, ...]


class QuadrupletSelection(NamedTuple):
    """The numbers of one analysis, in GeV and mm. What is called a limit is not passed by a value equal to it."""

    lepton_id: str | None  # the weakest working point of electrons and muons
    calo_muon_pt: float | None  # for muons that are tagged by the calorimeter only
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


def count_quadruplets(slug: str, selection: QuadrupletSelection, files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection and of the regions that start from it."""
    source = open_events(profile, files, USES)
    return count_events(slug, plan_regions(selection), lambda e, lacks: judge(e, selection, lacks), source)


def explain_quadruplets(
    selection: QuadrupletSelection, files: Sequence[Path], keys: Collection[EventKey], profile: str
) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(lambda e, lacks: judge(e, selection, lacks), open_events(profile, files, USES), keys)


def plan_regions(cuts: QuadrupletSelection) -> tuple[RegionPlan, ...]:
    """Regions and their steps, labelled with the numbers."""
    (x0, x1), (y0, y1) = cuts.m34_corners
    isolations = tuple(f"{part}.{kind}_isolation" for part in USES for kind in ("track", "calo"))
    steps = (
        StepPlan("quadruplet_n", "a quadruplet of two same-flavour, opposite-charge pairs"),
        StepPlan("leading_lepton_pt", f"leading lepton pT > {cuts.lepton_pts[0]:g} GeV"),
        StepPlan("subleading_lepton_pt", f"second lepton pT > {cuts.lepton_pts[1]:g} GeV"),
        StepPlan("third_lepton_pt", f"third lepton pT > {cuts.lepton_pts[2]:g} GeV"),
        StepPlan("leading_pair_mass", f"{cuts.m12[0]:g} GeV < m12 < {cuts.m12[1]:g} GeV"),
        StepPlan("subleading_pair_mass_min", f"m34 > {y0:g} to {y1:g} GeV, m4l from {x0:g} to {x1:g} GeV"),
        StepPlan("subleading_pair_mass_max", f"m34 < {cuts.m34_max:g} GeV"),
        StepPlan("dilepton_mass", f"same-flavour, opposite-charge pairs m > {cuts.pair_mass:g} GeV"),
        StepPlan("lepton_lepton_deltaR", f"all pairs ΔR > {cuts.distance:g}"),
        StepPlan("electron_d0_sig", f"electrons |d0/σ(d0)| < {cuts.electron_d0_sig:g}", ("electron.d0sig",)),
        StepPlan("muon_d0_sig", f"muons |d0/σ(d0)| < {cuts.muon_d0_sig:g}", ("muon.d0sig",)),
        StepPlan(
            "lepton_isolation",
            f"(tracks + {cuts.calorimeter_share:g} calorimeter) / pT < {cuts.isolation:g}",
            isolations,
        ),
    )
    children = tuple(
        RegionPlan(
            r.name,
            "preselection",
            (StepPlan(r.step, " or ".join(f"{a:g} GeV < m4l < {b:g} GeV" for a, b in r.windows)),),
        )
        for r in cuts.regions
    )
    return (RegionPlan("preselection", None, steps), *children)


def judge(event: Event, cuts: QuadrupletSelection, lacks: Mapping[str, str]) -> Verdict:
    """What one event does at every step, in a format that lacks these things."""
    electrons = [one for one in event.leptons if _is_selected_electron(one, cuts, lacks)]
    muons = [one for one in event.leptons if _is_selected_muon(one, cuts, lacks)]
    quadruplet = build_quadruplet(sort_by_pt([*sort_by_pt(electrons), *sort_by_pt(muons)]))
    if quadruplet is None:
        return Verdict({"quadruplet_n": Mark(False, 0.0)})
    return Verdict(_measure(quadruplet, cuts), quadruplet.channel)


def _is_selected_electron(one: Lepton, cuts: QuadrupletSelection, lacks: Mapping[str, str]) -> bool:
    return (
        one.flavour == ELECTRON
        and _is_identified(one, "electron", cuts, lacks)
        and one.et > cuts.electron_et
        and abs(one.eta) < cuts.electron_eta
        and ("electron.z0_sintheta" in lacks or abs(one.z0_sintheta) < cuts.z0_sintheta)
    )


def _is_selected_muon(one: Lepton, cuts: QuadrupletSelection, lacks: Mapping[str, str]) -> bool:
    tagged = cuts.calo_muon_pt is not None and one.kind == "calo_tagged"
    return (
        one.flavour == MUON
        and _is_identified(one, "muon", cuts, lacks)
        and one.pt > cuts.muon_pt
        and (not tagged or one.pt > (cuts.calo_muon_pt or 0.0))
        and abs(one.eta) < cuts.muon_eta
        and ("muon.d0" in lacks or abs(one.d0) <= cuts.muon_d0)
        and ("muon.z0_sintheta" in lacks or abs(one.z0_sintheta) < cuts.z0_sintheta)
    )


def _is_identified(one: Lepton, part: str, cuts: QuadrupletSelection, lacks: Mapping[str, str]) -> bool:
    point = cuts.lepton_id
    return point is None or f"{part}.id.{point}" in lacks or point in one.points


def _measure(quadruplet: Quadruplet, cuts: QuadrupletSelection) -> dict[str, Mark]:
    leptons = quadruplet.leptons
    m12, m34, m4l = find_mass(quadruplet.leading), find_mass(quadruplet.subleading), find_mass(leptons)
    lowest_m34 = interpolate(m4l, *cuts.m34_corners)
    pair_masses = tuple(find_mass(pair) for pair in pair_up(leptons))
    distances = tuple(find_distance(a, b) for a, b in combinations(leptons, 2))
    electron_d0 = tuple(abs(one.d0_sig) for one in leptons if is_electron(one))
    muon_d0 = tuple(abs(one.d0_sig) for one in leptons if not is_electron(one))
    isolation = tuple(
        divide(one.track_isolation + cuts.calorimeter_share * one.calo_isolation, one.pt) for one in leptons
    )
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
