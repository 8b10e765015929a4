"""Branches of JSON lines that are read when a coder's functions ask for them."""

from __future__ import annotations

import functools
import itertools
import json

import awkward as ak

from codegen.templates.compiled import BRANCHES
from codegen.templates.events import Chunk, Events, Problem
from codegen.templates.reading_lines import open_lines, parse_lines, pick_branch, read_chunk, read_text


class OpenEvents(Events):
    """A chunk of events; the fields that the frame does not need are read when they are asked for."""

    def __init__(self, chunk: Chunk, branches: dict[str, ak.Array]) -> None:
        super().__init__(chunk, branches)
        self.chunk = chunk

    @property
    def fields(self) -> list[str]:
        """The names of all fields: those of the profile, and what the first events of the file have."""
        return list(dict.fromkeys([*BRANCHES, *name_fields(self.chunk.path)]))

    def __missing__(self, name: str) -> ak.Array:
        """A field by name, of the events of the chunk. Raises Problem when it holds no numbers."""
        try:
            self[name] = pick_branch(parse_lines(read_text(self.chunk), (name,)), name)
        except ValueError as error:
            raise Problem(f"branch {name!r} cannot be read: {str(error).splitlines()[0]}", 10) from error
        return self[name]


@functools.cache
def name_fields(path: str) -> tuple[str, ...]:
    """The numbers of events and the fields of their lists, as in the first thousand lines."""
    names: dict[str, None] = {}
    with open_lines(path) as lines:
        for line in itertools.islice(lines, 1000):
            event = json.loads(line) if not line.isspace() else {}
            for name, value in event.items():
                if isinstance(value, int | float):
                    names[name] = None
            for name, objects in (event.get("data") or {}).items():
                for one in objects if isinstance(objects, list) else ():
                    names.update(dict.fromkeys(f"{name}.{field}" for field in one))
    return tuple(names)


def open_chunk(chunk: Chunk) -> OpenEvents:
    """The events of a chunk, with what the frame and the profile need. Raises Problem."""
    return OpenEvents(chunk, read_chunk(chunk))
