"""What a finding is about: subjects and variables, spelled in one way."""

import re
from typing import NamedTuple

from extract.consensus.words import Phrase, phrases_agree, read_phrase
from schemas.finding import Finding
from schemas.vocabulary import SUBJECTS, VARIABLES

RANKS = ("leading", "subleading", "third", "fourth")
RANK_WORDS = {"leading": "leading", "subleading": "subleading", "third": "third", "fourth": "fourth", "fifth": "fifth"}
KEPT_RANKED = ("leading_pair", "subleading_pair")  # subjects of their own, not the first of several pairs
BOSON = re.compile(r"other:(?P<name>[WZH])(?: ?boson)?(?: ?(?:->|→) ?\S+)?(?: boson)?(?: candidates?)?$")
BOSONS = {"W": "w-boson", "Z": "z-boson", "H": "higgs"}
EVENT_QUANTITIES = frozenset(("ht", "st", "meff", "met", "met_significance"))
PAIRS = {"dilepton": "lepton", "dijet": "jet", "diphoton": "photon"}
BETWEEN_TWO = frozenset(("deltaR", "abs_deltaphi", "abs_deltaeta", "charge", "flavour"))
ONE_VARIABLE = {"eta": "abs_eta", "deltaphi": "abs_deltaphi", "deltaeta": "abs_deltaeta"}
ALIKE = ({"pt", "et"}, {"z0", "dz"}, {"dz", "z0_sintheta"})  # one number in one place: two spellings of one thing

# The paper's own words for variables that have a name; compared without blanks and signs, in lower case.
VARIABLE_WORDS: dict[str, str] = {
    "transversemomentum": "pt", "transverseenergy": "et", "pseudorapidity": "abs_eta", "invariantmass": "mass",
    "transversemass": "mt", "missingtransversemomentum": "met", "missingtransverseenergy": "met", "etmiss": "met",
    "multiplicity": "n", "number": "n", "identification": "id", "btagging": "btag", "btag": "btag", "deltar": "deltaR",
    "δr": "deltaR", "deltaphi": "abs_deltaphi", "δφ": "abs_deltaphi", "deltaeta": "abs_deltaeta",
    "δη": "abs_deltaeta", "d0significance": "d0_sig", "impactparametersignificance": "d0_sig",
    "effectivemass": "meff",
}  # fmt: skip


class Subject(NamedTuple):
    """A rank ("" for none), a name of the closed list ("" for none), and else the paper's words."""

    rank: str
    kind: str
    words: Phrase | None


class About(NamedTuple):
    """Subject, partner and variable of a finding in one spelling. `variable` is "" where only words name it."""

    subject: Subject
    second: Subject | None
    variable: str
    symbol: Phrase | None


def name_finding(finding: Finding) -> About:
    """What the finding is about."""
    variable, symbol = _name_variable(finding)
    subject = name_subject(finding.subject)
    second = name_subject(finding.second_subject) if finding.second_subject else None
    if variable in EVENT_QUANTITIES and subject.kind in ("event", "met", "jet"):
        return About(Subject("", "event", None), None, variable, None)
    if subject.kind == "met" and variable in ("pt", "et"):
        return About(Subject("", "event", None), None, "met", None)
    if subject.kind in PAIRS and second is None and variable in BETWEEN_TWO:
        part = Subject("", PAIRS[subject.kind], None)
        return About(part, part, variable, None)
    if subject.kind == "lepton" and (flavour := find_flavour(finding.condition)):
        subject = subject._replace(kind=flavour)
    return About(subject, second, variable, symbol)


def name_subject(subject: str) -> Subject:
    """A subject of the closed list, or the paper's own words for one, with its rank apart."""
    if boson := BOSON.match(subject):
        return Subject("", BOSONS[boson["name"]], None)
    if not subject.startswith("other:"):
        rank, _, kind = subject.partition("_")
        if rank in RANKS and kind and subject not in KEPT_RANKED:
            return Subject(rank, kind, None)
        return Subject("", subject, None)
    phrase = read_phrase(subject.removeprefix("other:"))
    ranks = [RANK_WORDS[w] for w in phrase.words if w in RANK_WORDS]
    rank = ranks[0] if len(ranks) == 1 else ""
    left = tuple(w for w in phrase.words if w != rank)
    if len(left) == 1 and left[0] in SUBJECTS:
        return Subject(rank, left[0], None)
    guards = tuple(g for g in phrase.guards if g != rank)
    return Subject(rank, "", phrase._replace(words=left, guards=guards))


def find_flavour(condition: str | None) -> str | None:
    """The flavour that a condition on leptons names, if it names nothing else: "for electrons"."""
    if condition is None:
        return None
    phrase = read_phrase(condition)
    return phrase.words[0] if phrase.words in (("electron",), ("muon",)) and not phrase.numbers else None


def subjects_agree(a: Subject, b: Subject, *, near: bool) -> bool:
    """Whether two subjects can be the same. `near`: both are read from one place, so that free words need less."""
    if a.rank != b.rank:
        return False
    if a.kind and b.kind:
        return a.kind == b.kind
    if a.words is not None and b.words is not None:
        return phrases_agree(a.words, b.words, 60.0 if near else 80.0)
    named, free = (a, b) if a.kind else (b, a)
    if not near or free.words is None:
        return False
    return named.kind.replace("-", " ").split()[-1] in free.words.words


def variables_agree(a: About, b: About, *, near: bool) -> bool:
    """Whether two variables can be the same; spellings that differ in sense agree only in one place of the text."""
    if a.variable and b.variable:
        return a.variable == b.variable or (near and {a.variable, b.variable} in ALIKE)
    if a.symbol is not None and b.symbol is not None:
        if sorted(a.symbol.squeezed) == sorted(b.symbol.squeezed):
            return True  # indices and powers in another order
        return phrases_agree(a.symbol, b.symbol, 60.0 if near else 80.0)
    return False


def _name_variable(finding: Finding) -> tuple[str, Phrase | None]:
    variable = finding.variable
    if variable in ("eta", "deltaphi", "deltaeta"):
        return ONE_VARIABLE[variable], None
    if variable in VARIABLES:
        return variable, None
    printed = variable.removeprefix("other:")
    phrase = read_phrase(printed)
    plain = phrase.squeezed.removeprefix("the")
    if plain in VARIABLE_WORDS:
        return VARIABLE_WORDS[plain], None
    lowered = printed.lower().removeprefix("number of ").removeprefix("n_").strip()
    if lowered != printed.lower():
        return "", read_phrase(f"count {lowered}")
    return "", phrase
