"""`paperfilter run`: all the way to a cutflow, a comparison and a report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.coding_options import Coders, coding_options
from pipeline.commands.options import (
    ManyData,
    accept_defaults_option,
    backend_option,
    executor_options,
    json_option,
    profile_option,
    quiet_option,
    runs_dir_option,
    shelves_options,
)  # fmt: skip
from pipeline.commands.reading_options import Readers, reading_options

if TYPE_CHECKING:
    from pipeline.executors import Kind
    from pipeline.obtaining import Shelves
    from schemas.backend import Backend


@click.command("run", cls=ManyData)
@click.argument("source")
@click.option("--data", multiple=True, metavar="FILES...", help="Event files: paths or quoted patterns.")
@click.option("--against", metavar="NAME|CUTFLOW.json", help="Compare with a built-in analysis or a cutflow file.")
@profile_option
@backend_option
@accept_defaults_option
@click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run generated code without a sandbox; only for code you trust as your own. Recorded in the run.",
)
@executor_options
@coding_options
@reading_options
@shelves_options
@runs_dir_option
@json_option
@quiet_option
def command(
    source: str,
    data: tuple[str, ...],
    against: str | None,
    profile: str | None,
    backend: "Backend | None",
    accept_defaults: bool,
    unsafe: bool,
    executor: "Kind",
    workers: int | None,
    scheduler: str | None,
    coders: Coders,
    readers: Readers,
    shelves: "Shelves",
    runs_dir: Path,
    as_json: bool,
    quiet: bool,
) -> int:
    """Go all the way from SOURCE to a cutflow, a comparison and a report.

    SOURCE is a paper (a PDF, an arXiv id, DOI or report number), a criteria file (.yaml, .json), the name of a built-in
    analysis, or a run: what changed in its folder since then (an edited criteria.yaml, say) and everything after it is
    done again. The same command goes on where an interrupted one stopped.

    With --coder llm a model writes the selection: its code is read, run in the sandbox and compared with the baseline
    step by step, what differs is explained to it, and it tries again, at most --rounds times. Its code counts as right
    only when events that it never saw, and events made up to show every mistake, agree too. Every attempt is in coding/
    of the run folder; `--replay` repeats a loop without the model.

    Code is generated only when no question is open. Exits with 1 when the cutflow does not match.
    """
    from pipeline.executors import Executor
    from pipeline.going import Wishes, go
    from pipeline.result import describe_run
    from pipeline.terminal import Progress, make_console, print_json
    from schemas.errors import EXIT_MISMATCH, EXIT_OK

    wishes = Wishes(
        data=data, against=against, profile=profile, backend=backend, accept_defaults=accept_defaults, unsafe=unsafe,
        executor=Executor(executor, workers, scheduler), runs=runs_dir, readers=readers, coders=coders,
        shelves=shelves,
    )  # fmt: skip
    gone = go(source, wishes, Progress(quiet=quiet))
    folder, comparison = gone.folder, gone.comparison
    if as_json:
        print_json(describe_run(folder))
    elif not quiet:
        from pipeline import artefacts
        from pipeline.report import build_report
        from pipeline.report_terminal import print_files, print_flows, print_verdict, print_warnings

        console = make_console(stderr=False)
        report = build_report(folder)
        print_flows(console, report.flows, against=comparison is not None)
        print_warnings(console, report)
        if report.coding is not None:
            from pipeline.report_coding_terminal import print_coding

            print_coding(console, report.coding)
        if comparison is not None:
            print_verdict(console, comparison)
        if gone.coding is not None:
            from pipeline.coding import word_end

            console.print(word_end(gone.coding), markup=False, soft_wrap=True)
        shown = [artefacts.REPORT_HTML, artefacts.ANALYSIS, *(f.png for f in report.figures)]
        print_files(console, folder, shown)
    return EXIT_OK if gone.matched else EXIT_MISMATCH
