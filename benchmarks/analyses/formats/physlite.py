"""ATLAS DAOD_PHYSLITE: MeV and mm; leptons find their tracks by links.

Meaning of the branches: ATLAS xAOD event data model (arXiv:2109.13597 for PHYSLITE).
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.analyses.events import (
    ELECTRON,
    MUON,
    NAN,
    Event,
    EventSource,
    Jet,
    Lepton,
    Photon,
    divide,
    number,
    sinh,
)
from benchmarks.analyses.formats.rows import Row, check_branches, floats, iterate_rows, list_branches, scalar

PROFILE = "atlas_physlite"
TREE = "CollectionTree"

KEY_COLUMNS = ("EventInfoAuxDyn.runNumber", "EventInfoAuxDyn.eventNumber")

MUON_MASS = 0.1056583755  # GeV, Review of Particle Physics 2022

_GSF_KEY, _INDET_KEY = 776133387, 490246363  # m_persKey of GSFTrackParticles and InDetTrackParticles

_ELECTRONS, _MUONS, _PHOTONS, _JETS = (f"Analysis{what}AuxDyn." for what in ("Electrons", "Muons", "Photons", "Jets"))
_GSF, _INDET = "GSFTrackParticlesAuxDyn.", "InDetTrackParticlesAuxDyn."
_LINK, _MUON_LINK = _ELECTRONS + "trackParticleLinks", _MUONS + "inDetTrackParticleLink"
_VERTEX = ("PrimaryVerticesAuxDyn.z", "PrimaryVerticesAuxDyn.vertexType")

_ISOLATION = {
    _ELECTRONS: ("ptvarcone30_Nonprompt_All_MaxWeightTTVALooseCone_pt1000", "topoetcone20"),
    _MUONS: ("ptvarcone30_Nonprompt_All_MaxWeightTTVA_pt500", "topoetcone20"),
    _PHOTONS: ("ptcone20", "topoetcone20"),
}
_NEVER = {
    "photon.conversion": "the format does not say which photons converted",
    "photon.trigger_match": "the format does not match photons to the trigger by a branch",
    "trigger.diphoton": "the format stores no trigger decisions as branches",
}


class Track(NamedTuple):
    """A track, mm: impact parameters with respect to the beam and to the primary vertex."""

    d0: float
    d0_sig: float
    dz: float
    theta: float


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`. Raises DataError: no tree, no branch that is always there."""
    there = frozenset.intersection(*(list_branches(path, TREE) for path in files)) if files else frozenset()
    needed, lacks = list(KEY_COLUMNS), dict(_NEVER)
    optional: list[str] = [name for name in ("EventInfoAuxDyn.mcEventWeights",) if name in there]
    if "electron" in uses:
        needed += [_ELECTRONS + name for name in ("pt", "eta", "phi", "m", "charge")]
        optional += _plan_lepton(there, lacks, "electron", _ELECTRONS, _GSF, (_LINK,))
        optional += _plan(there, lacks, ("electron.id.loose",), [_ELECTRONS + "DFCommonElectronsLHLoose"])
    if "muon" in uses:
        needed += [_MUONS + name for name in ("pt", "eta", "phi", "charge")]
        links = (f"{_MUON_LINK}.m_persKey", f"{_MUON_LINK}.m_persIndex")
        optional += _plan_lepton(there, lacks, "muon", _MUONS, _INDET, links)
        optional += _plan(there, lacks, ("muon.id.loose",), [_MUONS + "quality"])
        optional += _plan(there, lacks, ("muon.kind",), [_MUONS + "muonType"])
    if "photon" in uses:
        needed += [_PHOTONS + name for name in ("pt", "eta", "phi", "m")]
        optional += _plan_isolation(there, lacks, "photon", _PHOTONS)
        optional += _plan(there, lacks, ("photon.id.tight",), [_PHOTONS + "DFCommonPhotonsIsEMTight"])
    if "jet" in uses:
        needed += [_JETS + name for name in ("pt", "eta", "phi", "m")]
    return EventSource(PROFILE, KEY_COLUMNS, lacks, _read(files, needed, optional, uses))


