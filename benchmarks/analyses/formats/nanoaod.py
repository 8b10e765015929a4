"""CMS NanoAOD, and files that hold part of it: what a file lacks is said, the rest is read.

Versions store some quantities under other names; the first choice that the files have is taken. Meaning of the
branches: the documentation of NanoAOD, versions 5 to 15.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.analyses.events import (
    ELECTRON,
    MUON,
    NAN,
    Event,
    EventSource,
    Jet,
    Lepton,
    Photon,
    cosh,
    divide,
    find_energy,
    number,
)
from benchmarks.analyses.formats.rows import Row, floats, iterate_rows, list_shared_branches, scalar

PROFILE = "nanoaod"

KEYS = (("run", "luminosityBlock", "event"), ("run", "event"))
POSITION = ("file", "entry")  # which file, which row: the key of files that number no events

_PREFIXES = {"electron": "Electron_", "muon": "Muon_", "photon": "Photon_", "jet": "Jet_"}
_PHOTON_PATHS = tuple(f"HLT_Diphoton30_{n}_R9Id_OR_IsoCaloId_AND_HE_R9Id_Mass90" for n in (22, 18))

Compute = Callable[[Sequence[float]], float]


class Choice(NamedTuple):
    """A quantity from the values of some branches of one object."""

    branches: tuple[str, ...]  # without the prefix
    compute: Compute


def _same(values: Sequence[float]) -> float:
    return values[0]


def _from_cm(values: Sequence[float]) -> float:
    return values[0] * 10.0


def _ratio(values: Sequence[float]) -> float:
    return divide(values[0], values[1])


def _product(values: Sequence[float]) -> float:
    return values[0] * values[1]


def _rest_of_isolation(values: Sequence[float]) -> float:
    return (values[0] - values[1]) * values[2]


def _opposite_sign(values: Sequence[float]) -> float:
    return -math.copysign(1.0, values[0]) if values[0] else values[0]


def _at_least(grade: int) -> Compute:
    return lambda values: float(values[0] >= grade)


def _bit(position: int) -> Compute:
    return lambda values: float(int(values[0]) >> position & 1) if math.isfinite(values[0]) else NAN


def _constant(value: float) -> Choice:
    return Choice(("pt",), lambda _: value)


_CHARGED = Choice(("pfRelIso03_chg", "pt"), _product)
_REST = Choice(("pfRelIso03_all", "pfRelIso03_chg", "pt"), _rest_of_isolation)
_LEPTON = {
    "charge": (Choice(("charge",), _same), Choice(("pdgId",), _opposite_sign)),
    "d0": (Choice(("dxy",), _from_cm),),
    "d0sig": (Choice(("dxy", "dxyErr"), _ratio),),
    "dz": (Choice(("dz",), _from_cm),),
    "z0_sintheta": (Choice(("dz", "eta"), lambda values: values[0] / cosh(values[1]) * 10.0),),
    "calo_isolation": (_REST,),
}
_QUANTITIES: dict[str, dict[str, tuple[Choice, ...]]] = {
    "electron": _LEPTON | {
        "mass": (Choice(("mass",), _same), _constant(0.00051099895)),
        "track_isolation": (_CHARGED, Choice(("dr03TkSumPt",), _same)),
        "id.loose": (
            Choice(("cutBased",), _at_least(2)), Choice(("mvaIso_WPL",), _same), Choice(("mvaFall17V2Iso_WPL",), _same),
        ),
    },
    "muon": _LEPTON | {
        "mass": (Choice(("mass",), _same), _constant(0.1056583755)),
        "track_isolation": (_CHARGED, Choice(("tkRelIso", "pt"), _product)),
        "id.loose": (
            Choice(("looseId",), _same),
            Choice(("isPFcand", "isGlobal", "isTracker"), lambda v: float(v[0] == 1 and (v[1] == 1 or v[2] == 1))),
        ),
    },
    "photon": {
        "id.tight": (
            Choice(("cutBased",), _at_least(3)), Choice(("cutBasedBitmap",), _bit(2)), Choice(("mvaID_WP80",), _same),
        ),
        "track_isolation": (
            _CHARGED, Choice(("pfRelIso03_chg_quadratic", "pt"), _product), Choice(("pfChargedIso",), _same),
        ),
        "calo_isolation": (
            _REST, Choice(("pfRelIso03_all_quadratic", "pfRelIso03_chg_quadratic", "pt"), _rest_of_isolation),
        ),
    },
    "jet": {"mass": (Choice(("mass",), _same),)},
}  # fmt: skip
_NEVER = {
    "muon.kind": "the format does not say which muons are tagged by the calorimeter",
    "photon.conversion": "the format does not say which photons converted",
    "photon.trigger_match": "objects of the trigger are not matched to photons",
}


class _Plan(NamedTuple):
    """What is read, and how each quantity is made in these files."""

    branches: tuple[str, ...]
    key: tuple[str, ...]  # empty: the position
    weight: str | None
    trigger: str | None
    chosen: Mapping[str, Mapping[str, Choice]]  # kind of object -> quantity
    lacks: Mapping[str, str]


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`; what one of the files lacks is lacking. Raises DataError."""
    plan = _make_plan(list_shared_branches(files, "Events"), uses)
    return EventSource(PROFILE, plan.key or POSITION, plan.lacks, _read(files, plan))


