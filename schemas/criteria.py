"""Structured Selection Criteria (SSC): a typed, unit-aware, executable description of an event selection.

The document says what a paper asks for, never how a data file names it. Variables are expressions
(`schemas.expressions`); thresholds keep the paper's literal beside the number. What the fields say here is what the
published JSON Schema says of them.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Strict, field_validator, model_validator

from schemas.evidence import Evidence
from schemas.model import Model
from schemas.vocabulary import Closed, CutOperator

SCHEMA_VERSION: Literal["1.0"] = "1.0"
OLDER_VERSIONS = ("0.1",)  # same content: read, and written back as the present version

Status = Literal["proposed", "accepted", "edited", "rejected"]

# A text or a truth value is no number, in YAML as little as in JSON.
Number = Annotated[float, Strict()]
Count = Annotated[int, Strict()]

MOST_WORDS = 2000  # characters; a sentence or a few
InWords = Annotated[str, Field(min_length=1, max_length=MOST_WORDS)]


def _check_words(words: str) -> None:
    if not any(c.isalnum() for c in words):
        raise ValueError("words: expected a sentence")


class Described(Model):
    """Base of the document's parts: the text under a field is its description in the JSON Schema."""

    model_config = ConfigDict(use_attribute_docstrings=True, allow_inf_nan=False)


class Threshold(Described):
    """What a variable is compared with: exactly one of value, values, range, label, labels, expression."""

    value: Number | None = None
    """A number, in the given unit."""
    values: tuple[Number, ...] | None = None
    """A list of numbers, for the operator `in`."""
    range: tuple[Number, Number] | None = None
    """Lower and upper end, for the operators `between` and `outside`."""
    closed: Closed | None = None
    """Which ends of the range belong to it; without it none does."""
    label: str | None = None
    """A word: a working point such as loose, a kind, a trigger."""
    labels: tuple[str, ...] | None = None
    """A list of words, for the operator `in`."""
    expression: str | None = None
    """A threshold that depends on the event, such as interp(m4l, [140, 190], [12, 50])."""
    unit: str | None = None
    """The unit of the numbers (GeV, MeV, mm, rad, deg, %, ...); none for a plain number."""
    literal: str | None = None
    """The threshold as the paper prints it."""

    @model_validator(mode="after")
    def _one_kind(self) -> "Threshold":
        kinds = ("value", "values", "range", "label", "labels", "expression")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"a threshold is one of {', '.join(kinds)}; here: {' and '.join(given) or 'none'}")
        if self.values == () or self.labels == ():
            raise ValueError(f"'{given[0]}' is an empty list; expected at least one entry")
        return self


class Agreement(Described):
    """In how many of the readings (model runs, the rule reader) something was found: 7 of 10."""

    found: Count = Field(ge=0)
    """Readings that have it."""
    of: Count = Field(ge=1)
    """All readings."""

    @model_validator(mode="after")
    def _no_more_than_all(self) -> "Agreement":
        if self.found > self.of:
            raise ValueError(f"found in {self.found} of {self.of} readings; expected no more than all")
        return self


