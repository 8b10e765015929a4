"""Events in files of a profile's format: a ROOT tree, or JSON lines."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codegen.witness.filling import draw_keys, fill_events, number_events, order_events
from codegen.witness.layout import Column, Layout
from codegen.witness.stored import Event
from schemas.errors import DataError

Keys = dict[str, int]


def write_events(path: Path, layout: Layout, events: Sequence[Event], filling: int = 0) -> None:
    """A file with these events. Their order, their keys and what no criterion reads depend on the filling.

    The number in the file of events[k] is `codegen.witness.filling.number_events(len(events), filling)[k]`.
    """
    filled, numbers = fill_events(layout, events, filling), number_events(len(events), filling)
    order = order_events(len(events), filling)
    keys = [make_keys(layout, numbers[k], filling) for k in order]
    if layout.profile.reader == "jsonl":
        _write_lines(path, layout, [filled[k] for k in order], keys)
    else:
        _write_tree(path, layout, [filled[k] for k in order], keys)


def find_counter(key: Sequence[str]) -> str:
    """The branch that numbers events: the last of the key whose name speaks of events, else the last one."""
    named = [name for name in key if "event" in name.lower() or "evt" in name.lower()]
    exact = [name for name in named if name.lower().endswith(("event", "eventnumber", "evt"))]
    return (exact or named or list(key))[-1]


def make_keys(layout: Layout, number: int, filling: int = 0) -> dict[str, int]:
    """The key of the event with this number in the file."""
    key = layout.profile.key
    return draw_keys(key, find_counter(key), number, filling) if key else {}


def _value(row: dict[str, float | list[float]], name: str, column: Column) -> float:
    value = row.get(name, column.usual)
    return value[0] if isinstance(value, list) else value


def _find_type(column: Column) -> str:
    return "bool" if column.flag else "int32" if column.whole else "float32"


def _write_tree(path: Path, layout: Layout, events: Sequence[Event], keys: Sequence[Keys]) -> None:
    import awkward as ak
    import uproot

    branches: dict[str, object] = {}
    types: dict[str, object] = {}
    for name, column in layout.whole.items():
        kind = "int64" if name in layout.profile.key else _find_type(column)
        values = [keys[k].get(name, _value(e.whole, name, column)) for k, e in enumerate(events)]
        branches[name], types[name] = np.array(values, dtype=kind), np.dtype(kind)
        if column.listed:
            listed = ak.unflatten(np.array(values, dtype=kind), np.ones(len(values), dtype=np.int64))
            branches[name], types[name] = listed, ak.type(listed).content
    for prefix, columns in layout.stored.items():
        counts = np.array([len(e.stored.get(prefix, ())) for e in events], dtype=np.int64)
        for name, column in columns.items():
            kind = _find_type(column)
            flat = [_value(row, name, column) for e in events for row in e.stored.get(prefix, ())]
            array = ak.unflatten(np.array(flat, dtype=kind), counts)
            branches[f"{prefix}{name}"], types[f"{prefix}{name}"] = array, ak.type(array).content
        short = f"{prefix}n"
        if prefix.endswith("_") and short not in branches:
            branches[short], types[short] = counts.astype(np.int32), np.dtype("int32")
    with uproot.recreate(path) as file:
        target = file.mktree(layout.profile.tree, types)
        if events:
            target.extend(branches)


def _write_lines(path: Path, layout: Layout, events: Sequence[Event], keys: Sequence[Keys]) -> None:
    lines = []
    for k, event in enumerate(events):
        record: dict[str, object] = {}
        for name, column in layout.whole.items():
            value = keys[k].get(name, _plain(_value(event.whole, name, column), column))
            _place(record, name, [value] if column.listed else value)
        lists: dict[str, object] = {}
        record["data"] = lists
        for prefix, columns in layout.stored.items():
            rows: list[dict[str, object]] = []
            for row in event.stored.get(prefix, ()):
                entry: dict[str, object] = {}
                for name, column in columns.items():
                    _place(entry, name, _plain(_value(row, name, column), column))
                rows.append(entry)
            _place(lists, prefix.rstrip("."), rows)
        lines.append(json.dumps(record, allow_nan=True))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _plain(value: float, column: Column) -> float | int:
    return int(value) if (column.whole or column.flag) and value == value else value


def _place(record: dict[str, object], name: str, value: object) -> None:
    """Put a value under a dotted name."""
    *path, last = name.split(".")
    for step in path:
        inner = record.setdefault(step, {})
        if not isinstance(inner, dict):
            raise DataError(f"branch {name} and another one cannot both stand in one record")
        record = inner
    record[last] = value
