"""Events as plain Python objects, the same for every data format: GeV, mm, rad.

What is not a finite number in the file is nan, so that no comparison with it holds.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.cutflow import EventKey

ELECTRON, MUON = 11, 13

NAN = math.nan


class Lepton(NamedTuple):
    """One reconstructed lepton. What its format does not store is nan, or no working point."""

    flavour: int  # ELECTRON or MUON
    pt: float
    eta: float
    phi: float
    energy: float
    charge: float
    d0: float = NAN
    d0_sig: float = NAN
    z0_sintheta: float = NAN
    dz: float = NAN  # along the beam, from the primary vertex
    track_isolation: float = NAN
    calo_isolation: float = NAN
    points: frozenset[str] = frozenset()  # working points of identification that it reaches
    kind: str | None = None  # how a muon was reconstructed; None where that is not known

    @property
    def et(self) -> float:
        """Transverse energy E / cosh(eta), GeV."""
        return self.energy / cosh(self.eta)


class Photon(NamedTuple):
    """One reconstructed photon."""

    pt: float
    eta: float
    phi: float
    energy: float
    track_isolation: float = NAN
    calo_isolation: float = NAN
    points: frozenset[str] = frozenset()
    converted: bool | None = None
    trigger_matched: bool = False

    @property
    def et(self) -> float:
        """Transverse energy E / cosh(eta), GeV."""
        return self.energy / cosh(self.eta)


class Jet(NamedTuple):
    """One jet."""

    pt: float
    eta: float
    phi: float
    energy: float


class Event(NamedTuple):
    """One event; objects in the order of the file."""

    key: EventKey
    weight: float
    leptons: tuple[Lepton, ...] = ()
    photons: tuple[Photon, ...] = ()
    jets: tuple[Jet, ...] = ()
    triggers: frozenset[str] = frozenset()


class EventSource(NamedTuple):
    """The events of some files. `lacks` has what these files cannot say (`electron.id.loose`), and why."""

    profile: str
    key_columns: tuple[str, ...]
    lacks: Mapping[str, str]
    events: Iterable[Event]


def number(value: float) -> float:
    """The value; nan where it is not finite."""
    return value if math.isfinite(value) else NAN


def cosh(eta: float) -> float:
    """Hyperbolic cosine; beyond its range there is no double."""
    return math.cosh(eta) if abs(eta) < 700.0 else NAN


def sinh(eta: float) -> float:
    """Hyperbolic sine; beyond its range there is no double."""
    return math.sinh(eta) if abs(eta) < 700.0 else NAN


def divide(a: float, b: float) -> float:
    """a / b; missing where b is 0."""
    return number(a / b) if b != 0.0 else NAN


def find_energy(pt: float, eta: float, phi: float, mass: float) -> float:
    """Energy from the momentum and the mass, GeV."""
    px, py, pz = pt * math.cos(phi), pt * math.sin(phi), pt * sinh(eta)
    return math.sqrt(px * px + py * py + pz * pz + mass * mass)
