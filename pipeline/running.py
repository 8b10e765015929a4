"""From criteria.yaml to a report: accept, compile, execute, compare with a baseline, draw, write."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline import artefacts, gate
from pipeline.comparing import Baseline, Program, compare_with
from pipeline.compiling import DEFAULT_PROFILE, BindingRecord, compile_criteria, find_profile, record_binding
from pipeline.editing import describe_hands
from pipeline.event_data import digest_data
from pipeline.executors import Executor
from pipeline.files import digest_file, digest_sources, digest_text, write_atomically
from pipeline.person import find_person
from pipeline.reading import export_criteria, list_criteria_files, load_criteria, load_marked
from pipeline.run_store import RunFolder, dump_artefact, load_artefact
from pipeline.terminal import Progress
from schemas.backend import Backend
from schemas.comparison import Comparison
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow
from schemas.errors import AnalysisFailed, DataError, UsageError
from schemas.execution import Execution

ITERATIVE = Executor()
FAILED = "failed-execution.json"
OUTCOMES = {
    "crashed": "crashed",
    "timeout": "ran out of time",
    "memory": "ran out of memory",
    "output_limit": "wrote more than is allowed",
    "killed": "was killed",
    "no_output": "wrote no output",
}


def accept_criteria(run: RunFolder, progress: Progress, *, accept_defaults: bool) -> None:
    """Let criteria through the gate into accepted.yaml. Raises OpenQuestions while something is open.

    What was edited by hand and which defaults are taken is on record in the run's review, in the name of the person
    who runs this. Answers that are on record stay.
    """
    from pipeline.review.accepting import keep_review, take_defaults

    def make(folder: Path) -> None:
        criteria = load_marked(run.path)
        gate.check_gate(criteria, str(run.path), reviewable=True)
        from schemas.criteria_yaml import dump_criteria

        (folder / artefacts.ACCEPTED).write_text(dump_criteria(criteria), encoding="utf-8")
        made.append(criteria)

    made: list[SelectionCriteria] = []  # what was just written need not be parsed: seconds for a long paper
    keep_review(run.path)
    if accept_defaults and take_defaults(run, find_person()):
        export_criteria(run)
    before = run.manifest.find_step("accept")
    reads = list_criteria_files(run.path)
    same = before is not None and before.inputs == {name: digest_file(run.path / name) for name in reads}
    with progress.stage("accept") as stage:
        stage.reused = not run.do(
            "accept",
            make,
            reads=reads,
            writes=[artefacts.ACCEPTED],
            settings=before.settings if before is not None and same else {},  # of a run before there were reviews
        )
        accepted = made[0] if made else load_criteria(run.path / artefacts.ACCEPTED)
        questions = accepted.questions
        names = sorted({q.answer.by for q in questions if q.answer})
        stage.detail = f"{len(questions)} questions answered by {', '.join(names)}" if questions else "nothing was open"
        if by_hand := describe_hands(accepted):
            stage.detail += f", {by_hand}"


def compile_run(
    run: RunFolder, progress: Progress, profile: str, files: Sequence[Path] = (), backend: Backend = "numpy"
) -> None:
    """Write analysis.py and binding.json, for a data format as these files have it.

    Raises CriteriaError, ProfileError, or DataError when the files are not of the format.
    """

    def make(folder: Path) -> None:
        compiled = compile_criteria(load_criteria(run.path / artefacts.ACCEPTED), fitted, backend)
        (folder / artefacts.ANALYSIS).write_text(compiled.source, encoding="utf-8")
        dump_artefact(folder / artefacts.BINDING, record_binding(compiled, profile, fitted))

    fitted = find_profile(profile, files)
    layout = hashlib.sha256(fitted.model_dump_json().encode()).hexdigest()
    digests = {"paperfilter code": digest_sources(["codegen", "schemas"]), "layout of the data": layout}
    if Path(profile).is_file():
        digests["profile"] = digest_data(Path(profile))
    with progress.stage("compile") as stage:
        stage.reused = not run.do(
            "compile",
            make,
            reads=[artefacts.ACCEPTED],
            writes=[artefacts.ANALYSIS, artefacts.BINDING],
            digests=digests,
            settings={"profile": profile} | ({"backend": backend} if backend != "numpy" else {}),
        )
        lines = (run.path / artefacts.ANALYSIS).read_text(encoding="utf-8").count("\n")
        missing = len(load_artefact(run.path / artefacts.BINDING, BindingRecord).not_evaluable)
        stage.detail = f"{artefacts.ANALYSIS}, {lines} lines for {profile}, {missing} cuts not evaluable"


def drop_results(run: RunFolder) -> None:
    """Remove what earlier code of this run left, where there is no code now that ran."""
    for name in ("execute", "compare", "draw", "report"):
        record = run.manifest.find_step(name)
        if record is not None:
            run.forget(name)
            for artefact in record.outputs:
                (run.path / artefact).unlink(missing_ok=True)


def execute(
    run: RunFolder, progress: Progress, data: Mapping[Path, str], *, unsafe: bool, executor: Executor = ITERATIVE
) -> Cutflow:
    """Run analysis.py in the sandbox over `data` (path -> SHA-256). Raises AnalysisFailed, DataError, UsageError,
    SandboxUnavailable."""

    def make(folder: Path) -> None:
        from codegen.outputs import read_cutflow
        from codegen.sandbox import run_sandboxed

        execution = run_sandboxed(
            run.path / artefacts.ANALYSIS, executor.list_arguments(), list(data), folder,
            executor.set_limits(os.cpu_count() or 1), unsafe_no_sandbox=unsafe,
        )  # fmt: skip
        if execution.outcome != "ok":
            write_atomically(run.path / FAILED, execution.model_dump_json(indent=1) + "\n")
            raise name_failure(execution, list(data), run.path)
        if read_cutflow(folder / artefacts.CUTFLOW).n_events == 0:
            raise DataError(f"no events in {', '.join(map(str, data))}; give files with events")
        dump_artefact(folder / artefacts.EXECUTION, execution)

    with progress.stage("execute") as stage:
        stage.update("without a sandbox, as asked" if unsafe else "in the sandbox")
        stage.reused = not run.do(
            "execute",
            make,
            reads=[artefacts.ANALYSIS],
            writes=[artefacts.EXECUTION, artefacts.CUTFLOW, artefacts.HISTOGRAMS, artefacts.CANDIDATES],
            digests={str(path): digest for path, digest in data.items()},
            # the executor is no setting: results are the same with each
            settings={"sandbox": "none, by --unsafe-no-sandbox" if unsafe else "required"},
        )
        cutflow = load_artefact(run.path / artefacts.CUTFLOW, Cutflow)
        execution = load_artefact(run.path / artefacts.EXECUTION, Execution)
        ends = ", ".join(f"{r.name} {r.steps[-1].count}" for r in cutflow.regions)
        where = "no sandbox" if execution.tier == "none" else execution.tier
        stage.detail = f"{cutflow.n_events} events ({where}): {ends}"
    return cutflow


def compare_run(
    run: RunFolder, progress: Progress, data: Mapping[Path, str], baseline: Baseline, *, unsafe: bool
) -> Comparison:
    """Run or load the baseline and compare event sets. Raises DataError, UsageError."""
    profile = run.manifest.request.profile or DEFAULT_PROFILE
    digests = {str(path): digest for path, digest in data.items()} | baseline.digests()
    with progress.stage("baseline") as stage:
        stage.update(baseline.name)
        stage.reused = not run.do(
            "baseline",
            lambda folder: dump_artefact(folder / artefacts.BASELINE, baseline.load(list(data), profile)),
            writes=[artefacts.BASELINE],
            digests=digests,
            settings={"against": baseline.name, "profile": profile},
        )
        theirs = load_artefact(run.path / artefacts.BASELINE, Cutflow)
        stage.detail = f"{baseline.name}: " + ", ".join(f"{r.name} {r.steps[-1].count}" for r in theirs.regions)
    with progress.stage("compare") as stage:
        stage.reused = not run.do(
            "compare",
            lambda folder: dump_artefact(
                folder / artefacts.COMPARISON,
                compare_with(
                    load_artefact(run.path / artefacts.CUTFLOW, Cutflow),
                    theirs,
                    baseline,
                    Program(run.path / artefacts.ANALYSIS, tuple(data), profile, unsafe),
                ),
            ),
            reads=[artefacts.CUTFLOW, artefacts.BASELINE],
            writes=[artefacts.COMPARISON],
            digests={"paperfilter code": digest_sources(["codegen", "schemas"])},
        )
        comparison = load_artefact(run.path / artefacts.COMPARISON, Comparison)
        stage.detail = comparison.summary
    explain_run(run, progress, Program(run.path / artefacts.ANALYSIS, tuple(data), profile, unsafe), baseline)
    return comparison


def explain_run(run: RunFolder, progress: Progress, program: Program, baseline: Baseline) -> None:
    """Write explanation.json for a mismatch; none for a match."""
    from pipeline.explaining import explain_compared
    from schemas.coding import Explanation

    comparison = load_artefact(run.path / artefacts.COMPARISON, Comparison)

    def make(folder: Path) -> None:
        ours, theirs = (load_artefact(run.path / name, Cutflow) for name in (artefacts.CUTFLOW, artefacts.BASELINE))
        criteria = load_criteria(run.path / artefacts.ACCEPTED)
        found = explain_compared(criteria, ours, theirs, comparison, baseline, program)
        dump_artefact(folder / artefacts.EXPLANATION, found)

    if comparison.first_difference is None:
        run.forget("explain")
        (run.path / artefacts.EXPLANATION).unlink(missing_ok=True)
        return
    with progress.stage("explain") as stage:
        stage.reused = not run.do(
            "explain",
            make,
            reads=[artefacts.ACCEPTED, artefacts.CUTFLOW, artefacts.BASELINE, artefacts.COMPARISON],
            writes=[artefacts.EXPLANATION],
            digests={"paperfilter code": digest_sources(["codegen", "schemas"])},
        )
        causes = load_artefact(run.path / artefacts.EXPLANATION, Explanation).causes
        stage.detail = causes[0].text if causes else ""


def write_reports(run: RunFolder, progress: Progress) -> None:
    """Draw the histograms and write report.html and report.md."""
    from pipeline.figures import Figure, draw_figures, name_files
    from pipeline.report import build_report

    code = {"paperfilter code": digest_sources(["pipeline", "schemas"])}
    if (run.path / artefacts.CUTFLOW).is_file():  # not there when no code of a model ran
        with progress.stage("draw") as stage:
            stage.reused = not run.do(
                "draw",
                lambda folder: draw_figures(run.path, folder),
                reads=[artefacts.CUTFLOW, artefacts.HISTOGRAMS, artefacts.CANDIDATES],
                writes=[artefacts.FIGURES, *name_files(run.path)],
                digests=code,
            )
            figures = load_artefact(run.path / artefacts.FIGURES, tuple[Figure, ...])
            stage.detail = ", ".join(f.png for f in figures) or "no events to draw"

    def make(folder: Path) -> None:
        from pipeline.report_html import render_html
        from pipeline.report_markdown import render_markdown

        report = build_report(run.path)
        (folder / artefacts.REPORT_HTML).write_text(render_html(report, run.path), encoding="utf-8")
        (folder / artefacts.REPORT_MARKDOWN).write_text(render_markdown(report), encoding="utf-8")

    present = [name for name in artefacts.REPORTED if (run.path / name).is_file()]
    with progress.stage("report") as stage:
        stage.reused = not run.do(
            "report",
            make,
            reads=present,
            writes=[artefacts.REPORT_HTML, artefacts.REPORT_MARKDOWN],
            digests=code | {"request": digest_text(run.manifest.request.model_dump_json())},
        )
        stage.detail = f"{artefacts.REPORT_HTML}, {artefacts.REPORT_MARKDOWN}"


def name_failure(execution: Execution, data: Sequence[Path], folder: Path) -> AnalysisFailed | DataError | UsageError:
    """What went wrong with generated code, with the last line it printed; its complaint about the data as such."""
    from codegen.confinement import DATA

    last = next((line.strip() for line in reversed(execution.stderr.splitlines()) if line.strip()), "no message")
    for i, path in enumerate(data):
        last = last.replace(str(DATA / str(i) / path.name), str(path))
    if execution.outcome == "crashed" and execution.exit_code == DataError.exit_code:
        return DataError(f"{last.removeprefix(f'{artefacts.ANALYSIS}: ')[:500]}; give files of the profile's format")
    if execution.outcome == "crashed" and execution.exit_code == UsageError.exit_code and "Dask" in last:
        return UsageError(last.removeprefix(f"{artefacts.ANALYSIS}: ")[:500])
    what = OUTCOMES.get(execution.outcome, execution.outcome)
    return AnalysisFailed(f"{artefacts.ANALYSIS} {what}: {last[:300]}; see {folder / FAILED}")