class Cut(Described):
    """One requirement on objects, on the combinations of a candidate, or on events.

    Either an expression is compared (variable, operator, threshold), or the requirement stands in words.
    """

    id: str
    """Unique in the document; of an event cut, the name of its step in the cutflow."""
    variable: str = ""
    """The quantity as an expression; for pass and fail a condition."""
    operator: CutOperator | None = None
    """How the variable is compared. `pass` and `fail` take no threshold; fail keeps the polarity of a veto."""
    words: InWords | None = None
    """Instead of variable, operator and threshold: what must hold, in words, where the language of expressions cannot
    say it. Of a region, about the event; of an object definition, about each object that passes its other cuts, in
    document order and before overlap removal. Not in a candidate's select. Condition and group go with it, a quantifier
    does not. It is compiled only with a function that a coder writes for it."""
    threshold: Threshold | None = None
    """What the variable is compared with."""
    quantifier: Literal["all", "any"] = "all"
    """For a variable with one value per object or pair: must all of them pass, or any one?"""
    condition: str | None = None
    """When the cut applies. Where this is false the cut is passed; where it is missing the cut fails."""
    group: str | None = None
    """Cuts of one owner with the same group are joined by "or"."""
    evidence: tuple[Evidence, ...] = ()
    """Where the paper says it."""
    origin: str = "human"
    """Who found it: rules, llm:<model>, human."""
    status: Status = "proposed"
    """A rejected cut stays in the document and selects nothing."""
    agreement: Agreement | None = None
    """In how many of the readings it was found."""
    by: str | None = None
    """Who accepted, rejected, edited or added it; none while only readers proposed it, or an answer decided."""
    history: tuple[Evidence, ...] = ()
    """Evidence of what it said before it was edited; proves nothing now."""
    note: str | None = None
    """Free text."""

    @model_validator(mode="after")
    def _one_way(self) -> "Cut":
        if self.words is None:
            lacking = "variable" if not self.variable else "operator" if self.operator is None else None
            if lacking is not None:
                raise ValueError(f"{lacking} is missing; expected variable and operator, or the cut in words")
            return self
        _check_words(self.words)
        for field in ("variable", "operator", "threshold"):
            if getattr(self, field):
                raise ValueError(f"{field} beside words; expected one of them: a number goes with a variable in words")
        if self.quantifier == "any":
            raise ValueError("quantifier 'any' beside words; expected the words to say it")
        return self


class OverlapRemoval(Described):
    """Objects closer than `deltaR` (in eta and phi, phi wrapped) to any object of a collection are removed."""

    model_config = ConfigDict(populate_by_name=True)

    with_: str = Field(alias="with")
    """The collection, as finally defined."""
    deltaR: Number = Field(gt=0)
    """The distance below which objects are removed."""
    evidence: tuple[Evidence, ...] = ()
    """Where the paper says it."""
    origin: str = "human"
    """Who found it: rules, llm:<model>, human."""
    status: Status = "proposed"
    """A rejected removal stays in the document and removes nothing."""
    agreement: Agreement | None = None
    """In how many of the readings it was found."""
    by: str | None = None
    """Who accepted, rejected, edited or added it; none while only readers proposed it, or an answer decided."""
    history: tuple[Evidence, ...] = ()
    """Evidence of what it said before it was edited."""
    note: str | None = None
    """Free text."""


class ObjectDefinition(Described):
    """A collection of objects, ordered by descending pT: a base object or several, or a union, with cuts."""

    name: str
    """What expressions call the collection."""
    base: str | tuple[str, ...] | None = None
    """What it starts from: electron, muon, tau, photon, jet, fat_jet, track, vertex, or a collection defined above."""
    union: tuple[str, ...] | None = None
    """Collections defined above that are put together."""
    cuts: tuple[Cut, ...] = ()
    """What each object must pass; names in these cuts are fields of the object."""
    remove_overlap: tuple[OverlapRemoval, ...] = ()
    """After the cuts: objects too close to those of other collections go."""
    note: str | None = None
    """Free text."""

    @model_validator(mode="after")
    def _one_source(self) -> "ObjectDefinition":
        if (self.base is None) == (self.union is None):
            raise ValueError(f"object '{self.name}' has either base or union")
        return self


class OverlapStep(Described):
    """One line of an ordered overlap removal: objects of `remove` closer than `deltaR` to one of `near` go."""

    remove: str
    """The collection that loses objects."""
    near: str
    """The collection they are too close to, as the steps before have left it."""
    deltaR: Number = Field(gt=0)
    """The distance below which objects are removed."""
    evidence: tuple[Evidence, ...] = ()
    """Where the paper says it."""
    origin: str = "human"
    """Who found it: rules, llm:<model>, human."""
    status: Status = "proposed"
    """A rejected step stays in the document and removes nothing."""
    agreement: Agreement | None = None
    """In how many of the readings it was found."""
    by: str | None = None
    """Who accepted, rejected, edited or added it; none while only readers proposed it, or an answer decided."""
    history: tuple[Evidence, ...] = ()
    """Evidence of what it said before it was edited."""
    note: str | None = None
    """Free text."""


