"""`paperfilter review`: the extracted criteria on a local page, for a person to accept, edit and reject."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import ManyData, profile_option, runs_dir_option, shelves_options

if TYPE_CHECKING:
    from pipeline.obtaining import Shelves


@click.command("review", cls=ManyData)
@click.argument("what", metavar="RUN")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port on this machine. [default: a free one]"
)
@click.option("--no-browser", is_flag=True, help="Print the address only, open nothing.")
@click.option(
    "--data", multiple=True, metavar="FILES...", help="Event files that show what an edit changes. [default: the run's]"
)
@profile_option
@click.option("--by", default=None, metavar="NAME", help="Who reviews. [default: the name in the settings, or git's]")
@click.option(
    "--export", "export", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
    help="Write the review as it stands as one HTML file to be mailed, and start nothing.",
)  # fmt: skip
@shelves_options
@runs_dir_option
def command(
    what: str,
    port: int,
    no_browser: bool,
    data: tuple[str, ...],
    profile: str | None,
    by: str | None,
    export: Path | None,
    shelves: "Shelves",
    runs_dir: Path,
) -> None:
    """Review the criteria of RUN in the browser: every quote on the page of the paper, beside its criterion.

    Accept, edit, reject, add; answer what is open; then let the criteria through the gate. Everything is kept in the
    run folder as it is done. The page is for this machine and this user alone: the address works once. Ctrl-C ends it.
    """
    from pipeline.run_store import find_run
    from schemas.errors import UsageError

    run = find_run(runs_dir, what)
    if run is None:
        raise UsageError(f"{what}: no such run; `paperfilter show` lists the runs")
    if export is not None:
        from pipeline.review.static_report import write_static_report
        from pipeline.terminal import make_console

        written = write_static_report(run, export, shelves)
        make_console().print(written.words, markup=False, soft_wrap=True)
        return
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise UsageError("the review page needs more packages: pip install 'paperfilter[review]'") from None

    from pipeline.review.serving import hold_review

    hold_review(run, port=port, browser=not no_browser, data=data, profile=profile, by=by, shelves=shelves)
