"""`paperfilter witness`: which cuts does a program really implement?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, profile_option, quiet_option, runs_dir_option

if TYPE_CHECKING:
    from pipeline.witnessing import WitnessReport

STYLES = {"implemented": "green", "wrong": "bold red", "absent": "bold red", "hidden": "yellow", "not witnessed": "dim"}


@click.command("witness")
@click.argument("source")
@click.option(
    "--code",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The program to examine: any analysis.py with the same command line and cutflow.json. [default: that of the "
    "run, or freshly compiled code]",
)
@profile_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Keep the events and results here.")
@click.option(
    "--unsafe-no-sandbox", "unsafe", is_flag=True,
    help="Run the program without a sandbox; only for code you trust as your own.",
)  # fmt: skip
@runs_dir_option
@json_option
@quiet_option
def command(
    source: str, code: Path | None, profile: str | None, out: Path | None, unsafe: bool, runs_dir: Path, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Run a program on witness events of SOURCE: synthetic events just inside and just outside every cut.

    SOURCE is a criteria file, a built-in analysis or a run. Says of every cut whether the program implements it, and
    shows the event that proves the contrary. Exits with 1 when a cut is wrong or absent, or the program fails. The
    events of the same criteria are searched once, which takes a minute or so, and kept in the cache folder.
    """
    import tempfile

    from pipeline import artefacts
    from pipeline.compiling import DEFAULT_PROFILE, find_profile
    from pipeline.criteria_sources import find_criteria, load_source
    from pipeline.terminal import Progress, make_console, print_json
    from pipeline.witness_cache import find_witnesses
    from pipeline.witnessing import compile_for, examine, write_witnesses
    from schemas.errors import EXIT_MISMATCH, EXIT_OK

    origin = find_criteria(source, runs_dir)
    criteria = load_source(origin)
    progress = Progress(quiet=quiet or as_json)
    with tempfile.TemporaryDirectory() as scratch:
        folder = out or Path(scratch)
        with progress.stage("search") as stage:
            found, stage.reused = find_witnesses(criteria, find_profile(profile or DEFAULT_PROFILE), stage.update)
            data = write_witnesses(found, folder)
            of = f"{len(found.killed)} of {len(found.killed) + len(found.survivors)} single mistakes"
            stage.detail = f"{len(found.witnesses)} witness events, which tell {of}"
        if code is None and origin.kind == "run" and origin.path is not None:
            code = next((p for p in (origin.path / artefacts.ANALYSIS,) if p.is_file()), None)
        with progress.stage("run") as stage:
            program = code or compile_for(criteria, found, folder)
            report = examine(found, program, data, folder, unsafe=unsafe)
            counts = report.count()
            stage.failed = report.problem is not None
            stage.detail = report.problem or ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    if as_json:
        print_json({**report.model_dump(mode="json"), "right": report.right})
    elif not quiet:
        _print(make_console(stderr=False), report)
    return EXIT_OK if report.right else EXIT_MISMATCH


def _print(console: "object", report: "WitnessReport") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pipeline.terminal import strip_controls
    from pipeline.witnessing import describe_verdict

    assert isinstance(console, Console)
    if report.problem is not None:
        console.print(Text(strip_controls(report.problem), style="bold red"), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False)
    for title in ("where", "cut", "verdict", "what shows it"):
        table.add_column(title)
    for verdict in report.verdicts:
        table.add_row(
            Text(strip_controls(verdict.owner)), Text(strip_controls(verdict.item)),
            Text(verdict.verdict, style=STYLES[verdict.verdict]), Text(strip_controls(describe_verdict(verdict))),
        )  # fmt: skip
    console.print(table)
