"""Numbers and conditions of which some are missing: NaN and None stand for that, and nothing raises."""

import math

from schemas.expressions.nodes import Relation

NAN = math.nan
Truth = bool | None  # None: a value that decides is missing


def finite(value: float) -> float:
    """The value, NaN where it is not finite."""
    return value if math.isfinite(value) else NAN


def calculate(sign: str, a: float, b: float) -> float:
    """a sign b; missing for a division by 0."""
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return finite(a / b) if b else NAN


def apply_function(name: str, *given: float) -> float:
    """A function of one or two numbers; missing where it is not defined."""
    if any(x != x for x in given):
        return NAN
    x = given[0]
    match name:
        case "abs":
            return abs(x)
        case "sign":
            return math.copysign(1.0, x) if x else 0.0
        case "min":
            return min(given)
        case "max":
            return max(given)
        case "bit":
            return float(int(x) >> int(given[1]) & 1)
    try:
        return finite(float(getattr(math, name)(*given)))
    except (ValueError, OverflowError):
        return NAN


def compare(relation: Relation, a: float, b: float) -> Truth:
    """A comparison; None when either side is missing."""
    if a != a or b != b:
        return None
    match relation:
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case ">=":
            return a >= b
        case "==":
            return a == b
    return a != b


def negate(truth: Truth) -> Truth:
    """The opposite; missing stays missing."""
    return None if truth is None else not truth


def join_and(truths: "list[Truth] | tuple[Truth, ...]") -> Truth:
    """False when one is false, else missing when one is missing."""
    return False if False in truths else None if None in truths else True


def join_or(truths: "list[Truth] | tuple[Truth, ...]") -> Truth:
    """True when one is true, else missing when one is missing."""
    return True if True in truths else None if None in truths else False
