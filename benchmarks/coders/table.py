"""What became of scripted coders, as lines of a table."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import click

from benchmarks.coders.bench import Row

WIDTHS = (12, 12, 10, 12)


def print_row(row: Row) -> None:
    """One coder: analysis, events, how it ended, the class of each attempt and what noticed it; then surprises."""
    cells = (row.coder, row.analysis, row.data, row.ended)
    line = " ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    click.echo(
        f"{'! ' if row.surprises else '  '}{line} {len(row.attempts)}  {row.seconds:6.1f} s  {word_attempts(row)}"
    )
    for surprise in row.surprises:
        click.echo(f"    ! {surprise}")


def word_attempts(row: Row) -> str:
    """The attempts in a few words, equal ones in a row once."""
    words = [
        "accepted" if one.failure is None and one.shown_by is None else f"{one.failure} ({one.shown_by})"
        for one in row.attempts
    ]
    runs = [(word, len(list(same))) for word, same in groupby(words)]
    return " → ".join(f"{number} × {word}" if number > 1 else word for word, number in runs)


def print_summary(rows: Sequence[Row]) -> None:
    """How many ended as they should, and how many attempts of each class there were."""
    fine = sum(not row.surprises for row in rows)
    attempts = [one for row in rows for one in row.attempts]
    classes = Counter(one.failure for one in attempts if one.failure is not None)
    click.echo(f"{fine} of {len(rows)} coders ended as they should, in {len(attempts)} attempts")
    click.echo(", ".join(f"{number} {failure}" for failure, number in classes.most_common()) or "no attempt failed")
