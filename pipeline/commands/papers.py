"""`paperfilter papers`: the library of papers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, library_option, quiet_option, shelves_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papers.holdings import Holding
    from papers.identifiers import Identifier
    from papers.library import Library
    from pipeline.obtaining import Shelves


@click.group("papers")
def command() -> None:
    """List, get, add and show papers of the local library.

    The library is in $PAPERFILTER_LIBRARY, else in the XDG data folder; it holds every PDF once, under its content.
    """


@command.command("list")
@library_option
@json_option
def list_papers(library: Path | None, as_json: bool) -> None:
    """List what is in the library.

    Of several files with the same name, each is told apart by the beginning of its SHA-256, its size and its day.
    """
    from collections import Counter

    from papers.library import Library
    from pipeline.terminal import make_console, print_json

    shelf = Library(library)
    holdings = shelf.list()
    if as_json:
        print_json([h.model_dump(mode="json") | {"path": str(shelf.locate(h))} for h in holdings])
        return
    console = make_console(stderr=False)
    times = Counter(name for one in holdings for name in set(one.identifiers))
    for one in holdings:
        shared = [name for name in one.identifiers if times[name] > 1]
        apart = f" {_tell_apart(one, shelf, shared)}" if shared else ""
        console.print(f"{one.name:<28} {_plain(one.title or '')}".rstrip() + apart, markup=False, soft_wrap=True)
    if not holdings:
        console.print(f"no papers in {shelf.folder}; get one with: paperfilter papers get 2004.03447", markup=False)


@command.command("get")
@click.argument("names", nargs=-1, required=True, metavar="PAPER...")
@click.option("--newest", is_flag=True, help="The newest version there is, even if another one is here.")
@shelves_options
@json_option
@quiet_option
def get(names: tuple[str, ...], newest: bool, shelves: "Shelves", as_json: bool, quiet: bool) -> None:
    """Get every PAPER (arXiv id, DOI, report number or address) into the library, if it is not there already."""
    from pipeline.obtaining import fetch
    from pipeline.terminal import print_json, show_downloads

    identifiers = [_parse(name) for name in names]
    with show_downloads(quiet=quiet) as progress:
        paths = [fetch(identifier, shelves, progress, newest=newest) for identifier in identifiers]
    if as_json:
        print_json([str(path) for path in paths])
    else:
        for path in paths:
            click.echo(str(path))


@command.command("add")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="PAPER", help="What the paper is called. [default: what its file name says]")
@click.option("--title", help="Its title.")
@click.option(
    "--replace", is_flag=True, help="Take the name from the file that has it here; that file stays, nameless."
)
@library_option
@json_option
def add(
    files: tuple[Path, ...], name: str | None, title: str | None, replace: bool, library: Path | None, as_json: bool
) -> None:
    """Take copies of PDFs, or of all PDFs of a folder, into the library.

    They get the names that their files have (2004.03447v3.pdf), or the one that --as gives. A name that another file
    has here is not given away without --replace. What is no paper, or is refused, is left out and named at the end.
    """
    from papers.identifiers import parse_file_name
    from papers.library import Library
    from pipeline.terminal import print_json
    from schemas.errors import LibraryError, PaperError, UsageError

    every = [path for file in files for path in (sorted(file.glob("*.[pP][dD][fF]")) if file.is_dir() else [file])]
    if len(every) != 1 and (name or title):
        raise UsageError("--as and --title go with one file; give several files without them")
    shelf = Library(library)
    refused: list[PaperError | UsageError] = []
    added = []
    for file in every:
        identifier = _parse(name) if name else parse_file_name(file.name)
        try:
            names = [identifier] if identifier else []
            holding = shelf.add(file, names, title=title, others="replace" if replace else "refuse")
        except LibraryError:
            raise
        except (PaperError, UsageError) as error:
            refused.append(error)
            continue
        added.append(holding)
        if not as_json:
            hint = "" if holding.identifiers else " (its name says no identifier; --as gives one)"
            click.echo(f"{_plain(file.name)}: {_plain(holding.name)}{hint}")
    if refused:
        more = f" (and {len(refused) - 1} more of {len(every)} files)" if len(refused) > 1 else ""
        raise type(refused[0])(f"{refused[0]}{more}")
    if as_json:
        print_json([h.model_dump(mode="json") | {"path": str(shelf.locate(h))} for h in added])


@command.command("show")
@click.argument("name", metavar="PAPER")
@library_option
@json_option
def show(name: str, library: Path | None, as_json: bool) -> None:
    """Show what the library has of PAPER: where the file is, what it is called, where it came from."""
    from papers.library import Library
    from pipeline.terminal import print_json
    from schemas.errors import UsageError

    shelf = Library(library)
    identifier = _parse(name)
    holding = shelf.find_holding(identifier)
    if holding is None:
        raise UsageError(f"{identifier.name} is not in the library; get it with: paperfilter papers get {name}")
    if as_json:
        print_json(holding.model_dump(mode="json") | {"path": str(shelf.locate(holding))})
        return
    click.echo(f"{holding.name}  {_plain(holding.title or '')}".rstrip())
    click.echo(f"  file    {shelf.locate(holding)} ({holding.size / 1e6:.1f} MB)")
    click.echo(f"  called  {', '.join(i.name for i in holding.identifiers) or 'nothing yet'}")
    for origin in holding.origins:
        click.echo(f"  from    {_plain(origin.place)}, {origin.time}")


def _tell_apart(one: "Holding", shelf: "Library", shared: "Sequence[Identifier]") -> str:
    """What tells a paper from others of the same name, and whether it is the one that the name finds."""
    found = [name for name in shared if (best := shelf.find_holding(name)) is not None and best.sha256 == one.sha256]
    which = "" if found == shared else f", not found by {next(n for n in shared if n not in found).name}"
    return f"(sha256 {one.sha256[:12]}, {one.size / 1e6:.1f} MB, added {one.added[:10] or 'at a time unknown'}{which})"


def _parse(name: str) -> "Identifier":
    from papers.identifiers import parse_identifier
    from schemas.errors import UsageError

    found = parse_identifier(name)
    if found is None:
        raise UsageError(f"'{name}' is no arXiv id, DOI, report number or address of a paper; for example 2004.03447")
    return found


def _plain(text: str) -> str:
    from pipeline.terminal import strip_controls

    return strip_controls(text).replace("\n", " ")
