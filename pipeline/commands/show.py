"""`paperfilter show`: runs, criteria and documents for people, or as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, runs_dir_option

if TYPE_CHECKING:
    from rich.console import Console

    from schemas.criteria import SelectionCriteria


@click.command("show")
@click.argument("what", required=False)
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="One attempt of a run's model coder.")
@runs_dir_option
@json_option
def command(what: str | None, attempt: int | None, runs_dir: Path, as_json: bool) -> None:
    """Show WHAT: a run, a criteria file, a document.json or a built-in analysis. Without it, list the runs.

    A run is a folder, `slug/run`, a slug (its newest run), or `latest`. - is criteria on standard input.
    """
    from pipeline.result import describe_run
    from pipeline.run_store import find_run
    from pipeline.terminal import make_console, print_json
    from schemas.errors import UsageError

    console = make_console(stderr=False)
    if what is None and attempt is not None:
        raise UsageError("--attempt N goes with a run: `paperfilter show RUN --attempt N`")
    if what is None:
        _list_runs(console, runs_dir, as_json)
        return
    run = find_run(runs_dir, what)
    if attempt is not None:
        _show_attempt(console, what, run, attempt, as_json)
        return
    if run is not None:
        if as_json:
            print_json(describe_run(run))
        else:
            show_run(console, run)
        return
    path = Path(what)
    if path.is_file() and path.suffix == ".json" and _show_document(console, path, as_json):
        return
    from pipeline.criteria_sources import find_and_load

    try:
        criteria = find_and_load(what, runs_dir)
    except UsageError as error:
        raise UsageError(f"{error}; `paperfilter show` lists the runs") from None
    _show_criteria(console, criteria, as_json)


def show_run(console: "Console", folder: Path) -> None:
    """A run as far as it has come."""
    from pipeline import artefacts
    from pipeline.report import build_report
    from pipeline.report_coding_terminal import print_coding
    from pipeline.report_terminal import (
        print_coverage,
        print_criteria,
        print_files,
        print_flows,
        print_heading,
        print_questions,
        print_readings,
        print_verdict,
        print_warnings,
    )  # fmt: skip

    report = build_report(folder)
    print_heading(console, report)
    print_criteria(console, report.criteria)
    print_questions(console, report.questions)
    if report.thresholds:
        print_coverage(console, report.thresholds, report.unclaimed)
    print_readings(console, report)
    print_warnings(console, report)
    print_flows(console, report.flows, against=report.comparison is not None)
    if report.comparison is not None:
        print_verdict(console, report.comparison)
    if report.coding is not None:
        print_coding(console, report.coding)
    print_files(console, folder, [artefacts.CRITERIA, artefacts.ANALYSIS, artefacts.REPORT_HTML])


def _show_attempt(console: "Console", what: str, run: Path | None, number: int, as_json: bool) -> None:
    from pipeline.coding_log import load_attempts
    from pipeline.report_coding import FOLDER
    from pipeline.report_coding_terminal import print_attempt
    from pipeline.terminal import print_json
    from schemas.errors import UsageError

    attempts = {kept.attempt.number: kept for kept in load_attempts(run / FOLDER)} if run is not None else {}
    if number not in attempts:
        known = f"it has {', '.join(map(str, attempts))}" if attempts else "no model wrote code there"
        raise UsageError(f"{what} has no attempt {number}: {known}")
    kept = attempts[number]
    if as_json:
        print_json({**kept.attempt.model_dump(mode="json"), "functions": kept.functions})
    else:
        print_attempt(console, kept)


def _list_runs(console: "Console", runs_dir: Path, as_json: bool) -> None:
    from contextlib import suppress

    from pipeline.run_store import list_runs, load_manifest
    from pipeline.terminal import print_json
    from schemas.errors import RunFolderError

    rows = []
    for folder in list_runs(runs_dir):
        with suppress(RunFolderError):
            rows.append((folder, load_manifest(folder)))
    if as_json:
        print_json([{"run": str(f), **m.model_dump(mode="json", exclude={"steps"})} for f, m in rows])
        return
    if not rows:
        console.print(f"no runs in {runs_dir}", markup=False, soft_wrap=True)
    for folder, manifest in rows:
        state = "finished" if manifest.finished else f"stopped after {len(manifest.steps)} steps"
        line = f"{folder.parent.name}/{folder.name}  {manifest.request.command}  {state}"
        console.print(line, markup=False, soft_wrap=True)


def _show_document(console: "Console", path: Path, as_json: bool) -> bool:
    """Show a paper as read; false when the file holds something else."""
    from pydantic import ValidationError

    from pipeline.report_terminal import print_document
    from pipeline.terminal import print_json
    from schemas.document import Document

    try:
        document = Document.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return False
    if as_json:
        print_json(document.model_dump(mode="json", exclude={"words"}))
    else:
        print_document(console, document)
    return True


def _show_criteria(console: "Console", criteria: "SelectionCriteria", as_json: bool) -> None:
    from pipeline.report import group_criteria
    from pipeline.report_terminal import print_analysis, print_criteria, print_questions
    from pipeline.terminal import print_json

    if as_json:
        print_json(criteria.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        return
    print_analysis(console, criteria)
    print_criteria(console, group_criteria(criteria))
    print_questions(console, criteria.questions)
