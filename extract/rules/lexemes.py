"""Tokens of a sentence: what kinds there are, and the letters that spell a sentence for the grammar's patterns."""

from typing import Literal, NamedTuple

from extract.rules.subjects import Noun
from extract.rules.variables import Quantity

Kind = Literal[
    "number", "count", "unit", "relation", "compare", "between", "range", "outside", "dash", "to", "quantity", "noun",
    "rank", "part", "and", "or", "comma", "semicolon", "colon", "open", "close", "respectively", "require", "select",
    "reject", "have", "if", "clause", "relative", "define", "not", "none", "any", "of", "preposition", "pronoun",
    "times", "definite", "be", "quote", "word",
]  # fmt: skip


class Token(NamedTuple):
    """A token and its place in the scanned text; of the last fields only those of its kind are set."""

    kind: Kind
    text: str
    start: int
    end: int
    value: float | None = None  # number, count
    operator: str | None = None  # relation, compare
    quantity: Quantity | None = None
    noun: Noun | None = None
    ranks: tuple[int, ...] = ()


# One letter per kind: patterns of the grammar run over a sentence spelled with these.
LETTERS: dict[Kind, str] = {
    "number": "N", "count": "W", "unit": "U", "relation": "R", "compare": "C", "between": "B", "range": "G",
    "outside": "E", "dash": "D", "to": "T", "quantity": "V", "noun": "O", "rank": "K", "part": "Y", "and": "A",
    "or": "X",
    "comma": ",", "semicolon": ";", "colon": ":", "open": "(", "close": ")", "respectively": "Q", "require": "M",
    "select": "S", "reject": "J", "have": "H", "if": "I", "clause": "c", "relative": "L", "define": "F", "not": "n",
    "none": "Z", "any": "a", "of": "o", "preposition": "P", "pronoun": "p", "times": "x", "definite": "d", "be": "b",
    "quote": "q", "word": "w",
}  # fmt: skip


def spell(tokens: list[Token]) -> str:
    """One letter per token (`LETTERS`)."""
    return "".join(LETTERS[t.kind] for t in tokens)
