"""Which finding is which gold criterion: all of the meaning must agree, and each is used once.

A pair agrees when subject, variable, operator with its outcome, value, unit and page agree:
- outcome: `keep`, `choose` and `define` name what is taken; `remove_object` and `reject_event` what goes, which is the
  complementary operator of what is taken (d0 > 1 removed is d0 <= 1 kept). Strictness counts: `<` for `<=` is wrong,
  unless the gold list gives it as a second reading (`operator_alt`). Counts are integers: > 0 is >= 1.
- value: in base units, relative tolerance 1e-6; the unit must be printed, 50 is not 50 GeV. Ramps: the same corners.
- page: one of the pages on which the gold list saw it.
A `between` criterion that no finding states as a range is also met by its two one-sided findings from the same quote;
it then uses both.
"""

from collections.abc import Callable, Sequence
from math import isclose
from typing import NamedTuple

from benchmarks.gold import GoldCriterion, Points
from benchmarks.naming import Name, agree, words_agree
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import to_base

TOLERANCE = 1e-6

_COMPLEMENT = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass", "minimise": "maximise", "maximise": "minimise",
}  # fmt: skip
_NEGATIVE = ("remove_object", "reject_event")


class Match(NamedTuple):
    """A criterion and the finding that states it; two findings when its ends were read one by one."""

    criterion: GoldCriterion
    findings: tuple[Finding, ...]


def match(criteria: Sequence[GoldCriterion], findings: Sequence[Finding], *, on_page: bool = True) -> tuple[Match, ...]:
    """A maximum one-to-one matching, in order of the criteria; the same input gives the same pairs."""
    edges = [[j for j, f in enumerate(findings) if states(f, c, on_page=on_page)] for c in criteria]
    taken = _match_most(edges)
    matches = {i: (findings[j],) for j, i in taken.items()}
    free = [f for j, f in enumerate(findings) if j not in taken]
    split: dict[int, tuple[Finding, ...]] = {}
    for i, criterion in enumerate(criteria):
        if i not in matches and (pair := _find_ends(criterion, free, on_page=on_page)):
            split[i] = pair
            free = [f for f in free if all(f is not p for p in pair)]
    both: dict[int, tuple[Finding, ...]] = {**matches, **split}
    return tuple(Match(c, both[i]) for i, c in enumerate(criteria) if i in both)


def states(finding: Finding, criterion: GoldCriterion, *, on_page: bool = True) -> bool:
    """Whether the finding states the criterion: subject, variable, operator and outcome, value, unit and page."""
    if on_page and finding.page not in criterion.pages:
        return False
    gold = Name(criterion.subject, criterion.second_subject, criterion.variable, criterion.condition)
    found = Name(finding.subject, finding.second_subject, finding.variable, finding.condition)
    if not agree(gold, found, removes=_NEGATIVE[0] in (criterion.effect, finding.effect)):
        return False
    count = criterion.variable == "n" or criterion.variable.startswith("other:n_")
    operators = [o for o in (criterion.operator, criterion.operator_alt) if o]
    if {criterion.effect, finding.effect} == set(_NEGATIVE):
        return False  # an object that goes is not an event that goes
    return any(_same_cut(criterion, operator, finding, count) for operator in operators)


def _same_cut(criterion: GoldCriterion, operator: str, finding: Finding, count: bool) -> bool:
    gold_operator = _COMPLEMENT.get(operator, operator) if criterion.effect in _NEGATIVE else operator
    own_operator = (
        _COMPLEMENT.get(finding.operator, finding.operator) if finding.effect in _NEGATIVE else finding.operator
    )
    gold, own = criterion.value, finding.value
    if count and isinstance(gold, float) and isinstance(own, float | int) and finding.unit is None:
        return _whole(gold_operator, gold) == _whole(own_operator, float(own))
    if gold_operator != own_operator:
        return False
    if gold_operator in ("minimise", "maximise"):
        return True
    if isinstance(gold, Points):
        return isinstance(own, Ramp) and _same_ramp(gold, criterion.unit, own, finding.unit)
    if isinstance(gold, float):
        return isinstance(own, float | int) and _same_numbers((gold,), criterion.unit, (float(own),), finding.unit)
    if isinstance(gold, tuple) and all(isinstance(g, float) for g in gold):
        numbers = own if isinstance(own, tuple) else ()
        return all(isinstance(n, float | int) for n in numbers) and _same_numbers(
            tuple(float(g) for g in gold), criterion.unit, tuple(float(n) for n in numbers), finding.unit
        )
    return _same_label(gold, own, gold_operator)


