"""The three example selections as plain loops over single events: what the compiler's output is held against."""

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

M_Z = 91.1876

Momentum = tuple[float, float, float, float]
Step = tuple[str, bool]


class Thing(NamedTuple):
    """A lepton, photon or jet in GeV; a value that is missing is NaN, and every comparison with NaN is false."""

    flavour: int
    pt: float
    eta: float
    phi: float
    energy: float
    charge: float
    d0: float
    d0sig: float
    z0: float
    tight: bool

    @property
    def momentum(self) -> Momentum:
        pz = self.pt * math.sinh(self.eta)
        return self.pt * math.cos(self.phi), self.pt * math.sin(self.phi), pz, self.energy


def known(value: float) -> float:
    return float(value) if math.isfinite(value) else math.nan


def list_things(event: dict[str, Any], prefix: str) -> Iterator[Thing]:
    for k in range(len(event[f"{prefix}_pt"])):

        def get(name: str, k: int = k) -> float:
            values = event.get(f"{prefix}_{name}")
            return known(values[k]) if values is not None else 0.0

        yield Thing(
            int(get("type")), get("pt") / 1000, get("eta"), get("phi"), get("E") / 1000, get("charge"),
            get("trackd0pvunbiased"), get("tracksigd0pvunbiased"), get("z0"), get("isTightID") == 1,
        )  # fmt: skip


def order_by_pt(things: list[Thing]) -> list[Thing]:
    return sorted(things, key=lambda t: -t.pt)  # stable: ties keep their order


def add(*momenta: Momentum) -> Momentum:
    first, *rest = momenta
    for other in rest:
        first = (first[0] + other[0], first[1] + other[1], first[2] + other[2], first[3] + other[3])
    return first


def mass(momentum: Momentum) -> float:
    px, py, pz, energy = momentum
    square = energy * energy - (px * px + py * py + pz * pz)
    return math.sqrt(square) if square >= 0 else (0.0 if square < 0 else math.nan)


def delta_r(a: Thing, b: Thing) -> float:
    d_phi = abs(a.phi - b.phi)
    return math.hypot(a.eta - b.eta, d_phi if d_phi <= math.pi else 2 * math.pi - d_phi)


def ramp(x: float) -> float:
    if x <= 140:
        return 12.0
    return 50.0 if x >= 190 else 12 + (x - 140) * (50 - 12) / (190 - 140)


def pick_pair(leptons: list[Thing], used: tuple[int, ...]) -> tuple[int, int] | None:
    best: tuple[float, tuple[int, int]] | None = None
    for i, j in combinations(range(len(leptons)), 2):
        a, b = leptons[i], leptons[j]
        if i in used or j in used or a.flavour != b.flavour or not a.charge * b.charge < 0:
            continue
        score = abs(mass(add(a.momentum, b.momentum)) - M_Z)
        if math.isfinite(score) and (best is None or score < best[0]):
            best = score, (i, j)
    return None if best is None else best[1]


def good_leptons(event: dict[str, Any]) -> list[Thing]:
    electrons, muons = [], []
    for lep in list_things(event, "lep"):
        impact = abs(lep.z0 / math.cosh(lep.eta)) < 0.5
        if lep.flavour == 11 and lep.pt > 7 and abs(lep.eta) < 2.47 and impact:
            electrons.append(lep)
        if lep.flavour == 13 and lep.pt > 5 and abs(lep.eta) < 2.7 and abs(lep.d0) < 1 and impact:
            muons.append(lep)
    return order_by_pt(order_by_pt(electrons) + order_by_pt(muons))


