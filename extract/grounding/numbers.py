"""Every number of a statement with its unit, the relations that hold for it, and what it is compared with.

Relations are read on both sides of a number, in symbols and in words, and handed on along lists ("20, 15 and 10 GeV")
and to twins in parentheses ("5 (3)").
"""

from collections.abc import Sequence
from typing import NamedTuple

from extract.grounding.phrases import Phrase
from extract.grounding.quantities import name_noun, name_symbol
from extract.grounding.statements import PrintedNumber
from extract.grounding.tokens import WORD_NUMBERS, Token, name_unit

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!=", "~": "~"}
_FILLERS = frozenset(("a", "an", "the", "of", "about", "approximately", "around", "value", "values", "be", "by"))
_LIST_WORDS = frozenset(("and", "or"))
_VERBS = frozenset(
    ("is", "are", "was", "were", "must", "should", "have", "has", "require", "requires", "required", "with")
)
_BARRIERS = frozenset(("while", "whereas", "but", "otherwise", "unless"))
_NOT_COUNTED = frozenset((
    "times", "of", "and", "or", "to", "for", "in", "is", "are", "at", "if", "with", "from", "when", "where", "by", "on",
    "sigma", "standard", "than", "as", "respectively", "per", "units", "around", "the", "a",
))  # fmt: skip
_BARE_COUNT = frozenset(("==", ">="))
_EXACT = frozenset(("==",))


class _Relation(NamedTuple):
    operators: frozenset[str]
    variables: frozenset[str]


class _Line(NamedTuple):
    """The statement under reading: `ending` and `starting` give the phrase at a token, `inside` those in any phrase."""

    text: str
    tokens: Sequence[Token]
    phrases: Sequence[Phrase]
    ending: dict[int, Phrase]
    starting: dict[int, Phrase]
    inside: frozenset[int]


def read_numbers(text: str, tokens: Sequence[Token], phrases: Sequence[Phrase]) -> tuple[PrintedNumber, ...]:
    """The numbers of a statement in order; "no" and "without" before a noun are the number 0."""
    line = _place_phrases(text, tokens, phrases)
    places = [k for k, t in enumerate(tokens) if t.kind == "number" or _is_none(line, k)]
    found: list[PrintedNumber] = []
    for i, k in enumerate(places):
        previous = found[-1] if found else None
        found.append(_read_number(line, k, i, previous, places[i + 1 :]))
    return tuple(found)


def _place_phrases(text: str, tokens: Sequence[Token], phrases: Sequence[Phrase]) -> _Line:
    ending, starting, inside = {}, {}, set()
    for phrase in phrases:
        covered = [k for k, t in enumerate(tokens) if t.start >= phrase.start and t.end <= phrase.end]
        if covered:
            starting[covered[0]], ending[covered[-1]] = phrase, phrase
            inside.update(covered)
    return _Line(text, tokens, phrases, ending, starting, frozenset(inside))


def _is_none(line: _Line, k: int) -> bool:
    token = line.tokens[k]
    if token.kind != "word" or k in line.inside or token.text.lower() not in ("no", "without"):
        return False
    return k + 1 < len(line.tokens) and line.tokens[k + 1].kind in ("word", "symbol")


def _read_number(line: _Line, k: int, i: int, previous: PrintedNumber | None, later: Sequence[int]) -> PrintedNumber:
    token = line.tokens[k]
    value = token.value if token.value is not None else 0.0
    worded = token.kind == "word" or token.text.lower() in WORD_NUMBERS
    unit, own = _read_unit(line, k, later)
    counts = unit is None and value == int(value) and _is_counted(line, k)
    if not counts and unit is None and worded and later and _are_joined(line, k, later[0]):
        counts = _is_counted(line, later[0])  # "one or two candidates"
    twin = i - 1 if previous is not None and _is_twin(line, previous.token, k) else None
    relation = _read_left(line, k) or _read_right(line, k)
    leader, position = None, 0
    if relation is None and previous is not None and _continues(line, previous, k, unit, worded=worded):
        leader = previous.leader if previous.leader is not None else i - 1
        position = previous.position if twin is not None else previous.position + 1
        relation = _Relation(previous.operators, previous.variables)
        if unit is None and previous.unit is not None and not counts:
            unit = previous.unit
    if relation is None:
        relation = _read_scope(line, k, previous)
    related = relation is not None and bool(relation.operators)
    if token.kind == "word":
        relation = _Relation(frozenset(("==",)), frozenset(("n",)))
    elif relation is None and counts:
        hyphened = k + 1 < len(line.tokens) and line.tokens[k + 1].kind == "dash"  # "2-jet" is exactly two
        relation = _Relation(_EXACT if hyphened else _BARE_COUNT, frozenset())
    elif relation is None:
        relation = _Relation(frozenset(), _name_before(line, token.start, k))
    operators, variables = relation if relation is not None else (frozenset[str](), frozenset[str]())
    if worded and counts:
        variables = frozenset(("n",))
    return PrintedNumber(
        k, token.start, token.end, token.text, value, worded, unit, own, operators - {"~", "cone"}, variables, counts,
        related, leader, position, twin,
    )  # fmt: skip


