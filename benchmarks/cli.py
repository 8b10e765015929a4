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
    simulated,
    speed,
)


@click.group()
def bench() -> None:
    """Measure readers, compilers and rules against truth."""


COMMANDS = (
    extract, score, gold, simulated, grounding, serving, speed, mutants, code, coders, explain, performance, report,
)  # fmt: skip
for module in COMMANDS:
    bench.add_command(module.command)
