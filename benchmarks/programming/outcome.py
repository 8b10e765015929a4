"""What came out of one contestant's attempt at the code of one analysis."""

from benchmarks.extracting.outcome import Effort
from schemas.coding import FailureClass
from schemas.model import Model


class Decided(Model):
    """A cut in the witness events: whether the program decided it rightly in all of them."""

    cut: str
    right: bool


class CodeOutcome(Model):
    """One run from criteria to code that was accepted, or not. `failed` says in one line why there is no program.

    `matched` is about the files of the loop, `held_out` about those that were not in it: None where nothing was run on
    them. `failures` has the class of every attempt that failed, in order.
    """

    failed: str | None = None
    matched: bool = False
    held_out: bool | None = None
    witnesses: tuple[Decided, ...] = ()
    rounds: int = 0
    failures: tuple[FailureClass, ...] = ()
    agent_work: float | None = None
    effort: Effort = Effort()
