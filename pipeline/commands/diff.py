"""`paperfilter diff`: what differs between two criteria, by meaning."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, quiet_option, runs_dir_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from schemas.difference import Change, Difference

ALIKE = 3  # lines of one kind before they are counted instead

TITLES = {
    "selection": "Other events may pass",
    "cutflow": "The same events pass, the cutflow has other lines",
    "outputs": "Other variables are stored",
    "unused": "Definitions that no cut and no output uses read otherwise",
    "none": "No change of meaning",
}


@click.command("diff")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@runs_dir_option
@json_option
@quiet_option
def command(first: str, second: str, runs_dir: Path, as_json: bool, quiet: bool) -> int:
    """Say what changed from A to B: files, runs, built-in analyses, or - for standard input.

    The same value in another unit is no change, a renamed definition is recognised, cuts of objects have no order and
    steps of a cutflow have one. Exits with 1 when definitions, events, cutflow or outputs differ, else with 0: other
    names, notes, evidence and answers alone change nothing.
    """
    from pipeline.criteria_sources import find_and_load
    from pipeline.terminal import make_console, print_json
    from schemas.comparing import compare_criteria
    from schemas.errors import EXIT_MISMATCH, EXIT_OK, CriteriaError, UsageError
    from schemas.validation import validate_criteria

    if first == second == "-":
        raise UsageError("only one of the two can be standard input")
    both = []
    for name in (first, second):
        criteria = find_and_load(name, runs_dir)
        try:
            validate_criteria(criteria)
        except CriteriaError as error:
            raise CriteriaError(f"{name}: {error}") from None
        both.append(criteria)
    difference = compare_criteria(both[0], both[1])
    if as_json:
        changes = [c.model_dump(mode="json") | {"text": c.text} for c in difference.changes]
        print_json({"same": difference.same, "changes": changes})
    elif not quiet:
        _print(make_console(stderr=False), difference)
    return EXIT_OK if difference.same else EXIT_MISMATCH


def _print(console: "Console", difference: "Difference") -> None:
    from rich.text import Text

    from pipeline.terminal import strip_controls

    if not difference.changes:
        console.print("no differences", markup=False)
    for effect, title in TITLES.items():
        changes = [c for c in difference.changes if c.effect == effect]
        if changes:
            console.print(Text(title, style="dim" if effect == "none" else "bold yellow"), soft_wrap=True)
        for line in _list_lines(changes):
            console.print(Text(f"  {strip_controls(line)}", style="dim" if effect == "none" else ""), soft_wrap=True)


def _list_lines(changes: "Sequence[Change]") -> "Iterator[str]":
    """One line per change; evidence, votes and status that changed in the same way in many places share one."""
    alike = Counter((c.field, c.before, c.after) for c in changes if c.kind == "provenance")
    told: set[tuple[str | None, str | None, str | None]] = set()
    for change in changes:
        key = (change.field, change.before, change.after)
        if change.kind != "provenance" or alike[key] <= ALIKE:
            yield change.text
        elif key not in told:
            told.add(key)
            yield change.model_copy(update={"where": f"{alike[key]} places"}).text
