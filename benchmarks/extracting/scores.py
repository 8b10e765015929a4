"""Rows that were scored once, kept as long as nothing changes that they depend on: matching ten runs takes a while."""

import gzip
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from benchmarks.contest.cells import Cell
from benchmarks.contest.measures import Item, Measure
from benchmarks.extracting.subjects import Paper
from benchmarks.judging import JUDGEMENTS
from pipeline.files import digest_file, digest_sources, digest_text, explain, write_atomically

Rows = tuple[list[Measure], list[Item]]

BENCHMARKS = Path(__file__).resolve().parents[1]
CODE = ("benchmarks/extracting", "benchmarks/gold", "benchmarks/contest", "schemas", "extract")
_ROWS: TypeAdapter[Rows] = TypeAdapter(Rows)


def digest_scorer() -> str:
    """Of the code and the judgements that turn readings and a gold list into rows."""
    own = sorted((*BENCHMARKS.glob("*.py"), *JUDGEMENTS.glob("*.yaml")))
    return digest_text(digest_sources(CODE), *(digest_file(path) for path in own))


class ScoreStore:
    """Files below a folder, one for each contestant in each mode, named by the digest of what they come from."""

    def __init__(self, folder: Path, papers: Sequence[Paper]) -> None:
        """`folder` is made when the first rows are kept."""
        self.folder = folder
        self._digest = digest_text(digest_scorer(), *(f"{p.name} {p.gold_sha256}" for p in papers))
        self._used: set[Path] = set()

    def load(self, cells: Sequence[tuple[Cell, str]]) -> Rows | None:
        """The rows of these cells, which are known with the digest of what came out. A damaged file is as good as
        none."""
        path = self._find(cells)
        try:
            return _ROWS.validate_json(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, ValidationError, ValueError):
            return None

    def keep(self, cells: Sequence[tuple[Cell, str]], rows: Rows) -> None:
        """Write down the rows. Raises RunFolderError when the folder cannot be written."""
        path = self._find(cells)
        with explain(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, gzip.compress(_ROWS.dump_json(rows), compresslevel=1, mtime=0))

    def prune(self) -> None:
        """Remove what was neither loaded nor kept: it is of an earlier state of things."""
        with suppress(OSError):
            for path in set(self.folder.glob("*.json.gz")) - self._used:
                path.unlink(missing_ok=True)

    def _find(self, cells: Sequence[tuple[Cell, str]]) -> Path:
        own = (f"{cell.model_dump_json()} {digest}" for cell, digest in cells)
        path = self.folder / f"{digest_text(self._digest, *own)[:32]}.json.gz"
        self._used.add(path)
        return path
