"""What a measurement of speed needs: a large file of each sample, and the compiled program."""

from pathlib import Path

from benchmarks.speed.make_files import make_file
from schemas.errors import DataError

# the events that are repeated, below a folder of event files
SOURCES = {
    "h4l": "atlas2020_4lep/data_*.root",
    "diphoton": "generated/mc_ggHyy.root",
    "leptoquark": "generated/mc_LQ1000.root",
}
ANALYSES = tuple(SOURCES)


def make_sample(analysis: str, sources: Path, folder: Path, events: int, root_python: str) -> Path:
    """A file of so many events for an analysis. Raises DataError when there is nothing to repeat."""
    found = sorted(sources.glob(SOURCES[analysis]))
    if not found:
        raise DataError(f"{sources} has no {SOURCES[analysis]}; name the folder of event files by --sources")
    target = folder / f"mini_{analysis}_{events}.root"
    make_file(found, target, events, root_python)
    return target


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
