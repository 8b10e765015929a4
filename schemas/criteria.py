"""Structured Selection Criteria (SSC): a typed, unit-aware, executable description of an event selection.

The document says what a paper asks for, never how a data file names it. Variables are expressions
(`schemas.expression`); thresholds keep the paper's literal beside the number.
"""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from schemas.evidence import Evidence
from schemas.model import Model
from schemas.vocabulary import Closed, Operator

SCHEMA_VERSION = "0.1"

Status = Literal["proposed", "accepted", "edited", "rejected"]


class Threshold(Model):
    """What a variable is compared with: exactly one of its numbers, labels or expressions.

    `values` and `labels` are lists for the operator `in`. Numbers are finite.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    value: float | None = None
    values: tuple[float, ...] | None = None
    range: tuple[float, float] | None = None
    closed: Closed | None = None  # which ends of the range belong to it; None means none (open at both ends)
    label: str | None = None
    labels: tuple[str, ...] | None = None
    expression: str | None = None
    unit: str | None = None
    literal: str | None = None  # as printed

    @model_validator(mode="after")
    def _one_kind(self) -> "Threshold":
        kinds = ("value", "values", "range", "label", "labels", "expression")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"a threshold is one of {', '.join(kinds)}; here: {' and '.join(given) or 'none'}")
        return self


class Agreement(Model):
    """In how many of the readings a cut was found."""

    found: int
    of: int


class Cut(Model):
    """One requirement. Without `threshold` only for pass, fail: the variable is a boolean expression."""

    id: str
    variable: str
    operator: Operator
    threshold: Threshold | None = None
    quantifier: Literal["all", "any"] = "all"
    condition: str | None = None
    group: str | None = None  # cuts of one group are joined by "or"
    evidence: tuple[Evidence, ...] = ()
    origin: str = "human"  # rules, llm:<model>, human
    status: Status = "proposed"
    agreement: Agreement | None = None
    by: str | None = None  # who edited or added it by hand
    history: tuple[Evidence, ...] = ()  # of what it said before it was edited: proves nothing now
    note: str | None = None


class OverlapRemoval(Model):
    """Remove an object closer than `deltaR` (in eta-phi, phi wrapped) to any object of a collection."""

    model_config = ConfigDict(populate_by_name=True)

    with_: str = Field(alias="with")
    deltaR: float
    evidence: tuple[Evidence, ...] = ()
    origin: str = "human"
    status: Status = "proposed"
    by: str | None = None
    history: tuple[Evidence, ...] = ()
    note: str | None = None


class ObjectDefinition(Model):
    """A collection: a base collection (or several, as a union) with cuts, ordered by descending pT."""

    name: str
    base: str | tuple[str, ...] | None = None
    union: tuple[str, ...] | None = None
    cuts: tuple[Cut, ...] = ()
    remove_overlap: tuple[OverlapRemoval, ...] = ()
    note: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "ObjectDefinition":
        if (self.base is None) == (self.union is None):
            raise ValueError(f"object '{self.name}' has either base or union")
        return self


class OverlapStep(Model):
    """One line of an ordered overlap removal: objects of `remove` closer than `deltaR` to one of `near` go."""

    remove: str
    near: str
    deltaR: float
    evidence: tuple[Evidence, ...] = ()
    origin: str = "human"
    status: Status = "proposed"
    by: str | None = None
    history: tuple[Evidence, ...] = ()


class Candidate(Model):
    """A composite. Exactly one of pair, leading, assign, sum says how it is built.

    With `pairing`, `pair` is the collection from which the named pairs are chosen together; the candidate itself is
    their sum. `maximise` is for a single quantity; `minimise` may list several, the earlier ones decide first.
    """

    name: str
    pair: str | None = None  # two different members of a collection
    pairing: tuple[str, ...] | None = None  # names of disjoint pairs chosen together
    leading: str | None = None
    n: int | None = None
    assign: dict[str, str] | None = None
    sum: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    require: tuple[str | dict[str, str], ...] = ()
    select: tuple[Cut, ...] = ()  # cuts that a combination passes before the choice
    minimise: str | tuple[str, ...] | None = None
    maximise: str | None = None
    evidence: tuple[Evidence, ...] = ()
    origin: str = "human"
    status: Status = "proposed"
    by: str | None = None
    history: tuple[Evidence, ...] = ()
    note: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Candidate":
        kinds = ("pair", "leading", "assign", "sum")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                f"candidate '{self.name}' is one of {', '.join(kinds)}; here: {' and '.join(given) or 'none'}"
            )
        if self.pairing is not None and self.pair is None:
            raise ValueError(f"candidate '{self.name}': pairing needs pair, the collection that the pairs come from")
        if (self.leading is None) != (self.n is None):
            raise ValueError(f"candidate '{self.name}': leading and n belong together")
        if self.minimise is not None and self.maximise is not None:
            raise ValueError(f"candidate '{self.name}' has minimise or maximise, not both")
        return self


class Binning(Model):
    """Equal bins of a histogram; edges in base units (GeV, mm, rad)."""

    bins: int = Field(gt=0, le=10_000)
    low: float
    high: float

    @model_validator(mode="after")
    def _has_width(self) -> "Binning":
        if not self.low < self.high:
            raise ValueError(f"a binning needs low < high; here {self.low} and {self.high}")
        return self


class NamedVariable(Model):
    """A named event quantity. `binning` is for its histogram; without one, edges are chosen from the data."""

    name: str
    expression: str
    unit: str | None = None
    binning: Binning | None = None
    note: str | None = None


class Region(Model):
    """A named, ordered list of event cuts; it starts where its parent ends."""

    name: str
    parent: str | None = None
    cuts: tuple[Cut, ...] = ()
    note: str | None = None


class Alternative(Model):
    """One possible answer: `changes` are touched cuts as they read under it, `rejects` the ids of those left out."""

    key: str
    text: str
    changes: tuple[Cut, ...] = ()
    rejects: tuple[str, ...] = ()


class Answer(Model):
    """Who answered, when, with which alternative, or with which words of their own."""

    by: str
    at: str  # ISO 8601
    alternative: str | None = None
    text: str | None = None


class Question(Model):
    """Something the paper leaves open, or that could not be mapped. Never dropped, never guessed."""

    id: str
    text: str
    why: str
    alternatives: tuple[Alternative, ...] = ()
    default: str | None = None  # key of the documented default, if there is one
    cuts: tuple[str, ...] = ()  # ids of cuts it touches
    evidence: tuple[Evidence, ...] = ()
    answer: Answer | None = None


class Analysis(Model):
    """What the selection belongs to."""

    slug: str
    title: str | None = None
    paper: str | None = None
    experiment: str | None = None
    sqrt_s: float | None = None  # TeV
    luminosity: float | None = None  # fb-1
    final_state: str | None = None


class SelectionCriteria(Model):
    """The SSC document."""

    schema_version: str = SCHEMA_VERSION
    analysis: Analysis = Analysis(slug="unnamed")
    objects: tuple[ObjectDefinition, ...] = ()
    overlap: tuple[OverlapStep, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    variables: tuple[NamedVariable, ...] = ()
    regions: tuple[Region, ...] = ()
    outputs: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
