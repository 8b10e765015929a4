"""Numeric statements in a sentence: numbers and the way they bound something.

The patterns run over the sentence spelled with one letter per token (`lexemes.LETTERS`). Which quantity is bounded is
found by `naming`, who it is about by `owners`.
"""

import re

from extract.rules.counts import build_count, build_counted_value
from extract.rules.lexemes import Token
from extract.rules.statements import Bound, Statement, read_operator
from extract.rules.variables import Quantity
from schemas.vocabulary import Closed, Operator

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
        rf"(?:(?P<lead>[RGE:]{{1,2}})|(?<=[V)XCA,boM])){_VALUE}(?:D|T|(?<=U)D){_VALUE}(?:[,AX]+G?{_VALUE}D{_VALUE})*",
    ),
    ("series", rf"(?<![RCDVNUBW])[WN](?:,[WN])*,?[XA]C[WN]{_FILL}(?P<o>O)"),
    ("count_between", rf"B(?P<n>[WN])A(?P<m>[WN]){_FILL}(?P<o>O)"),
    ("count_list", rf"C?(?P<n>[WN])(?:,[WN])+,?X(?P<m>[WN]){_FILL}(?P<o>O)"),
    ("count_set", rf"(?P<n>[WN])X(?P<m>[WN]){_FILL}(?P<o>[OY])"),
    ("count_more", rf"(?P<n>[WN])(?:XC|C){_FILL}(?P<o>[OY])"),
    ("count", rf"(?P<c>[CR])(?P<n>[WN]){_FILL}(?P<o>[OY])"),
    ("none", rf"Z{_FILL}(?P<o>[OY])"),
    ("of_which", r"(?:oL)?C?(?P<n>[WN])(?P<o>oL|(?<=CW)[bSM])"),
    ("divided", r"(?P<c>[RC])(?P<w>V)(?!R)(?:[AX](?P<x>V)(?!R))?"),
    ("counted_value", r"(?P<c>[RCMb]|(?<=V)o)W(?:XW|(?P<m>C)(?![NW]))?(?![dwaKq]*[OYW])"),
    ("plus_minus", r"(?P<pm>w)NU?"),
    ("at_more", rf"(?<=[oTMHV])(?P<v>{_VALUE})X?(?P<m>C)(?![NW])"),
    ("list", rf"(?P<c>[RC]){_VALUE}{_TWIN}?{_NEXT}*(?:,?Q)?"),
    ("at_distance", rf"(?<=V)o{_VALUE}{_TWIN}?(?![DT])"),
    ("copula", rf"(?:b|M|(?<=V)){_VALUE}{_TWIN}?{_NEXT}*(?:,?Q)?(?![DTRW])"),
    ("again", r"(?:,A|[AX,(])(?P<v>NU?)(?=[PIG(]|wP)"),
    ("exact_count", rf"(?:(?<=[HMSAX,:(JRqLP])|(?<=^)|(?<=wb))(?P<n>W){_FILL}(?P<o>[OY])"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)
_MINIMUM = re.compile(r"\b(?:minimum|minimal|lowest|lower)\b", re.IGNORECASE)
_MAXIMUM = re.compile(r"\b(?:maximum|maximal|highest allowed|upper)\b", re.IGNORECASE)
_THRESHOLD = re.compile(r"\bthresholds?\b|\bcut\b", re.IGNORECASE)
_LOOK_BACK = 8
_OUTSIDE = re.compile(r"E[wdPABqoVG(]{0,10}$")
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
    return _count_again(sorted(found, key=lambda s: s.first), tokens, letters)


def _count_again(statements: list[Statement], tokens: list[Token], letters: str) -> list[Statement]:
    """ "events with no b-jet and with at least one": a number without a noun counts what was counted before."""
    for i, statement in enumerate(statements[1:], 1):
        before = statements[i - 1]
        alone = not statement.is_count and tokens[statement.bounds[0].at].kind == "count"
        between = letters[before.last : statement.first]
        if alone and before.counted and re.fullmatch(r",?[AXc][dwIW]{0,3}H?", between):
            statements[i] = statement._replace(counted=before.counted)
    return statements


