"""Where in an analysis a requirement acts, and to which part of it the text says it belongs."""

import re
from collections.abc import Sequence

from extract.rules.owners import TWO_OBJECT
from extract.rules.sentences import Claim
from schemas.vocabulary import Stage

_PAIRS = ("dilepton", "diphoton", "dijet", "quadruplet", "leptoquark", "z-boson", "w-boson", "higgs", "top",
          "leading_pair", "subleading_pair")  # fmt: skip
_EVENT = ("event", "met")
_PART = (
    r"(?:channel|categor(?:y|ies)|regions?|selections?|sideband|preselection|sub-?samples?|class(?:es)?|bins?|"
    r"final states?|SRs?|CRs?|VRs?)"
)
_IN = re.compile(
    rf"\b(?:in|for|of|In|For)\s+(?:both\s+|all\s+)?(?:the|an?|each|this|these|"
    rf"most)\s+((?:[^\s,;.()]+\s+){{1,5}}?{_PART})\b"
)
_THE = re.compile(
    rf"\b(?:[Tt]he|[Aa]n?)\s+((?:[^\s,;.()]+\s+){{1,4}}?{_PART})\s+(?:\([^)]*\)\s+)?(?:is|are|requires?|contains?|"
    rf"includes?|consists?|must|selects?)\b"
)
_LABEL = re.compile(r"\b((?:SR|CR|VR)s?(?:[-_A-Za-z0-9]|\^\{[^}]*\}|_\{[^}]*\})*)")
_QUOTED = re.compile(rf"[‘“]([^’”]{{1,40}})[’”](?=\s*(?:\(|{_PART}|-type))")
_REGION_HEADING = re.compile(r"region|categor|channel|sideband|\bSR|\bCR|\bVR", re.IGNORECASE)
_GENERAL_HEADING = re.compile(
    r"^(?:[\d.]+\s*)?(?:event )?(?:categori[sz]ation|classification|signal regions?|regions?|"
    r"categories)(?: definitions?)?$",
    re.I,
)
_TRIGGER = re.compile(
    r"trigger\w*\b[^.;]{0,80}\bthreshold|threshold\w*\b[^.;]{0,60}\btrigger|"
    r"\btriggers? (?:requir|with)|online selection|(?:hardware|software) (?:trigger|stage|level)",
    re.I,
)
_OVERLAP = re.compile(r"overlap|\bremov|\bdiscard|ambigu|duplicat|share the same|closer than|within", re.IGNORECASE)
_ABOVE_TRIGGER = re.compile(
    r"trigger (?:threshold|plateau|requirement|match)|above the trigger|matched to", re.IGNORECASE
)


def find_scope(text: str, place: int, headings: Sequence[str]) -> str | None:
    """The region, category or channel that the words around `place` name, else the one that the heading names."""
    quoted = [m for m in _QUOTED.finditer(text) if m.start() < place]
    if quoted and ";" not in text[quoted[-1].end() : place]:
        return quoted[-1].group(1).strip()
    for pattern in (_IN, _THE, _LABEL):
        found = list(pattern.finditer(text))
        before = [m for m in found if m.start() <= place]
        if before:
            return _tidy(before[-1].group(1))
        if found and pattern is not _LABEL:
            return _tidy(found[0].group(1))
    if headings and _REGION_HEADING.search(headings[-1]) and not _GENERAL_HEADING.match(headings[-1]):
        return re.sub(r"^[\d.]+\s*", "", headings[-1]).strip()
    return None


def _tidy(words: str) -> str:
    return re.sub(r"^(?:following|corresponding|same|respective)\s+", "", words.strip())


def find_stage(claim: Claim, text: str, scope: str | None) -> Stage:
    """The stage of a requirement, from its effect, its objects and the words of its sentence."""
    if (
        _TRIGGER.search(text)
        and not _ABOVE_TRIGGER.search(text)
        and claim.variable in ("pt", "et", "met", "ht", "mass", "energy")
    ):
        return "trigger"
    if claim.effect == "define":
        return "object" if claim.variable == "radius" else "definition"
    if claim.effect == "remove_object" and claim.second is not None and claim.variable in TWO_OBJECT:
        return "overlap"
    if (
        claim.variable == "deltaR"
        and claim.second is not None
        and _OVERLAP.search(text)
        and claim.effect == "remove_object"
    ):
        return "overlap"
    if scope is not None and (claim.variable == "n" or claim.subject in _EVENT or claim.subject in _PAIRS):
        return "region"
    if claim.variable == "n" or claim.subject in _EVENT or claim.effect == "reject_event":
        return "event"
    if (
        claim.subject in _PAIRS
        or claim.second is not None
        or re.match(r"(?:sub)?leading_|third_|fourth_", claim.subject)
    ):
        return "candidate"
    return "object"
