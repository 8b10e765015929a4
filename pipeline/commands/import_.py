"""`paperfilter import`: criteria from another form."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import output_option

if TYPE_CHECKING:
    from schemas.criteria import SelectionCriteria


@click.command("import")
@click.argument("source", metavar="FILE")
@click.option("--form", type=click.Choice(("adl", "yaml", "json")), help="What FILE is. [default: by name]")
@output_option
def command(source: str, form: str | None, output: Path | None) -> None:
    """Read FILE (.adl, .yaml, .json, or - for standard input) and write it as criteria.yaml.

    Of Analysis Description Language, the part that criteria can express; the rest is an error that names line and
    token. An output called .json is written as JSON. What is written validates.
    """
    from pipeline.files import write_atomically
    from schemas.criteria_yaml import dump_criteria
    from schemas.validation import validate_criteria

    criteria = _read(source, form)
    validate_criteria(criteria)
    as_json = output is not None and output.suffix.lower() == ".json"
    text = dump_criteria(criteria, "json" if as_json else "yaml")
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)
        click.echo(f"{output}: written", err=True)


def _read(source: str, form: str | None) -> "SelectionCriteria":
    from pipeline.criteria_sources import STDIN, CriteriaSource, read_source
    from schemas.criteria_yaml import parse_criteria
    from schemas.errors import UsageError

    path = None if source == STDIN else Path(source)
    if path is not None and not path.is_file():
        raise UsageError(f"{source}: no such file; give the path of an .adl, .yaml or .json file")
    text = read_source(CriteriaSource("file" if path else "stdin", source, path))
    kind = form or ("adl" if path is not None and path.suffix.lower() == ".adl" else "criteria")
    if kind == "adl":
        from codegen.adl.read import read_adl

        return read_adl(text, source)
    return parse_criteria(text, source)
