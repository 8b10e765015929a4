"""A printed condition as an expression, where that is possible without guessing."""

import re
from collections.abc import Mapping

from extract.assembling.aliases import CHANNELS, CONDITION_SYMBOLS, MUON_KINDS
from schemas.errors import CriteriaError
from schemas.units import to_base

NUMBER = r"(\d+(?:\.\d+)?)\s*(GeV|MeV|TeV|mm|cm)?"
SYMBOL = "(" + "|".join(re.escape(s) for s in sorted(CONDITION_SYMBOLS, key=len, reverse=True)) + ")"
RELATION = r"\s*(<=|>=|<|>|≤|≥)\s*"
DOUBLE = re.compile(f"^{NUMBER}{RELATION}{SYMBOL}{RELATION}{NUMBER}$")
SINGLE = re.compile(f"^{SYMBOL}{RELATION}{NUMBER}$")
ASCII = {"≤": "<=", "≥": ">="}
SPLIT = re.compile(r"\s+and\s+|,\s*")
EVENT_COMPARISON = re.compile(rf"^(m\S*)\s*(<=|>=|<|>|≤|≥|below|above)\s*{NUMBER}$")
REPEATING = frozenset({
    "a", "all", "alternative", "any", "both", "by", "candidate", "candidates", "charge", "charged",
    "descending", "each", "either", "event", "every", "flavor", "flavour", "four", "from", "highest", "in",
    "its", "leading", "lepton", "leptons", "member", "members", "of", "opposite", "or", "ordered", "pair",
    "pairing", "pairings", "pairs", "per", "photon", "photons", "pt", "quadruplet", "same", "selected",
    "selection", "sign", "subleading", "that", "the", "their", "these", "three", "track", "tracks", "two",
    "within",
})  # fmt: skip
FILLER = re.compile(
    r"^(?:if|when|for|with|in the (?:region|range)|those with)\s+|^(?:muons?|electrons?|jets?)\s+", re.I
)


def parse_condition(text: str) -> str | None:
    """An expression on one object for a printed condition such as "|η| < 2.4 and p_T < 60 GeV", else None."""
    kinds = _muon_kinds(text)
    if kinds is not None:
        return kinds
    parts = [_comparison(p) for p in SPLIT.split(text.strip())]
    if not parts or any(p is None for p in parts):
        return None
    return " and ".join(p for p in parts if p is not None)


def parse_channels(scope: str, members: str) -> str | None:
    """An event condition for a scope that only names decay channels ("4e and 4μ"), else None."""
    words = [
        w
        for w in re.split(r"[\s,/]+|\band\b|\bor\b", scope)
        if w and w not in ("channel", "channels", "final", "states", "state")
    ]
    if not words or any(w not in CHANNELS for w in words):
        return None
    return " or ".join(CHANNELS[w].format(m=members) for w in words)


def _comparison(part: str) -> str | None:
    while FILLER.match(part):
        part = FILLER.sub("", part, count=1)
    part = part.strip().rstrip(".")
    if m := DOUBLE.match(part):
        low, low_unit, left, symbol, right, high, high_unit = m.groups()
        if "<" not in ASCII.get(left, left) or "<" not in ASCII.get(right, right):
            return None
        name = CONDITION_SYMBOLS[symbol]
        first = f"{_number(low, low_unit or high_unit)} {ASCII.get(left, left)} {name}"
        return f"{first} and {name} {ASCII.get(right, right)} {_number(high, high_unit)}"
    if m := SINGLE.match(part):
        symbol, relation, value, unit = m.groups()
        return f"{CONDITION_SYMBOLS[symbol]} {ASCII.get(relation, relation)} {_number(value, unit)}"
    return None


def _number(literal: str, unit: str | None) -> str:
    try:
        return f"{to_base(float(literal), unit)[0]:g}"
    except CriteriaError:
        return literal


def _muon_kinds(text: str) -> str | None:
    lowered = text.lower()
    found = list(dict.fromkeys(kind for words, kind in MUON_KINDS.items() if words in lowered))
    rest = lowered
    for words in MUON_KINDS:
        rest = rest.replace(words, "")
    negated = bool(re.search(r"\bnot\b|\bexcept\b|\bother than\b", rest))
    rest = re.sub(r"\b(not|except|other|than|or|and|muons?|candidates?|is|are|the|for|if)\b|[,\s.]", "", rest)
    if not found or rest:
        return None
    if negated:
        return " and ".join(f"kind != {k}" for k in found)
    return " or ".join(f"kind == {k}" for k in found)


def parse_event_condition(text: str, masses: Mapping[str, str]) -> str | None:
    """An event expression for a printed condition on a named mass ("m_{4ℓ} < 140 GeV"), else None.

    `masses` maps a plain symbol (m4l) to the name of its variable.
    """
    m = EVENT_COMPARISON.match(text.strip().rstrip("."))
    if m is None:
        return None
    symbol, words, value, unit = m.groups()
    name = masses.get(plain_symbol(symbol))
    relation = {"below": "<", "above": ">", "≤": "<=", "≥": ">="}.get(words, words)
    return f"{name} {relation} {_number(value, unit)}" if name else None


def repeats_subject(text: str) -> bool:
    """Whether a condition only names what the cut's own expression speaks of ("all pairs in the quadruplet")."""
    return not [w for w in re.findall(r"[^\W_]+", text.lower()) if w not in REPEATING]


def plain_symbol(symbol: str) -> str:
    """`m_{4ℓ}` as `m4l`."""
    return re.sub(r"[_{}^\s|]", "", symbol).replace("ℓ", "l").lower()
