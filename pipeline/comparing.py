"""Cutflows against baselines: a built-in analysis that is run here, or the cutflow file of another program."""

import tempfile
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
from schemas.errors import AnalysisFailed, DataError, UsageError
from schemas.execution import Execution

COMPILER = "compiler"  # as a baseline: what the compiler makes of the same criteria
COMPILED = "compiled.py"  # its program, in the run folder


class Baseline(NamedTuple):
    """What to compare with: exactly one of a built-in analysis, a cutflow file, and the compiler's program."""

    name: str
    analysis: BuiltInAnalysis | None
    path: Path | None
    program: Path | None = None
    unsafe: bool = False  # whether that program runs without a sandbox

    def digests(self) -> dict[str, str]:
        """What the baseline's cutflow depends on, besides the data."""
        if self.path is not None:
            return {"baseline file": digest_file(self.path)}
        if self.program is not None:
            return {"compiled baseline": digest_file(self.program)}
        return {"baseline code": digest_sources(["benchmarks", "schemas"])}

    def load(self, data: Sequence[Path], profile: str) -> Cutflow:
        """The cutflow of the data files, which have the format of `profile`.

        Raises DataError; UsageError for an unusable file, or a format that the baseline does not read.
        """
        if self.analysis is not None:
            return self.analysis.run_baseline(data, match_profile(self.analysis, profile, data))
        from codegen.outputs import read_cutflow

        if self.program is not None:
            return _run_compiled(self.program, data, unsafe=self.unsafe)
        if self.path is None:
            raise ValueError("a baseline without an analysis, a file and a program")
        try:
            return read_cutflow(self.path)
        except AnalysisFailed as error:  # nothing of ours failed: the argument is wrong
            raise UsageError(f"--against: {error}") from error

    def explain(self, data: Sequence[Path], keys: Collection[EventKey], profile: str) -> dict[EventKey, StepValues]:
        """What the baseline compared in these events; nothing for a file."""
        if self.program is not None and keys:
            from codegen.explain import explain_events

            return explain_events(self.program, keys, data, unsafe_no_sandbox=self.unsafe)
        if self.analysis is None or not keys:
            return {}
        return self.analysis.explain_events(data, keys, match_profile(self.analysis, profile, data))


def _run_compiled(program: Path, data: Sequence[Path], *, unsafe: bool) -> Cutflow:
    """The cutflow of our own compiler's program. Raises AnalysisFailed, DataError, SandboxUnavailable."""
    from codegen.outputs import read_cutflow
    from codegen.sandbox import run_sandboxed

    with tempfile.TemporaryDirectory(prefix="paperfilter-") as folder:
        execution = run_sandboxed(program, [], data, Path(folder), unsafe_no_sandbox=unsafe)
        if execution.outcome != "ok":
            last = next((x.strip() for x in reversed(execution.stderr.splitlines()) if x.strip()), execution.outcome)
            kind = DataError if execution.exit_code == DataError.exit_code else AnalysisFailed
            raise kind(f"the compiled program, which is the baseline here: {last[:300]}")
        return read_cutflow(Path(folder, artefacts.CUTFLOW))


def find_baseline(name: str, run: Path | None = None, *, unsafe: bool = False) -> Baseline:
    """The baseline called `name`, or in that file. `run` is the run folder that has the compiler's program, if it is
    to be that. Raises UsageError when it is nothing that is known."""
    if name == COMPILER:
        program = run / COMPILED if run is not None else None
        if program is not None and program.is_file():
            return Baseline(name, None, None, program, unsafe)
        raise UsageError(
            f"--against {COMPILER}: the compiler's own events are a baseline for what a model codes; give --coder llm "
            "and a model, or name a built-in analysis or a cutflow file"
        )
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

    path = Path(analysis)
    baseline = find_baseline(against, find_run(runs, analysis) if not path.is_file() else None)
    if path.is_file():
        if baseline.analysis is not None:
            raise UsageError(f"{analysis} is a file: a built-in baseline needs a run, which knows its data files")
        ours = read_cutflow(path)
        return ours, compare_with(ours, baseline.load((), DEFAULT_PROFILE), baseline, None)
    run = find_run(runs, analysis)
    if run is None:
        raise UsageError(f"'{analysis}' is no run below {runs} and no cutflow file; `paperfilter show` lists the runs")
    request = load_manifest(run).request
    data = find_files(request.data) if baseline.path is None else ()
    profile = request.profile or DEFAULT_PROFILE
    ours = load_artefact(run / artefacts.CUTFLOW, Cutflow)
    execution = load_artefact(run / artefacts.EXECUTION, Execution)
    program = Program(run / artefacts.ANALYSIS, data, profile, execution.tier == "none") if data else None
    return ours, compare_with(ours, baseline.load(data, profile), baseline, program)
