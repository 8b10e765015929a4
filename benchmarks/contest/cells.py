"""Cells: one contestant, one paper or analysis, one mode, one run. Each is done once and kept in a file of its own."""

import hashlib
import re
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from benchmarks.contest.contestants import Task
from pipeline.files import explain, write_atomically
from pipeline.terminal import encode_json
from schemas.model import Model

T = TypeVar("T", bound=Model)

UNSAFE = re.compile(r"[^A-Za-z0-9.+-]+")


class Cell(Model):
    """Where in a contest something was done. `run` counts from 1."""

    task: Task
    contestant: str
    subject: str  # the paper, or the analysis
    mode: str  # of reading: rules, bulk, chunk; of coding: compiler, llm, hybrid
    run: int

    @property
    def path(self) -> Path:
        """Of its file, below the folder of cells. Names are of models and papers: never trusted as a path."""
        return Path(self.task, _name_file(self.contestant), _name_file(self.subject), f"{self.mode}-{self.run:03}.json")

    @property
    def place(self) -> str:
        """In words, for a line of progress."""
        return f"{self.contestant}, {self.subject}, {self.mode}, run {self.run}"


class _Kept(Model):
    cell: Cell
    digest: str  # of everything that decides what comes out
    outcome: object


class CellStore:
    """The cells of a contest that are done: files below a folder, written as a whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first cell is kept."""
        self.folder = folder

    def load(self, cell: Cell, digest: str, kind: type[T]) -> T | None:
        """What came out of a cell, if it was done with this digest. A damaged file is as good as none."""
        try:
            kept = _Kept.model_validate_json((self.folder / cell.path).read_bytes())
            return kind.model_validate(kept.outcome) if (kept.cell, kept.digest) == (cell, digest) else None
        except (OSError, ValidationError):
            return None

    def keep(self, cell: Cell, digest: str, outcome: Model) -> None:
        """Write down what came out. Raises RunFolderError when the folder cannot be written."""
        path = self.folder / cell.path
        with explain(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"cell": cell.model_dump(mode="json"), "digest": digest, "outcome": outcome.model_dump(mode="json")}
        write_atomically(path, encode_json(kept) + "\n")


def _name_file(name: str) -> str:
    """A file name of its own for any name; readable, and never `.` or a path."""
    plain = UNSAFE.sub("-", name).strip(".-")[:60]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
