"""Events as an analysis gets them, whatever kind of file they come from."""

from __future__ import annotations

from typing import Any, NamedTuple

import awkward as ak
import numpy as np

from codegen.templates.compiled import KEY


class Problem(Exception):
    """What stops the analysis, in one line. `code` is the exit code (4: the data); `trace`, where the code failed."""

    def __init__(self, line: str, code: int = 4, trace: str = "") -> None:
        super().__init__(line)
        self.code, self.trace = code, trace


class Chunk(NamedTuple):
    """Events of one file: its place among the files, its path, and the rows; for text also where the rows stand."""

    file: int
    path: str
    start: int = 0
    stop: int = 0
    offset: int = 0  # of the first byte
    size: int = 0  # in bytes
    line: int = 0  # number of the first line

    def __str__(self) -> str:
        return f"{self.path}, events {self.start} to {self.stop}"


class Events(dict[str, ak.Array]):
    """A chunk of events, by branch: one number, list or list of lists per event."""

    def __init__(self, chunk: Chunk, branches: dict[str, ak.Array]) -> None:
        super().__init__(branches)
        self.metadata = {"filename": chunk.path, "entrystart": chunk.start, "entrystop": chunk.stop, "file": chunk.file}


def number_events(events: Any) -> np.ndarray:
    """Keys of events where the format does not number them: the place of the file, and the row in it.

    In a Runner of one's own, the metadata of the data set says the place of its file as `file`.
    """
    metadata = events.metadata
    rows = np.arange(metadata["entrystart"], metadata["entrystop"])
    known = {"file": np.full(len(rows), metadata.get("file", 0)), "entry": rows}
    return np.stack([np.asarray(known[n] if n in known else events[n]).astype(np.int64) for n in KEY], axis=1)
