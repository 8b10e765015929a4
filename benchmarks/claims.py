"""What a gold criterion or a finding asserts, in one spelling: of which quantity, what is kept, with which numbers.

The comparison is that of what is *kept*: `keep`, `choose` and `define` name what is taken, `remove_object` and
`reject_event` what goes, which is the complement of what is taken (d0 > 1 removed is d0 <= 1 kept). Numbers are in base
units. One printed thing has one spelling where several are usual:
- a condition on a count (variable `n`, or `other:n_...`) is on whole numbers: > 0 is >= 1, < 1 and != 0 likewise,
  `in` {2, 3} is from 2 to 3;
- eta between -x and x is |eta| < x (with both signs, since a range in words does not say whether its ends belong to
  it); a range from 0 of an absolute value is an upper limit;
- a ramp is constant outside its corners, and corners on a straight line are no corners.
"""

import re
from functools import lru_cache
from itertools import pairwise
from math import isclose, isnan, nan
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from benchmarks.gold import GoldCriterion, Points
from benchmarks.naming import Name, canonicalise, is_count, words_agree
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import to_base

TOLERANCE = 1e-6
LABEL_RATIO = 60.0
GRADES = ("loose", "medium", "tight", "loosest", "tightest", "very", "second")

_COMPLEMENT = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass",
}  # fmt: skip
_SIDES = {"between": ("<", "<="), "outside": (">", ">=")}  # of an absolute value
FORMULA_OPERATORS = ("<", "<=", ">", ">=")  # a text beside these is a formula, no label
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNED = re.compile(r"([+\-−–*/(,]?)\s*(\d+(?:\.\d+)?)")

Outcome = Literal["kept", "object goes", "event goes"]
Kind = Literal["numbers", "ramp", "formula", "words", "nothing"]


Key = tuple[str, Kind, float]


class Bound(NamedTuple):
    """What is kept. `numbers` are in `unit`, a base unit; of a ramp they are x and y in turn. `words` are labels."""

    operator: str
    kind: Kind
    numbers: tuple[float, ...] = ()
    unit: str | None = None
    words: tuple[str, ...] = ()


class Claim(NamedTuple):
    """A quantity and what is asked of it. More than one bound: any of these readings is as good as the others."""

    name: Name
    outcome: Outcome
    bounds: tuple[Bound, ...]


def read_criterion(criterion: GoldCriterion, *, fold: bool = True) -> Claim:
    """What the gold list asserts; `operator_alt` is a second reading. Without `fold`, ranges around 0 stay ranges."""
    c = criterion
    operators = tuple(o for o in (c.operator, c.operator_alt) if o)
    name = Name(c.subject, c.second_subject, c.variable, c.condition)
    return _read(name, operators, c.value, c.unit, c.effect, None, fold)


def read_finding(finding: Finding, *, fold: bool = True) -> Claim:
    """What the finding asserts."""
    f = finding
    name = Name(f.subject, f.second_subject, f.variable, f.condition)
    return _read(name, (f.operator,), f.value, f.unit, f.effect, f.closed, fold)


def agree_in_bounds(gold: Claim, found: Claim) -> bool:
    """Whether both keep the same. An object that goes is not an event that goes."""
    if "kept" not in (gold.outcome, found.outcome) and gold.outcome != found.outcome:
        return False
    return any(_is_same(a, b) for a in gold.bounds for b in found.bounds)


def complement(operator: str) -> str:
    """The comparison that holds where this one does not."""
    return _COMPLEMENT.get(operator, f"not {operator}")


@lru_cache(maxsize=1 << 15)
def list_keys(bound: Bound) -> tuple[Key, ...]:
    """Under which keys to look for bounds that may be the same: those that are have one in common."""
    if bound.kind != "numbers":
        return ((bound.operator, bound.kind, 0.0),)
    first = min(bound.numbers)
    near = {float(f"{first * factor:.4g}") for factor in (1 - 2 * TOLERANCE, 1 + 2 * TOLERANCE)}
    return tuple((bound.operator, bound.kind, key) for key in near)


def split_ends(claim: Claim) -> tuple[Claim, Claim] | None:
    """The lower and the upper end of a range of numbers, each with both signs; None when it is something else."""
    for bound in claim.bounds:
        if bound.operator == "between" and bound.kind == "numbers" and len(bound.numbers) == 2:
            low, high = (
                tuple(bound._replace(operator=o, numbers=(n,)) for o in operators)
                for n, operators in zip(bound.numbers, ((">=", ">"), ("<=", "<")), strict=True)
            )
            return claim._replace(bounds=low), claim._replace(bounds=high)
    return None


