"""Signs that a text addresses a program, in English and in the notations of chats, tools and shells.

A physics paper describes: "is ignored", "we require", "are added". It does not give orders to its reader about the
reading, speaks to nobody as "you", and carries no chat tokens. A strong sign is enough by itself; weak ones count when
two of different kinds stand in one sentence, or when an attempt stands beside it.
"""

import re
from typing import NamedTuple

from extract.addressing.disguises import join_letters, spell_in_latin, spell_plainly
from extract.addressing.languages import find_foreign_orders
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


def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern with its fragments, spaces as any white space, line ends included."""
    for _ in range(2):  # fragments are made of fragments
        pattern = _NAME.sub(lambda m: FRAGMENTS[m[1]], pattern)
    return re.compile(pattern.replace(" ?", r"\s*").replace(" ", r"\s+"), re.MULTILINE)


_PATTERNS: tuple[tuple[Kind, bool, re.Pattern[str]], ...] = (
    *((kind, True, _compile(pattern)) for kind, pattern in STRONG),
    *((kind, False, _compile(pattern)) for kind, pattern in WEAK),
)

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
    for kind, strong, pattern in _PATTERNS:
        for found in pattern.finditer(latin.text):
            first = max(found.end("lead"), found.start()) if "lead" in pattern.groupindex else found.start()
            said = latin.text[first : found.end()]
            first += len(said) - len(said.lstrip(" \n.!?:;,"))
            if first < found.end():
                signs.add(Sign(*latin.span(first, found.end()), kind, strong))
    for start, end in find_foreign_orders(plain.text, latin.text):
        signs.add(Sign(*plain.span(start, end), "order", True))
    together = join_letters(latin)
    signs |= {Sign(*together.span(*m.span()), "ignore", True) for m in _TOGETHER.finditer(together.text)}
    return tuple(sorted(signs))
