"""Pairs of numbers that bound one quantity, in symbols ("a < x < b") and in words ("between a and b", "a to b")."""

import re
from collections.abc import Sequence

from extract.grounding.statements import PrintedNumber, PrintedRange
from extract.grounding.tokens import Token
from schemas.vocabulary import Closed

_OUTSIDE = re.compile(
    r"(?:\boutside\b|\bwithout(?=\s(?:\w+[\s-]){1,4}(?:region|range|window|interval|gap|crack)\b))"
    r"(?:\s(?:of|from|between|the|this|a|an|region|regions|range|window|interval|mass|transition|and|barrel|endcap"
    r"|barrel-endcap|crack|gap|to|uninstrumented|overlap))*[^\w|]*$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"(?:∈|\bin\b|range|interval|window|region|between|=)\s*(?:of\s*)?$")


def find_ranges(text: str, tokens: Sequence[Token], numbers: Sequence[PrintedNumber]) -> tuple[PrintedRange, ...]:
    """The ranges of a statement; a twin at an end gives a second range ("a < x < b (c)")."""
    found: list[PrintedRange] = []
    for i in range(len(numbers) - 1):
        for j in _partners(numbers, i):
            pair = _read_pair(text, tokens, numbers, i, j)
            if pair is not None:
                found.append(pair)
    return tuple(found)


def _partners(numbers: Sequence[PrintedNumber], i: int) -> list[int]:
    """The next number; past it its twin, and past an own twin the number behind that."""
    partners = [i + 1]
    if i + 2 < len(numbers) and (numbers[i + 2].twin == i + 1 or numbers[i + 1].twin == i):
        partners.append(i + 2)
    if i + 3 < len(numbers) and numbers[i + 1].twin == i and numbers[i + 3].twin == i + 2:
        partners.append(i + 2)
    return partners


def _read_pair(
    text: str, tokens: Sequence[Token], numbers: Sequence[PrintedNumber], i: int, j: int
) -> PrintedRange | None:
    a, b = numbers[i], numbers[j]
    if b.twin == i:
        return None
    lower, upper = (i, j) if a.value <= b.value else (j, i)
    between = [t for t in tokens[a.token + 1 : b.token] if t.kind not in ("unit", "mark")]
    if b.twin is not None and j == i + 2:  # what stands between is read up to the number that b stands beside
        between = [t for t in tokens[a.token + 1 : numbers[i + 1].token] if t.kind not in ("unit", "mark")]
    elif a.twin is None and j == i + 2 and numbers[i + 1].twin == i:
        closing = next((c for c in range(numbers[i + 1].token, b.token) if tokens[c].kind == "close"), b.token)
        between = [t for t in tokens[closing + 1 : b.token] if t.kind not in ("unit", "mark")]
    outside = bool(_OUTSIDE.search(text[: a.start].rstrip("(|[ ")) or _OUTSIDE.search(text[: a.start]))
    if (signs := _read_signs(between)) is not None:
        return PrintedRange(lower, upper, signs, outside)
    words = " ".join(t.text.lower() for t in between)
    before = text[: a.start].rstrip().lower()
    if a.value < b.value and (
        words in ("-", "–", "—", "to", "up to", "− ")
        or (words == "and" and before.endswith("between"))
        or (words == "," and _is_interval(text, tokens, a, b))
    ):
        closed: Closed | None = None
        return PrintedRange(lower, upper, closed, outside)
    return _join_sides(numbers, i, j, between)


def _is_interval(text: str, tokens: Sequence[Token], a: PrintedNumber, b: PrintedNumber) -> bool:
    """Whether the two stand in brackets as an interval: "in [105, 160] GeV"."""
    opened = tokens[a.token - 1].kind == "open" if a.token else False
    closing = tokens[b.token + 1 : b.token + 3]
    return (
        opened
        and any(t.kind == "close" for t in closing)
        and bool(_INTERVAL.search(text[: a.start - 1].rstrip() + " "))
    )


def _read_signs(between: Sequence[Token]) -> Closed | None:
    """The closed ends of `a < x <= b`; None when the tokens between two numbers are not that."""
    signs = [t for t in between if t.kind == "relation"]
    rest = [t for t in between if t.kind != "relation"]
    if len(signs) != 2 or between[0].kind != "relation" or between[-1].kind != "relation":
        return None
    if len(rest) > 8 or any(t.kind in ("number", "comma") for t in rest):
        return None
    first, second = signs[0].operator or "~", signs[1].operator or "~"
    if {first[0], second[0]} == {"<"}:
        return _close("=" in first, "=" in second)
    if {first[0], second[0]} == {">"}:
        return _close("=" in second, "=" in first)
    return None


def _close(left: bool, right: bool) -> Closed:
    if left and right:
        return "both"
    return "left" if left else "right" if right else "none"


def _join_sides(numbers: Sequence[PrintedNumber], i: int, j: int, between: Sequence[Token]) -> PrintedRange | None:
    """Two one-sided relations of one quantity: "above 50 and below 106" (inside), "< 1.37 or > 1.52" (outside)."""
    a, b = numbers[i], numbers[j]
    words = {t.text.lower() for t in between}
    if len(a.operators) != 1 or len(b.operators) != 1 or not words & {"and", "or", "but", ","} or j != i + 1:
        return None
    if (a.variables and b.variables and not a.variables & b.variables) or len(between) > 8:
        return None
    if (a.unit is None) != (b.unit is None) or a.counts or b.counts:
        return None
    (first,), (second,) = a.operators, b.operators
    if a.value > b.value:
        a, b, first, second, i, j = b, a, second, first, j, i
    if first[0] == ">" and second[0] == "<" and "or" not in words:
        return PrintedRange(i, j, _close("=" in first, "=" in second), False)
    if first[0] == "<" and second[0] == ">" and "or" in words:  # what is left out is the closed complement
        return PrintedRange(i, j, _close("=" not in first, "=" not in second), True)
    return None
