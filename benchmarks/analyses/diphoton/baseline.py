"""H to two photons: the selection of arXiv:2308.07216, Section 4, and a control sample of photons that are not tight.

Photons carry the isolation of ATL-OREACH-PUB-2020-001 with the closest variables of the format; the categories use the
photon's own direction, not that of its cluster.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.analyses.counting import Mark, RegionPlan, StepPlan, Verdict, count_events, explain
from benchmarks.analyses.events import Event, Photon, divide
from benchmarks.analyses.formats import open_events
from benchmarks.analyses.kinematics import find_mass, sort_by_pt
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "diphoton"
PROFILES = ("atlas_mini", "atlas_physlite", "nanoaod")
USES = ("photon",)

PLANS = (
    RegionPlan(
        "preselection",
        None,
        (
            StepPlan("diphoton_trigger", "diphoton trigger", ("trigger.diphoton",)),
            StepPlan("photon_n", "two photons"),
            StepPlan("leading_photon_pt", "leading photon pT > 35 GeV"),
            StepPlan("leading_photon_pt_share", "leading photon pT / mγγ > 0.35"),
            StepPlan("subleading_photon_pt_share", "second photon pT / mγγ > 0.25"),
            StepPlan("diphoton_mass", "105 GeV < mγγ < 160 GeV"),
        ),
    ),
    RegionPlan(
        "tight",
        "preselection",
        (
            StepPlan("photon_id", "both photons tight", ("photon.id.tight",)),
            StepPlan("photon_track_isolation", "tracks / pT < 0.065", ("photon.track_isolation",)),
            StepPlan("photon_calo_isolation", "calorimeter / pT < 0.065", ("photon.calo_isolation",)),
        ),
    ),
    RegionPlan("central_barrel", "tight", (StepPlan("both_central", "both |η| < 0.8"),)),
    RegionPlan("central_barrel_high_ptt", "central_barrel", (StepPlan("high_ptt", "pTt > 130 GeV"),)),
    RegionPlan("central_barrel_medium_ptt", "central_barrel", (StepPlan("medium_ptt", "70 GeV < pTt < 130 GeV"),)),
    RegionPlan("central_barrel_low_ptt", "central_barrel", (StepPlan("low_ptt", "pTt < 70 GeV"),)),
    RegionPlan(
        "outer_barrel_unconverted",
        "tight",
        (
            StepPlan("both_barrel", "both |η| < 1.37"),
            StepPlan("one_outer", "one |η| ≥ 0.8"),
            StepPlan("none_converted", "no photon converted", ("photon.conversion",)),
        ),
    ),
    RegionPlan(
        "endcap_converted",
        "tight",
        (
            StepPlan("one_endcap", "one 1.52 ≤ |η| < 2.37"),
            StepPlan("one_converted", "a photon converted", ("photon.conversion",)),
        ),
    ),
    RegionPlan("non_tight", "preselection", (StepPlan("not_both_tight", "not both tight", ("photon.id.tight",)),)),
    RegionPlan("sidebands", "non_tight", (StepPlan("beside_the_peak", "mγγ ≤ 120 GeV or ≥ 130 GeV"),)),
)


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection and of its tight and other regions."""
    return count_events(SLUG, PLANS, judge, open_events(profile, files, USES))


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain(judge, open_events(profile, files, USES), keys)


def judge(event: Event, lacks: Mapping[str, str]) -> Verdict:
    """What one event does at every step, in a format that lacks these things."""
    photons = sort_by_pt(one for one in event.photons if is_selected(one, lacks))
    triggered = "diphoton" in event.triggers
    marks = {
        "diphoton_trigger": Mark(triggered, float(triggered)),
        "photon_n": Mark(len(photons) >= 2, float(len(photons))),
    }
    if len(photons) >= 2:
        marks |= _measure(photons[0], photons[1])
    return Verdict(marks)


def is_selected(one: Photon, lacks: Mapping[str, str]) -> bool:
    """Photons of the preselection: in the barrel or an endcap, but not between, and matched to the trigger."""
    eta = abs(one.eta)
    matched = "photon.trigger_match" in lacks or one.trigger_matched
    return one.pt > 25.0 and (eta < 1.37 or 1.52 < eta < 2.37) and matched


def find_ptt(a: Photon, b: Photon) -> float:
    """Component of the sum of the transverse momenta that is orthogonal to their difference, GeV."""
    ax, ay, bx, by = a.pt * math.cos(a.phi), a.pt * math.sin(a.phi), b.pt * math.cos(b.phi), b.pt * math.sin(b.phi)
    return divide(abs((ax + bx) * (ay - by) - (ay + by) * (ax - bx)), math.hypot(ax - bx, ay - by))


def _measure(a: Photon, b: Photon) -> dict[str, Mark]:
    mass, ptt = find_mass((a, b)), find_ptt(a, b)
    shares = divide(a.pt, mass), divide(b.pt, mass)
    tight = tuple(float("tight" in one.points) for one in (a, b))
    tracks = tuple(divide(one.track_isolation, one.pt) for one in (a, b))
    calorimeter = tuple(divide(one.calo_isolation, one.pt) for one in (a, b))
    etas = (abs(a.eta), abs(b.eta))
    converted = tuple(float(bool(one.converted)) for one in (a, b))
    return {
        "leading_photon_pt": Mark(a.pt > 35.0, a.pt),
        "leading_photon_pt_share": Mark(shares[0] > 0.35, shares[0]),
        "subleading_photon_pt_share": Mark(shares[1] > 0.25, shares[1]),
        "diphoton_mass": Mark(105.0 < mass < 160.0, mass),
        "photon_id": Mark(all(tight), tight),
        "photon_track_isolation": Mark(all(share < 0.065 for share in tracks), tracks),
        "photon_calo_isolation": Mark(all(share < 0.065 for share in calorimeter), calorimeter),
        "both_central": Mark(all(eta < 0.8 for eta in etas), etas),
        "high_ptt": Mark(ptt > 130.0, ptt),
        "medium_ptt": Mark(70.0 < ptt < 130.0, ptt),
        "low_ptt": Mark(ptt < 70.0, ptt),
        "both_barrel": Mark(all(eta < 1.37 for eta in etas), etas),
        "one_outer": Mark(any(eta >= 0.8 for eta in etas), etas),
        "none_converted": Mark(not any(converted), converted),
        "one_endcap": Mark(any(1.52 <= eta < 2.37 for eta in etas), etas),
        "one_converted": Mark(any(converted), converted),
        "not_both_tight": Mark(not all(tight), tight),
        "beside_the_peak": Mark(mass <= 120.0 or mass >= 130.0, mass),
    }
