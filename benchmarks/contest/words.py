"""Numbers of a contest in words, short enough for a table."""

import math

from benchmarks.contest.metrics import METRICS, SHARES, Metric
from benchmarks.contest.summary import Interval, Summary

NOTHING = "–"


def find_metric(name: str) -> Metric:
    """Its definition; a metric that this version does not know is a number without one."""
    return METRICS.get(name) or Metric(name, name.replace("_", " "), "number", "neither", "")


def is_share(metric: Metric) -> bool:
    """Whether it is shown in percent."""
    return metric.shape == "ratio" or metric.name in SHARES


def word_value(metric: Metric, value: float | None) -> str:
    """A share in percent, any other number with three digits that count; a dash where it is not defined."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{word_percent(value)} %" if is_share(metric) else word_number(value)


def word_percent(value: float) -> str:
    """Without a decimal, but never 0 or 100 for what is not: 0.996 is 99.6."""
    plain = f"{100 * value:.0f}"
    if value in (0.0, 1.0) or plain not in ("0", "100"):
        return plain
    return f"{100 * value:.2g}" if value < 0.5 else f"{math.floor(1000 * value) / 10:.1f}"


def word_number(value: float) -> str:
    """Thin groups of three digits from a thousand on, else three digits that count."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u2009")
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def word_interval(metric: Metric, interval: Interval | None) -> str:
    """`[81, 92]`, in percent for shares; empty where there is none."""
    if interval is None:
        return ""
    word = word_percent if is_share(metric) else word_number
    return f"[{word(interval.low)}, {word(interval.high)}]"


def word_summary(summary: Summary | None) -> str:
    """Median and interval: `87 % [81, 92]`."""
    if summary is None:
        return NOTHING
    metric = find_metric(summary.metric)
    value = word_value(metric, summary.median)
    return value if value == NOTHING else f"{value} {word_interval(metric, summary.interval)}".rstrip()


def word_runs(summary: Summary | None) -> str:
    """Every run, in order."""
    if summary is None:
        return NOTHING
    metric = find_metric(summary.metric)
    word = word_percent if is_share(metric) else word_number
    return " ".join(NOTHING if value is None else word(value) for value in summary.runs)
