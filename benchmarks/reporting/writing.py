"""The report of a contest on disk: a page, Markdown, and figures as PNG and PDF."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.contest.results import Results
from benchmarks.contest.summary import Summary
from benchmarks.reporting.contents import compile_contents
from benchmarks.reporting.figures.catalogue import STEMS, draw_figures, plan_figures
from benchmarks.reporting.markdown import FOLDER, render_markdown
from benchmarks.reporting.page import render_page
from benchmarks.reporting.standings import Standings
from pipeline.files import write_atomically
from schemas.errors import RunFolderError, UsageError

PAGE = "report.html"
TEXT = "report.md"


def write_report(folder: Path, results: Results, summaries: Sequence[Summary]) -> tuple[Path, ...]:
    """Write report.html, report.md and figures/ into `folder`, made if need be; the files that were written.

    The page holds its figures and needs no other file. Figures of an earlier report that this one does not have are
    removed. Raises RunFolderError when the folder cannot be written.
    """
    standings = Standings(results, summaries)
    figures = tuple(draw_figures(standings))
    contents = compile_contents(results, summaries, standings, figures)
    place = folder / FOLDER
    _make(place)
    written = []
    for figure in figures:
        for path, content in ((place / f"{figure.stem}.png", figure.png), (place / f"{figure.stem}.pdf", figure.pdf)):
            write_atomically(path, content)
            written.append(path)
    for stem in STEMS - {figure.stem for figure in figures}:
        for suffix in ("png", "pdf"):
            (place / f"{stem}.{suffix}").unlink(missing_ok=True)
    for name, text in ((PAGE, render_page(contents)), (TEXT, render_markdown(contents))):
        write_atomically(folder / name, text)
        written.append(folder / name)
    return tuple(written)


def write_figures(
    folder: Path, results: Results, summaries: Sequence[Summary], stems: Iterable[str]
) -> tuple[Path, ...]:
    """Write single figures into `folder`, as PNG only; the files that were written.

    Raises UsageError for a figure that there is not, RunFolderError when the folder cannot be written.
    """
    standings = Standings(results, summaries)
    wanted = frozenset(stems)
    there = [plan.stem for task in standings.tasks for plan in plan_figures(standings, task)]
    missing = sorted(wanted - set(there))
    if missing:
        raise UsageError(f"these results have no figure '{missing[0]}'; there are {', '.join(there)}")
    _make(folder)
    written = []
    for figure in draw_figures(standings, wanted):
        path = folder / f"{figure.stem}.png"
        write_atomically(path, figure.png)
        written.append(path)
    return tuple(written)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {folder}: {error.strerror or error}; choose another folder with --out"
        ) from error
