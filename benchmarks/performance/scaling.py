"""Memory and time against the number of events, and time against the number of worker processes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.performance.machine import count_cores, find_load
from benchmarks.performance.samples import Samples
from benchmarks.performance.timing import Spread, spread
from benchmarks.speed.measuring import Run, describe_file, run_command, run_once
from benchmarks.speed.preparing import load_program, name_loop
from schemas.model import Model

ANALYSIS = "h4l"
WEIGHTS = (
    "mcWeight", "scaleFactor_PILEUP", "scaleFactor_ELE", "scaleFactor_MUON", "scaleFactor_LepTRIGGER", "XSection",
    "SumWeights",
)  # fmt: skip
TABLES, LOOP, BASELINE = "compiled", "compiled for numba", "baseline"


class Plan(NamedTuple):
    """Numbers of events; the baseline, which keeps all events in memory, goes up to a limit."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000, 4_000_000)
    baseline_limit: int = 100_000
    chunk: int = 100_000
    worker_events: int = 1_000_000


QUICK = Plan(sizes=(10_000, 100_000), baseline_limit=10_000, chunk=25_000, worker_events=100_000)


class Point(Model):
    """One way with so many events and workers: all its runs. Memory is of the largest process."""

    way: str
    events: int
    executor: str
    workers: int
    runs: tuple[Run, ...]


class Scaling(Model):
    """Points of one analysis, measured in turns."""

    analysis: str
    own: bool
    layout: str  # of the largest file
    chunk: int
    points: tuple[Point, ...]
    load: tuple[float, float]


class PointRow(NamedTuple):
    """A point in numbers: by the clock and of the processor, and bytes."""

    point: Point
    clock: Spread
    processor: Spread
    memory: Spread
    speed_up: Spread  # by the clock, to the first point of the same round


class _Way(NamedTuple):
    """Something that is run once in every round."""

    way: str
    events: int
    executor: str
    workers: int
    run: Callable[[], Run]


def measure_memory(samples: Samples, plan: Plan, repeat: int, tell: Callable[[str], None] = lambda _: None) -> Scaling:
    """The whole command in one process for each number of events; the baseline as far as its limit.

    Raises DataError, CriteriaError or AnalysisFailed.
    """
    program = samples.compile(ANALYSIS, "commands")
    files = {n: samples.make(ANALYSIS, n, _list_branches(program)) for n in plan.sizes}
    ways = []
    for n, file in files.items():
        ways.append(_Way(TABLES, n, "iterative", 1, partial(run_command, program, file, plan.chunk)))
        ways.append(_Way(LOOP, n, "iterative", 1, partial(run_command, name_loop(program), file, plan.chunk)))
        if n <= plan.baseline_limit:
            baseline = partial(run_once, "baseline", program, ANALYSIS, file, plan.chunk)
            ways.append(_Way(BASELINE, n, "iterative", 1, baseline))
    return _measure(samples, files[max(files)], plan.chunk, ways, repeat, tell)


def measure_workers(samples: Samples, plan: Plan, repeat: int, tell: Callable[[str], None] = lambda _: None) -> Scaling:
    """The whole command in one process, and with 1, 2, 4, ... worker processes, as many as there are cores.

    Raises DataError, CriteriaError or AnalysisFailed.
    """
    program = samples.compile(ANALYSIS, "commands")
    file = samples.make(ANALYSIS, plan.worker_events, _list_branches(program))
    ways = [_Way(TABLES, plan.worker_events, "iterative", 1, partial(run_command, program, file, plan.chunk))]
    for number in list_workers(count_cores()):
        options = ("--executor", "futures", "--workers", str(number))
        run = partial(run_command, program, file, plan.chunk, options)
        ways.append(_Way(TABLES, plan.worker_events, "futures", number, run))
    return _measure(samples, file, plan.chunk, ways, repeat, tell)


def list_workers(cores: float) -> list[int]:
    """Powers of two up to the number of cores, and that number."""
    most = max(int(cores), 1)
    return sorted({2**k for k in range(most.bit_length()) if 2**k <= most} | {most})


def list_rows(scaling: Scaling) -> tuple[PointRow, ...]:
    """The points, in the order in which they were measured."""
    first = scaling.points[0].runs
    return tuple(
        PointRow(
            point=point,
            clock=spread([run.seconds for run in point.runs]),
            processor=spread([run.processor_seconds for run in point.runs]),
            memory=spread([run.peak_memory for run in point.runs]),
            speed_up=spread([one.seconds / run.seconds for one, run in zip(first, point.runs, strict=True)]),
        )
        for point in scaling.points
    )


def _measure(
    samples: Samples, largest: Path, chunk: int, ways: Sequence[_Way], repeat: int, tell: Callable[[str], None]
) -> Scaling:
    before = find_load()
    runs: list[list[Run]] = [[] for _ in ways]
    for k in range(repeat):
        for way, found in zip(ways, runs, strict=True):
            found.append(run := way.run())
            tell(
                f"{k + 1}/{repeat} {way.way}, {way.events} events, {way.executor}, {way.workers} workers: "
                f"{run.seconds:.1f} s, {run.peak_memory / 1e6:.0f} MB"
            )
    return Scaling(
        analysis=ANALYSIS,
        own=samples.find_sources(ANALYSIS) is None,
        layout=describe_file(largest)[1],
        chunk=chunk,
        points=tuple(
            Point(way=way.way, events=way.events, executor=way.executor, workers=way.workers, runs=tuple(found))
            for way, found in zip(ways, runs, strict=True)
        ),
        load=(before, find_load()),
    )


def _list_branches(program: Path) -> list[str]:
    """What the program reads, and what the baseline wants besides."""
    loaded = load_program(program)
    return [*loaded.BRANCHES, *(name for name in WEIGHTS if name not in loaded.BRANCHES)]
