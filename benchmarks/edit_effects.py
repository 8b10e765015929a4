"""How soon a review sees what an edit does: `python -m benchmarks.edit_effects CRITERIA FILES... [--edits N]`.

Edits loosen or tighten one number of the criteria at a time, each once more taken back: every second state is known.
"""

import os
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from pipeline.criteria_sources import find_criteria, load_source
from pipeline.review.recomputing import Recomputer
from pipeline.review.samples import Wished
from schemas.alternatives import map_cuts
from schemas.criteria import Cut, SelectionCriteria

SOON = 600.0


class Timing(NamedTuple):
    """Seconds to the lines of code and to the cutflow of new criteria, and to that of known ones; what it took."""

    code: list[float]
    new: list[float]
    known: list[float]
    memory: list[int]  # resident, in bytes, after each edit
    threads: int


def time_edits(criteria: SelectionCriteria, files: Sequence[Path], edits: int) -> Timing:
    """Seconds of `edits` edits, one after another. The first cutflow, for which everything is loaded, is left out."""
    history = [criteria]
    timing = Timing([], [], [], [], 0)
    with Recomputer(Wished(tuple(files), None), history.__getitem__) as recomputer:
        _wait(recomputer, history)
        used = _list_used(criteria, recomputer)
        for k in range(edits):
            edited = _edit(criteria, used[k % len(used)], k)
            began = time.perf_counter()
            recomputer.show_code(criteria, edited)
            timing.code.append(time.perf_counter() - began)
            history.append(edited)
            timing.new.append(_wait(recomputer, history))
            history.append(criteria)
            timing.known.append(_wait(recomputer, history))
            timing.memory.append(_read_memory())
        return timing._replace(threads=threading.active_count())


def _wait(recomputer: Recomputer, history: Sequence[SelectionCriteria]) -> float:
    began = time.perf_counter()
    recomputer.submit(len(history) - 1, history[-1])
    effect = recomputer.wait(SOON)
    if effect.problem is not None or effect.revision != len(history) - 1:
        raise click.ClickException(effect.problem or "the preview took too long")
    return time.perf_counter() - began


def _list_used(criteria: SelectionCriteria, recomputer: Recomputer) -> list[str]:
    """Cuts on events whose number changes the program."""
    cuts = [c for r in criteria.regions for c in r.cuts if c.threshold is not None and c.threshold.value is not None]
    return [c.id for c in cuts if recomputer.show_code(criteria, _edit(criteria, c.id, 1)).lines]


def _edit(criteria: SelectionCriteria, name: str, k: int) -> SelectionCriteria:
    """The number of a cut is a little larger, another one for each k."""

    def edit(cut: Cut) -> Cut:
        if cut.id != name or cut.threshold is None or cut.threshold.value is None:
            return cut
        threshold = cut.threshold.model_copy(update={"value": cut.threshold.value * (1.01 + k / 1000)})
        return cut.model_copy(update={"threshold": threshold, "status": "edited"})

    return map_cuts(criteria, edit)


def _read_memory() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@click.command()
@click.argument("source", metavar="CRITERIA")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--edits", default=20, show_default=True, help="How many edits.")
def main(source: str, files: tuple[Path, ...], edits: int) -> None:
    """Time edits of CRITERIA (a file or a run) on event files."""
    timing = time_edits(load_source(find_criteria(source, Path("runs"))), files, edits)
    for name, seconds in (("lines of code", timing.code), ("new cutflow", timing.new), ("known", timing.known)):
        low, high = min(seconds), max(seconds)
        click.echo(f"{name}: {statistics.median(seconds):.3f} s ({low:.3f} to {high:.3f}, {len(seconds)} times)")
    first, last = timing.memory[min(1, edits - 1)], timing.memory[-1]
    click.echo(
        f"memory: {first / 1e6:.0f} MB after 2 edits, {last / 1e6:.0f} MB after {edits}; {timing.threads} threads"
    )
    click.echo("load: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


if __name__ == "__main__":
    main()
