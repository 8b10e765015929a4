"""Numeric statements in a sentence: numbers and the way they bound something.

The patterns run over the sentence spelled with one letter per token (`tokens.LETTERS`). Which quantity is bounded is
found by `naming`, who it is about by `owners`.
"""

import re
from typing import NamedTuple

from extract.rules.subjects import Noun
from extract.rules.tokens import Token
from extract.rules.variables import Quantity
from schemas.finding import Ramp
from schemas.vocabulary import Closed, Operator


class Bound(NamedTuple):
    """One threshold: a number, a range or a set of numbers, the unit as printed, and the token of the (first) number."""

    operator: Operator
    value: float | tuple[float, ...] | Ramp
    unit: str | None
    at: int
    closed: Closed | None = None


class Statement(NamedTuple):
    """What tokens [first, last) say: bounds on a quantity, or a count of `counted` (or of a `part`, such as hits)."""

    first: int
    last: int
    bounds: tuple[Bound, ...]
    quantities: tuple[Quantity, ...] = ()  # empty until named; more than one: "|d_0| and |z_0|"
    named: tuple[int, ...] = ()  # the tokens that name the quantities
    counted: tuple[Noun, ...] = ()
    part: str | None = None
    twin: bool = False  # the second bound (or counted noun) stands in brackets
    alternatives: bool = False  # the bounds are joined by "or"
    again: bool = False  # "… and 15 GeV for muons": operator and quantity of the statement before
    symbol: str | None = None  # bounds from below in "m_min < m_34 < 115 GeV"
    share_of: Quantity | None = None  # "0.35 times m_γγ", "16% of the lepton p_T"

    @property
    def is_count(self) -> bool:
        """Whether objects or their parts are counted."""
        return bool(self.counted) or self.part is not None

    @property
    def begin(self) -> int:
        """The first token that belongs to the statement, its name included."""
        return min([self.first, *self.named])


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
        rf"(?:(?P<lead>[RGE:]{{1,2}})|(?<=[V)XCA,b])){_VALUE}(?:D|T|(?<=U)D){_VALUE}(?:[,AX]+G?{_VALUE}D{_VALUE})*",
    ),
    ("series", rf"(?<![RCDVNUBW])[WN](?:,[WN])*,?[XA]C[WN]{_FILL}(?P<o>O)"),
    ("count_between", rf"B(?P<n>[WN])A(?P<m>[WN]){_FILL}(?P<o>O)"),
    ("count_list", rf"C?(?P<n>[WN])(?:,[WN])+,?X(?P<m>[WN]){_FILL}(?P<o>O)"),
    ("count_set", rf"(?P<n>[WN])X(?P<m>[WN]){_FILL}(?P<o>[OY])"),
    ("count_more", rf"(?P<n>[WN])(?:XC|C){_FILL}(?P<o>[OY])"),
    ("count", rf"(?P<c>[CR])(?P<n>[WN]){_FILL}(?P<o>[OY])"),
    ("none", rf"Z{_FILL}(?P<o>[OY])"),
    ("of_which", r"(?:oL)?C(?P<n>[WN])(?P<o>oL|[bSM])"),
    ("divided", r"(?P<c>[RC])(?P<w>V)(?!R)(?:[AX](?P<x>V)(?!R))?"),
    ("counted_value", r"(?P<c>[RCMb])W(?:XW)?(?![dwaKq]*[OYW])"),
    ("plus_minus", r"(?P<pm>w)NU?"),
    ("list", rf"(?P<c>[RC]){_VALUE}{_TWIN}?{_NEXT}*(?:,?Q)?"),
    ("at_distance", rf"(?<=V)o{_VALUE}{_TWIN}?(?![DT])"),
    ("copula", rf"(?:b|M|(?<=V)){_VALUE}{_TWIN}?(?![DTRW])"),
    ("again", r"(?:,A|[AX,])(?P<v>NU?)(?=[PIG(]|wP)"),
    ("exact_count", rf"(?:(?<=[HMSAX,:(JRqLP])|(?<=^))(?P<n>W){_FILL}(?P<o>[OY])"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)
_LARGEST_COUNT = 30
_COUNTED = re.compile(
    r"O(?:\((?P<t>[dwaKq]{0,2}O)\)(?:O|w)?|(?:(?:,[dwaKq]{0,2}O)*,?(?:A[dwaKq]{0,3}O(?![dwaKq]{0,3}(?:[MSJF]|b))|X[dwaKq]{0,3}O))?)"
)
_MINIMUM = re.compile(r"\b(?:minimum|minimal|lowest|lower)\b", re.IGNORECASE)
_MAXIMUM = re.compile(r"\b(?:maximum|maximal|highest allowed|upper)\b", re.IGNORECASE)
_THRESHOLD = re.compile(r"\bthresholds?\b|\bcut\b", re.IGNORECASE)
_LOOK_BACK = 8
_OUTSIDE = re.compile(r"E[wdPABqoVG(]{0,10}$")
_B_TAGGED = re.compile(r"\bb[- ]?(?:tagged|jets?|labelled)|tagged as (?:a )?b", re.IGNORECASE)
_SHARE = re.compile(r"^(?P<of>.*[^/\s])\s*/\s*(?P<by>\d+)$")


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
            if statement is None or any(taken[statement.first : statement.last]):
                continue
            found.append(statement)
            taken[statement.first : statement.last] = [True] * (statement.last - statement.first)
    return sorted(found, key=lambda s: s.first)


