"""A sentence as typed tokens: numbers, units, relations, quantities, objects, verbs and connectives.

`scan` reads from left to right; at each place the first table that matches makes the token. Articles and adverbs that
say nothing to the grammar are left out; words that are not known stay as kind `word`, because they separate.
Every token keeps its place, so that a quote can be cut out of the text it came from.
"""

import re
from collections.abc import Iterator
from math import pi

from extract.rules import words
from extract.rules.lexemes import Kind, Token, spell
from extract.rules.merging import merge
from extract.rules.subjects import read_noun, read_part, read_rank
from extract.rules.variables import EXPRESSION, GREEK, read_symbol, read_words

__all__ = ["Token", "read_number", "scan", "spell"]

RELATIONS = {
    "<": "<", ">": ">", "≤": "<=", "≥": ">=", "<=": "<=", ">=": ">=", "=": "==", "≠": "!=", "==": "==", "≲": "<",
    "≳": ">", "⩽": "<=", "⩾": ">=", "≪": "<", "≫": ">", "≡": "==", "≈": "==", "∼": "==", "~": "==", "!=": "!=",
}  # fmt: skip

_POWER = r"10\^?\{?\s*[-−+]?\d+\}?"
_NUMBER = re.compile(
    r"(?<![\w.^_])[-+−]?(?:10\^\{?[-−+]?\d+\}?|(?:\d{1,3}(?:[ \u2009\u202f,]\d{3})+(?![\d.])|\d+(?:\.\d+)?|\.\d+)"
    rf"(?:\s*[×x·]\s*{_POWER})?)(?:\s*/\s*\d+(?![\d.]))?"
)
_TURN = re.compile(r"(?P<times>\d+(?:\.\d+)?)? ?π(?: ?/ ?(?P<parts>\d+))?(?![\w^_±+-])")
_BEFORE_TURN = ("relation", "compare", "between", "and", "to", "dash", "range", "number")
_YEAR = re.compile(r"(?:19[89]|20[0-4])\d")
_EXPONENT = re.compile(r"10\^?\{?\s*([-−+]?\d+)\}?$")
_UNIT = re.compile(
    r"[\s-]*((?:[TGMk]?eV)(?:\s*/\s*c(?:\^?\{?[24]\}?|²)?)?(?:\^\{?(?:[24]|1/2|0\.5|½)\}?(?!\w))?|√GeV|μm|µm|um|"
    r"microns?|mm|cm|mrad|rad(?:ians?)?|"
    r"degrees?|deg|°|%|percent|per cent|[fpa]b\s*\^?\{?[-−]?1\}?|fb|pb|ns|ps|[kM]?Hz|m|T)(?![A-Za-z_])"
)
_CITATION = re.compile(
    r"\(?(?:see )?Refs?\.?\s*\[[^\]]*\]\)?|\(?(?:see )?(?:Figs?|Figures?|Tables?|Sections?|Sect?s?|Eqs?|"
    r"Equations?|Appendix|"
    r"Chapters?)\.?\s*\(?[A-Z]?\d+(?:\.\d+)*(?:\([a-z]\))?\)?(?:\s*(?:and|,|–|-)\s*\d+(?:\.\d+)*(?:\([a-z]\))?)*\)?"
    r"|\[\s*\d+(?:\s*[,–-]\s*\d+)*\s*\](?!\s*(?:[TGM]eV|mm|cm))"
)
_INTERVAL = re.compile(r"(?:∈\s*)?[\[(]\s*([-−]?[\d.]+)\s*(?:,|–| - )\s*([-−]?[\d.]+)\s*[\])]")
_UNCERTAINTY = re.compile(r"\s*±\s*\d[\d.]*")
_QUOTED = re.compile(r"[‘“]([^’”]{1,40})[’”]")
_ORDER: tuple[tuple[Kind, str, str | None], ...] = (
    ("respectively", r"respectively|in that order", None),
    ("reject", words.REJECT, None),
    ("outside", words.OUTSIDE, None),
    *(("compare", pattern, operator) for pattern, operator in words.COMPARISONS),
    ("between", words.BETWEEN, None),
    ("range", words.RANGE, None),
    ("require", rf"(?:{words.REQUIRE})(?: {words.COMPLEMENT})?", None),
    ("select", words.SELECT, None),
    ("define", words.DEFINE, None),
    ("none", words.NONE, None),
    ("have", words.HAVE, None),
    ("clause", words.CLAUSE, None),
    ("if", words.IF, None),
    ("relative", words.RELATIVE, None),
    ("not", words.NOT, None),
    ("any", words.ANY, None),
    ("and", r"and|as well as|together with|in addition to|along with|plus|&", None),
    ("or", r"and/or|or", None),
    ("times", r"times|×", None),
    ("of", r"of|between|among(?:st)?", None),
    ("to", r"in order to|so as to|to|through", None),
    ("be", r"is|are|was|were|be|being", None),
    ("definite", r"the|these|those|both|this|their|its|our|all|each|every", None),
    ("pronoun", r"they|it|them", None),
    ("preposition", r"in|on|at|by|from|into|around|near|via|using|after|before|as|against|per|inside|due|within|"
                    r"over|under|"
     r"during|to", None),
)  # fmt: skip
_PHRASE = re.compile("|".join(f"(?P<k{i}>(?:{p})(?![\\w^_-]))" for i, (_, p, _) in enumerate(_ORDER)), re.IGNORECASE)
_NUMERALS = {**words.FRACTION_WORDS, **words.NUMBER_WORDS}
_NUMERAL = re.compile(rf"(?:{'|'.join(sorted(_NUMERALS, key=len, reverse=True))})(?![\w])(?!-to-)", re.IGNORECASE)
_COMPOUND = re.compile(
    r"(zero|one|two|three|four|five|six|\d)-(?=jet|lepton|photon|muon|electron|track|prong|b-|tau)", re.IGNORECASE
)
_LISTED_AFTER = re.compile(
    r"[a-z-]+(?:,| and|, and| or|, or) (?:at least )?(?:\d|zero|one|two|three|four)-[a-z]", re.IGNORECASE
)
_LISTED_BEFORE = re.compile(r"(?:\d|zero|one|two|three|four)-[a-z]+(?:,| and|, and| or|, or) $", re.IGNORECASE)
_SILENT = re.compile(
    r"(?:an?|also|further|furthermore|additionally|very|then|thus|therefore|moreover|finally|approximately|about|hence|"
    r"however|either|in addition|e\.g\.|i\.e\.|roughly)(?![\w-]),?",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[^\s()\[\],;:]|\([^\s()]*\)(?=[\w-]))+|\S")
