"""The command line of a compiled analysis."""

from __future__ import annotations

import argparse
import contextlib
import glob
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from codegen.templates.compiled import KEY, REGIONS
from codegen.templates.events import Problem
from codegen.templates.results import (
    Findings,
    Piece,
    check_unique,
    count_steps,
    write_candidates,
    write_cutflow,
    write_histograms,
    write_json,
)
from codegen.templates.running import open_workers, run_analysis


def find_files(patterns: list[str]) -> list[str]:
    """The files that the patterns match, in order. Raises Problem for a pattern without a file."""
    found: list[str] = []
    for pattern in patterns:
        matches = [pattern] if "://" in pattern or Path(pattern).is_file() else sorted(glob.glob(pattern))  # noqa: PTH207
        if not matches:
            raise Problem(f"no file matches {pattern}")
        folder = next((m for m in matches if Path(m).is_dir()), None)
        if folder is not None:
            raise Problem(f"{folder} is a folder; name its files, for example '{folder}/*'")
        found += matches
    kept = list(dict.fromkeys(found))
    for path in kept:
        if found.count(path) > 1:
            print(f"{Path(sys.argv[0]).name}: {path} is given {found.count(path)} times and used once", file=sys.stderr)
    return kept


@contextlib.contextmanager
def prepare_folder(folder: Path) -> Iterator[Path]:
    """A folder for new results, which move to `folder` when all are written; until then it holds no old ones.

    A run that fails leaves neither results of a former run nor a folder that it made. Raises OSError.
    """
    results = ("values.json", "selection.json", "histograms.json", "candidates.csv", "cutflow.json")
    made = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in results:
            (folder / name).unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as new:
            yield Path(new)
            for name in results:  # the cutflow comes last: where it is, the others are
                if (Path(new) / name).exists():
                    (Path(new) / name).replace(folder / name)
    except BaseException:
        with contextlib.suppress(OSError):  # one that holds other files stays
            for empty in made:
                empty.rmdir()
        raise


def write_results(folder: Path, pieces: Iterable[Piece], watched: frozenset[tuple[int, ...]]) -> None:
    """Everything the analysis found, as files in a folder. Raises Problem when event keys repeat."""
    findings, steps = write_findings(folder, pieces, watched)
    print_cutflow(steps, findings.undecided)


def write_findings(
    folder: Path, pieces: Iterable[Piece], watched: frozenset[tuple[int, ...]]
) -> tuple[Findings, list[list[dict[str, Any]]]]:
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        findings = Findings(folder, stack)
        for piece in pieces:
            findings.add(piece)
        check_unique(findings.events)
        steps = count_steps(findings.events)
        write_cutflow(folder / "cutflow.json", findings, steps)
        write_histograms(folder / "histograms.json", findings)
        write_candidates(folder / "candidates.csv", findings)
    if watched:
        write_json(folder / "values.json", {
            "format": "paperfilter-values/1", "columns": KEY, "events": findings.watched,
        })  # fmt: skip
    return findings, steps


def print_cutflow(steps: list[list[dict[str, Any]]], undecided: dict[str, int]) -> None:
    for region, lines in zip(REGIONS, steps, strict=True):
        print(f"\n{region.name}")
        for line in lines:
            mark = "" if line["evaluated"] else "  (not evaluated)"
            print(f"{line['count']:10d} {line['weighted']:14.3f}  {line['label']}{mark}")
    for name, number in undecided.items():
        if number:
            print(f"\n{name}: decided against {number} times because a value of its condition is missing")


def read_keys(path: Path | None) -> frozenset[tuple[int, ...]]:
    """Event keys from a JSON list of lists."""
    if path is None:
        return frozenset()
    try:
        return frozenset(tuple(int(n) for n in key) for key in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Problem(f"{path} is no JSON list of event keys ({', '.join(KEY)}): {error}") from error


def main() -> int:
    parser = argparse.ArgumentParser(description="Run this selection on files of events.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="files, or patterns such as 'data/*.root'")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--explain", type=Path, metavar="KEYS.json", help="write what these events are compared with")
    parser.add_argument("--chunk-size", type=int, default=100_000, metavar="N", help="events at a time (100000)")
    parser.add_argument("--executor", choices=("iterative", "futures", "dask"), default="iterative", help="of coffea")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="processes (one per core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of Dask (tcp://...); without one, a local cluster")
    arguments = parser.parse_args()
    if arguments.chunk_size < 1 or arguments.workers < 1:
        parser.error("--chunk-size and --workers are at least 1")
    if arguments.scheduler and arguments.executor != "dask":
        parser.error("--scheduler goes with --executor dask")
    name = Path(sys.argv[0]).name
    try:
        with prepare_folder(arguments.out) as folder:
            watched = read_keys(arguments.explain)
            files = find_files(arguments.files)
            if arguments.executor == "dask":  # workers have a working directory of their own
                files = [path if "://" in path else str(Path(path).absolute()) for path in files]
            with open_workers(arguments.executor, arguments.workers, arguments.scheduler) as workers:
                write_results(folder, run_analysis(files, arguments.chunk_size, watched, workers), watched)
    except Problem as problem:
        print(f"{problem.trace}{name}: {problem}", file=sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        place = error.filename or arguments.out
        print(f"{name}: cannot write to {arguments.out}: {place}: {error.strerror or error}", file=sys.stderr)
        return 8
    return 0
