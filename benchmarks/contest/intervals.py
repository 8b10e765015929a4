"""How sure a share or a number is: bootstrap variances, and limits that never collapse to a point.

**What is drawn again.** A contestant reads papers; a paper has criteria; every criterion is tried in every run.
With two or more papers the interval is about papers like these: whole papers are drawn again, with all that is in
them. With one paper it is about criteria like those of that paper: criteria are drawn again, the same ones in all
runs, and runs beside them (crossed, as Owen 2007 does). Findings are drawn like criteria. Drawing is by exponential
weights (the Bayesian bootstrap, Rubin 1981), from a fixed seed.

**Limits of a share.** Percentiles of a bootstrap are too narrow for few papers and are a point at 0 of n. The
bootstrap therefore gives the variance V only, scaled to be unbiased (papers), and never smaller than that of criteria
and runs alone. The limits are Wilson's at the effective size p (1 - p) / V, with Student's t for the number of papers
(Kott and Carr 1997; Franco et al. 2019). At 0 of n and n of n, where V is 0, the effective size is that of the
criteria, reduced by the design effect of criteria that share a paper: `ALIKE` of their variance is common to a paper.

**Limits of a difference** are put together from those of both shares and the correlation of their bootstrap draws
(Newcombe 1998).

**Limits of a number** (tokens, questions) are Student's of the mean over papers; with one paper they are those order
statistics of the runs that hold the median with 95 % (six runs at least).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest.summary import LEVEL, Interval

Array = NDArray[np.float64]

DRAWS = 1000
SEED = 20261122
ALIKE = 0.1  # share of the variance of criteria that is common to a paper, where it cannot be measured
Z = 1.959964
NONE_SEEN = 3.6889  # upper limit of a Poisson mean when nothing was seen, two-sided 95 %
# 0.975 quantiles of Student's t for 1, 2, ... degrees of freedom
T = (12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881, 2.16037,
     2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.0639, 2.05954,
     2.05553, 2.05183, 2.04841, 2.04523, 2.04227)  # fmt: skip


class Counts(NamedTuple):
    """What a ratio counts in one paper: things by runs, how often each was so, of how often it was tried (0 or more).

    `whole`: the things have no names of their own (a run that failed, or not): then the runs are what is drawn.
    """

    hits: Array
    of: Array
    whole: bool = False

    @property
    def units(self) -> float:
        """How many things, at most, tell something independently of the others."""
        if self.whole:
            return float((self.of > 0).sum() if self.of.size > 1 else self.of.sum())
        return float((self.of.sum(axis=1) > 0).sum())


class Spread(NamedTuple):
    """A share and its draws; `reach` is how far Wald's limits would be, the quantile times the standard error.

    `size` is the effective number of things where the draws do not vary.
    """

    share: float
    reach: float
    size: float
    draws: Array


def bound_share(papers: Sequence[Counts]) -> Interval | None:
    """The interval of the share of all hits in all that was tried. None where nothing was."""
    spread = measure_spread(papers)
    if spread is None:
        return None
    low, high = find_limits(spread)
    return Interval(low=low, high=high, how=_describe([p for p in papers if p.of.any()]))


def measure_spread(papers: Sequence[Counts]) -> Spread | None:
    """The share of all hits and how it varies when papers, criteria and runs are drawn again."""
    papers = [p for p in papers if p.of.any()]
    if not papers:
        return None
    hits, of = np.array([p.hits.sum() for p in papers]), np.array([p.of.sum() for p in papers])
    share, size = float(hits.sum() / of.sum()), _count_size(papers)
    items, runs = _draw_inside(papers)
    parts = float(items.var()), float(runs.var())
    reach, draws = find_quantile(_combine(*parts, papers)) * math.sqrt(sum(parts)), items
    if len(papers) > 1:
        n = len(papers)
        weights = _draw_weights(n, 0)
        draws = (weights @ hits) / (weights @ of)
        outside = float(draws.std()) * math.sqrt((n + 1) / (n - 1))
        reach = max(reach, find_quantile(n - 1) * outside, Z * math.sqrt(share * (1 - share) / size))
    return Spread(share, reach, size, draws)


def find_limits(spread: Spread) -> tuple[float, float]:
    """Wilson's limits of a share at its effective size."""
    p, noise = spread.share, spread.share * (1 - spread.share)
    # Z^2 over the effective size, which is noise / variance
    square = spread.reach**2 / noise if noise > 0 and spread.reach > 0 else Z**2 / spread.size
    centre = (p + square / 2) / (1 + square)
    half = math.sqrt(square * (noise + square / 4)) / (1 + square)
    return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))


