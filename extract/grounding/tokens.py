"""A printed statement as tokens: numbers, units, relation symbols, symbols of variables, words, punctuation.

Digits in scripts and names (`m_{12}`, `2e2μ`, `χ^2`) belong to their symbol; citations and numbers of sections, tables
or figures are marks, not numbers.
"""

import re
from functools import lru_cache
from math import nan, pi
from typing import Literal, NamedTuple

from schemas.errors import CriteriaError
from schemas.units import find_unit

Kind = Literal["number", "unit", "relation", "symbol", "word", "mark", "dash", "open", "close", "comma", "other"]


class Token(NamedTuple):
    """A token; offsets are into the text that was split. `value` of numbers, `operator` of relation symbols."""

    kind: Kind
    start: int
    end: int
    text: str
    value: float | None = None
    operator: str | None = None


_SCRIPT = r"(?:[_^](?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|[^\s{}(),;<>=≤≥|/]))"
_UNIT = (
    r"(?:[kMGT]?eV\^\{?2\}?/c\^\{?4\}?|√?[kMGT]?eV(?:\s?/\s?c(?:\^?\{?2\}?|²)?)?(?:\^\{?1/2\}?)?|[μµnmc]?m(?![\w^])|um(?!\w)|microns?|m?rad(?:ians?)?(?!\w)|°|deg(?:rees?)?(?!\w)"
    r"|\^\{?[◦∘]\}?|%|per\s?cent|[fpna]b\^?\{?-1\}?|[μµnpm]s(?!\w)|[kM]?Hz|σ(?![\w(_^]))"
)
_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\.\d+|\d+)"
_NAMED = (
    r"(?:Refs?|References?|Sec|Secs|Sections?|Tables?|Tabs?|Figures?|Figs?|Eqs?|Equations?|Chapters?|Appendix|Runs?"
    r"|Phase|Steps?|Pythia|PYTHIA|version|Ver|Geant|GEANT)\b\.?"
)
_PATTERN = re.compile(
    rf"""
    (?P<plain>(?<![\w^_{{-])(?!version|one\b|two\b|step|per|m?rad|deg|micron)[a-z]{{3,}}(?=[\s,;)]))
    |(?P<pair>\b[Aa]n?\s(?:[\w-]+\s){{0,2}}pair\sof\b)
    |(?P<pi>(?<![\w^_])(?:(?P<times>\d+(?:\.\d+)?)\s?)?π(?:/(?P<parts>\d+))?(?![\w^_±+-])(?:(?<=\d)|(?<=\dπ)))
    |(?P<single>\b(?:a|one)\ssingle(?=\s))
    |(?P<fraction>\b(?:one|two|a)[\s-](?:third|quarter|half|fifth|tenth)s?(?=\s+of\b))
    |(?P<mark>{_NAMED}[\s-]*[\[(]?\d[\d.]*[\])]?(?:\s?(?:,|–|-|and|or)\s?[\[(]?\d[\d.]*[\])]?)*
        |(?<!∈\s)(?<!interval\s)(?<!range\s)(?<!window\s)(?<!=\s)
         \[\d{{1,3}}(?:\s?[,–-]\s?\d{{1,3}})*\](?!\s?{_UNIT})
        |(?<=[a-z.,)V%])\^\{{?\d{{1,2}}\}}?(?=\s|$|[.,;)]))
    |(?P<absolute>\|[^|<>=≤≥]{{1,60}}\|{_SCRIPT}*)
    |(?P<relation>>=|<=|==|!=|[<>=≤≥⩽⩾≠≡≳≲≈∼~≃≪≫])
    |(?P<number>(?P<sign>(?<![\w)\]}}%.])[-+−]\s?)?(?P<digits>{_DECIMAL})
        (?P<power>(?:\s?[×·]\s?10)?\^\{{?(?P<exponent>[-−+]?\d+)\}}?)?(?P<over>/\d+(?![\w.]))?
        (?=\s?{_UNIT}|(?![\w^_]|\.\d)))
    |(?P<unit>(?:(?<=\d)|(?<=\d[\s-])|(?<=[}})\]])|(?<=[}})\]]\s)|(?<=[\[(])|(?<=\bin\s)){_UNIT}(?![A-Za-z]))
    |(?P<symbol>(?![kMGT]?eV\^\{{?\d\}}?(?!\w))(?:[^\W_]|[Δ∇√⃗])[^\W_]*['′*]?{_SCRIPT}(?:[^\W_]|['′*˜]|{_SCRIPT})*(?:\([^()<>=≤≥\s]{{1,20}}\))?
        |\d+(?:\.\d+)?[^\W\d_][^\W_]*
        |[A-Za-z]{{1,2}}\([^()<>=≤≥]{{1,30}}\)
        |(?=\w*\d)[^\W\d_][^\W_]*
        |(?=[A-Za-z]*[^\W\d_A-Za-zÀ-ÿſﬀ-ﬆ])[^\W\d_]+(?:\([^()<>=≤≥]{{1,20}}\))?)
    |(?P<word>[A-Za-zÀ-ÿﬀ-ﬆ]+(?:[-’'][A-Za-zÀ-ÿﬀ-ﬆ]+)*)
    |(?P<dash>[–—-]|−)
    |(?P<open>[(\[])|(?P<close>[)\]])|(?P<comma>,)|(?P<other>[^\s])
    """,
    re.VERBOSE,
)
_OPERATORS = {
    ">": ">", "<": "<", ">=": ">=", "≥": ">=", "⩾": ">=", "≳": ">=", "<=": "<=", "≤": "<=", "⩽": "<=", "≲": "<=",
    "=": "==", "==": "==", "!=": "!=", "≠": "!=", "≫": ">", "≪": "<",
}  # fmt: skip
_SQUARE = re.compile(r"[qQmMst](?:_\S+)?\^\{?2")
WORD_NUMBERS = {
    w: float(n)
    for n, w in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"half": 0.5, "twice": 2.0}
