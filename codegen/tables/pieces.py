"""What a phrase of physics is made of. A piece knows its kind, never a markup language."""

from dataclasses import dataclass
from typing import Literal

Sign = Literal[
    "<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "in", "(", ")", "|", ",", "{", "}", "=", "minus", "times",
]  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Plain words, from us or from a document; nothing in them is markup."""

    text: str


@dataclass(frozen=True)
class Number:
    """A number as it is printed."""

    text: str


@dataclass(frozen=True)
class Unit:
    """The unit of the number before it."""

    name: str


@dataclass(frozen=True)
class Mark:
    """An operator, a relation or a bracket in a formula."""

    sign: Sign


@dataclass(frozen=True)
class Symbol:
    """A symbol, with a subscript and a superscript if it has them. `name` is a key of `symbols.SYMBOLS`."""

    name: str
    below: "Phrase" = ()
    above: "Phrase" = ()


@dataclass(frozen=True)
class Upright:
    """A name of several letters inside a formula: a collection, a variable without a symbol of its own."""

    text: str
    below: "Phrase" = ()
    above: "Phrase" = ()


@dataclass(frozen=True)
class Root:
    """The square root of what is inside."""

    inside: "Phrase"


@dataclass(frozen=True)
class Power:
    """What is inside, to a power."""

    inside: "Phrase"
    exponent: int


Piece = Words | Number | Unit | Mark | Symbol | Upright | Root | Power
Phrase = tuple[Piece, ...]
