"""Intervals hold what they promise, in the situations that occur: few papers, few runs, rates up to 0 and 1."""

import numpy as np
import pytest
from scipy.special import stdtrit

from benchmarks.contest.drawing import Array, Counts
from benchmarks.contest.intervals import bound_difference, bound_mean, bound_median, bound_share, find_quantile

Dice = np.random.Generator


def draw_rates(dice: Dice, mean: float, alike: float, size: int) -> Array:
    """Rates around a mean; `alike` is the share of the variance that what has one rate has in common."""
    if alike == 0 or mean in (0, 1):
        return np.full(size, mean)
    strength = 1 / alike - 1
    return dice.beta(mean * strength, (1 - mean) * strength, size)


def draw_paper(dice: Dice, rate: float, runs: int, alike: float = 0.6) -> Counts:
    """A paper of 12 to 60 criteria; what is found once is often found again."""
    criteria = int(dice.integers(12, 60))
    rates = draw_rates(dice, rate, alike, criteria)
    hits = (dice.random((criteria, runs)) < rates[:, None]).astype(float)
    return Counts(hits, np.ones_like(hits), tuple(f"{i:02}" for i in range(criteria)))


def measure_coverage(papers: int, runs: int, rate: float, between: float, tries: int = 120) -> tuple[float, float]:
    """How often the interval holds the true rate (of one paper: that paper's), and how wide it is."""
    dice = np.random.default_rng(2026)
    held, width = 0, 0.0
    for _ in range(tries):
        rates = draw_rates(dice, rate, between, papers)
        interval = bound_share([draw_paper(dice, float(r), runs) for r in rates])
        assert interval is not None
        held += interval.low <= (rates[0] if papers == 1 else rate) <= interval.high
        width += interval.high - interval.low
    return held / tries, width / tries


@pytest.mark.parametrize(
    ("papers", "runs", "rate", "between", "widest"),
    [
        (1, 1, 0.5, 0, 0.4), (1, 1, 0.98, 0, 0.2), (1, 10, 0.9, 0, 0.22), (1, 10, 0.02, 0, 0.18),
        (2, 3, 0.8, 0.05, 0.9), (3, 1, 0.9, 0.05, 0.5), (3, 10, 0.5, 0.2, 0.75), (4, 10, 0.1, 0.05, 0.35),
        (6, 3, 0.95, 0.1, 0.25), (6, 10, 0.9, 0.2, 0.35), (12, 1, 0.7, 0.1, 0.3), (12, 10, 0.9, 0.1, 0.2),
        (12, 10, 0.98, 0.2, 0.12), (12, 10, 0.02, 0.05, 0.1), (12, 3, 1.0, 0, 0.05), (4, 1, 0.0, 0, 0.15),
    ],
)  # fmt: skip
def test_intervals_of_shares_cover(papers: int, runs: int, rate: float, between: float, widest: float) -> None:
    """At 95 %; of 120 tries 92 % are 110. And they say something: no wider than that."""
    coverage, width = measure_coverage(papers, runs, rate, between)
    assert coverage >= 0.92
    assert width <= widest


@pytest.mark.parametrize(("analyses", "runs", "rate"), [(1, 10, 0.2), (1, 3, 0.5), (3, 10, 0.8), (3, 3, 0.05)])
def test_intervals_of_runs_cover(analyses: int, runs: int, rate: float) -> None:
    """Runs that match or do not: nothing is counted but the runs."""
    dice = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        drawn = [(dice.random((1, runs)) < rate).astype(float) for _ in range(analyses)]
        interval = bound_share([Counts(hits, np.ones_like(hits)) for hits in drawn])
        assert interval is not None
        held += interval.low <= rate <= interval.high
    assert held >= 0.92 * 200


@pytest.mark.parametrize(("papers", "runs", "hardness"), [(2, 3, 0.3), (3, 10, 0.8), (6, 3, 0.3), (12, 10, 0.3)])
@pytest.mark.parametrize("better", [0.0, 0.15])
def test_intervals_of_differences_cover(papers: int, runs: int, hardness: float, better: float) -> None:
    dice = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        pairs = []
        for hard in dice.uniform(-hardness / 2, hardness / 2, papers):
            criteria = int(dice.integers(12, 60))
            rates = 0.55 + hard * 0.6 + dice.uniform(-0.2, 0.2, criteria)
            names = tuple(f"{i:02}" for i in range(criteria))
            chances = (rates, rates + better)
            both = [(dice.random((criteria, runs)) < chance[:, None]).astype(float) for chance in chances]
            pairs.append(tuple(Counts(hits, np.ones_like(hits), names) for hits in both))
        interval = bound_difference([(a, b) for a, b in pairs])
        assert interval is not None
        held += interval.low <= -better <= interval.high
    assert held >= 92


