"""Events made to sit on an edge: values at thresholds and one float beside, ties, twins, what is missing or no number.

`list_edges` starts from events that pass everything and changes one value at a time; the events with names were made by
hand. Masses that are exact come from momenta along one axis: with eta = phi = 0 nothing is rounded.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from benchmarks.samples.recorded import (
    LOOSE,
    MEDIUM,
    NO_GRADE,
    VERY_LOOSE,
    RecordedEvent,
    RecordedJet,
    RecordedLepton,
    RecordedPhoton,
)

NAN, INF = math.nan, math.inf
PI = float(np.float32(np.pi))
SIGMA = RecordedLepton(11, 1.0).d0_error

One = TypeVar("One", RecordedLepton, RecordedPhoton, RecordedJet)


def electron(pt: float, eta: float = 0.0, phi: float = 0.0, charge: int = 1, **more: float) -> RecordedLepton:
    return RecordedLepton(11, pt, eta, phi, charge, 0.000511, **more)  # type: ignore[arg-type]


def muon(pt: float, eta: float = 0.0, phi: float = 0.0, charge: int = 1, **more: float) -> RecordedLepton:
    return RecordedLepton(13, pt, eta, phi, charge, 0.1056583755, **more)  # type: ignore[arg-type]


def photon(pt: float, eta: float = 0.0, phi: float = 0.0, **more: float) -> RecordedPhoton:
    return RecordedPhoton(pt, eta, phi, **more)  # type: ignore[arg-type]


def jet(pt: float, eta: float = 0.0, phi: float = 0.0, **more: float) -> RecordedJet:
    return RecordedJet(pt, eta, phi, 8.0, **more)  # type: ignore[arg-type]


def leptons(*ones: RecordedLepton) -> RecordedEvent:
    return RecordedEvent(leptons=ones)


def photons(*ones: RecordedPhoton) -> RecordedEvent:
    return RecordedEvent(photons=ones)


# ---------------------------------------------------------------- events that pass everything

FOUR = (electron(45, 0.0, 0.1), electron(45, 0.3, 3.0, -1), muon(17, 0.2, 1.5), muon(15.5, -0.2, -1.7, -1))

PASSING = {
    "2e2mu": leptons(*FOUR),
    "4e": leptons(
        electron(46, 0.0, 0.1), electron(44, 0.3, 3.0, -1), electron(18, 0.2, 1.5), electron(16, -0.2, -1.7, -1)
    ),
    "4mu": leptons(muon(46, 0.0, 0.1), muon(44, 0.3, 3.0, -1), muon(18, 0.2, 1.5), muon(16, -0.2, -1.7, -1)),
    "upper sideband": leptons(
        electron(60, 0.0, 0.1), electron(50, 0.3, 3.0, -1), muon(40, 0.2, 1.5), muon(30, -0.2, -1.7, -1)
    ),
    "lower sideband": leptons(
        electron(42, 0.0, 0.1), electron(42, 0.3, 3.0, -1), muon(14, 0.2, 1.5), muon(11, -0.2, -1.7, -1)
    ),
    "central photons": photons(photon(70, 0.3, 0.1), photon(55, -0.4, 3.0)),
    "central photons, medium pTt": photons(photon(88, 0.3, 0.1), photon(75, -0.2, 1.8)),
    "central photons, high pTt": photons(photon(130, 0.3, 0.1), photon(95, -0.2, 1.3)),
    "outer photons": photons(photon(70, 1.0, 0.1), photon(55, -0.4, 3.0)),
    "photons, one in the endcap": photons(photon(60, 1.6, 0.1, converted=True), photon(40, 0.4, 3.0)),
    "photons, one not tight": photons(photon(80, 0.3, 0.1, grade=MEDIUM), photon(60, -0.4, 3.0)),
    "ee jj": RecordedEvent(
        (electron(520, 0.1, 0.2), electron(455, -0.3, 2.9, -1)), (), (jet(494, 0.5, -1.5), jet(429, -0.2, 1.4))
    ),
    "mumu jj": RecordedEvent(
        (muon(520, 0.1, 0.2), muon(455, -0.3, 2.9, -1)), (), (jet(494, 0.5, -1.5), jet(429, -0.2, 1.4))
    ),
    "light mumu jj": RecordedEvent(
        (muon(144, 0.1, 0.2), muon(132, -0.3, 2.9, -1)), (), (jet(120, 0.5, -1.0), jet(114, -0.2, 1.9))
    ),
    "light ee jj, not balanced": RecordedEvent(
        (electron(150, 0.1, 0.2), electron(140, -0.3, 2.9, -1)), (), (jet(110, 0.5, -0.6), jet(60, -0.2, 1.0))
    ),
    "electrons of 120 GeV together, jj": RecordedEvent(
        (electron(100, 0.1, 0.2), electron(90, 0.3, 1.7, -1)), (), (jet(150, 0.5, -1.5), jet(130, -0.2, -2.5))
    ),
    "soft mumu jj": RecordedEvent(
        (muon(80, 0.1, 0.2), muon(76, -0.3, 2.9, -1)), (), (jet(80, 0.5, -1.2), jet(75, -0.2, 1.7))
    ),
    "close pair of muons": leptons(
        electron(45, 0.0, 0.1), electron(45, 0.3, 3.0, -1), muon(40, 0.2, 1.5), muon(39, 0.1, 2.2, -1)
    ),
    "muons at 110 GeV": leptons(
        electron(45, 0.0, 0.1), electron(46, 0.3, 3.0, -1), muon(56, 0.2, 1.5), muon(54, -0.2, -1.7, -1)
    ),
    "four muons, a light cross pair": leptons(
        muon(45, 0.0, 0.1), muon(46, 0.3, 3.0, -1), muon(30, 0.2, 2.8), muon(30, -0.2, -0.2, -1)
    ),
    "Z": leptons(muon(46, 0.2, 0.1), muon(44, -0.3, 3.1, -1)),
    "Z with an endcap muon": leptons(muon(36, 1.3, 0.1), muon(34, 0.3, 3.1, -1)),
    "boosted Z": leptons(muon(80, 0.2, 0.1), muon(30, -0.5, 1.9, -1)),
}


# ---------------------------------------------------------------- masses without rounding


def opposite(momentum: float, energy: float, eta: float, share: float = 0.5) -> tuple[tuple[float, float, float], ...]:
    """pT, eta and energy of two particles at ±eta whose sum has this momentum along x and this energy, exactly.

    The first has this share of the energy.
    """
    return (momentum / 2, eta, energy * share), (momentum / 2, -eta, energy * (1.0 - share))


def quadruplet(e12: float, p12: float, e34: float, p34: float) -> RecordedEvent:
    """Electrons and muons of two pairs with these energies and momenta."""
    pairs = ((11, opposite(p12, e12, 0.5)), (13, opposite(p34, e34, 1.0)))
    return leptons(*(
        RecordedLepton(flavour, pt, eta, charge=charge, energy=energy)
        for flavour, ones in pairs
        for charge, (pt, eta, energy) in zip((1, -1), ones, strict=True)
    ))  # fmt: skip


def leptoquarks(
    first: tuple[float, float, float], second: tuple[float, float, float], flavour: int = 11
) -> RecordedEvent:
    """Two pairs of a lepton and a jet, each given by its momentum, its energy, and the eta of the lepton.

    The energy is shared so that the other way to pair them up gives masses that are far apart.
    """
    ones = [opposite(*first, 0.875), opposite(*second, 0.375)]
    return RecordedEvent(
        leptons=tuple(
            RecordedLepton(flavour, pt, eta, charge=charge, energy=energy)
            for charge, ((pt, eta, energy), _) in zip((1, -1), ones, strict=True)
        ),
        jets=tuple(RecordedJet(pt, eta, energy=energy) for _, (pt, eta, energy) in ones),
    )


def diphoton(p1: float, p2: float, energy: float) -> RecordedEvent:
    """Two photons along one axis; the mass is that of a Pythagorean triple."""
    more = (energy - p1 - p2) / 2.0
    return photons(photon(p1, energy=p1 + more), photon(p2, energy=p2 + more))


EXACT = {
    "m34 = 12 at m4l = 140": quadruplet(112.625, 49.625, 72.5, 71.5),
    "m34 = 13 at m4l = 140": quadruplet(100.125, 37.125, 85.0, 84.0),
    "m34 = 50 at m4l = 190": quadruplet(133.5, 88.5, 252.5, 247.5),
    "m34 = 51 at m4l = 190": quadruplet(108.375, 36.875, 157.25, 148.75),
    "m34 = 31 at m4l = 165": quadruplet(110.25, 45.5, 122.125, 118.125),
    "m34 = 115": quadruplet(102.375, 66.375, 117.875, 25.875),
    "m34 = 114": quadruplet(239.0, 215.0, 123.5, 47.5),
    "m12 = 50": quadruplet(130.0, 120.0, 52.0, 48.0),
    "m12 = 106": quadruplet(132.5, 79.5, 52.0, 48.0),
    "m4l = 105": quadruplet(85.0, 40.0, 52.0, 48.0),
    "m4l = 115": quadruplet(76.5, 52.5, 200.5, 199.5),
    "m4l = 130": quadruplet(110.5, 49.5, 52.0, 48.0),
    "m4l = 160": quadruplet(118.5, 73.5, 162.5, 157.5),
    "m4l = 350": quadruplet(2375.5, 2374.5, 87.0, 63.0),
    "m_lq = 500": leptoquarks((1200.0, 1300.0, 0.5), (1190.0, 1350.0, -1.0)),
    "m_lq = 500, muons": leptoquarks((1200.0, 1300.0, 0.5), (1190.0, 1350.0, -1.0), 13),
    "m_lq = 100": leptoquarks((240.0, 260.0, 0.5), (238.0, 262.0, -1.0)),
    "m_lq = 400": leptoquarks((300.0, 500.0, 0.5), (298.0, 510.0, -1.0)),
    "asymmetry of 0.5": leptoquarks((480.0, 520.0, 0.5), (450.0, 750.0, -1.0)),
    "asymmetry of 0.25": leptoquarks((400.0, 500.0, 1.0), (375.0, 625.0, -1.5)),
    "ΔR of 1.5 where the masses differ": leptoquarks((480.0, 520.0, 0.75), (300.0, 500.0, -1.25)),
    "pT of 50 GeV of two muons": leptons(muon(30.0, 0.4, energy=60.0), muon(20.0, -0.6, charge=-1, energy=40.0)),
    "a cross pair of 5 GeV": leptons(
        electron(27.875, energy=28.0), electron(40.0, charge=-1, energy=80.0),
        electron(30.0, energy=60.0), electron(22.0, charge=-1, energy=22.125)),
    "m_yy = 105": diphoton(50.0, 38.0, 137.0),
    "m_yy = 120": diphoton(50.0, 40.0, 150.0),
    "m_yy = 120, not tight": photons(photon(50.0, energy=80.0, grade=LOOSE), photon(40.0, energy=70.0)),
    "m_yy = 130, not tight": photons(photon(80.0, energy=105.0, grade=LOOSE), photon(64.0, energy=89.0)),
    "m_yy = 160": diphoton(70.0, 50.0, 200.0),
    "pT / m_yy = 0.35": diphoton(47.25, 36.75, 159.0),
    "pT / m_yy = 0.25": diphoton(60.0, 30.0, 150.0),
    "m_mumu = 70": leptons(muon(100.0, energy=114.0), muon(68.0, charge=-1, energy=68.0)),
    "m_mumu = 110": leptons(muon(60.0, energy=80.0), muon(36.0, charge=-1, energy=66.0)),
    "m_ll = 110": RecordedEvent(
        (muon(150.0, energy=160.0), muon(114.0, charge=-1, energy=126.0)), (),
        (jet(150, 1.5, 1.5), jet(140, -1.5, -2.0))),
    "s_t = 300": RecordedEvent(
        (muon(90.0, 0.0, 0.0), muon(80.0, 0.1, 3.1, -1)), (), (jet(70.0, 0.5, 1.5), jet(60.0, -0.5, -1.5))),
}  # fmt: skip


# ---------------------------------------------------------------- made by hand


def _float32(value: float, steps: int = 0) -> float:
    near = np.float32(value)
    for _ in range(abs(steps)):
        near = np.nextafter(near, np.float32(INF if steps > 0 else -INF))
    return float(near)


def near_lepton(event: RecordedEvent, eta: float, phi: float) -> RecordedEvent:
    """The same with its third lepton at a place."""
    first, second, third, *rest = event.leptons
    return event._replace(leptons=(first, second, third._replace(eta=eta, phi=phi), *rest))


def _list_distances() -> Iterator[tuple[str, RecordedEvent]]:
    """Pairs of a lepton and something else at ΔR 0.1, 0.2 and 0.4, and around ±π."""
    base = leptons(electron(45, 0.0, 0.0), *FOUR[1:])
    ee = PASSING["ee jj"]
    for steps in (-1, 0, 1):
        yield f"ΔR of 0.1 in eta, {steps} floats", near_lepton(base, _float32(0.1, steps), 0.0)
        yield f"ΔR of 0.1 in phi, {steps} floats", near_lepton(base, 0.0, _float32(0.1, steps))
        for radius in (0.1, 0.2, 0.4):
            beside = jet(300, 0.0, 0.0)._replace(eta=_float32(radius, steps))
            first = ee.leptons[0]._replace(eta=0.0, phi=0.0)
            yield (
                f"jet at ΔR {radius}, {steps} floats",
                ee._replace(leptons=(first, ee.leptons[1]), jets=(beside, *ee.jets)),
            )
    wrapped = leptons(electron(45, 0.0, 3.1), electron(45, 0.3, 0.2, -1), *FOUR[2:])
    for name, phi in (("inside 0.1", -3.13), ("outside 0.1", -3.0), ("at -π", -PI), ("at π", PI)):
        yield f"pair around ±π, {name}", near_lepton(wrapped, 0.0, phi)
    at_pi = leptons(electron(45, 0.0, PI), electron(45, 0.3, 0.2, -1), *FOUR[2:])
    yield "pair at π and -π", near_lepton(at_pi, 0.0, -PI)
    yield "phi beyond π", near_lepton(base, 0.2, 1.5 + 2 * math.pi)
    for phi in (PI, -PI, 3.0, -3.0):
        first = ee.leptons[0]._replace(phi=PI)
        yield (
            f"jet around ±π at {phi:.2f}",
            ee._replace(leptons=(first, ee.leptons[1]), jets=(jet(300, 0.1, phi), *ee.jets)),
        )


def _list_handmade() -> Iterator[tuple[str, RecordedEvent]]:
    e1, e2, m1, m2 = FOUR
    yield "nothing", RecordedEvent()
    for n in (1, 2, 3):
        yield f"{n} leptons", leptons(*FOUR[:n])
    yield "five leptons", leptons(*FOUR, muon(12, 1.0, 0.7))
    yield "five leptons, a hard one in excess", leptons(electron(90, 1.2, -2.0), *FOUR)
    yield "six leptons", leptons(*FOUR, muon(12, 1.0, 0.7), muon(30, -1.0, -0.4, -1))
    yield "eight leptons", leptons(*FOUR, *(one._replace(eta=one.eta + 0.7, phi=one.phi - 0.4) for one in FOUR))
    yield "three electrons and a muon", leptons(e1, e2, electron(17, 0.2, 1.5), m2)
    yield "all of one charge", leptons(*(one._replace(charge=1) for one in FOUR))
    yield "charges of zero", leptons(*(one._replace(charge=0) for one in FOUR))
    for charge in (-2, 2):
        yield f"a charge of {charge}", leptons(e1, e2._replace(charge=charge), m1, m2)
    twin = electron(45, 0.3, 3.0, -1, d0=3 * SIGMA)
    yield "twins, the first far from the beam", leptons(e1, twin, twin._replace(d0=0.0), m1, m2)
    yield "twins, the second far from the beam", leptons(e1, twin._replace(d0=0.0), twin, m1, m2)
    far = 6 * SIGMA
    yield "equal pairs, first far", leptons(*FOUR, muon(17, 0.2, 1.5, d0=far), muon(15.5, -0.2, -1.7, -1))
    yield "equal pairs, second far", leptons(e1, e2, muon(17, 0.2, 1.5, d0=far), m2, m1)
    four = (muon(45, 0.0, 0.1), muon(45, 0.3, 3.0, -1))
    yield "two equal pairs near the Z", leptons(*four, *four)
    yield "electrons and muons of equal pT", leptons(*(one._replace(pt=30.0) for one in FOUR))
    yield "muons before electrons, equal pT", leptons(*(one._replace(pt=30.0) for one in FOUR[::-1]))
    yield "ascending pT", leptons(*FOUR[::-1])
    yield "all of zero pT", leptons(*(one._replace(pt=0.0) for one in FOUR))
    yield "all of NaN pT", leptons(*(one._replace(pt=NAN) for one in FOUR))
    yield "one photon", photons(photon(70, 0.3))
    yield "three photons", photons(photon(70, 0.3, 0.1), photon(55, -0.4, 3.0), photon(50, 1.0, -1.5))
    yield "three photons, ascending", photons(photon(50, 1.0, -1.5), photon(55, -0.4, 3.0), photon(70, 0.3, 0.1))
    yield "three photons of equal pT", photons(photon(62, 0.3, 0.1), photon(62, -0.4, 3.0), photon(62, 1.0, -1.5))
    yield (
        "equal photons, one not tight",
        photons(photon(62, 0.3, 0.1), photon(62, -0.4, 3.0, grade=LOOSE), photon(62, -0.4, 3.0)),
    )
    yield (
        "equal photons, one tight",
        photons(photon(62, 0.3, 0.1), photon(62, -0.4, 3.0), photon(62, -0.4, 3.0, grade=LOOSE)),
    )
    yield "one photon twice", photons(photon(60), photon(60))
    yield "photons along one axis", photons(photon(80), photon(40))
    yield "no trigger", PASSING["central photons"]._replace(diphoton_trigger=False)
    yield (
        "a photon that the trigger did not see",
        photons(photon(70, 0.3, 0.1, trigger_matched=False), photon(55, -0.4, 3.0)),
    )
    yield "both converted", photons(photon(70, 1.0, 0.1, converted=True), photon(55, -0.4, 3.0, converted=True))
    ee = PASSING["ee jj"]
    electrons, jets = ee.leptons, ee.jets
    yield "one lepton, two jets", ee._replace(leptons=electrons[:1])
    yield "two leptons, one jet", ee._replace(jets=jets[:1])
    yield "e mu jj", ee._replace(leptons=(electrons[0], muon(350, -0.3, 2.9, -1)))
    yield "same charge", ee._replace(leptons=(electrons[0], electrons[1]._replace(charge=1)))
    yield "a third lepton", ee._replace(leptons=(*electrons, muon(60, 1.0, 1.0)))
    yield "a soft third lepton", ee._replace(leptons=(*electrons, muon(40, 1.0, 1.0)))
    yield (
        "five leptons and jets",
        ee._replace(leptons=(*electrons, muon(60, 1.0, 1.0), muon(55, -1.0, 1.0), electron(70, 2, -2))),
    )
    yield "four jets", ee._replace(jets=(*jets, jet(200, 2.0, 1.0), jet(500, -2.0, -2.5)))
    yield "twin jets", ee._replace(jets=(jets[0], jets[0]))
    yield (
        "twin leptons and jets",
        ee._replace(leptons=(electrons[0], electrons[0]._replace(charge=-1)), jets=(jets[0], jets[0])),
    )
    yield "jets of equal pT", ee._replace(jets=(jet(300, 0.5, -1.5), jet(300, -0.2, 1.4), jet(300, 1.5, 0.1)))
    yield "jets on both leptons", ee._replace(jets=(jet(300, 0.1, 0.2), jet(300, -0.3, 2.9), *jets))
    yield (
        "a jet on a soft lepton",
        ee._replace(leptons=(*electrons, muon(40, 1.0, 1.0)), jets=(jets[0], jet(300, 1.0, 1.0))),
    )
    yield (
        "no masses",
        ee._replace(
            leptons=tuple(one._replace(energy=0.0) for one in electrons),
            jets=tuple(one._replace(energy=0.0) for one in jets),
        ),
    )
    yield "three muons, two near the Z", leptons(muon(46, 0.2, 0.1), muon(44, -0.3, 3.1, -1), muon(44, -0.3, 3.1, -1))
    yield "muons in each other", leptons(muon(40, 0.2, 0.1), muon(40, 0.2, 0.1, -1))
    yield (
        "four muons, two pairs at the Z",
        leptons(muon(46, 0.2, 0.1), muon(44, -0.3, 3.1, -1), muon(46, 0.2, 1.1), muon(44, -0.3, 4.1 - 2 * math.pi, -1)),
    )
    for angle in (2.0, _float32(2.0, 1), _float32(2.0, -1)):
        yield f"boosted muons {angle!r} apart", leptons(muon(80, 0.2, 0.0), muon(30, 0.2, angle, -1))


def _list_ranks() -> Iterator[tuple[str, RecordedEvent]]:
    """The first, second and third object at a threshold."""
    for steps in (-1, 0, 1):
        for limit in (20.0, 22.0, 25.0):
            pt = _float32(1e3 * limit, steps) / 1e3
            soft = (electron(pt, 0.2, 1.5), electron(19, -0.2, -1.7, -1), muon(18, 0.0, 0.1), muon(17, 0.3, 3.0, -1))
            yield f"first lepton of {limit} GeV, {steps} floats", leptons(*soft)
        for rank, limits in ((1, (15.0, 16.0)), (2, (10.0, 11.0))):
            for limit in limits:
                pts = [80.0, 60.0, limit - 0.5, limit - 1.0]
                pts[rank] = _float32(1e3 * limit, steps) / 1e3
                four = [one._replace(pt=pt) for one, pt in zip(PASSING["4mu"].leptons, pts, strict=True)]
                yield f"lepton {rank} of {limit} GeV, {steps} floats", leptons(*four)
                mixed = (electron(pts[0], 0.0, 0.1), muon(pts[1], 0.2, 1.5), electron(pts[2], 0.3, 3.0, -1))
                yield (
                    f"electron or muon {rank} of {limit} GeV, {steps} floats",
                    leptons(*mixed, muon(pts[3], -0.2, -1.7, -1)),
                )
        y = _float32(35e3, steps) / 1e3
        yield f"first photon of 35 GeV, {steps} floats", photons(photon(y, 0.3, 0.1), photon(30, -0.4, 3.0))


# ---------------------------------------------------------------- one value at a time

_PT = (0.0, 5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 35.0, 50.0, -30.0, 1e-3, 1e5)
_ETA = (0.0, 0.8, 1.2, 1.37, 1.52, 2.37, 2.4, 2.47, 2.5, 2.7, 2.8, 4.5, 30.0, 800.0)
_BODY = {"pt": _PT, "eta": _ETA, "phi": (0.0, PI, -PI, 2 * PI, 100.0), "mass": (0.0, -1.0, 1000.0),
         "energy": (0.0, 1.0, 1e5)}  # fmt: skip
_GRIDS: dict[type, dict[str, tuple[float, ...]]] = {
    RecordedLepton: _BODY | {
        "charge": (-1, 0, 1), "d0": (0.45, 1.0, 3 * SIGMA, 5 * SIGMA, -1.0, -3 * SIGMA, -5 * SIGMA, 0.0),
        "d0_error": (0.0,), "dz": (0.5, -0.5, 2.0, -2.0, 0.6), "track_isolation": (0.0, 1e4, -5.0),
        "calo_isolation": (0.0, 1e4, -5.0), "grade": (NO_GRADE, VERY_LOOSE, LOOSE, MEDIUM), "calo_tagged": (True,),
    },
    RecordedPhoton: _BODY | {
        "track_isolation": (0.0, 1e4, -5.0), "calo_isolation": (0.0, 1e4, -5.0), "grade": (NO_GRADE, LOOSE, MEDIUM),
        "converted": (False, True), "trigger_matched": (False,),
    },
    RecordedJet: _BODY,
}  # fmt: skip
_SHARES = (0.16, 0.3, 0.065)  # of the pT, where isolation is asked for
_WHOLE = ("charge", "grade", "calo_tagged", "converted", "trigger_matched")


def _list_values(one: One, field: str) -> Iterator[float]:
    grid = _GRIDS[type(one)][field]
    if field in _WHOLE:
        yield from grid
        return
    limits = [*grid, *(-value for value in grid if field == "eta")]
    if field.endswith("isolation"):
        limits += [share * one.pt for share in _SHARES] + [share * one.pt / 0.4 for share in _SHARES]
    scale = 1e3 if field in ("pt", "energy", "track_isolation", "calo_isolation") else 1.0
    for limit in limits:
        yield from (_float32(limit * scale, steps) / scale for steps in (-1, 0, 1))
    yield from (NAN, INF, -INF)


def _change(one: One) -> Iterator[tuple[str, One]]:
    """The object with one value changed."""
    for field in _GRIDS[type(one)]:
        for value in _list_values(one, field):
            kept = bool(value) if isinstance(getattr(one, field), bool) else value
            yield f"{field} = {value:.9g}", one._replace(**{field: kept})


CHANGED = ("2e2mu", "4mu", "central photons", "photons, one in the endcap", "ee jj", "light mumu jj", "Z")


def _change_events() -> Iterator[tuple[str, RecordedEvent]]:
    for name in CHANGED:
        event = PASSING[name]
        for part in ("leptons", "photons", "jets"):
            ones: Sequence[RecordedLepton | RecordedPhoton | RecordedJet] = getattr(event, part)
            for i, one in enumerate(ones):
                yield f"{name}: without {part}[{i}]", event._replace(**{part: (*ones[:i], *ones[i + 1 :])})
                for change, other in _change(one):  # type: ignore[type-var]
                    changed = (*ones[:i], other, *ones[i + 1 :])
                    yield f"{name}: {part}[{i}].{change}", event._replace(**{part: changed})


class Edge(NamedTuple):
    """An event and what it is made for."""

    name: str
    event: RecordedEvent


def list_made() -> list[tuple[str, RecordedEvent]]:
    """Those made by hand."""
    return [*EXACT.items(), *_list_distances(), *_list_ranks(), *_list_handmade()]


def list_edges() -> list[Edge]:
    """All of them."""
    named = [*PASSING.items(), *list_made(), *_change_events()]
    return [Edge(name, event) for name, event in named]


# ---------------------------------------------------------------- drawn from a coarse grid


def draw_events(n: int, seed: int) -> list[RecordedEvent]:
    """Events from few values, so that thresholds, ties and twins are met often; angles are free, or those of a twin."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n):
        hard = rng.uniform() < 0.4
        lepton_list = tuple(_draw_lepton(rng, hard) for _ in range(rng.integers(0, 7)))
        photon_list = tuple(_draw_photon(rng) for _ in range(rng.integers(0, 4)))
        jet_list = tuple(_draw_jet(rng, lepton_list) for _ in range(rng.integers(0, 5)))
        drawn.append(
            RecordedEvent(
                _twin(rng, lepton_list),
                _twin(rng, photon_list, apart=0.25),  # the mass of two photons in one place is nothing but rounding
                _twin(rng, jet_list),
                rng.uniform() < 0.9,
            )
        )
    return drawn