class Candidate(Described):
    """A composite. Exactly one of pair, leading, assign, sum says how it is built.

    Candidates are built in document order; each takes its own best combination and is never revised.
    """

    name: str
    """What expressions call it; in its own minimise and select, the combination under test."""
    pair: str | None = None
    """The collection, or its first n as in leptons[:4], that two different members are taken from."""
    pairing: tuple[str, ...] | None = None
    """Names of disjoint pairs of the collection `pair` that are chosen together; the candidate is their sum."""
    leading: str | None = None
    """The collection whose n leading objects it consists of; fewer than n make no candidate."""
    n: Count | None = Field(default=None, gt=0)
    """How many leading objects."""
    assign: dict[str, str] | None = None
    """By role the first n of a collection: {lepton: "leptons[:2]", jet: "jets[:2]"}; one of each role per composite."""
    sum: tuple[str, ...] | None = None
    """Candidates defined above that it is the sum of."""
    exclude: tuple[str, ...] = ()
    """Candidates defined above whose members it must not share."""
    require: tuple[str | dict[str, str], ...] = ()
    """What a combination must satisfy: same_flavour, opposite_charge, ...; of an assignment with the role."""
    select: tuple[Cut, ...] = ()
    """Cuts that a combination passes before the choice."""
    minimise: str | tuple[str, ...] | None = None
    """The quantity whose smallest value is chosen; of a list, the earlier ones decide first."""
    maximise: str | None = None
    """The quantity whose largest value is chosen."""
    evidence: tuple[Evidence, ...] = ()
    """Where the paper says it."""
    origin: str = "human"
    """Who found it: rules, llm:<model>, human."""
    status: Status = "proposed"
    """Proposed, accepted or edited; a candidate cannot be rejected, because expressions name it."""
    agreement: Agreement | None = None
    """In how many of the readings it was found."""
    by: str | None = None
    """Who accepted, rejected, edited or added it; none while only readers proposed it, or an answer decided."""
    history: tuple[Evidence, ...] = ()
    """Evidence of what it said before it was edited."""
    note: str | None = None
    """Free text."""

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


class Binning(Described):
    """Equal bins of a histogram; edges in base units (GeV, mm, rad)."""

    bins: Count = Field(gt=0, le=10_000)
    """How many bins."""
    low: Number
    """Lower edge of the first bin."""
    high: Number
    """Upper edge of the last bin."""

    @model_validator(mode="after")
    def _has_width(self) -> "Binning":
        if not self.low < self.high:
            raise ValueError(f"a binning needs low < high; here {self.low} and {self.high}")
        return self


class NamedVariable(Described):
    """A named event quantity: an expression, or words where the language of expressions cannot say it."""

    name: str
    """What expressions and outputs call it."""
    expression: str = ""
    """The quantity."""
    words: InWords | None = None
    """Instead of an expression: the quantity in words, one number per event. It is compiled only with a function that a
    coder writes for it; numbers that the paper prints for it stand in ordinary cuts on this variable."""
    unit: str | None = None
    """The base unit it has (GeV, mm, rad), for axes and tables; of a quantity in words, none for a plain number."""
    binning: Binning | None = None
    """Of its histogram; without one, edges are chosen from the data."""
    evidence: tuple[Evidence, ...] = ()
    """Where the paper says it."""
    origin: str = "human"
    """Who found it: rules, llm:<model>, human."""
    status: Status = "proposed"
    """Proposed, accepted or edited; a variable cannot be rejected, because expressions name it."""
    agreement: Agreement | None = None
    """In how many of the readings it was found."""
    by: str | None = None
    """Who accepted, rejected, edited or added it; none while only readers proposed it, or an answer decided."""
    history: tuple[Evidence, ...] = ()
    """Evidence of what it said before it was edited."""
    note: str | None = None
    """Free text."""

    @model_validator(mode="after")
    def _one_way(self) -> "NamedVariable":
        if self.words is None:
            if not self.expression:
                raise ValueError(f"variable '{self.name}': expression is missing; expected it, or words")
            return self
        _check_words(self.words)
        if self.expression:
            raise ValueError(f"variable '{self.name}': expression beside words; expected one of them")
        return self


