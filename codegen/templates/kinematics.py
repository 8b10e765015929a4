"""Four-momenta and angles on arrays of any shape. NaN is a missing value and stays one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def once(compute: Callable[[Any], Any]) -> Any:
    """A property that is computed when it is first asked for, and kept."""
    name = f"_{compute.__name__}"

    def get(self: Any) -> Any:
        if name not in self.__dict__:
            self.__dict__[name] = compute(self)
        return self.__dict__[name]

    return property(get)


class FourMomenta:
    """Four-momenta in GeV, as arrays of one common shape."""

    def __init__(self, px: np.ndarray, py: np.ndarray, pz: np.ndarray, energy: np.ndarray) -> None:
        self.px, self.py, self.pz, self.energy = px, py, pz, energy

    @classmethod
    def from_energy(cls, pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, energy: np.ndarray) -> FourMomenta:
        return cls(pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy)

    @classmethod
    def from_mass(cls, pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, mass: np.ndarray) -> FourMomenta:
        px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
        return cls(px, py, pz, np.sqrt(px * px + py * py + pz * pz + mass * mass))

    def __add__(self, other: FourMomenta) -> FourMomenta:
        return FourMomenta(
            self.px + other.px, self.py + other.py, self.pz + other.pz, self.energy + other.energy
        )  # fmt: skip

    def __getitem__(self, rows: Any) -> FourMomenta:
        return FourMomenta(self.px[rows], self.py[rows], self.pz[rows], self.energy[rows])

    def pick(self, row: np.ndarray, exists: np.ndarray) -> FourMomenta:
        """One row per event; missing where nothing exists."""
        return FourMomenta(*(pick(table, row, exists) for table in (self.px, self.py, self.pz, self.energy)))

    @once
    def mass(self) -> np.ndarray:
        """Invariant mass; 0 where rounding makes its square negative."""
        square = finite(self.energy * self.energy - (self.px * self.px + self.py * self.py + self.pz * self.pz))
        return np.sqrt(np.where(square < 0, 0.0, square))

    @property
    def pt(self) -> np.ndarray:
        return np.sqrt(self.px * self.px + self.py * self.py)

    @property
    def phi(self) -> np.ndarray:
        return np.arctan2(self.py, self.px)

    @property
    def eta(self) -> np.ndarray:
        """Pseudorapidity; missing along the beam axis."""
        return finite(np.arcsinh(divide(self.pz, self.pt)))

    @property
    def rapidity(self) -> np.ndarray:
        return finite(np.arctanh(divide(self.pz, self.energy)))


def wrap(angle: np.ndarray) -> np.ndarray:
    """An angle between -pi and pi. Angles already there come back unchanged, to the last bit."""
    return angle - 2 * np.pi * np.round(angle / (2 * np.pi))


def delta_r(eta1: np.ndarray, phi1: np.ndarray, eta2: np.ndarray, phi2: np.ndarray) -> np.ndarray:
    """Distance in eta and phi."""
    d_eta, d_phi = eta1 - eta2, wrap(phi1 - phi2)
    return np.sqrt(d_eta * d_eta + d_phi * d_phi)


def divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b; missing where b is 0."""
    return finite(np.divide(a, b))


def finite(values: np.ndarray) -> np.ndarray:
    """The values; what is not finite is missing."""
    return np.where(np.isfinite(values), values, np.nan)


def pick(table: np.ndarray, row: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """One row per event out of a table (rows, events); missing where nothing exists."""
    return np.where(exists, np.take_along_axis(table, row[np.newaxis], axis=0)[0], np.nan)


def differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """True where both are known and not equal."""
    return (a < b) | (a > b)
