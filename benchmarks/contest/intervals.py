"""How sure a share, a difference or a number is: limits that hold for few papers and never collapse to a point.

**What is drawn again** (`drawing`). A contestant reads papers; a paper has criteria; every criterion is tried in every
run. With two or more papers the interval is about papers like these: whole papers are drawn again, with all that is in
them. With one paper it is about criteria like those of that paper, the same ones in all runs, and about runs beside
them. Findings, cuts and questions are drawn like criteria.

**Limits of a share.** Percentiles of a bootstrap are too narrow for few papers, and a point at 0 of n. The bootstrap
gives the variance alone, that of papers or that of criteria and runs, whichever reaches further with its Student's t;
and with several papers no less than if `ALIKE` of the variance of criteria were common to their paper. The limits are
Wilson's at the effective size, p (1 - p) / V (Kott and Carr 1997; Franco et al. 2019). At 0 of n and n of n, where
nothing varies, the effective size is that of the criteria, reduced by the design effect of `ALIKE`.

**Limits of a difference** of two contestants are Student's: both meet the same papers and criteria, which are drawn for
both together.

**Limits of a number** (tokens, questions) are Student's of the mean over papers; with one paper they are those order
statistics of the runs that hold the median with 95 % (six runs at least).

**How often they hold.** Drawn contests of 1 to 12 papers with 12 to 60 criteria, 1 to 10 runs, rates from 0.02 to 0.98,
up to a fifth of the variance common to a paper, 0 or 5 % of failing runs (255 situations, 200 contests each): between
92 and 100 %, the most where criteria of a paper have nothing in common. For findings that differ from run to run, of
one paper: 90 %. Differences: 93 to 100 %, but 88 % for rates near 1 that vary much between papers. One run of one
analysis, or two to three analyses that have nothing in common, can come down to 80 %: so little tells nothing.

What no run has shown is in no interval: if one run in five fails as a whole, three runs often have none that did, and
only the interval of the failed runs says so.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.contest.drawing import Array, Counts, count_free, draw_papers, draw_runs, draw_things
from benchmarks.contest.summary import LEVEL, Interval

ALIKE = 0.1  # share of the variance of criteria that is common to a paper, where it cannot be measured
GRAIN = 0.5  # of a criterion: a share of few criteria of one paper is not known finer than this
Z = 1.959964
NONE_SEEN = 3.6889  # upper limit of a Poisson mean when nothing was seen, two-sided 95 %
# 0.975 quantiles of Student's t for 1, 2, ... degrees of freedom
T = (12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881, 2.16037,
     2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.0639, 2.05954,
     2.05553, 2.05183, 2.04841, 2.04523, 2.04227)  # fmt: skip


class Spread(NamedTuple):
    """A share; `reach` is how far Wald's limits would be, the quantile times the standard error.

    `size` is the effective number of things where the draws do not vary.
    """

    share: float
    reach: float
    size: float


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
    hits, of = _sum_up(papers)
    share, size = float(hits.sum() / of.sum()), _count_size(papers)
    things, runs = (draw_things(papers), count_free(papers, 0)), (draw_runs(papers), count_free(papers, 1))
    reach = _find_reach(things, runs)
    if len(papers) == 1 and papers[0].names:
        reach = math.hypot(reach, Z * GRAIN / size)
    if len(papers) > 1:
        alike = Z * math.sqrt(share * (1 - share) / size)
        reach = max(reach, alike, _find_reach((draw_papers(hits, of), len(papers) - 1)))
    return Spread(share, reach, size)


def find_limits(spread: Spread) -> tuple[float, float]:
    """Wilson's limits of a share at its effective size."""
    p, noise = spread.share, spread.share * (1 - spread.share)
    # the quantile squared over the effective size, which is noise / variance
    square = spread.reach**2 / noise if noise > 0 and spread.reach > 0 else Z**2 / spread.size
    centre = (p + square / 2) / (1 + square)
    half = math.sqrt(square * (noise + square / 4)) / (1 + square)
    return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))


