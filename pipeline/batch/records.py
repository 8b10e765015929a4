"""The files of a batch folder: what it is about, and where each paper stands."""

from typing import Literal

from pipeline.batch.entries import Entry
from schemas.model import Model

Until = Literal["extract", "codegen", "run"]
State = Literal["waiting", "running", "done", "failed", "questions"]

STATES: tuple[State, ...] = ("done", "questions", "failed", "running", "waiting")


class BatchRecord(Model):
    """batch.json: what was asked for last. `identity` is random: it tells this folder from one of the same name."""

    format: Literal["paperfilter-batch/1"] = "paperfilter-batch/1"
    identity: str
    name: str
    created: str  # ISO 8601
    until: Until
    lists: tuple[str, ...]  # arguments, as given
    options: tuple[str, ...]  # that are passed on to the commands of each paper
    entries: tuple[Entry, ...]


class Counts(Model):
    """What a paper came to: cuts, and what is known about them. None where it did not come that far."""

    findings: int | None = None
    grounded: int | None = None
    cuts: int | None = None
    questions: int | None = None  # open ones


class Usage(Model):
    """What a paper's model readings took: its run's usage.json."""

    asked: int = 0  # questions that a model answered
    cached: int = 0  # questions that had been answered before
    failures: int = 0  # questions that got no reply
    prompt_tokens: int = 0  # of what was asked, not of what was cached
    completion_tokens: int = 0
    seconds: float = 0.0  # of all calls; those in flight at the same time add up
    cost: float | None = None  # in the currency of the configured prices


class PaperStatus(Model):
    """papers/KEY.json: one paper of the batch. `extraction` and `request` are digests of what was asked for."""

    format: Literal["paperfilter-batch-paper/1"] = "paperfilter-batch-paper/1"
    entry: Entry
    until: Until
    extraction: str
    request: str
    state: State = "waiting"
    exit_code: int | None = None
    problem: str | None = None  # one line
    final: bool = False  # trying again cannot help: the paper itself is the reason
    run: str | None = None  # the run folder
    analysis: str | None = None  # generated code, where it is not in a run folder
    attempts: int = 0
    started: str | None = None  # ISO 8601, of the last attempt
    finished: str | None = None
    seconds: float | None = None  # of the last attempt
    counts: Counts = Counts()
    usage: Usage | None = None
