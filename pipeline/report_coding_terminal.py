"""A model coder on the terminal: its rounds, and what they took."""

from rich.console import Console
from rich.text import Text

from pipeline.report_coding import CodingReport, list_cells
from pipeline.report_terminal import make_table
from pipeline.terminal import strip_controls


def print_coding(console: Console, coding: CodingReport) -> None:
    """How the loop ended, a table of its rounds, and what it took in all."""
    mark, style = ("✓", "bold green") if coding.matched else ("✗", "bold red") if coding.finished else ("…", "yellow")
    supervised = f", supervised by {coding.supervisor}" if coding.supervisor not in ("", coding.model) else ""
    line = f"Coder {coding.model}{supervised} ({coding.coder}): {coding.ended}"
    console.print(Text.assemble((f"\n{mark} ", style), (strip_controls(line), "bold")))
    table = make_table()
    for name in ("round", "lines"):
        table.add_column(name, justify="right")
    for name, ratio in (("outcome", 3), ("first difference", 4), ("class", 3)):
        table.add_column(name, ratio=ratio)
    for name in ("tokens", "s"):
        table.add_column(name, justify="right")
    for row in coding.rounds:
        cells = [Text(strip_controls(cell)) for cell in list_cells(row)]
        table.add_row(*cells, style="green" if row.accepted else None)
    console.print(table)
    for row in coding.rounds:
        if row.problem:
            console.print(Text(strip_controls(f"  {row.number}: {row.problem}"), style="dim"), soft_wrap=True)
    for name, value in coding.facts:
        console.print(Text.assemble((f"  {name:<22}", "dim"), strip_controls(value)), soft_wrap=True)
