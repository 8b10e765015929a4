"""A model coder on the terminal: its rounds, and what they took."""

from rich.console import Console
from rich.text import Text

from codegen.explaining.words import write_for_person
from pipeline.coding_log import KeptAttempt
from pipeline.report_coding import CodingReport, list_cells
from pipeline.report_terminal import make_table
from pipeline.terminal import strip_controls

LONGEST = 4000  # characters of what a failed program printed last, and of a reply without code


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


def print_attempt(console: Console, kept: KeptAttempt) -> None:
    """One attempt: what the coder wrote, what is wrong with it, and what a colleague would say about it."""
    attempt = kept.attempt
    end = "accepted" if attempt.accepted else f"not accepted: {attempt.problem}"
    style = "bold green" if attempt.accepted else "bold red"
    console.print(Text(strip_controls(f"Attempt {attempt.number}: {end}"), style=style), soft_wrap=True)
    if attempt.failure:
        by = " by a model" if attempt.classified_by == "model" else ""
        console.print(Text(f"class{by}: {attempt.failure}"))
    for offence in attempt.offences:
        place = f"line {offence.line}, " if offence.line is not None else ""
        line = f"  {place}{offence.kind}: {offence.detail}"
        console.print(Text(strip_controls(line), style="yellow"), soft_wrap=True)
    if kept.functions is not None:
        console.print()
        width = len(str(kept.functions.count("\n")))
        for number, line in enumerate(strip_controls(kept.functions).rstrip("\n").split("\n"), start=1):
            console.print(Text.assemble((f"{number:>{width}}  ", "dim"), line), soft_wrap=True)
    else:
        replies = [call.reply.text for call in kept.calls if call.reply is not None and call.request.role == "coder"]
        said = strip_controls("".join(replies[-1:])[:LONGEST]).strip()
        console.print(Text(f"\n{said}", style="dim"), soft_wrap=True)
    if attempt.execution is not None and attempt.execution.outcome != "ok":
        printed = strip_controls(attempt.execution.stderr[-LONGEST:]).strip()
        console.print(Text(f"\n{printed}", style="dim"), soft_wrap=True)
    if attempt.explanation is not None:
        console.print(Text(f"\n{strip_controls(write_for_person(attempt.explanation)).rstrip()}"), soft_wrap=True)
