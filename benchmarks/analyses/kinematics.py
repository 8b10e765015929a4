"""Masses, distances and pairings of a handful of objects."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple, Protocol, TypeVar

from benchmarks.analyses.events import ELECTRON, Lepton, sinh

MZ = 91.1876  # GeV, Z boson mass, Review of Particle Physics 2022


class Body(Protocol):
    """Anything with a momentum."""

    @property
    def pt(self) -> float: ...
    @property
    def eta(self) -> float: ...
    @property
    def phi(self) -> float: ...
    @property
    def energy(self) -> float: ...


AnyBody = TypeVar("AnyBody", bound=Body)


class Quadruplet(NamedTuple):
    """Two pairs, and their four leptons by descending pT."""

    leading: tuple[Lepton, Lepton]
    subleading: tuple[Lepton, Lepton]
    leptons: tuple[Lepton, ...]

    @property
    def channel(self) -> str:
        """Decay channel by flavour."""
        return {0: "4mu", 2: "2e2mu", 4: "4e"}[sum(is_electron(lepton) for lepton in self.leptons)]


def is_electron(lepton: Lepton) -> bool:
    """Whether it is an electron."""
    return lepton.flavour == ELECTRON


def find_mass(bodies: Iterable[Body]) -> float:
    """Invariant mass of the sum of the momenta, GeV; 0 for a sum that rounding made spacelike."""
    energy = px = py = pz = 0.0
    for one in bodies:
        energy += one.energy
        px += one.pt * math.cos(one.phi)
        py += one.pt * math.sin(one.phi)
        pz += one.pt * sinh(one.eta)
    squared = energy * energy - (px * px + py * py + pz * pz)
    return 0.0 if squared < 0.0 else math.sqrt(squared)


def find_pt(bodies: Iterable[Body]) -> float:
    """Transverse momentum of the sum, GeV."""
    px = py = 0.0
    for one in bodies:
        px += one.pt * math.cos(one.phi)
        py += one.pt * math.sin(one.phi)
    return math.hypot(px, py)


def find_distance(a: Body, b: Body) -> float:
    """Distance in eta and phi, phi wrapped."""
    return math.hypot(a.eta - b.eta, math.remainder(a.phi - b.phi, math.tau))


def sort_by_pt(bodies: Iterable[AnyBody]) -> tuple[AnyBody, ...]:
    """By descending pT; equal ones stay in order, one without a pT comes last."""
    return tuple(sorted(bodies, key=lambda one: -one.pt if one.pt == one.pt else math.inf))


def pair_up(leptons: Sequence[Lepton]) -> list[tuple[Lepton, Lepton]]:
    """All pairs of the same flavour and opposite charge, in the order of the leptons."""
    return [(a, b) for a, b in combinations(leptons, 2) if a.flavour == b.flavour and a.charge * b.charge < 0]


def find_nearest_z(leptons: Sequence[Lepton]) -> tuple[Lepton, Lepton] | None:
    """The same-flavour opposite-charge pair with the mass closest to the Z boson's, the first of equal ones."""
    nearest, best = None, math.inf
    for pair in pair_up(leptons):
        distance = abs(find_mass(pair) - MZ)
        if distance < best:
            nearest, best = pair, distance
    return nearest


def build_quadruplet(leptons: Sequence[Lepton]) -> Quadruplet | None:
    """The leading pair is nearest to the Z mass, the subleading one nearest among the leptons that are left."""
    leading = find_nearest_z(leptons)
    if leading is None:
        return None
    subleading = find_nearest_z([one for one in leptons if not any(one is used for used in leading)])
    if subleading is None:
        return None
    members = [one for one in leptons if any(one is used for used in (*leading, *subleading))]
    return Quadruplet(leading, subleading, sort_by_pt(members))


def interpolate(x: float, ends: tuple[float, float], values: tuple[float, float]) -> float:
    """Linear between the two ends, constant outside."""
    (x0, x1), (y0, y1) = ends, values
    if x <= x0:
        return y0
    if x >= x1:
        return y1
    return y0 + (x - x0) * (y1 - y0) / (x1 - x0)
