"""Compiled code beside nothing but reading and beside hand-written selections: alternating runs, medians, ratios."""

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Literal

from schemas.errors import AnalysisFailed
from schemas.model import Model

Kind = Literal["read", "ours", "loop", "hand", "runner", "command", "baseline"]
KINDS: tuple[Kind, ...] = ("read", "ours", "loop", "hand", "runner", "command")
WITHOUT_SELECTION = ("read", "command")  # what they select does not come back
PACKAGES = ("coffea", "awkward", "uproot", "vector", "numpy")
WORDS: dict[Kind, str] = {
    "read": "reading only (uproot.iterate, same branches)",
    "ours": "compiled analysis.py, reading and selecting",
    "loop": "the same as a loop for numba, once it is machine code",
    "hand": "by hand: ak.zip, vector, PackedSelection in a plain loop",
    "runner": "by hand, in coffea's Runner",
    "command": "python analysis.py: start, read, select, write results",
    "baseline": "the independent baseline: a loop in plain Python",
}
WAYS: dict[Kind, str] = {"loop": "by the loop", "baseline": "by the baseline"}


class Run(Model):
    """What one run took: seconds, processor seconds, bytes; and the selected events of every region.

    `preparing` are the processor seconds that came before: those in which a loop became machine code, or was loaded.
    """

    seconds: float
    processor_seconds: float
    peak_memory: int
    preparing: float = 0.0
    selected: dict[str, int]
    digests: dict[str, str]


class Measured(Model):
    """All runs of one kind."""

    kind: Kind
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """Median of the time that passed."""
        return median(r.seconds for r in self.runs)

    @property
    def processor_seconds(self) -> float:
        """Median of the processor's time: it suffers less from other work on the machine."""
        return median(r.processor_seconds for r in self.runs)

    @property
    def peak_memory(self) -> int:
        """Median of the largest resident size, in bytes."""
        return int(median(r.peak_memory for r in self.runs))


class Speed(Model):
    """An analysis on a file: all kinds of runs, and the circumstances."""

    analysis: str
    file: str
    events: int
    layout: str
    chunk: int
    versions: dict[str, str]
    load: tuple[float, float]
    measured: tuple[Measured, ...]

    def find(self, kind: Kind) -> Measured:
        """The runs of one kind."""
        return next(m for m in self.measured if m.kind == kind)

    def compare(self, kind: Kind, other: Kind) -> tuple[float, float]:
        """Ratio of the medians: of the time that passed, and of the processor's time."""
        one, two = self.find(kind), self.find(other)
        return one.seconds / two.seconds, one.processor_seconds / two.processor_seconds

    def compare_rounds(self, kind: Kind, other: Kind) -> tuple[float, ...]:
        """Ratio of the processor's time in each round that has both."""
        pairs = zip(self.find(kind).runs, self.find(other).runs, strict=False)
        return tuple(one.processor_seconds / two.processor_seconds for one, two in pairs)


def measure_speed(
    analysis: str,
    program: Path,
    file: Path,
    repeat: int,
    chunk: int,
    tell: Callable[[str], None] = lambda _: None,
    kinds: Sequence[Kind] = KINDS,
) -> Speed:
    """Run each kind so many times, each in a process of its own, in turns: forwards and backwards.

    Raises AnalysisFailed when a run fails or when two kinds select other events.
    """
    events, layout = describe_file(file)
    found: dict[Kind, list[Run]] = {kind: [] for kind in kinds}
    file.read_bytes()  # from the disk once, for all
    before = os.getloadavg()[0]
    for k in range(repeat):
        for kind in kinds if k % 2 == 0 else kinds[::-1]:
            if kind == "command" and k:
                continue  # the whole command once: it mostly writes
            run = run_once(kind, program, analysis, file, chunk)
            found[kind].append(run)
            tell(f"{analysis} {k + 1}/{repeat} {kind}: {run.seconds:.2f} s, {run.processor_seconds:.2f} s of processor")
    _compare_selected(analysis, {kind: runs[0] for kind, runs in found.items() if kind not in WITHOUT_SELECTION})
    return Speed(
        analysis=analysis,
        file=file.name,
        events=events,
        layout=layout,
        chunk=chunk,
        versions={"python": platform.python_version(), **{package: version(package) for package in PACKAGES}},
        load=(before, os.getloadavg()[0]),
        measured=tuple(Measured(kind=kind, runs=tuple(runs)) for kind, runs in found.items()),
    )  # fmt: skip


def describe_file(path: Path) -> tuple[int, str]:
    """Number of events, and in words how lists are stored, and how large and compressed the file is."""
    import uproot

    with uproot.open(path) as file:
        tree = file["mini"]
        kinds = {b.typename for b in tree.branches if "Jagged" in str(b.interpretation)}
        stored = "std::vector branches" if all(k.startswith("std::vector") for k in kinds) else "arrays with counters"
        compressed = tree.compressed_bytes / max(tree.uncompressed_bytes, 1)
        size = f"{path.stat().st_size / 1e6:.0f} MB, compressed to {compressed:.0%}"
        return int(tree.num_entries), f"tree mini, {stored}, {file.file.compression}, {size}"


def run_once(kind: Kind, program: Path, analysis: str, file: Path, chunk: int) -> Run:
    """One run in a process of its own. Raises AnalysisFailed when it fails."""
    if kind == "command":
        return run_command(program, file, chunk)
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.speed.child"]
    return _run([*command, kind, str(program), analysis, str(file), str(chunk)], f"{analysis}, {WORDS[kind]}")


def run_command(program: Path, file: Path, chunk: int, options: Sequence[str] = ()) -> Run:
    """The compiled program as a command: start of Python, reading, selecting, writing. Raises AnalysisFailed."""
    with tempfile.TemporaryDirectory() as folder:
        launched = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))]
        command = [sys.executable, "-W", "ignore", str(program), "--chunk-size", str(chunk), "--out", folder]
        return _run([*launched, *command, *options, str(file)], f"{program.stem}, {WORDS['command']}")


def _run(command: Sequence[str], what: str) -> Run:
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, errors="replace", check=False, cwd=Path(__file__).parents[2]
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise AnalysisFailed(f"{what}: {last}")
    return Run.model_validate_json(done.stdout.strip().splitlines()[-1])


def _compare_selected(analysis: str, runs: Mapping[Kind, Run]) -> None:
    if "ours" not in runs:
        return
    first = runs["ours"]
    for kind, other in runs.items():
        wrong = [name for name in first.digests if other.digests.get(name) != first.digests[name]]
        if wrong:
            raise AnalysisFailed(
                f"{analysis}: region {wrong[0]}: {first.selected[wrong[0]]} events by compiled code, "
                f"{other.selected.get(wrong[0], 0)} {WAYS.get(kind, 'by hand')}, and not the same; "
                "the times cannot be compared"
            )
