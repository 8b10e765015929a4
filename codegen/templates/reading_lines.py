"""Events of JSON lines, one event per line: {"event_id": 1, "data": {"jets": [{"px": 1.5, ...}, ...], ...}}."""

from __future__ import annotations

import gzip
import io
import re
from typing import Any

import awkward as ak
import numpy as np
import pyarrow.json

from codegen.templates.compiled import BRANCHES, KEY
from codegen.templates.events import Chunk, Events, Problem


def open_lines(path: str) -> Any:
    """A text file, compressed or not, as bytes."""
    return gzip.open(path) if path.endswith(".gz") else open(path, "rb")  # noqa: PTH123


def find_chunks(numbered: tuple[int, str], size: int) -> list[tuple[Any, ...]]:
    """The chunks of a file, at most `size` events and little more than 64 MB each; empty lines are no events.

    Raises Problem when the file cannot be read, or when no event has a list that the analysis uses.
    """
    file, path = numbered
    starts: list[Chunk] = []
    rows = offset = 0
    lists = {f'"{name.partition(".")[0]}"'.encode() for name in BRANCHES if "." in name}
    try:
        with open_lines(path) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.isspace():
                    if not starts or rows - starts[-1].start == size or offset - starts[-1].offset > 1 << 26:
                        starts.append(Chunk(file, path, rows, offset=offset, line=number))
                    lists -= {name for name in lists if name in line}
                    rows += 1
                offset += len(line)
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Problem(f"{path} cannot be read as JSON lines: {reason}") from error
    if lists and rows:
        raise Problem(f"{path}: no event has {', '.join(sorted(name.decode() for name in lists))}")
    ends = [*((chunk.start, chunk.offset) for chunk in starts[1:]), (rows, offset)]
    return [
        tuple(chunk._replace(stop=stop, size=end - chunk.offset))
        for chunk, (stop, end) in zip(starts, ends, strict=False)  # without events, no chunks
    ]


def read_chunk(chunk: Chunk) -> Events:
    """The events of a chunk: `jets.px` is a list per event, `event_id` one number; what is missing is NaN, or no list.

    Raises Problem that names the line where the text is no event.
    """
    text = read_text(chunk)
    try:
        events = parse_lines(text, BRANCHES)
    except ValueError as error:
        row = re.search(r"in row (\d+)", str(error))
        reason = str(error).splitlines()[0].removeprefix("JSON parse error: ")
        raise Problem(f"{name_line(chunk, text, int(row[1]) if row else 0)}: no event: {reason}") from error
    for name in KEY:
        if name in BRANCHES and np.any(lost := np.asarray(ak.is_none(events[name]))):
            raise Problem(f"{name_line(chunk, text, int(lost.argmax()))}: no event: it has no {name}")
    if len(events) != chunk.stop - chunk.start:
        raise Problem(f"{chunk}: {len(events)} events where there are {chunk.stop - chunk.start} lines")
    return Events(chunk, {branch: pick_branch(events, branch) for branch in BRANCHES})


def read_text(chunk: Chunk) -> bytes:
    """The lines of a chunk, as JSON: numbers that JSON does not know are null."""
    with open_lines(chunk.path) as file:
        file.seek(chunk.offset)
        text: bytes = file.read(chunk.size).removeprefix(b"\xef\xbb\xbf")  # a byte order mark
    if b"NaN" in text or b"Infinity" in text:
        return re.sub(rb"(?<=[:\[,\s])-?(?:NaN|Infinity)(?=\s*[,\]}])", b"null", text)
    return text


def parse_lines(text: bytes, branches: tuple[str, ...]) -> ak.Array:
    """These branches of each event; numbers are the nearest ones to their digits. Raises ValueError."""
    lists: dict[str, list[tuple[str, Any]]] = {}
    columns = []
    for branch in branches:
        name, _, field = branch.partition(".")
        if field:
            lists.setdefault(name, []).append((field, pyarrow.float64()))
        else:
            columns.append((name, pyarrow.int64() if name in KEY else pyarrow.float64()))
    data = [(name, pyarrow.list_(pyarrow.struct(fields))) for name, fields in lists.items()]
    schema = pyarrow.schema([*columns, *([("data", pyarrow.struct(data))] if data else [])])
    reading = pyarrow.json.ReadOptions(use_threads=False, block_size=len(text))
    parsing = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return ak.from_arrow(pyarrow.json.read_json(io.BytesIO(text), reading, parsing))


def name_line(chunk: Chunk, text: bytes, row: int) -> str:
    """The file and the number of the line of an event."""
    written = [number for number, line in enumerate(text.split(b"\n"), start=chunk.line) if line.strip()]
    return f"{chunk.path}, line {written[min(row, len(written) - 1)]}"


def pick_branch(events: ak.Array, branch: str) -> ak.Array:
    """One number or one list per event."""
    name, _, field = branch.partition(".")
    if not field:
        return ak.fill_none(events[name], np.nan)
    found = events["data", name]
    counts = np.asarray(ak.fill_none(ak.num(found), 0))
    return ak.unflatten(ak.fill_none(ak.flatten(found[field]), np.nan), counts)
