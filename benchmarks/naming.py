"""When two names of a subject or a variable mean the same.

Names of the closed lists must be equal, with a few documented exceptions where two spellings mean one thing.
`other:` names carry the paper's words, which are free. They agree when they have the same words in any order and in any
spelling; when one of them leaves words out, as long as it has at least half of them; never when each has a word that
the other has not ("charged hadron", "neutral hadron"). Words that turn the meaning round or name another thing
(ranks, negations, numbers, particles, "missing", "significance") must be the same on both sides. A ratio is neither its
inverse nor its numerator.
"""

import re
from collections import Counter
from collections.abc import Mapping
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
# ... and in names, where they make another quantity of the same words
_HEADS = frozenset((
    "photon", "lepton", "jet", "tau", "hadron", "kaon", "pion", "pair", "visible", "missing", "significance",
    "rejection", "match", "fraction", "difference", "uncertainty", "resolution", "efficiency", "probability",
))  # fmt: skip
_FILLER = frozenset((
    "the", "a", "an", "of", "and", "or", "for", "in", "with", "to", "from", "by", "n", "number", "numbers",
    "candidate", "object", "associated", "corresponding", "requirement", "criterion", "working", "point", "wp",
))  # fmt: skip
_WEAK = frozenset(("decay", "plus", "value", "variable", "quantity", "itself"))  # in names: there or not
_SPELLINGS = {
    "γ": "gamma", "μ": "muon", "mu": "muon", "e": "electron", "τ": "tau", "ℓ": "lepton", "l": "lepton", "Δ": "delta",
    "χ": "chi", "η": "eta", "φ": "phi", "highest": "leading", "hits": "hit", "photons": "photon", "dr": "deltar",
    "opposite-sign": "opposite", "transverse": "t", "masses": "mass", "vertices": "vertex",
}  # fmt: skip
_SYNONYMS = {"E": "energy", "product": "pair", "ndof": "ndf", "dof": "ndf", "ψ": "psi", "distances": "distance"}
_SAME_SIGNS = ((re.compile(r"J/(?:ψ|psi)"), "Jpsi"), (re.compile(r" (?:per|over) "), "/"))
_CHARGE = re.compile(r"(?<=[^\W\d_])(?:\^\{?)?([+−-])(?![^\W_])")
_COUNTED = re.compile(r"(?:the )?(?:n(?:umber of |[_ ])|N[_ ]\{?(?=[a-zA-Z][a-zA-Z-])|Number of )|.* multiplicity$")
_ALIKE = 80.0  # letters of two words that are one word in two forms
_WORD = re.compile(r"\d+(?:\.\d+)?%?|[^\W\d_]+|(?<= )[+−-](?= )")
_SQUEEZED = re.compile(r"[^\w+/*%−-]|_")  # what does not tell two printed names apart: blanks, braces, signs of scripts

# A boson's candidate has a name of its own, with or without its decay: "Z → μμ candidate".
_BOSON = re.compile(r"other:(?:[Tt]he |an? )?(?P<name>[WZH])(?: ?boson)?(?: ?(?:->|→) ?\S+)?(?: boson)? candidates?$")
_SUBJECTS = {"other:V": "other:vector boson", "other:ditau": "other:tau pair", "other:di-tau": "other:tau pair"}
_BOSONS = {"W": "w-boson", "Z": "z-boson", "H": "higgs"}

# (subject, variable) spelled in two ways: the event's own quantities belong to the event, whatever they are summed from
_EVENT_QUANTITIES = frozenset(("ht", "st", "meff", "met", "met_significance"))
_PAIRS = {"dilepton": "lepton", "dijet": "jet", "diphoton": "photon"}
_BETWEEN_TWO = frozenset(("deltaR", "deltaphi", "abs_deltaphi", "deltaeta", "abs_deltaeta", "charge", "flavour"))
_MEMBERS = {part: pair for pair, part in _PAIRS.items()}
_OF_BOTH = frozenset(("mass", "pt"))  # of two leptons together: of the dilepton
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
    if _squeeze(gold) == _squeeze(found):
        return True
    x, y = ([w for w in _ordered(text) if w[0].isalnum()] for text in (gold, found))
    a, b = frozenset(x), frozenset(y)
    if not a or not b:
        return a == b
    if Counter(filter(_guards, x)) != Counter(filter(_guards, y)):
        return False
    return fuzz.token_set_ratio(" ".join(sorted(a)), " ".join(sorted(b))) >= ratio


