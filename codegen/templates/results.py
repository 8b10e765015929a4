"""What is written: the cutflow with event keys, histograms, selected candidates, and values of watched events."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any, NamedTuple

import hist
import numpy as np

from codegen.templates.compiled import ANALYSIS, KEY, MADE_BY, NOT_EVALUABLE, OUTPUTS, PROFILE, REGIONS
from codegen.templates.events import Problem


class Text(NamedTuple):
    """What is written of a region: keys and last steps as elements of JSON lists, candidates as lines, channels."""

    keys: str
    last: str
    candidates: str
    channels: dict[str, int]


class Piece(NamedTuple):
    """What was found in a chunk: a record of each event, one of each selected event, and text for each region."""

    events: np.ndarray
    selected: np.ndarray
    texts: tuple[tuple[Any, ...], ...]
    undecided: dict[str, int]
    watched: list[dict[str, Any]]


def find_types() -> tuple[np.dtype[np.void], np.dtype[np.void]]:
    """The fields of the records of events and of selected events."""
    weight: Any = ("weight", "<f8")
    last: Any = ("last", "<i2", (len(REGIONS),))
    return np.dtype([("key", "<i8", (len(KEY),)), weight, last]), np.dtype(
        [weight, last, ("values", "<f8", (len(OUTPUTS),))]
    )


def pack(found: dict[str, Any]) -> Piece:
    """What the processor returns for a chunk, ready to be written."""
    kinds = find_types()
    last = np.stack([found["last"][region.name] for region in REGIONS], axis=1)
    passed = last == [len(region.steps) - 1 for region in REGIONS]
    chosen = np.flatnonzero(passed.any(axis=1))
    events, selected = np.zeros(len(last), dtype=kinds[0]), np.zeros(len(chosen), dtype=kinds[1])
    events["key"], events["weight"], events["last"] = found["keys"], found["weight"], last
    selected["weight"], selected["last"] = found["weight"][chosen], last[chosen]
    for column, output in enumerate(OUTPUTS):
        selected["values"][:, column] = found["outputs"][output.name][chosen]
    texts = tuple(tuple(write_text(found, k, passed[:, k])) for k in range(len(REGIONS)))
    return Piece(events, selected, texts, found["undecided"], found["watched"])


def write_text(found: dict[str, Any], region: int, passed: np.ndarray) -> Text:
    """What is written of a region, for the events of a chunk."""
    last = found["last"][REGIONS[region].name]
    keys, row = found["keys"][last >= 0], "[" + ",".join(["%d"] * len(KEY)) + "]"
    lines = io.StringIO()
    values = [found["outputs"][output.name][passed].tolist() for output in OUTPUTS]
    csv.writer(lines, lineterminator="\n").writerows(zip(
        repeat(REGIONS[region].name), *found["keys"][passed].T.tolist(), found["channel"][passed].tolist(),
        found["weight"][passed].tolist(), *([None if v != v else v for v in column] for column in values),  # NaN: empty
    ))  # fmt: skip
    names, numbers = np.unique(found["channel"][passed], return_counts=True)
    return Text(
        ",".join([row] * len(keys)) % tuple(keys.ravel().tolist()),
        ",".join(map(str, last[last >= 0].tolist())),
        lines.getvalue(),
        {name: number for name, number in zip(names.tolist(), numbers.tolist(), strict=True) if name},
    )


class Spool:
    """Bytes in the order of the events, on disk when they are many: memory stays flat."""

    def __init__(self, file: IO[bytes], kind: np.dtype[np.void]) -> None:
        self.file, self.kind, self.length = file, kind, 0

    def add(self, records: np.ndarray) -> None:
        self.file.seek(0, 2)
        self.file.write(records.tobytes())
        self.length += len(records)

    def read(self, block: int = 50_000) -> Iterator[np.ndarray]:
        """The records, a block at a time: the blocks do not depend on the chunks that were added."""
        for first in range(0, self.length, block):
            self.file.seek(first * self.kind.itemsize)
            yield np.frombuffer(self.file.read(block * self.kind.itemsize), dtype=self.kind)


class Findings:
    """What was found in all events: on disk when it is much, so that memory stays flat."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        def open_file() -> IO[bytes]:
            return stack.enter_context(tempfile.SpooledTemporaryFile(1 << 22, dir=str(folder)))

        self.events, self.selected = (Spool(open_file(), kind) for kind in find_types())
        self.texts = [[open_file() for _ in Text._fields[:3]] for _ in REGIONS]
        self.channels: list[dict[str, int]] = [{} for _ in REGIONS]
        self.undecided: dict[str, int] = {}
        self.watched: list[dict[str, Any]] = []

    def add(self, piece: Piece) -> None:
        self.events.add(piece.events)
        self.selected.add(piece.selected)
        for files, texts in zip(self.texts, piece.texts, strict=True):
            for file, text, comma in zip(files, texts[:3], (b",", b",", b""), strict=True):
                file.write(comma + text.encode() if text and file.tell() else text.encode())
        counted = [(self.undecided, piece.undecided), *zip(self.channels, (t[3] for t in piece.texts), strict=True)]
        for numbers, found in counted:
            for name, number in found.items():
                numbers[name] = numbers.get(name, 0) + number
        self.watched += piece.watched


def mix(records: np.ndarray) -> np.ndarray:
    """A number for the key of each record; two keys seldom have the same."""
    factors = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
    mixed = np.zeros(len(records), dtype=np.uint64)
    for column, values in enumerate(records["key"].T):
        mixed = mixed * factors[0] ^ values.astype(np.uint64) * factors[1 + column % 2]
    return mixed ^ mixed >> np.uint64(32)


