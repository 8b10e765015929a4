"""The reading of a statement: tokens, relations in words, numbers, ranges."""

from extract.grounding.numbers import read_numbers
from extract.grounding.phrases import find_phrases
from extract.grounding.ranges import find_ranges
from extract.grounding.statements import Statement
from extract.grounding.tokens import split_tokens


def read_statement(text: str, start: int = 0, lead: str = "") -> Statement:
    """The statement printed in `text`, which begins at offset `start` of the document, as an item behind `lead`."""
    tokens = split_tokens(text)
    phrases = find_phrases(text)
    numbers = read_numbers(text, tokens, phrases)
    ranges = find_ranges(text, tokens, numbers)
    ends = {i for pair in ranges for i in (pair.lower, pair.upper)}  # both ends of a range have its unit
    numbers = tuple(n._replace(own_unit=n.unit is not None) if i in ends else n for i, n in enumerate(numbers))
    return Statement(start, text, tokens, phrases, numbers, ranges, lead)