_PARTS = {"third": 3.0, "quarter": 4.0, "half": 2.0, "fifth": 5.0, "tenth": 10.0}


def split_tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a statement, in order."""
    tokens: list[Token] = []
    squared = _SQUARE.search(text) is not None
    for match in _PATTERN.finditer(text):
        kind = match.lastgroup or "other"
        start, end = match.span()
        piece = match[0]
        if match["number"] is not None:
            number = _read_number(match)
            if match["sign"] and tokens and tokens[-1].kind in ("number", "unit"):  # "105 - 160" is a range
                tokens.append(Token("dash", start, start + 1, piece[0]))
                first = match.start("digits")
                number = number._replace(start=first, text=piece[first - start :], value=-(number.value or 0.0))
            tokens.append(number)
        elif kind == "relation":
            tokens.append(Token("relation", start, end, piece, operator=_OPERATORS.get(piece, "~")))
        elif kind in ("plain", "word"):
            lower = piece.lower()
            if lower in WORD_NUMBERS:
                tokens.append(Token("number", start, end, piece, WORD_NUMBERS[lower]))
            else:
                tokens.append(Token("word", start, end, piece))
        elif kind == "pair":
            tokens.append(Token("number", start, end, piece, 2.0))
        elif match["pi"] is not None:
            value = pi * float(match["times"] or 1) / float(match["parts"] or 1)
            tokens.append(Token("number", start, end, piece, value))
        elif kind == "single":
            tokens.append(Token("number", start, end, piece, 1.0))
        elif kind == "fraction":
            over = _PARTS[re.split(r"[\s-]", piece)[1].rstrip("s")]
            tokens.append(Token("number", start, end, piece, (2.0 if piece.startswith("two") else 1.0) / over))
        elif kind == "absolute":
            tokens.append(Token("symbol", start, end, piece))
        elif kind == "unit":
            tokens.append(Token("unit" if _follows_number(tokens) else "word", start, end, piece))
        elif kind == "mark" and squared and piece in ("^2", "^{2}") and tokens[-1].text.endswith("eV"):
            tokens[-1] = tokens[-1]._replace(end=end, text=tokens[-1].text + "^2")  # of q^2, and no footnote
        elif kind in ("symbol", "mark", "dash", "open", "close", "comma"):
            tokens.append(Token(kind, start, end, piece))  # type: ignore[arg-type]
        else:
            tokens.append(Token("other", start, end, piece))
    return tuple(tokens)


def _read_number(match: re.Match[str]) -> Token:
    value = float(match["digits"].replace(",", ""))
    if match["power"]:
        exponent = int(match["exponent"].replace("−", "-"))
        value = value**exponent if "10" not in match["power"][:-1].split("^")[0] else value * 10.0**exponent
    if match["over"]:
        value /= float(match["over"][1:]) or nan  # 0/0 is no number that anything equals
    if match["sign"] and match["sign"].strip() in "-−":
        value = -value
    return Token("number", match.start("number"), match.end("number"), match["number"], value)


def _follows_number(tokens: list[Token]) -> bool:
    """Whether a unit may stand here: after a number, a twin in parentheses, or alone in brackets ("[GeV]")."""
    if not tokens:
        return False
    last = tokens[-1]
    if last.kind in ("number", "close", "open"):
        return True
    if last.kind == "dash" and len(tokens) > 1 and tokens[-2].kind == "number":
        return True
    return last.kind == "word" and last.text.lower() == "in"


@lru_cache(maxsize=512)
def name_unit(printed: str) -> str:
    """The canonical name of a printed unit; the text itself when it is not a unit that criteria know."""
    plain = printed.strip().replace("{", "").replace("}", "").replace("^-1", "-1").replace("◦", "°").replace("∘", "°")
    plain = plain.replace("/c^4", "")
    try:
        return find_unit(plain.lstrip("^")).name
    except CriteriaError:
        return plain
