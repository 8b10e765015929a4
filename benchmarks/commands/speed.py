"""`bench speed`: compiled code beside reading alone and code by hand."""

import json
from pathlib import Path

import click

from schemas.errors import PaperfilterError


@click.command("speed")
@click.argument("analyses", nargs=-1)
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="a file of the format atlas_mini, one for each analysis; without any, they are made",
)
@click.option("--events", type=click.IntRange(1), default=1_000_000, show_default=True, help="in files that are made")
@click.option(
    "--sources", type=click.Path(path_type=Path, exists=True, file_okay=False), help="folder of events to repeat"
)
@click.option(
    "--root-python", envvar="PAPERFILTER_ROOT_PYTHON", help="a Python that has ROOT, for std::vector branches"
)
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True)
@click.option("--chunk-size", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="all runs as JSON on stdout")
def command(
    analyses: tuple[str, ...], files: tuple[Path, ...], events: int, sources: Path | None, root_python: str | None,
    repeat: int, chunk_size: int, as_json: bool,
) -> None:  # fmt: skip
    """Measure compiled ANALYSES (h4l, diphoton, leptoquark) beside reading alone and hand-written selections.

    Files that are made repeat simulated events of our own, or those below --sources, with new event numbers; lists are
    arrays with counters, or std::vector branches where a Python that has ROOT is named.
    """
    import tempfile

    from benchmarks.speed.measuring import measure_speed
    from benchmarks.speed.preparing import ANALYSES, make_sample, write_program
    from benchmarks.speed.report import list_lines

    wanted = analyses or ANALYSES
    unknown = [name for name in wanted if name not in ANALYSES]
    if unknown:
        raise click.UsageError(f"no hand-written selection of {unknown[0]}; there is {', '.join(ANALYSES)}")
    if files and len(files) != len(wanted):
        raise click.UsageError(f"{len(wanted)} analyses and {len(files)} files; give a --file for each")
    results = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for k, name in enumerate(wanted):
                file = files[k] if files else make_sample(name, sources, Path(folder), events, root_python)
                program = write_program(name, Path(folder))
                found = measure_speed(name, program, file, repeat, chunk_size, lambda line: click.echo(line, err=True))
                results.append(found)
                if not as_json:
                    click.echo("\n".join([*list_lines(found), ""]))
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([r.model_dump(mode="json") for r in results], indent=1))
