"""What came out of one reading of one paper by one contestant, before anybody judges it."""

from collections.abc import Mapping

from benchmarks.contest.effort import Effort
from schemas.citation import Delegation, Resolution
from schemas.criteria import Question
from schemas.evidence import Evidence
from schemas.finding import Finding
from schemas.model import Model
from schemas.reading import Reading


class ExtractOutcome(Model):
    """One reading, from the paper's text to criteria. `failed` says in one line why there is nothing usable.

    `findings` are all of the contestant's, refused ones too, merged where it is several readings; those of cited works
    are not among them. `evidence` belongs to `findings` one by one. `cuts` says from which findings a cut of the
    criteria was made, so that a question, which names cuts, leads to findings; `raised` says from which findings
    a question came that no cut was made of.
    """

    failed: str | None = None
    readings: tuple[Reading, ...] = ()  # as they were read; votes are made of them and leave them there
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    questions: tuple[Question, ...] = ()
    cuts: Mapping[str, tuple[str, ...]] = {}
    raised: Mapping[str, tuple[str, ...]] = {}  # by the id of the question
    problem: str | None = None  # why the criteria do not validate
    effort: Effort = Effort()

    @property
    def grounded(self) -> tuple[Finding, ...]:
        """The findings that reach a person as criteria."""
        return tuple(f for f, e in zip(self.findings, self.evidence, strict=True) if e.grounded)
