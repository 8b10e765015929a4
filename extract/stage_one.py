"""What stage one starts from, who serves it, and what it has come to so far."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypedDict

from pydantic import Field

from extract.assembling.assemble import Assembly
from extract.attempts import Attempt
from extract.llm.reader import Mode
from schemas.citation import Bibliography, CitedWork, Delegation, Resolution
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.model_call import ModelPort
from schemas.reading import Consensus, Reading


class Wishes(Model):
    """How a paper is to be read: once by the rules, unless they are left out, and `votes` times by each model.

    Samples are numbered from `first_sample`, that of cited works too: sample 0 is drawn as repeatably as a server can,
    the others at the temperature of votes.
    """

    mode: Mode = "auto"
    votes: int = Field(default=1, ge=1, le=100)
    first_sample: int = Field(default=0, ge=0)
    rules: bool = True  # without them a model reads alone: to measure it
    ask_again: bool = True  # about printed thresholds that no reading claims
    works: int = Field(default=8, ge=0, le=50)  # cited works that are followed at most; 0: none
    depth: int = Field(default=2, ge=1, le=5)  # a cited work may delegate further, up to here


class LoadedWork(NamedTuple):
    """A cited work that was had and read."""

    document: Document
    bibliography: Bibliography


LoadWork = Callable[[CitedWork], Awaitable[LoadedWork]]  # raises PaperfilterError when the work cannot be had


class Services(NamedTuple):
    """Who answers: models (none: the rules alone), and the one that gets cited works (none: none are followed)."""

    ports: tuple[ModelPort, ...] = ()
    load_work: LoadWork | None = None


class StageOne(TypedDict, total=False):
    """The artefacts so far. What is there already is not made again: a run that was interrupted goes on with it."""

    document: Document
    bibliography: Bibliography
    attempts: tuple[Attempt, ...]
    delegations: tuple[Delegation, ...]  # told from the text alone
    works: dict[str, LoadedWork | str]  # by the name of the work; a string says why it could not be had
    readings: tuple[Reading, ...]
    proofs: dict[str, Evidence]  # by the id of a finding of any reading
    resolutions: tuple[Resolution, ...]
    taken: tuple[Finding, ...]  # from cited works
    taken_evidence: tuple[Evidence, ...]
    consensus: Consensus | None  # None: there is one reading only
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]  # belongs to `findings` one by one
    coverage: Coverage
    assembly: Assembly
    problem: str | None  # why the criteria do not validate, in one line
