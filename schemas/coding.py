"""Stage two with models: what a coder is asked, what became of each of its attempts, and how it ended."""

from typing import Literal

from pydantic import Field

from schemas.comparison import Comparison
from schemas.execution import Execution
from schemas.model import Model

# compiler: no model. llm: a model writes the whole selection. hybrid: only what the criteria state in words.
Coder = Literal["compiler", "llm", "hybrid"]

# Why an attempt failed. Rules decide first; a model may be asked where they say "other".
FailureClass = Literal[
    "all weights zero",
    "dummy data",
    "function-calling error",
    "incorrect branch name",
    "intermediate file not found",
    "semantic error",
    "syntax",
    "timeout",
    "sandbox violation",
    "other",
]

# Ways to look right without being right, and code that has no business in a selection.
OffenceKind = Literal[
    "fabricated input",  # events or values that come from nowhere: random numbers, arrays written out
    "replaced input",  # something invented where a file or a branch is missing
    "zero weights",
    "swallowed exception",
    "subsampling",  # the result depends on where in the file an event stands
    "constant cut",  # a step that decides without looking at the event
    "listed events",  # events chosen by their number
    "wrong branch",
    "forbidden call",  # files, processes, network, introspection, printing instead of returning
    "not a selection",  # no code, no `select`, a step missing or unknown
    "syntax",
]


class Offence(Model):
    """Something that an attempt must not do. `line` counts in the functions that the coder wrote (1 is the first)."""

    kind: OffenceKind
    detail: str  # one line: what it does, and what to do instead
    line: int | None = None


class Branch(Model):
    """A column of the event files: its name and shape, as a coder needs to know it."""

    name: str
    shape: Literal["number", "list", "lists", "other"]  # per event
    kind: str = ""  # of the values: float32, int64, bool; empty when not known


CauseKind = Literal[
    "unit", "sign", "pairing", "boundary", "order", "index", "threshold", "definition", "missing", "weights",
    "not evaluated", "other",
]  # fmt: skip


class Cause(Model):
    """A likely cause of a difference, with what speaks for it."""

    kind: CauseKind
    text: str  # what a colleague would say, one sentence
    evidence: str = ""  # what speaks for it, in numbers; for people: they count events


class ExampleEvent(Model):
    """One event that only one side keeps, with the numbers that decide. `key` is for people, never for a coder."""

    key: tuple[int, ...]
    kept_by: Literal["analysis", "baseline"]
    analysis: str  # the values that the analysis compared, in words
    baseline: str


class Explanation(Model):
    """A mismatch as a colleague would tell it. Counts of events on one side only; totals are in the comparison."""

    region: str
    step: str
    label: str
    only_analysis: int
    only_baseline: int
    cut: str | None = None  # the cut as the criteria state it
    quote: str | None = None
    page: int | None = None
    document: str | None = None
    examples: tuple[ExampleEvent, ...] = ()
    causes: tuple[Cause, ...] = ()  # likeliest first
    also: tuple[str, ...] = ()  # later steps and regions that differ, in words
    extent: str = ""  # of the events that reach the step, how many differ there: in words that give no number away
    notes: tuple[str, ...] = ()  # where to look, and what the causes leave unexplained


class CallRecord(Model):
    """One question to a model in the loop."""

    role: Literal["supervisor", "coder", "classifier"]
    model: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cached: bool = False
    cost: float | None = None  # None: no price is known


class Attempt(Model):
    """One round: what was written, what it did, and what is wrong with it. Texts are in files beside it."""

    number: int = Field(ge=1)
    code_sha256: str | None = None  # of the functions; None: the reply held no code
    offences: tuple[Offence, ...] = ()
    execution: Execution | None = None  # None: not run
    comparison: Comparison | None = None  # on the files of the loop
    held_out: bool | None = None  # the same events on the held-out ones; None: not reached
    witness: bool | None = None  # right in every witness event; None: not reached
    explanation: Explanation | None = None
    problem: str | None = None  # in one line, why it was not accepted
    failure: FailureClass | None = None
    classified_by: Literal["rules", "model"] | None = None
    calls: tuple[CallRecord, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether this is the code that the loop ends with."""
        return self.problem is None


class CodingRecord(Model):
    """How the loop ended, and what it took."""

    coder: Coder
    model: str
    supervisor: str | None
    rounds: int  # that were allowed
    ended: Literal["matched", "not matched"]
    attempts: tuple[Attempt, ...]
    against: str
    held_out: str  # in words: which files, or which part of the events
    witnesses: int = 0  # events
    user_tokens: int = 0  # of what the user gave: criteria and description of the data
    total_tokens: int = 0
    calls: int = 0
    seconds: float = 0.0  # of all calls
    cost: float | None = None  # None: no price is known

    @property
    def agent_work(self) -> float | None:
        """(total - user) / user tokens, None before anything was asked.

        The measure of "Automating High Energy Physics Data Analysis with LLM-Powered Agents" (Gendreau-Distler et al.).
        """
        return (self.total_tokens - self.user_tokens) / self.user_tokens if self.user_tokens else None
