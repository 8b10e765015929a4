"""What is written: the cutflow with event keys, histograms, selected candidates, and values of watched events."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any, NamedTuple

import hist
import numpy as np

from codegen.templates.compiled import ANALYSIS, KEY, NOT_EVALUABLE, OUTPUTS, PROFILE, REGIONS
from codegen.templates.events import Problem


class Piece(NamedTuple):
    """What was found in a chunk: one record per event, and a longer one for each event that passes a region."""

    events: np.ndarray
    selected: np.ndarray
    undecided: dict[str, int]
    watched: list[dict[str, Any]]


def find_types() -> tuple[np.dtype[np.void], np.dtype[np.void]]:
    """The fields of the records."""
    fields: list[Any] = [("key", "<i8", (len(KEY),)), ("weight", "<f8"), ("last", "<i2", (len(REGIONS),))]
    return np.dtype(fields), np.dtype([*fields, ("channel", "<U16"), ("values", "<f8", (len(OUTPUTS),))])


def pack(found: dict[str, Any]) -> Piece:
    """What the processor returns for a chunk, in as few bytes as it takes."""
    kinds = find_types()
    last = np.stack([found["last"][region.name] for region in REGIONS], axis=1)
    chosen = np.flatnonzero(np.any(last == [len(region.steps) - 1 for region in REGIONS], axis=1))
    events, selected = np.zeros(len(last), dtype=kinds[0]), np.zeros(len(chosen), dtype=kinds[1])
    events["key"], events["weight"], events["last"] = found["keys"], found["weight"], last
    for name in kinds[0].names or ():
        selected[name] = events[name][chosen]
    selected["channel"] = found["channel"][chosen]
    for position, output in enumerate(OUTPUTS):
        selected["values"][:, position] = found["outputs"][output.name][chosen]
    return Piece(events, selected, found["undecided"], found["watched"])


class Spool:
    """Records in the order of the events, in a file: memory stays flat."""

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
    """What was found in all events, with two files to keep it in."""

    def __init__(self, *files: IO[bytes]) -> None:
        self.events, self.selected = (Spool(*pair) for pair in zip(files, find_types(), strict=True))
        self.undecided: dict[str, int] = {}
        self.watched: list[dict[str, Any]] = []

    def add(self, piece: Piece) -> None:
        self.events.add(piece.events)
        self.selected.add(piece.selected)
        self.watched += piece.watched
        for name, number in piece.undecided.items():
            self.undecided[name] = self.undecided.get(name, 0) + number

    def select(self, region: int) -> Iterator[np.ndarray]:
        """The events that pass a region."""
        end = len(REGIONS[region].steps) - 1
        return (records[records["last"][:, region] == end] for records in self.selected.read())


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
    head = {
        "format": "paperfilter-cutflow/1",
        "analysis": ANALYSIS,
        "profile": PROFILE,
        "made_by": "compiler",
        "n_events": findings.events.length,
        "not_evaluable": [{"cut": c, "text": t, "reason": r} for c, t, r in NOT_EVALUABLE],
        "channels": count_channels(findings),
    }
    row = "[" + ",".join(["%d"] * len(KEY)) + "]"
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, allow_nan=False)[:-1] + ', "regions": [')
        for k, region in enumerate(REGIONS):
            about = {"name": region.name, "parent": region.parent, "steps": steps[k]}
            file.write((",\n" if k else "\n") + json.dumps(about, allow_nan=False)[:-1])
            file.write(f', "events": {{"columns": {json.dumps(KEY)}, "keys": [')
            inside = (records[records["last"][:, k] >= 0] for records in findings.events.read())
            write_list(file, (",".join([row] * len(r)) % tuple(r["key"].ravel().tolist()) for r in inside))
            file.write('], "last_step": [')
            last = (records["last"][:, k] for records in findings.events.read())
            write_list(file, (",".join(map(str, steps[steps >= 0].tolist())) for steps in last))
            file.write("]}}")
        file.write("]}\n")


def write_list(file: IO[str], texts: Iterator[str]) -> None:
    """The elements of a list in JSON, some at a time."""
    for k, text in enumerate(filter(None, texts)):
        file.write("," + text if k else text)


def write_histograms(path: Path, findings: Findings) -> None:
    """One histogram per output and region, of the events that pass the region; all with the same bins."""
    written = []
    for column, output in enumerate(OUTPUTS):
        shown = (records["values"][:, column] for records in findings.selected.read())
        bins, low, high = output.bins or choose_bins(np.fromiter(chain.from_iterable(shown), dtype=np.float64))
        for k, region in enumerate(REGIONS):
            filled = hist.Hist(hist.axis.Regular(bins, low, high, name=output.name), storage=hist.storage.Weight())
            for records in findings.select(k):
                known = records[~np.isnan(records["values"][:, column])]
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
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["region", *KEY, "channel", "weight", *(o.name for o in OUTPUTS)])
        for k, region in enumerate(REGIONS):
            for records in findings.select(k):
                shown = records["values"].astype(object)
                shown[np.isnan(records["values"])] = None
                columns = [records["channel"], records["weight"]]
                table.writerows(zip(
                    repeat(region.name), *records["key"].T.tolist(), *(c.tolist() for c in columns), *shown.T.tolist(),
                ))  # fmt: skip


def count_channels(findings: Findings) -> dict[str, dict[str, int]]:
    """How many of a region's events are in each channel."""
    counted: dict[str, dict[str, int]] = {}
    for k, region in enumerate(REGIONS):
        for records in findings.select(k):
            names, numbers = np.unique(records["channel"], return_counts=True)
            for name, number in zip(names.tolist(), numbers.tolist(), strict=True):
                if name:
                    found = counted.setdefault(region.name, {})
                    found[name] = found.get(name, 0) + number
    return {region: dict(sorted(found.items())) for region, found in counted.items()}


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
