"""A simple detector: what is left of true leptons after acceptance, efficiency and resolution, in MeV and mm."""

from typing import NamedTuple

import awkward as ak
import numpy as np
import numpy.typing as npt

from benchmarks.samples.processes import LEPTON_MASSES, Truth

Table = npt.NDArray[np.float64]  # (n, 4), one column a lepton


class Reconstructed(NamedTuple):
    """Awkward records, one list an event, ordered by descending pT."""

    leptons: ak.Array
    jets: ak.Array


def reconstruct(truth: Truth, rng: np.random.Generator) -> Reconstructed:
    """Leptons as a detector would see them, and jets that recoil against nothing in particular."""
    shape = truth.flavour.shape
    electron = truth.flavour == 11
    true_pt = np.hypot(truth.momenta[:, :, 1], truth.momenta[:, :, 2])
    eta = np.arcsinh(truth.momenta[:, :, 3] / true_pt) + rng.normal(0.0, 5e-4, shape)
    phi = np.arctan2(truth.momenta[:, :, 2], truth.momenta[:, :, 1]) + rng.normal(0.0, 5e-4, shape)
    phi = np.where(phi > np.pi, phi - 2 * np.pi, np.where(phi < -np.pi, phi + 2 * np.pi, phi))
    pt = true_pt * (1.0 + rng.normal(0.0, 1.0, shape) * _find_resolution(true_pt, eta, electron))
    mass = np.where(electron, LEPTON_MASSES[11], LEPTON_MASSES[13])
    energy = np.hypot(pt * np.cosh(eta), mass)

    fake = ~truth.prompt
    sigma_d0 = 0.010 + 0.10 / np.maximum(pt, 1.0)  # mm
    d0 = rng.normal(0.0, 1.0, shape) * sigma_d0 + np.where(fake, rng.laplace(0.0, 0.12, shape), 0.0)
    z0 = (rng.normal(0.0, 0.07, shape) + np.where(fake, rng.laplace(0.0, 0.25, shape), 0.0)) * np.cosh(eta)
    tracks = np.where(rng.uniform(size=shape) < 0.75, 0.0, 1.0 + rng.exponential(1.2, shape))
    ptcone30 = np.where(fake, tracks + rng.exponential(6.0, shape), tracks)
    etcone20 = rng.normal(0.4, 1.3, shape) + np.where(fake, rng.exponential(5.0, shape), 0.0)
    tight = rng.uniform(size=shape) < np.where(fake, 0.25, np.where(electron, 0.85, 0.95))

    seen = (
        (pt > 4.5)
        & (np.abs(eta) < np.where(electron, 2.47, 2.7))
        & (rng.uniform(size=shape) < np.where(electron, 0.92 - 0.9 * np.exp(-pt / 4.0), 0.97))
    )
    columns = {
        "pt": pt * 1e3, "eta": eta, "phi": phi, "E": energy * 1e3, "z0": z0, "charge": truth.charge,
        "type": truth.flavour, "isTightID": tight, "ptcone30": ptcone30 * 1e3, "etcone20": etcone20 * 1e3,
        "trackd0pvunbiased": d0, "tracksigd0pvunbiased": np.abs(d0) / sigma_d0, "truthMatched": truth.prompt,
        "trigMatched": pt > 26.0,
    }  # fmt: skip
    records = ak.zip({name: ak.from_regular(ak.Array(column)) for name, column in columns.items()})
    return Reconstructed(_sort_by_pt(records[ak.from_regular(ak.Array(seen))]), _make_jets(shape[0], rng))


def _find_resolution(pt: Table, eta: Table, electron: npt.NDArray[np.bool_]) -> Table:
    """Relative: a sampling and a constant term for electrons, multiple scattering and curvature for muons."""
    calorimeter = np.hypot(0.14 / np.sqrt(np.maximum(pt, 1.0) * np.cosh(eta)), 0.012)
    return np.where(electron, calorimeter, np.hypot(0.014, 1.5e-4 * pt) * (1.0 + 0.2 * np.abs(eta)))


def _make_jets(n: int, rng: np.random.Generator) -> ak.Array:
    counts = rng.poisson(0.8, n)
    total = int(counts.sum())
    pt, eta = 20.0 + rng.exponential(25.0, total), np.clip(rng.normal(0.0, 1.9, total), -4.4, 4.4)
    flavour = rng.choice(np.array([0, 4, 5]), size=total, p=[0.85, 0.08, 0.07])
    columns = {
        "pt": pt * 1e3, "eta": eta, "phi": rng.uniform(-np.pi, np.pi, total),
        "E": np.hypot(pt * np.cosh(eta), 0.12 * pt) * 1e3, "jvt": rng.beta(8.0, 1.0, total), "trueflav": flavour,
        "MV2c10": np.clip(rng.normal(np.where(flavour == 5, 0.8, -0.7), 0.3), -1.0, 1.0),
        "truthMatched": rng.uniform(size=total) < 0.9,
    }  # fmt: skip
    return _sort_by_pt(ak.unflatten(ak.zip(columns), counts))


def _sort_by_pt(records: ak.Array) -> ak.Array:
    return records[ak.argsort(records.pt, axis=1, ascending=False)]
