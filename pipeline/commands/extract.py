"""`paperfilter extract`: a paper to selection criteria."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, quiet_option, runs_dir_option, shelves_options
from pipeline.commands.reading_options import Readers, reading_options

if TYPE_CHECKING:
    from pipeline.obtaining import Shelves


@click.command("extract")
@click.argument("paper")
@reading_options
@shelves_options
@runs_dir_option
@json_option
@quiet_option
def command(paper: str, readers: Readers, shelves: "Shelves", runs_dir: Path, as_json: bool, quiet: bool) -> None:
    """Read PAPER and write down its selection criteria.

    PAPER is a PDF, or an arXiv id, DOI, report number or address of a paper. The rules always read; with --model a
    language model reads too, and what the readers found is merged.

    The run folder gets every artefact, ending with criteria.yaml, the file to read and edit. With --json the findings
    with their evidence and the criteria are printed on stdout.
    """
    from pipeline import artefacts
    from pipeline.extracting import extract_criteria
    from pipeline.manifest import Request
    from pipeline.obtaining import name_paper, obtain_paper
    from pipeline.result import describe_extraction
    from pipeline.run_store import open_run
    from pipeline.sources import digest_source
    from pipeline.terminal import Progress, make_console, print_json, show_downloads
    from schemas.errors import NoUsableReading

    identified = name_paper(paper) is not None
    with show_downloads(quiet=quiet) as downloads:
        path = obtain_paper(paper, shelves, downloads)
    request = Request(
        command="extract", kind="paper", source=str(path.resolve()), source_sha256=digest_source(path),
        reader=readers.options.reader, coder="none", reading=readers.options,
    )  # fmt: skip
    unusable: NoUsableReading | None = None
    with readers.open_desk(shelves, runs_dir, identified=identified) as desk:
        try:
            with open_run(runs_dir, path.stem, request) as run:
                folder = run.path
                extract_criteria(run, path, Progress(quiet=quiet), desk)
        except NoUsableReading as error:
            unusable = error  # said after what the rules found is shown
    if as_json and unusable is None:
        print_json(describe_extraction(folder))
    elif not quiet and not as_json:
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
    if unusable is not None:
        raise unusable
