"""`paperfilter extract`: a paper's PDF to selection criteria."""

from pathlib import Path

import click

from pipeline.commands.options import json_option, quiet_option, runs_dir_option


@click.command("extract")
@click.argument("paper", type=click.Path(path_type=Path))
@runs_dir_option
@json_option
@quiet_option
def command(paper: Path, runs_dir: Path, as_json: bool, quiet: bool) -> None:
    """Read PAPER (a PDF) and write down its selection criteria.

    The run folder gets document.json, findings.json, evidence.json, coverage.json and criteria.yaml, the file to read
    and edit. With --json the findings with their evidence and the criteria are printed on stdout.
    """
    from pipeline import artefacts
    from pipeline.manifest import Request
    from pipeline.reading import extract_criteria
    from pipeline.result import describe_extraction
    from pipeline.run_store import open_run
    from pipeline.sources import digest_source
    from pipeline.terminal import Progress, make_console, print_json

    digest = digest_source(paper)
    request = Request(
        command="extract", kind="paper", source=str(paper.resolve()), source_sha256=digest, reader="rules", coder="none"
    )
    with open_run(runs_dir, paper.stem, request) as run:
        extract_criteria(run, paper, Progress(quiet=quiet))
        folder = run.path
    if as_json:
        print_json(describe_extraction(folder))
    elif not quiet:
        from pipeline.report import build_report
        from pipeline.report_terminal import (
            print_coverage,
            print_criteria,
            print_files,
            print_questions,
            print_warnings,
        )  # fmt: skip

        console = make_console(stderr=False)
        report = build_report(folder)
        print_criteria(console, report.criteria)
        print_questions(console, report.questions)
        print_coverage(console, report.thresholds, report.unclaimed)
        print_warnings(console, report)
        print_files(console, folder, [artefacts.CRITERIA])
        console.print(f"next: paperfilter run {folder} --data FILES", markup=False, soft_wrap=True)
