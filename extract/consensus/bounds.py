"""What survives a finding: one spelling of operator, polarity, value and unit."""

import re
from math import inf
from typing import Literal, NamedTuple

from extract.consensus.words import Phrase, read_phrase, round_value
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import to_base

COMPLEMENT: dict[str, str] = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass", "in": "not in",
}  # fmt: skip
DIRECTIONS = {">": "lower", ">=": "lower", "<": "upper", "<=": "upper"}
NEGATIVE = {"remove_object": "object", "reject_event": "event"}
_OWN_WORDS = re.compile(
    r"\b(?:signs?|charged?s?|flavou?rs?|working point|wp|identification|criteria|requirements?)\b", re.I
)

Goes = Literal["", "object", "event"]
Intervals = tuple[tuple[float, float], ...]


class Bound(NamedTuple):
    """What is asked of the variable, for what survives. `values` are in base units.

    `direction` is lower, upper, or an operator without strictness; `label` stands for labels and lists of them.
    """

    direction: str
    values: tuple[float, ...]
    unit: str | None
    label: tuple[str, ...] = ()


class Spelling(NamedTuple):
    """What may be said in more than one way: strict or not, ends of a range, the outcome that is named."""

    strict: bool | None
    closed: str | None
    goes: Goes


def read_bound(finding: Finding) -> tuple[Bound, Spelling]:
    """What survives the finding, and how it says so."""
    goes: Goes = NEGATIVE.get(finding.effect, "")  # type: ignore[assignment]  # the values are those of Goes
    operator: str = finding.operator
    if goes:
        operator = COMPLEMENT.get(operator, f"not {operator}")
    closed: str | None = finding.closed
    value = finding.value
    if isinstance(value, Ramp):
        xs = tuple(_convert(x, value.x_unit)[0] for x in value.x)
        ys = [_convert(y, finding.unit) for y in value.y]
        direction = DIRECTIONS.get(operator, operator)
        strict = operator in (">", "<") if operator in DIRECTIONS else None
        return Bound(f"ramp {direction}", (*xs, *(y for y, _ in ys)), ys[0][1] if ys else None), Spelling(
            strict, None, goes
        )
    if value is None or isinstance(value, str) or (isinstance(value, tuple) and any(isinstance(v, str) for v in value)):
        return _read_label(operator, value), Spelling(None, None, goes)
    numbers = value if isinstance(value, tuple) else (value,)
    converted = [_convert(float(v), finding.unit) for v in numbers]
    values, unit = tuple(v for v, _ in converted), converted[0][1] if converted else None
    if len(values) == 1 and counts(finding) and values[0].is_integer():
        operator, count = _count(operator, values[0])
        return Bound(operator, (count,), None), Spelling(None, None, goes)
    if operator in ("between", "outside") and len(values) == 2:
        values = (min(values), max(values))
        if values[0] == -values[1] and values[1] > 0 and finding.variable in ("eta", "abs_eta", "deltaphi", "deltaeta"):
            return Bound("upper" if operator == "between" else "lower", values[1:], unit), Spelling(None, None, goes)
        return Bound(operator, values, unit), Spelling(None, None if goes else closed, goes)
    if operator in ("in", "not in"):
        return Bound(operator, tuple(sorted(values)), unit), Spelling(None, None, goes)
    if operator in DIRECTIONS and len(values) == 1:
        return Bound(DIRECTIONS[operator], values, unit), Spelling(operator in (">", "<"), None, goes)
    return Bound(operator, values, unit), Spelling(None, None, goes)


def counts(finding: Finding) -> bool:
    """Whether the variable is a number of things."""
    return finding.variable == "n" or finding.variable.lower().startswith(("other:n_", "other:number of"))


def spellings_agree(a: Spelling, b: Spelling) -> bool:
    """Whether two ways of saying one bound agree.

    "< 0.1 removed" is said as "> 0.1 kept" and as "≥ 0.1 kept", so strictness counts only between equal polarities.
    An object that goes is not an event that goes.
    """
    if a.goes and b.goes and a.goes != b.goes:
        return False
    if a.closed is not None and b.closed is not None and a.closed != b.closed:
        return False
    if bool(a.goes) != bool(b.goes) or a.strict is None or b.strict is None:
        return True
    return a.strict == b.strict


def list_allowed(bound: Bound) -> Intervals | None:
    """The values that survive, as intervals without regard to their ends; None where that makes no sense."""
    values = bound.values
    if len(values) == 1:
        value = values[0]
        above, below = (value, inf), (-inf, value)
        known = {"lower": above, ">=": above, "upper": below, "<=": below, "==": (value, value)}
        return (known[bound.direction],) if bound.direction in known else None
    if len(values) != 2:
        return None
    if bound.direction == "outside":
        return ((-inf, values[0]), (values[1], inf))
    return ((values[0], values[1]),) if bound.direction == "between" else None


def intersect(a: Intervals, b: Intervals) -> Intervals:
    """What both allow."""
    both = ((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)
    return tuple(sorted((low, high) for low, high in both if low < high or (low == high and abs(low) < inf)))


def unite(a: Intervals, b: Intervals) -> Intervals:
    """What either allows; intervals that overlap become one."""
    joined: list[tuple[float, float]] = []
    for low, high in sorted((*a, *b)):
        if joined and low < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return tuple(joined)


def read_label_words(bound: Bound) -> Phrase | None:
    """The words of a label or of a list of labels; None for a number, or where nothing is named."""
    return read_phrase(" ; ".join(bound.label)) if bound.label else None


def _read_label(operator: str, value: str | tuple[object, ...] | None) -> Bound:
    passing = {"==": "pass", "in": "pass", ">=": "pass", "!=": "fail", "not in": "fail"}
    labels = () if value is None else (value,) if isinstance(value, str) else tuple(str(v) for v in value)
    plain = tuple(_OWN_WORDS.sub(" ", label).strip() or label for label in labels)
    ordered = operator in ("order", "not order")
    return Bound(passing.get(operator, operator), (), None, plain if ordered else tuple(sorted(plain)))


def _count(operator: str, value: float) -> tuple[str, float]:
    if operator == ">":
        operator, value = ">=", value + 1
    elif operator == "<":
        operator, value = "<=", value - 1
    if (operator, value) == ("<=", 0.0):
        return "==", 0.0
    if (operator, value) == ("!=", 0.0):
        return ">=", 1.0
    return operator, value


def _convert(value: float, unit: str | None) -> tuple[float, str | None]:
    """In base units; a unit that is not known stays as printed, and radians are plain numbers."""
    try:
        base, name = to_base(value, unit)
    except CriteriaError:
        return round_value(value), unit
    return round_value(base), None if name == "rad" else name
