"""`paperfilter history`: who did what to the criteria of a run, when and why."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, runs_dir_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from schemas.review import Revision

SHOWN = 3  # changes of one revision


@click.command("history")
@click.argument("run")
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all of it to FILE.json, FILE.csv (one line per change) or FILE.md.",
)
@runs_dir_option
@json_option
def command(run: str, target: Path | None, runs_dir: Path, as_json: bool) -> None:
    """Show what people did to the criteria of RUN: who, when, what and why; oldest first.

    What was undone stays in the history. `paperfilter review RUN` undoes and redoes.
    """
    from pipeline import artefacts
    from pipeline.files import write_atomically
    from pipeline.review.finding import is_on_record
    from pipeline.review.history import FORMS, describe_history, write_history
    from pipeline.review.journal import read_journal
    from pipeline.run_store import find_run
    from pipeline.terminal import make_console, print_json
    from schemas.errors import UsageError

    folder = find_run(runs_dir, run)
    if folder is None:
        kept = (
            "a criteria file has no history; it is kept of runs" if Path(run).is_file() else f"no run below {runs_dir}"
        )
        raise UsageError(f"'{run}': {kept}; `paperfilter show` lists the runs")
    journal = read_journal(folder)
    if target is not None:
        form = next((f for f in FORMS if target.suffix.lower() == f".{f}"), None)
        if form is None:
            raise click.UsageError(f"{target}: name it .{', .'.join(FORMS)}")
        write_atomically(target, write_history(journal.revisions, form, folder.resolve().parent.name))
        click.echo(f"{target}: written", err=True)
    if as_json:
        print_json(describe_history(journal.revisions))
    elif target is None:
        _print_history(make_console(stderr=False), journal.revisions)
    if journal.torn:
        click.echo(
            f"! {artefacts.HISTORY}: an action that was cut off before anybody was told of it is left out", err=True
        )
    if not is_on_record(folder, journal):
        click.echo(f"! {artefacts.CRITERIA} was edited by hand since; the next action puts that on record", err=True)


def _print_history(console: "Console", revisions: "Sequence[Revision]") -> None:
    from rich.text import Text

    from pipeline.review.history_view import word_revision
    from pipeline.review.undoing import stack_revisions
    from pipeline.terminal import strip_controls

    if not revisions:
        console.print("nothing was done yet: everything is as it was made", markup=False)
    stacks = stack_revisions(revisions)
    for revision in revisions:
        undone = revision.number not in stacks.done and revision.undoes is None
        text = Text(f"{revision.number:4d}  ", style="dim")
        text.append(f"{revision.at[:16].replace('T', ' ')}  ")
        text.append(strip_controls(revision.by), style="cyan")
        text.append(f"  {strip_controls(word_revision(revision))}", style="dim" if undone else "bold")
        text.append("  (taken back)" if undone else "", style="dim")
        text.append(f"  “{strip_controls(revision.why)}”" if revision.why else "", style="italic")
        console.print(text, soft_wrap=True)
        for change in revision.changes[:SHOWN]:
            line = f"        {change.part}: {change.before or 'nothing'} → {change.after or 'nothing'}"
            console.print(Text(strip_controls(line), style="dim"), soft_wrap=True)
        if len(revision.changes) > SHOWN:
            console.print(Text(f"        and {len(revision.changes) - SHOWN} more", style="dim"))
