"""`bench performance`: speed of reading, grounding, serving and compiled code, memory."""

from pathlib import Path

import click

from benchmarks.performance.parts import PARTS, Part


@click.command("performance")
@click.option(
    "--papers",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="PDF or folder of PDFs to read beside our notes; may be repeated",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="folder with atlas2020_4lep/ or generated/, whose events are repeated  [default: simulated ones of our own]",
)
@click.option(
    "--root-python", envvar="PAPERFILTER_ROOT_PYTHON", help="a Python that has ROOT, for std::vector branches"
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="only this, may be repeated; others stay as --out has them",
)
@click.option("--quick", is_flag=True, help="few rounds of small inputs: a first look in some minutes")
@click.option("--repeat", type=click.IntRange(1), help="rounds  [default: 5; with --quick 2]")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("performance"), show_default=True,
    help="folder for performance.json and performance.md",
)  # fmt: skip
@click.option(
    "--redraw",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="measure nothing: write the page of this performance.json again",
)
def command(
    papers: tuple[Path, ...], data: Path | None, root_python: str | None, parts: tuple[Part, ...], quick: bool,
    repeat: int | None, out: Path, redraw: Path | None,
) -> None:  # fmt: skip
    """Measure this machine: pages per second of reading, grounding per paper, how full a model server is kept, events
    per second of compiled code beside other ways, memory and worker processes.

    Needs no network, no model and no files of others, but 2 GB of scratch space and half an hour of two idle cores
    (--quick: little of both). What is done so far is written after each part.
    """
    from benchmarks.performance.running import Task, draw_again, find_papers, measure_performance

    if redraw is not None:
        draw_again(redraw, out)
    else:
        wanted = [part for part in PARTS if not parts or part in parts]
        task = Task(wanted, find_papers(papers), data, root_python, quick, repeat or (2 if quick else 5))
        measure_performance(task, out, lambda line: click.echo(line, err=True))
    click.echo(out / "performance.md")