def split_flavours(claim: Claim) -> tuple[Claim, Claim] | None:
    """What is asked of each lepton, asked of electrons and of muons; None when it is asked of something else.

    Two leptons are not two electrons and two muons, and the leading lepton is one of them: only a count of none is
    asked of each flavour. What is asked of the event (a sum) has no parts.
    """
    name = claim.name
    if any(b.kind == "nothing" or b.operator.endswith("order") for b in claim.bounds):
        return None
    if name.variable == "n" and any((b.operator, b.numbers) != ("==", (0.0,)) for b in claim.bounds):
        return None
    if name.subject == "lepton" and name.second_subject != "lepton":
        electron, muon = (claim._replace(name=name._replace(subject=s)) for s in ("electron", "muon"))
    elif name.second_subject == "lepton" and name.subject != "lepton":
        electron, muon = (claim._replace(name=name._replace(second_subject=s)) for s in ("electron", "muon"))
    else:
        return None
    return electron, muon


def spell_grades(label: str) -> frozenset[str]:
    """What a label of an identification has to say: its grades, else the first efficiency in it."""
    words = [w.strip("',\"‘’") for w in label.lower().replace("(", " ").replace("-", " ").split()]
    named = frozenset(w for w in words if w in GRADES)
    efficiencies = [w.strip(",)") for w in words if w.rstrip("%,)").replace(".", "").isdigit() and "%" in w]
    return named or frozenset(efficiencies[:1])


@lru_cache(maxsize=1 << 15)
def _read(
    name: Name,
    operators: tuple[str, ...],
    value: object,
    unit: str | None,
    effect: str,
    closed: str | None,
    fold: bool,
) -> Claim:
    outcome: Outcome = {"remove_object": "object goes", "reject_event": "event goes"}.get(effect, "kept")  # type: ignore[assignment]
    kept = operators if outcome == "kept" else tuple(complement(o) for o in operators)
    bounds: list[Bound] = []
    variable = name.variable
    for operator in kept:
        plain = _read_bound(operator, value, unit)
        for bound in [plain] if plain is not None else []:
            if _is_count(variable, unit):
                bounds.append(_count(bound))
            elif fold and (sided := _read_absolute(variable, bound, closed)):
                variable, more = sided
                bounds += more
            else:
                bounds.append(bound)
    return Claim(canonicalise(name._replace(variable=variable)), outcome, tuple(bounds))


def _read_bound(operator: str, value: object, unit: str | None) -> Bound | None:
    if operator.removeprefix("not ") in ("minimise", "maximise"):
        return Bound(operator, "nothing")
    if isinstance(value, Points):
        return _read_ramp(operator, [x for x, _ in value.points], [_or_nan(y) for _, y in value.points], unit)
    if isinstance(value, Ramp):
        try:
            corners = [to_base(x, value.x_unit)[0] for x in value.x]
        except CriteriaError:
            return None
        return _read_ramp(operator, corners, list(value.y), unit)
    if isinstance(value, float | int):
        return _read_numbers(operator, (float(value),), unit)
    if isinstance(value, tuple) and value and all(isinstance(v, float | int) for v in value):
        return _read_numbers(operator, tuple(float(v) for v in value), unit)
    if isinstance(value, str) and operator in FORMULA_OPERATORS:
        return Bound(operator, "formula", words=(value,))
    words = tuple(str(v) for v in value) if isinstance(value, tuple) else () if value is None else (str(value),)
    return Bound(operator, "words", words=words)


def _or_nan(number: float | None) -> float:
    return nan if number is None else number


def _read_numbers(operator: str, numbers: tuple[float, ...], unit: str | None) -> Bound:
    try:
        based = [_to_base(n, unit) for n in numbers]
    except CriteriaError:
        return Bound(operator, "numbers", numbers, unit)  # a unit that is not known is the same as itself
    return Bound(operator, "numbers", tuple(n for n, _ in based), _plain_angle(based[0][1]))


@lru_cache(maxsize=1 << 14)
def _to_base(number: float, unit: str | None) -> tuple[float, str | None]:
    return to_base(number, unit)


def _plain_angle(unit: str | None) -> str | None:
    return None if unit == "rad" else unit  # an angle without a unit is in radians


def _read_ramp(operator: str, x: list[float], y: list[float], unit: str | None) -> Bound | None:
    if len(x) != len(y) or not x:
        return None
    heights = _read_numbers(operator, tuple(y), unit)
    corners = list(zip(x, heights.numbers, strict=True))
    while len(corners) > 2 and corners[0][1] == corners[1][1]:
        corners.pop(0)
    while len(corners) > 2 and corners[-1][1] == corners[-2][1]:
        corners.pop()
    for left, middle, right in reversed(list(zip(corners, corners[1:], corners[2:], strict=False))):
        if _is_straight(left, middle, right):
            corners.remove(middle)
    return Bound(operator, "ramp", tuple(n for corner in corners for n in corner), heights.unit)


