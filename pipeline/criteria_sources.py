"""Criteria by name: a file, a run, a built-in analysis, or standard input."""

import sys
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.analyses import list_analyses, load_analysis
from pipeline.reading import load_criteria, load_marked
from pipeline.run_store import MANIFEST, find_run
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import MAX_BYTES, check_size, parse_criteria, read_criteria_text
from schemas.errors import CriteriaError, UsageError

STDIN = "-"


class CriteriaSource(NamedTuple):
    """Criteria that were found. `path` is the file or the run folder; None for standard input."""

    kind: Literal["file", "run", "analysis", "stdin"]
    name: str  # as given
    path: Path | None


def find_criteria(name: str, runs: Path) -> CriteriaSource:
    """What `name` stands for: `-`, a file, a run folder, a built-in analysis, a run by its name; in this order.

    Raises UsageError when it is none of these.
    """
    if name == STDIN:
        return CriteriaSource("stdin", name, None)
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / MANIFEST).is_file():
            raise UsageError(f"{name} is a folder, not a criteria file or a run folder")
        return CriteriaSource("run", name, path)
    if path.exists():
        return CriteriaSource("file", name, path)
    if name in list_analyses():
        return CriteriaSource("analysis", name, load_analysis(name).criteria)
    run = find_run(runs, name)
    if run is not None:
        return CriteriaSource("run", name, run)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        raise CriteriaError(f"cannot read criteria file '{name}': there is no such file")
    known = ", ".join(list_analyses()) or "none is installed"
    raise UsageError(f"'{name}' is neither a criteria file, a run below {runs}, nor a built-in analysis ({known})")


def load_source(source: CriteriaSource) -> SelectionCriteria:
    """The criteria; of a run, those of its criteria.yaml with what was edited marked. Raises CriteriaError."""
    if source.path is None:
        return parse_criteria(_read_stdin(), source.name)
    return load_marked(source.path) if source.kind == "run" else load_criteria(source.path)


def read_source(source: CriteriaSource) -> str:
    """The text of the criteria as it stands. Raises CriteriaError."""
    from pipeline import artefacts

    if source.path is None:
        return _read_stdin()
    return read_criteria_text(source.path / artefacts.CRITERIA if source.kind == "run" else source.path)[1]


def find_and_load(name: str, runs: Path) -> SelectionCriteria:
    """The criteria that `name` stands for. Raises UsageError or CriteriaError."""
    return load_source(find_criteria(name, runs))


def _read_stdin() -> str:
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    check_size(len(content), "standard input")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise CriteriaError("standard input is not UTF-8 text") from None
