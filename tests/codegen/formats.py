"""Criteria compiled for files of any format and run on them in a process of their own."""

import csv
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import awkward as ak
import numpy as np
import uproot

from codegen.compile import CompiledAnalysis, compile_analysis
from pipeline.compiling import find_profile
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow

QUANTITIES = """
schema_version: "1.0"
analysis: {slug: quantities, title: Quantities of a file}
objects:
OBJECTS
variables:
VARIABLES
regions:
- {name: all, cuts: [{id: everything, variable: "abs(0)", operator: "<", threshold: {value: 1}, status: accepted}]}
outputs: [NAMES]
"""


def run_on(program: CompiledAnalysis, files: Sequence[Path], folder: Path) -> Cutflow:
    """The cutflow that a compiled program writes; warnings are errors in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "analysis.py"
    path.write_text(program.source, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(path), *map(str, files), "--out", str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Cutflow.model_validate_json((folder / "out" / "cutflow.json").read_text(encoding="utf-8"))


def read_quantities(
    profile: str, files: Sequence[Path], objects: Mapping[str, str], wanted: Mapping[str, str], folder: Path
) -> dict[str, list[float | None]]:
    """What the profile makes of these expressions in each event, in the order of the files; None where missing."""
    text = QUANTITIES.replace("OBJECTS", "\n".join(f"- {{name: {n}, base: {b}}}" for n, b in objects.items()))
    text = text.replace("VARIABLES", "\n".join(f'- {{name: {n}, expression: "{e}"}}' for n, e in wanted.items()))
    program = compile_analysis(load_criteria(text.replace("NAMES", ", ".join(wanted))), find_profile(profile, files))
    assert program.not_evaluable == ()
    run_on(program, files, folder)
    with (folder / "out" / "candidates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) if row[name] else None for row in rows] for name in wanted}


def write_tree(path: Path, branches: Mapping[str, object], tree: str = "events") -> Path:
    """A file with one tree: arrays are numbers of the event, lists of lists are lists."""
    arrays = {k: v if isinstance(v, np.ndarray) else ak.Array(v) for k, v in branches.items()}  # type: ignore[arg-type]
    types = {k: v.dtype if isinstance(v, np.ndarray) else ak.type(v).content for k, v in arrays.items()}
    with uproot.recreate(path) as file:
        file.mktree(tree, types).extend(arrays)
    return path
