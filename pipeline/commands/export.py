"""`paperfilter export`: criteria in another form."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import output_option, runs_dir_option

if TYPE_CHECKING:
    from schemas.criteria import SelectionCriteria

FORMS = ("yaml", "json", "adl", "latex", "markdown", "json-schema")
OF_SUFFIX = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".adl": "adl", ".tex": "latex", ".md": "markdown"}


@click.command("export")
@click.argument("criteria", required=False)
@click.option(
    "--form",
    type=click.Choice(FORMS),
    default=None,
    help="What to write; json-schema is the schema of all criteria. [default: told from the name of the output file]",
)
@output_option
@runs_dir_option
def command(criteria: str | None, form: str | None, output: Path | None, runs_dir: Path) -> None:
    """Write CRITERIA (a file, a run, a built-in analysis, or - for standard input) in another form.

    yaml and json hold the same content; adl is Analysis Description Language; latex and markdown are tables for notes.
    """
    from pipeline.criteria_sources import find_and_load
    from pipeline.files import write_atomically

    form = form or (OF_SUFFIX.get(output.suffix.lower()) if output is not None else None)
    if form is None:
        raise click.UsageError(f"say what to write with --form {'|'.join(FORMS)}")
    if form == "json-schema":
        if criteria is not None:
            raise click.UsageError("the JSON Schema is that of all criteria; leave CRITERIA out")
        from schemas.json_schema import dump_json_schema

        text = dump_json_schema()
    elif criteria is None:
        raise click.UsageError("Missing argument 'CRITERIA'.")
    else:
        text = _write(find_and_load(criteria, runs_dir), form)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)
        click.echo(f"{output}: written", err=True)


def _write(criteria: "SelectionCriteria", form: str) -> str:
    from schemas.criteria_yaml import dump_criteria

    if form == "yaml":
        return dump_criteria(criteria, "yaml")
    if form == "json":
        return dump_criteria(criteria, "json")
    from schemas.validation import validate_criteria

    validate_criteria(criteria)
    if form == "adl":
        from codegen.adl.write import write_adl

        return write_adl(criteria)
    if form == "latex":
        from codegen.tables.latex import write_latex

        return write_latex(criteria)
    from codegen.tables.markdown import write_markdown

    return write_markdown(criteria)