def check_unique(events: Spool) -> None:
    """Raises Problem when two events have the same key: their fates could not be told apart."""
    shares = np.uint64(1 + events.length // 4_000_000)  # looked at one after another, so that memory stays flat
    for share in range(int(shares)):
        mixed = np.concatenate([m[m % shares == share] for m in map(mix, events.read())] or [[]])
        mixed.sort()
        doubtful = mixed[1:][mixed[1:] == mixed[:-1]]
        if len(doubtful):
            keys = np.concatenate([r["key"][np.isin(mix(r), doubtful)] for r in events.read()])
            unique, counts = np.unique(keys, axis=0, return_counts=True)
            if len(unique) < len(keys):
                names = ", ".join(f"{k} {v}" for k, v in zip(KEY, unique[counts.argmax()], strict=True))
                repeated = f"{'at least ' if shares > 1 else ''}{int((counts > 1).sum())}"
                raise Problem(f"{repeated} event keys occur more than once, for example {names}; give each event once")


def count_steps(events: Spool) -> list[list[dict[str, Any]]]:
    """Count, weighted yield and its uncertainty of each step of each region."""
    counts = [np.zeros(len(region.steps), dtype=np.int64) for region in REGIONS]
    sums: list[list[list[tuple[float, float]]]] = [[[] for _ in region.steps] for region in REGIONS]
    for records in events.read():
        for k, region in enumerate(REGIONS):
            last, weight = records["last"][:, k], records["weight"]
            for position in range(len(region.steps)):
                passed = last >= position
                last, weight = last[passed], weight[passed]
                counts[k][position] += len(weight)
                sums[k][position].append((float(weight.sum()), float((weight * weight).sum())))
    return [
        [
            {
                "id": step.name,
                "label": step.label,
                "count": int(count),
                "weighted": math.fsum(w for w, _ in blocks),
                "uncertainty": math.sqrt(math.fsum(v for _, v in blocks)),
                "evaluated": step.missing is None,
                "reason": step.missing,
            }
            for step, count, blocks in zip(region.steps, counts[k], sums[k], strict=True)
        ]
        for k, region in enumerate(REGIONS)
    ]  # fmt: skip


def write_cutflow(path: Path, findings: Findings, steps: list[list[dict[str, Any]]]) -> None:
    """The steps of each region, and the last step of every event."""
    channels = {r.name: dict(sorted(c.items())) for r, c in zip(REGIONS, findings.channels, strict=True) if c}
    head = {
        "format": "paperfilter-cutflow/1",
        "analysis": ANALYSIS,
        "profile": PROFILE,
        "made_by": MADE_BY,
        "n_events": findings.events.length,
        "not_evaluable": [{"cut": c, "text": t, "reason": r} for c, t, r in NOT_EVALUABLE],
        "channels": channels,
    }
    with path.open("wb") as file:
        file.write(json.dumps(head, allow_nan=False)[:-1].encode() + b', "regions": [')
        for k, region in enumerate(REGIONS):
            about = {"name": region.name, "parent": region.parent, "steps": steps[k]}
            file.write((",\n" if k else "\n").encode() + json.dumps(about, allow_nan=False)[:-1].encode())
            file.write(f', "events": {{"columns": {json.dumps(KEY)}, "keys": ['.encode())
            copy(findings.texts[k][0], file)
            file.write(b'], "last_step": [')
            copy(findings.texts[k][1], file)
            file.write(b"]}}")
        file.write(b"]}\n")


def copy(text: IO[bytes], file: IO[bytes]) -> None:
    text.seek(0)
    shutil.copyfileobj(text, file)


def write_histograms(path: Path, findings: Findings) -> None:
    """One histogram per output and region, of the events that pass the region; all with the same bins."""
    written = []
    for column, output in enumerate(OUTPUTS):
        shown = (records["values"][:, column] for records in findings.selected.read())
        bins, low, high = output.bins or choose_bins(np.fromiter(chain.from_iterable(shown), dtype=np.float64))
        for k, region in enumerate(REGIONS):
            filled = hist.Hist(hist.axis.Regular(bins, low, high, name=output.name), storage=hist.storage.Weight())
            for records in findings.selected.read():
                inside = records["last"][:, k] == len(region.steps) - 1
                known = records[inside & ~np.isnan(records["values"][:, column])]
                filled.fill(known["values"][:, column], weight=known["weight"])
            contents: Any = filled.view(flow=True)
            written.append({
                "variable": output.name,
                "region": region.name,
                "unit": output.unit,
                "edges": filled.axes[0].edges.tolist(),
                "counts": contents["value"][1:-1].tolist(),
                "variances": contents["variance"][1:-1].tolist(),
                "underflow": float(contents["value"][0]),
                "overflow": float(contents["value"][-1]),
            })  # fmt: skip
    write_json(path, {"format": "paperfilter-histograms/1", "analysis": ANALYSIS, "histograms": written})


def choose_bins(values: np.ndarray) -> tuple[int, float, float]:
    """About forty bins of a round width that hold the central 99 % of the values."""
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return 1, 0.0, 1.0
    low, high = np.quantile(values, [0.005, 0.995])
    raw = (high - low) / 40 or max(abs(low), 1.0) / 40
    power = 10.0 ** np.floor(np.log10(raw))
    width = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw)
    first, stop = np.floor(low / width), np.floor(high / width) + 1
    return int(stop - first), float(first * width), float(stop * width)


def write_candidates(path: Path, findings: Findings) -> None:
    """One line per region and event that passes it."""
    with path.open("wb") as file:
        file.write(",".join(["region", *KEY, "channel", "weight", *(o.name for o in OUTPUTS)]).encode() + b"\n")
        for texts in findings.texts:
            copy(texts[2], file)


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
