"""Which finding is *about* which criterion, more kindly than matching, so that each attribute is judged for itself.

A finding is about a criterion when page and name agree: subject, variable, and the second subject where both name one.
Those that state their criterion are exact in everything. Of what is left, criteria that nobody states and findings that
state nothing are aligned one to one, so that the attributes agree best in total; a pair must share the number, or the
direction of the comparison and the kind of unit. A finding that repeats another criterion, or that a person judged
true, is about something else and is left out.

The attributes, each judged apart:
- value: the same numbers in base units, or the same numbers as printed;
- unit: the same after conversion, where the value is too; else the same unit;
- operator: the same comparison, strictness included, given the outcome; a comparison that would be right with the other
  outcome is right, and the outcome is wrong. Of ranges, which ends belong to them is not judged;
- polarity: kept or removed as in the paper, given the comparison as it is printed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.claims import Bound, Claim, are_numbers_same, complement, read_criterion, read_finding
from benchmarks.gold import GoldCriterion, Points
from benchmarks.matching import agree_in_names, assign, match
from schemas.finding import Finding, Ramp
from schemas.units import UNIT_ALIASES

NOT_NAMED = "?"
_LOOSE = {">=": ">", "<=": "<"}
_NEGATIVE = ("remove_object", "reject_event")


class Exactness(NamedTuple):
    """What a finding about a criterion has right."""

    criterion: str
    value: bool
    unit: bool
    operator: bool
    polarity: bool

    @property
    def total(self) -> int:
        """How many of the four are right."""
        return self.value + self.unit + self.operator + self.polarity


def judge_exactness(
    criteria: Sequence[GoldCriterion], findings: Sequence[Finding], is_elsewhere: Callable[[Finding], bool]
) -> tuple[Exactness, ...]:
    """What is right about each criterion that some finding is about, in order of the criteria.

    `is_elsewhere` says of a finding that matches no criterion of these whether it is true for another reason.
    """
    matches = match(criteria, findings)
    judged = {m.criterion.id: Exactness(m.criterion.id, True, True, True, True) for m in matches}
    used = {id(f) for m in matches for f in m.findings}
    left = [c for c in criteria if c.id not in judged]
    free = [f for f in findings if id(f) not in used and not is_elsewhere(f)]
    for criterion, finding in align(left, free):
        judged[criterion.id] = judge(criterion, finding)
    return tuple(judged[c.id] for c in criteria if c.id in judged)


def align(criteria: Sequence[GoldCriterion], findings: Sequence[Finding]) -> tuple[tuple[GoldCriterion, Finding], ...]:
    """Criteria with the finding that is about each, one to one; independent of the order of the findings."""

    def rate(criterion: GoldCriterion, finding: Finding) -> float | None:
        if not is_about(finding, criterion):
            return None
        exact = judge(criterion, finding)
        kind = _find_kind(read_criterion(criterion)) == _find_kind(read_finding(finding))
        kind = kind and _find_direction(criterion) == _find_direction(finding)
        return 10.0 * exact.total + 10.0 * exact.value if exact.value or kind else None

    return assign(criteria, findings, rate)


def is_about(finding: Finding, criterion: GoldCriterion) -> bool:
    """Whether the finding is about the quantity of the criterion, on one of its pages."""
    return finding.page in criterion.pages and agree_in_names(read_criterion(criterion), read_finding(finding))


def judge(criterion: GoldCriterion, finding: Finding) -> Exactness:
    """What a finding about the criterion has right."""
    gold, own = read_criterion(criterion), read_finding(finding)
    if any(_states(a, b) for a in gold.bounds for b in own.bounds) and _agree_in_outcome(gold, own):
        return Exactness(criterion.id, True, True, True, True)
    based = any(_have_same_numbers(a, b) for a in gold.bounds for b in own.bounds)
    printed = _list_numbers(criterion.value) == _list_numbers(finding.value)
    same_unit = _spell_unit(criterion.unit) == _spell_unit(finding.unit)
    operator, polarity = _judge_comparison(criterion, finding, gold, own)
    return Exactness(criterion.id, based or printed, based or same_unit, operator, polarity)


def _states(gold: Bound, own: Bound) -> bool:
    return gold.operator == own.operator and _have_same_numbers(gold, own)


def _have_same_numbers(gold: Bound, own: Bound) -> bool:
    return gold.kind == own.kind and gold.kind in ("numbers", "ramp") and are_numbers_same(gold, own)


def _agree_in_outcome(gold: Claim, own: Claim) -> bool:
    return "kept" in (gold.outcome, own.outcome) or gold.outcome == own.outcome


def _judge_comparison(criterion: GoldCriterion, finding: Finding, gold: Claim, own: Claim) -> tuple[bool, bool]:
    """Whether the operator is right, and whether the outcome is."""
    wanted = [o for o in (criterion.operator, criterion.operator_alt) if o]
    goes = criterion.effect in _NEGATIVE
    kept = [complement(o) for o in wanted] if goes else wanted
    found = complement(finding.operator) if finding.effect in _NEGATIVE else finding.operator
    outcome = _agree_in_outcome(gold, own)
    if goes == (finding.effect in _NEGATIVE):
        return found in kept, outcome
    if found in kept:
        return True, outcome
    if finding.operator in wanted:
        return True, False
    return False, _loosen(found) in map(_loosen, kept)


def _loosen(operator: str) -> str:
    return _LOOSE.get(operator, operator)


def _list_numbers(value: object) -> tuple[float, ...] | None:
    """The numbers as printed; None for what has none."""
    if isinstance(value, float | int):
        return (float(value),)
    if isinstance(value, Points):
        return tuple(n for x, y in value.points for n in (x, y if y is not None else 0.0))
    if isinstance(value, Ramp):
        return tuple(n for point in zip(value.x, value.y, strict=False) for n in point)
    if isinstance(value, tuple) and all(isinstance(v, float | int) for v in value):
        return tuple(float(v) for v in value)
    return None if value is None else (float("nan"),)


def _spell_unit(unit: str | None) -> str:
    plain = unit or ""
    return UNIT_ALIASES.get(plain, plain)


def _find_kind(claim: Claim) -> str:
    """The kind of quantity: of numbers, their base unit."""
    return next((f"{b.kind} {b.unit}" for b in claim.bounds), NOT_NAMED)


def _find_direction(stated: GoldCriterion | Finding) -> str:
    """The comparison of what is kept, without its strictness."""
    return _loosen(complement(stated.operator) if stated.effect in _NEGATIVE else stated.operator)
