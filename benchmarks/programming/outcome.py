"""What came out of one contestant's attempt at the code of one analysis."""

from benchmarks.contest.effort import Effort
from schemas.coding import FailureClass
from schemas.model import Model


class Decided(Model):
    """A part of the criteria (a cut, a candidate, an overlap removal, a definition) in the witness events: whether the
    program decides it rightly in all of them."""

    cut: str
    right: bool


class CodeOutcome(Model):
    """One run from criteria to code that was accepted, or not. `failed` says in one line why there is no program.

    `matched` is about the files of the loop, `held_out` about those that were never in it in any way: None where
    nothing was run on them. `accepted` is the loop's own verdict, the strictest. `failures` has the class of every
    attempt that failed, in order. `program` is the digest of the last program: equal ones are the same code.
    """

    failed: str | None = None
    matched: bool = False
    accepted: bool = False
    held_out: bool | None = None
    witnesses: tuple[Decided, ...] = ()
    rounds: int = 0
    failures: tuple[FailureClass, ...] = ()
    agent_work: float | None = None
    program: str | None = None
    effort: Effort = Effort()
