"""Small files in the `mini` layout, written by us, and compiled analyses that are run on them in this process."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.backend import Backend
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow
from tests.codegen.programs import load_file

EVENT_TYPES = {
    "runNumber": "int32", "eventNumber": "int32", "channelNumber": "int32", "mcWeight": "float32",
    "scaleFactor_PILEUP": "float32", "scaleFactor_ELE": "float32", "scaleFactor_MUON": "float32",
    "scaleFactor_PHOTON": "float32", "scaleFactor_LepTRIGGER": "float32", "scaleFactor_PhotonTRIGGER": "float32",
    "XSection": "float32", "SumWeights": "float32", "trigE": "bool", "trigM": "bool", "trigP": "bool",
    "met_et": "float32", "met_phi": "float32",
}  # fmt: skip
OBJECT_TYPES = {
    "lep": {
        "pt": "float32", "eta": "float32", "phi": "float32", "E": "float32", "charge": "int32", "type": "uint32",
        "z0": "float32", "trackd0pvunbiased": "float32", "tracksigd0pvunbiased": "float32", "isTightID": "bool",
        "ptcone30": "float32", "etcone20": "float32",
    },
    "photon": {"pt": "float32", "eta": "float32", "phi": "float32", "E": "float32", "isTightID": "bool"},
    "jet": {"pt": "float32", "eta": "float32", "phi": "float32", "E": "float32", "jvt": "float32", "MV2c10": "float32"},
}  # fmt: skip

Event = Mapping[str, Any]


def make_object(pt: float, eta: float = 0.0, phi: float = 0.0, mass: float = 0.0, **more: float) -> dict[str, float]:
    """An object of a `mini` file from its momentum in GeV; other branches are harmless unless they are given."""
    energy = float(np.sqrt((pt * np.cosh(eta)) ** 2 + mass**2)) if np.isfinite(pt * eta) else float("nan")
    return {"pt": pt * 1000, "eta": eta, "phi": phi, "E": energy * 1000, "charge": 1, "type": 13, **more}


def write_mini(path: Path, events: Sequence[Event], drop: Sequence[str] = (), tree: str = "mini") -> Path:
    """A file with these events: `lep`, `photon` and `jet` are lists of objects, the rest are event branches.

    Branches that an event does not give are 0 (weights and scale factors 1); event numbers count from 1.
    """
    branches: dict[str, object] = {}
    for name, kind in EVENT_TYPES.items():
        usual = 1 if name.startswith(("mcWeight", "scaleFactor", "XSection", "SumWeights")) else 0
        branches[name] = np.array([e.get(name, usual) for e in events], dtype=kind)
    branches["eventNumber"] = np.array([e.get("eventNumber", k + 1) for k, e in enumerate(events)], dtype="int32")
    for prefix, fields in OBJECT_TYPES.items():
        counts = np.array([len(e.get(prefix, ())) for e in events], dtype=np.int64)
        for field, kind in fields.items():
            flat = np.array([o.get(field, 0) for e in events for o in e.get(prefix, ())], dtype=kind)
            branches[f"{prefix}_{field}"] = ak.unflatten(flat, counts)
    branches = {name: values for name, values in branches.items() if name not in drop}
    types = {
        name: values.dtype if isinstance(values, np.ndarray) else ak.type(values).content
        for name, values in branches.items()
    }
    with uproot.recreate(path) as file:
        target = file.mktree(tree, types)
        if events:
            target.extend(branches)
    return path


def read_mini(files: Sequence[Path]) -> list[dict[str, Any]]:
    """The events of `mini` files as plain Python numbers and lists."""
    events: list[dict[str, Any]] = []
    for file in files:
        with uproot.open(file) as opened:
            events += (
                opened["mini"]
                .arrays(filter_name=["/run|event|channel/", "/lep_.*/", "/photon_.*/", "/jet_.*/"])
                .tolist()
            )
    return events


def key_of(event: Event) -> tuple[int, int, int]:
    """The event's key."""
    return event["runNumber"], event["eventNumber"], event["channelNumber"]


class Compiled:
    """A compiled analysis, imported from where it was written."""

    count = 0

    def __init__(self, criteria: str, folder: Path, backend: Backend = "numpy") -> None:
        self.program = compile_analysis(load_criteria(criteria), load_profile("atlas_mini"), backend)
        Compiled.count += 1
        self.name = f"compiled_{Compiled.count}"
        self.path = folder / f"{self.name}.py"
        self.path.write_text(self.program.source, encoding="utf-8")
        self.module: Any = load_file(self.path)

    def run(
        self, files: Sequence[Path], out: Path, watched: frozenset[tuple[int, ...]] = frozenset(), chunk: int = 4000
    ) -> Cutflow:
        """The cutflow that the analysis writes for these files."""
        chunks = self.module.run_analysis([str(f) for f in files], chunk, watched)
        self.module.write_results(out, chunks, watched)
        return Cutflow.model_validate_json((out / "cutflow.json").read_text(encoding="utf-8"))


def list_passed(cutflow: Cutflow, region: str) -> dict[str, frozenset[tuple[int, ...]]]:
    """The events that pass each step of a region, by step id."""
    flow = next(r for r in cutflow.regions if r.name == region)
    return {step.id: flow.keys_at(k) for k, step in enumerate(flow.steps)}


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
