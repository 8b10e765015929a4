"""The verdict on one finding: four checks, the first reason against it, and the numbers that carry it."""

from typing import Literal, NamedTuple

from extract.grounding.statements import Statement
from schemas.evidence import Check


class Reading(NamedTuple):
    """A located fragment of a quote: the statement it stands in, and its part of it (offsets into the statement).

    A label or the caption of a cell is read too, without being part of the quote (`role`).
    """

    statement: Statement
    first: int
    last: int
    role: Literal["quote", "label", "caption"] = "quote"

    def holds(self, start: int, end: int) -> bool:
        """Whether a part of the statement lies in the fragment."""
        return self.first <= start and end <= self.last


class Judgement(NamedTuple):
    """Four checks of a requirement against the located text; `marks` are the numbers used, as document offsets."""

    number: Check = "not_applicable"
    unit: Check = "not_applicable"
    operator: Check = "not_applicable"
    polarity: Check = "not_applicable"
    reason: str | None = None
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no check speaks against the finding."""
        return all(c in ("ok", "not_applicable") for c in self[:4])

    @property
    def rank(self) -> tuple[bool, ...]:
        """Order among the judgements of several candidates: more checks passed first, early checks weigh more."""
        return (self.holds, *(c in ("ok", "not_applicable") for c in self[:4]))


def mark(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """A part of a statement as document offsets."""
    return reading.statement.start + start, reading.statement.start + end


def show(value: float) -> str:
    """A number as a reason prints it."""
    return f"{value:g}"
