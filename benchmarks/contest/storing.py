"""The results of a contest on disk, written whole and read back with every row checked.

`measures` and `items` are written as Parquet and as CSV with the same columns and rows (of a ratio: `hits` of `of`;
an empty field is None). Reading takes the Parquet file, or the CSV where that is all there is, so that results that
are kept under version control need only one of the two. `manifest.json` is written last and names the digest of both
tables: a folder whose parts come from different writes is told.
"""

import csv
import dataclasses
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from benchmarks.contest.measures import Item, Measure, Row
from benchmarks.contest.metrics import METRICS
from benchmarks.contest.results import ITEMS, MANIFEST, MEASURES, Manifest, Results
from benchmarks.contest.summary import ALL
from pipeline.files import write_atomically
from pipeline.terminal import encode_json
from schemas.errors import PaperfilterError, RunFolderError

R = TypeVar("R", Measure, Item)
Cell = str | int | float | bool | None
NUMBERS = {"run": "int32", "value": "float64", "hits": "int64", "of": "int64", "simulated": "bool_", "hit": "bool_"}
TRUTH = {"true": True, "false": False}
CELLS = "cells"
TABLES = "tables"  # in the manifest's file: the digest of each table
AGAIN = "run the command of the contest again, it writes them anew"


def write_results(folder: Path, results: Results) -> tuple[Path, ...]:
    """Write the tables and the manifest; the files that were written.

    The same rows, in whatever order, give the same bytes. Raises RunFolderError when the folder cannot be written, and
    PaperfilterError, our own mistake, for rows that contradict each other.
    """
    if problem := find_contradiction(results.measures, results.items):
        raise PaperfilterError(f"the rows of a contest contradict each other: {problem}; report it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refuse(folder, error.strerror or str(error), "choose another folder with --out", "write") from error
    digests, written = {}, []
    for name, columns in (
        (MEASURES, _list_columns(Measure, results.measures)),
        (ITEMS, _list_columns(Item, results.items)),
    ):
        text = _encode_csv(columns)
        digests[name] = _digest(text)
        for path, content in (
            (folder / f"{name}.parquet", _encode_parquet(columns)),
            (folder / f"{name}.csv", text.encode()),
        ):
            write_atomically(path, content)
            written.append(path)
    manifest = {TABLES: digests, **results.manifest.model_dump(mode="json")}
    write_atomically(folder / MANIFEST, encode_json(manifest) + "\n")
    return (*written, folder / MANIFEST)


def load_results(folder: Path) -> Results:
    """The results in a folder, rows in the order of `sort_rows`.

    Raises RunFolderError, one line that names the file, for a folder that holds none, or damaged or foreign ones.
    """
    manifest, digests = _read_manifest(folder)
    measures = _read_table(folder, MEASURES, Measure, digests.get(MEASURES))
    items = _read_table(folder, ITEMS, Item, digests.get(ITEMS))
    if problem := find_contradiction(measures, items):
        raise _refuse(folder, f"its rows contradict each other, {problem}", AGAIN)
    return Results(measures, items, manifest)


def find_contradiction(measures: Iterable[Measure], items: Iterable[Item]) -> str | None:
    """What is wrong with a table that is not tidy: a row that is there twice, a share that is not that of its items."""
    counted: dict[tuple[object, ...], list[int]] = {}
    for item in items:
        count = counted.setdefault(_place(item)[:7], [0, 0])
        count[0] += item.hit
        count[1] += 1
    seen = set()
    for measure in measures:
        place = _place(measure)[:7]
        where = f"{measure.metric} of {measure.contestant}, {measure.subject}, {measure.mode}, run {measure.run}"
        if place in seen:
            return f"{where} is there twice"
        if measure.subject == ALL:
            return f"a paper is called '{ALL}'"
        seen.add(place)
        count = counted.pop(place, [measure.hits or 0, measure.of or 0])
        if count != [measure.hits, measure.of] and measure.of is not None:
            return f"{where} counts {measure.hits} of {measure.of}, its items {count[0]} of {count[1]}"
    return f"{next(iter(counted))[4]} has items and no measure" if counted else None


def sort_rows(rows: Iterable[R]) -> list[R]:
    """Rows by contestant, mode, paper, metric, group and run; the order of the tables on disk."""
    return sorted(rows, key=_place)


def _place(row: Row) -> tuple[object, ...]:
    item = row.item if isinstance(row, Item) else ""
    hit = row.hit if isinstance(row, Item) else False
    return (row.task, row.contestant, row.mode, row.subject, row.metric, row.group, row.run, item, hit)


def _list_columns(kind: type[R], rows: Sequence[R]) -> dict[str, list[Cell]]:
    ordered = sort_rows(rows)
    return {f.name: [getattr(row, f.name) for row in ordered] for f in dataclasses.fields(kind)}


def _encode_csv(columns: Mapping[str, Sequence[Cell]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(map(_show_cell, column) for column in columns.values()), strict=True))
    return text.getvalue()


def _show_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell) if isinstance(cell, float) else str(cell)


