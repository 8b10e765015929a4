"""CMS NanoAOD, and files that hold part of it: what a file lacks is said, the rest is read.

Meaning of the branches: the documentation of NanoAOD (cms-nanoaod-doc), versions 7 to 12.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

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
    number,
    sinh,
)
from benchmarks.analyses.formats.rows import Row, floats, iterate_rows, list_branches, scalar

PROFILE = "nanoaod"

NUMBERS = ("run", "luminosityBlock", "event")
POSITION = ("file", "entry")  # which file, which row: the key of files that number no events

_PARTS = {"electron": "Electron", "muon": "Muon", "photon": "Photon", "jet": "Jet"}
_MOMENTUM = ("pt", "eta", "phi", "mass")

# what a quantity needs: the first list of branches that is all there
_NEEDS = {
    "electron.d0": (("Electron_dxy",),),
    "electron.d0sig": (("Electron_dxy", "Electron_dxyErr"),),
    "electron.dz": (("Electron_dz",),),
    "electron.z0_sintheta": (("Electron_dz",),),
    "electron.track_isolation": (("Electron_pfRelIso03_chg",),),
    "electron.calo_isolation": (("Electron_pfRelIso03_all", "Electron_pfRelIso03_chg"),),
    "electron.id.loose": (("Electron_cutBased",),),
    "muon.d0": (("Muon_dxy",),),
    "muon.d0sig": (("Muon_dxy", "Muon_dxyErr"),),
    "muon.dz": (("Muon_dz",),),
    "muon.z0_sintheta": (("Muon_dz",),),
    "muon.track_isolation": (("Muon_pfRelIso03_chg",),),
    "muon.calo_isolation": (("Muon_pfRelIso03_all", "Muon_pfRelIso03_chg"),),
    "muon.id.loose": (("Muon_looseId",),),
    "photon.id.tight": (("Photon_cutBased",), ("Photon_cutBasedBitmap",)),
    "photon.track_isolation": (("Photon_pfRelIso03_chg",), ("Photon_pfRelIso03_chg_quadratic",)),
    "photon.calo_isolation": (
        ("Photon_pfRelIso03_all", "Photon_pfRelIso03_chg"),
        ("Photon_pfRelIso03_all_quadratic", "Photon_pfRelIso03_chg_quadratic"),
    ),
}
_NEVER = {
    "muon.kind": "the format does not say which muons are tagged by the calorimeter",
    "photon.conversion": "the format does not say which photons converted",
    "photon.trigger_match": "objects of the trigger are not matched to photons",
}


def open_files(files: Sequence[Path], uses: Collection[str]) -> EventSource:
    """The events with the kinds of objects in `uses`; what one of the files lacks is lacking. Raises DataError."""
    there = frozenset.intersection(*(list_branches(path, "Events") for path in files)) if files else frozenset()
    wanted, lacks = _plan_branches(there, uses)
    numbered = all(name in there for name in NUMBERS)
    columns = NUMBERS if numbered else POSITION
    return EventSource(PROFILE, columns, lacks, _read(files, wanted, numbered))


def _plan_branches(there: frozenset[str], uses: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """The branches to read, and what they leave unknown."""
    wanted, lacks = [name for name in (*NUMBERS, "genWeight") if name in there], dict(_NEVER)
    for part in uses:
        prefix = _PARTS[part]
        missing = [f"{prefix}_{field}" for field in ("pt", "eta", "phi") if f"{prefix}_{field}" not in there]
        if missing:
            lacks[part] = f"the files have no branch {missing[0]}"
            continue
        wanted += [f"{prefix}_{field}" for field in (*_MOMENTUM, "charge") if f"{prefix}_{field}" in there]
        for quantity, choices in _NEEDS.items():
            if quantity.startswith(f"{part}."):
                found = next((names for names in choices if all(name in there for name in names)), None)
                if found is None:
                    lacks[quantity] = f"the files have no branch {choices[0][0]}"
                else:
                    wanted += found
    triggers = [name for name in there if _is_diphoton_path(name)]
    if "photon" in uses and triggers:
        wanted += triggers
    else:
        lacks["trigger.diphoton"] = "the files have no branch of a diphoton trigger"
    return list(dict.fromkeys(wanted)), lacks


def _is_diphoton_path(name: str) -> bool:
    """The unprescaled paths of an analysis of two photons (JHEP 07 (2021) 027)."""
    return name.startswith("HLT_Diphoton30_22_R9Id_OR_IsoCaloId_AND_HE_R9Id_Mass9")


def _read(files: Sequence[Path], wanted: Sequence[str], numbered: bool) -> Iterator[Event]:
    for position, path in enumerate(files):
        for entry, row in enumerate(iterate_rows(path, "Events", wanted)):
            key = tuple(int(scalar(row, name)) for name in NUMBERS) if numbered else (position, entry)
            yield Event(
                key=key,
                weight=scalar(row, "genWeight") if "genWeight" in row else 1.0,
                leptons=(*_read_leptons(row, "Electron"), *_read_leptons(row, "Muon")),
                photons=tuple(_read_photons(row)),
                jets=tuple(_read_jets(row)),
                triggers=frozenset({"diphoton"} if any(_is_diphoton_path(n) and row[n] for n in row) else ()),
            )


def _read_leptons(row: Row, prefix: str) -> Iterator[Lepton]:
    for i in range(_count(row, prefix)):
        pt, eta = _value(row, f"{prefix}_pt", i), _value(row, f"{prefix}_eta", i)
        dxy, dz = _value(row, f"{prefix}_dxy", i) * 10.0, _value(row, f"{prefix}_dz", i) * 10.0  # cm
        charged, everything = (_value(row, f"{prefix}_pfRelIso03_{what}", i) for what in ("chg", "all"))
        yield Lepton(
            flavour=ELECTRON if prefix == "Electron" else MUON,
            pt=pt,
            eta=eta,
            phi=_value(row, f"{prefix}_phi", i),
            energy=_find_energy(pt, eta, _value(row, f"{prefix}_mass", i)),
            charge=_value(row, f"{prefix}_charge", i),
            d0=dxy,
            d0_sig=divide(_value(row, f"{prefix}_dxy", i), _value(row, f"{prefix}_dxyErr", i)),
            z0_sintheta=dz / cosh(eta),
            dz=dz,
            track_isolation=charged * pt,
            calo_isolation=(everything - charged) * pt,
            points=_list_points(row, prefix, i),
        )


def _list_points(row: Row, prefix: str, i: int) -> frozenset[str]:
    if prefix == "Electron":
        grade = _value(row, "Electron_cutBased", i)
        return frozenset(name for name, at_least in (("loose", 2), ("medium", 3), ("tight", 4)) if grade >= at_least)
    return frozenset({"loose"} if _value(row, "Muon_looseId", i) == 1 else ())


def _read_photons(row: Row) -> Iterator[Photon]:
    for i in range(_count(row, "Photon")):
        pt, eta = _value(row, "Photon_pt", i), _value(row, "Photon_eta", i)
        end = "_quadratic" if "Photon_pfRelIso03_chg_quadratic" in row else ""
        charged, everything = (_value(row, f"Photon_pfRelIso03_{what}{end}", i) for what in ("chg", "all"))
        if "Photon_cutBased" in row:
            tight = _value(row, "Photon_cutBased", i) >= 3
        else:
            tight = "Photon_cutBasedBitmap" in row and bool(int(_value(row, "Photon_cutBasedBitmap", i)) & 4)
        yield Photon(
            pt=pt,
            eta=eta,
            phi=_value(row, "Photon_phi", i),
            energy=_find_energy(pt, eta, _value(row, "Photon_mass", i) if "Photon_mass" in row else 0.0),
            track_isolation=charged * pt,
            calo_isolation=(everything - charged) * pt,
            points=frozenset({"tight"} if tight else ()),
        )


def _read_jets(row: Row) -> Iterator[Jet]:
    for i in range(_count(row, "Jet")):
        pt, eta = _value(row, "Jet_pt", i), _value(row, "Jet_eta", i)
        yield Jet(pt, eta, _value(row, "Jet_phi", i), _find_energy(pt, eta, _value(row, "Jet_mass", i)))


def _count(row: Row, prefix: str) -> int:
    return len(floats(row, f"{prefix}_pt")) if f"{prefix}_pt" in row else 0


def _value(row: Row, name: str, i: int) -> float:
    return number(floats(row, name)[i]) if name in row else NAN


def _find_energy(pt: float, eta: float, mass: float) -> float:
    """Energy from the mass, GeV."""
    pz = pt * sinh(eta)
    return math.sqrt(pt * pt + pz * pz + mass * mass)
