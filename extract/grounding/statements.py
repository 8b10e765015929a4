"""What a printed statement says in numbers: a sentence, an item or a cell with its numbers and ranges."""

from typing import NamedTuple

from extract.grounding.phrases import Phrase
from extract.grounding.tokens import Token
from schemas.vocabulary import Closed


class PrintedNumber(NamedTuple):
    """A number as printed. Offsets are into the statement; `token` is its index among the tokens.

    `operators` are those the text allows; empty where it states none. `variables` are the closed variables that the
    compared symbol can mean. `related`: a relation is printed, in a sign or in words. `leader` is the index of the
    number whose relation it shares in a list, `position` its place there; `twin` is the index of the number it stands
    beside in parentheses.
    """

    token: int
    start: int
    end: int
    text: str
    value: float
    worded: bool
    unit: str | None
    own_unit: bool
    operators: frozenset[str]
    variables: frozenset[str]
    counts: bool
    related: bool
    leader: int | None
    position: int
    twin: int | None


class PrintedRange(NamedTuple):
    """Two numbers that bound one quantity: indices into the statement's numbers, and which ends belong to it.

    `closed` is None where the text does not say. `outside`: what is wanted lies outside.
    """

    lower: int
    upper: int
    closed: Closed | None
    outside: bool


class Statement(NamedTuple):
    """A sentence, item or cell: its text, where it starts in the document, and what it states in numbers.

    `lead` is the sentence in front of a list of which this is an item ("An event is rejected if").
    """

    start: int
    text: str
    tokens: tuple[Token, ...]
    phrases: tuple[Phrase, ...]
    numbers: tuple[PrintedNumber, ...]
    ranges: tuple[PrintedRange, ...]
    lead: str = ""
