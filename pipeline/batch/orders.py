"""What a batch is told to do, and the command lines of its papers."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.analyses import load_analysis
from pipeline.batch.child import Limits
from pipeline.batch.entries import Entry
from pipeline.batch.records import Until
from pipeline.files import digest_file, digest_text
from pipeline.obtaining import Shelves
from schemas.errors import PaperfilterError, RunFolderError


class Order(NamedTuple):
    """The command line of a batch. Options are passed on as they were given, each to the commands that have it."""

    until: Until
    runs: Path
    jobs: int
    limits: Limits
    resume: bool  # failed papers are tried again, open questions looked at again
    retry_failed: bool  # also those where the paper itself is the reason
    server_wait: float  # seconds until a model server that went away is asked again, at first
    reading: tuple[str, ...]  # what decides what is read in a paper; not where models and papers are
    extract_options: tuple[str, ...]
    compile_options: tuple[str, ...]
    run_options: tuple[str, ...]  # with the data
    later: tuple[str, ...]  # what decides what is made of the criteria
    data: tuple[Path, ...]  # what --data matches
    shelves: Shelves  # where papers come from

    @property
    def options(self) -> tuple[str, ...]:
        """Everything that is passed on, for the record."""
        return (*self.extract_options, *self.later)


def order_extraction(entry: Entry, order: Order) -> list[str]:
    """The command that reads a paper."""
    return _program("extract", entry.source, *order.extract_options, *_places(order))


def order_rest(entry: Entry, order: Order, run: Path | None, code: Path | None) -> list[str] | None:
    """The command after the extraction; of criteria the only one. None: nothing is left to do.

    `run` is the run folder of the extraction, `code` the file for the code of criteria.
    """
    if order.until == "run":
        return _program("run", str(run) if run else entry.source, *order.run_options, *_places(order))
    if run is not None:
        return _program("compile", str(run), *order.compile_options, "--json") if order.until == "codegen" else None
    criteria = str(load_analysis(entry.source).criteria) if entry.kind == "analysis" else entry.source
    if order.until == "codegen":
        return _program("compile", criteria, *order.compile_options, "-o", str(code), "--json")
    return _program("validate", criteria, "--json")


def digest_extraction(entry: Entry, order: Order) -> str:
    """Tells readings of a paper apart: its content and how it is read."""
    return digest_text(entry.kind, entry.source, _digest_content(entry), *order.reading)


def digest_request(entry: Entry, order: Order) -> str:
    """Tells requests for a paper apart: the reading, how far to go, and with what."""
    data = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in order.data]
    return digest_text(digest_extraction(entry, order), order.until, *order.later, *data)


def _digest_content(entry: Entry) -> str:
    try:
        if entry.kind == "analysis":
            return digest_file(load_analysis(entry.source).criteria)
        return digest_file(Path(entry.source)) if entry.kind in ("paper", "criteria") else ""
    except RunFolderError:  # the paper's own command will say so
        return "unreadable"
    except PaperfilterError:
        return "unusable"


def _places(order: Order) -> Sequence[str]:
    return ("--runs-dir", os.fspath(order.runs), "--json")


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", *arguments]
