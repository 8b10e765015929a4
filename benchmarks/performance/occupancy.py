"""How full the model client keeps a server that answers after a fixed time, for several numbers of calls in flight."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.performance.machine import find_load
from benchmarks.performance.timing import Spread, spread
from benchmarks.serving import Throughput, collect_questions, measure_client
from schemas.model import Model


class Plan(NamedTuple):
    """Calls in flight to try, how many times each slot is filled, and the seconds of an answer."""

    in_flight: tuple[int, ...] = (8, 32, 128)
    waves: int = 10
    latency: float = 2.0


QUICK = Plan(in_flight=(8, 32), waves=4, latency=0.5)


class Occupancy(Model):
    """All runs, in rounds: each number of calls in flight once, then all of them again."""

    questions: int  # that the reader asks about the papers
    runs: tuple[Throughput, ...]
    load: tuple[float, float]


class OccupancyRow(NamedTuple):
    """One number of calls in flight: the share of its slots that were busy, and what a request costs the client."""

    in_flight: int
    requests: int
    latency: float
    busy: Spread  # share of the ideal throughput
    client: Spread  # milliseconds of the processor for a request


def measure_occupancy(
    papers: Sequence[Path], plan: Plan, repeat: int, tell: Callable[[str], None] = lambda _: None
) -> Occupancy:
    """Ask a server in a process of its own. Raises UsageError when the reader asks nothing about the papers."""
    before = find_load()
    questions = collect_questions(papers)
    runs = []
    for k in range(repeat):
        for n in plan.in_flight:
            runs.append(measure_client(questions, plan.waves * n, n, plan.latency))
            tell(f"serving {k + 1}/{repeat}: {n} in flight, {runs[-1].ratio:.1%} of the ideal throughput")
    return Occupancy(questions=len(questions), runs=tuple(runs), load=(before, find_load()))


def list_rows(occupancy: Occupancy) -> tuple[OccupancyRow, ...]:
    """One row for each number of calls in flight, ascending."""
    rows = []
    for n in sorted({run.in_flight for run in occupancy.runs}):
        runs = [run for run in occupancy.runs if run.in_flight == n]
        rows.append(
            OccupancyRow(
                in_flight=n,
                requests=runs[0].requests,
                latency=runs[0].latency,
                busy=spread([run.ratio for run in runs]),
                client=spread([1e3 * run.client_cpu / run.requests for run in runs]),
            )
        )
    return tuple(rows)
