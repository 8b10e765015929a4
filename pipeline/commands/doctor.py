"""`paperfilter doctor`: does this machine have what it takes?"""

from pathlib import Path

import click

from pipeline.commands.options import ManyData, json_option, runs_dir_option

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@click.command("doctor", cls=ManyData)
@click.option("--data", multiple=True, metavar="FILES...", help="Also check event files.")
@click.option("--profile", default=None, metavar="NAME", help="The format the files should have.")
@click.option("--model", "models", multiple=True, metavar="NAME[@URL]", help="Also ask this model; may be repeated.")
@click.option("--url", metavar="URL", help="The model server; without --model, which models it has.")
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings of models (paperfilter.toml)."
)
@runs_dir_option
@json_option
def command(
    data: tuple[str, ...],
    profile: str | None,
    models: tuple[str, ...],
    url: str | None,
    config: Path | None,
    runs_dir: Path,
    as_json: bool,
) -> int:
    """Check this machine: Python, packages, optional extras, the sandbox (by running something in it), built-in
    analyses, the runs folder, event files, and models: server, context length, enforced form of answers.

    Exits with the code of the first check that failed.
    """
    from itertools import chain

    from rich.text import Text

    from pipeline.doctor import examine
    from pipeline.models.checks import list_models
    from pipeline.models.config import load_settings
    from pipeline.terminal import make_console, print_json, strip_controls

    console = make_console(stderr=False)
    checks = []
    # An address alone is a question: what is there?
    listing = list_models(url) if url and not models else ()
    named = () if listing else load_settings(models, url, config)
    for check in chain(examine(runs_dir, data, profile, named), listing):
        checks.append(check)
        if as_json:
            continue
        mark, style = MARKS[check.state]
        detail = strip_controls(check.detail)
        console.print(Text.assemble((f"{mark} ", style), (f"{check.name:<22} ", "bold"), detail), soft_wrap=True)
        if check.advice:
            console.print(Text(f"  {'':<22} {strip_controls(check.advice)}", style=style), soft_wrap=True)
    if as_json:
        print_json([check.model_dump(mode="json") for check in checks])
    return next((check.exit_code for check in checks if check.state == "failed"), 0)
