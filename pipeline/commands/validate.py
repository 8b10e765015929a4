"""`paperfilter validate`: are criteria right, and can a data format provide what they ask for?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, runs_dir_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.checking import CheckedFile


@click.command("validate")
@click.argument("criteria", nargs=-1, required=True, metavar="CRITERIA...")
@click.option("--profile", default=None, metavar="NAME", help="Also bind to this data profile.")
@runs_dir_option
@json_option
def command(criteria: tuple[str, ...], profile: str | None, runs_dir: Path, as_json: bool) -> int:
    """Check CRITERIA (files, runs, built-in analyses, or - for standard input): names, units, types, cycles.

    Everything that is wrong is listed. With --profile also what the data format cannot evaluate. Exits with 5 when any
    is not valid. --json prints one object; of several CRITERIA, one with a list of files.
    """
    from pipeline.checking import check_source
    from pipeline.criteria_sources import find_criteria
    from pipeline.terminal import make_console, print_json, strip_controls
    from schemas.errors import EXIT_OK, CriteriaError

    checked = [check_source(find_criteria(name, runs_dir), profile) for name in criteria]
    bad = [one for one in checked if one.problems]
    if as_json:
        found = [one.model_dump(mode="json") for one in checked]
        told = found[0] if len(found) == 1 else {"valid": not bad, "files": found}
        line = _summarise(checked)
        if line is not None:  # in the same place as that of every other command
            code = CriteriaError.exit_code
            told["error"] = {"kind": "CriteriaError", "message": strip_controls(line), "exit_code": code}
            click.echo(strip_controls(f"paperfilter: {line}"), err=True)
        print_json(told)
        return CriteriaError.exit_code if bad else EXIT_OK
    console = make_console(stderr=False)
    for one in checked:
        if not one.problems or len(checked) > 1 or len(one.problems) > 1:
            for line in _describe(one):
                console.print(line, markup=False, soft_wrap=True)
    line = _summarise(checked)
    if line is not None:
        raise CriteriaError(line)
    return EXIT_OK


def _summarise(checked: "Sequence[CheckedFile]") -> str | None:
    """What is wrong on one line; None when everything is valid."""
    bad = [one for one in checked if one.problems]
    if not bad:
        return None
    if len(checked) > 1:
        return f"{len(bad)} of {len(checked)} are not valid: {', '.join(one.name for one in bad)}"
    more = len(bad[0].problems) - 1
    return f"{bad[0].name}: {bad[0].problems[0]}" + (f" (and {more} more, listed)" if more else "")


def _describe(one: "CheckedFile") -> list[str]:
    from pipeline.reading import count
    from pipeline.terminal import strip_controls

    if one.problems:
        lines = [f"{one.name}: {count(len(one.problems), 'problem')}", *(f"  {text}" for text in one.problems)]
        return [strip_controls(line) for line in lines]
    state = (
        f"{one.name}: valid, {count(one.cuts, 'cut')}, {count(len(one.open_questions), 'open question')}, "
        f"{len(one.ungrounded)} not grounded"
    )
    lines = [state, *(f"  note: {text}" for text in one.remarks)]
    lines += [f"  not evaluable in {one.profile}: {m.cut}: {m.text}: {m.reason}" for m in one.not_evaluable]
    return [strip_controls(line) for line in lines]
