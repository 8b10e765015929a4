"""A command with a bug, for the test of what a bug looks like."""

import click


@click.command("broken")
def command() -> None:
    """Fail."""
    raise ZeroDivisionError("first line\nsecond line")
