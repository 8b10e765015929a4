"""One requirement as it was read, from one place in one document; the same shape for every reader."""

from typing import Annotated

from pydantic import Field

from schemas.model import Model
from schemas.vocabulary import Closed, Effect, Operator, Source, Stage, Subject, Variable


class Ramp(Model):
    """A piecewise threshold: linear between the points, constant outside. `argument` is the paper's symbol."""

    argument: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    x_unit: str | None = None


Value = float | tuple[float, float] | Ramp | tuple[str, ...] | tuple[float, ...] | str


class Finding(Model):
    """One requirement as it was read.

    `value` is a number, a range (for between and outside), a Ramp, a label or a list of labels; numbers are in `unit`
    as printed. It is None only when the definition is delegated (`cites`) or the operator needs none (minimise).
    `quote` holds verbatim fragments of Document.text, each one containing (part of) the statement; together they
    contain the number. For a table finding: row label, header and cell text are separate fragments.
    """

    id: str
    stage: Stage
    subject: Subject
    second_subject: Subject | None = None
    variable: Variable
    operator: Operator
    value: Value | None = None
    closed: Closed | None = None  # ends of a range as printed; None: the prose does not say
    unit: str | None = None
    effect: Effect = "keep"
    effect_target: str | None = None
    condition: str | None = None
    scope: str | None = None
    group: str | None = None
    order: int | None = None
    quote: Annotated[tuple[str, ...], Field(min_length=1)]
    source: Source = "prose"
    cites: tuple[str, ...] = ()
    page: int  # where the number stands, from 1
    start: int | None = None  # where the first fragment starts in Document.text, if the reader knows
    reader: str  # "rules", or "llm:<model>"
    document: str | None = None  # the cited work that states it; None: the paper itself
    delegated_by: str | None = None  # id of the delegation that led there
    note: str | None = None