def bound_difference(pairs: Sequence[tuple[Counts, Counts]]) -> Interval | None:
    """The interval of the difference of the shares of two contestants on the same papers; None where nothing was tried.

    Where both did the same with everything, the limits are Wilson's of none in so many that were decided differently.
    """
    pairs = [(a, b) for a, b in pairs if a.of.any() and b.of.any()]
    if not pairs:
        return None
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    sums = [_sum_up(side) for side in (first, second)]
    middle = float(sums[0][0].sum() / sums[0][1].sum() - sums[1][0].sum() / sums[1][1].sum())
    reach = _find_reach(
        (draw_things(first, second) - draw_things(second, first), max(count_free(first, 0), count_free(second, 0))),
        (draw_runs(first), count_free(first, 1)),
        (draw_runs(second, 1), count_free(second, 1)),
    )
    if len(pairs) > 1:
        reach = max(reach, _find_reach((draw_papers(*sums[0]) - draw_papers(*sums[1]), len(pairs) - 1)))
    if reach == 0:
        size = min(_count_size(first), _count_size(second))
        reach = Z**2 / (size + Z**2)
    return Interval(low=max(-1.0, middle - reach), high=min(1.0, middle + reach), how=f"paired {_describe(first)}")


def find_quantile(freedom: float) -> float:
    """The 0.975 quantile of Student's t; of fractions of a degree that of the whole ones below."""
    if freedom < 1:
        return T[0]
    if freedom < len(T) + 1:
        return T[int(freedom) - 1]
    return Z + (Z**3 + Z) / (4 * freedom)  # the first term of its expansion: four digits from 30 on


def bound_median(runs: Sequence[float], *, counted: bool = False) -> Interval | None:
    """Order statistics that hold the median of what the runs are drawn from; None for fewer than six runs.

    Of things that are counted nothing in n runs has Poisson's upper limit.
    """
    values, n = sorted(runs), len(runs)
    if counted and values and not any(values):
        return Interval(low=0.0, high=NONE_SEEN / n, how=f"none in {n} runs, Poisson")
    rank, tail = 0, 0.0
    while tail + math.comb(n, rank) / 2**n <= (1 - LEVEL) / 2:
        tail += math.comb(n, rank) / 2**n
        rank += 1
    if rank == 0:
        return None
    return Interval(low=values[rank - 1], high=values[n - rank], how=f"order statistics of {n} runs")


def bound_mean(
    papers: Sequence[float],
    centre: float | None,
    *,
    counted: bool = False,
    floor: float | None = 0.0,
    ceiling: float | None = None,
) -> Interval | None:
    """Student's interval of a mean over papers, around `centre`, between floor and ceiling.

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
    low = centre - half if floor is None else max(floor, centre - half)
    high = centre + half if ceiling is None else min(ceiling, centre + half)
    return Interval(low=low, high=high, how=f"Student's t over {n} papers")


def _find_reach(*parts: tuple[Array, int]) -> float:
    """Student's limits of a sum of independent parts, each with its draws and degrees of freedom (Satterthwaite)."""
    variances = [(float(draws.var()), free) for draws, free in parts]
    total, below = sum(v for v, _ in variances), sum(v**2 / free for v, free in variances)
    return find_quantile(total**2 / below) * math.sqrt(total) if below > 0 else 0.0


def _sum_up(papers: Sequence[Counts]) -> tuple[Array, Array]:
    """All hits, and all that was tried, of each paper."""
    return np.array([float(p.hits.sum()) for p in papers]), np.array([float(p.of.sum()) for p in papers])


def _count_size(papers: Sequence[Counts]) -> float:
    """The effective number of things, were they tried once: those of a paper are alike."""
    units = [p.units for p in papers]
    return units[0] if len(units) == 1 else sum(n / (1 + (n - 1) * ALIKE) for n in units)


def _describe(papers: Sequence[Counts]) -> str:
    if len(papers) > 1:
        return f"bootstrap of {len(papers)} papers"
    runs = papers[0].of.shape[1]
    beside = f"{runs} runs" if runs > 1 else "one run"
    return f"bootstrap of criteria and {beside}" if papers[0].names else f"bootstrap of {beside}"
