"""The command line of a compiled analysis, and the way of the events through coffea."""

from __future__ import annotations

import argparse
import glob
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from coffea import processor
from coffea.nanoevents import BaseSchema

from codegen.templates.compiled import BRANCHES, KEY, OUTPUTS, REGIONS, TREE, Analysis
from codegen.templates.results import (
    DataProblem,
    check_unique,
    count_channels,
    write_candidates,
    write_cutflow,
    write_histograms,
    write_json,
)


def find_files(patterns: list[str]) -> list[str]:
    """The files that the patterns match, in order. Raises DataProblem for a pattern without a file."""
    found: list[str] = []
    for pattern in patterns:
        matches = [pattern] if "://" in pattern or Path(pattern).is_file() else sorted(glob.glob(pattern))  # noqa: PTH207
        if not matches:
            raise DataProblem(f"no file matches {pattern}")
        found += [m for m in matches if m not in found]
    return found


def check_file(path: str) -> int:
    """The number of events in a file. Raises DataProblem when its tree or a branch is missing."""
    try:
        with uproot.open(path) as file:
            if TREE not in file:
                names = ", ".join(sorted({k.split(";")[0] for k in file.keys()})[:8]) or "nothing"  # noqa: SIM118
                raise DataProblem(f"{path} has no tree '{TREE}'; it has {names}")
            tree = file[TREE]
            if not hasattr(tree, "num_entries"):
                raise DataProblem(f"{path}: '{TREE}' is no tree")
            missing = [b for b in BRANCHES if b not in tree]
            entries = int(tree.num_entries)
    except DataProblem:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DataProblem(f"{path} cannot be read as a ROOT file: {reason}") from error
    if missing and entries:
        raise DataProblem(f"{path}: tree '{TREE}' lacks {', '.join(missing)}")
    return entries


def run_analysis(files: list[str], chunk_size: int, watched: frozenset[tuple[int, ...]]) -> list[dict[str, Any]]:
    """What the processor found in each chunk, in the order of the files. Files without events are left out."""
    filled = [path for path in files if check_file(path)]
    if not filled:
        return []
    runner = processor.Runner(
        executor=processor.IterativeExecutor(status=False, retries=0), schema=BaseSchema, chunksize=chunk_size
    )
    found = runner({"data": {"files": dict.fromkeys(filled, TREE)}}, Analysis(watched))
    return [found[chunk] for chunk in sorted(found, key=lambda chunk: (filled.index(chunk[0]), chunk[1]))]


def join(parts: list[np.ndarray], empty: np.ndarray) -> np.ndarray:
    return np.concatenate(parts) if parts else empty


def write_results(folder: Path, chunks: list[dict[str, Any]], watched: frozenset[tuple[int, ...]]) -> None:
    """Everything the analysis found, as files in a folder. Raises DataProblem when event keys repeat."""
    keys = join([c["keys"] for c in chunks], np.zeros((0, len(KEY)), dtype=np.int64))
    check_unique(keys)
    weight = join([c["weight"] for c in chunks], np.zeros(0))
    channel = join([c["channel"] for c in chunks], np.zeros(0, dtype=str))
    last = {r.name: join([c["last"][r.name] for c in chunks], np.zeros(0, dtype=np.int16)) for r in REGIONS}
    values = {o.name: join([c["outputs"][o.name] for c in chunks], np.zeros(0)) for o in OUTPUTS}
    selected = {r.name: last[r.name] == len(r.steps) - 1 for r in REGIONS}
    folder.mkdir(parents=True, exist_ok=True)
    write_cutflow(folder / "cutflow.json", keys, weight, last, count_channels(selected, channel))
    write_histograms(folder / "histograms.json", weight, selected, values)
    write_candidates(folder / "candidates.csv", keys, weight, selected, channel, values)
    if watched:
        write_json(folder / "values.json", {
            "format": "paperfilter-values/1", "columns": KEY, "events": [e for c in chunks for e in c["watched"]],
        })  # fmt: skip
    print_cutflow(last, weight, chunks)


def print_cutflow(last: dict[str, np.ndarray], weight: np.ndarray, chunks: list[dict[str, Any]]) -> None:
    for region in REGIONS:
        print(f"\n{region.name}")
        for position, step in enumerate(region.steps):
            passed = last[region.name] >= position
            mark = "" if step.missing is None else "  (not evaluated)"
            print(f"{int(passed.sum()):10d} {weight[passed].sum():14.3f}  {step.label}{mark}")
    for name in dict.fromkeys(n for c in chunks for n in c["undecided"]):
        number = sum(c["undecided"][name] for c in chunks)
        if number:
            print(f"\n{name}: decided against {number} times because a value of its condition is missing")


def read_keys(path: Path | None) -> frozenset[tuple[int, ...]]:
    """Event keys from a JSON list of lists."""
    if path is None:
        return frozenset()
    try:
        return frozenset(tuple(int(n) for n in key) for key in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataProblem(f"{path} is no JSON list of event keys ({', '.join(KEY)}): {error}") from error


def main() -> int:
    parser = argparse.ArgumentParser(description="Run this selection on ROOT files with the tree " + TREE + ".")
    parser.add_argument("files", nargs="+", metavar="FILE.root", help="files, or patterns such as 'data/*.root'")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--explain", type=Path, metavar="KEYS.json", help="write what these events are compared with")
    parser.add_argument("--chunk-size", type=int, default=100_000, metavar="N", help="events at a time (100000)")
    arguments = parser.parse_args()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"{Path(sys.argv[0]).name}: cannot write to {arguments.out}: {error.strerror}", file=sys.stderr)
        return 8
    try:
        watched = read_keys(arguments.explain)
        chunks = run_analysis(find_files(arguments.files), arguments.chunk_size, watched)
        write_results(arguments.out, chunks, watched)
    except DataProblem as problem:
        print(f"{Path(sys.argv[0]).name}: {problem}", file=sys.stderr)
        return 4
    return 0