def _encode_parquet(columns: Mapping[str, Sequence[Cell]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    fields = [(name, _choose_type(pyarrow, name)) for name in columns]
    table = pyarrow.table(dict(columns), schema=pyarrow.schema(fields))
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _choose_type(pyarrow: ModuleType, name: str) -> object:
    return getattr(pyarrow, NUMBERS[name])() if name in NUMBERS else pyarrow.string()


def _read_manifest(folder: Path) -> tuple[Manifest, dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        begun = (folder / CELLS).is_dir()
        advice = "its contest did not come to its end: " + AGAIN if begun else "give the folder that a contest is in"
        raise _refuse(folder, f"there is no {MANIFEST}", advice)
    try:
        raw = json.loads(path.read_bytes())
        digests = TypeAdapter(dict[str, str]).validate_python(raw.pop(TABLES))
        return Manifest.model_validate(raw), digests
    except OSError as error:
        raise _refuse(path, error.strerror or str(error), "check the path") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:  # ValidationError is a ValueError
        raise _refuse(path, f"it is no manifest of a contest ({_shorten(error)})", AGAIN) from error


def _read_table(folder: Path, name: str, kind: type[R], digest: str | None) -> tuple[R, ...]:
    path = next((p for p in (folder / f"{name}.parquet", folder / f"{name}.csv") if p.is_file()), None)
    if path is None:
        raise _refuse(folder, f"there is neither {name}.parquet nor {name}.csv", AGAIN)
    try:
        names = [f.name for f in dataclasses.fields(kind)]
        columns = _read_parquet(path, names) if path.suffix == ".parquet" else _read_csv(path, names)
        given = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
        rows = tuple(kind.model_validate(row) for row in given)
    except OSError as error:
        raise _refuse(path, error.strerror or str(error), AGAIN) from error
    except ValueError as error:  # also ValidationError, and what pyarrow raises
        raise _refuse(path, f"it is no table of a contest ({_shorten(error)})", AGAIN) from error
    if _digest(_encode_csv(_list_columns(kind, rows))) != digest:
        raise _refuse(path, f"it was changed, or belongs to another {MANIFEST}", AGAIN)
    unknown = sorted({row.metric for row in rows} - METRICS.keys())
    if unknown:
        raise _refuse(path, f"it has a metric that this version does not know, '{unknown[0]}'", "update paperfilter")
    return rows


def _read_parquet(path: Path, names: Sequence[str]) -> list[list[Cell]]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(pyarrow.BufferReader(path.read_bytes()))
    if sorted(table.column_names) != sorted(names):
        raise ValueError(f"its columns are {', '.join(map(str, table.column_names))}")
    return [_share(table.column(name)) for name in names]


def _share(column: "pyarrow.ChunkedArray") -> list[Cell]:  # type: ignore[name-defined] # noqa: F821
    """The cells, equal ones as one object: a name that stands in every row is kept once."""
    encoded = column.combine_chunks().dictionary_encode()
    values: list[Cell] = encoded.dictionary.to_pylist()
    return [None if i is None else values[i] for i in encoded.indices.to_pylist()]


def _read_csv(path: Path, names: Sequence[str]) -> list[list[Cell]]:
    shared: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            head = next(reader, [])
            if head != list(names):
                raise ValueError(f"its columns are {', '.join(head)}")
            rows = [[shared.setdefault(cell, cell) for cell in row] for row in reader]
        except csv.Error as error:
            raise ValueError(str(error)) from error
    if any(len(row) != len(names) for row in rows):
        raise ValueError("a row has too many or too few fields")
    return [[_parse_cell(name, row[i]) for row in rows] for i, name in enumerate(names)]


def _parse_cell(name: str, text: str) -> Cell:
    if name not in NUMBERS:
        return text
    if name in ("simulated", "hit"):
        return TRUTH.get(text, text)
    return text or None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shorten(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"


def _refuse(path: Path, reason: str, advice: str, verb: str = "read") -> RunFolderError:
    line = " ".join(reason.split())[:200]  # pyarrow explains itself in many lines
    return RunFolderError(f"cannot {verb} the results in {path}: {line}; {advice}")
