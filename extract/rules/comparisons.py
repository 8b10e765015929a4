"""Numeric statements in a sentence: numbers and the way they bound something.

The patterns run over the sentence spelled with one letter per token (`tokens.LETTERS`). Which quantity is bounded is
found by `naming`, who it is about by `owners`.
"""

import re
from typing import NamedTuple

from extract.rules.subjects import Noun
from extract.rules.tokens import Token
from extract.rules.variables import Quantity
from schemas.vocabulary import Closed, Operator


class Bound(NamedTuple):
    """One threshold: a number, a range or a set of numbers, the unit as printed, and the token of the (first) number."""

    operator: Operator
    value: float | tuple[float, ...]
    unit: str | None
    at: int
    closed: Closed | None = None


class Statement(NamedTuple):
    """What tokens [first, last) say: bounds on a quantity, or a count of `counted` (or of a `part`, such as hits)."""

    first: int
    last: int
    bounds: tuple[Bound, ...]
    quantities: tuple[Quantity, ...] = ()  # empty until named; more than one: "|d_0| and |z_0|"
    counted: Noun | None = None
    part: str | None = None
    twin: bool = False  # the second bound stands in brackets
    symbol: str | None = None  # bounds from below in "m_min < m_34 < 115 GeV"
    share_of: Quantity | None = None  # "0.35 times m_γγ", "16% of the lepton p_T"

    @property
    def is_count(self) -> bool:
        """Whether objects or their parts are counted."""
        return self.counted is not None or self.part is not None


_VALUE = r"NU?"
_TWIN = r"(?:\(NU?\)U?)"
_NEXT = rf"(?:(?:,[AX]|[,AX])[dw]?{_VALUE}{_TWIN}?(?![DRT]))"
_FILL = r"(?:[wdaKq]|,(?=[wdaK]+O)|A(?=w+O)){0,6}?"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("inequality", rf"(?P<low>{_VALUE}|V)R(?P<v>V+)R{_VALUE}{_TWIN}?"),
    ("flipped", rf"{_VALUE}R(?P<v>V)(?!R)"),
    ("interval", rf"[RGE]?B{_VALUE}(?:A|D|,|T){_VALUE}(?:(?:,[AX]|[AX,])B?{_VALUE}[AD]{_VALUE})*"),
    (
        "ranges",
        rf"(?:(?P<lead>[RGE:]{{1,2}})|(?<=[V)XCA,])){_VALUE}(?:D|T|(?<=U)D){_VALUE}(?:[,AX]+G?{_VALUE}D{_VALUE})*",
    ),
    ("count_set", rf"(?P<n>[WN])X(?P<m>[WN]){_FILL}(?P<o>[OY])"),
    ("count_more", rf"(?P<n>[WN])(?:XC|C){_FILL}(?P<o>[OY])"),
    ("count", rf"(?P<c>[CR])(?P<n>[WN]){_FILL}(?P<o>[OY])"),
    ("none", rf"Z{_FILL}(?P<o>[OY])"),
    ("list", rf"(?P<c>[RC]){_VALUE}{_TWIN}?{_NEXT}*(?:,?Q)?"),
    ("at_distance", rf"(?<=V)o{_VALUE}{_TWIN}?(?![DT])"),
    ("exact_count", rf"(?:(?<=[HMSAX,:(JPRqoL])|(?<=^))(?P<n>W){_FILL}(?P<o>[OY])"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)
_LARGEST_COUNT = 30


def find_statements(tokens: list[Token], letters: str) -> list[Statement]:
    """The numeric statements of a sentence in order, without overlap; quantities are those inside the pattern only."""
    taken = [False] * len(tokens)
    found: list[Statement] = []
    for name, pattern in _COMPILED:
        for match in pattern.finditer(letters):
            first, last = match.span()
            if any(taken[first:last]):
                continue
            statement = _build(name, match, tokens, letters)
            if statement is None:
                continue
            found.append(statement)
            taken[first:last] = [True] * (last - first)
    return sorted(found, key=lambda s: s.first)