class Region(Described):
    """A named, ordered list of event cuts; it starts where its parent ends."""

    name: str
    """Unique among the regions."""
    parent: str | None = None
    """The region after whose last cut it starts."""
    cuts: tuple[Cut, ...] = ()
    """In the order of the cutflow."""
    note: str | None = None
    """Free text."""


class Alternative(Described):
    """One possible answer: what reads otherwise under it. What it does not name stays as it is."""

    key: str
    """What the answer is called."""
    text: str
    """The answer in words."""
    changes: tuple[Cut, ...] = ()
    """Cuts as they read under it, by id."""
    rejects: tuple[str, ...] = ()
    """Ids of the cuts that it leaves out."""
    objects: tuple[ObjectDefinition, ...] = ()
    """Object definitions as they read under it, by name."""
    overlap: tuple[OverlapStep, ...] | None = None
    """The whole ordered overlap removal as it reads under it."""
    candidates: tuple[Candidate, ...] = ()
    """Candidates as they read under it, by name."""
    variables: tuple[NamedVariable, ...] = ()
    """Variables as they read under it, by name."""


class Answer(Described):
    """Who answered, when, with which alternative, or with which words of their own."""

    by: str
    """Who answered."""
    at: str
    """When, as ISO 8601."""
    alternative: str | None = None
    """Key of the chosen alternative."""
    text: str | None = None
    """The answer in words of their own."""


class Question(Described):
    """Something the paper leaves open, or that could not be mapped. Never dropped, never guessed."""

    id: str
    """Unique among the questions."""
    text: str
    """The question."""
    why: str
    """Why it is open."""
    alternatives: tuple[Alternative, ...] = ()
    """The possible answers."""
    default: str | None = None
    """Key of the documented default, if there is one."""
    cuts: tuple[str, ...] = ()
    """Ids of the cuts it touches."""
    evidence: tuple[Evidence, ...] = ()
    """What the paper says about it."""
    agreement: Agreement | None = None
    """In how many of the readings that was found."""
    answer: Answer | None = None
    """Absent while the question is open; no code is made then."""


class Analysis(Described):
    """What the selection belongs to."""

    slug: str
    """A short name for files and folders."""
    title: str | None = None
    """The title."""
    paper: str | None = None
    """Identifier of the paper, such as arXiv:2004.03447."""
    experiment: str | None = None
    """The experiment."""
    sqrt_s: Number | None = None
    """Centre-of-mass energy in TeV."""
    luminosity: Number | None = None
    """Integrated luminosity in fb-1."""
    final_state: str | None = None
    """The final state in a word."""


class SelectionCriteria(Described):
    """Structured Selection Criteria of one analysis.

    Energies, momenta and masses are in GeV, lengths in mm, angles in rad unless a unit says otherwise. Objects,
    candidates and variables are functions of the event, in document order; regions only choose events.
    """

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    """Version of this schema; documents of 0.1 have the same content."""
    analysis: Analysis = Analysis(slug="unnamed")
    """What the selection belongs to."""
    objects: tuple[ObjectDefinition, ...] = ()
    """Collections of objects; each may build on those above it."""
    overlap: tuple[OverlapStep, ...] = ()
    """Ordered overlap removal, where a list per object is not enough."""
    candidates: tuple[Candidate, ...] = ()
    """Composites of objects; each may build on those above it."""
    variables: tuple[NamedVariable, ...] = ()
    """Named event quantities; each may use those above it."""
    regions: tuple[Region, ...] = ()
    """Named lists of event cuts."""
    outputs: tuple[str, ...] = ()
    """Variables to be stored and drawn."""
    questions: tuple[Question, ...] = ()
    """What the paper leaves open."""

    @field_validator("schema_version", mode="before")
    @classmethod
    def _known_version(cls, value: object) -> object:
        return check_version(value)


def check_version(value: object) -> str:
    """The present version, for every version that can be read. Raises ValueError that says which those are.

    `schema_version: 1.0` without quotes is a number in YAML, and means the same.
    """
    known = (SCHEMA_VERSION, *OLDER_VERSIONS)
    if str(value) in known and not isinstance(value, bool):
        return SCHEMA_VERSION
    raise ValueError(f"version {value!r} of the criteria is not known; this program reads {' and '.join(known)}")
