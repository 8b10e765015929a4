"""Options that several commands share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import click

F = TypeVar("F", bound=Callable[..., object])


def runs_dir_option(function: F) -> F:
    """`--runs-dir`: where run folders are."""
    return click.option(
        "--runs-dir",
        type=click.Path(path_type=Path, file_okay=True),
        default=Path("runs"),
        envvar="PAPERFILTER_RUNS",
        show_default="./runs, or $PAPERFILTER_RUNS",
        help="Folder of the run folders.",
    )(function)


def library_option(function: F) -> F:
    """`--library`: where the library of papers is."""
    return click.option(
        "--library",
        type=click.Path(path_type=Path, file_okay=True),
        default=None,
        help="Folder of the library of papers. [default: $PAPERFILTER_LIBRARY, or the XDG data folder]",
    )(function)


def shelves_options(function: F) -> F:
    """`--library`, `--papers`, `--offline`: where papers come from; the function takes them as one `shelves`."""

    @functools.wraps(function)
    def gathered(*, library: Path | None, papers: tuple[Path, ...], offline: bool, **others: object) -> object:
        from pipeline.obtaining import Shelves

        return function(shelves=Shelves(library=library, papers=papers, offline=offline), **others)

    options = (
        library_option,
        click.option(
            "--papers",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Folder of PDFs named by identifier (2004.03447v3.pdf), before the network; may be repeated.",
        ),
        click.option(
            "--offline", is_flag=True, help="No network: only what is on this machine. [$PAPERFILTER_OFFLINE]"
        ),
    )
    for option in reversed(options):
        gathered = option(gathered)
    return cast(F, gathered)


def json_option(function: F) -> F:
    """`--json`: a machine-readable result on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")(function)


def output_option(function: F) -> F:
    """`-o`, `--output`: the file to write."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write. [default: stdout]"
    )(function)


def quiet_option(function: F) -> F:
    """`--quiet`: no progress."""
    return click.option("-q", "--quiet", is_flag=True, help="No progress, no summary; errors only.")(function)


def profile_option(function: F) -> F:
    """`--profile`: the data format."""
    return click.option(
        "--profile",
        default=None,
        metavar="NAME",
        help="Data profile (a built-in name or a TOML file). [default: the one that fits the data, else atlas_mini]",
    )(function)


def backend_option(function: F) -> F:
    """`--backend`: in which way the compiled selection goes through the events."""
    return click.option(
        "--backend",
        type=click.Choice(["numpy", "numba"]),
        default=None,
        help="numpy: tables of many events; numba: one loop over events, compiled when it runs. [default: numpy]",
    )(function)


def executor_options(function: F) -> F:
    """`--executor`, `--workers`, `--scheduler`: how the analysis goes through the chunks of events."""
    for option in (
        click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler (tcp://...). [default: a local cluster]"),
        click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes. [default: one per core]"),
        click.option(
            "--executor",
            type=click.Choice(["iterative", "futures", "dask"]),
            default="iterative",
            help="Of coffea; the results are the same. dask needs the network and so --unsafe-no-sandbox. "
            "[default: iterative]",
        ),
    ):
        function = option(function)
    return function


def accept_defaults_option(function: F) -> F:
    """`--accept-defaults`: answer open questions by their documented defaults."""
    return click.option(
        "--accept-defaults",
        is_flag=True,
        help="Answer open questions by their documented defaults; your name is recorded with each answer.",
    )(function)


class ManyData(click.Command):
    """A command whose `--data` takes all words up to the next option, as a shell leaves them from a pattern."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat `--data` before every further word."""
        spread: list[str] = []
        inside = False
        for word in args:
            if inside and not word.startswith("-") and spread[-1] != "--data":
                spread.append("--data")
            elif word.startswith("-"):
                inside = word == "--data"
            spread.append(word)
        return super().parse_args(ctx, spread)