def _build(name: str, match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    if "n" in match.groupdict() or name == "none":
        return _build_count(name, match, tokens)
    if name == "inequality":
        return _build_inequality(match, tokens, letters)
    values = _read_values(tokens, letters, *match.span())
    if not values:
        return None
    if name == "flipped":
        at = match.start("v")
        value, unit, place = values[0]
        bound = Bound(_flip(tokens[at - 1].operator or ""), value, unit, place)
        return Statement(*match.span(), (bound,), _quantities(tokens, [at]))
    if name in ("interval", "ranges"):
        return _build_ranges(match, values, letters)
    first, last = match.span()
    operator = _operator(tokens[first].operator or "==")
    unit = values[-1][1]
    bounds = tuple(Bound(operator, value, own or unit, at) for value, own, at in values)
    return Statement(first, last, bounds, twin="(" in letters[first:last])


def _build_inequality(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    first, last = match.span()
    inner = range(*match.span("v"))
    left = _operator(tokens[match.end("low")].operator or "==")
    right = _operator(tokens[inner[-1] + 1].operator or "==")
    highs = _read_values(tokens, letters, inner[-1] + 2, last)
    named = _quantities(tokens, list(inner))
    if letters[first] == "V":
        if left not in ("<", "<=", ">", ">="):
            return None
        bounds = tuple(Bound(right, x, u, at) for x, u, at in highs)
        return Statement(first, last, bounds, named, twin=len(highs) > 1, symbol=tokens[first].text)
    low = _read_values(tokens, letters, first, inner[0])[0]
    unit = highs[-1][1] or low[1]
    if left[0] != right[0] or left[0] not in "<>":
        return None
    rising = left[0] == "<"
    bounds = tuple(
        Bound("between", (low[0], x) if rising else (x, low[0]), unit, low[2], _close(left, right) if rising else
              _close(right, left))
        for x, _, _ in highs
    )  # fmt: skip
    return Statement(first, last, bounds, named, twin=len(highs) > 1)


def _build_ranges(match: re.Match[str], values: list[tuple[float, str | None, int]], letters: str) -> Statement | None:
    first, last = match.span()
    pairs = list(zip(values[::2], values[1::2], strict=False))
    if len(values) % 2 or any(low[0] >= high[0] for low, high in pairs):
        return None
    operator: Operator = "outside" if "E" in letters[first:last] else "between"
    unit = values[-1][1]
    bounds = tuple(Bound(operator, (a[0], b[0]), b[1] or a[1] or unit, a[2]) for a, b in pairs)
    return Statement(first, last, bounds)


def _build_count(name: str, match: re.Match[str], tokens: list[Token]) -> Statement | None:
    first, last = match.span()
    target = tokens[match.start("o")]
    if name == "none":
        bound = Bound("==", 0.0, None, first)
    else:
        at = match.start("n")
        number = tokens[at].value
        if number is None or not number.is_integer() or not 0 <= number <= _LARGEST_COUNT:
            return None
        operator: Operator = "=="
        value: float | tuple[float, ...] = number
        if name == "count_set":
            operator, value = "in", (number, tokens[match.start("m")].value or 0.0)
        elif name == "count_more":
            after = tokens[at + 1] if tokens[at + 1].kind == "compare" else tokens[at + 2]
            if not after.text.lower().startswith(("or ", "more", "fewer", "less", "greater")):
                return None
            operator = ">=" if after.operator in (">", ">=") else "<="
        elif name == "count":
            operator = _operator(tokens[first].operator or "==")
        bound = Bound(operator, value, None, at)
    return Statement(first, last, (bound,), counted=target.noun, part=target.text if target.noun is None else None)


def _read_values(tokens: list[Token], letters: str, first: int, last: int) -> list[tuple[float, str | None, int]]:
    """The numbers at tokens [first, last), each with the unit printed behind it (or behind its bracket)."""
    values: list[tuple[float, str | None, int]] = []
    for i in range(first, last):
        if letters[i] != "N":
            continue
        after = re.match(r"(?:\)|\(NU?\))?U", letters[i + 1 :])
        unit = tokens[i + after.end()].text if after else None
        values.append((tokens[i].value or 0.0, unit, i))
    return values


def _quantities(tokens: list[Token], places: list[int]) -> tuple[Quantity, ...]:
    known = [q for i in places if (q := tokens[i].quantity)]
    best = [q for q in known if not q.variable.startswith("other:")] or known
    return (best[-1],) if best else ()


def _operator(printed: str) -> Operator:
    operators: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "!=": "!="}
    return operators.get(printed, "==")


def _flip(printed: str) -> Operator:
    flipped: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    return flipped.get(printed, "==")


def _close(low: str, high: str) -> Closed:
    names: dict[tuple[bool, bool], Closed] = {
        (False, False): "none", (True, False): "left", (False, True): "right", (True, True): "both",
    }  # fmt: skip
    return names["=" in low, "=" in high]
