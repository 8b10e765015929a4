"""Events of JSON lines, one event per line: {"event_id": 1, "data": {"jets": [{"px": 1.5, ...}, ...], ...}}."""

from __future__ import annotations

import gzip
import re
from typing import Any

import awkward as ak
import numpy as np

from codegen.templates.compiled import BRANCHES, KEY
from codegen.templates.events import Chunk, Events, Problem


def open_lines(path: str) -> Any:
    """A text file, compressed or not, as bytes."""
    return gzip.open(path) if path.endswith(".gz") else open(path, "rb")  # noqa: PTH123


def find_chunks(numbered: tuple[int, str], size: int) -> list[tuple[Any, ...]]:
    """The chunks of a file, at most `size` events each; empty lines are no events.

    Raises Problem when the file cannot be read, or when no event has a list that the analysis uses.
    """
    file, path = numbered
    starts: list[tuple[int, int]] = []  # offset and line number where a chunk begins
    rows = offset = 0
    lists = {f'"{name.partition(".")[0]}"'.encode() for name in BRANCHES if "." in name}
    try:
        with open_lines(path) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.isspace():
                    if rows % size == 0:
                        starts.append((offset, number))
                    lists -= {name for name in lists if name in line}
                    rows += 1
                offset += len(line)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Problem(f"{path} cannot be read as JSON lines: {reason}") from error
    if lists and rows:
        raise Problem(f"{path}: no event has {', '.join(sorted(name.decode() for name in lists))}")
    stops = [start for start, _ in starts[1:]] + [offset]
    return [
        (file, path, k * size, min((k + 1) * size, rows), start, stop - start, line)
        for k, ((start, line), stop) in enumerate(zip(starts, stops, strict=True))
    ]


def read_chunk(chunk: Chunk) -> Events:
    """The events of a chunk: `jets.px` is a list per event, `event_id` one number; what is missing is NaN, or no list.

    Raises Problem that names the line where the text is no event.
    """
    lists: dict[str, dict[str, object]] = {}
    numbers: dict[str, object] = {}
    for branch in BRANCHES:
        name, _, field = branch.partition(".")
        if field:
            lists.setdefault(name, {})[field] = {"type": ["number", "null"]}
        elif branch not in ("file", "entry"):
            numbers[branch] = {"type": "integer"} if branch in KEY else {"type": ["number", "null"]}
    content = {n: {"type": ["array", "null"], "items": {"type": "object", "properties": f}} for n, f in lists.items()}
    data = {"type": ["object", "null"], "properties": content}
    schema = {"type": "object", "properties": {**numbers, **({"data": data} if lists else {})}}
    with open_lines(chunk.path) as file:
        file.seek(chunk.offset)
        text = file.read(chunk.size)
    if b"NaN" in text or b"Infinity" in text:
        text = re.sub(rb"(?<=[:\[,\s])-?(?:NaN|Infinity)(?=\s*[,\]}])", b"null", text)
    try:
        events = ak.from_json(text, line_delimited=True, schema=schema)
    except ValueError as error:
        found = re.search(r"char (\d+)", str(error))
        line = chunk.line + text[: int(found[1])].count(b"\n") if found else chunk.line
        raise Problem(f"{chunk.path}, line {line}: no event in JSON with {', '.join(BRANCHES)}") from error
    if len(events) != chunk.stop - chunk.start:
        raise Problem(f"{chunk}: {len(events)} events where there are {chunk.stop - chunk.start} lines")
    return Events(chunk, {branch: pick_branch(events, branch) for branch in BRANCHES})


def pick_branch(events: ak.Array, branch: str) -> ak.Array:
    """One number or one list per event."""
    name, _, field = branch.partition(".")
    if not field:
        values = events[name]
        return (
            values
            if values.ndim == 1 and not isinstance(values.type.content, ak.types.OptionType)
            else (ak.fill_none(values, np.nan))
        )
    found = events["data", name]
    counts = np.asarray(ak.fill_none(ak.num(found), 0))
    return ak.unflatten(ak.fill_none(ak.flatten(found[field]), np.nan), counts)