def find_quantile(freedom: float) -> float:
    """The 0.975 quantile of Student's t; of fractions of a degree that of the whole ones below."""
    if freedom < 1:
        return T[0]
    if freedom < len(T) + 1:
        return T[int(freedom) - 1]
    return Z + (Z**3 + Z) / (4 * freedom)  # the first term of its expansion: four digits from 30 on


def bound_median(runs: Sequence[float]) -> Interval | None:
    """Order statistics that hold the median of what the runs are drawn from; None for fewer than six runs."""
    values, n = sorted(runs), len(runs)
    rank, tail = 0, 0.0
    while tail + math.comb(n, rank) / 2**n <= (1 - LEVEL) / 2:
        tail += math.comb(n, rank) / 2**n
        rank += 1
    if rank == 0:
        return None
    return Interval(low=values[rank - 1], high=values[n - rank], how=f"order statistics of {n} runs")


def bound_mean(
    papers: Sequence[float], centre: float | None, *, counted: bool = False, ceiling: float | None = None
) -> Interval | None:
    """Student's interval of a mean over papers, around `centre`, never below zero.

    None for fewer than two papers, and where all are the same: that says nothing about others. Of things that are
    counted (`counted`) nothing in n papers still has Poisson's upper limit.
    """
    n = len(papers)
    if n < 2 or centre is None:
        return None
    values = np.asarray(papers)
    if counted and not values.any():
        return Interval(low=0.0, high=NONE_SEEN / n, how=f"none in {n} papers, Poisson")
    half = find_quantile(n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    if math.isclose(centre + half, centre):
        return None
    high = centre + half if ceiling is None else min(ceiling, centre + half)
    return Interval(low=max(0.0, centre - half), high=high, how=f"Student's t over {n} papers")


def _draw_inside(papers: Sequence[Counts]) -> tuple[Array, Array]:
    """The share with criteria drawn again in papers that stay, and with runs drawn again."""
    items, runs = np.zeros((2, DRAWS)), np.zeros((2, DRAWS))
    for k, paper in enumerate(papers):
        for row, counted in enumerate((paper.hits, paper.of)):
            by_run = counted.sum(axis=0)
            items[row] += by_run.sum() if paper.whole else _draw_sum(counted.sum(axis=1), 2 * k + 1)
            runs[row] += _draw_sum(by_run, 2 * k + 2)
    return items[0] / items[1], runs[0] / runs[1]


def _draw_sum(parts: Array, stream: int) -> Array:
    """The sum of parts that are drawn again: its draws vary as much as sums of so many new parts would."""
    n = len(parts)
    if n == 1:
        return np.full(DRAWS, parts.sum())
    weights = _draw_weights(n, stream)
    drawn: Array = parts.sum() + ((weights @ parts) / weights.mean(axis=1) - parts.sum()) * math.sqrt((n + 1) / (n - 1))
    return drawn


def _combine(items: float, runs: float, papers: Sequence[Counts]) -> float:
    """Satterthwaite's degrees of freedom of the sum of both variances."""
    of_items = max(sum(p.of.shape[0] - 1 for p in papers), 1)
    of_runs = max(sum(p.of.shape[1] - 1 for p in papers), 1)
    below = items**2 / of_items + runs**2 / of_runs
    return (items + runs) ** 2 / below if below > 0 else math.inf


def _count_size(papers: Sequence[Counts]) -> float:
    """The effective number of things, were they tried once: those of a paper are alike."""
    units = np.array([p.units for p in papers])
    return float(units[0]) if len(papers) == 1 else float((units / (1 + (units - 1) * ALIKE)).sum())


@lru_cache(maxsize=64)
def _draw_wide(width: int, stream: int) -> Array:
    drawn: Array = np.random.default_rng((SEED, stream)).standard_exponential((DRAWS, width))
    return drawn


def _draw_weights(size: int, stream: int) -> Array:
    """Weights of `size` things in every draw; streams are independent."""
    return _draw_wide(-(-size // 64) * 64, stream)[:, :size]


def _describe(papers: Sequence[Counts]) -> str:
    if len(papers) > 1:
        return f"bootstrap of {len(papers)} papers"
    runs = papers[0].of.shape[1]
    return f"bootstrap of {runs} runs" if papers[0].whole else f"bootstrap of criteria and {runs} runs"
