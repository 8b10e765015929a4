"""Every number of a statement with its unit, the relations that hold for it, and what it is compared with.

Relations are read on both sides of a number, in symbols and in words, and handed on along lists ("20, 15 and 10 GeV")
and to twins in parentheses ("5 (3)").
"""

import re
from collections.abc import Sequence

from extract.grounding.line import LIST_WORDS, Line, is_aside, place_phrases, skip_asides
from extract.grounding.naming import name_before
from extract.grounding.phrases import Phrase
from extract.grounding.relating import Relation, read_left, read_request, read_right, read_scope
from extract.grounding.statements import PrintedNumber
from extract.grounding.tokens import WORD_NUMBERS, Token, name_unit

_VERBS = frozenset(
    ("is", "are", "was", "were", "must", "should", "have", "has", "require", "requires", "required", "with")
)
_NOT_COUNTED = frozenset((
    "times", "of", "and", "or", "to", "for", "in", "is", "are", "at", "if", "with", "from", "when", "where", "by", "on",
    "sigma", "standard", "than", "as", "respectively", "per", "units", "around", "the", "a", "it", "we", "this", "that",
    "they", "data",
))  # fmt: skip
_STANDS_FOR = re.compile(
    r"(?:the|this|that|other|latter|former|first|second|third|last|next|(?:sub-?)?leading|\w{3,}est)$", re.I
)
_PRONOUN = re.compile(r"\sof\s(?:which|them|these|those|whom)\b")
_CASE = re.compile(
    r"\s?(?:[kMGT]?eV(?:/c)?|[μmc]m|%)?,?\s(?:for|in|if|when|where)\s"
    r"(?:(?!(?:must|has|have|should|requir\w+|while|whereas|but)\b)[^\s<>=≤≥\d]+\s){1,8}?(?:and|or)\s"
)
_BARE_COUNT = frozenset(("==", ">="))
_EQUALS = frozenset(("be", "is", "are", "equals"))
_EXACT = frozenset(("==",))
_EITHER = frozenset(("in",))  # "one or two": one of them is no statement by itself


def read_numbers(text: str, tokens: Sequence[Token], phrases: Sequence[Phrase]) -> tuple[PrintedNumber, ...]:
    """The numbers of a statement in order; "no" and "without" before a noun are the number 0."""
    line = place_phrases(text, tokens, phrases)
    places = [k for k, t in enumerate(tokens) if (t.kind == "number" and not _is_pronoun(line, k)) or _is_none(line, k)]
    found: list[PrintedNumber] = []
    for i, k in enumerate(places):
        found.append(_read_number(line, k, found, places[i + 1 :]))
    return tuple(found)


def _is_pronoun(line: Line, k: int) -> bool:
    """Whether "one" stands for a noun: "the leading one", "the other one"."""
    return line.tokens[k].text == "one" and k > 0 and bool(_STANDS_FOR.match(line.tokens[k - 1].text))


def _is_none(line: Line, k: int) -> bool:
    token = line.tokens[k]
    if token.kind != "word" or k in line.inside or token.text.lower() not in ("no", "without"):
        return False
    return k + 1 < len(line.tokens) and line.tokens[k + 1].kind in ("word", "symbol")


def _read_number(line: Line, k: int, found: Sequence[PrintedNumber], later: Sequence[int]) -> PrintedNumber:
    previous = found[-1] if found else None
    i = len(found)
    token = line.tokens[k]
    value = token.value if token.value is not None else 0.0
    worded = token.kind == "word" or token.text.lower() in WORD_NUMBERS or token.text.endswith(("single", "pair of"))
    unit, own = _read_unit(line, k, later)
    counts = unit is None and value == int(value) and _is_counted(line, k)
    joined = not counts and unit is None and value == int(value) and _is_joined(line, k, later)
    counts = counts or joined
    twin = i - 1 if previous is not None and _is_twin(line, previous.token, k) else None
    relation = read_left(line, k) or read_right(line, k) or read_request(line, k)
    leader, position = None, 0
    before = i - 1
    while before > 0 and twin is None and is_aside(line, found[before].token, k):
        before -= 1  # "30 GeV in the centre (|η| < 2.4) and 50 GeV": what is in parentheses is passed over
    if before > 0 and own and twin is None and found[before].counts and found[before - 1].unit == unit:
        before -= _is_case(line, found[before - 1].token, k)  # "120 GeV in events with two jets, and 150 GeV"
    if before >= 0:
        previous = found[before]
    if relation is None and previous is not None and _continues(line, previous, k, unit, worded=worded):
        leader = previous.leader if previous.leader is not None else before
        position = previous.position if twin is not None else previous.position + 1
        relation = Relation(previous.operators, previous.variables)
        if (
            unit is None
            and previous.unit is not None
            and not counts
            and token.text[0] not in "ota"
            and "/" not in token.text
        ):
            unit = previous.unit
    if relation is None:
        relation = read_scope(line, k, None if previous is None else previous.token)
    if relation is None and not counts and k and line.tokens[k - 1].text.lower() in _EQUALS:
        relation = Relation(_EXACT, name_before(line, token.start, k))  # "has to be zero"
    related = relation is not None and bool(relation.operators)
    if token.kind == "word":
        relation = Relation(frozenset(("==",)), frozenset(("n",)))
    elif relation is None and counts:
        hyphened = k + 1 < len(line.tokens) and line.tokens[k + 1].kind == "dash"  # "2-jet" is exactly two
        either = joined and line.tokens[k + 1].text.lower() == "or"
        exact = hyphened or joined or value == 0
        relation = Relation(_EITHER if either else _EXACT if exact else _BARE_COUNT, frozenset())
    elif relation is None:
        relation = Relation(frozenset(), name_before(line, token.start, k))
    operators, variables = relation if relation is not None else (frozenset[str](), frozenset[str]())
    if counts and (worded or not variables):
        variables = frozenset(("n",))
    return PrintedNumber(
        k, token.start, token.end, token.text, value, worded, unit, own, operators - {"~", "cone"}, variables, counts,
        related, leader, position, twin,
    )  # fmt: skip


