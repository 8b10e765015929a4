"""The relation that holds for a number: printed before it, behind it, or by a word earlier in its clause."""

import re
from typing import NamedTuple

from extract.grounding.line import Line
from extract.grounding.naming import name_before, name_left, name_right
from extract.grounding.phrases import Phrase
from extract.grounding.quantities import name_noun, name_symbol

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!=", "~": "~"}
_FILLERS = frozenset(("a", "an", "the", "of", "about", "approximately", "around", "value", "values", "be", "by"))
_EQUALS = frozenset(("is", "are", "be", "was", "were"))
_BARRIERS = frozenset(("while", "whereas", "but", "otherwise", "unless"))


_NAME = (
    r"(?P<name>[pE]_?\{?T\}?(?:\^\S+)?|(?:missing\s)?transverse\s(?:moment(?:um|a)|energ(?:y|ies)))"
    r"(?:\s(?:threshold|value|cut)s?)?\sof\s$"
)
_NAMED_OF = re.compile(_NAME)
_REQUEST = re.compile(
    r"\b(?:requir(?:e|es|ed|ing)|demand(?:s|ed|ing)?|ask(?:s|ed|ing)?\sfor)\s(?:(?:an?|the|to\shave|to\shave\sa)\s)?"
    + _NAME
)
_REQUESTED = re.compile(
    r"\s?[kMGT]?eV(?:/c)?\s(?:is|are|was|were)\s(?:required|demanded|requested|imposed|asked\sfor)\b"
)


# "one is above and the other one is below 25 GeV": one number for both sides
_BOTH_SIDES = re.compile(
    r"\b(?P<first>above|below)\sand\s(?:the|an)\s?other(?:\sone)?(?:\s(?:is|are|lies?|must\sbe|has\sto\sbe))?\s$"
)
_SIDES = {"above": ">", "below": "<"}


class Relation(NamedTuple):
    operators: frozenset[str]
    variables: frozenset[str]


def read_left(line: Line, k: int) -> Relation | None:
    """The relation printed right before a number, passing articles and the like."""
    j = k - 1
    while j >= 0:
        token = line.tokens[j]
        if token.kind == "relation":
            return Relation(_weigh_sign(line, j), name_left(line, j))
        phrase = line.ending.get(j)
        if phrase is not None and phrase.side == "before":
            return Relation(phrase.operators | _read_other_side(line, phrase), name_before(line, phrase.start, k))
        if j in line.inside or token.kind != "word" or token.text.lower() not in _FILLERS:
            break
        j -= 1
    if k and line.tokens[k - 1].text.lower() == "of":  # "above a pT of 33 GeV", "at least a mass of 5 GeV"
        for back in range(k - 2, max(k - 8, -1), -1):
            token = line.tokens[back]
            phrase = line.ending.get(back)
            if phrase is not None and phrase.side == "before":
                return Relation(phrase.operators, name_noun(line.text[phrase.end : line.tokens[k].start]))
            if token.kind not in ("word", "symbol"):
                break
    return None


def _read_other_side(line: Line, phrase: Phrase) -> frozenset[str]:
    """What a relation without a number of its own says of the number behind the next one."""
    found = _BOTH_SIDES.search(line.text, 0, phrase.start)
    return frozenset((_SIDES[found["first"]],)) if found is not None else frozenset()


def read_request(line: Line, k: int) -> Relation | None:
    """ "We require transverse momenta of 25 GeV", "a p_T of 25 GeV is demanded": which side is a matter of the name."""
    text, start = line.text, line.tokens[k].start
    asked = _REQUEST.search(text[:start])
    named = asked or _NAMED_OF.search(text[:start])
    if named is None or (asked is None and not _REQUESTED.match(text, line.tokens[k].end)):
        return None
    name = named["name"]
    return Relation(frozenset(("cut",)), name_noun(name) or name_symbol(name))


def _weigh_sign(line: Line, j: int) -> frozenset[str]:
    """The operators that the sign at token j allows; "=" after a cone or a threshold is its limit."""
    operator = line.tokens[j].operator or "~"
    if operator != "==":
        return frozenset((operator,))
    worded = _find_words_before(line, j)
    if worded is not None:  # "closer than ΔR = 0.4"
        return worded.operators
    scope = _find_scope(line, j, reach=8)
    if scope is not None and "cone" in scope.operators:
        return frozenset(("<", "=="))
    if scope is not None and scope.text.lower().startswith("threshold"):
        return scope.operators
    return frozenset(("==",))


def _find_words_before(line: Line, j: int) -> Phrase | None:
    """The relation in words before the symbol of the sign at token j: "closer than ΔR = 0.4", "within ΔR = 0.2"."""
    back = j - 1
    while back >= 0 and line.tokens[back].kind in ("symbol", "open", "close"):
        back -= 1
    phrase = line.ending.get(back)
    if phrase is None or back == j - 1 or "cone" in phrase.operators or phrase.text.lower() == "only":
        return None
    return phrase if phrase.side == "before" or phrase.text.lower() in ("within", "inside") else None


def read_right(line: Line, k: int) -> Relation | None:
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
        return Relation(frozenset((_FLIPPED[tokens[j].operator or "~"],)), name_right(line, j))
    for ahead in range(j, min(j + 3, len(tokens))):
        phrase = line.starting.get(ahead)
        if phrase is not None and (phrase.side == "after" or phrase.text.lower().startswith("threshold")):
            return Relation(phrase.operators, frozenset())
        if phrase is not None or tokens[ahead].kind not in ("word", "symbol"):
            break
    return None


def read_scope(line: Line, k: int, previous: int | None) -> Relation | None:
    """The relation of a scope word earlier in the clause: "within a distance of", "a threshold of", "restricted to"."""
    scope = _find_scope(line, k, reach=9, stop=-1 if previous is None else previous)
    if scope is None and previous is not None and _after_of(line, k) and _after_of(line, previous):
        scope = _find_scope(line, k, reach=18)  # "within ... dz of 0.2 cm and ... dxy of 0.045 cm"
    if scope is None and previous is not None and line.tokens[k - 1].text.lower() in _EQUALS:
        scope = _find_scope(line, k, reach=12)  # "the thresholds on the three leptons are 20 GeV"
        scope = scope if scope is not None and scope.text.lower().startswith("threshold") else None
    if scope is None:
        return None
    operators = scope.operators | {"=="} if "cone" in scope.operators else scope.operators
    return Relation(operators, name_before(line, line.tokens[k].start, k))


def _after_of(line: Line, k: int) -> bool:
    return k > 0 and line.tokens[k - 1].text.lower() == "of"


def _find_scope(line: Line, k: int, *, reach: int, stop: int = -1) -> Phrase | None:
    for j in range(k - 1, max(k - 1 - reach, stop, -1), -1):
        phrase = line.ending.get(j)
        if phrase is not None and phrase.side == "scope":
            return phrase
        token = line.tokens[j]
        if token.text in (";", ":", ".") or token.text.lower() in _BARRIERS:
            return None
    return None
