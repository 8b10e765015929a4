"""Simulated collisions of four kinds as a detector records them, for every layout; nothing of anyone else's is needed.

No matrix elements and no showers, but masses, resolutions, fakes and soft extra leptons, so that every step of a
selection keeps and loses events.
"""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import awkward as ak
import numpy as np
import numpy.typing as npt

from benchmarks.samples.decays import Momenta, decay, draw_breit_wigner, make_momenta
from benchmarks.samples.detector import reconstruct
from benchmarks.samples.processes import (
    GAMMA_Z,
    LEPTON_MASSES,
    MH,
    MZ,
    Truth,
    generate_continuum,
    generate_fakes,
    generate_higgs,
)
from benchmarks.samples.recorded import (
    LOOSE,
    MEDIUM,
    TIGHT,
    VERY_LOOSE,
    RecordedEvent,
    RecordedJet,
    RecordedLepton,
    RecordedPhoton,
)

Kind = Literal["four_leptons", "dimuon", "leptoquarks", "diphoton"]

One = TypeVar("One", RecordedJet, RecordedPhoton)

_SIGMA_D0 = 1e-3  # mm, of what is stored without an impact parameter


def draw_collisions(kind: Kind, n: int, seed: int) -> list[RecordedEvent]:
    """Events of one kind, mixed with what looks like it. Same seed, same events."""
    rng = np.random.default_rng(seed)
    return _KINDS[kind](n, rng)


