"""Single events of the data files as they are stored, so that criteria can be worked out on them by hand.

What cannot be read is left out: whoever uses the records checks that the criteria, worked out on them, give what the
baseline gives.
"""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from codegen.witness.arithmetic import NAN
from codegen.witness.stored import Cell, Event, Row
from schemas.cutflow import EventKey
from schemas.errors import ProfileError
from schemas.expressions.branches import list_columns, parse_branches
from schemas.profile import Profile, list_expressions
from schemas.profile_sources import CollectionSource

STEP = 200_000  # entries whose keys are looked at together
BLOCK = 20_000  # entries between which a branch is read in one go


class Columns(NamedTuple):
    """The branches that a profile's quantities are made of: of the event as a whole, and by prefix of objects."""

    whole: tuple[str, ...]
    stored: Mapping[str, tuple[str, ...]]

    def list_all(self) -> list[str]:
        """The whole names of all branches."""
        return [*self.whole, *(f"{prefix}{name}" for prefix, names in self.stored.items() for name in names)]


def read_events(files: Sequence[Path], profile: Profile, keys: Collection[EventKey]) -> dict[EventKey, Event]:
    """The stored values of these events, those that are found. `profile` is fitted to the files.

    Nothing is raised for a file that cannot be read: its events are not there.
    """
    wanted = frozenset(keys)
    columns = list_stored_columns(profile)
    found: dict[EventKey, Event] = {}
    for number, path in enumerate(files):
        if len(found) == len(wanted):
            break
        read = _read_lines if profile.reader == "jsonl" else _read_tree
        with suppress(Exception):  # the explanation does without these events
            found.update(read(path, number, profile, columns, wanted))
    return found


def list_stored_columns(profile: Profile) -> Columns:
    """All branches that quantities, labels, links and selectors of the profile are made of."""
    whole: dict[str, None] = dict.fromkeys(profile.key)
    stored: dict[str, dict[str, None]] = {}
    places = {f"collections.{base}.": source for base, source in profile.collections.items()}
    for place, text, _ in list_expressions(profile):
        source = next((s for start, s in places.items() if place.startswith(start)), None)
        try:
            names = list_columns(parse_branches(text, place), source is None)
        except ProfileError:
            continue
        for name, is_whole in names:
            if source is None or is_whole:
                whole[name] = None
            else:
                _add_column(stored, source, name)
    return Columns(tuple(whole), {prefix: tuple(names) for prefix, names in stored.items()})


def _add_column(stored: dict[str, dict[str, None]], source: CollectionSource, name: str) -> None:
    owner, _, rest = name.partition(".")
    if rest and owner in source.links:
        for link in source.links[owner]:
            stored.setdefault(link.prefix, {})[rest] = None
    else:
        stored.setdefault(source.prefix, {})[name] = None


def _read_tree(
    path: Path, number: int, profile: Profile, columns: Columns, wanted: frozenset[EventKey]
) -> Iterator[tuple[EventKey, Event]]:
    import uproot

    paths = profile.fitting.paths if profile.fitting is not None else {}
    with uproot.open(path) as file:
        tree = file[profile.tree]
        blocks: dict[int, dict[int, EventKey]] = {}
        for entry, key in _find_entries(tree, number, profile, wanted):
            blocks.setdefault(entry // BLOCK, {})[entry] = key
        for block in blocks.values():
            read = {n: _read_cells(tree, paths.get(n, n), list(block)) for n in columns.list_all()}
            for k, key in enumerate(block.values()):
                whole: Row = {n: cell for n in columns.whole if (cell := read[n][k]) is not None}
                stored: dict[str, list[Row]] = {}
                for prefix, names in columns.stored.items():
                    lists = {n: cell for n in names if isinstance(cell := read[f"{prefix}{n}"][k], list)}
                    length = max(map(len, lists.values()), default=0)
                    stored[prefix] = [{n: v[j] for n, v in lists.items() if j < len(v)} for j in range(length)]
                yield key, Event(whole, stored)


def _find_entries(
    tree: object, number: int, profile: Profile, wanted: frozenset[EventKey]
) -> Iterator[tuple[int, EventKey]]:
    """The rows of the wanted events."""
    entries = int(tree.num_entries)  # type: ignore[attr-defined]
    if not profile.key:
        yield from ((key[1], key) for key in sorted(wanted) if key[0] == number and key[1] < entries)
        return
    paths = profile.fitting.paths if profile.fitting is not None else {}
    for start in range(0, entries, STEP):
        arrays = [
            np.asarray(tree[paths.get(n, n)].array(entry_start=start, entry_stop=start + STEP, library="np"))  # type: ignore[index]
            for n in profile.key
        ]
        for row, key in enumerate(zip(*(a.astype(np.int64).tolist() for a in arrays), strict=True)):
            if key in wanted:
                yield start + row, key


def _read_cells(tree: object, name: str, entries: Sequence[int]) -> list[Cell | None]:
    """Numbers, lists, or lists of lists of some entries; nothing where the file has no such branch of numbers."""
    import awkward as ak

    branch, _, member = name.partition("::")
    start = min(entries)
    try:
        array = tree[branch].array(entry_start=start, entry_stop=max(entries) + 1)  # type: ignore[index]
        found = ak.to_list((array[member] if member else array)[[e - start for e in entries]])
    except Exception:  # the criteria may do without it
        return [None] * len(entries)
    return [_as_cell(value) for value in found]


def _as_cell(value: object) -> Cell | None:
    if isinstance(value, list):
        inner = [_as_cell(v) for v in value]
        return [NAN if v is None else v for v in inner]  # type: ignore[misc]
    if value is None:
        return NAN
    return float(value) if isinstance(value, bool | int | float) else None


def _read_lines(
    path: Path, number: int, profile: Profile, columns: Columns, wanted: frozenset[EventKey]
) -> Iterator[tuple[EventKey, Event]]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        row = -1
        for line in lines:
            if not line.strip():
                continue
            row += 1
            record = json.loads(line.decode("utf-8-sig"))
            key = tuple(int(record[n]) for n in profile.key) if profile.key else (number, row)
            if key in wanted:
                yield key, _take_record(record, columns)


def _take_record(record: Mapping[str, object], columns: Columns) -> Event:
    data = record.get("data")
    lists = data if isinstance(data, dict) else {}
    whole: Row = {n: cell for n in columns.whole if (cell := _as_cell(_enter(record, n))) is not None}
    stored: dict[str, list[Row]] = {}
    for prefix, names in columns.stored.items():
        things = lists.get(prefix.rstrip("."))
        rows: list[Row] = []
        for thing in things if isinstance(things, list) else ():
            cells = {n: _as_cell(_enter(thing, n)) for n in names}
            rows.append({n: NAN if cell is None else cell for n, cell in cells.items()})
        stored[prefix] = rows
    return Event(whole, stored)


def _enter(record: object, name: str) -> object:
    """What stands under a dotted name."""
    for part in name.split("."):
        record = record.get(part) if isinstance(record, Mapping) else None
    return record
