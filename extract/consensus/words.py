"""Free text of findings (names outside the closed lists, labels, scopes, conditions) reduced to what it says."""

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from extract.grounding.tokens import split_tokens
from schemas.errors import CriteriaError
from schemas.units import to_base

SPELLINGS: dict[str, str] = {
    "γ": "gamma", "μ": "muon", "mu": "muon", "e": "electron", "τ": "tau", "ℓ": "lepton", "l": "lepton", "Δ": "delta",
    "χ": "chi", "η": "eta", "φ": "phi", "highest": "leading", "opposite-sign": "opposite", "oppositely": "opposite",
    "vertices": "vertex", "masses": "mass", "categories": "category", "dr": "deltar", "sr": "signal", "cr": "control",
    "vr": "validation", "different": "opposite", "identical": "same", "isolated": "isolation",
}  # fmt: skip

FILLER = frozenset((
    "the", "a", "an", "of", "and", "or", "for", "in", "with", "to", "from", "by", "if", "when", "that", "those", "is",
    "are", "be", "which", "have", "has", "having", "must", "only", "all", "candidate", "object", "associated",
    "corresponding", "requirement", "requirements", "criterion", "criteria", "working", "point", "wp", "region",
    "category", "channel", "selection", "state", "final", "event", "number", "n", "at", "on", "as",
))  # fmt: skip

# Words that turn a meaning round, or tell one of several apart: the same on both sides or it is something else.
GUARDS = frozenset((
    "leading", "subleading", "third", "fourth", "fifth", "first", "second", "non", "not", "anti", "no", "un", "except",
    "other", "otherwise", "additional", "min", "max", "minimum", "maximum", "mean", "sum", "electron", "muon", "tau",
    "photon", "jet", "lepton", "opposite", "same", "collinear", "converted", "unconverted", "signal", "control",
    "validation", "sideband", "barrel", "endcap", "central", "forward", "track", "calorimeter", "low", "high", "merged",
    "resolved", "boosted", "very",
))  # fmt: skip

NEGATIONS = frozenset((
    "not", "no", "non", "anti", "except", "fail", "failing", "inverted", "outside", "excluding", "without", "other",
    "otherwise", "veto", "vetoed",
))  # fmt: skip
GREEK = {"μ": "mu", "ν": "nu", "τ": "tau", "γ": "gamma", "ℓ": "l", "χ": "chi"}
PARTICLES = frozenset(
    ("e", "mu", "tau", "nu", "gamma", "l", "electron", "muon", "photon", "lepton", "ee", "mumu", "emu")
)
DIGITS = {
    w: str(n) for n, w in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
SINGULAR = re.compile(r"(?<=[a-z]{3})(?<!s)s$")
GRADES = re.compile(r"loose|medium|tight|soft|hard")
_WORD = re.compile(r"\d+(?:\.\d+)?%?|[^\W\d_]+")
_NAME = re.compile(r"[^\W\d_]+\d[^\W_]*|\d+[^\W\d_][^\W_]*")  # 2b, SR1, 4e: the digit names, it does not measure
_DIGITS = re.compile(r"\d+")
_PART = re.compile(r"[^\W_]+(?:\.\d+)?")
_SQUEEZE = re.compile(r"[\W_]+")


class Phrase(NamedTuple):
    """A free text: its plain words, the numbers it compares with (base units), and the words that must not differ.

    `parts` are all its words, letters of particles and digits in one spelling, repeated as often as they stand there.
    """

    words: tuple[str, ...]
    numbers: tuple[float, ...]
    guards: tuple[str, ...]
    squeezed: str
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read_phrase(text: str) -> Phrase:
    """A free text reduced to words, numbers and guard words; order and spelling of names play no role."""
    words = {w for found in _WORD.findall(text.replace("_", " ")) if (w := _plain(found)) not in FILLER}
    numbers = sorted(_list_numbers(text))
    printed = {round_value(token.value) for token in split_tokens(text) if token.value is not None}
    names = {n.lower() for n in _NAME.findall(text) if not {float(d) for d in _DIGITS.findall(n)} <= printed}
    guards = sorted({w for w in words if w in GUARDS or GRADES.search(w)} | names)
    plain = sorted(w for w in words if not w[0].isdigit())
    return Phrase(tuple(plain), tuple(numbers), tuple(guards), _SQUEEZE.sub("", text).lower(), tuple(_list_parts(text)))


def refines(a: Phrase, b: Phrase) -> bool:
    """Whether one of two names says all that the other says, and more: "VBF" and "VBF, two jets".

    Particles and digits tell one of several apart, so what both name of these must be the same; so must negations.
    """
    mine, other = Counter(a.parts), Counter(b.parts)
    if not mine or not other or not (mine <= other or other <= mine):
        return False
    for special in (_is_particle, _has_digit):
        x, y = ([p for p in phrase.parts if special(p)] for phrase in (a, b))
        if x and y and x != y:
            return False
    return not {p for p in a.parts if p in NEGATIONS} ^ {p for p in b.parts if p in NEGATIONS}


@lru_cache(maxsize=65536)
def phrases_agree(a: Phrase, b: Phrase, ratio: float) -> bool:
    """Whether two free texts say the same: guard words and numbers equal, the other words alike by `ratio` (0 to 100).

    Token-set ratio of the sorted words; acronyms agree with the words they stand for.
    """
    if a == b or (a.squeezed and a.squeezed == b.squeezed):
        return True
    if a.numbers != b.numbers:
        return False
    if _is_acronym(a, b) or _is_acronym(b, a):
        return True
    if a.guards != b.guards:
        return False
    if not a.words or not b.words:
        return a.words == b.words and bool(a.numbers)
    return fuzz.token_set_ratio(" ".join(a.words), " ".join(b.words)) >= ratio


def round_value(value: float) -> float:
    """A number with nine digits: what conversion of units may move is gone, what a paper prints is not."""
    return float(f"{value:.9g}")


def _list_parts(text: str) -> list[str]:
    plain = re.sub(r"[_^{}]", " ", text)
    for letter, name in GREEK.items():
        plain = plain.replace(letter, f" {name} ")
    found = (DIGITS.get(p, p) for p in _PART.findall(plain.lower()))
    return sorted(p for p in (SINGULAR.sub("", w) for w in found) if p not in FILLER or p in ("e", "n"))


def _is_particle(part: str) -> bool:
    return part in PARTICLES


def _has_digit(part: str) -> bool:
    return any(c.isdigit() for c in part)


def _is_acronym(short: Phrase, long: Phrase) -> bool:
    letters = "".join(sorted(w[0] for w in long.words))
    return len(long.words) > 1 and short.words == (short.squeezed,) and "".join(sorted(short.squeezed)) == letters


def _list_numbers(text: str) -> set[float]:
    tokens = split_tokens(text)
    found: set[float] = set()
    for i, token in enumerate(tokens):
        if token.kind != "number" or token.value is None:
            continue
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        try:
            value = to_base(token.value, after.text if after is not None and after.kind == "unit" else None)[0]
        except CriteriaError:
            value = token.value
        found.add(round_value(value))
    return found


def _plain(word: str) -> str:
    word = SPELLINGS.get(word, word.lower())
    word = SPELLINGS.get(word, word)
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return SPELLINGS.get(word, word)