def _plan(there: frozenset[str], lacks: dict[str, str], tells: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """The branches if they are there; else none, and what they would tell is lacking."""
    missing = next((name for name in names if name not in there), None)
    if missing is None:
        return names
    lacks.update(dict.fromkeys(tells, f"the files have no branch {missing}"))
    return ()


def _plan_lepton(
    there: frozenset[str], lacks: dict[str, str], part: str, prefix: str, tracks: str, links: Sequence[str]
) -> list[str]:
    """Isolation, and what the tracks tell."""
    cov = tracks + "definingParametersCovMatrixDiag"
    found = _plan_isolation(there, lacks, part, prefix)
    found += _plan(there, lacks, (f"{part}.d0",), [*links, tracks + "d0"])
    found += _plan(there, lacks, (f"{part}.d0sig",), [*links, tracks + "d0", cov])
    found += _plan(there, lacks, (f"{part}.dz",), [*links, tracks + "z0", tracks + "vz", *_VERTEX])
    angle = [*links, tracks + "z0", tracks + "vz", tracks + "theta", *_VERTEX]
    return [*found, *_plan(there, lacks, (f"{part}.z0_sintheta",), angle)]


def _plan_isolation(there: frozenset[str], lacks: dict[str, str], part: str, prefix: str) -> list[str]:
    track, calo = _ISOLATION[prefix]
    found = _plan(there, lacks, (f"{part}.track_isolation",), [prefix + track])
    return [*found, *_plan(there, lacks, (f"{part}.calo_isolation",), [prefix + calo])]


def _read(
    files: Sequence[Path], needed: Sequence[str], optional: Sequence[str], uses: Collection[str]
) -> Iterator[Event]:
    wanted = list(dict.fromkeys((*needed, *optional)))
    for path in files:
        check_branches(path, TREE, needed)
        for row in iterate_rows(path, TREE, wanted):
            vertex = _find_vertex(row)
            leptons: list[Lepton] = []
            leptons += _read_leptons(row, _ELECTRONS, vertex) if "electron" in uses else ()
            leptons += _read_leptons(row, _MUONS, vertex) if "muon" in uses else ()
            weights = floats(row, "EventInfoAuxDyn.mcEventWeights") if "EventInfoAuxDyn.mcEventWeights" in row else [1]
            yield Event(
                key=tuple(int(scalar(row, name)) for name in KEY_COLUMNS),
                weight=weights[0],
                leptons=tuple(leptons),
                photons=tuple(_read_photons(row)) if "photon" in uses else (),
                jets=tuple(_read_jets(row)) if "jet" in uses else (),
            )


def _find_vertex(row: Row) -> float:
    """z of the primary vertex, mm."""
    if _VERTEX[0] not in row:
        return NAN
    primary = [z for z, kind in zip(floats(row, _VERTEX[0]), floats(row, _VERTEX[1]), strict=True) if kind == 1]
    return number(primary[0]) if primary else NAN


def _read_leptons(row: Row, prefix: str, vertex: float) -> Iterator[Lepton]:
    is_electron = prefix == _ELECTRONS
    for i in range(len(floats(row, prefix + "pt"))):
        pt, eta = _gev(row, prefix + "pt", i), _value(row, prefix + "eta", i)
        mass = _gev(row, prefix + "m", i) if is_electron else MUON_MASS
        track = _find_track(row, prefix, i, vertex)
        tracks, calo = _ISOLATION[prefix]
        yield Lepton(
            flavour=ELECTRON if is_electron else MUON,
            pt=pt,
            eta=eta,
            phi=_value(row, prefix + "phi", i),
            energy=_find_energy(pt, eta, mass),
            charge=_value(row, prefix + "charge", i),
            d0=track.d0,
            d0_sig=track.d0_sig,
            z0_sintheta=track.dz * math.sin(track.theta),
            dz=track.dz,
            track_isolation=_gev(row, prefix + tracks, i),
            calo_isolation=_gev(row, prefix + calo, i),
            points=_list_points(row, prefix, i),
            kind=None if is_electron else {3: "calo_tagged"}.get(int(_value_or(row, prefix + "muonType", i, -1))),
        )


def _list_points(row: Row, prefix: str, i: int) -> frozenset[str]:
    if prefix == _ELECTRONS:
        return frozenset({"loose"} if _value(row, prefix + "DFCommonElectronsLHLoose", i) == 1 else ())
    quality = int(_value_or(row, prefix + "quality", i, 3)) & 7  # 0 tight, 1 medium, 2 loose, 3 very loose
    return frozenset({"loose"} if quality <= 2 else ())


def _find_track(row: Row, prefix: str, i: int, vertex: float) -> Track:
    """The track that a lepton links to; all is nan without one."""
    tracks, place = (_GSF, None) if prefix == _ELECTRONS else (_INDET, None)
    place = _follow_electron(row, i) if prefix == _ELECTRONS else _follow_muon(row, i)
    d0s = floats(row, tracks + "d0") if tracks + "d0" in row else []
    if place is None or place >= len(d0s):
        return Track(NAN, NAN, NAN, NAN)
    d0, z0, vz = (_value(row, tracks + name, place) for name in ("d0", "z0", "vz"))
    cov = tracks + "definingParametersCovMatrixDiag"
    variance = number(cast(list[list[float]], row[cov])[place][0]) if cov in row else NAN
    sigma = math.sqrt(variance) if variance >= 0.0 else NAN
    return Track(d0, divide(d0, sigma), z0 + vz - vertex, _value(row, tracks + "theta", place))


def _follow_electron(row: Row, i: int) -> int | None:
    """The first track of an electron, which is the best matching one."""
    links = cast(list[list[Mapping[str, int]]], row[_LINK])[i] if _LINK in row else []
    return links[0]["m_persIndex"] if links and links[0]["m_persKey"] == _GSF_KEY else None


def _follow_muon(row: Row, i: int) -> int | None:
    if f"{_MUON_LINK}.m_persIndex" not in row:
        return None
    key, index = (int(floats(row, f"{_MUON_LINK}.{name}")[i]) for name in ("m_persKey", "m_persIndex"))
    return index if key == _INDET_KEY else None


def _read_photons(row: Row) -> Iterator[Photon]:
    for i in range(len(floats(row, _PHOTONS + "pt"))):
        pt, eta = _gev(row, _PHOTONS + "pt", i), _value(row, _PHOTONS + "eta", i)
        tracks, calo = _ISOLATION[_PHOTONS]
        tight = _value(row, _PHOTONS + "DFCommonPhotonsIsEMTight", i) == 1
        yield Photon(
            pt=pt,
            eta=eta,
            phi=_value(row, _PHOTONS + "phi", i),
            energy=_find_energy(pt, eta, _gev(row, _PHOTONS + "m", i)),
            track_isolation=_gev(row, _PHOTONS + tracks, i),
            calo_isolation=_gev(row, _PHOTONS + calo, i),
            points=frozenset({"tight"} if tight else ()),
        )


def _read_jets(row: Row) -> Iterator[Jet]:
    for i in range(len(floats(row, _JETS + "pt"))):
        pt, eta = _gev(row, _JETS + "pt", i), _value(row, _JETS + "eta", i)
        yield Jet(pt, eta, _value(row, _JETS + "phi", i), _find_energy(pt, eta, _gev(row, _JETS + "m", i)))


def _find_energy(pt: float, eta: float, mass: float) -> float:
    """Energy from the mass, GeV."""
    pz = pt * sinh(eta)
    return math.sqrt(pt * pt + pz * pz + mass * mass)


def _value(row: Row, name: str, i: int) -> float:
    return _value_or(row, name, i, NAN)


def _value_or(row: Row, name: str, i: int, otherwise: float) -> float:
    """A number, or what stands for it where the file does not have it."""
    found = number(floats(row, name)[i]) if name in row else NAN
    return found if found == found else otherwise


def _gev(row: Row, name: str, i: int) -> float:
    return _value(row, name, i) / 1000.0