def _build(name: str, match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    if "o" in match.groupdict():
        return build_count(name, match, tokens, letters)
    if name == "divided":
        return _build_divided(match, tokens)
    if name == "inequality":
        return _build_inequality(match, tokens, letters)
    if name == "counted_value":
        return build_counted_value(match, tokens, letters)
    values = _read_values(tokens, letters, *match.span())
    if not values:
        return None
    if name == "plus_minus":
        if tokens[match.start("pm")].text != "±":
            return None
        value, unit, at = values[0]
        beyond = _OUTSIDE.search(letters[: match.start()]) is not None  # "outside of a window of ± 20 GeV"
        return Statement(*match.span(), (Bound(">" if beyond else "<", value, unit, at),), symbol="±")
    if name == "flipped":
        at = match.start("v")
        value, unit, place = values[0]
        bound = Bound(_flip(tokens[at - 1].operator or ""), value, unit, place)
        return Statement(*match.span(), (bound,), _quantities(tokens, [at]))
    if name == "at_more":  # "must amount to 40 GeV or more"
        after = tokens[match.start("m")]
        if not after.text.lower().startswith("or "):
            return None
        value, unit, place = values[0]
        return Statement(*match.span(), (Bound(">=" if after.operator in (">", ">=") else "<=", value, unit, place),))
    if name == "copula":
        return _build_copula(match, values, tokens)
    if name in ("interval", "ranges"):
        return _build_ranges(match, values, letters)
    first, last = match.span()
    operator = read_operator(tokens[first].operator or "==")
    if name == "at_distance":  # "a minimum p_T of 1 GeV"
        before = " ".join(t.text for t in tokens[max(first - 3, 0) : first])
        operator = ">=" if _MINIMUM.search(before) else "<=" if _MAXIMUM.search(before) else operator
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
    bounds = tuple(Bound(operator, value, unit or values[-1][1], at) for value, unit, at in values)
    return Statement(last - len(match.group().lstrip("bM")), last, bounds, twin=len(values) > 1)


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
        operator = read_operator(tokens[match.start("c")].operator or "==")
        if operator == "==":
            return None  # "|y^*| = |y_1 - y_2|/2" defines
        bounds.append(Bound(operator, 1.0 / float(found.group("by")), None, at))
        share = Quantity("mass", quantity.subjects, False, found.group("of"))
    return Statement(*match.span(), tuple(bounds), share_of=share) if bounds else None


def _build_inequality(match: re.Match[str], tokens: list[Token], letters: str) -> Statement | None:
    first, last = match.span()
    inner = range(*match.span("v"))
    left = read_operator(tokens[match.end("low")].operator or "==")
    if letters[first] == "V" and tokens[match.end("low")].operator == "==":
        # "ΔR = √(Δη^2 + Δφ^2) > 0.5": the second symbol only explains the first
        relation = match.end("v")
        values = _read_values(tokens, letters, relation, last)
        sign = read_operator(tokens[relation].operator or "==")
        return Statement(first, last, tuple(Bound(sign, x, u, at) for x, u, at in values), _quantities(tokens, [first]))
    right = read_operator(tokens[inner[-1] + 1].operator or "==")
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
    operator: Operator = "outside" if _OUTSIDE.search(letters[:first]) else "between"
    closed = _close(left, right) if rising else _close(right, left)
    bounds = tuple(Bound(operator, (low[0], x) if rising else (x, low[0]), unit, low[2], closed) for x, _, _ in highs)
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


def _flip(printed: str) -> Operator:
    flipped: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    return flipped.get(printed, "==")


def _close(low: str, high: str) -> Closed:
    names: dict[tuple[bool, bool], Closed] = {
        (False, False): "none", (True, False): "left", (False, True): "right", (True, True): "both",
    }  # fmt: skip
    return names["=" in low, "=" in high]