_MARKS: dict[str, Kind] = {
    "(": "open", ")": "close", "[": "open", "]": "close", ",": "comma", ";": "semicolon", ":": "colon", "–": "dash",
    "-": "dash", "—": "comma", "•": "comma",
}  # fmt: skip
_RELATION = re.compile(r"<=|>=|==|!=|[<>≤≥=≠≲≳⩽⩾≪≫≡≈∼~]")
_NEXT_RELATION = re.compile(r"\s*(?:[<>≤≥=≠≲≳⩽⩾∈]|≫|≪)")
# "R_2 greater than 0.4": a comparison in words right behind makes a symbol a quantity.
_SPOKEN = re.compile(
    r",?(?: \w+){0,7}? (?:above|below|between|exceed\w*|(?:raised|lowered|increased|reduced|tightened|relaxed) to|"
    r"(?:greater|less|larger|smaller|higher|lower|more) than|"
    r"at least|at most"
    r"|within|in the (?:range|interval|window))\b"
)
# "d_{xy} (d_z)": one symbol in brackets is a twin, no product
_BRACKETED = re.compile(r"\([A-Za-z]+(?:_(?:\{[^{}]*\}|\w+))?\)")
_BARE_SYMBOL = re.compile(rf"[A-Za-z{GREEK}][\w{GREEK}_^{{}}*'+/-]*(?:\([^()]*\))?(?=\s*(?:<|>|≤|≥|=|≳|≲))")


