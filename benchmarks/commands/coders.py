"""`bench coders`: does each scripted coder end as it should?."""

import json
from pathlib import Path

import click

from schemas.errors import PaperfilterError


@click.command("coders")
@click.argument("analyses", nargs=-1)
@click.option("--coder", "names", multiple=True, help="only this coder; may be repeated  [default: all]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder with atlas2020_4lep/ and generated/; without it, simulated events of our own only",
)
@click.option("--time-limit", type=click.FloatRange(1), default=60.0, show_default=True, help="seconds of a program")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="keep the runs in this folder")
@click.option("--json", "as_json", is_flag=True, help="what became of each attempt, as JSON on stdout")
def command(
    analyses: tuple[str, ...], names: tuple[str, ...], data: Path | None, time_limit: float, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Let scripted coders write the code of ANALYSES (h4l, diphoton, leptoquark): does each end as it should?

    Each is a model server whose replies are known: right at once, after some rounds, never; cheating, attacking, slow.
    Everything else is what `paperfilter run --coder llm` does. Exits with 1 when anything is not as expected.
    """
    import tempfile

    from benchmarks.coders.bench import measure
    from benchmarks.coders.table import print_row, print_summary

    try:
        with tempfile.TemporaryDirectory() as scratch:
            tell = print_row if not as_json else lambda _: None
            rows = measure(analyses, names, data, out or Path(scratch), time_limit, tell)
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([row.model_dump(mode="json") for row in rows], ensure_ascii=False, indent=1))
    else:
        print_summary(rows)
    if any(row.surprises for row in rows):
        raise SystemExit(1)
