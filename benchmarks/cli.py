"""`bench`: measurements of the parts against truth."""

import click

from benchmarks.commands import coders, explain, grounding, mutants, score, serving, speed


@click.group()
def bench() -> None:
    """Measure readers, compilers and rules against truth."""


for module in (score, grounding, serving, speed, mutants, coders, explain):
    bench.add_command(module.command)
