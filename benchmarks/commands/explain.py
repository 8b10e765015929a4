"""`bench explain`: is the true cause of a mismatch named?."""

import json
from pathlib import Path

import click

from schemas.errors import PaperfilterError


@click.command("explain")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="event files"
)
@click.option("--part", type=click.Choice(["made-with", "held-out", "all"]), default="all", show_default=True)
@click.option("--only", multiple=True, metavar="WORD", help="mistakes with this in their name; may be repeated")
@click.option("--show", is_flag=True, help="what is said of every mistake")
@click.option("--json", "as_json", is_flag=True, help="everything as JSON on stdout")
def command(data: Path, part: str, only: tuple[str, ...], show: bool, as_json: bool) -> None:
    """Measure how often the explanation of a mismatch names the true cause: known mistakes are put into compiled
    analyses, which run on the files below --data (atlas2020_4lep/, generated/) against the baselines."""
    from benchmarks.explaining import is_held_out, load_bugs, measure, say, summarise

    bugs = load_bugs()
    numbers = [
        k
        for k, bug in enumerate(bugs)
        if (part == "all" or is_held_out(k) == (part == "held-out"))
        and (not only or any(word in bug.name for word in only))
    ]
    try:
        found = measure(data, bugs, numbers, lambda one: click.echo(say(one, show), err=True))
    except PaperfilterError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps([f.model_dump(mode="json") for f in found], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(summarise(found)))
