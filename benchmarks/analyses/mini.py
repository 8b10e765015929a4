"""Events of ATLAS Open Data 2020 `mini` trees as plain Python objects, in GeV and mm.

Branch meaning: ATLAS Open Data 13 TeV documentation, except `lep_tracksigd0pvunbiased`, which is the significance
d0/sigma(d0) itself and not its denominator.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.cutflow import EventKey
from schemas.errors import DataError

KEY_COLUMNS = ("runNumber", "eventNumber", "channelNumber")

ELECTRON, MUON = 11, 13

LUMINOSITY = 10.064  # fb-1, of the collision data in the 2020 release

_SCALE_FACTORS = ("scaleFactor_PILEUP", "scaleFactor_ELE", "scaleFactor_MUON", "scaleFactor_LepTRIGGER")
_LEPTON = (
    "lep_type", "lep_pt", "lep_eta", "lep_phi", "lep_E", "lep_charge", "lep_z0", "lep_trackd0pvunbiased",
    "lep_tracksigd0pvunbiased", "lep_ptcone30", "lep_etcone20",
)  # fmt: skip
_BRANCHES = (*KEY_COLUMNS, "mcWeight", "XSection", "SumWeights", *_SCALE_FACTORS, *_LEPTON)


class Lepton(NamedTuple):
    """One reconstructed lepton. What is not a finite number in the file is nan, so that no comparison with it holds."""

    flavour: int  # ELECTRON or MUON
    pt: float
    eta: float
    phi: float
    energy: float
    charge: int
    z0: float
    d0: float
    d0_sig: float
    ptcone30: float
    etcone20: float

    @property
    def et(self) -> float:
        """Transverse energy E / cosh(eta), GeV."""
        return self.energy / _cosh(self.eta)

    @property
    def z0_sintheta(self) -> float:
        """z0 sin(theta), mm; sin(theta) is 1 / cosh(eta)."""
        return self.z0 / _cosh(self.eta)


class Event(NamedTuple):
    """One event with all its leptons in the order of the file."""

    key: EventKey
    weight: float
    leptons: tuple[Lepton, ...]


def read_events(files: Sequence[Path]) -> Iterator[Event]:
    """All events, in the order of the files. Raises DataError for a file without the tree or a branch."""
    import uproot

    for path in files:
        try:
            with uproot.open(path) as file:
                if "mini" not in file:
                    raise DataError(f"no tree 'mini' in '{path}'; it has {', '.join(file.keys()) or 'nothing'}")
                tree = file["mini"]
                missing = [name for name in _BRANCHES if name not in tree]
                if missing:
                    raise DataError(f"no branch {', '.join(missing)} in tree 'mini' of '{path}'")
                for chunk in tree.iterate(_BRANCHES, step_size="32 MB", library="ak"):
                    for row in chunk.tolist():
                        yield _read_event(row)
        except (OSError, ValueError) as error:
            raise DataError(f"'{path}' cannot be read as a ROOT file: {error}") from error


def _read_event(row: dict[str, list[float]]) -> Event:
    columns = zip(*(row[name] for name in _LEPTON), strict=True)
    return Event(
        key=tuple(int(_scalar(row[name])) for name in KEY_COLUMNS),
        weight=_weigh(row),
        leptons=tuple(
            Lepton(
                int(flavour), _gev(pt), _number(eta), _number(phi), _gev(energy), int(charge),
                _number(z0), _number(d0), _number(d0_sig), _gev(ptcone30), _gev(etcone20),
            )
            for flavour, pt, eta, phi, energy, charge, z0, d0, d0_sig, ptcone30, etcone20 in columns
        ),
    )  # fmt: skip


def _weigh(row: dict[str, list[float]]) -> float:
    """1 for collision data, where channelNumber repeats runNumber; else the expected number of events.

    That is the generator weight times the scale factors of leptons, normalised to the cross-section and luminosity.
    """
    if _scalar(row["channelNumber"]) == _scalar(row["runNumber"]):
        return 1.0
    factors = math.prod(_scalar(row[name]) for name in ("mcWeight", *_SCALE_FACTORS))
    per_fb = 1000.0 * _scalar(row["XSection"]) / _scalar(row["SumWeights"])
    return factors * per_fb * LUMINOSITY


def _scalar(value: object) -> float:
    assert isinstance(value, float | int)
    return value


def _number(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _gev(mev: float) -> float:
    return _number(mev) / 1000.0


def _cosh(eta: float) -> float:
    return math.cosh(eta) if abs(eta) < 700.0 else math.nan  # beyond, cosh has no double