def _read_unit(line: _Line, k: int, later: Sequence[int]) -> tuple[str | None, bool]:
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
        elif not (token.kind in ("comma", "dash", "mark") or token.text.lower() in ("and", "or", "to", "/", "±")):
            return _share_across(line, k, j, later)
        j += 1
    return None, False


def _share_across(line: _Line, k: int, j: int, later: Sequence[int]) -> tuple[str | None, bool]:
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


def _is_counted(line: _Line, k: int) -> bool:
    """Whether a noun follows: "two jets", "2 b-tagged jets", "0-jet"."""
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


def _are_joined(line: _Line, k: int, following: int) -> bool:
    return following == k + 2 and line.tokens[k + 1].text.lower() in (*_LIST_WORDS, "to", "–", "-")


def _is_twin(line: _Line, before: int, k: int) -> bool:
    """Whether the number at k is in parentheses right behind the number at `before`: "5 (3)", "7 GeV (> 6 GeV)"."""
    between = line.tokens[before + 1 : k]
    kinds = [t.kind for t in between]
    if kinds.count("open") != 1 or "close" in kinds:
        return False
    opened = kinds.index("open")
    return all(kind == "unit" for kind in kinds[:opened]) and all(
        kind in ("symbol", "relation") for kind in kinds[opened + 1 :]
    )


def _read_left(line: _Line, k: int) -> _Relation | None:
    """The relation printed right before a number, passing articles and the like."""
    j = k - 1
    while j >= 0:
        token = line.tokens[j]
        if token.kind == "relation":
            return _Relation(_weigh_sign(line, j), _name_left(line, j))
        phrase = line.ending.get(j)
        if phrase is not None and phrase.side == "before":
            return _Relation(phrase.operators, _name_before(line, phrase.start, k))
        if j in line.inside or token.kind != "word" or token.text.lower() not in _FILLERS:
            break
        j -= 1
    if k and line.tokens[k - 1].text.lower() == "of":  # "above a pT of 33 GeV", "at least a mass of 5 GeV"
        for back in range(k - 2, max(k - 8, -1), -1):
            token = line.tokens[back]
            phrase = line.ending.get(back)
            if phrase is not None and phrase.side == "before":
                return _Relation(phrase.operators, name_noun(line.text[phrase.end : line.tokens[k].start]))
            if token.kind not in ("word", "symbol"):
                break
    return None


def _weigh_sign(line: _Line, j: int) -> frozenset[str]:
    """The operators that the sign at token j allows; "=" after a cone or a threshold is its limit."""
    operator = line.tokens[j].operator or "~"
    if operator != "==":
        return frozenset((operator,))
    scope = _find_scope(line, j, reach=8)
    if scope is not None and "cone" in scope.operators:
        return frozenset(("<", "=="))
    if scope is not None and scope.text.lower().startswith("threshold"):
        return scope.operators
    return frozenset(("==",))


def _read_right(line: _Line, k: int) -> _Relation | None:
    """The relation printed behind a number: `50 GeV < m`, "two or more", "a 20 GeV threshold"."""
    tokens = line.tokens
    j = k + 1
    if j < len(tokens) and tokens[j].kind == "unit":
        j += 1
    if j + 2 < len(tokens) and tokens[j].kind == "open" and tokens[j + 1].kind == "number":
        closing = next((c for c in range(j + 2, min(j + 5, len(tokens))) if tokens[c].kind == "close"), None)
        j = closing + 1 if closing is not None else j
        if j < len(tokens) and tokens[j].kind == "unit":
            j += 1
    if j < len(tokens) and tokens[j].kind == "relation" and tokens[j].operator not in ("==", "~"):
        return _Relation(frozenset((_FLIPPED[tokens[j].operator or "~"],)), _name_right(line, j))
    for ahead in range(j, min(j + 3, len(tokens))):
        phrase = line.starting.get(ahead)
        if phrase is not None and (phrase.side == "after" or phrase.text.lower().startswith("threshold")):
            return _Relation(phrase.operators, frozenset())
        if phrase is not None or tokens[ahead].kind not in ("word", "symbol"):
            break
    return None


