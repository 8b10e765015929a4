"""`paperfilter compile`: criteria to a self-contained analysis."""

from pathlib import Path

import click

from pipeline.commands.options import accept_defaults_option, profile_option


@click.command("compile")
@click.argument("criteria", type=click.Path(path_type=Path))
@profile_option
@accept_defaults_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write. [default: stdout]"
)
def command(criteria: Path, profile: str | None, accept_defaults: bool, output: Path | None) -> None:
    """Compile a CRITERIA file to one analysis.py: coffea, awkward, uproot, numpy and hist, nothing of ours.

    Refused while questions are open or cuts are not grounded.
    """
    import sys

    from pipeline import gate
    from pipeline.compiling import DEFAULT_PROFILE, compile_criteria
    from pipeline.files import write_atomically
    from pipeline.person import find_person
    from pipeline.reading import load_criteria
    from pipeline.terminal import strip_controls

    ssc = load_criteria(criteria)
    if accept_defaults:
        ssc = gate.accept_defaults(ssc, find_person())
    gate.check_gate(ssc, str(criteria))
    compiled = compile_criteria(ssc, profile or DEFAULT_PROFILE)
    if output is None:
        sys.stdout.write(compiled.source)
    else:
        write_atomically(output, compiled.source)
        click.echo(f"{output}: written", err=True)
    for one in compiled.not_evaluable:
        click.echo(strip_controls(f"not evaluable: {one.cut}: {one.text}: {one.reason}"), err=True)