def read_number(literal: str) -> float:
    """The value of a printed number: `1 000`, `5 × 10^{-4}`, `1/3`."""
    plain = literal.replace("−", "-").strip()
    numerator, _, denominator = plain.partition("/")
    if denominator and float(denominator):
        return read_number(numerator) / float(denominator)
    power = _EXPONENT.search(plain) if "^" in plain or re.search(r"[×x·]", plain) else None
    mantissa = plain[: power.start()].rstrip(" ×x·") if power else plain
    value = float(re.sub(r"[ \u2009\u202f,]", "", mantissa)) if mantissa not in ("", "-", "+") else 1.0
    # a division keeps the double nearest to the printed decimal
    exponent = int(power.group(1).replace("−", "-")) if power else 0
    return value / 10.0**-exponent if exponent < 0 else value * 10.0**exponent


def scan(text: str) -> list[Token]:
    """The tokens of a sentence, in order, places relative to `text`."""
    return merge(list(_scan(text)))


def _scan(text: str) -> Iterator[Token]:
    at, size, previous = 0, len(text), None
    while at < size:
        if text[at].isspace():
            at += 1
            continue
        skip = _skip(text, at, previous)
        if skip:
            at = skip
            continue
        for token in _read(text, at, previous):
            yield token
            previous, at = token, token.end


def _skip(text: str, at: int, previous: Token | None) -> int:
    """Where reading goes on after something that is left out at `at`: a citation, an article, an uncertainty;
    else 0.
    """
    ranged = previous is not None and (
        previous.kind in ("range", "between", "outside", "compare") or previous.text == "∈"
    )
    if not ranged or not _INTERVAL.match(text, at):
        found = _CITATION.match(text, at)
        if found:
            return found.end()
    if text[at] == "±" and previous is not None and previous.text.lower() == "within":
        return at + 1
    if previous is not None and previous.kind in ("number", "unit"):
        found = _UNCERTAINTY.match(text, at)
        if found:
            return found.end()
    if text[at] == "^":
        found = re.compile(r"\^(?:\{[^{}]*\}|\w+)").match(text, at)
        return found.end() if found else at + 1
    found = _SILENT.match(text, at)
    return found.end() if found else 0


def _read(text: str, at: int, previous: Token | None) -> list[Token]:
    """The token (an interval in brackets: the tokens) at `at`."""
    interval = _INTERVAL.match(text, at)
    if interval and (previous is None or previous.kind not in ("noun", "word")):
        return _read_interval(interval)
    if previous is not None and previous.kind in ("number", "close"):
        unit = _UNIT.match(text, at)
        if unit and (previous.kind == "number" or re.match(r"[TGMk]?eV", unit.group(1))):
            return [Token("unit", unit.group(1), unit.start(1), unit.end(1))]
    return [_read_one(text, at, previous)]


def _read_one(text: str, at: int, previous: Token | None) -> Token:
    compound = _COMPOUND.match(text, at)
    if compound and read_noun(text, at) is None:
        if not _is_listed(text, at, compound.end()):
            whole = _WORD.match(text, at)
            return Token(
                "word",
                text[at : whole.end()] if whole else compound.group(),
                at,
                whole.end() if whole else compound.end(),
            )
        numeral = compound.group(1).lower()
        value = float(numeral if numeral.isdigit() else words.NUMBER_WORDS[numeral])
        return Token("count", compound.group(), at, compound.end(), value=value)
    turn = _TURN.match(text, at) if previous is not None and previous.kind in _BEFORE_TURN else None
    if turn:
        value = pi * float(turn["times"] or 1) / float(turn["parts"] or 1)
        return Token("number", turn.group(), at, turn.end(), value=value)
    if text[at].isdigit() or text[at] in "+-−.":
        number = _NUMBER.match(text, at)
        if number and _YEAR.fullmatch(number.group()) and not _UNIT.match(text, number.end()):
            return Token("word", number.group(), at, number.end())
        if number and (_UNIT.match(text, number.end()) or not text[number.end() : number.end() + 1].isalpha()):
            return Token("number", number.group(), at, number.end(), value=read_number(number.group()))
    if text[at] == "±":
        return Token("word", "±", at, at + 1)
    relation = _RELATION.match(text, at)
    if relation:
        return Token("relation", relation.group(), at, relation.end(), operator=RELATIONS[relation.group()])
    quoted = _QUOTED.match(text, at)
    if quoted:
        return Token("quote", quoted.group(1), at, quoted.end())
    rank = read_rank(text, at)
    if rank and text[rank[1] : rank[1] + 1] == "-" and read_noun(text, rank[1] + 1):
        return Token("rank", text[at : rank[1] + 1], at, rank[1] + 1, ranks=rank[0])
    if rank:
        return Token("rank", text[at : rank[1]], at, rank[1], ranks=rank[0])
    symbol = _read_symbol(text, at, previous)
    named = read_words(text, at)
    if symbol and (named is None or named[1] <= symbol.end):
        return symbol
    noun = read_noun(text, at)
    if named and (noun is None or named[1] >= noun[1]):
        return Token("quantity", text[at : named[1]], at, named[1], quantity=named[0])
    part = read_part(text, at)
    if part and (noun is None or part[1] > noun[1]):
        return Token("part", part[0], at, part[1])
    if noun:
        return Token("noun", text[at : noun[1]], at, noun[1], noun=noun[0])
    return _read_phrase(text, at)


