"""What a measurement of speed needs: a large file of each sample, and the compiled program."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from benchmarks.speed.make_files import make_file
from schemas.errors import DataError

if TYPE_CHECKING:
    from benchmarks.samples.collisions import Kind

# the events that are repeated, below a folder of event files
SOURCES = {
    "h4l": "atlas2020_4lep/data_*.root",
    "diphoton": "generated/mc_ggHyy.root",
    "leptoquark": "generated/mc_LQ1000.root",
}
ANALYSES = tuple(SOURCES)
OWN: "dict[str, Kind]" = {"h4l": "four_leptons", "diphoton": "diphoton", "leptoquark": "leptoquarks"}
DRAWN, SEED = 20_000, 2020


def make_sample(
    analysis: str,
    sources: Path | None,
    folder: Path,
    events: int,
    root_python: str | None,
    branches: Sequence[str] = (),
) -> Path:
    """A file of so many events for an analysis: those below `sources` repeated, or simulated ones of our own.

    Raises DataError when there is nothing to repeat.
    """
    found = [draw_own(analysis, folder)] if sources is None else sorted(sources.glob(SOURCES[analysis]))
    if not found:
        raise DataError(f"{sources} has no {SOURCES[analysis]}; name the folder of event files by --sources")
    target = folder / f"mini_{analysis}_{events}.root"
    make_file(found, target, events, root_python, branches)
    return target


def draw_own(analysis: str, folder: Path) -> Path:
    """A file of simulated events of our own. So many that what is repeated is too far away to be compressed."""
    from benchmarks.samples.collisions import draw_collisions
    from benchmarks.samples.layouts import write_events

    path = folder / f"own_{analysis}.root"
    return (
        path
        if path.is_file()
        else write_events(folder, path.stem, "atlas_mini", draw_collisions(OWN[analysis], DRAWN, SEED))
    )


def write_program(analysis: str, folder: Path) -> Path:
    """The compiled program of a built-in analysis, with that of the other back end beside it. Raises CriteriaError."""
    from codegen.compile import compile_analysis
    from codegen.profiles import load_profile
    from schemas.criteria_yaml import load_criteria

    criteria = load_criteria(Path(__file__).parents[1] / "analyses" / analysis / "criteria.yaml")
    path = folder / f"{analysis}.py"
    profile = load_profile("atlas_mini")
    path.write_text(compile_analysis(criteria, profile).source, encoding="utf-8")
    name_loop(path).write_text(compile_analysis(criteria, profile, "numba").source, encoding="utf-8")
    return path


def name_loop(program: Path) -> Path:
    """Where the program of the numba back end is."""
    return program.with_name(f"{program.stem}_loop.py")


def load_program(path: Path) -> ModuleType:
    """The compiled analysis as a module."""
    spec = importlib.util.spec_from_file_location("analysis", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["analysis"] = module
    spec.loader.exec_module(module)
    return module
