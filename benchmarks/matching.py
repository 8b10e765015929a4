"""Which finding is which gold criterion: all of the meaning must agree, and each is used once.

A finding *states* a criterion when all of this agrees (`MATCHING.md` has the rules with examples):
- name: subject, variable, and the second subject where both sides name one (`benchmarks.naming`);
- bound: what is kept, with operator, strictness, value and unit (`benchmarks.claims`); any of the readings that the
  gold list allows (`operator_alt`);
- page: one of those on which the gold list saw it.
Stage, scope, condition and quote are not compared: they are free words. Where several pairs are possible, they decide
which one is taken.

The matching is one to one and as large as possible; of the largest ones, the one whose pairs agree best in the rest.
Then what can be said in two parts, the ends of a range, or electrons and muons for leptons: a criterion that no finding
states is also met by the two findings of one quote that state its parts (it uses both), and two criteria by one finding
whose parts they are. The result does not depend on the order of the findings.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.claims import (
    Claim,
    Key,
    agree_in_bounds,
    list_keys,
    read_criterion,
    read_finding,
    split_ends,
    split_flavours,
)
from benchmarks.gold import GoldCriterion
from benchmarks.naming import agree, words_agree
from schemas.finding import Finding

LARGEST_FIRST = 100_000  # a further pair is worth more than any agreement of the others in the rest
RANGES = ("between", "outside")
SHARED = 8  # characters; a shorter quote inside another one says nothing


class Match(NamedTuple):
    """A criterion and the finding that states it; two findings when its ends were read one by one."""

    criterion: GoldCriterion
    findings: tuple[Finding, ...]


class _Read(NamedTuple):
    finding: Finding
    claim: Claim


def match(criteria: Sequence[GoldCriterion], findings: Sequence[Finding], *, on_page: bool = True) -> tuple[Match, ...]:
    """A largest one-to-one matching, in order of the criteria."""
    golds = [read_criterion(c) for c in criteria]
    read = [_Read(f, read_finding(f)) for f in sorted(findings, key=_describe)]
    alike: dict[Key, list[int]] = {}
    for j, one in enumerate(read):
        for key in {key for bound in one.claim.bounds for key in list_keys(bound)}:
            alike.setdefault(key, []).append(j)

    def list_edges(criterion: GoldCriterion, gold: Claim) -> list[int]:
        near = {j for bound in gold.bounds for key in list_keys(bound) for j in alike.get(key, ())}
        return [j for j in sorted(near) if _agree(criterion, gold, read[j], on_page=on_page)]

    edges = [list_edges(c, g) for c, g in zip(criteria, golds, strict=True)]
    taken = {i: (read[j].finding,) for i, j in _pair(edges, lambda i, j: _rate(criteria[i], read[j].finding))}
    used = {id(f) for pair in taken.values() for f in pair}
    free = [r for r in read if id(r.finding) not in used]
    found: dict[int, tuple[Finding, ...]] = {**taken}
    halves = [_Read(r.finding, read_finding(r.finding, fold=False)) for r in free]
    for i, criterion in enumerate(criteria):
        if i not in found and (pair := _find_halves(criterion, halves, on_page=on_page)):
            found[i] = pair
            halves = [r for r in halves if all(r.finding is not f for f in pair)]
    for one in halves:
        met = _find_wholes(one.finding, criteria, golds, on_page=on_page)
        found |= {i: (one.finding,) for i in met if i not in found}
    return tuple(Match(c, found[i]) for i, c in enumerate(criteria) if i in found)


def states(finding: Finding, criterion: GoldCriterion, *, on_page: bool = True) -> bool:
    """Whether the finding states the criterion: subject, variable, operator and outcome, value, unit and page."""
    if on_page and finding.page not in criterion.pages:
        return False
    return _agree(criterion, read_criterion(criterion), _Read(finding, read_finding(finding)), on_page=on_page)


def is_true(finding: Finding, criteria: Sequence[GoldCriterion], *, on_page: bool = True) -> bool:
    """Whether the criteria bear the finding: it states one, or a part of one, or something both of whose parts stand.

    One end of a range alone does not recover it, but it is no invention either.
    """
    if any(states(finding, c, on_page=on_page) for c in criteria):
        return True
    near = [c for c in criteria if not on_page or finding.page in c.pages]
    plain = _Read(finding, read_finding(finding, fold=False))
    if any(_agree(c, half, plain, on_page=on_page) for c in near for parts in _split_criterion(c) for half in parts):
        return True
    return bool(_find_wholes(finding, near, [read_criterion(c) for c in near], on_page=on_page))


def _split_criterion(criterion: GoldCriterion) -> tuple[tuple[Claim, Claim], ...]:
    if criterion.operator not in RANGES and "lepton" not in (criterion.subject, criterion.second_subject):
        return ()
    return _split(read_criterion(criterion, fold=False))


def _split_finding(finding: Finding) -> tuple[tuple[Claim, Claim], ...]:
    if finding.operator not in RANGES and "lepton" not in (finding.subject, finding.second_subject):
        return ()
    return _split(read_finding(finding, fold=False))


def _split(claim: Claim) -> tuple[tuple[Claim, Claim], ...]:
    """The ways to say it in two parts."""
    return tuple(parts for parts in (split_ends(claim), split_flavours(claim)) if parts is not None)


def _agree(criterion: GoldCriterion, gold: Claim, one: _Read, *, on_page: bool) -> bool:
    if on_page and one.finding.page not in criterion.pages:
        return False
    if not agree_in_bounds(gold, one.claim):
        return False
    return agree(gold.name, one.claim.name, removes="object goes" in (gold.outcome, one.claim.outcome))


def assign(
    criteria: Sequence[GoldCriterion],
    findings: Sequence[Finding],
    rate: Callable[[GoldCriterion, Finding], float | None],
) -> tuple[tuple[GoldCriterion, Finding], ...]:
    """As many pairs as possible, and of those the ones that agree best in total, in order of the criteria.

    `rate` says how well a pair agrees (0 to 100), None where it is none. The order of the findings decides nothing.
    """
    ordered = sorted(findings, key=_describe)
    rates = [[rate(c, f) for f in ordered] for c in criteria]
    edges = [[j for j, r in enumerate(row) if r is not None] for row in rates]
    pairs = sorted(_pair(edges, lambda i, j: rates[i][j] or 0.0))
    return tuple((criteria[i], ordered[j]) for i, j in pairs)


def agree_in_names(gold: Claim, found: Claim) -> bool:
    """Whether both are about the same quantity of the same objects, whatever they ask of it."""
    return agree(gold.name, found.name, removes=False)


def _pair(edges: Sequence[Sequence[int]], rate: Callable[[int, int], float]) -> Iterator[tuple[int, int]]:
    """Pairs (left, right) of a largest matching of the greatest worth, cluster by cluster."""
    for left, right in _cluster(edges):
        if len(left) == 1 == len(right):
            yield left[0], right[0]
            continue
        import numpy as np
        from scipy.optimize import linear_sum_assignment

        worth = np.zeros((len(left), len(right)))
        for a, i in enumerate(left):
            for b, j in enumerate(right):
                if j in edges[i]:
                    worth[a, b] = LARGEST_FIRST + rate(i, j)
        for a, b in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if worth[a, b] > 0:
                yield left[a], right[b]


def _cluster(edges: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Criteria and findings that are connected; in order, so that the same input gives the same clusters."""
    owners: dict[int, list[int]] = {}
    for i, own in enumerate(edges):
        for j in own:
            owners.setdefault(j, []).append(i)
    seen = set[int]()
    for start, own in enumerate(edges):
        if start in seen or not own:
            continue
        left, right, queue = set[int](), set[int](), [start]
        while queue:
            i = queue.pop()
            if i not in left:
                left.add(i)
                right |= set(edges[i])
                queue += [k for j in edges[i] for k in owners[j] if k not in left]
        seen |= left
        yield sorted(left), sorted(right)


