"""A built-in analysis compiled for some files, run in this process, and compared with its baseline."""

import contextlib
import importlib.util
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.analyses import dimuon_z, diphoton, h4l, h4l_opendata, leptoquark
from benchmarks.samples.collisions import Kind
from codegen.compare import compare_cutflows
from pipeline.compiling import compile_criteria, find_profile
from schemas.backend import Backend
from schemas.comparison import Comparison
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow

ANALYSES = {a.slug: a for a in (m.ANALYSIS for m in (h4l, h4l_opendata, diphoton, leptoquark, dimuon_z))}
MATRIX = [(slug, profile) for slug, analysis in ANALYSES.items() for profile in analysis.profiles]

# what is simulated for an analysis, and in how many steps it is evaluated in formats that can say everything
KINDS: dict[str, Kind] = {
    "h4l": "four_leptons", "h4l_opendata": "four_leptons", "diphoton": "diphoton", "leptoquark": "leptoquarks",
    "dimuon_z": "dimuon",
}  # fmt: skip
STEPS = {"h4l": 14, "h4l_opendata": 7, "diphoton": 20, "leptoquark": 13, "dimuon_z": 9}

# steps that some layouts, as we write them, cannot evaluate
NOT_EVALUATED = {
    ("h4l", "atlas_physlite"): {"electron_d0_sig", "muon_d0_sig"},
    ("h4l", "evtjsonl"): {"electron_d0_sig", "muon_d0_sig", "lepton_isolation"},
    ("diphoton", "atlas_physlite"): {"diphoton_trigger", "none_converted", "one_converted"},
    ("diphoton", "nanoaod"): {"none_converted", "one_converted"},
}


class Outcome(NamedTuple):
    """Both sides of one run."""

    comparison: Comparison
    analysis: Cutflow
    baseline: Cutflow

    @property
    def not_evaluated(self) -> set[str]:
        """Ids of the steps that neither side evaluates."""
        return {step.step for step in self.comparison.steps if step.state == "not_evaluated"}

    def check(self, evaluated: int) -> None:
        """Equal events and yields after every step, of which at least so many are evaluated."""
        assert self.comparison.matched, self.comparison.summary + str(self.comparison.examples[:3])
        assert {step.state for step in self.comparison.steps} <= {"equal", "not_evaluated"}
        assert "weighted yields differ" not in self.comparison.summary
        own = [s for r in self.baseline.regions for s in r.steps[1:] if s.evaluated]
        assert len(own) >= evaluated, [s.id for s in own]


class _Count:
    modules = 0


def run_analysis(
    slug: str, profile: str, files: Sequence[Path], folder: Path, backend: Backend = "numpy", chunk: int = 4000
) -> Outcome:
    """Compile for these files, run, and compare with the baseline; the code is left in the folder."""
    program = compile_criteria(load_criteria(ANALYSES[slug].criteria), find_profile(profile, files), backend)
    return run_program(program.source, slug, profile, files, folder, chunk)


def run_program(
    source: str, slug: str, profile: str, files: Sequence[Path], folder: Path, chunk: int = 4000
) -> Outcome:
    """Run a program for these files in this process, and compare with the baseline; it is left in the folder."""
    analysis = ANALYSES[slug]
    _Count.modules += 1
    name = f"analysis_{_Count.modules}"
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with contextlib.redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
        chunks = module.run_analysis([str(f) for f in files], chunk, frozenset())
        module.write_results(folder, chunks, frozenset())
    ours = Cutflow.model_validate_json((folder / "cutflow.json").read_text(encoding="utf-8"))
    baseline = analysis.run_baseline(files, profile)
    return Outcome(compare_cutflows(ours, baseline), ours, baseline)
