"""Numbers and four-momenta of single events, for numba. As plain Python the functions give the same.

A table holds the objects of one collection in one event: a row per object, a column per quantity, NaN where a value is
missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

PX, PY, PZ, ENERGY, PT, ETA, PHI, MASS, CHARGE, FLAVOUR, PART = range(11)
N_COLUMNS = 11
NO_MOMENTUM = (np.nan, np.nan, np.nan, np.nan)

Momentum = tuple[float, float, float, float]


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code, kept on disk for the next run where there is a folder for it."""
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # nowhere to write: compiled anew by every process
        return numba.njit(error_model="numpy", nogil=True)(function)


def scalar(function: Callable[..., Any]) -> Any:
    """A function that the loop over events may call; machine code that Python itself cannot call is made sooner."""
    make = numba.njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
    return make(function)


@scalar
def number(value: float) -> float:
    """What the file holds, as float64; NaN and inf are missing."""
    stored = np.float64(value)
    return stored if np.isfinite(stored) else np.nan


@scalar
def valid(value: float) -> float:
    """The value; what is not finite is missing."""
    return value if np.isfinite(value) else np.nan


@scalar
def ratio(a: float, b: float) -> float:
    """a / b; missing where b is 0."""
    if b == 0:
        return np.nan
    quotient = a / b
    return quotient if np.isfinite(quotient) else np.nan


@scalar
def differs(a: float, b: float) -> bool:
    """True when both are known and not equal."""
    return a < b or a > b


@scalar
def truth_of(yes: bool, no: bool) -> float:
    """1 for yes, 0 for no, missing when neither is known."""
    return 1.0 if yes else 0.0 if no else np.nan


@scalar
def sign_of(value: float) -> float:
    """1, 0 or -1; missing for a missing value."""
    return 1.0 if value > 0 else -1.0 if value < 0 else value * 0


@scalar
def bit_of(value: float, position: int) -> float:
    """One bit of a whole number, as 0 or 1; missing where the number is."""
    return float((int(value) >> position) & 1) if np.isfinite(value) else np.nan


@scalar
def interpolate(value: float, x: tuple[float, ...], y: tuple[float, ...]) -> float:
    """Linear between the points (x, y), constant outside."""
    if not value < x[-1]:
        return y[-1] if value >= x[-1] else np.nan
    if value <= x[0]:
        return y[0]
    k = 0
    while value >= x[k + 1]:
        k += 1
    if value == x[k]:
        return y[k]
    return (y[k + 1] - y[k]) / (x[k + 1] - x[k]) * (value - x[k]) + y[k]


@scalar
def wrapped(angle: float) -> float:
    """An angle between -pi and pi. Angles already there come back unchanged, to the last bit."""
    return angle - 2 * np.pi * np.rint(angle / (2 * np.pi))


@scalar
def distance(eta1: float, phi1: float, eta2: float, phi2: float) -> float:
    """Distance in eta and phi."""
    d_eta, d_phi = eta1 - eta2, wrapped(phi1 - phi2)
    return np.sqrt(d_eta * d_eta + d_phi * d_phi)


@scalar
def momentum_from_energy(pt: float, eta: float, phi: float, energy: float) -> Momentum:
    return pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy


@scalar
def momentum_from_mass(pt: float, eta: float, phi: float, mass: float) -> Momentum:
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return px, py, pz, np.sqrt(px * px + py * py + pz * pz + mass * mass)


@scalar
def momentum(table: np.ndarray, k: int) -> Momentum:
    """The four-momentum of the object in row k."""
    return table[k, PX], table[k, PY], table[k, PZ], table[k, ENERGY]


@scalar
def add(a: Momentum, b: Momentum) -> Momentum:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


@scalar
def pair_momentum(table: np.ndarray, i: int, j: int) -> Momentum:
    """The four-momentum of two objects together."""
    return add(momentum(table, i), momentum(table, j))


@scalar
def mass_of(p4: Momentum) -> float:
    """Invariant mass; 0 where rounding makes its square negative."""
    square = valid(p4[3] * p4[3] - (p4[0] * p4[0] + p4[1] * p4[1] + p4[2] * p4[2]))
    return 0.0 if square < 0 else np.sqrt(square)


@scalar
def energy_of(p4: Momentum) -> float:
    return p4[3]


@scalar
def pt_of(p4: Momentum) -> float:
    return np.sqrt(p4[0] * p4[0] + p4[1] * p4[1])


@scalar
def phi_of(p4: Momentum) -> float:
    return np.arctan2(p4[1], p4[0])


@scalar
def eta_of(p4: Momentum) -> float:
    """Pseudorapidity; missing along the beam axis."""
    return valid(np.arcsinh(ratio(p4[2], pt_of(p4))))


@scalar
def rapidity_of(p4: Momentum) -> float:
    return valid(np.arctanh(ratio(p4[2], p4[3])))


@scalar
def set_momenta_from_energy(table: np.ndarray, n: int) -> None:
    """px, py and pz of the first n objects, whose energy is known."""
    for k in range(n):
        p4 = momentum_from_energy(table[k, PT], table[k, ETA], table[k, PHI], table[k, ENERGY])
        table[k, PX], table[k, PY], table[k, PZ] = p4[0], p4[1], p4[2]


@scalar
def set_momenta_from_mass(table: np.ndarray, n: int) -> None:
    """px, py, pz and energy of the first n objects, whose mass is known."""
    for k in range(n):
        p4 = momentum_from_mass(table[k, PT], table[k, ETA], table[k, PHI], table[k, MASS])
        table[k, PX], table[k, PY], table[k, PZ], table[k, ENERGY] = p4
