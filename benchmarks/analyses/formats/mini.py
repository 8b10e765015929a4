"""ATLAS Open Data 2020 `mini` trees.

Branch meaning: ATLAS Open Data 13 TeV documentation, except `lep_tracksigd0pvunbiased`, which is the significance
d0/sigma(d0) itself and not its denominator.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from benchmarks.analyses.events import Event, EventSource, Jet, Lepton, Photon, cosh, number
from benchmarks.analyses.formats.rows import Row, check_branches, floats, iterate_rows, scalar

PROFILE = "atlas_mini"

KEY_COLUMNS = ("runNumber", "eventNumber", "channelNumber")

LUMINOSITY = 10.064  # fb-1, of the collision data in the 2020 release

_TIGHT_ONLY = "the format has one identification flag, for tight"
LACKS = {
    "electron.id.loose": _TIGHT_ONLY,
    "muon.id.loose": _TIGHT_ONLY,
    "muon.kind": "the format does not say how a muon was reconstructed",
}

_COMMON = ("mcWeight", "scaleFactor_PILEUP", "XSection", "SumWeights")
_FACTORS = {
    "scaleFactor_ELE": {"electron"}, "scaleFactor_MUON": {"muon"}, "scaleFactor_LepTRIGGER": {"electron", "muon"},
    "scaleFactor_PHOTON": {"photon"}, "scaleFactor_PhotonTRIGGER": {"photon"},
}  # fmt: skip
_LEPTON = (
    "lep_type", "lep_pt", "lep_eta", "lep_phi", "lep_E", "lep_charge", "lep_z0", "lep_trackd0pvunbiased",
    "lep_tracksigd0pvunbiased", "lep_ptcone30", "lep_etcone20",
)  # fmt: skip
_PHOTON = (
    "photon_pt", "photon_eta", "photon_phi", "photon_E", "photon_ptcone30", "photon_etcone20", "photon_isTightID",
    "photon_convType", "photon_trigMatched",
)  # fmt: skip
_JET = ("jet_pt", "jet_eta", "jet_phi", "jet_E")
_TRIGGERS = {"trigE": "single_electron", "trigM": "single_muon", "trigP": "diphoton"}


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`. Raises DataError while they are read: no tree, no branch."""
    return EventSource(PROFILE, KEY_COLUMNS, LACKS, _read(files, frozenset(uses)))


def _read(files: Sequence[Path], uses: frozenset[str]) -> Iterator[Event]:
    leptons, photons, jets = bool(uses & {"electron", "muon"}), "photon" in uses, "jet" in uses
    factors = ("mcWeight", "scaleFactor_PILEUP", *(name for name, kinds in _FACTORS.items() if kinds & uses))
    branches = [*KEY_COLUMNS, *factors, "XSection", "SumWeights"]
    branches += _LEPTON if leptons else ()
    branches += (*_PHOTON, *_TRIGGERS) if photons else ()
    branches += _JET if jets else ()
    for path in files:
        check_branches(path, "mini", branches)
        for row in iterate_rows(path, "mini", branches):
            yield Event(
                key=tuple(int(scalar(row, name)) for name in KEY_COLUMNS),
                weight=_weigh(row, factors),
                leptons=_read_leptons(row) if leptons else (),
                photons=_read_photons(row) if photons else (),
                jets=_read_jets(row) if jets else (),
                triggers=frozenset(label for name, label in _TRIGGERS.items() if row.get(name)),
            )


def _read_leptons(row: Row) -> tuple[Lepton, ...]:
    columns = zip(*(floats(row, name) for name in _LEPTON), strict=True)
    return tuple(
        Lepton(
            flavour=int(flavour),
            pt=_gev(pt),
            eta=number(eta),
            phi=number(phi),
            energy=_gev(energy),
            charge=charge,
            d0=number(d0),
            d0_sig=number(d0_sig),
            z0_sintheta=number(z0) / cosh(number(eta)),
            dz=number(z0),
            track_isolation=_gev(ptcone30),
            calo_isolation=_gev(etcone20),
        )
        for flavour, pt, eta, phi, energy, charge, z0, d0, d0_sig, ptcone30, etcone20 in columns
    )


def _read_photons(row: Row) -> tuple[Photon, ...]:
    columns = zip(*(floats(row, name) for name in _PHOTON), strict=True)
    return tuple(
        Photon(
            pt=_gev(pt),
            eta=number(eta),
            phi=number(phi),
            energy=_gev(energy),
            track_isolation=_gev(ptcone30),
            calo_isolation=_gev(etcone20),
            points=frozenset({"tight"} if tight == 1 else ()),
            converted=conversion > 0,
            trigger_matched=matched == 1,
        )
        for pt, eta, phi, energy, ptcone30, etcone20, tight, conversion, matched in columns
    )


def _read_jets(row: Row) -> tuple[Jet, ...]:
    columns = zip(*(floats(row, name) for name in _JET), strict=True)
    return tuple(Jet(_gev(pt), number(eta), number(phi), _gev(energy)) for pt, eta, phi, energy in columns)


def _weigh(row: Row, factors: Sequence[str]) -> float:
    """1 for collision data, where channelNumber repeats runNumber; else the expected number of events.

    That is the generator weight times the scale factors of the objects in use, normalised to cross-section and
    luminosity.
    """
    if scalar(row, "channelNumber") == scalar(row, "runNumber"):
        return 1.0
    per_fb = 1000.0 * scalar(row, "XSection") / scalar(row, "SumWeights")
    return math.prod(scalar(row, name) for name in factors) * per_fb * LUMINOSITY


def _gev(mev: float) -> float:
    return number(mev) / 1000.0
