"""Pairings: candidates with a mass closest to that of a boson, and combinations that minimise something."""

import re
from collections.abc import Iterator

from extract.rules.choosing import CHOSEN, INPUTS, NOT_CHOSEN, TRAINING, choose, find_condition
from extract.rules.drafts import Draft
from extract.rules.prose import Sentence, find_cites, find_mentions
from extract.rules.variables import read_symbol
from schemas.vocabulary import Operator

_MASSES = (
    (
        r"(?:nominal |world[- ]average |PDG "
        r"|known )*(?:mass of the )?Z(?:[- ]boson)?(?:'s)?(?: pole)?(?: \[\d+\])? mass"
        r"|m_\{?Z\}?\b|mZ\b|M_\{?Z\}?\b|Z pole|mass of the Z(?:[- ]boson)?|Z[- ]boson|91(?:\.\d+)? GeV",
        "mZ",
    ),
    (
        r"(?:nominal |world[- ]average )*W(?:[- ]boson)? mass|m_\{?W\}?\b|mass of the W(?:[- ]boson)?|80(?:\.\d+)? GeV",
        "mW",
    ),
    (
        r"(?:nominal |known )*(?:Higgs(?:[- ]boson)?|H) mass|m_\{?H\}?\b|mass of the Higgs(?:[- ]boson)?"
        r"|12\d(?:\.\d+)? GeV",
        "mH",
    ),
    (
        r"(?:nominal )*top(?:[- ]quark)? mass|m_\{?t\}?\b|m_\{?top\}?\b|mass of the top(?:[- ]quark)?"
        r"|17\d(?:\.\d+)? GeV",
        "mt",
    ),
    (r"J/ψ mass|m_\{?J/ψ\}?", "mJpsi"),
)
_CLOSEST = re.compile(
    r"(?P<rank>second[- ]|next[- ]?(?:to)?[- ]?)?(?:closest|nearest)(?: \((?P<twin>second[- ](?:closest|nearest)"
    r"|next[- ]closest)\))?"
    r"(?: in (?:invariant )?mass| invariant mass)?(?: to| of)? (?:that of |the value of )?(?:the )?"
    r"(?:(?:" + "|".join(f"(?P<{name}>{pattern})" for pattern, name in _MASSES) + r"))"
)
_SYMBOL = re.compile(r"m_\{?(?P<label>1?2|34|Z_?1|Z_?2)\}?")
_MINIMISE = re.compile(
    r"\b(?P<how>minimi[sz](?:es|ing|ed|e|ation of)|maximi[sz](?:es|ing|ed|e|ation of))\b(?: the| an?| that| its| by)*"
    r" (?P<what>(?:\|[^|]{2,60}\||[^,;.()]{3,90}))"
)
_MINIMISED = re.compile(
    r"(?P<what>\|[^|]{3,60}\||(?:mass|invariant mass|p_T|angular|ΔR)?[- ]?(?:difference|separation|distance"
    r"|asymmetry)[^,;.]{0,70}?|χ\^2[^,;.]{0,30}?|ΔR[^,;.]{0,30}?)"
    r" (?:is|are) (?P<how>minimi[sz]ed|smallest|minimal|maximi[sz]ed|largest)"
)
_NEAR = re.compile(r"\b(?:closest|nearest)(?: to each other| together)? in (?P<what>ΔR|Δφ|φ|Δη)")
_PAIRING = re.compile(
    r"\b(?:pair\w*|combination\w*|assign\w*|candidate\w*|permutation\w*|association|match\w*|assigned|ambigu\w*"
    r"|chosen)\b"
)
_PAIR_NOUNS = re.compile(r"\bpairs?\b|\bdi-?(?:lepton|muon|electron)s?\b|OSSF|SFOS")


