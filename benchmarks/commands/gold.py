"""`bench gold`: the lists that readers are measured with: show, check against the pages, compare two readers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.errors import EXIT_MISMATCH, UsageError

if TYPE_CHECKING:
    from benchmarks.gold import GoldList

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_LISTS = "NAME is the paper or the analysis of a list that comes with the program, a file, or a folder of lists."


@click.group("gold", epilog=_LISTS)
def command() -> None:
    """Gold lists: the criteria of papers, as facts and pages. How to add one: CONTRIBUTING.md, "Adding a paper"."""


@command.command("show", epilog=_LISTS)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--open", "only_open", is_flag=True, help="only criteria about which the paper leaves something open")
@click.option("--json", "as_json", is_flag=True, help="the lists as JSON on stdout")
def show(names: tuple[str, ...], only_open: bool, as_json: bool) -> None:
    """Show gold lists: without NAME one line a list."""
    from benchmarks.gold.telling import show_list, show_lists

    lists = _find_lists(names)
    if as_json:
        click.echo(json.dumps([g.model_dump(mode="json") for g in lists], ensure_ascii=False, indent=1))
    elif not names:
        show_lists(lists)
    else:
        for gold in lists:
            show_list(gold, only_open=only_open)


@command.command("check", epilog=_LISTS)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--pdf", type=_FOLDER, help="folder of the PDFs; our own notes are typeset where it is not given")
@click.option("--places", is_flag=True, help="the words around every number that was found")
@click.option("--json", "as_json", is_flag=True, help="everything as JSON on stdout")
def check(names: tuple[str, ...], pdf: Path | None, places: bool, as_json: bool) -> None:
    """Check that every number of a gold list stands on its page, with its unit; every miss is listed.

    Without NAME: all lists that come with the program whose PDF is in --pdf, or else our own notes.
    Exits with 1 when something is missing.
    """
    from benchmarks.gold.checking import check_lists
    from benchmarks.gold.telling import show_checks

    checks, absent = check_lists(_find_lists(names), pdf, every=bool(names))
    if absent:
        click.echo(f"left out, the PDF is not there: {', '.join(g.paper for g in absent)}", err=True)
    if as_json:
        click.echo(json.dumps([c.model_dump(mode="json") for c in checks], ensure_ascii=False, indent=1))
    else:
        show_checks(checks, places=places)
    if any(c.misses for c in checks):
        raise SystemExit(EXIT_MISMATCH)


@command.command("compare", epilog=_LISTS)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--counted", is_flag=True, help="only numeric and executable criteria")
@click.option("--json", "as_json", is_flag=True, help="everything as JSON on stdout")
def compare(a: str, b: str, counted: bool, as_json: bool) -> None:
    """Compare two lists of one paper, as two readers wrote them down.

    Says what both have, where they differ (value, unit, operator, polarity, subject, variable, page), what one has
    alone, and how far they agree. Exits with 1 when they differ.
    """
    from benchmarks.gold.comparing import compare_lists
    from benchmarks.gold.telling import show_comparison

    first, second = _find_one(a), _find_one(b)
    if first.sha256 and second.sha256 and first.sha256 != second.sha256:
        click.echo("note: the two lists were made from different PDFs; pages and numbers may differ", err=True)
    if first.paper != second.paper:
        click.echo(f"note: the lists are of {first.paper} and {second.paper}, by their names not one paper", err=True)
    comparison = compare_lists(first, second, counted=counted)
    if as_json:
        own = {"agreement": comparison.agreement, "agreed": len(comparison.agreed)}
        click.echo(json.dumps({**comparison.model_dump(mode="json"), **own}, ensure_ascii=False, indent=1))
    else:
        show_comparison(comparison, a, b)
    if comparison.differing or comparison.only_a or comparison.only_b:
        raise SystemExit(EXIT_MISMATCH)


def _find_lists(names: Sequence[str]) -> "tuple[GoldList, ...]":
    from benchmarks.gold import load_built_in_gold
    from benchmarks.gold.loading import find_gold

    return tuple(g for name in names for g in find_gold(name)) if names else load_built_in_gold()


def _find_one(name: str) -> "GoldList":
    lists = _find_lists((name,))
    if len(lists) != 1:
        raise UsageError(f"'{name}' holds {len(lists)} gold lists; give one file")
    return lists[0]
