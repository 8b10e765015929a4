"""Mismatches explained: what is needed is gathered from a run folder, its event files and the baseline."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline import artefacts
from pipeline.comparing import Baseline, Program, find_baseline
from pipeline.compiling import DEFAULT_PROFILE, find_profile
from pipeline.event_data import find_files
from pipeline.reading import load_criteria
from pipeline.run_store import find_run, load_artefact, load_manifest
from schemas.analysis import StepValues
from schemas.coding import Explanation
from schemas.comparison import Comparison
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import AnalysisFailed, DataError, PaperfilterError, UsageError
from schemas.execution import Execution

ATTEMPTS = "coding"  # the folder of a run in which the attempts of a model are


class Explained(NamedTuple):
    """What is said of one comparison: nothing to explain where it matches, which is then why there is none."""

    summary: str
    matched: bool
    explanation: Explanation | None


def explain_compared(
    ssc: SelectionCriteria, ours: Cutflow, theirs: Cutflow, comparison: Comparison, baseline: Baseline | None,
    program: Program | None,
) -> Explanation:  # fmt: skip
    """The explanation of a mismatch. With the program and its data the values of single events are fetched, and causes
    are tried out on the events. Raises UsageError when the comparison names no difference."""
    from codegen.explain import explain_events
    from codegen.explaining.explain import explain_mismatch, list_keys

    keys = list_keys(ssc, ours, theirs, comparison)
    analysis = {e.key: dict(e.analysis_values) for e in comparison.examples if e.analysis_values}
    others = {e.key: dict(e.baseline_values) for e in comparison.examples if e.baseline_values}
    files: Sequence[Path] = ()
    profile = find_profile(DEFAULT_PROFILE)
    if program is not None:
        files, profile = program.data, find_profile(program.profile, program.data)
        with suppress(AnalysisFailed, DataError):  # a program of another origin need not explain itself
            analysis = explain_events(program.path, keys, program.data, unsafe_no_sandbox=program.unsafe)
        if baseline is not None:
            with suppress(AnalysisFailed, DataError):
                others = baseline.explain(program.data, keys, program.profile) or others
    return explain_mismatch(ssc, profile, ours, theirs, comparison, _plain(analysis), _plain(others), files=files)


def explain_named(name: str, runs: Path, against: str | None, attempt: int | None) -> Explained:
    """A run, one attempt of a model in it, or a cutflow file, explained.

    Raises UsageError, DataError, RunFolderError.
    """
    path = Path(name)
    if path.is_file():
        if against is None or attempt is not None:
            raise UsageError(f"{name} is a file: give another cutflow file as --against, and no --attempt")
        return _explain_files(path, against)
    run = find_run(runs, name)
    if run is None:
        raise UsageError(f"'{name}' is no run below {runs} and no cutflow file; `paperfilter show` lists the runs")
    if attempt is not None:
        return _explain_attempt(run, attempt)
    if against is None:
        return _explain_run(run)
    from pipeline.comparing import compare_files

    ours, comparison = compare_files(name, against, runs)
    baseline, program = find_baseline(against, run), find_program(run)
    theirs = baseline.load(program.data if program else (), _profile_of(run))
    return _explain(run, ours, theirs, comparison, baseline, program)


def find_program(run: Path) -> Program | None:
    """The program of a run with its data; none where the data files are gone."""
    request = load_manifest(run).request
    try:
        data = find_files(request.data)
    except DataError:
        return None
    execution = load_artefact(run / artefacts.EXECUTION, Execution)
    return Program(run / artefacts.ANALYSIS, data, request.profile or DEFAULT_PROFILE, execution.tier == "none")


def _profile_of(run: Path) -> str:
    return load_manifest(run).request.profile or DEFAULT_PROFILE


def _explain_run(run: Path) -> Explained:
    if not (run / artefacts.COMPARISON).is_file():
        raise UsageError(
            f"{run} was not compared with a baseline; give one with --against NAME|CUTFLOW.json"
            + (", or an attempt with --attempt N" if (run / ATTEMPTS).is_dir() else "")
        )
    comparison = load_artefact(run / artefacts.COMPARISON, Comparison)
    if (run / artefacts.EXPLANATION).is_file() and not comparison.matched:
        return Explained(comparison.summary, False, load_artefact(run / artefacts.EXPLANATION, Explanation))
    baseline = None
    with suppress(PaperfilterError):  # its events are in the folder all the same
        baseline = find_baseline(load_manifest(run).request.against or "", run)
    ours, theirs = (load_artefact(run / name, Cutflow) for name in (artefacts.CUTFLOW, artefacts.BASELINE))
    return _explain(run, ours, theirs, comparison, baseline, None if comparison.matched else find_program(run))


def _explain(
    run: Path, ours: Cutflow, theirs: Cutflow, comparison: Comparison, baseline: Baseline | None,
    program: Program | None,
) -> Explained:  # fmt: skip
    if comparison.matched or comparison.first_difference is None:
        return Explained(comparison.summary, comparison.matched, None)
    criteria = load_criteria(run / artefacts.ACCEPTED)
    found = explain_compared(criteria, ours, theirs, comparison, baseline, program)
    return Explained(comparison.summary, False, found)


def _explain_attempt(run: Path, number: int) -> Explained:
    """What the loop said of an attempt: it is kept beside it."""
    from schemas.coding import Attempt

    folder = run / ATTEMPTS / f"attempt-{number:02d}"
    if not (folder / "attempt.json").is_file():
        raise UsageError(f"{run} has no attempt {number}; `paperfilter show {run}` lists them")
    attempt = load_artefact(folder / "attempt.json", Attempt)
    if attempt.explanation is None and attempt.comparison is not None and attempt.problem is None:
        return Explained(attempt.comparison.summary, True, None)
    return Explained(attempt.problem or "", attempt.accepted, attempt.explanation)


def _explain_files(path: Path, against: str) -> Explained:
    from codegen.compare import compare_cutflows
    from codegen.outputs import read_cutflow

    baseline = find_baseline(against)
    if baseline.path is None:
        raise UsageError(f"{path} is a file: a built-in baseline needs a run, which knows its data files")
    ours, theirs = read_cutflow(path), baseline.load((), DEFAULT_PROFILE)
    comparison = compare_cutflows(ours, theirs)
    if comparison.matched or comparison.first_difference is None:
        return Explained(comparison.summary, comparison.matched, None)
    found = explain_compared(SelectionCriteria(), ours, theirs, comparison, None, None)
    return Explained(comparison.summary, False, found)


def _plain(values: Mapping[EventKey, StepValues]) -> dict[EventKey, StepValues]:
    return {key: dict(of_event) for key, of_event in values.items()}