def _is_listed(text: str, at: int, end: int) -> bool:
    """Whether "0-jet" stands in a list of such words; alone it only names a category."""
    return _LISTED_AFTER.match(text, end) is not None or _LISTED_BEFORE.search(text[max(at - 40, 0) : at]) is not None


def _read_phrase(text: str, at: int) -> Token:
    numeral = _NUMERAL.match(text, at)
    if numeral:
        value = float(_NUMERALS[numeral.group().lower()])
        return Token("count" if value.is_integer() else "number", numeral.group(), at, numeral.end(), value=value)
    phrase = _PHRASE.match(text, at)
    if phrase and phrase.lastgroup:
        kind, _, operator = _ORDER[int(phrase.lastgroup[1:])]
        return Token(kind, phrase.group(), at, phrase.end(), operator=operator)
    if text[at] in _MARKS:
        return Token(_MARKS[text[at]], text[at], at, at + 1)
    word = _WORD.match(text, at)
    end = word.end() if word else at + 1
    return Token("word", text[at:end], at, end)


def _read_symbol(text: str, at: int, previous: Token | None) -> Token | None:
    """A quantity written as a symbol; a symbol that means nothing known counts only beside a relation."""
    found = EXPRESSION.match(text, at)
    beside = previous is not None and previous.kind == "relation"
    if found and not re.match(r"\w|-[A-Za-z]", text[found.end() : found.end() + 2]):
        symbol = found.group().rstrip()
        if symbol.endswith(")") and symbol.count(")") > symbol.count("("):
            symbol = symbol[:-1].rstrip()
        end = at + len(symbol)
        related = beside or _NEXT_RELATION.match(text, end) is not None
        quantity = read_symbol(symbol)
        known = not quantity.variable.startswith("other:")
        bare = re.fullmatch(rf"[A-Za-z{GREEK}]'?|[A-Z][a-z]?", symbol) is not None and symbol not in ("η", "ΔR")
        if symbol.startswith("(") and (not re.search(r"[_^|]", symbol) or _BRACKETED.fullmatch(symbol)):
            return None
        spoken = (
            re.search(r"[_^|/Δ]", symbol) is not None
            and _SPOKEN.match(text, end) is not None
            and read_noun(text, at) is None
        )
        if (related or spoken or (known and not bare)) and not (bare and symbol in "eμγℓτ"):
            return Token("quantity", symbol, at, end, quantity=quantity)
    named = _BARE_SYMBOL.match(text, at)
    if named and read_noun(text, at) is None and not _PHRASE.fullmatch(named.group()):
        return Token("quantity", named.group(), at, named.end(), quantity=read_symbol(named.group()))
    return None


def _read_interval(interval: re.Match[str]) -> list[Token]:
    low, high = interval.start(1), interval.start(2)
    return [
        Token("between", "[", interval.start(), low),
        Token("number", interval.group(1), low, interval.end(1), value=read_number(interval.group(1))),
        Token("and", ",", interval.end(1), high),
        Token("number", interval.group(2), high, interval.end(), value=read_number(interval.group(2))),
    ]
