"""The layout of CMS NanoAOD: tree `Events`, GeV and cm, relative isolation, masses in place of energies."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.samples.layouts.columns import Column, event_column, list_column, write_tree
from benchmarks.samples.recorded import LOOSE, MEDIUM, NO_GRADE, TIGHT, Body, Isolated, RecordedEvent

RUN, BLOCK = 900001, 1


def write_events(path: Path, events: Sequence[RecordedEvent]) -> None:
    """Write the tree."""
    write_tree(path, "Events", make_columns(events), counted=True)


def make_columns(events: Sequence[RecordedEvent]) -> dict[str, Column]:
    """The branches, in the types that they are stored in."""
    electrons = [[one for one in e.leptons if one.flavour == 11] for e in events]
    muons = [[one for one in e.leptons if one.flavour == 13] for e in events]
    photons, jets = [e.photons for e in events], [e.jets for e in events]
    f4, i4, flag = np.float32, np.int32, np.bool_
    columns: dict[str, Column] = {
        "run": event_column(events, lambda _: RUN, np.uint32),
        "luminosityBlock": event_column(events, lambda _: BLOCK, np.uint32),
        "event": np.arange(1, len(events) + 1, dtype=np.uint64),
        "genWeight": event_column(events, lambda e: e.weight, f4),
        "MET_pt": event_column(events, lambda e: e.met, f4),
        "MET_phi": event_column(events, lambda e: e.met_phi, f4),
        "HLT_Diphoton30_22_R9Id_OR_IsoCaloId_AND_HE_R9Id_Mass90": event_column(
            events, lambda e: e.diphoton_trigger, flag
        ),
    }
    bodies: dict[str, Sequence[Sequence[Body]]] = {
        "Electron": electrons, "Muon": muons, "Photon": photons, "Jet": jets,
    }  # fmt: skip
    for prefix, groups in bodies.items():
        for field in ("pt", "eta", "phi", "mass"):
            columns[f"{prefix}_{field}"] = list_column(groups, _get(field), f4)
    for prefix, leptons in (("Electron", electrons), ("Muon", muons)):
        columns |= {
            f"{prefix}_charge": list_column(leptons, lambda o: o.charge, i4),
            f"{prefix}_dxy": list_column(leptons, lambda o: o.d0 / 10.0, f4),
            f"{prefix}_dxyErr": list_column(leptons, lambda o: o.d0_error / 10.0, f4),
            f"{prefix}_dz": list_column(leptons, lambda o: o.dz / 10.0, f4),
        }
    isolations: dict[str, Sequence[Sequence[Isolated]]] = {"Electron": electrons, "Muon": muons, "Photon": photons}
    for prefix, isolated in isolations.items():
        columns |= {
            f"{prefix}_pfRelIso03_chg": list_column(isolated, lambda o: _share(o, o.track_isolation), f4),
            f"{prefix}_pfRelIso03_all": list_column(
                isolated, lambda o: _share(o, o.track_isolation + o.calo_isolation), f4
            ),
        }
    columns |= {
        "Electron_cutBased": list_column(electrons, lambda o: o.grade, i4),
        "Muon_looseId": list_column(muons, lambda o: o.grade >= LOOSE, flag),
        "Muon_mediumId": list_column(muons, lambda o: o.grade >= MEDIUM, flag),
        "Muon_tightId": list_column(muons, lambda o: o.grade >= TIGHT, flag),
        "Photon_cutBased": list_column(photons, lambda o: max(o.grade - 1, NO_GRADE), i4),
        "Photon_electronVeto": list_column(photons, lambda o: not o.converted, flag),
        "Jet_btagDeepFlavB": list_column(jets, lambda o: o.btag, f4),
        "Jet_jetId": list_column(jets, lambda _: 6, i4),
    }
    return columns


def _get(field: str) -> Callable[[object], float]:
    def get(one: object) -> float:
        return float(getattr(one, field))

    return get


def _share(one: Isolated, isolation: float) -> float:
    return isolation / one.pt if one.pt else math.nan
