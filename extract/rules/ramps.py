"""Thresholds that are functions: constant, then linear between two points, then constant.

Papers print the function ("12 GeV for m_4ℓ below 140 GeV, rising linearly to 50 GeV at 190 GeV"), its two ends
("increases linearly from 3 GeV at ΔR = 0 to 8 GeV at ΔR = 0.2") or its two ranges ("between 140 and 190 GeV it rises
linearly from 12 to 50 GeV").
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.statements import Bound, Statement
from extract.rules.tokens import Token
from extract.rules.variables import Quantity
from schemas.finding import Ramp
from schemas.vocabulary import Operator


class Ramped(NamedTuple):
    """A ramp at tokens [first, last); what it bounds is named by `quantity` (its own) or by `symbol` elsewhere."""

    first: int
    last: int
    x: tuple[float | None, float]
    y: tuple[float | None, float]
    x_unit: str | None
    y_unit: str | None
    argument: str
    quantity: Quantity | None
    symbol: str | None
    at: int  # the token of the first number

    def covers(self, statement: Statement) -> bool:
        """Whether the statement was read from inside the ramp's phrase."""
        return statement.first < self.last and statement.last > self.first

    def build(self, y_start: float | None = None) -> Ramp | None:
        """The ramp; `y_start` stands in for a first value that was printed in the text before."""
        low_y = self.y[0] if self.y[0] is not None else y_start
        if self.x[0] is None or low_y is None or self.x[0] >= self.x[1]:
            return None
        return Ramp(argument=self.argument, x=(self.x[0], self.x[1]), y=(low_y, self.y[1]), x_unit=self.x_unit)

    def bound(self, ramp: Ramp, operator: Operator) -> Bound:
        """The threshold that the ramp is."""
        return Bound(operator, ramp, self.y_unit, self.at)


_LINEARLY = re.compile(r"linear(?:ly)?", re.IGNORECASE)
_Y = r"(?:V+R|C?V*o|C|M|b)?NU?"
_X = r"[dw]*O?V*(?:[RoC]|b)?NU?"
_AT = r"[PIo]"
_FILL = r"[wdPoHI]*?(?:(?:P|H|o|w)[dw]*O?V+)?w{0,2}"
_ENDS = re.compile(rf"{_FILL}[BPT]?(?P<y0>{_Y}){_AT}(?P<x0>{_X})(?:,?[TA])[dw]?(?P<y1>{_Y}){_AT}(?P<x1>{_X})")
_RANGES = re.compile(
    rf"{_FILL}[BP](?P<y0>{_Y})[TA](?P<y1>{_Y})(?:(?:[PIwd]*V*w?G?)?[BP]?V*(?P<x0>NU?)[AT](?P<x1>NU?))?"
)
_END = re.compile(rf"{_FILL}T[dw]?(?P<y1>{_Y}){_AT}(?P<x1>{_X})")
_START = re.compile(rf"(?P<v>V)?(?:b|C|M|[wdHo])*(?P<y0>NU?)(?:{_AT}|H)(?P<x0>[dw]*O?V*(?:[RCo]|b|w)*NU?)")
_LEAD = re.compile(r"(?:C|P|I|G)[dw]*O?(?P<v>V+)[oRC]?(?P<x0>NU?),")
_BETWEEN = re.compile(r"(?:B|G)(?P<x0>NU?)[ATD](?P<x1>NU?)|(?P<y>N)U?R(?P<w>V)R(?P<z>N)U?")


def find_ramps(tokens: Sequence[Token], letters: str) -> list[Ramped]:
    """The ramps of a sentence; one for each "linearly" whose points are printed."""
    ramps = []
    for i, token in enumerate(tokens):
        if token.kind == "word" and _LINEARLY.fullmatch(token.text.strip(".,")):
            ramp = _read(i, tokens, letters)
            if ramp is not None:
                ramps.append(ramp)
    return ramps


