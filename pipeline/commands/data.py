"""`paperfilter data`: open data by name."""

from pathlib import Path

import click

from pipeline.commands.options import json_option, quiet_option


@click.group("data")
def command() -> None:
    """List and download open data."""


@command.command("list")
@json_option
def list_sets(as_json: bool) -> None:
    """List the data sets that can be downloaded by name."""
    from pipeline.data_sets import list_data_sets
    from pipeline.terminal import make_console, print_json

    sets = list_data_sets()
    if as_json:
        print_json([s.model_dump(mode="json") for s in sets])
        return
    console = make_console(stderr=False)
    for one in sets:
        size = f"{one.size / 1e6:.1f} MB in {len(one.files)} files, {one.events} events, {one.licence}"
        console.print(f"{one.name}  {one.title}", markup=False, soft_wrap=True)
        console.print(f"    {size}; profile {one.profile}; {one.page}", markup=False, soft_wrap=True)


@command.command("get")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder. [default: data/NAME]")
@json_option
@quiet_option
def get(name: str, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Download data set NAME, with checksum; an interrupted download goes on where it stopped."""
    from pipeline.data_sets import get_data_set
    from pipeline.terminal import print_json, show_downloads

    folder = out or Path("data") / name
    with show_downloads(quiet=quiet) as progress:
        files = get_data_set(name, folder, progress)
    if as_json:
        print_json([str(path) for path in files])
    elif not quiet:
        click.echo(f"{len(files)} files in {folder}; use them with --data '{folder}/*.root'")