def _twin(rng: np.random.Generator, ones: tuple[One, ...], apart: float = 0.0) -> tuple[One, ...]:
    """Now and then, the first object once more, at the end."""
    return (*ones, ones[0]._replace(phi=ones[0].phi + apart)) if ones and rng.uniform() < 0.25 else ones


def _draw_body(rng: np.random.Generator, pts: Sequence[float]) -> dict[str, float]:
    eta = rng.choice([0.0, 0.8, 1.2, 1.37, 1.52, 2.37, 2.4, 2.47, 2.5, 0.3, 0.6, 1.0])
    return {
        "pt": float(rng.choice(pts)),
        "eta": float(np.float32(eta * rng.choice([-1, 1]))),
        "phi": float(np.float32(rng.choice([0.0, PI, -PI]) if rng.uniform() < 0.1 else rng.uniform(-np.pi, np.pi))),
    }


def _draw_lepton(rng: np.random.Generator, hard: bool) -> RecordedLepton:
    pts = (50.0, 51.0, 110.0, 230.0, 410.0, NAN) if hard else (5.0, 7.0, 10.0, 11.0, 15.0, 16.0, 20.0, 25.0, 26.0, 43.0)
    flavour = int(rng.choice([11, 13]))
    return RecordedLepton(
        flavour,
        **_draw_body(rng, pts),  # type: ignore[arg-type]
        charge=int(rng.choice([-1, 1])),
        mass=0.000511 if flavour == 11 else 0.1056583755,
        d0=float(rng.choice([0.0, 0.0, 0.0, 2 * SIGMA, 3 * SIGMA, 5 * SIGMA, 1.0])),
        dz=float(rng.choice([0.0, 0.0, 0.0, 0.5, 0.6, 2.0])),
        track_isolation=float(rng.choice([0.0, 0.0, 1.0, 1.6, 3.0])),
        calo_isolation=float(rng.choice([0.0, 0.0, 1.0, 4.0])),
        grade=int(rng.choice([4, 4, 4, 3, 2, 1])),
        calo_tagged=bool(flavour == 13 and rng.uniform() < 0.1),
    )


def _draw_photon(rng: np.random.Generator) -> RecordedPhoton:
    return RecordedPhoton(
        **_draw_body(rng, (25.0, 26.0, 35.0, 36.0, 40.0, 62.0, 80.0)),  # type: ignore[arg-type]
        track_isolation=float(rng.choice([0.0, 0.0, 2.6, 5.2])),
        calo_isolation=float(rng.choice([0.0, 0.0, 2.6, 5.2])),
        grade=int(rng.choice([4, 4, 3])),
        converted=bool(rng.uniform() < 0.3),
    )


def _draw_jet(rng: np.random.Generator, near: Sequence[RecordedLepton]) -> RecordedJet:
    if near and rng.uniform() < 0.3:
        one = near[int(rng.integers(len(near)))]
        return RecordedJet(150.0, _float32(one.eta + rng.choice([0.1, 0.2, 0.4, 0.41])), one.phi, 10.0)
    return RecordedJet(**_draw_body(rng, (49.0, 50.0, 51.0, 90.0, 210.0)), mass=9.0)  # type: ignore[arg-type]
