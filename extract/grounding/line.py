"""A statement while its numbers are read: its tokens, and which of them a relation in words covers."""

from collections.abc import Sequence
from typing import NamedTuple

from extract.grounding.phrases import Phrase
from extract.grounding.tokens import Token

LIST_WORDS = frozenset(("and", "or"))


class Line(NamedTuple):
    """The statement under reading: `ending` and `starting` give the phrase at a token, `inside` those in any phrase."""

    text: str
    tokens: Sequence[Token]
    phrases: Sequence[Phrase]
    ending: dict[int, Phrase]
    starting: dict[int, Phrase]
    inside: frozenset[int]


def place_phrases(text: str, tokens: Sequence[Token], phrases: Sequence[Phrase]) -> Line:
    ending, starting, inside = {}, {}, set()
    for phrase in phrases:
        covered = [k for k, t in enumerate(tokens) if t.start >= phrase.start and t.end <= phrase.end]
        if covered:
            starting[covered[0]], ending[covered[-1]] = phrase, phrase
            inside.update(covered)
    return Line(text, tokens, phrases, ending, starting, frozenset(inside))


def is_aside(line: Line, token: int, k: int) -> bool:
    """Whether the number at `token` is in parentheses that are closed before token k."""
    depth = 0
    for t in line.tokens[token + 1 : k]:
        depth += (t.kind == "open") - (t.kind == "close")
        if depth < 0:
            return True
    return False


def skip_asides(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without those in parentheses that are opened and closed among them."""
    kept: list[Token] = []
    opened: list[int] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(len(kept))
        kept.append(token)
        if token.kind == "close" and opened:
            del kept[opened.pop() :]
    return kept