def select_h4l(event: dict[str, Any]) -> dict[str, list[Step]]:
    leptons = good_leptons(event)
    first = pick_pair(leptons, ())
    second = pick_pair(leptons, first) if first is not None else None
    steps: list[Step] = [("quadruplet", first is not None and second is not None)]
    if first is None or second is None:
        return {"preselection": steps, "signal": []}
    four = [leptons[k] for k in sorted((*first, *second))]
    z1, z2 = (add(leptons[i].momentum, leptons[j].momentum) for i, j in (first, second))
    m12, m34, m4l = mass(z1), mass(z2), mass(add(z1, z2))
    pairs = list(combinations(four, 2))
    same = [mass(add(a.momentum, b.momentum)) for a, b in pairs if a.flavour == b.flavour and a.charge * b.charge < 0]
    steps += [
        ("l1_pt", four[0].pt > 20), ("l2_pt", four[1].pt > 15), ("l3_pt", four[2].pt > 10), ("m12", 50 < m12 < 106),
        ("m34_low", m34 > ramp(m4l)), ("m34_high", m34 < 115), ("dR", all(delta_r(a, b) > 0.1 for a, b in pairs)),
        ("jpsi", all(m > 5 for m in same)), ("e_d0sig", all(abs(x.d0sig) < 5 for x in four if x.flavour == 11)),
        ("mu_d0sig", all(abs(x.d0sig) < 3 for x in four if x.flavour == 13)),
    ]  # fmt: skip
    return {"preselection": steps, "signal": [("mass_window", 115 < m4l < 130)]}


def select_diphoton(event: dict[str, Any]) -> dict[str, list[Step]]:
    photons = [
        y for y in list_things(event, "photon")
        if y.pt > 25 and abs(y.eta) < 2.37 and (abs(y.eta) <= 1.37 or abs(y.eta) >= 1.52)
    ]  # fmt: skip
    photons = order_by_pt(photons)
    steps: list[Step] = [("two_photons", len(photons) >= 2)]
    if len(photons) < 2:
        return {"preselection": steps, "tight": [], "non_tight": [], "sidebands": []}
    a, b = photons[:2]
    myy = mass(add(a.momentum, b.momentum))
    steps += [
        ("y1_rel", myy > 0 and a.pt / myy > 0.35), ("y2_rel", myy > 0 and b.pt / myy > 0.25),
        ("window", 105 < myy < 160),
    ]  # fmt: skip
    tight = a.tight and b.tight
    return {
        "preselection": steps,
        "tight": [("both_tight", tight)],
        "non_tight": [("not_both_tight", not tight)],
        "sidebands": [("side", myy <= 120 or myy >= 130)],
    }


def select_leptoquark(event: dict[str, Any]) -> dict[str, list[Step]]:
    passing = [x for x in list_things(event, "lep") if x.pt > 50 and abs(x.eta) < 2.5 and x.flavour in (11, 13)]
    electrons, muons = ([x for x in passing if x.flavour == f] for f in (11, 13))
    leptons = order_by_pt(order_by_pt(electrons) + order_by_pt(muons))
    jets = [j for j in list_things(event, "jet") if j.pt > 50 and abs(j.eta) < 2.5]
    jets = order_by_pt([j for j in jets if not any(delta_r(j, lep) < 0.4 for lep in leptons)])
    paired = False
    if len(leptons) >= 2 and len(jets) >= 2:
        a, b = leptons[:2]
        ways = [(jets[0], jets[1]), (jets[1], jets[0])]
        scores = [abs(mass(add(a.momentum, j.momentum)) - mass(add(b.momentum, k.momentum))) for j, k in ways]
        paired = a.charge * b.charge < 0 and a.flavour == b.flavour and any(math.isfinite(s) for s in scores)
    return {"signal": [("two_leptons", len(leptons) >= 2), ("two_jets", len(jets) >= 2), ("paired", paired)]}


PARENTS = {"signal": "preselection", "tight": "preselection", "non_tight": "preselection", "sidebands": "non_tight"}


def pass_regions(
    select: Callable[[dict[str, Any]], dict[str, list[Step]]], events: list[dict[str, Any]]
) -> dict[str, dict[str, set[tuple[int, int, int]]]]:
    """The keys that pass each step of each region: region -> step -> keys."""
    passed: dict[str, dict[str, set[tuple[int, int, int]]]] = {}
    for event in events:
        key = (event["runNumber"], event["eventNumber"], event["channelNumber"])
        chosen = select(event)
        for region, steps in chosen.items():
            alive = True
            parent = PARENTS.get(region)
            while parent in chosen:
                alive = alive and bool(chosen[parent]) and all(ok for _, ok in chosen[parent])
                parent = PARENTS.get(parent)
            for step, ok in steps:
                alive = alive and ok
                passed.setdefault(region, {}).setdefault(step, set())
                if alive:
                    passed[region][step].add(key)
    return passed
