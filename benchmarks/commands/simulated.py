"""`bench simulated`: does a contest measure of simulated readers what is known of them?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.options import json_option, library_option

if TYPE_CHECKING:
    from benchmarks.simulated.proving import Agreement, Difference


AGREES = {True: "yes", False: "no", None: "too few runs"}


@click.command("simulated")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--papers",
    multiple=True,
    metavar="PDF|FOLDER|NAME",
    help="The papers of the contest, as `bench extract` was given them. [default: our own notes]",
)
@click.option(
    "--gold",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Further gold lists: a file or a folder; may be repeated.",
)
@library_option
@json_option
def command(folder: Path, papers: tuple[str, ...], gold: tuple[Path, ...], library: Path | None, as_json: bool) -> None:
    """What a contest in FOLDER measured of its simulated readers, beside their set rates and what was really drawn.

    The contest is held by `bench extract --simulated drop=20,invent=10,… --out FOLDER`. Exits with 1 where the interval
    of a measured number does not hold what was set.
    """
    import tempfile

    from benchmarks.contest.storing import load_results
    from benchmarks.simulated.contests import know_contest
    from benchmarks.simulated.proving import compare_with_truth, list_differences
    from pipeline.obtaining import Shelves
    from schemas.errors import EXIT_MISMATCH, UsageError

    results = load_results(folder)
    with tempfile.TemporaryDirectory(prefix="paperfilter-") as scratch:
        known = know_contest(results, folder, papers, gold, Path(scratch), Shelves(library, offline=True))
    if not known:
        raise UsageError(f"{folder}: no simulated reader took part; hold one with bench extract --simulated drop=20")
    agreements = tuple(a for one in known for a in compare_with_truth(results, one))
    differences = tuple(d for one in known for d in list_differences(results, one))
    if as_json:
        from pipeline.terminal import print_json

        print_json(
            {
                "agreements": [{**a.model_dump(mode="json"), "agrees": a.agrees} for a in agreements],
                "differences": [d._asdict() for d in differences],
            }
        )
    else:
        _show(agreements, differences)
    if any(a.agrees is False for a in agreements):
        raise SystemExit(EXIT_MISMATCH)


def _show(agreements: "tuple[Agreement, ...]", differences: "tuple[Difference, ...]") -> None:
    from collections import Counter

    from rich.table import Table
    from rich.text import Text

    from pipeline.terminal import make_console, strip_controls

    console = make_console(stderr=False)
    table = Table()
    for n, head in enumerate(("contestant (simulated)", "mode", "", "set", "true", "measured", "interval", "agrees")):
        table.add_column(head, justify="left" if n < 3 else "right")
    for a in agreements:
        interval = f"[{a.interval.low:.3g}, {a.interval.high:.3g}]" if a.interval is not None else "–"
        numbers = [f"{n:.3g}" if n is not None else "–" for n in (a.set, a.true, a.measured)]
        cells = (strip_controls(a.contestant), a.mode, a.title, *numbers, interval, AGREES[a.agrees])
        table.add_row(*map(Text, cells))
    console.print(table)
    lost = Counter((d.paper, d.criterion) for d in differences if d.told)
    found = Counter((d.paper, d.criterion) for d in differences if not d.told)
    for words, counted in (("told and not recovered", lost), ("recovered and not told", found)):
        runs = ", ".join(f"{paper} {criterion} ({n}×)" for (paper, criterion), n in sorted(counted.items()))
        console.print(Text(f"{words}: {strip_controls(runs) or 'none'}"), soft_wrap=True)
