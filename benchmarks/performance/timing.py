"""Time of the clock and of the processor, and what is said of several: their median and how far they spread."""

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple, ParamSpec, TypeVar

from schemas.model import Model

P = ParamSpec("P")
T = TypeVar("T")


class Took(Model):
    """What a piece of work took, in seconds: by the clock, and of the processor, its child processes included."""

    seconds: float
    processor: float


class Spread(NamedTuple):
    """The median of some numbers, the smallest and the largest."""

    median: float
    low: float
    high: float


def take(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, Took]:
    """What the work returns, and what it took. Child processes count when they have ended."""
    start, used = time.perf_counter(), count_processor()
    result = work(*args, **kwargs)
    return result, Took(seconds=time.perf_counter() - start, processor=count_processor() - used)


def count_processor() -> float:
    """Seconds of the processor that this process has used, and those of its children that have ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def find_peak_memory() -> int:
    """The largest resident size of this process so far, in bytes.

    Not `ru_maxrss` where there is a better number: a process inherits that of the one which started it.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        status = ""
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def spread(values: Sequence[float]) -> Spread:
    """Median and ends of some numbers. Raises StatisticsError without any."""
    return Spread(median(values), min(values), max(values))
