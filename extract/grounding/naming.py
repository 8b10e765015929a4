"""What a number is compared with: the closed variables of the symbol or noun that stands beside its relation."""

import re

from extract.grounding.line import Line
from extract.grounding.quantities import name_noun, name_symbol

_COMPOSED = re.compile(r"\b(?:divided|ratio|relative|fraction|sum of|difference|normali[sz]ed|significance)\b")
_SIGNS = "/+×*·√"


def name_left(line: Line, relation: int) -> frozenset[str]:
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
        elif depth == 0 and not (token.kind in ("symbol", "dash") or token.operator == "==" or token.text in _SIGNS
                                 or (token.kind == "word" and len(token.text) == 1)):  # fmt: skip
            break
        j -= 1
    return name_chain(line, j + 1, relation) or _name_words(line, j, relation)


def _name_words(line: Line, j: int, relation: int) -> frozenset[str]:
    """The noun right before a relation, where no symbol is printed."""
    if j != relation - 1 or j < 0 or line.tokens[j].kind != "word":
        return frozenset()
    first = max(j - 5, 0)
    return name_noun(line.text[line.tokens[first].start : line.tokens[relation].start])


def name_right(line: Line, relation: int) -> frozenset[str]:
    j = relation + 1
    while j < len(line.tokens) and (
        line.tokens[j].kind in ("symbol", "open", "close", "dash") or line.tokens[j].text in _SIGNS
    ):
        j += 1
    return name_chain(line, relation + 1, j)


def name_chain(line: Line, first: int, last: int) -> frozenset[str]:
    if first >= last:
        return frozenset()
    text = line.text[line.tokens[first].start : line.tokens[last - 1].end]
    names: set[str] = set()
    for part in text.split("="):
        plain = part.strip().replace(" ", "") if "|" not in part else part.strip()
        inner = re.sub(r"\([^()]*\)", "", plain.strip("|"))
        if ("/" in re.sub(r"\([^()]*\)", "", plain) and "σ" not in plain) or "+" in inner or " - " in inner:
            names.add("composed")  # a ratio or a sum is none of its parts
        else:
            names |= name_symbol(plain)
    return frozenset(names)


def name_before(line: Line, end: int, k: int) -> frozenset[str]:
    """The variables named before a relation in words, in the same stretch of text."""
    last = k
    while last > 0 and line.tokens[last - 1].start >= end:
        last -= 1
    first = _begin_stretch(line, last)
    begun = line.tokens[first].text.lower() in ("the", "a", "an", "its", "their", "this")
    if first > 0 and last - first <= 3 and line.tokens[first - 1].kind == "comma" and not begun:
        first = _begin_stretch(line, first - 1)  # "momentum, p_T, to be larger than"
    if first >= last:
        return frozenset()
    stretch = line.text[line.tokens[first].start : end]
    named = set(name_noun(stretch))
    if _COMPOSED.search(stretch):
        named.add("composed")
    j = first
    while j < last:
        if line.tokens[j].kind == "symbol":
            stop = j + 1
            while stop + 1 < last and line.tokens[stop].text == "/":
                stop += 2
            named |= name_chain(line, j, stop)
            j = stop
        j += 1
    return frozenset(named)


def _begin_stretch(line: Line, last: int) -> int:
    """Where the stretch of text that ends at token `last` begins: behind a number, comma or stop out of parentheses."""
    first, depth = last, 0
    while first > 0:
        token = line.tokens[first - 1]
        depth += (token.kind == "close") - (token.kind == "open")
        if depth <= 0 and (
            token.kind == "comma"
            or (token.kind == "number" and token.text[:1].isdigit())
            or token.text in (";", ":", ".")
        ):
            break
        first -= 1
    return first
