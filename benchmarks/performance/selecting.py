"""Events per second of compiled code beside reading alone, the same by hand, and the baseline."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.performance.samples import Samples
from benchmarks.performance.timing import Spread, spread
from benchmarks.speed.measuring import KINDS, Kind, Speed, measure_speed
from schemas.model import Model

CHUNK = 100_000
SMALL: tuple[Kind, ...] = ("ours", "baseline")


class Plan(NamedTuple):
    """How many events are selected, and how many of them in the comparison with the baseline, which takes long."""

    analyses: tuple[str, ...] = ("h4l", "diphoton", "leptoquark")
    events: int = 1_000_000
    baseline_events: int = 50_000


QUICK = Plan(analyses=("h4l",), events=100_000, baseline_events=5_000)


class AnalysisSpeed(Model):
    """An analysis: all ways on a large file, and compiled code beside the baseline on a small one."""

    analysis: str
    own: bool  # our own simulated events; else those of the folder that was named
    large: Speed
    small: Speed


class SelectingSpeed(Model):
    """All analyses."""

    analyses: tuple[AnalysisSpeed, ...]


class SelectingRow(NamedTuple):
    """One way to select, by the processor's time: events per second, and the times of other ways it takes."""

    way: Kind
    events: int
    rate: Spread
    by_read: Spread | None  # time over that of reading alone
    by_ours: Spread | None  # time over that of the compiled program
    memory: int  # bytes


def measure_selecting(
    samples: Samples, plan: Plan, repeat: int, tell: Callable[[str], None] = lambda _: None
) -> SelectingSpeed:
    """Every way in turns, on each analysis. Raises DataError, CriteriaError, or AnalysisFailed when ways disagree."""
    found = []
    for analysis in plan.analyses:
        program = samples.compile(analysis, "selecting")
        large = samples.make(analysis, plan.events)
        small = samples.make(analysis, plan.baseline_events)
        found.append(
            AnalysisSpeed(
                analysis=analysis,
                own=samples.find_sources(analysis) is None,
                large=measure_speed(analysis, program, large, repeat, CHUNK, tell),
                small=measure_speed(analysis, program, small, repeat, CHUNK, tell, kinds=SMALL),
            )
        )
    return SelectingSpeed(analyses=tuple(found))


def list_rows(speed: AnalysisSpeed) -> tuple[SelectingRow, ...]:
    """One row for each way, the baseline last."""
    rows = [_sum_up(speed.large, kind) for kind in KINDS]
    return (*rows, *(_sum_up(speed.small, kind) for kind in SMALL))


def _sum_up(speed: Speed, kind: Kind) -> SelectingRow:
    runs = speed.find(kind).runs
    kinds = {one.kind for one in speed.measured}
    return SelectingRow(
        way=kind,
        events=speed.events,
        rate=spread([speed.events / run.processor_seconds for run in runs]),
        by_read=_compare(speed, kind, "read", kinds),
        by_ours=_compare(speed, kind, "ours", kinds),
        memory=speed.find(kind).peak_memory,
    )


def _compare(speed: Speed, kind: Kind, other: Kind, kinds: set[Kind]) -> Spread | None:
    return spread(speed.compare_rounds(kind, other)) if other in kinds and other != kind else None
