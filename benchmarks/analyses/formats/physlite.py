"""ATLAS DAOD_PHYSLITE: MeV and mm; leptons find their tracks by links.

Meaning of the branches: the xAOD event data model of ATLAS (arXiv:2109.13597). Releases store some quantities under
other names; the first name that the files have is taken.
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
    find_energy,
    number,
)
from benchmarks.analyses.formats.rows import Row, check_branches, floats, iterate_rows, list_shared_branches, scalar

PROFILE = "atlas_physlite"
TREE = "CollectionTree"

_INFO = "EventInfoAuxDyn."
KEYS = tuple(
    tuple(f"{info}{name}" for name in names)
    for info in (_INFO, "EventInfoAux.")
    for names in (("runNumber", "eventNumber", "mcChannelNumber"), ("runNumber", "eventNumber"))
)
POSITION = ("file", "entry")

MUON_MASS = 0.1056583755  # GeV, Review of Particle Physics 2022

_ELECTRONS, _MUONS, _PHOTONS, _JETS = (f"Analysis{what}AuxDyn." for what in ("Electrons", "Muons", "Photons", "Jets"))
_VERTEX = ("PrimaryVerticesAuxDyn.z", "PrimaryVerticesAuxDyn.vertexType")
_ELECTRON_LINKS = _ELECTRONS + "trackParticleLinks"
_SIMULATION = (_INFO + "eventTypeBitmask", _INFO + "mcEventWeights")
_PILEUP = _INFO + "PileupWeight_NOSYS"
_CONVERSION = _PHOTONS + "vertexLinks"


class _Tracks(NamedTuple):
    """A container of tracks, the key by which links name it, and the types of muons whose tracks are there."""

    link: str
    prefix: str
    key: int
    kinds: tuple[int, ...] = ()


_GSF = _Tracks(_ELECTRON_LINKS, "GSFTrackParticlesAuxDyn.", 776133387)
# the track that a muon's momentum is from, by muonType: combined, stand-alone, segment- and calorimeter-tagged, forward
_MUON_TRACKS = (
    _Tracks(_MUONS + "combinedTrackParticleLink", "CombinedMuonTrackParticlesAuxDyn.", 873304470, (0, 4)),
    _Tracks(_MUONS + "inDetTrackParticleLink", "InDetTrackParticlesAuxDyn.", 490246363, (2, 3)),
    _Tracks(
        _MUONS + "extrapolatedMuonSpectrometerTrackParticleLink",
        "ExtrapolatedMuonTrackParticlesAuxDyn.",
        350445215,
        (1,),
    ),
)
_TRACK_QUANTITIES = {
    "d0": ("d0",), "d0sig": ("d0", "definingParametersCovMatrixDiag"), "dz": ("z0", "vz"),
    "z0_sintheta": ("z0", "vz", "theta"),
}  # fmt: skip

_ISOLATION = {
    "electron.track_isolation": tuple(
        _ELECTRONS + name
        for name in (
            "ptvarcone30_Nonprompt_All_MaxWeightTTVALooseCone_pt1000",
            "ptvarcone30_Nonprompt_All_MaxWeightTTVALooseCone_pt500",
            "ptvarcone30_TightTTVALooseCone_pt1000",
            "ptvarcone20",
            "ptcone20",
        )
    ),
    "electron.calo_isolation": (_ELECTRONS + "topoetcone20",),
    "muon.track_isolation": tuple(
        _MUONS + name
        for name in (
            "ptvarcone30_Nonprompt_All_MaxWeightTTVA_pt500",
            "ptvarcone30_Nonprompt_All_MaxWeightTTVA_pt1000",
            "ptvarcone30_TightTTVA_pt500",
            "ptvarcone30",
            "ptcone30",
            "ptcone20",
        )
    ),
    "muon.calo_isolation": (_MUONS + "topoetcone20",),
    "photon.track_isolation": (_PHOTONS + "ptcone20",),
    "photon.calo_isolation": (_PHOTONS + "topoetcone20", _PHOTONS + "topoetcone40"),
}
_POINTS = {
    "electron.id.loose": tuple(
        _ELECTRONS + f"DFCommonElectrons{name}" for name in ("LHLoose", "LHLooseBL", "DNNLoose")
    ),
    "muon.id.loose": (_MUONS + "quality",),
    "photon.id.tight": (_PHOTONS + "DFCommonPhotonsIsEMTight",),
}
_NEVER = {
    "photon.trigger_match": "the format stores matches by trigger, not by photon",
    "trigger.diphoton": "trigger decisions are bits whose meaning is stored elsewhere",
}


class _Track(NamedTuple):
    """Impact parameters in mm, with respect to the beam (d0) and to the primary vertex (dz)."""

    d0: float = NAN
    d0_sig: float = NAN
    dz: float = NAN
    theta: float = NAN


class _Plan(NamedTuple):
    """What is read: always there, there in these files, and under which name."""

    key: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    names: Mapping[str, str]  # quantity -> branch
    lacks: Mapping[str, str]
    is_simulation: bool


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`. Raises DataError: no tree, no branch that is always there."""
    plan = _make_plan(list_shared_branches(files, TREE), uses)
    return EventSource(PROFILE, plan.key or POSITION, plan.lacks, _read(files, plan, frozenset(uses)))


