"""When two names of a subject or a variable mean the same.

Names of the closed lists must be equal, with a few documented exceptions where two spellings mean one thing.
`other:` names carry the paper's words, which are free: they agree when their words do (token-set ratio of at least 80),
but words that turn the meaning round (ranks, negations, numbers) must be the same on both sides.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

RATIO = 80.0

_RANKS = ("leading", "subleading", "third", "fourth", "fifth")
_GUARDS = frozenset((
    *_RANKS, "non", "not", "anti", "no", "un", "min", "max", "minimum", "maximum", "additional", "mean", "sum",
    "loose", "medium", "tight", "very", "loosest", "tightest", "electron", "muon", "opposite", "same", "track",
    "calorimeter", "collinear", "converted", "unconverted", "signal", "control", "first", "second",
))  # fmt: skip
_FILLER = frozenset((
    "the", "a", "an", "of", "and", "or", "for", "in", "with", "to", "from", "by", "n", "number", "numbers",
    "candidate", "object", "associated", "corresponding", "requirement", "criterion", "working", "point", "wp",
))  # fmt: skip
_SPELLINGS = {
    "γ": "gamma", "μ": "muon", "mu": "muon", "e": "electron", "τ": "tau", "ℓ": "lepton", "l": "lepton", "Δ": "delta",
    "χ": "chi", "η": "eta", "φ": "phi", "highest": "leading", "hits": "hit", "photons": "photon", "dr": "deltar",
    "opposite-sign": "opposite", "transverse": "t", "masses": "mass", "vertices": "vertex",
}  # fmt: skip
_WORD = re.compile(r"\d+(?:\.\d+)?%?|[^\W\d_]+|(?<= )[+−-](?= )")
_SQUEEZED = re.compile(r"[^\w+/*%−-]|_")  # what does not tell two printed names apart: blanks, braces, signs of scripts

# A boson's candidate has a name of its own, with or without its decay: "Z → μμ candidate".
_BOSON = re.compile(r"other:(?:[Tt]he |an? )?(?P<name>[WZH])(?: ?boson)?(?: ?(?:->|→) ?\S+)?(?: boson)? candidates?$")
_BOSONS = {"W": "w-boson", "Z": "z-boson", "H": "higgs"}

# (subject, variable) spelled in two ways: the event's own quantities belong to the event, whatever they are summed from
_EVENT_QUANTITIES = frozenset(("ht", "st", "meff", "met", "met_significance"))
_PAIRS = {"dilepton": "lepton", "dijet": "jet", "diphoton": "photon"}
_BETWEEN_TWO = frozenset(("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "charge", "flavour"))
_SYMMETRIC = _BETWEEN_TWO
# An azimuthal separation is the angle between two directions, with or without bars around it.
_ONE_VARIABLE = {"abs_deltaphi": "deltaphi"}


class Name(NamedTuple):
    """What a requirement is about."""

    subject: str
    second_subject: str | None
    variable: str
    condition: str | None


@lru_cache(maxsize=1 << 16)
def agree(gold: Name, found: Name, *, removes: bool) -> bool:
    """Whether both are about the same quantity of the same object.

    A second subject counts when both sides name one. With `removes` the first subject is the one that goes, so the
    two may not change places.
    """
    a, b = canonicalise(gold), canonicalise(found)
    if not variables_agree(a.variable, b.variable):
        return False
    if _subjects_agree(a, b):
        return a.second_subject is None or b.second_subject is None or _same(a.second_subject, b.second_subject)
    swapped = b._replace(subject=b.second_subject or "", second_subject=b.subject)
    return (
        a.variable in _SYMMETRIC
        and not removes
        and a.second_subject is not None
        and b.second_subject is not None
        and _subjects_agree(a, swapped)
        and _same(a.second_subject, b.subject)
    )


def variables_agree(gold: str, found: str) -> bool:
    """Whether two variables are the same."""
    return _same(gold, found)


@lru_cache(maxsize=1 << 15)
def words_agree(gold: str, found: str, ratio: float = RATIO) -> bool:
    """Whether two free texts say the same: guard words and numbers equal, the rest alike."""
    if _SQUEEZED.sub("", gold).lower() == _SQUEEZED.sub("", found).lower():
        return True
    if "/" in gold and "/" in found:
        parts, others = gold.split("/"), found.split("/")  # a ratio is not its inverse
        return len(parts) == len(others) and all(words_agree(p, o, ratio) for p, o in zip(parts, others, strict=True))
    x, y = _ordered(gold), _ordered(found)
    a, b = frozenset(x), frozenset(y)
    if not a or not b:
        return a == b
    if Counter(filter(_guards, x)) != Counter(filter(_guards, y)):
        return False
    return fuzz.token_set_ratio(" ".join(sorted(a)), " ".join(sorted(b))) >= ratio


def _guards(word: str) -> bool:
    return word in _GUARDS or not word[0].isalpha()  # numbers, and signs of addition


def _same(gold: str, found: str) -> bool:
    if gold == found:
        return True
    if gold.startswith("other:") and found.startswith("other:"):
        return words_agree(gold[6:], found[6:])
    return False


def _subjects_agree(gold: Name, found: Name) -> bool:
    if _same(gold.subject, found.subject):
        return True
    return bool(_flavoured(gold) & _flavoured(found))


def _flavoured(name: Name) -> set[str]:
    """`leading_lepton` with the condition "muon" is `leading_muon`; "third muon" has no name of its own."""
    plain = "_".join(_ordered(name.subject.removeprefix("other:")))
    names = {plain}
    flavours = {w for w in _ordered(name.condition or "") if w in ("electron", "muon")}
    rank, _, kind = plain.partition("_")
    if rank in _RANKS and kind == "lepton" and len(flavours) == 1:
        names.add(f"{rank}_{flavours.pop()}")
    return names if rank in _RANKS else set()


@lru_cache(maxsize=1 << 14)
def canonicalise(name: Name) -> Name:
    """The name in one spelling, where two of the closed lists mean one thing."""
    name = name._replace(variable=_ONE_VARIABLE.get(name.variable, name.variable))
    boson = _BOSON.match(name.subject)
    if boson:
        return name._replace(subject=_BOSONS[boson["name"]])
    if name.variable in _EVENT_QUANTITIES and name.subject in ("event", "met", "jet"):
        return name._replace(subject="event", second_subject=None)
    if name.subject == "met" and name.variable in ("pt", "et"):
        return name._replace(subject="event", variable="met")
    if name.subject in _PAIRS and name.second_subject is None and name.variable in _BETWEEN_TWO:
        part = _PAIRS[name.subject]
        return name._replace(subject=part, second_subject=part)
    return name


def _ordered(text: str) -> list[str]:
    words = _WORD.findall(text.replace("_", " "))
    return [w for word in words if (w := _plain(word)) not in _FILLER]


def _plain(word: str) -> str:
    word = _SPELLINGS.get(word, word.lower())
    word = _SPELLINGS.get(word, word)
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word
