"""The layout of ATLAS DAOD_PHYSLITE as far as uproot writes it: tree `CollectionTree`, MeV and mm, dots in names.

Not written, because they are lists of lists: the links from electrons to tracks, the covariance of tracks.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.samples.layouts.columns import Column, event_column, list_column, write_tree
from benchmarks.samples.recorded import LOOSE, MEDIUM, TIGHT, VERY_LOOSE, Body, Isolated, RecordedEvent, RecordedLepton

RUN = 900001

# link, container, what links call it, and what is added to d0 of calorimeter-tagged muons: they have no combined track
_CONTAINERS = (
    ("combinedTrackParticleLink", "CombinedMuonTrackParticles", 873304470, 50.0),
    ("inDetTrackParticleLink", "InDetTrackParticles", 490246363, 0.0),
)

_COMBINED, _CALO_TAGGED = 0, 3
_QUALITY = {TIGHT: 8, MEDIUM: 9, LOOSE: 10}  # 8: enough hits in the inner detector


def write_events(path: Path, events: Sequence[RecordedEvent]) -> None:
    """Write the tree."""
    write_tree(path, "CollectionTree", make_columns(events))


def make_columns(events: Sequence[RecordedEvent]) -> dict[str, Column]:
    """The branches, in the types that they are stored in. Muons link to tracks that are stored in reversed order."""
    electrons = [[one for one in e.leptons if one.flavour == 11] for e in events]
    muons = [[one for one in e.leptons if one.flavour == 13] for e in events]
    photons, jets = [e.photons for e in events], [e.jets for e in events]
    f4, i1, u4 = np.float32, np.int8, np.uint32
    columns: dict[str, Column] = {
        "EventInfoAuxDyn.runNumber": event_column(events, lambda _: RUN, u4),
        "EventInfoAuxDyn.eventNumber": np.arange(1, len(events) + 1, dtype=np.uint64),
        "EventInfoAuxDyn.mcChannelNumber": event_column(events, lambda e: 920000 + e.process, u4),
        "EventInfoAuxDyn.eventTypeBitmask": event_column(events, lambda _: 1, u4),  # bit 0: simulation
        "EventInfoAuxDyn.mcEventWeights": list_column([[e.weight] for e in events], float, f4),
        "PrimaryVerticesAuxDyn.z": list_column([[0.0, 30.0] for _ in events], float, f4),
        "PrimaryVerticesAuxDyn.vertexType": list_column([[1, 3] for _ in events], float, np.int16),
    }
    bodies: dict[str, Sequence[Sequence[Body]]] = {
        "Electrons": electrons, "Muons": muons, "Photons": photons, "Jets": jets,
    }  # fmt: skip
    for name, groups in bodies.items():
        prefix = f"Analysis{name}AuxDyn."
        columns |= {
            f"{prefix}pt": list_column(groups, lambda o: 1e3 * o.pt, f4),
            f"{prefix}eta": list_column(groups, _get("eta"), f4),
            f"{prefix}phi": list_column(groups, _get("phi"), f4),
        }
        if name != "Muons":
            columns[f"{prefix}m"] = list_column(groups, lambda o: 1e3 * o.mass, f4)
    isolations: tuple[tuple[str, Sequence[Sequence[Isolated]], str], ...] = (
        ("Electrons", electrons, "ptvarcone30_Nonprompt_All_MaxWeightTTVALooseCone_pt1000"),
        ("Muons", muons, "ptvarcone30_Nonprompt_All_MaxWeightTTVA_pt500"),
        ("Photons", photons, "ptcone20"),
    )
    for name, isolated, tracks in isolations:
        prefix = f"Analysis{name}AuxDyn."
        columns[f"{prefix}{tracks}"] = list_column(isolated, lambda o: 1e3 * o.track_isolation, f4)
        columns[f"{prefix}topoetcone20"] = list_column(isolated, lambda o: 1e3 * o.calo_isolation, f4)
    columns |= {
        "AnalysisElectronsAuxDyn.charge": list_column(electrons, lambda o: o.charge, f4),
        "AnalysisMuonsAuxDyn.charge": list_column(muons, lambda o: o.charge, f4),
        "AnalysisMuonsAuxDyn.quality": list_column(muons, lambda o: _QUALITY.get(o.grade, 11), np.uint8),
        "AnalysisMuonsAuxDyn.muonType": list_column(
            muons, lambda o: _CALO_TAGGED if o.calo_tagged else _COMBINED, np.uint16
        ),
        "AnalysisPhotonsAuxDyn.DFCommonPhotonsIsEMLoose": list_column(photons, lambda o: o.grade >= LOOSE, i1),
        "AnalysisPhotonsAuxDyn.DFCommonPhotonsIsEMTight": list_column(photons, lambda o: o.grade >= TIGHT, i1),
        "AnalysisJetsAuxDyn.NNJvtPass": list_column(jets, lambda o: o.jvt > 0.5, i1),
    }
    for point, grade in (("VeryLoose", VERY_LOOSE), ("Loose", LOOSE), ("Medium", MEDIUM), ("Tight", TIGHT)):
        columns[f"AnalysisElectronsAuxDyn.DFCommonElectronsLH{point}"] = list_column(electrons, _reaches(grade), i1)
    return columns | _make_tracks(muons)


def _make_tracks(muons: Sequence[Sequence[RecordedLepton]]) -> dict[str, Column]:
    """Tracks of the muons in two containers, and the links to them: combined ones, and those of tagged muons.

    Every muon has a link into both; the last muon's track comes first.
    """
    tracks = [group[::-1] for group in muons]
    places = [range(len(group) - 1, -1, -1) for group in muons]
    f4, u4 = np.float32, np.uint32
    columns: dict[str, Column] = {}
    for link, container, key, shift in _CONTAINERS:
        prefix, name = f"{container}AuxDyn.", f"AnalysisMuonsAuxDyn.{link}"
        columns |= {
            f"{name}.m_persKey": list_column(muons, lambda _, key=key: key, u4),  # type: ignore[misc]
            f"{name}.m_persIndex": list_column(places, float, u4),
            f"{prefix}d0": list_column(tracks, lambda o, shift=shift: o.d0 + shift * o.calo_tagged, f4),  # type: ignore[misc]
            f"{prefix}z0": list_column(tracks, lambda o: o.dz, f4),
            f"{prefix}vz": list_column(tracks, lambda _: 0.0, f4),
            f"{prefix}theta": list_column(tracks, _find_theta, f4),
        }
    return columns


def _find_theta(one: RecordedLepton) -> float:
    return float(2.0 * np.arctan(np.exp(-one.eta)))


def _reaches(grade: int) -> Callable[[RecordedLepton], float]:
    return lambda one: one.grade >= grade


def _get(field: str) -> Callable[[object], float]:
    def get(one: object) -> float:
        return float(getattr(one, field))

    return get
