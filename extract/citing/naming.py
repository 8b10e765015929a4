"""Whose definition a sentence leaves to a cited work, and which: subjects and variables as findings name them."""

import re

from extract.rules.identification import BTAG, GRADE
from extract.rules.prose import Sentence, find_objects, find_owner

SELECTION = "other:selection"
OVERLAP = "other:overlap removal"

_OBJECTS = (
    "electron", "muon", "lepton", "tau", "photon", "jet", "b-jet", "c-jet", "fat-jet", "track", "vertex", "met",
    "w-boson", "top",
)  # fmt: skip
_LEPTONIC = ("dilepton", "quadruplet", "z-boson")
_RADIATED = re.compile(r"\bFSR\b|final[- ]state (?:radiation|photon)")
_OF_EVENTS = re.compile(r"\b(?:selections?|events?|categori[sz]ation|analysis|preselection|strategy)\b", re.I)
_ISOLATION = re.compile(
    r"isolat(?:ion(?! (?:and lifetime|information|variables?))"
    r"|ed(?! (?:noise|electrons?|muons?|leptons?|photons?|tracks?|taus?)))",
    re.I,
)
_IDENTIFICATION = re.compile(
    r"identif\w+|working[- ]points?|\bWPs?\b|operating[- ]points?|likelihood|discriminants?\b|discriminators?\b"
    r"|\bID\b(?! tracks?)"
    r"|\bMVA\b|quality of the|track quality",
    re.I,
)
_GRADE = re.compile(GRADE)
_GRADED = re.compile(rf"{GRADE}(?:\W+\w+){{0,2}}?\W*(?:criteri|requirement|selection|cuts?\b|$)")
_GRADED_NOUN = re.compile(r"isolat\w+|identif\w+|\bID\b|likelihood|criteri|requirement|working|\bWP|quality|cut", re.I)
_ALONE = re.compile(r"(?:The |All |Selected |Charged )?(tracks?|vert(?:ex|ices))\b", re.I)
_OVERLAP = re.compile(r"overlap(?:s|ping)?\b[\w -]{0,30}(?:removal|resol|remov)|ambiguit\w+", re.I)
_JVT = re.compile(r"jet[- ]vertex|\bJVT\b|pile-?up jet", re.I)
_VERTEX = re.compile(r"\b(?:primary|interaction|hard-scatter\w*|diphoton|pp)\b[\w ]{0,25}\bvert(?:ex|ices)\b", re.I)
# "criteria on each lepton", "misidentified as τ_h candidates": whom a requirement is about, behind it
_ON = re.compile(r"\b(?:on|of|for|around|as) (?:the |each |all |both |any |every |a |an )?(?=[\w(])")
_FAKED = re.compile(r"mis-?identified as (?:an? |the )?|\bfak(?:e|es|ing) (?:an? |the )?", re.I)
_MET = re.compile(r"missing transverse|[EpP]_T\^\{?miss\}?|\bMET\b")


def name_delegated(sentence: Sentence, begin: int, end: int) -> tuple[tuple[str, str], ...]:
    """Subjects and variables of the definition that the words [begin, end) of a sentence leave to a cited work.

    More than one where the words name several ("tight identification and loose isolation criteria"); the whole
    selection of events or objects is `other:selection`.
    """
    clause = sentence.text[begin:end]
    if _OVERLAP.search(clause):
        return (("event", OVERLAP),)
    subject = _find_subject(sentence, begin, end)
    if subject == "event":
        return (("event", SELECTION),)
    variables = _find_variables(sentence, clause, subject)
    owners = {"btag": "b-jet", "jvt": "jet"}
    return tuple(dict.fromkeys((owners.get(v, subject), v) for v in variables))


