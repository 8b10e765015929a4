"""Pairs of events that differ in the last bit of one stored number, and fall on the two sides of one step."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np

from benchmarks.analyses import dimuon_z, diphoton, h4l, h4l_opendata, leptoquark
from benchmarks.analyses.counting import RegionPlan, Verdict
from benchmarks.analyses.events import Event, Jet, Lepton, Photon, cosh, number
from benchmarks.analyses.quadruplets import judge as judge_quadruplet
from benchmarks.analyses.quadruplets import plan_regions
from benchmarks.samples.recorded import (
    LOOSE,
    TIGHT,
    RecordedEvent,
    RecordedJet,
    RecordedLepton,
    RecordedPhoton,
    find_energy,
    find_significance,
)
from tests.benchmarks.edge_events import PASSING, Edge, list_made

PLANS: dict[str, tuple[RegionPlan, ...]] = {
    "h4l": plan_regions(h4l.baseline.SELECTION),
    "h4l_opendata": h4l_opendata.baseline.PLANS,
    "diphoton": diphoton.baseline.PLANS,
    "leptoquark": leptoquark.baseline.PLANS,
    "dimuon_z": dimuon_z.baseline.PLANS,
}
JUDGES: dict[str, Callable[[Event, Mapping[str, str]], Verdict]] = {
    "h4l": lambda event, lacks: judge_quadruplet(event, h4l.baseline.SELECTION, lacks),
    "h4l_opendata": h4l_opendata.baseline.judge,
    "diphoton": diphoton.baseline.judge,
    "leptoquark": leptoquark.baseline.judge,
    "dimuon_z": dimuon_z.baseline.judge,
}
_STEPS = (0.05, 0.15, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0)
_FACTORS = (0.01, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
FAR = {
    "pt": (*_FACTORS, *(1.0 / factor for factor in _FACTORS)), "eta": (*_STEPS, *(-step for step in _STEPS)),
    "phi": (*_STEPS, *(-step for step in _STEPS)), "d0": (1e3,), "track_isolation": (1e4,), "calo_isolation": (1e4,),
}  # fmt: skip
BISECTIONS = 70


def read_recorded(event: RecordedEvent) -> Event:
    """What a reader of the layout `mini` makes of the event, if that stored all there is."""
    return Event(
        key=(0,),
        weight=1.0,
        leptons=tuple(map(_read_lepton, event.leptons)),
        photons=tuple(map(_read_photon, event.photons)),
        jets=tuple(Jet(*_read_body(one)) for one in event.jets),
        triggers=frozenset({"diphoton"} if event.diphoton_trigger else ()),
    )


def straddle_steps(slug: str, skipped: Collection[str] = (), per_step: int = 1) -> Iterator[tuple[str, Edge]]:
    """For every step that can be crossed by moving one number, events just before and behind: step, event."""
    plans, judge = PLANS[slug], JUDGES[slug]
    parents = {plan.name: plan for plan in plans}
    for plan in plans:
        before = _list_steps(plan.parent, parents)
        for i, step in enumerate(plan.steps):
            if step.id in skipped:
                continue
            needed = [*before, *(s.id for s in plan.steps[:i])]
            found = 0
            for name, event in [*PASSING.items(), *list_made()]:
                for place, low, high in _cross(event, judge, needed, step.id):
                    for side, crossed in (("kept", low), ("lost", high)):
                        yield step.id, Edge(f"{slug} {plan.name}/{step.id}: {name}, {place}, just {side}", crossed)
                    found += 1
                    break  # one place of each event
                if found == per_step:
                    break


def _list_steps(name: str | None, plans: Mapping[str, RegionPlan]) -> list[str]:
    if name is None:
        return []
    return [*_list_steps(plans[name].parent, plans), *(step.id for step in plans[name].steps)]


def _cross(
    event: RecordedEvent, judge: Callable[[Event, Mapping[str, str]], Verdict], needed: Sequence[str], step: str
) -> Iterator[tuple[str, RecordedEvent, RecordedEvent]]:
    """Where the event, moved, crosses the step: the events on both sides, neighbours in float32."""

    def passes(moved: RecordedEvent, last: bool) -> bool:
        marks = judge(read_recorded(moved), {}).marks
        return all(s in marks and marks[s].passed for s in (*needed, *([step] if last else [])))

    if not passes(event, True):
        return
    for part in ("leptons", "photons", "jets"):
        ones = getattr(event, part)
        for i, one in enumerate(ones):
            for field, moves in FAR.items():
                start = getattr(one, field, None)
                if start is None:
                    continue
                for move in moves:
                    far = start * move if field == "pt" else start + move if field in ("eta", "phi") else move

                    def put(value: float, part: str = part, i: int = i, field: str = field) -> RecordedEvent:
                        kept = getattr(event, part)
                        return event._replace(**{part: (*kept[:i], kept[i]._replace(**{field: value}), *kept[i + 1 :])})

                    if passes(put(far), True) or not passes(put(far), False):
                        continue
                    inside, outside = _bisect(start, far, field, lambda v, put=put: passes(put(v), True))
                    if passes(put(outside), False):
                        yield f"{part}[{i}].{field}", put(inside), put(outside)
                        break


def _bisect(inside: float, outside: float, field: str, holds: Callable[[float], bool]) -> tuple[float, float]:
    """Neighbours in float32, in the unit of the file, of which the first holds and the second does not."""
    scale = 1e3 if field in ("pt", "track_isolation", "calo_isolation") else 1.0
    low, high = np.float32(inside * scale), np.float32(outside * scale)
    for _ in range(BISECTIONS):
        middle = np.float32((np.float64(low) + np.float64(high)) / 2)
        if middle in (low, high):
            break
        if holds(float(middle) / scale):
            low = middle
        else:
            high = middle
    return float(low) / scale, float(high) / scale


def _store(value: float, scale: float = 1.0) -> float:
    return number(float(np.float32(value * scale))) / scale


def _read_body(one: RecordedLepton | RecordedPhoton | RecordedJet) -> tuple[float, float, float, float]:
    return _store(one.pt, 1e3), _store(one.eta), _store(one.phi), _store(find_energy(one), 1e3)


def _read_lepton(one: RecordedLepton) -> Lepton:
    pt, eta, phi, energy = _read_body(one)
    return Lepton(
        one.flavour, pt, eta, phi, energy, one.charge,
        d0=_store(one.d0), d0_sig=_store(find_significance(one)), z0_sintheta=_store(one.dz) / cosh(eta),
        dz=_store(one.dz), track_isolation=_store(one.track_isolation, 1e3),
        calo_isolation=_store(one.calo_isolation, 1e3), points=frozenset({"loose"} if one.grade >= LOOSE else ()),
        kind="calo_tagged" if one.calo_tagged else "combined",
    )  # fmt: skip


def _read_photon(one: RecordedPhoton) -> Photon:
    return Photon(
        *_read_body(one), track_isolation=_store(one.track_isolation, 1e3),
        calo_isolation=_store(one.calo_isolation, 1e3), points=frozenset({"tight"} if one.grade >= TIGHT else ()),
        converted=one.converted, trigger_matched=one.trigger_matched,
    )  # fmt: skip
