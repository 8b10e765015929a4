"""The selection of the demonstration note (`benchmarks/demo/note.typ`)."""

from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.analyses.quadruplets import MassRegion, QuadrupletSelection, count_quadruplets, explain_quadruplets
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "demo_h4l"
PROFILES = ("atlas_mini",)

SELECTION = QuadrupletSelection(
    lepton_id=None,
    calo_muon_pt=None,
    electron_et=8.0,
    electron_eta=2.47,
    muon_pt=6.0,
    muon_eta=2.6,
    muon_d0=0.8,  # greater than that is what the note rejects
    z0_sintheta=0.4,
    lepton_pts=(22.0, 16.0, 11.0),
    m12=(55.0, 104.0),
    m34_corners=((135.0, 185.0), (14.0, 45.0)),
    m34_max=110.0,
    pair_mass=6.0,
    distance=0.12,
    electron_d0_sig=4.5,
    muon_d0_sig=3.2,
    calorimeter_share=0.3,
    isolation=0.18,
    regions=(
        MassRegion("signal_region", "quadruplet_mass", ((118.0, 130.0),)),
        MassRegion("sideband", "quadruplet_mass_2", ((130.0, 200.0),)),
    ),
)


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection, the signal region and the sideband."""
    return count_quadruplets(SLUG, SELECTION, files, profile)


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain_quadruplets(SELECTION, files, keys, profile)