def _whole(operator: str, value: float) -> tuple[str, float]:
    """One spelling of a condition on a count."""
    if operator == ">":
        return ">=", value + 1
    if operator == "<":
        operator, value = "<=", value - 1
    if (operator, value) == ("<=", 0.0):
        return "==", 0.0
    if (operator, value) == ("!=", 0.0):
        return ">=", 1.0
    return operator, value


def _same_numbers(a: tuple[float, ...], unit_a: str | None, b: tuple[float, ...], unit_b: str | None) -> bool:
    if len(a) != len(b):
        return False
    try:
        base_a, base_b = [to_base(x, unit_a) for x in a], [to_base(x, unit_b) for x in b]
    except CriteriaError:
        return False
    return all(
        isclose(x, y, rel_tol=TOLERANCE, abs_tol=1e-12) and _plain_angle(u) == _plain_angle(v)
        for (x, u), (y, v) in zip(base_a, base_b, strict=True)
    )


def _plain_angle(unit: str | None) -> str | None:
    return None if unit == "rad" else unit  # an angle without a unit is in radians


def _same_ramp(gold: Points, unit: str | None, ramp: Ramp, own_unit: str | None) -> bool:
    if len(gold.points) != len(ramp.x) or len(ramp.x) != len(ramp.y):
        return False
    for (x, y), own_x, own_y in zip(gold.points, ramp.x, ramp.y, strict=True):
        if not isclose(x, own_x, rel_tol=TOLERANCE, abs_tol=1e-12):
            return False
        if y is not None and not _same_numbers((y,), unit, (own_y,), own_unit):
            return False
    return True


def _same_label(gold: object, own: object, operator: str) -> bool:
    """Labels are free text. A label that was read must not contradict; a list must be the same list."""
    if isinstance(gold, tuple) and isinstance(own, tuple):
        same = [words_agree(str(g), str(o)) for g, o in zip(gold, own, strict=False)]
        return len(gold) == len(own) and all(same)
    if isinstance(own, tuple):
        own = " ".join(str(o) for o in own)
    if operator in ("order", "pass", "fail"):
        return gold is None or own is None or _grades(str(gold)) == _grades(str(own))
    return gold is not None and own is not None and words_agree(str(gold), str(own), ratio=60.0)


def _grades(label: str) -> frozenset[str]:
    words = label.lower().replace("(", " ").replace("-", " ").split()
    grades = ("loose", "medium", "tight", "loosest", "tightest", "very", "second")
    named = frozenset(w.strip("',\"‘’") for w in words if w.strip("',\"‘’") in grades)
    efficiencies = [w.strip(",)") for w in words if w.rstrip("%,)").replace(".", "").isdigit() and "%" in w]
    return named or frozenset(efficiencies[:1])


def _find_ends(
    criterion: GoldCriterion, findings: Sequence[Finding], *, on_page: bool
) -> tuple[Finding, Finding] | None:
    """The two one-sided findings of one quote that together state a `between` criterion."""
    if criterion.operator != "between" or not isinstance(criterion.value, tuple) or criterion.effect in _NEGATIVE:
        return None
    ends: list[list[Finding]] = []
    for value, operators in zip(criterion.value, ((">", ">="), ("<", "<=")), strict=True):
        one = criterion.model_copy(update={"value": value, "operator": operators[0], "operator_alt": operators[1]})
        ends.append([f for f in findings if f.effect not in _NEGATIVE and states(f, one, on_page=on_page)])
    for low in ends[0]:
        for high in ends[1]:
            if low.quote == high.quote and low.page == high.page:
                return low, high
    return None


def _match_most(edges: Sequence[Sequence[int]]) -> dict[int, int]:
    """Augmenting paths (Kuhn): right node to left node of a maximum matching, left nodes tried in order."""
    taken: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j in edges[i]:
            if j in seen:
                continue
            seen.add(j)
            if j not in taken or place(taken[j], seen):
                taken[j] = i
                return True
        return False

    for i in range(len(edges)):
        place(i, set())
    return taken


def find_any(
    finding: Finding, criteria: Sequence[GoldCriterion], accept: Callable[[GoldCriterion], bool] = lambda _: True
) -> GoldCriterion | None:
    """The first criterion that the finding states, without asking whether another finding states it too."""
    return next((c for c in criteria if accept(c) and states(finding, c)), None)