@lru_cache(maxsize=1 << 15)
def names_agree(gold: str, found: str) -> bool:
    """Whether two names in a paper's own words (without `other:`) name the same thing."""
    if _squeeze(gold) == _squeeze(found):
        return True
    charges = [tuple(m[1].replace("−", "-") for m in _CHARGE.finditer(text)) for text in (gold, found)]
    if all(charges) and charges[0] != charges[1]:
        return False
    for pattern, sign in _SAME_SIGNS:
        gold, found = pattern.sub(sign, gold), pattern.sub(sign, found)
    parts, others = gold.split("/"), found.split("/")
    if len(parts) != len(others):
        return False
    exact = is_count(gold) != is_count(found)  # "pixel hits" may be their number, "track hits" is not that of tracks
    return all(_parts_agree(p, o, exact=exact) for p, o in zip(parts, others, strict=True))


def is_count(name: str) -> bool:
    """Whether a name in a paper's own words says that it is a number of things."""
    return _COUNTED.match(name) is not None


def _parts_agree(gold: str, found: str, *, exact: bool) -> bool:
    a, b = _name_words(gold), _name_words(found)
    common = a & b
    left, right = list((a - common).elements()), list((b - common).elements())
    for word in left[:]:
        form = next((w for w in right if min(len(w), len(word)) > 3 and fuzz.ratio(w, word) >= _ALIKE), None)
        if form is not None and not _names(word) and not _names(form):
            common[word] += 1
            left.remove(word)
            right.remove(form)
    if not left and not right:
        return True
    extra = left or right
    if exact or (left and right) or any(map(_names, extra)):
        return False
    return common.total() >= len(extra) and any(len(word) > 2 for word in common)  # one letter is not half of a name


def _name_words(text: str) -> Counter[str]:
    words = [_SYNONYMS.get(w, w) for w in _ordered(_CHARGE.sub(" ", text), _SYNONYMS)]
    particles = {w for w in words if w in _HEADS | {"electron", "muon"} and w != "pair"}
    if "fsr" in words and "photon" not in words:
        words.append("photon")
    paired = len(particles) > 1  # "electron and photon" are a pair of them
    return Counter(w for w in words if w not in _WEAK and not (paired and w == "pair"))


def _names(word: str) -> bool:
    return _guards(word) or word in _HEADS


def _squeeze(text: str) -> str:
    return _SQUEEZED.sub("", text).lower()


def _guards(word: str) -> bool:
    return word in _GUARDS or not word[0].isalpha()  # numbers, and signs of addition


def _same(gold: str, found: str) -> bool:
    if gold == found:
        return True
    if gold.startswith("other:") and found.startswith("other:"):
        return names_agree(gold[6:], found[6:])
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
    name = name._replace(subject=_SUBJECTS.get(name.subject, name.subject))
    boson = _BOSON.match(name.subject)
    if boson:
        return name._replace(subject=_BOSONS[boson["name"]])
    if name.variable in _EVENT_QUANTITIES and name.subject in ("event", "met", "jet"):
        return name._replace(subject="event", second_subject=None)
    if name.subject == "met" and name.variable in ("pt", "et"):
        return name._replace(subject="event", variable="met")
    if name.variable in _BETWEEN_TWO and name.second_subject is None:
        part = _PAIRS.get(name.subject) or _find_member(name.subject)
        if part is not None:
            return name._replace(subject=part, second_subject=part)
    if name.variable in _OF_BOTH and name.subject == name.second_subject in _MEMBERS:
        return name._replace(subject=_MEMBERS[name.subject], second_subject=None)
    if name.subject == "lepton" and (flavour := _find_flavour(name.condition)):
        return name._replace(subject=flavour, condition=None)
    return name


def _ordered(text: str, also: Mapping[str, str] | None = None) -> list[str]:
    words = _WORD.findall(text.replace("_", " "))
    plain = [also[word] if also and word in also else _plain(word) for word in words]
    return [w for w in plain if w not in _FILLER]


def _plain(word: str) -> str:
    word = _SPELLINGS.get(word, word.lower())
    word = _SPELLINGS.get(word, word)
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word


def _find_member(subject: str) -> str | None:
    """Of "other:X pair" the X; None where there is no pair, or it is of two kinds."""
    words, _, last = subject.rpartition(" ")
    one_kind = len(words) > 6 and words.startswith("other:") and not re.search(r"-| and |[+−]", words)
    return words if last in ("pair", "pairs") and one_kind else None


def _find_flavour(condition: str | None) -> str | None:
    """The flavour that a condition on leptons names, when it names nothing else."""
    words = _ordered(condition) if condition else []
    return words[0] if len(words) == 1 and words[0] in ("electron", "muon") else None
