"""Relativistic kinematics on arrays of momenta: rows of (E, px, py, pz) in GeV."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Momenta = npt.NDArray[np.float64]  # shape (n, 4)
Numbers = npt.NDArray[np.float64]  # shape (n,)


class Decay(NamedTuple):
    """The two daughters of every parent, in the frame of the parent's momentum."""

    first: Momenta
    second: Momenta


def make_momenta(mass: Numbers, pt: Numbers, rapidity: Numbers, phi: Numbers) -> Momenta:
    """Momenta of given mass, transverse momentum, rapidity and azimuth."""
    transverse = np.sqrt(mass**2 + pt**2)
    return np.stack(
        [transverse * np.cosh(rapidity), pt * np.cos(phi), pt * np.sin(phi), transverse * np.sinh(rapidity)], axis=1
    )


def find_masses(momenta: Momenta) -> Numbers:
    """Invariant masses."""
    squared = momenta[:, 0] ** 2 - np.sum(momenta[:, 1:] ** 2, axis=1)
    masses: Numbers = np.sqrt(np.maximum(squared, 0.0))
    return masses


def decay(parents: Momenta, mass_first: Numbers, mass_second: Numbers, rng: np.random.Generator) -> Decay:
    """Isotropic two-body decays. Momentum in the rest frame: Review of Particle Physics, Kinematics."""
    mass = find_masses(parents)
    product = (mass**2 - (mass_first + mass_second) ** 2) * (mass**2 - (mass_first - mass_second) ** 2)
    momentum = np.sqrt(np.maximum(product, 0.0)) / (2.0 * mass)
    cosine = rng.uniform(-1.0, 1.0, len(mass))
    phi = rng.uniform(-np.pi, np.pi, len(mass))
    sine = np.sqrt(1.0 - cosine**2)
    direction = np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=1)
    first, second = (
        np.column_stack([np.sqrt(m**2 + momentum**2), sign * momentum[:, None] * direction])
        for m, sign in ((mass_first, 1.0), (mass_second, -1.0))
    )
    return Decay(boost(first, parents), boost(second, parents))


def boost(momenta: Momenta, frame: Momenta) -> Momenta:
    """Momenta given in the rest frame of `frame`, in the frame in which `frame` is given."""
    beta = frame[:, 1:] / frame[:, :1]
    gamma = frame[:, 0] / find_masses(frame)
    along = np.sum(beta * momenta[:, 1:], axis=1)
    energy = gamma * (momenta[:, 0] + along)
    shift = gamma**2 / (gamma + 1.0) * along + gamma * momenta[:, 0]
    return np.column_stack([energy, momenta[:, 1:] + shift[:, None] * beta])


def draw_breit_wigner(mass: float, width: float, low: Numbers, high: Numbers, rng: np.random.Generator) -> Numbers:
    """Masses whose squares follow a relativistic Breit-Wigner between `low` and `high` (inverse transform)."""
    scale = mass * width
    ends = [np.arctan((edge**2 - mass**2) / scale) for edge in (low, high)]
    squared = mass**2 + scale * np.tan(rng.uniform(ends[0], ends[1]))
    masses: Numbers = np.sqrt(np.clip(squared, low**2, high**2))
    return masses