def _make_plan(there: frozenset[str], uses: Collection[str]) -> _Plan:
    key: tuple[str, ...] = next((names for names in KEYS if all(name in there for name in names)), ())
    needed = list(key)
    optional = [name for name in (*_SIMULATION, _PILEUP, *_VERTEX) if name in there]
    lacks, names = dict(_NEVER), {}
    for part, prefix in (("electron", _ELECTRONS), ("muon", _MUONS), ("photon", _PHOTONS), ("jet", _JETS)):
        if part in uses:
            needed += [prefix + name for name in ("pt", "eta", "phi")]
            needed += [_JETS + "m"] if part == "jet" else []
            needed += [prefix + "charge"] if part in ("electron", "muon") else []
            for quantity, choices in (*_ISOLATION.items(), *_POINTS.items()):
                if quantity.startswith(part):
                    found = next((name for name in choices if name in there), None)
                    if found is None:
                        lacks[quantity] = f"the files have no branch {choices[0]}"
                    else:
                        names[quantity] = found
                        optional.append(found)
    if "electron" in uses:
        optional += [_ELECTRONS + "m"] if _ELECTRONS + "m" in there else []
        optional += _plan_tracks(there, lacks, "electron", (_GSF,))
    if "muon" in uses:
        optional += [_MUONS + "muonType"] if _MUONS + "muonType" in there else []
        if _MUONS + "muonType" not in there:
            lacks["muon.kind"] = f"the files have no branch {_MUONS}muonType"
        optional += _plan_tracks(there, lacks, "muon", _MUON_TRACKS)
    if "photon" in uses:
        optional += [_CONVERSION] if _CONVERSION in there else []
        if _CONVERSION not in there:
            lacks["photon.conversion"] = f"the files have no branch {_CONVERSION}"
    simulation = all(name in there for name in _SIMULATION)
    return _Plan(key, tuple(needed), tuple(dict.fromkeys(optional)), names, lacks, simulation)


def _plan_tracks(
    there: frozenset[str], lacks: dict[str, str], part: str, containers: Sequence[_Tracks]
) -> Iterator[str]:
    """The branches that lead to tracks, and those of the tracks. A quantity is lacking if no container has it."""
    followed = [one for one in containers if all(name in there for name in _list_link(one))]
    for one in followed:
        yield from _list_link(one)
    for quantity, names in _TRACK_QUANTITIES.items():
        vertex = _VERTEX if quantity in ("dz", "z0_sintheta") else ()
        complete = [c for c in followed if all(n in there for n in (*(c.prefix + name for name in names), *vertex))]
        if not complete:
            lacks[f"{part}.{quantity}"] = f"the files do not tell {quantity} of the tracks of {part}s"
        for one in complete:
            yield from (one.prefix + name for name in names)


