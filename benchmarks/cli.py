"""`bench`: measurements of the parts against truth."""

import click

from benchmarks.commands import (
    code,
    coders,
    explain,
    extract,
    gold,
    grounding,
    mutants,
    performance,
    report,
    score,
    serving,
    speed,
)


@click.group()
def bench() -> None:
    """Measure readers, compilers and rules against truth."""


for module in (extract, score, gold, grounding, serving, speed, mutants, code, coders, explain, performance, report):
    bench.add_command(module.command)
