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
    """Four-momenta in GeV, as arrays of one common shape.

    With `rows`, they are a table: it says which entry of the arrays stands where; -1 is none, and the last entry is
    missing. What is asked of a table is computed once for each entry, not for each slot.
    """

    def __init__(
        self, px: np.ndarray, py: np.ndarray, pz: np.ndarray, energy: np.ndarray, rows: np.ndarray | None = None
    ) -> None:
        self.parts, self.rows = (px, py, pz, energy), rows

    @classmethod
    def from_energy(cls, pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, energy: np.ndarray) -> FourMomenta:
        return cls(pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy)

    @classmethod
    def from_mass(cls, pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, mass: np.ndarray) -> FourMomenta:
        px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
        return cls(px, py, pz, np.sqrt(px * px + py * py + pz * pz + mass * mass))

    def __add__(self, other: FourMomenta) -> FourMomenta:
        return FourMomenta(*(self._place(a) + other._place(b) for a, b in zip(self.parts, other.parts, strict=True)))

    def __getitem__(self, rows: Any) -> FourMomenta:
        if self.rows is not None:
            return self.spread(self.rows[rows])
        return FourMomenta(*(part[rows] for part in self.parts))

    def spread(self, rows: np.ndarray) -> FourMomenta:
        """The same entries as a table; the last one is missing."""
        px, py, pz, energy = self.parts
        return FourMomenta(px, py, pz, energy, rows)

    def pick(self, row: np.ndarray, exists: np.ndarray) -> FourMomenta:
        """One row per event of a table; missing where nothing exists."""
        if self.rows is None:
            return FourMomenta(*(pick(table, row, exists) for table in self.parts))
        rows = np.where(exists, arrange(self.rows, row), -1)
        return FourMomenta(*(np.take(part, rows, mode="wrap") for part in self.parts))

    def _place(self, values: np.ndarray) -> np.ndarray:
        return values if self.rows is None else np.take(values, self.rows, mode="wrap")

    @once
    def mass(self) -> np.ndarray:
        """Invariant mass; 0 where rounding makes its square negative."""
        px, py, pz, energy = self.parts
        square = finite(energy * energy - (px * px + py * py + pz * pz))
        return self._place(np.sqrt(np.maximum(square, 0.0)))

    @property
    def energy(self) -> np.ndarray:
        return self._place(self.parts[3])

    @property
    def pt(self) -> np.ndarray:
        px, py, _, _ = self.parts
        return self._place(np.sqrt(px * px + py * py))

    @property
    def phi(self) -> np.ndarray:
        px, py, _, _ = self.parts
        return self._place(np.arctan2(py, px))

    @property
    def eta(self) -> np.ndarray:
        """Pseudorapidity; missing along the beam axis."""
        px, py, pz, _ = self.parts
        return self._place(finite(np.arcsinh(divide(pz, np.sqrt(px * px + py * py)))))

    @property
    def rapidity(self) -> np.ndarray:
        _, _, pz, energy = self.parts
        return self._place(finite(np.arctanh(divide(pz, energy))))


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
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def pick(table: np.ndarray, row: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """One row per event out of a table (rows, events); missing where nothing exists."""
    return np.where(exists, arrange(table, row), np.nan)


def arrange(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Other rows of a table (rows, events) for each event."""
    n_events = table.shape[1]
    return np.take(table, rows * n_events + np.arange(n_events))


def differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """True where both are known and not equal."""
    return (a < b) | (a > b)