def find_grade(text: str, variable: str) -> str | None:
    """The working point that a text names for a variable, in lower case: `loose`, `medium`, `fctight`; None for none.

    In "tight identification and loose isolation criteria" each has its own.
    """
    for found in _GRADE.finditer(text):
        noun = _GRADED_NOUN.search(text[found.end() : found.end() + 60])
        isolating = noun is not None and noun.group().lower().startswith("isol")
        if isolating == (variable == "isolation"):
            return found["grade"].lower().removesuffix("ly")
    return None


def _find_subject(sentence: Sentence, begin: int, end: int) -> str:
    front = sentence.text[begin:end]
    if _VERTEX.search(front) and not find_objects(front):
        return "vertex"
    if _MET.search(front[:80]):
        return "met"
    if (alone := _ALONE.match(sentence.text)) and not find_objects(front):
        return {"t": "track", "v": "vertex"}[alone[1][0].lower()]
    words = _OF_EVENTS.search(front)
    named = find_objects(front)
    if words is not None and not (named and named[0].start < words.start()) and not _ISOLATION.search(front):
        objects = {m.subject for m in named if m.subject in _OBJECTS}
        # "the muon selection" is the muons', "the selection of events with muons" is not
        before = find_objects(front[: words.end()])
        if not before and (len(objects) != 1 or re.search(r"\bevents?\b", front)):
            return "event"
    owner = _find_behind(front)
    if owner is None:
        plain = [m for m in named if front[max(m.start - 1, 0)] not in "+/"]  # "Z+jets" is a process
        inside = [m.subject for m in plain if m.subject in _OBJECTS or m.subject.startswith("other:")]
        owner = inside[0] if inside else find_owner(sentence, end)
    if owner in _LEPTONIC:
        owner = "lepton"
    if owner == "diphoton":
        owner = "photon"
    if owner == "photon" and _RADIATED.search(sentence.earlier + sentence.text[:end]):
        owner = "other:FSR photon"
    if owner is None or (owner not in _OBJECTS and not owner.startswith("other:")):
        return "event"
    return owner


def _find_behind(front: str) -> str | None:
    """The object right behind the requirement: "isolation criteria on each lepton", "misidentified as τ_h"."""
    fakes = list(_FAKED.finditer(front))
    words = [m.end() for m in (*_ISOLATION.finditer(front), *_IDENTIFICATION.finditer(front))]
    places = [m.end() for m in fakes[-1:]]
    places += [m.end() for w in words[-1:] for m in _ON.finditer(front, w, w + 30)][:1]
    for place in places:
        objects = [m for m in find_objects(front[place : place + 40]) if m.start < 12 and m.subject in _OBJECTS]
        if objects:
            return objects[0].subject
    return None


def _find_variables(sentence: Sentence, clause: str, subject: str) -> tuple[str, ...]:
    near = clause[-110:]
    isolation, identified = _ISOLATION.search(near), _IDENTIFICATION.search(near) or _GRADED.search(near)
    if not isolation and not identified:
        isolation, identified = _ISOLATION.search(clause), _IDENTIFICATION.search(clause) or _GRADED.search(clause)
    variables = []
    if identified and not (isolation and _is_of_isolation(near)):
        variables.append(_sharpen(sentence, clause, subject))
    if isolation:
        variables.append("isolation")
    return tuple(variables) or (SELECTION,)


def _is_of_isolation(near: str) -> bool:
    """Whether a working point is one of isolation: "the loose isolation working point", no identification beside."""
    return re.search(r"identif|likelihood|discrimina", near, re.I) is None


def _sharpen(sentence: Sentence, clause: str, subject: str) -> str:
    """Which identification: of b-jets, of jets from pile-up, or of the object itself."""
    if BTAG.search(clause) or subject == "b-jet":
        return "btag"
    if _JVT.search(clause) and subject in ("jet", "event"):
        return "jvt"
    before = "" if find_objects(clause) else sentence.earlier[-300:]  # "Two working points are used"
    return "btag" if subject == "jet" and BTAG.search(f"{before} {sentence.text}") else "id"
