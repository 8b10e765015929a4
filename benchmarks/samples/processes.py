"""Three simple processes with four leptons: a Higgs boson, the ZZ continuum, and a Z boson with two fake leptons.

Good enough to fill every step of a selection with the shapes that it is made for; no matrix elements, no showers.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.samples.decays import Momenta, Numbers, decay, draw_breit_wigner, make_momenta

MZ, GAMMA_Z, MH = 91.1876, 2.4952, 125.25  # GeV, Review of Particle Physics 2022
LEPTON_MASSES = {11: 0.000511, 13: 0.10566}  # GeV
LOWEST_PAIR = 4.0  # GeV, generator cut on the mass of a pair


class Truth(NamedTuple):
    """Leptons before the detector; four columns, one row an event. `prompt` is False for fakes."""

    momenta: npt.NDArray[np.float64]  # (n, 4, 4)
    flavour: npt.NDArray[np.int64]  # (n, 4), 11 or 13
    charge: npt.NDArray[np.int64]  # (n, 4)
    prompt: npt.NDArray[np.bool_]  # (n, 4)


def generate_higgs(n: int, rng: np.random.Generator) -> Truth:
    """H to ZZ* to four leptons. Masses of the pairs: A. Djouadi, Phys. Rept. 457 (2008) 1."""
    first, second = _draw_higgs_masses(n, rng)
    higgs = _produce(np.full(n, MH), mean_pt=32.0, rng=rng)
    return _decay_pairs(higgs, first, second, rng)


def generate_continuum(n: int, rng: np.random.Generator) -> Truth:
    """Pairs of Z bosons, on their mass shell or one of them replaced by a virtual photon, with a falling mass of the
    system; and, one event in eight, a single Z boson to four leptons."""
    ends = np.full(n, 45.0), np.full(n, 135.0)
    single = rng.uniform(size=n) < 0.125
    photon = LOWEST_PAIR * (85.0 / LOWEST_PAIR) ** rng.uniform(size=n)
    first = draw_breit_wigner(MZ, GAMMA_Z, *ends, rng)
    second = np.where(rng.uniform(size=n) < 0.6, draw_breit_wigner(MZ, GAMMA_Z, *ends, rng), photon)
    mass = first + second + rng.exponential(40.0, n) + 0.5
    one = draw_breit_wigner(MZ, GAMMA_Z, np.full(n, 80.0), np.full(n, 100.0), rng)
    inside = rng.uniform(0.55, 0.8, n) * one
    first, mass = np.where(single, inside, first), np.where(single, one, mass)
    second = np.where(single, rng.uniform(0.3, 0.95, n) * (one - inside), second)
    return _decay_pairs(_produce(mass, mean_pt=25.0, rng=rng), first, second, rng)


def generate_fakes(n: int, rng: np.random.Generator) -> Truth:
    """A Z boson to two leptons, with two leptons from jets: soft, of any flavour and charge."""
    z = _produce(draw_breit_wigner(MZ, GAMMA_Z, np.full(n, 45.0), np.full(n, 135.0), rng), mean_pt=20.0, rng=rng)
    flavour = _draw_flavours((n, 3), rng)
    flavour = flavour[:, [0, 0, 1, 2]]
    plus, minus = decay(z, _masses(flavour[:, 0]), _masses(flavour[:, 0]), rng)
    soft = [
        make_momenta(
            _masses(flavour[:, k]),
            4.0 + rng.exponential(9.0, n),
            rng.normal(0.0, 1.5, n),
            rng.uniform(-np.pi, np.pi, n),
        )
        for k in (2, 3)
    ]
    charge = np.column_stack([np.ones(n), -np.ones(n), _draw_signs(n, rng), _draw_signs(n, rng)]).astype(np.int64)
    prompt = np.tile([True, True, False, False], (n, 1))
    return Truth(np.stack([plus, minus, *soft], axis=1), flavour, charge, prompt)


def _draw_higgs_masses(n: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    kept: list[npt.NDArray[np.float64]] = []
    while sum(len(k) for k in kept) < n:
        low = np.full(4 * n, LOWEST_PAIR)
        first = draw_breit_wigner(MZ, GAMMA_Z, low, np.full(4 * n, MH - LOWEST_PAIR), rng)
        second = draw_breit_wigner(MZ, GAMMA_Z, low, np.full(4 * n, MH - LOWEST_PAIR), rng)
        x, y = (first / MH) ** 2, (second / MH) ** 2
        triangle = np.where(first + second < MH, (1.0 - x - y) ** 2 - 4.0 * x * y, 0.0)
        density = np.sqrt(np.maximum(triangle, 0.0)) * (triangle + 12.0 * x * y)
        keep = rng.uniform(0.0, 1.0, 4 * n) < density  # which is never above 1
        kept.append(np.column_stack([np.maximum(first, second), np.minimum(first, second)])[keep])
    masses = np.concatenate(kept)[:n]
    return masses[:, 0], masses[:, 1]


def _produce(mass: Numbers, mean_pt: float, rng: np.random.Generator) -> Momenta:
    n = len(mass)
    pt = rng.gamma(1.5, mean_pt / 1.5, n)
    return make_momenta(mass, pt, rng.normal(0.0, 1.1, n), rng.uniform(-np.pi, np.pi, n))


def _decay_pairs(system: Momenta, first: Numbers, second: Numbers, rng: np.random.Generator) -> Truth:
    n = len(first)
    flavour = _draw_flavours((n, 2), rng)[:, [0, 0, 1, 1]]
    z1, z2 = decay(system, first, second, rng)
    leptons = [
        *decay(z1, _masses(flavour[:, 0]), _masses(flavour[:, 0]), rng),
        *decay(z2, _masses(flavour[:, 2]), _masses(flavour[:, 2]), rng),
    ]
    charge = np.tile(np.array([1, -1, 1, -1]), (n, 1))
    return Truth(np.stack(leptons, axis=1), flavour, charge, np.ones((n, 4), dtype=np.bool_))


def _draw_flavours(shape: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return np.where(rng.uniform(size=shape) < 0.5, 11, 13).astype(np.int64)


def _draw_signs(n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return np.where(rng.uniform(size=n) < 0.5, 1, -1).astype(np.int64)


def _masses(flavour: npt.NDArray[np.int64]) -> Numbers:
    return np.where(flavour == 11, LEPTON_MASSES[11], LEPTON_MASSES[13])
