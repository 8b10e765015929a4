"""Does a batch survive being killed? It is killed at random moments, started again until it is done, and looked at.

    python -m benchmarks.kills PAPERS... --runs-dir RUNS --kills 20 -- --until extract -j 4

What stands behind `--` goes to `paperfilter batch`. With `--log` (of the scripted model server, one JSON line per
question) it is also counted how often a question was asked again although it had been answered completely.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from pipeline.batch.folder import load_batch, load_statuses
from pipeline.batch.records import PaperStatus
from pipeline.run_store import BATCH_VARIABLE, list_runs, load_manifest
from schemas.errors import RunFolderError

NAME = "kills"
ORPHANS = 10.0  # seconds after which a process of a killed batch counts as left behind


class Survival(NamedTuple):
    """What was found. Everything but `kills`, `starts`, `seconds`, `asked` and `states` should be empty or 0."""

    kills: int
    starts: int  # until the batch was done, with those that were killed
    seconds: float
    slowest_end: float  # seconds after a kill until the last process was gone
    states: dict[str, int]
    orphans: int
    half_files: tuple[str, ...]
    unfinished_runs: tuple[str, ...]
    papers_without_one_run: tuple[str, ...]
    asked: int
    asked_twice: int


def kill_batch(
    papers: list[str], runs: Path, options: list[str], *, kills: int, seed: int, longest: float, log: Path | None
) -> Survival:
    """Kill a batch `kills` times, each at a random moment of at most `longest` seconds after its start."""
    luck, began = random.Random(seed), time.monotonic()  # noqa: S311
    command = [sys.executable, "-m", "pipeline.cli", "batch", *papers, "--name", NAME, "--runs-dir", str(runs), "-q"]
    folder = runs / "batches" / NAME
    killed = starts = orphans = 0
    slowest, half = 0.0, set[str]()
    while True:
        process = subprocess.Popen([*command, *options])  # noqa: S603 - our own program
        starts += 1
        if killed < kills:
            try:
                process.wait(luck.uniform(0.0, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        code = process.wait()
        killed += code == -signal.SIGKILL
        left, after = _wait_for_processes(folder)
        orphans, slowest = orphans + left, max(slowest, after)
        half |= set(_list_half(folder, runs))
        if code >= 0:
            break
    asked = _count_answers(log) if log is not None else Counter[str]()
    statuses = list(load_statuses(folder).values())
    papers_read = [s for s in statuses if s.entry.kind in ("paper", "identifier")]  # criteria have no run folder
    found = {str(path): load_manifest(path) for path in list_runs(runs)}
    signed = Counter((m.batch or "").split("/")[1] for m in found.values() if m.batch and m.finished)
    return Survival(
        kills=killed,
        starts=starts,
        seconds=round(time.monotonic() - began, 1),
        slowest_end=round(slowest, 3),
        states=dict(Counter(s.state for s in statuses)),
        orphans=orphans,
        half_files=tuple(sorted(half)),
        unfinished_runs=tuple(path for path, manifest in found.items() if not manifest.finished),
        papers_without_one_run=tuple(s.entry.given for s in papers_read if signed[s.entry.key] != 1),
        asked=len(asked),
        asked_twice=sum(times > 1 for times in asked.values()),
    )


def _wait_for_processes(folder: Path) -> tuple[int, float]:
    """How many processes of the batch are left, and after how many seconds the last one was gone."""
    if not (folder / "batch.json").is_file():
        return 0, 0.0
    word = f"{BATCH_VARIABLE}={load_batch(folder).identity}".encode()
    began = time.monotonic()
    while (left := _count_processes(word)) and time.monotonic() - began < ORPHANS:
        time.sleep(0.01)
    return left, time.monotonic() - began


def _count_processes(word: bytes) -> int:
    found = 0
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += word in path.read_bytes()
        except OSError:
            continue
    return found


def _list_half(folder: Path, runs: Path) -> list[str]:
    """Files that are there and not whole."""
    half = []
    for file in folder.glob("papers/*.json"):
        try:
            PaperStatus.model_validate_json(file.read_bytes())
        except ValidationError:
            half.append(str(file))
    for path in list_runs(runs):
        try:
            outputs = [name for step in load_manifest(path).steps for name in step.outputs]
        except RunFolderError:
            half.append(str(path))
            continue
        for name in (n for n in outputs if n.endswith(".json")):
            try:
                json.loads((path / name).read_bytes())
            except (OSError, ValueError):
                half.append(str(path / name))
    return half


def _count_answers(log: Path) -> Counter[str]:
    """Complete answers of the server by digest of the question."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    return Counter(line["digest"] for line in lines if line["complete"])


def main() -> int:
    """Print what was found; 1 when something is not as it should be."""
    own, passed = sys.argv[1:], list[str]()
    if "--" in own:
        passed = own[own.index("--") + 1 :]
        own = own[: own.index("--")]
    parser = argparse.ArgumentParser(description="Kill a batch at random moments and look at what it leaves.")
    parser.add_argument("papers", nargs="+")
    parser.add_argument("--runs-dir", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=8.0, help="seconds")
    parser.add_argument("--log", type=Path, help="of the scripted model server")
    given = parser.parse_args(own)
    found = kill_batch(
        given.papers,
        given.runs_dir,
        passed,
        kills=given.kills,
        seed=given.seed,
        longest=given.longest,
        log=given.log,
    )
    print(json.dumps(found._asdict(), indent=1))
    whole = not (found.half_files or found.unfinished_runs or found.papers_without_one_run)
    return 0 if whole and found.orphans + found.asked_twice == 0 else 1


if __name__ == "__main__":
    os.environ.pop(BATCH_VARIABLE, None)
    raise SystemExit(main())
