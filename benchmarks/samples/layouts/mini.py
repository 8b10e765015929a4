"""The layout of ATLAS Open Data 2020: tree `mini`, MeV, leptons of both flavours in one list."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.samples.layouts.columns import Column, event_column, list_column, write_tree
from benchmarks.samples.recorded import TIGHT, Body, Isolated, RecordedEvent, find_energy, find_significance

RUN = 900001  # of no experiment
PROCESSES = 920000  # channel numbers of simulated processes count from here

_ONE = ("PILEUP", "ELE", "MUON", "PHOTON", "TAU", "BTAG", "LepTRIGGER", "PhotonTRIGGER")


def write_events(path: Path, events: Sequence[RecordedEvent]) -> None:
    """Write the tree."""
    write_tree(path, "mini", make_columns(events))


def make_columns(events: Sequence[RecordedEvent]) -> dict[str, Column]:
    """The branches, in the types that they are stored in."""
    leptons, photons, jets = [e.leptons for e in events], [e.photons for e in events], [e.jets for e in events]
    f4, i4, flag = np.float32, np.int32, np.bool_
    columns: dict[str, Column] = {
        "runNumber": event_column(events, lambda _: RUN, i4),
        "eventNumber": np.arange(1, len(events) + 1, dtype=i4),
        "channelNumber": event_column(events, lambda e: PROCESSES + e.process, i4),
        "mcWeight": event_column(events, lambda e: e.weight, f4),
        "XSection": event_column(events, lambda _: 0.01, f4),
        "SumWeights": event_column(events, lambda _: max(len(events), 1), f4),
        "trigE": event_column(events, lambda _: True, flag),
        "trigM": event_column(events, lambda _: True, flag),
        "trigP": event_column(events, lambda e: e.diphoton_trigger, flag),
        "met_et": event_column(events, lambda e: 1e3 * e.met, f4),
        "met_phi": event_column(events, lambda e: e.met_phi, f4),
    }
    columns |= {f"scaleFactor_{name}": event_column(events, lambda _: 1.0, f4) for name in _ONE}
    bodies: dict[str, Sequence[Sequence[Body]]] = {"lep": leptons, "photon": photons, "jet": jets}
    for prefix, groups in bodies.items():
        columns |= {
            f"{prefix}_pt": list_column(groups, lambda o: 1e3 * o.pt, f4),
            f"{prefix}_eta": list_column(groups, lambda o: o.eta, f4),
            f"{prefix}_phi": list_column(groups, lambda o: o.phi, f4),
            f"{prefix}_E": list_column(groups, lambda o: 1e3 * find_energy(o), f4),
        }
    isolations: dict[str, Sequence[Sequence[Isolated]]] = {"lep": leptons, "photon": photons}
    for prefix, isolated in isolations.items():
        columns |= {
            f"{prefix}_ptcone30": list_column(isolated, lambda o: 1e3 * o.track_isolation, f4),
            f"{prefix}_etcone20": list_column(isolated, lambda o: 1e3 * o.calo_isolation, f4),
            f"{prefix}_isTightID": list_column(isolated, lambda o: o.grade >= TIGHT, flag),
        }
    columns |= {
        "lep_type": list_column(leptons, lambda o: o.flavour, np.uint32),
        "lep_charge": list_column(leptons, lambda o: o.charge, i4),
        "lep_z0": list_column(leptons, lambda o: o.dz, f4),
        "lep_trackd0pvunbiased": list_column(leptons, lambda o: o.d0, f4),
        "lep_tracksigd0pvunbiased": list_column(leptons, find_significance, f4),
        "lep_trigMatched": list_column(leptons, lambda o: o.pt > 26.0, flag),
        "photon_convType": list_column(photons, lambda o: o.converted, i4),
        "photon_trigMatched": list_column(photons, lambda o: o.trigger_matched, flag),
        "jet_jvt": list_column(jets, lambda o: o.jvt, f4),
        "jet_MV2c10": list_column(jets, lambda o: 2.0 * o.btag - 1.0, f4),
        "jet_trueflav": list_column(jets, lambda o: 5 * o.is_b, i4),
    }
    return columns
