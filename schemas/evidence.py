"""Where a requirement stands in a paper, and whether the quote really says it."""

from typing import Literal

from pydantic import ConfigDict

from schemas.document import Box
from schemas.model import Model
from schemas.vocabulary import Source

Alignment = Literal["exact", "normalised", "not_found"]
Check = Literal["ok", "wrong", "absent", "not_applicable"]  # absent: the quote says nothing about it


class Evidence(Model):
    """A quote, its place, and the four checks of the requirement against it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    document_id: str
    """The paper, or the cited work."""
    page: int | None
    """Page of the document, from 1; null when the quote was not found."""
    quote: tuple[str, ...]
    """The words that state it, verbatim; several fragments where a table or a figure interrupts them."""
    spans: tuple[tuple[int, int], ...] = ()
    """Of each fragment found: where it begins and ends in the document's text."""
    boxes: tuple[Box, ...] = ()
    """Where the words are on the page, in PDF points from the top left."""
    alignment: Alignment
    """How the quote was found: word by word, after normalising, or not at all."""
    number: Check
    """Is the number in the quote?"""
    unit: Check
    """Is the unit in the quote?"""
    operator: Check
    """Does the quote say the operator?"""
    polarity: Check
    """Does the quote keep or reject what the requirement keeps or rejects?"""
    source: Source = "prose"
    """What kind of text it is."""
    recognised: bool = False
    """Read from a picture of the page: letters and signs may be wrong."""
    finding: str | None = None
    """Id of the finding it came with."""
    reason: str | None = None
    """Why it is refused, in one line."""

    @property
    def grounded(self) -> bool:
        """Found in visible text, and nothing in the requirement contradicts or exceeds the quote."""
        checks = (self.number, self.unit, self.operator, self.polarity)
        return self.alignment != "not_found" and all(c in ("ok", "not_applicable") for c in checks)