def _list_link(tracks: _Tracks) -> tuple[str, ...]:
    if tracks is _GSF:
        return (tracks.link,)
    return (f"{tracks.link}.m_persKey", f"{tracks.link}.m_persIndex", _MUONS + "muonType")


def _read(files: Sequence[Path], plan: _Plan, uses: frozenset[str]) -> Iterator[Event]:
    wanted = list(dict.fromkeys((*plan.needed, *plan.optional)))
    for position, path in enumerate(files):
        check_branches(path, TREE, plan.needed)
        for entry, row in enumerate(iterate_rows(path, TREE, wanted)):
            leptons: list[Lepton] = []
            leptons += _read_electrons(row, plan) if "electron" in uses else ()
            leptons += _read_muons(row, plan) if "muon" in uses else ()
            yield Event(
                key=tuple(int(scalar(row, name)) for name in plan.key) if plan.key else (position, entry),
                weight=_weigh(row, plan),
                leptons=tuple(leptons),
                photons=tuple(_read_photons(row, plan)) if "photon" in uses else (),
                jets=tuple(_read_jets(row)) if "jet" in uses else (),
            )


def _weigh(row: Row, plan: _Plan) -> float:
    """The generator's first weight and that of pile-up in simulation, else 1."""
    if not plan.is_simulation or not int(scalar(row, _SIMULATION[0])) & 1:
        return 1.0
    pileup = scalar(row, _PILEUP) if _PILEUP in row else 1.0
    return floats(row, _SIMULATION[1])[0] * pileup


def _read_electrons(row: Row, plan: _Plan) -> Iterator[Lepton]:
    for i in range(len(floats(row, _ELECTRONS + "pt"))):
        links = cast(list[list[Mapping[str, int]]], row[_ELECTRON_LINKS])[i] if _ELECTRON_LINKS in row else []
        first = links[0] if links else None  # the track that fits best
        found = first is not None and first["m_persKey"] == _GSF.key
        track = _read_track(row, _GSF, first["m_persIndex"]) if first is not None and found else _Track()
        mass = _gev(row, _ELECTRONS + "m", i) if _ELECTRONS + "m" in row else 0.00051099895
        loose = _get(row, plan, "electron.id.loose", i) == 1
        yield _make_lepton(
            row, plan, "electron", i, mass, track, frozenset({"loose"} if loose else ()), None
        )  # fmt: skip


def _read_muons(row: Row, plan: _Plan) -> Iterator[Lepton]:
    for i in range(len(floats(row, _MUONS + "pt"))):
        kind = _value(row, _MUONS + "muonType", i)
        quality = _get(row, plan, "muon.id.loose", i)
        bits = int(quality) if quality == quality else 3
        # the lowest two bits: 0 tight, 1 medium, 2 loose, 3 very loose; bit 3: enough hits in the inner detector
        loose = bits & 3 < 3 and bool(bits & 8)
        yield _make_lepton(
            row, plan, "muon", i, MUON_MASS, _follow_muon(row, i, kind), frozenset({"loose"} if loose else ()),
            "calo_tagged" if kind == 3 else "other",
        )  # fmt: skip


