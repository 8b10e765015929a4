"""H to ZZ* to four leptons as in arXiv:2004.03447, Section 4, as far as a data format can say it.

In no format, and left out: stand-alone muons, the fit of the four tracks to one vertex, photons from final-state
radiation. Isolation takes the closest variables of each format, with the other leptons of the event. `mini` trees know
no loose identification and do not say which muons are tagged by the calorimeter.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.analyses.quadruplets import MassRegion, QuadrupletSelection, count_quadruplets, explain_quadruplets
from schemas.analysis import StepValues
from schemas.cutflow import Cutflow, EventKey

SLUG = "h4l"
PROFILES = ("atlas_mini", "atlas_physlite", "nanoaod", "evtjsonl")

SELECTION = QuadrupletSelection(
    lepton_id="loose",
    calo_muon_pt=15.0,
    electron_et=7.0,
    electron_eta=2.47,
    muon_pt=5.0,
    muon_eta=2.7,
    muon_d0=1.0,  # greater than that is what the paper rejects
    z0_sintheta=0.5,
    lepton_pts=(20.0, 15.0, 10.0),
    m12=(50.0, 106.0),
    m34_corners=((140.0, 190.0), (12.0, 50.0)),
    m34_max=115.0,
    pair_mass=5.0,
    distance=0.1,
    electron_d0_sig=5.0,
    muon_d0_sig=3.0,
    calorimeter_share=0.4,
    isolation=0.16,
    regions=(
        MassRegion("signal_region", "quadruplet_mass", ((115.0, 130.0),)),
        # two upper ends are printed for the upper sideband; the region is what either allows
        MassRegion("sideband", "sideband_mass", ((105.0, 115.0), (130.0, 160.0), (130.0, 350.0))),
    ),
)


def run_baseline(files: Sequence[Path], profile: str) -> Cutflow:
    """The cutflow of the preselection, the signal region and the sideband."""
    return count_quadruplets(SLUG, SELECTION, files, profile)


def explain_events(files: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
    """What each step compared in the given events."""
    return explain_quadruplets(SELECTION, files, keys, profile)
