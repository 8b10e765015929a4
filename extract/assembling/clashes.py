"""Cuts that bound one variable more than once, and what to make of them.

A paper that says "within |eta| < 2.5" of one kind of muon and "|eta| < 2.7" of muons means one bound, and one that
sorts events by their number of jets means none: whichever it is, it is a question. The documented defaults:
what a summary table prints holds; else, of bounds that contain each other, the widest (a tighter one belongs to some of
the objects or events only); else, disjoint ranges of an object, or that one sentence joins by "or", are alternatives
("any"); other disjoint ranges of an event quantity are categories, which select nothing by themselves ("leave_out").
"""

import re
from collections.abc import Sequence
from math import inf

from extract.assembling.arranging import PlacedCut, slug_variable
from extract.assembling.questions import LEAVE_OUT
from schemas.criteria import Cut
from schemas.model import Model

OR = re.compile(r"\bor\b", re.I)
SPLITS = re.compile(
    r"\b(?:split|divided|classified|categori[sz]ed|separated|bins?|(?:two|three|four|five|six) categor)", re.I
)

Interval = tuple[float, float]


class Clash(Model):
    """Cuts on one variable of one collection or region, the documented default, and a name for their "or"."""

    cuts: tuple[Cut, ...]
    default: str
    group: str


def find_clashes(placed: Sequence[PlacedCut]) -> tuple[Clash, ...]:
    """All clashes, in order of the text. One lower and one upper bound of a range do not clash."""
    clusters: dict[tuple[str, str], list[PlacedCut]] = {}
    for p in placed:
        free = p.cut.group is None and p.cut.condition is None and p.requirement.condition is None
        if free and find_interval(p.cut) is not None:
            clusters.setdefault((p.owner, p.cut.variable), []).append(p)
    return tuple(_settle(c) for c in clusters.values() if len(c) > 1 and not _is_range([p.cut for p in c]))


def excludes_other_regions(cut: PlacedCut, placed: Sequence[PlacedCut]) -> bool:
    """Whether the range of a region's cut already excludes what other regions select in the same variable.

    "Events failing the signal region" then adds nothing to the range itself.
    """
    own = find_interval(cut.cut)
    same = [p for p in placed if p.cut.variable == cut.cut.variable and p.owner != cut.owner]
    others = [i for p in same if (i := find_interval(p.cut)) is not None]
    return own is not None and bool(others) and all(own[1] <= low or high <= own[0] for low, high in others)


def _settle(cluster: Sequence[PlacedCut]) -> Clash:
    cuts = tuple(p.cut for p in cluster)
    variable = slug_variable(cluster[0].requirement.finding.variable)
    return Clash(cuts=cuts, default=_choose(cluster), group=f"{cluster[0].owner}_{variable}")


def _choose(cluster: Sequence[PlacedCut]) -> str:
    tabled = [p.cut for p in cluster if any(e.source == "table" for e in p.cut.evidence)]
    if len(tabled) == 1:
        return f"only_{tabled[0].id}"
    if tabled and _is_range(tabled):
        return "all" if len(tabled) == len(cluster) else f"only_{tabled[0].id}"
    intervals = [(p.cut, i) for p in cluster if (i := find_interval(p.cut)) is not None]
    for cut, (low, high) in intervals:
        if all(low <= other_low and other_high <= high for _, (other_low, other_high) in intervals):
            return f"only_{cut.id}"
    if all(a[0] <= b[1] and b[0] <= a[1] for _, a in intervals for _, b in intervals):
        return "all"
    return "any" if cluster[0].where.kind == "object" or _are_joined_by_or(cluster) else LEAVE_OUT


def _are_joined_by_or(cluster: Sequence[PlacedCut]) -> bool:
    """Whether one sentence names all the ranges and joins them by "or", rather than splitting events into classes."""
    quotes = {p.requirement.evidence[0].quote for p in cluster}
    sentence = " ".join(next(iter(quotes)))
    return len(quotes) == 1 and bool(OR.search(sentence)) and not SPLITS.search(sentence)


def _is_range(cuts: Sequence[Cut]) -> bool:
    """One lower and one upper bound with something between them."""
    if len(cuts) != 2:
        return False
    a, b = find_interval(cuts[0]), find_interval(cuts[1])
    if a is None or b is None:
        return False
    lower, upper = (a, b) if a[1] == inf else (b, a)
    return lower[1] == inf and upper[0] == -inf and lower[0] < upper[1]


def find_interval(cut: Cut) -> Interval | None:
    """The values that pass, as an interval; None for cuts that are no bound (labels, expressions, gaps)."""
    threshold = cut.threshold
    if threshold is None:
        return None
    if threshold.range is not None and cut.operator == "between":
        return threshold.range
    if threshold.value is None:
        return None
    value = threshold.value
    bounds = {">": (value, inf), ">=": (value, inf), "<": (-inf, value), "<=": (-inf, value), "==": (value, value)}
    return bounds.get(cut.operator or "")
