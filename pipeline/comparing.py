"""Cutflows against baselines: a built-in analysis that is run here, or the cutflow file of another program."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline import artefacts
from pipeline.analyses import list_analyses, load_analysis, match_profile
from pipeline.compiling import DEFAULT_PROFILE
from pipeline.files import digest_file, digest_sources
from pipeline.run_store import find_run, load_artefact, load_manifest
from schemas.analysis import BuiltInAnalysis, StepValues
from schemas.comparison import Comparison
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import AnalysisFailed, UsageError
from schemas.execution import Execution


class Baseline(NamedTuple):
    """What to compare with: exactly one of a built-in analysis and a cutflow file."""

    name: str
    analysis: BuiltInAnalysis | None
    path: Path | None

    def digests(self) -> dict[str, str]:
        """What the baseline's cutflow depends on, besides the data."""
        if self.path is not None:
            return {"baseline file": digest_file(self.path)}
        return {"baseline code": digest_sources(["benchmarks", "schemas"])}

    def load(self, data: Sequence[Path], profile: str) -> Cutflow:
        """The cutflow of the data files, which have the format of `profile`.

        Raises DataError; UsageError for an unusable file, or a format that the baseline does not read.
        """
        if self.analysis is not None:
            return self.analysis.run_baseline(data, match_profile(self.analysis, profile, data))
        from codegen.outputs import read_cutflow

        if self.path is None:
            raise ValueError("a baseline without an analysis and without a file")
        try:
            return read_cutflow(self.path)
        except AnalysisFailed as error:  # nothing of ours failed: the argument is wrong
            raise UsageError(f"--against: {error}") from error

    def explain(self, data: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
        """What the baseline compared in these events; nothing for a file."""
        if self.analysis is None or not keys:
            return {}
        return self.analysis.explain_events(data, keys, match_profile(self.analysis, profile, data))


def find_baseline(name: str) -> Baseline:
    """The baseline called `name`, or in that file. Raises UsageError when it is neither."""
    if name in list_analyses():
        return Baseline(name, load_analysis(name), None)
    path = Path(name)
    if path.is_file():
        return Baseline(name, None, path.resolve())
    known = ", ".join(list_analyses()) or "none is installed"
    raise UsageError(f"--against {name}: neither a built-in analysis ({known}) nor a cutflow file")


class Program(NamedTuple):
    """The analysis under test: its code, its data and their format, and whether it may run without a sandbox."""

    path: Path
    data: tuple[Path, ...]
    profile: str
    unsafe: bool


def compare_with(ours: Cutflow, theirs: Cutflow, baseline: Baseline, program: Program | None) -> Comparison:
    """The comparison, with what both sides compared in the example events when the program is at hand."""
    from codegen.compare import attach_values, compare_cutflows
    from codegen.explain import explain_events

    comparison = compare_cutflows(ours, theirs)
    if program is None or not comparison.examples:
        return comparison
    keys = [example.key for example in comparison.examples]
    analysis = explain_events(program.path, keys, program.data, unsafe_no_sandbox=program.unsafe)
    return attach_values(comparison, analysis, baseline.explain(program.data, keys, program.profile))


def compare_files(analysis: str, against: str, runs: Path) -> tuple[Cutflow, Comparison]:
    """A run or a cutflow file compared with a baseline; a built-in one runs over the run's data files.

    Raises UsageError when a name stands for nothing, DataError when the data files are gone.
    """
    from codegen.outputs import read_cutflow
    from pipeline.event_data import find_files

    baseline = find_baseline(against)
    path = Path(analysis)
    if path.is_file():
        if baseline.analysis is not None:
            raise UsageError(f"{analysis} is a file: a built-in baseline needs a run, which knows its data files")
        ours = read_cutflow(path)
        return ours, compare_with(ours, baseline.load((), DEFAULT_PROFILE), baseline, None)
    run = find_run(runs, analysis)
    if run is None:
        raise UsageError(f"'{analysis}' is no run below {runs} and no cutflow file; `paperfilter show` lists the runs")
    request = load_manifest(run).request
    data = find_files(request.data) if baseline.analysis is not None else ()
    profile = request.profile or DEFAULT_PROFILE
    ours = load_artefact(run / artefacts.CUTFLOW, Cutflow)
    execution = load_artefact(run / artefacts.EXECUTION, Execution)
    program = Program(run / artefacts.ANALYSIS, data, profile, execution.tier == "none") if data else None
    return ours, compare_with(ours, baseline.load(data, profile), baseline, program)