def _rate(criterion: GoldCriterion, finding: Finding) -> float:
    """How well a pair that agrees agrees in the rest: scope and condition first."""
    points = 8 * _are_alike(criterion.scope, finding.scope) + 8 * _are_alike(criterion.condition, finding.condition)
    points += 2 * (criterion.second_subject == finding.second_subject)
    return points + (criterion.stage == finding.stage) + (criterion.effect == finding.effect)


def _are_alike(a: str | None, b: str | None) -> float:
    if a is None or b is None:
        return 0.5 if a is b else 0.25
    return 1.0 if a == b else 0.8 if words_agree(a, b) else 0.0


def _find_halves(criterion: GoldCriterion, free: Sequence[_Read], *, on_page: bool) -> tuple[Finding, ...] | None:
    """The two findings of one quote that together state a criterion."""
    for parts in _split_criterion(criterion):
        wanted = {key[2] for half in parts for bound in half.bounds for key in list_keys(bound)}
        near = [r for r in free if any(key[2] in wanted for bound in r.claim.bounds for key in list_keys(bound))]
        first, other = ([r.finding for r in near if _agree(criterion, half, r, on_page=on_page)] for half in parts)
        pairs = ((a, b) for a in first for b in other if a is not b and a.page == b.page and _share_quote(a, b))
        if pair := next(pairs, None):
            return pair
    return None


def _find_wholes(
    finding: Finding, criteria: Sequence[GoldCriterion], golds: Sequence[Claim], *, on_page: bool
) -> tuple[int, ...]:
    """The criteria that are the two parts of what a finding states, if both are there."""
    for parts in _split_finding(finding):
        met: list[list[int]] = []
        for half in parts:
            side = _Read(finding, half)
            met.append([i for i, c in enumerate(criteria) if _agree(c, golds[i], side, on_page=on_page)])
        if all(met):
            return tuple(dict.fromkeys(ids[0] for ids in met))
    return ()


def _share_quote(a: Finding, b: Finding) -> bool:
    """Whether both were read from one statement: the same words, or the words of one within those of the other."""
    x, y = ("".join(" ".join(f.quote).split()) for f in (a, b))
    return x == y or (min(len(x), len(y)) >= SHARED and (x in y or y in x))


def _describe(finding: Finding) -> tuple[object, ...]:
    """All of a finding, for an order that does not depend on the one it came in."""
    f = finding
    texts = (f.subject, f.second_subject, f.variable, f.operator, f.unit, f.effect, f.condition, f.scope, f.stage)
    return f.page, -1 if f.start is None else f.start, *(t or "" for t in texts), repr(f.value), f.quote, f.id
