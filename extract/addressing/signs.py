"""Signs that a text addresses a program, in English and in the notations of chats, tools and shells.

A physics paper describes: "is ignored", "we require", "are added". It does not give orders to its reader about the
reading, speaks to nobody as "you", and carries no chat tokens. A strong sign is enough by itself; weak ones count when
two of different kinds stand in one sentence, or when an attempt stands beside it.
"""

import re
from typing import NamedTuple

from extract.addressing.disguises import join_letters, place_letters, spell_in_latin, spell_plainly
from extract.addressing.heads import Pattern, Searcher, compile_pattern
from extract.addressing.languages import LATIN_SCRIPTS, find_in_other_scripts
from extract.addressing.phrases import FRAGMENTS, STRONG, WEAK, Kind

WHY: dict[Kind, str] = {
    "ignore": "it tells its reader to ignore other text",
    "address": "it speaks to a program or a language model",
    "role": "it gives its reader a role",
    "dictate": "it dictates what an answer is to say",
    "command": "it wants something to be run or opened",
    "chat": "it carries the marks of a conversation with a language model",
    "tool": "it carries the call of a tool",
    "escape": "it carries control characters of a terminal",
    "order": "it gives orders to its reader",
}


_NAME = re.compile(r"<([A-Z_]{3,})>")


class Sign(NamedTuple):
    """A sign at offsets of the text as given."""

    start: int
    end: int
    kind: Kind
    strong: bool


def _compile(pattern: str) -> Pattern:
    """A pattern with its fragments, spaces as any white space, line ends included."""
    for _ in range(2):  # fragments are made of fragments
        pattern = _NAME.sub(lambda m: FRAGMENTS[m[1]], pattern)
    return compile_pattern(pattern.replace(" ?", r"\s*").replace(" ", r"\s+"), re.MULTILINE)


PATTERNS: tuple[Pattern, ...] = (*(_compile(pattern) for _, pattern in (*STRONG, *WEAK)), LATIN_SCRIPTS)
_MEANINGS: tuple[tuple[Kind, bool], ...] = (  # of the patterns: what they find, and whether it is strong
    *((kind, True) for kind, _ in STRONG),
    *((kind, False) for kind, _ in WEAK),
    ("order", True),
)
_SEARCHER = Searcher(PATTERNS)

# What cannot be taken for physics even without spaces and signs: "i g n o r e  a l l  p r e v i o u s ..."
_TOGETHER = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)(?:all|any|every|everything|the|of|your|these|those|other){0,4}"
    r"(?:(?:above|previous|prior|preceding|earlier|foregoing)(?:text|instructions?|messages?)|instructions)"
    r"|youare(?:now)?an?(?:ai|helpful|expert)assistant|asan?(?:ai|large)languagemodel"
)


def find_signs(text: str) -> tuple[Sign, ...]:
    """All signs of a text, in order. Line ends separate nothing here: an order may go on in the next line or cell."""
    plain = spell_plainly(text)
    latin = spell_in_latin(plain)
    signs: set[Sign] = set()
    for n, found in _SEARCHER.search(latin.text):
        kind, strong = _MEANINGS[n]
        first, end = found.span()
        if PATTERNS[n] is not LATIN_SCRIPTS:
            first = max(found.end("lead"), first) if "lead" in found.re.groupindex else first
            said = latin.text[first:end]
            first += len(said) - len(said.lstrip(" \n.!?:;,"))
        if first < end:
            signs.add(Sign(*latin.span(first, end), kind, strong))
    for start, end in find_in_other_scripts(plain.text):
        signs.add(Sign(*plain.span(start, end), "order", True))
    if spaced := list(_TOGETHER.finditer(join_letters(latin.text))):
        letters = place_letters(latin.text)
        signs |= {Sign(*latin.span(letters[m.start()], letters[m.end() - 1] + 1), "ignore", True) for m in spaced}
    return tuple(sorted(signs))