def _read_unit(line: Line, k: int, later: Sequence[int]) -> tuple[str | None, bool]:
    """The unit of the number at token k, and whether it is printed right behind it (else it is shared)."""
    tokens = line.tokens
    j = k + 1
    if j < len(tokens) and tokens[j].kind == "dash" and j + 1 < len(tokens) and tokens[j + 1].kind == "unit":
        return name_unit(tokens[j + 1].text), True
    if j < len(tokens) and tokens[j].kind == "unit":
        return name_unit(tokens[j].text), True
    depth, passed = 0, False
    while j < len(tokens):
        token = tokens[j]
        if token.kind == "unit" and (passed or depth == 0):
            return (name_unit(token.text), False) if passed and depth <= 0 else (None, False)
        if token.kind == "number":
            passed = True
        elif token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth -= 1
        elif not (
            token.kind in ("comma", "dash", "mark")
            or token.text.lower() in ("and", "or", "to", "/", "±")
            or (passed and token.kind == "relation" and tokens[j - 1].text.lower() in ("and", "or", ","))
        ):
            return _share_across(line, k, j, later)
        j += 1
    return None, False


def _share_across(line: Line, k: int, j: int, later: Sequence[int]) -> tuple[str | None, bool]:
    """The unit at the other end of `50 < m < 106 GeV`, where the lower end has none."""
    tokens = line.tokens
    if tokens[j].kind != "relation" or not later or j != k + 1:
        return None, False
    upper = later[0]
    between = tokens[j + 1 : upper]
    kinds = ("symbol", "relation", "other", "open", "close")
    if not between or between[-1].kind != "relation" or any(t.kind not in kinds for t in between):
        return None, False
    unit, _ = _read_unit(line, upper, later[1:])
    return unit, False


def _is_counted(line: Line, k: int) -> bool:
    """Whether a noun follows: "two jets", "2 b-tagged jets", "0-jet"."""
    if _PRONOUN.match(line.text, line.tokens[k].end):  # "one of which is b-tagged"
        return True
    behind = line.starting.get(k + 1)
    if behind is not None and behind.side == "after":  # "two or more jets"
        k = next(j for j in range(k + 1, len(line.tokens)) if line.ending.get(j) is behind)
    for token in line.tokens[k + 1 : k + 3]:
        if token.kind == "dash" and token.start == line.tokens[k].end:
            continue
        if token.kind == "symbol":
            return True
        return token.kind == "word" and token.text.lower() not in _NOT_COUNTED
    return False


def _is_joined(line: Line, k: int, later: Sequence[int]) -> bool:
    """Whether a number shares the noun of a later count: "one or two jets", "zero, one, or at least two jets"."""
    for j in range(k + 1, len(line.tokens)):
        token = line.tokens[j]
        if j in later:
            if token.kind == "word" and line.tokens[k].text[0].isdigit():
                return False  # "below 5 and no track": what is denied is counted apart
            if _is_counted(line, j):
                return True
        elif not (token.kind == "comma" or token.text.lower() in LIST_WORDS or j in line.inside):
            return False
    return False


def _is_twin(line: Line, before: int, k: int) -> bool:
    """Whether the number at k is in parentheses right behind the number at `before`: "5 (3)", "7 GeV (> 6 GeV)"."""
    between = line.tokens[before + 1 : k]
    kinds = [t.kind for t in between]
    if kinds.count("open") != 1 or "close" in kinds:
        return False
    opened = kinds.index("open")
    return all(kind == "unit" for kind in kinds[:opened]) and all(
        kind in ("symbol", "relation") for kind in kinds[opened + 1 :]
    )


def _is_case(line: Line, before: int, k: int) -> bool:
    """Whether only a case stands between two numbers: "13 GeV if it is an electron or 10 GeV"."""
    return _CASE.fullmatch(line.text, line.tokens[before].end, line.tokens[k].start) is not None


def _continues(line: Line, previous: PrintedNumber, k: int, unit: str | None, *, worded: bool) -> bool:
    """Whether a number goes on with the list of the previous one."""
    if worded and not previous.worded:
        return False
    if _is_twin(line, previous.token, k):
        return True
    if unit is not None and unit == previous.unit and _is_case(line, previous.token, k):
        return True
    between = skip_asides(line.tokens[previous.token + 1 : k])
    words = [t.text.lower() for t in between if t.kind == "word"]
    if not between or any(t.kind in ("relation", "number", "other") for t in between):
        return False
    if {"for", "in", "of"} & set(words):  # "7 GeV for electrons and 5 GeV for muons"
        reach = 14 if unit is not None and unit == previous.unit else 8
        joined = (bool(words) and words[-1] in LIST_WORDS) or between[-1].kind == "comma"
        return joined and len(between) <= reach and not _VERBS & set(words)
    if any(t.kind == "dash" or t.text.lower() == "to" for t in between) and len(between) > 2:
        return False
    kinds = ("unit", "comma", "mark", "open", "close", "dash")
    return all(t.kind in kinds or t.text.lower() in (*LIST_WORDS, "to") for t in between)