def _draw_four_leptons(n: int, rng: np.random.Generator) -> list[RecordedEvent]:
    drawn: list[RecordedEvent] = []
    for process, generate in enumerate((generate_higgs, generate_continuum, generate_fakes)):
        drawn += _record(generate(n // 3, rng), [()] * (n // 3), process, rng)
    return drawn


def _draw_dimuons(n: int, rng: np.random.Generator) -> list[RecordedEvent]:
    mass = np.where(
        rng.uniform(size=n) < 0.8,
        draw_breit_wigner(MZ, GAMMA_Z, np.full(n, 40.0), np.full(n, 140.0), rng),
        15.0 * 10.0 ** rng.uniform(0.0, 1.0, n),
    )
    muon = np.full(n, LEPTON_MASSES[13])
    pair = decay(_produce(mass, 30.0, rng), muon, muon, rng)
    truth = _add_soft(np.stack(pair, axis=1), np.full((n, 2), 13), np.tile([1, -1], (n, 1)), rng)
    return _record(truth, [()] * n, 10, rng)


def _draw_leptoquarks(n: int, rng: np.random.Generator) -> list[RecordedEvent]:
    mass = rng.choice([250.0, 400.0, 700.0, 1100.0], n) * (1.0 + 0.02 * rng.standard_normal(n))
    system = _produce(2.0 * mass + rng.exponential(200.0, n) + 1.0, 80.0, rng)
    flavour = np.where(rng.uniform(size=n) < 0.5, 11, 13)
    lepton_mass, nothing = np.where(flavour == 11, LEPTON_MASSES[11], LEPTON_MASSES[13]), np.zeros(n)
    first, second = (decay(one, lepton_mass, nothing, rng) for one in decay(system, mass, mass, rng))
    momenta = np.stack([first.first, second.first], axis=1)
    truth = _add_soft(momenta, np.column_stack([flavour, flavour]), np.tile([1, -1], (n, 1)), rng)
    return _record(truth, _smear_jets(np.stack([first.second, second.second], axis=1), rng), 20, rng)


def _draw_diphotons(n: int, rng: np.random.Generator) -> list[RecordedEvent]:
    signal = rng.uniform(size=n) < 0.4
    mass = np.where(signal, MH, 80.0 + rng.exponential(40.0, n))
    pair = np.stack(decay(_produce(mass, 45.0, rng), np.zeros(n), np.zeros(n), rng), axis=1)
    return [
        RecordedEvent(
            photons=_sort((*(_record_photon(p, rng) for p in two), *_draw_soft_photons(rng))),
            jets=_draw_jets(rng),
            diphoton_trigger=bool(rng.uniform() < 0.93),
            process=30 + int(one),
        )
        for two, one in zip(pair, signal, strict=True)
    ]


_KINDS: dict[Kind, Callable[[int, np.random.Generator], list[RecordedEvent]]] = {
    "four_leptons": _draw_four_leptons,
    "dimuon": _draw_dimuons,
    "leptoquarks": _draw_leptoquarks,
    "diphoton": _draw_diphotons,
}


def _produce(mass: npt.NDArray[np.float64], mean_pt: float, rng: np.random.Generator) -> Momenta:
    n = len(mass)
    return make_momenta(mass, rng.gamma(1.5, mean_pt / 1.5, n), rng.normal(0.0, 1.1, n), rng.uniform(-np.pi, np.pi, n))


def _add_soft(
    momenta: npt.NDArray[np.float64],
    flavour: npt.NDArray[np.int64],
    charge: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Truth:
    """Two soft leptons more, of any flavour and charge; the detector loses many of them."""
    n = len(momenta)
    kinds = rng.choice([11, 13], (n, 2))
    masses = np.where(kinds == 11, LEPTON_MASSES[11], LEPTON_MASSES[13])
    soft = [
        make_momenta(masses[:, k], 1.0 + rng.exponential(8.0, n), rng.normal(0, 1.5, n), rng.uniform(-np.pi, np.pi, n))
        for k in (0, 1)
    ]
    return Truth(
        np.concatenate([momenta, np.stack(soft, axis=1)], axis=1),
        np.concatenate([flavour, kinds], axis=1).astype(np.int64),
        np.concatenate([charge, rng.choice([-1, 1], (n, 2))], axis=1).astype(np.int64),
        np.concatenate([np.ones((n, 2)), np.zeros((n, 2))], axis=1).astype(np.bool_),
    )


def _record(
    truth: Truth, jets: Sequence[tuple[RecordedJet, ...]], process: int, rng: np.random.Generator
) -> list[RecordedEvent]:
    """Leptons as the detector sees them, with these jets and others."""
    seen: list[list[dict[str, float]]] = ak.to_list(reconstruct(truth, rng).leptons)
    return [
        RecordedEvent(
            leptons=tuple(_record_lepton(one, rng) for one in ones),
            jets=_sort((*hard, *_draw_jets(rng))),
            met=float(rng.gamma(2.0, 9.0)),
            met_phi=float(rng.uniform(-np.pi, np.pi)),
            process=process,
        )
        for ones, hard in zip(seen, jets, strict=True)
    ]


def _record_lepton(one: dict[str, float], rng: np.random.Generator) -> RecordedLepton:
    d0, significance = one["trackd0pvunbiased"], one["tracksigd0pvunbiased"]
    passing = (LOOSE, MEDIUM, VERY_LOOSE)[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]
    return RecordedLepton(
        flavour=int(one["type"]),
        pt=one["pt"] / 1e3,
        eta=one["eta"],
        phi=one["phi"],
        charge=int(one["charge"]),
        mass=LEPTON_MASSES[int(one["type"])],
        d0=d0,
        d0_error=abs(d0) / significance if significance else _SIGMA_D0,
        dz=one["z0"],
        track_isolation=one["ptcone30"] / 1e3,
        calo_isolation=one["etcone20"] / 1e3,
        grade=TIGHT if one["isTightID"] else passing,
        calo_tagged=bool(one["type"] == 13 and rng.uniform() < 0.02),
    )


def _record_photon(momentum: npt.NDArray[np.float64], rng: np.random.Generator) -> RecordedPhoton:
    _, px, py, pz = momentum
    pt = float(np.hypot(px, py))
    fake = rng.uniform() < 0.2
    return RecordedPhoton(
        pt=pt * (1.0 + 0.015 * rng.standard_normal()),
        eta=float(np.arcsinh(pz / pt)),
        phi=float(np.arctan2(py, px)),
        track_isolation=float(rng.choice([0.0, rng.exponential(8.0 if fake else 1.0)])),
        calo_isolation=float(rng.normal(0.3, 1.0) + (rng.exponential(6.0) if fake else 0.0)),
        grade=(TIGHT, LOOSE, MEDIUM)[int(rng.choice(3, p=[0.3, 0.4, 0.3] if fake else [0.85, 0.05, 0.1]))],
        converted=bool(rng.uniform() < 0.3),
        trigger_matched=bool(rng.uniform() < 0.95),
    )


def _draw_soft_photons(rng: np.random.Generator) -> tuple[RecordedPhoton, ...]:
    return tuple(
        RecordedPhoton(
            pt=float(5.0 + rng.exponential(15.0)),
            eta=float(rng.normal(0.0, 1.5)),
            phi=float(rng.uniform(-np.pi, np.pi)),
            track_isolation=float(rng.exponential(5.0)),
            grade=LOOSE,
        )
        for _ in range(rng.poisson(0.5))
    )


def _smear_jets(momenta: npt.NDArray[np.float64], rng: np.random.Generator) -> list[tuple[RecordedJet, ...]]:
    pt = np.hypot(momenta[:, :, 1], momenta[:, :, 2])
    eta, phi = np.arcsinh(momenta[:, :, 3] / pt), np.arctan2(momenta[:, :, 2], momenta[:, :, 1])
    seen = pt * (1.0 + rng.normal(0.0, 0.08, pt.shape))
    return [
        tuple(
            RecordedJet(float(p), float(e), float(f), 0.1 * float(p), btag=float(rng.beta(4.0, 1.0)), is_b=True)
            for p, e, f in zip(*row, strict=True)
        )
        for row in zip(seen, eta, phi, strict=True)
    ]


def _draw_jets(rng: np.random.Generator) -> tuple[RecordedJet, ...]:
    """Jets that have nothing to do with it."""
    return _sort(
        tuple(
            RecordedJet(
                pt=float(20.0 + rng.exponential(25.0)),
                eta=float(np.clip(rng.normal(0.0, 1.9), -4.4, 4.4)),
                phi=float(rng.uniform(-np.pi, np.pi)),
                mass=float(rng.uniform(2.0, 12.0)),
                jvt=float(rng.beta(8.0, 1.0)),
                btag=float(rng.beta(1.0, 8.0)),
            )
            for _ in range(rng.poisson(0.8))
        )
    )


def _sort(ones: tuple[One, ...]) -> tuple[One, ...]:
    return tuple(sorted(ones, key=lambda one: -one.pt))
