"""Events as JSON lines (evtjsonl-1.0): four-momenta in GeV of generated particles and of jets.

{"event_id": 1, "data": {"particles": [{"id": 11, "status": 1, "px": …, "py": …, "pz": …, "E": …}], "jets": [{…}]}}
"""

import gzip
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.analyses.events import NAN, Event, EventSource, Jet, Lepton, Photon, divide, number
from schemas.errors import DataError

PROFILE = "evtjsonl"

KEY_COLUMNS = ("event_id",)

_GENERATED = "generated particles have none"
LACKS = {
    f"{part}.{quantity}": _GENERATED
    for part in ("electron", "muon", "photon")
    for quantity in ("id.loose", "id.tight", "d0", "d0sig", "dz", "z0_sintheta", "track_isolation", "calo_isolation")
} | {
    "muon.kind": _GENERATED,
    "photon.conversion": _GENERATED,
    "photon.trigger_match": _GENERATED,
    "trigger.diphoton": "generated events have no triggers",
}

_LEPTONS, _PHOTON, _JETS = (11, 13), 22, (0, 1000)  # numbers of particles; jets that were merged with them

Record = Mapping[str, float | None]


class _Momentum(NamedTuple):
    pt: float
    eta: float
    phi: float
    energy: float


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`. Raises DataError while they are read, naming file and line."""
    return EventSource(PROFILE, KEY_COLUMNS, LACKS, _read(files, frozenset(uses)))


class _Habits(NamedTuple):
    """What the files do: whether particles have a status, and jets a list of their own."""

    status: bool
    jets: bool


def _read(files: Sequence[Path], uses: frozenset[str]) -> Iterator[Event]:
    habits = _find_habits(files)
    for path in files:
        for i, event in _iterate_lines(path):
            try:
                yield _read_event(event, uses, habits)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}, line {i}: no event of evtjsonl-1.0: {error}") from error


def _iterate_lines(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with (
        gzip.open(path, "rt", encoding="utf-8-sig")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8-sig") as lines
    ):
        for i, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                event = json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}, line {i}: no event of evtjsonl-1.0: {error}") from error
            yield i, event


def _find_habits(files: Sequence[Path]) -> _Habits:
    status = jets = False
    for path in files:
        for _, event in _iterate_lines(path):
            data = _get_data(event)
            jets = jets or bool(data.get("jets"))
            status = status or any("status" in one for one in data.get("particles") or ())
    return _Habits(status, jets)


def _get_data(event: Mapping[str, object]) -> Mapping[str, Sequence[Record] | None]:
    return cast(Mapping[str, Sequence[Record] | None], event.get("data") or {})


def _read_event(event: Mapping[str, object], uses: frozenset[str], habits: _Habits) -> Event:
    data = _get_data(event)
    particles = [one for one in data.get("particles") or () if not habits.status or one.get("status") == 1]
    merged = () if habits.jets else [one for one in data.get("particles") or () if one.get("id") in _JETS]
    weight = event.get("weight")
    leptons, photons = [], []
    for one in particles:
        kind = int(_get(one, "id"))
        if abs(kind) in _LEPTONS:
            leptons.append(Lepton(abs(kind), *_find_momentum(one), charge=-1.0 if kind > 0 else 1.0))
        elif kind == _PHOTON:
            photons.append(Photon(*_find_momentum(one)))
    return Event(
        key=(int(cast(int, event["event_id"])),),
        weight=float(weight) if isinstance(weight, int | float) else 1.0,
        leptons=tuple(leptons),
        photons=tuple(photons),
        jets=tuple(Jet(*_find_momentum(one)) for one in data.get("jets") or merged) if "jet" in uses else (),
    )


def _find_momentum(one: Record) -> _Momentum:
    px, py, pz, energy = (_get(one, name) for name in ("px", "py", "pz", "E"))
    pt = math.sqrt(px * px + py * py)
    slope = divide(pz, pt)
    return _Momentum(pt, math.asinh(slope), math.atan2(py, px), energy)


def _get(one: Record, name: str) -> float:
    value = one.get(name)
    return number(float(value)) if value is not None else NAN