def _continues(line: _Line, previous: PrintedNumber, k: int, unit: str | None, *, worded: bool) -> bool:
    """Whether a number goes on with the list of the previous one."""
    if worded and not previous.worded:
        return False
    if _is_twin(line, previous.token, k):
        return True
    between = list(line.tokens[previous.token + 1 : k])
    words = [t.text.lower() for t in between if t.kind == "word"]
    if not between or any(t.kind in ("relation", "number", "other") for t in between):
        return False
    if "for" in words or "in" in words:  # "7 GeV for electrons and 5 GeV for muons"
        reach = 14 if unit is not None and unit == previous.unit else 8
        joined = (bool(words) and words[-1] in _LIST_WORDS) or between[-1].kind == "comma"
        return joined and len(between) <= reach and not _VERBS & set(words)
    if any(t.kind == "dash" or t.text.lower() == "to" for t in between) and len(between) > 2:
        return False
    kinds = ("unit", "comma", "mark", "open", "close", "dash")
    return all(t.kind in kinds or t.text.lower() in (*_LIST_WORDS, "to") for t in between)


def _read_scope(line: _Line, k: int, previous: PrintedNumber | None) -> _Relation | None:
    """The relation of a scope word earlier in the clause: "within a distance of", "a threshold of", "restricted to"."""
    scope = _find_scope(line, k, reach=9, stop=previous.token if previous else -1)
    if scope is None and previous is not None and _after_of(line, k) and _after_of(line, previous.token):
        scope = _find_scope(line, k, reach=18)  # "within ... dz of 0.2 cm and ... dxy of 0.045 cm"
    if scope is None:
        return None
    operators = scope.operators | {"=="} if "cone" in scope.operators else scope.operators
    return _Relation(operators, _name_before(line, line.tokens[k].start, k))


def _after_of(line: _Line, k: int) -> bool:
    return k > 0 and line.tokens[k - 1].text.lower() == "of"


def _find_scope(line: _Line, k: int, *, reach: int, stop: int = -1) -> Phrase | None:
    for j in range(k - 1, max(k - 1 - reach, stop, -1), -1):
        phrase = line.ending.get(j)
        if phrase is not None and phrase.side == "scope":
            return phrase
        token = line.tokens[j]
        if token.text in (";", ":", ".") or token.text.lower() in _BARRIERS:
            return None
    return None


def _name_left(line: _Line, relation: int) -> frozenset[str]:
    """The variables of the symbol that stands left of a relation; a chain of "=" names all of them."""
    j, depth = relation - 1, 0
    while j >= 0:
        token = line.tokens[j]
        if token.kind == "close":
            depth += 1
        elif token.kind == "open":
            depth -= 1
            if depth < 0:
                break
        elif depth == 0 and token.kind == "number" and j and line.tokens[j - 1].text == "/":
            j -= 2
            continue
        elif depth == 0 and not (token.kind in ("symbol", "dash") or token.operator == "==" or token.text in "/+×*·√"
                                 or (token.kind == "word" and len(token.text) == 1)):  # fmt: skip
            break
        j -= 1
    return _name_chain(line, j + 1, relation) or _name_words(line, j, relation)


def _name_words(line: _Line, j: int, relation: int) -> frozenset[str]:
    """The noun right before a relation, where no symbol is printed."""
    if j != relation - 1 or j < 0 or line.tokens[j].kind != "word":
        return frozenset()
    first = max(j - 5, 0)
    return name_noun(line.text[line.tokens[first].start : line.tokens[relation].start])


def _name_right(line: _Line, relation: int) -> frozenset[str]:
    j = relation + 1
    while j < len(line.tokens) and (
        line.tokens[j].kind in ("symbol", "open", "close", "dash") or line.tokens[j].text in "/+×*·√"
    ):
        j += 1
    return _name_chain(line, relation + 1, j)


def _name_chain(line: _Line, first: int, last: int) -> frozenset[str]:
    if first >= last:
        return frozenset()
    text = line.text[line.tokens[first].start : line.tokens[last - 1].end]
    names: set[str] = set()
    for part in text.split("="):
        plain = part.strip().replace(" ", "") if "|" not in part else part.strip()
        inner = plain.strip("|")
        if ("/" in plain and "σ" not in plain) or "+" in inner or " - " in inner:
            names.add("composed")  # a ratio or a sum is none of its parts
        else:
            names |= name_symbol(plain)
    return frozenset(names)


def _name_before(line: _Line, end: int, k: int) -> frozenset[str]:
    """The variable named last before a relation in words, in the same stretch of text."""
    first = k - 1
    while first >= 0 and line.tokens[first].start >= end:
        first -= 1
    j = first
    while j >= 0 and line.tokens[j].kind not in ("number", "comma") and line.tokens[j].text not in (";", ":", "."):
        if line.tokens[j].kind == "symbol" and (names := name_symbol(line.tokens[j].text)):
            if "/" in line.text[line.tokens[j].start - 1 : line.tokens[j].end + 1]:
                return frozenset(("composed",))
            later = name_noun(line.text[line.tokens[j].end : end])
            return later or names
        j -= 1
    return name_noun(line.text[line.tokens[j + 1].start : end]) if j + 1 <= first else frozenset()