def _make_plan(there: frozenset[str], uses: Collection[str]) -> _Plan:
    lacks = dict(_NEVER)
    chosen: dict[str, dict[str, Choice]] = {}
    key = next((names for names in KEYS if all(name in there for name in names)), ())
    weight = "genWeight" if "genWeight" in there else None  # collision data have none
    trigger = next((path for path in _PHOTON_PATHS if path in there), None) if "photon" in uses else None
    branches = [name for name in (*key, weight, trigger) if name is not None]
    if trigger is None:
        lacks["trigger.diphoton"] = f"the files have no branch {_PHOTON_PATHS[0]}"
    for part in uses:
        prefix = _PREFIXES[part]
        missing = next((name for name in ("pt", "eta", "phi") if prefix + name not in there), None)
        if missing is not None:
            lacks[part] = f"the files have no branch {prefix}{missing}"
            continue
        branches += [prefix + name for name in ("pt", "eta", "phi")]
        chosen[part] = {}
        for quantity, choices in _QUANTITIES[part].items():
            found = next((c for c in choices if all(prefix + name in there for name in c.branches)), None)
            if found is None:
                lacks[f"{part}.{quantity}"] = f"the files have no branch {prefix}{choices[0].branches[0]}"
            else:
                chosen[part][quantity] = found
                branches += [prefix + name for name in found.branches]
    return _Plan(tuple(dict.fromkeys(branches)), key, weight, trigger, chosen, lacks)


def _read(files: Sequence[Path], plan: _Plan) -> Iterator[Event]:
    for position, path in enumerate(files):
        for entry, row in enumerate(iterate_rows(path, "Events", plan.branches)):
            yield Event(
                key=tuple(int(scalar(row, name)) for name in plan.key) if plan.key else (position, entry),
                weight=scalar(row, plan.weight) if plan.weight else 1.0,
                leptons=(*_read_leptons(row, plan, "electron"), *_read_leptons(row, plan, "muon")),
                photons=tuple(_read_photons(row, plan)),
                jets=tuple(_read_jets(row, plan)),
                triggers=frozenset({"diphoton"} if plan.trigger and row[plan.trigger] else ()),
            )


def _read_objects(row: Row, plan: _Plan, part: str) -> Iterator[dict[str, float]]:
    """The quantities of every object of a kind, nan where the files do not have them."""
    chosen = plan.chosen.get(part)
    if chosen is None:
        return
    prefix = _PREFIXES[part]
    for i in range(len(floats(row, prefix + "pt"))):
        values = {name: number(floats(row, prefix + name)[i]) for name in ("pt", "eta", "phi")}
        for quantity in _QUANTITIES[part]:
            choice = chosen.get(quantity)
            values[quantity] = (
                NAN
                if choice is None
                else choice.compute([number(floats(row, prefix + name)[i]) for name in choice.branches])
            )
        yield values


def _read_leptons(row: Row, plan: _Plan, part: str) -> Iterator[Lepton]:
    for one in _read_objects(row, plan, part):
        yield Lepton(
            flavour=ELECTRON if part == "electron" else MUON,
            pt=one["pt"],
            eta=one["eta"],
            phi=one["phi"],
            energy=find_energy(one["pt"], one["eta"], one["phi"], one["mass"]),
            charge=one["charge"],
            d0=one["d0"],
            d0_sig=one["d0sig"],
            z0_sintheta=one["z0_sintheta"],
            dz=one["dz"],
            track_isolation=one["track_isolation"],
            calo_isolation=one["calo_isolation"],
            points=frozenset({"loose"} if one["id.loose"] == 1 else ()),
        )


def _read_photons(row: Row, plan: _Plan) -> Iterator[Photon]:
    for one in _read_objects(row, plan, "photon"):
        yield Photon(
            pt=one["pt"],
            eta=one["eta"],
            phi=one["phi"],
            energy=find_energy(one["pt"], one["eta"], one["phi"], 0.0),
            track_isolation=one["track_isolation"],
            calo_isolation=one["calo_isolation"],
            points=frozenset({"tight"} if one["id.tight"] == 1 else ()),
        )


def _read_jets(row: Row, plan: _Plan) -> Iterator[Jet]:
    for one in _read_objects(row, plan, "jet"):
        yield Jet(one["pt"], one["eta"], one["phi"], find_energy(one["pt"], one["eta"], one["phi"], one["mass"]))
