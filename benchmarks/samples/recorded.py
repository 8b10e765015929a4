"""What a detector recorded of an event, before it is written in the layout of some data format: GeV, mm, rad."""

import math
from typing import NamedTuple

NO_GRADE, VERY_LOOSE, LOOSE, MEDIUM, TIGHT = range(5)  # the strongest working point of identification that is passed


class RecordedLepton(NamedTuple):
    """An electron (11) or a muon (13). `energy` is for formats that store it; without one it follows from the mass."""

    flavour: int
    pt: float
    eta: float = 0.0
    phi: float = 0.0
    charge: int = 1
    mass: float = 0.0
    energy: float | None = None
    d0: float = 0.0
    d0_error: float = 0.01953125  # a power of two in cm
    dz: float = 0.0
    track_isolation: float = 0.0
    calo_isolation: float = 0.0
    grade: int = TIGHT
    calo_tagged: bool = False


class RecordedPhoton(NamedTuple):
    """A photon."""

    pt: float
    eta: float = 0.0
    phi: float = 0.0
    mass: float = 0.0
    energy: float | None = None
    track_isolation: float = 0.0
    calo_isolation: float = 0.0
    grade: int = TIGHT
    converted: bool = False
    trigger_matched: bool = True


class RecordedJet(NamedTuple):
    """A jet; `btag` between 0 and 1 grows with the likeliness of a b quark."""

    pt: float
    eta: float = 0.0
    phi: float = 0.0
    mass: float = 0.0
    energy: float | None = None
    jvt: float = 1.0
    btag: float = 0.0
    is_b: bool = False


class RecordedEvent(NamedTuple):
    """Objects in the order in which they are stored. `process` numbers what was simulated."""

    leptons: tuple[RecordedLepton, ...] = ()
    photons: tuple[RecordedPhoton, ...] = ()
    jets: tuple[RecordedJet, ...] = ()
    diphoton_trigger: bool = True
    met: float = 0.0
    met_phi: float = 0.0
    process: int = 0
    weight: float = 1.0


Isolated = RecordedLepton | RecordedPhoton
Body = Isolated | RecordedJet


def find_energy(one: Body) -> float:
    """The energy that is given, or that of the mass; nan where it has no double."""
    if one.energy is not None:
        return one.energy
    if not (math.isfinite(one.pt) and abs(one.eta) < 700.0):
        return math.nan
    return math.hypot(one.pt * math.cosh(one.eta), one.mass)


def find_significance(one: RecordedLepton) -> float:
    """|d0| / σ(d0); infinite without an uncertainty."""
    return abs(one.d0) / one.d0_error if one.d0_error else math.inf


def find_pz(one: Body) -> float:
    """Momentum along the beam; nan where it has no double."""
    return one.pt * math.sinh(one.eta) if abs(one.eta) < 700.0 else math.nan