def read_closest(sentence: Sentence) -> Iterator[Draft]:
    """Candidates with the mass closest (second closest) to that of a boson or quark."""
    text = sentence.text
    for match in _CLOSEST.finditer(text):
        mass = next(name for _, name in _MASSES if match.groupdict()[name])
        if not (sentence.asked or CHOSEN.search(text) or re.search(r"[Ss]elect", text)):
            continue
        if re.search(r"calculated as|training", text[: match.start()]) or INPUTS.search(sentence.earlier):
            continue
        cites = find_cites(text[match.start() : match.end() + 8])
        symbol = _SYMBOL.search(text[max(0, match.start() - 40) : match.start()])
        subject = _find_chosen(text, match.start())
        second = bool(match["rank"])
        if subject == "quadruplet" and symbol:
            yield choose(match, subject, f"other:abs_m{symbol['label']}_minus_{mass}", "minimise", cites=cites)
            continue
        first, other = ("leading_pair", "subleading_pair") if _ranks_pairs(text) else (subject, subject)
        variable = f"other:abs_mass_minus_{mass}"
        if second:
            yield choose(match, other, variable, "order", f"second closest to {mass}", cites=cites)
        else:
            yield choose(match, first, variable, "minimise", cites=cites)
        if match["twin"]:
            yield choose(match, other, variable, "order", f"second closest to {mass}", cites=cites)


def _ranks_pairs(text: str) -> bool:
    """Whether the sentence gives the pair the name of leading or subleading pair."""
    named = re.search(
        r"\b(?:sub)?leading (?:\(subleading\) )?(?:\w+ ){0,3}?(?:pair|dilepton|Z)|Z_?\{?1\}?|first Z", text, re.I
    )
    return named is not None and _PAIR_NOUNS.search(text) is not None


def _find_chosen(text: str, position: int) -> str:
    """What is chosen: the composite named last in front of the words, "pair" for pairs of leptons."""
    front = text[:position]
    nouns = [
        m for m in find_mentions(front) if m.subject not in ("event", "trigger", "z-boson", "w-boson", "higgs", "top")
    ]
    pair = [m.end() for m in _PAIR_NOUNS.finditer(front)]
    composites = [m for m in nouns if m.subject in ("dilepton", "quadruplet", "diphoton", "dijet", "leptoquark")]
    last = composites[-1] if composites else None
    if last and (not pair or last.end >= pair[-1] - 6):
        return last.subject
    if pair:
        parts = {m.subject for m in nouns if m.end > pair[-1] - 40}
        return "dijet" if parts & {"jet", "b-jet"} and not parts & {"lepton", "electron", "muon"} else "dilepton"
    return nouns[-1].subject if nouns else "dilepton"


def read_minima(sentence: Sentence) -> Iterator[Draft]:
    """Pairings that minimise or maximise something: a mass difference, a χ², a distance."""
    text = sentence.text
    if not _PAIRING.search(text) or INPUTS.search(sentence.earlier):
        return
    near = _NEAR.search(text)
    if near and CHOSEN.search(text):
        nearest = _find_chosen(text, near.start())
        yield choose(near, nearest, read_symbol(near["what"]).variable, "minimise")
        return
    match = _MINIMISE.search(text) or _MINIMISED.search(text)
    if match is None or TRAINING.search(text[max(0, match.start() - 100) : match.start("what") + 40]):
        return
    what = match["what"].strip()
    if not re.search(r"mass|χ|Δ|difference|distance|separation|asymmetry|p_T|\||sum|probability|m_", what):
        return
    operator: Operator = "maximise" if re.match(r"maxi|larg", match["how"]) else "minimise"
    words = re.split(r" (?:is|are|that|which|between the recon)\b", what)[0]
    variable = (
        "chi2"
        if "χ" in words
        else "deltaR"
        if re.match(r"(?:the )?(?:ΔR|angular (?:separation|distance))", words)
        else f"other:{words}"
    )
    composites = [
        m.subject
        for m in find_mentions(text)
        if m.subject in ("leptoquark", "dilepton", "dijet", "quadruplet", "top") and m.end - m.start > 4
    ]
    objects = [m.subject for m in find_mentions(text[: match.start()]) if m.subject not in NOT_CHOSEN]
    subject = composites[0] if composites else objects[0] if objects else sentence.topic
    if subject is not None:
        yield choose(match, subject, variable, operator, condition=find_condition(text[: match.start()]))
