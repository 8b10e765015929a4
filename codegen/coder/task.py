"""What a coder is asked for, who serves it, and what the loop has come to so far."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import NamedTuple, TypedDict

from pydantic import Field

from schemas.analysis import StepValues
from schemas.coding import Attempt, Branch, CallRecord, Coder, CodingRecord, Explanation, Offence
from schemas.comparison import Comparison
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.execution import Execution
from schemas.model import Model
from schemas.model_call import ModelPort, ModelReply, ModelRequest
from schemas.profile import Profile
from schemas.verdict import Verdict


class CodingTask(Model):
    """What is to be written, and how often it may be tried. `sample` tells independent tries of one task apart."""

    ssc: SelectionCriteria
    profile: Profile  # as it is for the event files
    branches: tuple[Branch, ...]  # of the event files
    coder: Coder = "llm"
    rounds: int = Field(default=5, ge=1, le=100)
    sample: int = Field(default=0, ge=0)
    supervised: bool = True  # a supervisor says in words what to write before the coder writes
    against: str
    held_out: str  # in words: which files, or which part of the events, are never in the loop


class Ran(NamedTuple):
    """A program that ran over the events of the loop. `cutflow` is None, and `problem` says why, when it did not
    finish or what it wrote cannot be used. `execution` is None where the sandbox could not even start."""

    execution: Execution
    cutflow: Cutflow | None
    problem: str | None
    folder: Path  # what it left


class Values(NamedTuple):
    """What both sides compared in single events, by event and step."""

    analysis: Mapping[EventKey, StepValues]
    baseline: Mapping[EventKey, StepValues]


class Acceptance(Model):
    """What became of a program that matches in the loop. None: it was not looked at, something before failed."""

    offences: tuple[Offence, ...] = ()
    held_out: bool | None = None
    differing: str | None = None  # the first step that differs on the held-out events; for people, never for a coder
    witness: bool | None = None
    witnesses: int = 0  # events
    verdicts: tuple[Verdict, ...] = ()
    problem: str | None = None  # in one line, without totals; None: accepted


class CodingServices(NamedTuple):
    """Who answers and what runs. Models may be one and the same.

    `run` runs a program over the events of the loop, `accept` judges one that matches there. `baseline` is the
    baseline's cutflow on the events of the loop, `find_values` what program and baseline compare in some of them.
    """

    coder: ModelPort
    supervisor: ModelPort | None
    classifier: ModelPort | None  # None: rules alone say why an attempt failed
    run: Callable[[str, int], Awaitable[Ran]]  # source, number of the attempt
    baseline: Cutflow
    files: tuple[Path, ...]  # of the loop
    secret: tuple[Cutflow, ...]  # cutflows whose totals no prompt may hold
    find_values: Callable[[str, Collection[EventKey]], Awaitable[Values]]
    accept: Callable[[str, int, Ran], Awaitable[Acceptance]]
    price: Callable[[CallRecord], float | None] = lambda _: None


class Exchange(NamedTuple):
    """One question and what came of it."""

    request: ModelRequest
    reply: ModelReply | None
    failure: str | None  # why there was no reply


class Round(NamedTuple):
    """An attempt with the texts and files that belong to it."""

    attempt: Attempt
    exchanges: tuple[Exchange, ...]
    instruction: str
    functions: str | None  # as the coder wrote them; None: the reply held no code
    program: str | None
    feedback: str  # what the next attempt is told; empty when there is nothing to tell
    cutflow: Cutflow | None
    acceptance: Acceptance | None


class CodingState(TypedDict, total=False):
    """The loop so far. What `attempts`, `functions` and `feedback` hold already is not done again."""

    attempts: tuple[Attempt, ...]
    functions: str  # the latest that any attempt wrote
    feedback: str  # on the latest attempt
    record: CodingRecord  # how it ended
    # of the attempt that is under way
    number: int
    exchanges: tuple[Exchange, ...]
    instruction: str
    written: str | None
    program: str | None
    first_line: int  # of the functions in the program
    offences: tuple[Offence, ...]
    ran: Ran | None
    comparison: Comparison | None
    values: Values | None
    acceptance: Acceptance | None
    explanation: Explanation | None
    problem: str | None
    last: Round  # the attempt that was closed last
