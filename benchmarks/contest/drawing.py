"""What a ratio counts, drawn again: the draws of a bootstrap whose variances are unbiased.

Papers, things (criteria, findings, cuts) and runs each have a draw of their own, with exponential weights (the Bayesian
bootstrap, Rubin 1981). Things are crossed with runs, a criterion meets the same luck in every run (Owen 2007): so the
two are drawn apart and their variances added, which counts what is left over twice and errs on the wide side. The
weights of n parts vary too little by (n - 1) / (n + 1); draws are stretched by that. Seeds are fixed.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DRAWS = 1000
SEED = 20261122
BLOCK = 64  # widths are drawn in blocks, so that few are kept


class Counts(NamedTuple):
    """What a ratio counts in one paper: things by runs, how often each was so, of how often it was tried (0 or more).

    `names` are those of the things. Without any, the runs are what is counted (one that failed, or not): one row.
    """

    hits: Array
    of: Array
    names: tuple[str, ...] = ()

    @property
    def units(self) -> float:
        """How many things, at most, tell something independently of the others."""
        if self.names:
            return float((self.of.sum(axis=1) > 0).sum())
        return float((self.of > 0).sum() if self.of.size > 1 else self.of.sum())


def draw_papers(hits: Array, of: Array) -> Array:
    """The share of all hits with papers drawn again; the same draws for everybody who read as many."""
    n = len(hits)
    weights = _draw_weights(n, 0)
    share = hits.sum() / of.sum()
    drawn: Array = share + ((weights @ hits) / (weights @ of) - share) * math.sqrt((n + 1) / (n - 1))
    return drawn


def draw_things(papers: Sequence[Counts], beside: Sequence[Counts] | None = None) -> Array:
    """The share with things drawn again in papers that stay, together with the same things of `beside`."""
    sums = np.zeros((2, DRAWS))
    for k, (paper, other) in enumerate(zip(papers, beside or papers, strict=True)):
        places = {name: i for i, name in enumerate(sorted({*paper.names, *other.names}))}
        for row, counted in enumerate((paper.hits, paper.of)):
            parts = np.zeros(max(len(places), 1))
            if paper.names:
                parts[[places[name] for name in paper.names]] = counted.sum(axis=1)
            else:
                parts[0] = counted.sum()
            sums[row] += _draw_sum(parts, 3 * k + 1)
    drawn: Array = sums[0] / sums[1]
    return drawn


def draw_runs(papers: Sequence[Counts], which: int = 0) -> Array:
    """The share with runs drawn again; `which` of two contestants, whose runs have nothing to do with each other."""
    sums = np.zeros((2, DRAWS))
    for k, paper in enumerate(papers):
        for row, counted in enumerate((paper.hits, paper.of)):
            sums[row] += _draw_sum(counted.sum(axis=0), 3 * k + 2 + which)
    drawn: Array = sums[0] / sums[1]
    return drawn


def count_free(papers: Sequence[Counts], axis: int) -> int:
    """Degrees of freedom of the things (axis 0) or the runs (1) of papers, at least one."""
    return max(sum(int(p.of.shape[axis]) - 1 for p in papers), 1)


def _draw_sum(parts: Array, stream: int) -> Array:
    """The sum of parts that are drawn again."""
    n, whole = len(parts), float(parts.sum())
    if n == 1:  # nothing to draw
        return np.full(DRAWS, whole)
    weights = _draw_weights(n, stream)
    drawn: Array = whole + ((weights @ parts) / weights.mean(axis=1) - whole) * math.sqrt((n + 1) / (n - 1))
    return drawn


@lru_cache(maxsize=64)
def _draw_block(width: int, stream: int) -> Array:
    drawn: Array = np.random.default_rng((SEED, stream)).standard_exponential((DRAWS, width))
    return drawn


def _draw_weights(size: int, stream: int) -> Array:
    """Weights of `size` parts in every draw; streams are independent of each other."""
    return _draw_block(-(-size // BLOCK) * BLOCK, stream)[:, :size]