def _read(i: int, tokens: Sequence[Token], letters: str) -> Ramped | None:
    after = letters[i + 1 :]
    shift = i + 1
    ends = _ENDS.match(after)
    if ends:
        spans = {k: _number(tokens, shift + ends.start(k), shift + ends.end(k)) for k in ("y0", "x0", "y1", "x1")}
        quantity = _named(tokens, shift + ends.start("y0"), shift + ends.end("y0")) or _before(tokens, i)
        argument = _named(tokens, shift + ends.start("x0"), shift + ends.end("x0")) or _named(
            tokens, shift + ends.start("x1"), shift + ends.end("x1")
        )
        return _make(i, shift + ends.end(), spans, quantity, argument, None)
    ranges = _RANGES.match(after)
    if ranges:
        return _read_ranges(i, ranges, tokens, letters)
    end = _END.match(after)
    if end:
        return _read_end(i, end, tokens, letters)
    return None


def _read_ranges(i: int, ranges: re.Match[str], tokens: Sequence[Token], letters: str) -> Ramped | None:
    """ "… rises linearly from 12 to 50 GeV between 140 and 190 GeV", or with the range of x in front."""
    shift = i + 1
    names = [k for k in ("y0", "y1", "x0", "x1") if ranges.group(k)]
    spans = {k: _number(tokens, shift + ranges.start(k), shift + ranges.end(k)) for k in names}
    first = i
    if "x0" not in spans:
        before = list(_BETWEEN.finditer(letters[:i]))
        if not before or before[-1].group("x0") is None:
            return None
        found = before[-1]
        spans |= {k: _number(tokens, found.start(k), found.end(k)) for k in ("x0", "x1")}
        first = found.start()
    argument = _named(tokens, i, shift + ranges.end()) or _before(tokens, first)
    return _make(first, shift + ranges.end(), spans, _before(tokens, i), argument, None)


def _read_end(i: int, end: re.Match[str], tokens: Sequence[Token], letters: str) -> Ramped | None:
    """Only the end follows "linearly"; the start stands in front, in the sentence or in the one before."""
    shift = i + 1
    spans = {k: _number(tokens, shift + end.start(k), shift + end.end(k)) for k in ("y1", "x1")}
    last = shift + end.end()
    argument = _named(tokens, shift + end.start("x1"), last)
    starts = list(_START.finditer(letters[:i]))
    if starts:
        found = starts[-1]
        spans |= {k: _number(tokens, found.start(k), found.end(k)) for k in ("y0", "x0")}
        argument = argument or _named(tokens, found.start("x0"), found.end("x0"))
        symbol = tokens[found.start("v")].text if found.group("v") else None
        quantity = _before(tokens, found.start("y0"))
        first = found.start("v") if found.group("v") else found.start("y0")
        return _make(first, last, spans, quantity, argument, symbol)
    lead = _LEAD.search(letters[:i])
    if lead is None:
        return None
    spans["x0"] = _number(tokens, lead.start("x0"), lead.end("x0"))
    argument = argument or _named(tokens, lead.start("v"), lead.end("v"))
    return _make(lead.start(), last, spans, _before(tokens, i), argument, None)


_Number = tuple[float, str | None, int] | None


def _make(
    first: int,
    last: int,
    spans: dict[str, _Number],
    quantity: Quantity | None,
    argument: Quantity | None,
    symbol: str | None,
) -> Ramped | None:
    y1, x1, x0, y0 = (spans.get(k) for k in ("y1", "x1", "x0", "y0"))
    if y1 is None or x1 is None:
        return None
    at = y0[2] if y0 else y1[2]
    return Ramped(
        first, last, (x0[0] if x0 else None, x1[0]), (y0[0] if y0 else None, y1[0]), x1[1] or (x0[1] if x0 else None),
        y1[1] or (y0[1] if y0 else None), argument.text if argument else "?", quantity, symbol, at,
    )  # fmt: skip


def _number(tokens: Sequence[Token], first: int, last: int) -> _Number:
    for i in range(first, last):
        value = tokens[i].value
        if tokens[i].kind == "number" and value is not None:
            unit = tokens[i + 1].text if i + 1 < len(tokens) and tokens[i + 1].kind == "unit" else None
            return value, unit, i
    return None


def _named(tokens: Sequence[Token], first: int, last: int) -> Quantity | None:
    return next((q for t in tokens[first:last] if (q := t.quantity)), None)


def _before(tokens: Sequence[Token], at: int) -> Quantity | None:
    """The quantity named last in front of token `at`."""
    return next((q for t in reversed(tokens[:at]) if (q := t.quantity)), None)