def _is_straight(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    steps = [(q[0] - p[0], q[1] - p[1]) for p, q in pairwise((a, b, c))]
    return isclose(steps[0][1] * steps[1][0], steps[1][1] * steps[0][0], rel_tol=TOLERANCE)


def _is_count(variable: str, unit: str | None) -> bool:
    return unit is None and (variable == "n" or (variable.startswith("other:") and is_count(variable[6:])))


def _count(bound: Bound) -> Bound:
    """One spelling of a condition on a count."""
    if bound.kind != "numbers":
        return bound
    operator, first = bound.operator, bound.numbers[0]
    if len(bound.numbers) > 1:
        whole = sorted(bound.numbers)
        if operator == "in" and all(b == a + 1 for a, b in pairwise(whole)):
            return bound._replace(operator="between", numbers=(whole[0], whole[-1]))
        return bound
    if operator == ">":
        operator, first = ">=", first + 1
    elif operator == "<":
        operator, first = "<=", first - 1
    if (operator, first) == ("<=", 0.0):
        operator = "=="
    elif (operator, first) == ("!=", 0.0):
        operator, first = ">=", 1.0
    return bound._replace(operator=operator, numbers=(first,))


def _read_absolute(variable: str, bound: Bound, closed: str | None) -> tuple[str, list[Bound]] | None:
    """A range of a coordinate around 0, or of an absolute value from 0, as a limit on the absolute value."""
    if bound.operator not in _SIDES or bound.kind != "numbers" or len(bound.numbers) != 2:
        return None
    low, high = bound.numbers
    around = variable in ("eta", "deltaeta", "deltaphi") and low == -high
    if not around and not (variable.startswith("abs_") and low == 0.0 < high):
        return None
    limited = variable if variable.startswith("abs_") else f"abs_{variable}"
    strict, loose = _SIDES[bound.operator]
    told = {"none": (strict,), "both": (loose,)} if bound.operator == "between" else {}
    operators = told.get(closed or "", (strict, loose))
    return limited, [bound._replace(operator=o, numbers=(high,)) for o in operators]


def _is_same(gold: Bound, found: Bound) -> bool:
    if gold.operator != found.operator or gold.kind != found.kind:
        return False
    if gold.kind in ("numbers", "ramp"):
        return are_numbers_same(gold, found)
    if gold.kind == "formula":
        return _are_formulas_same(gold.words[0], found.words[0])
    return gold.kind == "nothing" or _are_words_same(gold, found)


def are_numbers_same(gold: Bound, found: Bound) -> bool:
    """Whether two bounds have the same numbers in the same unit, whatever the comparison."""
    if len(gold.numbers) != len(found.numbers):
        return False
    nought = not any(gold.numbers) and not any(found.numbers)  # 0 needs no unit, but a wrong one is wrong
    if gold.unit != found.unit and not (nought and found.unit is None):
        return False
    pairs = zip(gold.numbers, found.numbers, strict=True)
    if gold.kind == "numbers" and gold.operator in ("in", "not in"):
        pairs = zip(sorted(gold.numbers), sorted(found.numbers), strict=True)
    return all(isnan(a) or isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12) for a, b in pairs)


def _are_formulas_same(gold: str, found: str) -> bool:
    """The same numbers with the same signs, and much the same letters, in any order."""
    if _read_signed(gold) != _read_signed(found):
        return False
    a, b = (" ".join(_LETTERS.findall(re.sub(r"[_^{}]", "", text).lower())) for text in (gold, found))
    return fuzz.token_set_ratio(a, b) >= LABEL_RATIO


def _read_signed(formula: str) -> list[tuple[str, float]]:
    """The numbers of a formula, each with the sign before it; a sign of addition is none."""
    signs = {"−": "-", "–": "-", "+": "", "(": "", ",": ""}
    return sorted((signs.get(sign, sign), float(number)) for sign, number in _SIGNED.findall(formula))


def _are_words_same(gold: Bound, found: Bound) -> bool:
    """Labels are free text. One that was read must not contradict; a list must be the same list."""
    a, b = gold.words, found.words
    if len(a) > 1 and len(b) > 1:
        if len(a) != len(b):
            return False
        if gold.operator.endswith("order"):
            return all(words_agree(x, y) for x, y in zip(a, b, strict=True))
        return all(any(words_agree(x, y) for y in b) for x in a) and all(any(words_agree(x, y) for x in a) for y in b)
    one, other = " ".join(a), " ".join(b)
    if gold.operator.removeprefix("not ") in ("order", "pass", "fail"):
        return not one or not other or spell_grades(one) == spell_grades(other)
    return bool(one) and bool(other) and words_agree(one, other, ratio=LABEL_RATIO)
