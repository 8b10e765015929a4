"""Whether the words in front of a mark leave something to the cited work, and what they speak about."""

import re
from typing import Literal, NamedTuple

from extract.citing.wording import (
    BUILDING,
    EXTENT,
    OTHER,
    PARTICIPLE,
    RECIPE,
    SAME,
    SELECTION,
    SIMILAR,
    WORK,
)

Topic = Literal["selection", "building", "other"]


class Word(NamedTuple):
    """A word that tells what a clause is about, and where it stands."""

    topic: Topic
    start: int
    end: int
    text: str


class Phrase(NamedTuple):
    """Words in front of a mark that leave something to the cited work; what is left stands in front of `start`."""

    start: int
    similar: bool


_WINDOW = 260  # characters in front of a mark in which its phrase lies
_THAT = (
    r"(?:(?:the )?(?:ones?|selections?|criteria|requirements?|method|procedure|strategy)|those|that|what (?:is|was))"
)
# "the same criteria as those used in", "similar to the one described in"
_LIKE = rf"(?: {_THAT})?(?: (?:is|are|was|were))?(?: (?:{PARTICIPLE}))?{EXTENT}(?: (?:in|of|by|for|at|from))?"
_PLACE = r"(?: (?:Secs?\.?|Sections?|Chapters?|Appendix|Tables?|Figs?\.?) ?[\w.]+(?: and [\w.]+)? (?:of|in))?"
_AT_MARK = r"(?:,? ?\(?(?:see )?(?:Refs?\.?|[Rr]eferences?|the work of))? ?[(\[]?$"
_BEHIND = rf"(?: {WORK})?{_PLACE}{_AT_MARK}"

_LIKENESS = re.compile(rf"\b(?:{SIMILAR}){_LIKE}{_BEHIND}", re.I)
_SAMENESS = re.compile(rf"\b(?:{SAME}){_LIKE}{_BEHIND}", re.I)
_TELLING = re.compile(
    rf"\b(?:(?:{PARTICIPLE}){EXTENT} (?:in|by|at)|(?:described|defined|discussed|detailed|documented) elsewhere"
    rf"|(?P<recipe>{RECIPE}) (?:of|from|in)|see(?: also| for (?:example|instance|details))?|refer(?:red)? to|cf\.)"
    rf"{_BEHIND}",
    re.I,
)
_FOR_DETAILS = re.compile(
    r"^\W{0,3}for (?:more |further |full |the |a |an )*(?:\w+ )?"
    r"(?:details?|descriptions?|definitions?|explanation|list|discussion)",
    re.I,
)
# "In Ref. [5] the muon definition is given": what is told there stands behind the mark
_IN_WORK = re.compile(
    r"\s*(?:In|As (?:described|defined|given|detailed) in|From) (?:the )?(?:Refs?\.?|[Rr]eferences?)? ?[(\[]?"
)
_TOLD = re.compile(r"^[^.;]{0,150}\b(?:described|defined|given|detailed|listed|used here|adopted|applied|required)\b")
_RESERVED = re.compile(
    rf"\bsimilar (?:[\w-]+ ){{0,2}}(?:{RECIPE}|methods?|technique|set|analysis)\b|\b(?:{SIMILAR})"
    r"|\bwith (?:\w+ ){0,3}(?:modifications?|changes|differences|exceptions?|adjustments?)"
    r"|\b(?:apart from|except(?:ing)? (?:for|that))\b",
    re.I,
)
_LOOSELY = re.compile(
    r"\b(?:similar(?:ly)?|closely|largely|mostly|broadly|loosely|partly|analogous\w*|resembl\w+) ?$", re.I
)
_COMPARES = re.compile(
    r"\b(?:compared (?:to|with)|relative to|with respect to|in contrast|unlike|differ(?:s|ent|ence|ences)?\b"
    r"|improve[sd]? (?:up)?on)",
    re.I,
)
_ABOUT = re.compile(rf"(?P<other>{OTHER})|(?P<selection>{SELECTION})|(?P<building>{BUILDING})", re.I)


def find_phrase(before: str, behind: str) -> Phrase | None:
    """The phrase at the end of the text in front of a mark that says "it is told there"; None for a bare citation."""
    window = max(0, len(before) - _WINDOW)
    text = before[window:]
    if found := _LIKENESS.search(text):
        return Phrase(window + found.start(), True)
    phrases = [m for m in (_find_last(_SAMENESS, text), _find_last(_TELLING, text)) if m]
    if phrases:
        found = max(phrases, key=lambda m: m.start())
        near = text[max(0, found.start() - 70) : found.end()]
        similar = _LOOSELY.search(text[: found.start()]) is not None or _RESERVED.search(near) is not None
        similar = similar or _RESERVED.match(behind.lstrip(" ,)")[:60]) is not None
        # "the requirements of": what is left to the work is named by the phrase itself
        recipe = found.groupdict().get("recipe")
        return Phrase(window + (found.end("recipe") if recipe else found.start()), similar)
    if _IN_WORK.fullmatch(before) and _TOLD.match(behind):
        return Phrase(0, False)
    return Phrase(len(before), False) if _FOR_DETAILS.match(behind) else None


def _find_last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match at the end of the text that starts last: "the selection described in", not "used in … described in"."""
    best: re.Match[str] | None = None
    at = 0
    while found := pattern.search(text, at):
        best, at = found, found.start() + 1
    return best


def list_words(text: str) -> list[Word]:
    """The words of a text that tell what it is about, from left to right."""
    return [
        Word("other" if m["other"] else "selection" if m["selection"] else "building", m.start(), m.end(), m.group())
        for m in _ABOUT.finditer(text)
    ]


def compares(text: str) -> bool:
    """Whether a clause sets something against the cited work rather than taking it from there."""
    return _COMPARES.search(text) is not None