def _make_lepton(
    row: Row,
    plan: _Plan,
    part: str,
    i: int,
    mass: float,
    track: _Track,
    points: frozenset[str],
    kind: str | None,
) -> Lepton:
    prefix = _ELECTRONS if part == "electron" else _MUONS
    pt, eta, phi = _gev(row, prefix + "pt", i), _value(row, prefix + "eta", i), _value(row, prefix + "phi", i)
    return Lepton(
        flavour=ELECTRON if part == "electron" else MUON,
        pt=pt,
        eta=eta,
        phi=phi,
        energy=find_energy(pt, eta, phi, mass),
        charge=_value(row, prefix + "charge", i),
        d0=track.d0,
        d0_sig=track.d0_sig,
        z0_sintheta=track.dz * math.sin(track.theta),
        dz=track.dz,
        track_isolation=_get(row, plan, f"{part}.track_isolation", i) / 1000.0,
        calo_isolation=_get(row, plan, f"{part}.calo_isolation", i) / 1000.0,
        points=points,
        kind=kind,
    )


def _follow_muon(row: Row, i: int, kind: float) -> _Track:
    for tracks in _MUON_TRACKS:
        if kind in tracks.kinds and f"{tracks.link}.m_persIndex" in row:
            key, index = (int(floats(row, f"{tracks.link}.{name}")[i]) for name in ("m_persKey", "m_persIndex"))
            if key == tracks.key:
                return _read_track(row, tracks, index)
    return _Track()


def _read_track(row: Row, tracks: _Tracks, place: int) -> _Track:
    """A track; all is nan where there is none at that place."""
    stored = next((tracks.prefix + name for name in ("d0", "z0", "theta") if tracks.prefix + name in row), None)
    if stored is None or not 0 <= place < len(floats(row, stored)):
        return _Track()
    d0, z0, vz, theta = (_value(row, tracks.prefix + name, place) for name in ("d0", "z0", "vz", "theta"))
    cov = tracks.prefix + "definingParametersCovMatrixDiag"
    variance = number(cast(list[list[float]], row[cov])[place][0]) if cov in row else NAN
    sigma = math.sqrt(variance) if variance >= 0.0 else NAN
    return _Track(d0, divide(d0, sigma), z0 + vz - _find_vertex(row), theta)


def _find_vertex(row: Row) -> float:
    """z of the primary vertex, mm."""
    if _VERTEX[0] not in row or _VERTEX[1] not in row:
        return NAN
    primary = [z for z, kind in zip(floats(row, _VERTEX[0]), floats(row, _VERTEX[1]), strict=True) if kind == 1]
    return number(primary[0]) if primary else NAN


def _read_photons(row: Row, plan: _Plan) -> Iterator[Photon]:
    for i in range(len(floats(row, _PHOTONS + "pt"))):
        pt, eta = _gev(row, _PHOTONS + "pt", i), _value(row, _PHOTONS + "eta", i)
        phi = _value(row, _PHOTONS + "phi", i)
        tight = _get(row, plan, "photon.id.tight", i) == 1
        yield Photon(
            pt=pt,
            eta=eta,
            phi=phi,
            energy=find_energy(pt, eta, phi, 0.0),
            track_isolation=_get(row, plan, "photon.track_isolation", i) / 1000.0,
            calo_isolation=_get(row, plan, "photon.calo_isolation", i) / 1000.0,
            points=frozenset({"tight"} if tight else ()),
            converted=bool(cast(list[list[object]], row[_CONVERSION])[i]) if _CONVERSION in row else None,
        )


def _read_jets(row: Row) -> Iterator[Jet]:
    for i in range(len(floats(row, _JETS + "pt"))):
        pt, eta, phi = _gev(row, _JETS + "pt", i), _value(row, _JETS + "eta", i), _value(row, _JETS + "phi", i)
        yield Jet(pt, eta, phi, find_energy(pt, eta, phi, _gev(row, _JETS + "m", i)))


def _get(row: Row, plan: _Plan, quantity: str, i: int) -> float:
    """A quantity under the name that the files have for it, in their unit."""
    return _value(row, plan.names[quantity], i) if quantity in plan.names else NAN


def _value(row: Row, name: str, i: int) -> float:
    return number(floats(row, name)[i]) if name in row else NAN


def _gev(row: Row, name: str, i: int) -> float:
    return _value(row, name, i) / 1000.0
