"""Where a requirement stands in a paper, and whether the quote really says it."""

from typing import Literal

from schemas.document import Box
from schemas.model import Model
from schemas.vocabulary import Source

Alignment = Literal["exact", "normalised", "not_found"]
Check = Literal["ok", "wrong", "absent", "not_applicable"]  # absent: the quote says nothing about it


class Evidence(Model):
    """A quote, its place, and the four checks of the requirement against it."""

    document_id: str
    page: int | None  # None when not found
    quote: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()  # one per fragment found, offsets into Document.text
    boxes: tuple[Box, ...] = ()
    alignment: Alignment
    number: Check
    unit: Check
    operator: Check
    polarity: Check
    source: Source = "prose"
    recognised: bool = False  # read from a picture of the page: letters and signs may be wrong
    finding: str | None = None  # id of the finding it came with
    reason: str | None = None  # why it is refused, in one line

    @property
    def grounded(self) -> bool:
        """Found in visible text, and nothing in the requirement contradicts or exceeds the quote."""
        checks = (self.number, self.unit, self.operator, self.polarity)
        return self.alignment != "not_found" and all(c in ("ok", "not_applicable") for c in checks)