def _build(name: str, match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    if "o" in match.groupdict():
        return _build_count(name, match, tokens, letters)
    if name == "divided":
        return _build_divided(match, tokens)
    if name == "inequality":
        return _build_inequality(match, tokens, letters)
    if name == "counted_value":
        return _build_counted_value(match, tokens, letters)
    values = _read_values(tokens, letters, *match.span())
    if not values:
        return None
    if name == "plus_minus":
        if tokens[match.start("pm")].text != "±":
            return None
        value, unit, at = values[0]
        return Statement(*match.span(), (Bound("<", value, unit, at),), symbol="±")
    if name == "flipped":
        at = match.start("v")
        value, unit, place = values[0]
        bound = Bound(_flip(tokens[at - 1].operator or ""), value, unit, place)
        return Statement(*match.span(), (bound,), _quantities(tokens, [at]))
    if name == "copula":
        return _build_copula(match, values, tokens)
    if name in ("interval", "ranges"):
        return _build_ranges(match, values, letters)
    first, last = match.span()
    operator = _operator(tokens[first].operator or "==")
    unit = values[-1][1]
    bounds = tuple(Bound(operator, value, own or unit, at) for value, own, at in values)
    inner = re.sub(r"\(.*?\)", "", letters[first:last])
    return Statement(
        first, last, bounds, twin="(" in letters[first:last], alternatives="X" in inner and "A" not in inner,
        again=name == "again",
    )  # fmt: skip


def _build_copula(
    match: re.Match[str], values: list[tuple[float, str | None, int]], tokens: list[Token]
) -> Statement | None:
    """ "the minimum p_T is 30 GeV", "the threshold is set to 20 GeV"; a plain "is 5 GeV" states nothing."""
    first, last = match.span()
    before = " ".join(t.text for t in tokens[max(first - _LOOK_BACK, 0) : first])
    operator: Operator
    if _MINIMUM.search(before):
        operator = ">="
    elif _MAXIMUM.search(before):
        operator = "<="
    elif _THRESHOLD.search(before):
        operator = ">"
    else:
        return None
    bounds = tuple(Bound(operator, value, unit, at) for value, unit, at in values)
    return Statement(last - len(match.group().lstrip("bM")), last, bounds, twin=len(values) > 1)


def _build_counted_value(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    """ "the number of tracks must be one or three", "the sum of the charges has to be zero"."""
    first = match.start()
    values = [(t.value or 0.0, i) for i, t in enumerate(tokens[first : match.end()], first) if letters[i] == "W"]
    operator = _operator(tokens[first].operator or "==")
    start = first + 1 if letters[first] in "Mb" else first
    if len(values) > 1:
        bounds = (Bound("in", tuple(v for v, _ in values), None, values[0][1]),)
    else:
        bounds = (Bound(operator, values[0][0], None, values[0][1]),)
    return Statement(start, match.end(), bounds)


def _build_divided(match: re.Match[str], tokens: list[Token]) -> Statement | None:
    """ "p_T > m_γγ/3": a share of m_γγ."""
    bounds: list[Bound] = []
    share: Quantity | None = None
    for group in ("w", "x"):
        at = match.start(group)
        quantity = tokens[at].quantity if at >= 0 else None
        found = _SHARE.match(quantity.text) if quantity else None
        if quantity is None or found is None or not float(found.group("by")):
            continue
        operator = _operator(tokens[match.start("c")].operator or "==")
        bounds.append(Bound(operator, 1.0 / float(found.group("by")), None, at))
        share = Quantity("mass", quantity.subjects, False, found.group("of"))
    return Statement(*match.span(), tuple(bounds), share_of=share) if bounds else None


def _build_inequality(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    first, last = match.span()
    inner = range(*match.span("v"))
    left = _operator(tokens[match.end("low")].operator or "==")
    if letters[first] == "V" and tokens[match.end("low")].operator == "==":
        # "ΔR = √(Δη^2 + Δφ^2) > 0.5": the second symbol only explains the first
        relation = match.end("v")
        values = _read_values(tokens, letters, relation, last)
        operator = _operator(tokens[relation].operator or "==")
        return Statement(
            first, last, tuple(Bound(operator, x, u, at) for x, u, at in values), _quantities(tokens, [first])
        )
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
        Bound("outside" if _OUTSIDE.search(letters[:first]) else "between", (low[0], x) if rising else (x, low[0]), unit, low[2], _close(left, right) if rising else
              _close(right, left))
        for x, _, _ in highs
    )  # fmt: skip
    return Statement(first, last, bounds, named, twin=len(highs) > 1)


def _build_ranges(match: re.Match[str], values: list[tuple[float, str | None, int]], letters: str) -> Statement | None:
    first, last = match.span()
    pairs = list(zip(values[::2], values[1::2], strict=False))
    if len(values) % 2 or any(low[0] >= high[0] for low, high in pairs):
        return None
    outside = "E" in letters[first:last] or _OUTSIDE.search(letters[:first])
    operator: Operator = "outside" if outside else "between"
    unit = values[-1][1]
    bounds = tuple(Bound(operator, (a[0], b[0]), b[1] or a[1] or unit, a[2]) for a, b in pairs)
    return Statement(first, last, bounds)


def _build_count(name: str, match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    first, last = match.span()
    target = tokens[match.start("o")]
    if name == "series":
        return _build_series(match, tokens, letters)
    if name == "none":
        bound = Bound("==", 0.0, None, first)
    else:
        at = match.start("n")
        number = tokens[at].value
        if number is None or not number.is_integer() or not 0 <= number <= _LARGEST_COUNT:
            return None
        if name == "exact_count" and first and tokens[first - 1].kind == "preposition" and "-" not in tokens[at].text:
            return None
        operator: Operator = "=="
        value: float | tuple[float, ...] = number
        if name == "count_between":
            bound = Bound("between", (number, tokens[match.start("m")].value or 0.0), None, at, "both")
            return Statement(first, last, (bound,), counted=(target.noun,) if target.noun else ())
        if name == "count_list":
            numbers = tuple(t.value or 0.0 for i, t in enumerate(tokens[at : match.end("m")], at) if letters[i] in "WN")
            bound = Bound("in", numbers, None, at)
            return Statement(first, last, (bound,), counted=(target.noun,) if target.noun else ())
        if name == "count_set":
            operator, value = "in", (number, tokens[match.start("m")].value or 0.0)
        elif name == "count_more":
            after = tokens[at + 1] if tokens[at + 1].kind == "compare" else tokens[at + 2]
            if not after.text.lower().startswith(("or ", "more", "fewer", "less", "greater")):
                return None
            operator = ">=" if after.operator in (">", ">=") else "<="
        elif name in ("count", "of_which"):
            operator = _operator(tokens[at - 1].operator or "==")
        bound = Bound(operator, value, None, at)
    if name == "of_which":  # "at least two of which must be b-tagged"
        words = " ".join(t.text for t in tokens[match.start("o") : match.start("o") + 6])
        tagged = _B_TAGGED.search(words) and ("oL" in letters[max(first - 2, 0) : match.end()])
        return (
            Statement(first, match.start("o"), (bound,), counted=(Noun("b-jet", (), "of which"),)) if tagged else None
        )
    if target.noun is None:
        return Statement(first, last, (bound,), part=target.text)
    listed = _COUNTED.match(letters, match.start("o"))
    if listed is None:
        return Statement(first, last, (bound,), counted=(target.noun,))
    places = range(listed.start(), listed.end())
    nouns = tuple(n for i in places if letters[i] == "O" and (n := tokens[i].noun))
    if any(n.ranks for n in nouns[1:]) or any(n.subject == "met" for n in nouns[1:]):
        return Statement(first, match.end(), (bound,), counted=(target.noun,))
    twin = listed.group("t") is not None and nouns[0].subject not in ("lepton", "event")
    return Statement(first, listed.end(), (bound,), counted=_count_together(nouns, twin), twin=twin)


def _build_series(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    """ "zero, one or at least two jets": one bound for each."""
    bounds: list[Bound] = []
    for at in range(match.start(), match.start("o")):
        value = tokens[at].value
        if letters[at] in "WN" and value is not None:
            operator = _operator(tokens[at - 1].operator or "==") if letters[at - 1] == "C" else "=="
            bounds.append(Bound(operator, value, None, at))
    noun = tokens[match.start("o")].noun
    return Statement(*match.span(), tuple(bounds), counted=(noun,), alternatives=True) if noun else None


def _count_together(nouns: tuple[Noun, ...], twin: bool) -> tuple[Noun, ...]:
    """ "electrons or muons" are counted as leptons; "electron (muon)" are two counts; else the first noun counts."""
    if twin:
        return nouns[:2]
    if len(nouns) > 1 and {n.subject for n in nouns} == {"electron", "muon"}:
        more = "additional " if nouns[0].text.startswith("additional") else ""
        return (Noun("lepton", nouns[0].ranks, f"{more}leptons"),)
    if len(nouns) > 1 and nouns[0].subject == "lepton":
        return nouns[:1]
    return nouns


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
