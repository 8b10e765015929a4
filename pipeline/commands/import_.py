"""`paperfilter import`: criteria from another form."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import output_option

if TYPE_CHECKING:
    from codegen.adl.syntax import Problem
    from schemas.criteria import SelectionCriteria


@click.command("import")
@click.argument("source", metavar="FILE")
@click.option("--form", type=click.Choice(("adl", "yaml", "json")), help="What FILE is. [default: by name]")
@click.option("--partial", is_flag=True, help="Statements of ADL that cannot be expressed become open questions.")
@output_option
def command(source: str, form: str | None, partial: bool, output: Path | None) -> None:
    """Read FILE (.adl, .yaml, .json, or - for standard input) and write it as criteria.yaml.

    Of Analysis Description Language, the part that criteria can express; the rest is an error that names line and
    token, or an open question with --partial. What selects nothing (weights, tables) is listed and not imported.
    An output called .json is written as JSON. What is written validates.
    """
    from pipeline.files import write_atomically
    from schemas.criteria_yaml import dump_criteria
    from schemas.validation import validate_criteria

    criteria = _read(source, form, partial)
    validate_criteria(criteria)
    as_json = output is not None and output.suffix.lower() == ".json"
    text = dump_criteria(criteria, "json" if as_json else "yaml")
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)
        click.echo(f"{output}: written", err=True)


def _read(source: str, form: str | None, partial: bool) -> "SelectionCriteria":
    from pipeline.criteria_sources import STDIN, CriteriaSource, read_source
    from schemas.criteria_yaml import parse_criteria
    from schemas.errors import UsageError

    path = None if source == STDIN else Path(source)
    if path is not None and not path.is_file():
        raise UsageError(f"{source}: no such file; give the path of an .adl, .yaml or .json file")
    text = read_source(CriteriaSource("file" if path else "stdin", source, path))
    kind = form or ("adl" if path is not None and path.suffix.lower() == ".adl" else "criteria")
    if kind == "adl":
        return _read_adl(text, source, partial)
    return parse_criteria(text, source)


def _read_adl(text: str, source: str, partial: bool) -> "SelectionCriteria":
    from codegen.adl.read import read_adl
    from schemas.errors import CriteriaError

    try:
        criteria = read_adl(text, source, partial)
    except CriteriaError:
        for problem in _list_safely(text)[0]:
            click.echo(f"{source}: {problem.describe()}", err=True)
        raise
    for aside in _list_safely(text)[1]:
        click.echo(f"{source}: not imported, selects nothing: {aside.describe()}", err=True)
    return criteria


def _list_safely(text: str) -> "tuple[list[Problem], list[Problem]]":
    """What stands in the way and what was left out; nothing for files of our own and for text that is no ADL."""
    from codegen.adl.carried import list_carried
    from codegen.adl.read import list_problems
    from schemas.errors import CriteriaError

    try:
        return ([], []) if list_carried(text) else list_problems(text)
    except CriteriaError:
        return [], []
