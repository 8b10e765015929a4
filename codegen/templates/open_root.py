"""Branches of ROOT files that are read when a coder's functions ask for them."""

from __future__ import annotations

from typing import Any

import awkward as ak

from codegen.templates.compiled import BRANCHES, PATHS
from codegen.templates.events import Chunk, Events, Problem
from codegen.templates.reading_root import Reader, read_chunk


class OpenEvents(Events):
    """A chunk of events; the branches that the frame does not need are read when they are asked for."""

    def __init__(self, chunk: Chunk, branches: dict[str, ak.Array]) -> None:
        super().__init__(chunk, branches)
        self.chunk = chunk
        self.places = name_branches(Reader.find(chunk.path).tree)

    @property
    def fields(self) -> list[str]:
        """The names of all branches, and those that the profile gives to longer ones."""
        return list(dict.fromkeys([*self.places, *PATHS]))

    def __missing__(self, name: str) -> ak.Array:
        """A branch by name, of the events of the chunk. Raises Problem when it cannot be read."""
        path, _, member = PATHS.get(name, name).partition("::")
        tree = Reader.find(self.chunk.path).tree
        try:
            branch = tree[self.places.get(path, path)]
            found = branch.array(entry_start=self.chunk.start, entry_stop=self.chunk.stop)
        except MemoryError:
            raise
        except Exception as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise Problem(f"branch {name!r} cannot be read: {reason}", 10) from error
        self[name] = found[member] if member else found
        return self[name]


def name_branches(tree: Any) -> dict[str, str]:
    """Where each branch stands: the last part of its path is its name, or all of it where names repeat."""
    places: dict[str, str] = {}
    paths = [str(path) for path in tree.keys(recursive=True)]
    short = [path.rsplit("/", 1)[-1] for path in paths]
    for name, path in zip(short, paths, strict=True):
        places[name if name not in places else path] = path
    return places


def open_chunk(chunk: Chunk) -> OpenEvents:
    """The events of a chunk, with the branches that the frame needs. Raises Problem."""
    return OpenEvents(chunk, read_chunk(chunk) if BRANCHES else {})