def test_pairing_decides_what_two_intervals_do_not() -> None:
    """Both find every paper as hard as the other does; the second is better on each."""
    dice = np.random.default_rng(5)
    pairs = []
    for rate in (0.3, 0.45, 0.6, 0.75, 0.9):
        first = draw_paper(dice, rate - 0.15, 5, alike=0.9)
        second = Counts(np.maximum(first.hits, dice.random(first.hits.shape) < 0.2), first.of, first.names)
        pairs.append((first, second))
    alone = [bound_share([pair[k] for pair in pairs]) for k in (0, 1)]
    assert alone[0] is not None
    assert alone[1] is not None
    assert alone[0].high > alone[1].low
    paired = bound_difference(pairs)
    assert paired is not None
    assert paired.high < 0


def test_none_and_all_are_no_points() -> None:
    for runs in (1, 10):
        of = np.ones((30, runs))
        names = tuple(map(str, range(30)))
        none, every = bound_share([Counts(of * 0, of, names)]), bound_share([Counts(of, of, names)])
        assert none is not None
        assert every is not None
        assert none.low == 0
        assert every.high == 1
        # more runs of the same criteria say nothing new about others
        assert none.high == pytest.approx(1 - every.low) == pytest.approx(1.96**2 / (30 + 1.96**2), rel=0.01)
    same = bound_difference([(Counts(of, of, names), Counts(of, of, names))])
    assert same is not None
    assert same.low < 0 < same.high
    assert bound_share([Counts(of * 0, of * 0, names)]) is None
    assert bound_share([]) is None


def test_papers_without_the_thing_say_nothing() -> None:
    dice = np.random.default_rng(1)
    papers = [draw_paper(dice, 0.7, 3) for _ in range(4)]
    nothing = Counts(np.zeros((1, 3)), np.zeros((1, 3)), ("none",))
    assert bound_share([*papers, nothing]) == bound_share(papers)


def test_same_counts_give_the_same_interval() -> None:
    papers = [draw_paper(np.random.default_rng(9), 0.7, 3) for _ in range(2)]
    assert bound_share(papers) == bound_share(papers)


def test_quantiles_are_those_of_student() -> None:
    for freedom in (1, 2, 7, 30, 31, 60, 1000):
        assert find_quantile(freedom) == pytest.approx(stdtrit(freedom, 0.975), rel=2e-3)
    assert find_quantile(4.9) == find_quantile(4)
    assert find_quantile(0.3) == find_quantile(1)


def test_order_statistics_hold_the_median() -> None:
    """Of ten runs the second and the ninth hold it with 97.9 %, the third and the eighth with 89.1 %."""
    interval = bound_median([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert interval is not None
    assert (interval.low, interval.high) == (2, 9)
    assert bound_median([1, 2, 3, 4, 5]) is None
    assert bound_median([]) is None
    assert bound_median([], counted=True) is None


def test_mean_of_papers() -> None:
    interval = bound_mean([1.0, 2.0, 3.0], 2.0)
    assert interval is not None
    assert (interval.low, interval.high) == (0.0, pytest.approx(2 + 4.30265 / 3**0.5))
    assert bound_mean([0.9, 0.8], 0.85, ceiling=1.0).high == 1.0  # type: ignore[union-attr]
    assert bound_mean([2.0], 2.0) is None
    assert bound_mean([2.0, 2.0], 2.0) is None
    assert bound_mean([0.1] * 12, 0.1) is None


def test_nothing_counted_has_an_upper_limit() -> None:
    """Nothing in twelve papers, or runs: as much as 3.69 / 12 of each leaves that with 2.5 %."""
    assert bound_median([0.0] * 12, counted=True) != bound_median([0.0] * 12)
    interval = bound_mean([0.0] * 12, 0.0, counted=True)
    assert interval is not None
    assert (interval.low, interval.high) == (0.0, pytest.approx(-np.log(0.025) / 12, rel=1e-4))
