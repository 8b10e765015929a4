"""What one reader made of a paper, what several readers agree on, and what they do not."""

from typing import Literal

from schemas.finding import Finding
from schemas.model import Model

ReadingMode = Literal["rules", "bulk", "chunk"]


class Dropped(Model):
    """One item of a model's reply that could not be used, or a whole reply (`item` None), and why."""

    label: str  # which question it answers
    reason: str  # one line
    item: str | None = None  # the item as it came, shortened


class Reading(Model):
    """The findings of one reader in one document, in one go.

    `reader` is "rules" or "llm:<model>"; `sample` tells readings of one model apart. Ids of findings are unique
    within the reading; those of all readings of a run differ by their prefix.
    """

    reader: str
    sample: int = 0
    mode: ReadingMode
    document_id: str
    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...] = ()
    asked: int = 0  # questions to a model
    failed: int = 0  # questions that got no usable reply
    asked_again: int = 0  # of those asked: about printed thresholds that nothing claimed
    unusable: bool = False  # questions were asked and none got a usable reply: it says nothing, so it has no vote

    @property
    def name(self) -> str:
        """A short unique name: `rules`, `llm:model#3`."""
        return self.reader if self.reader == "rules" else f"{self.reader}#{self.sample}"


class Vote(Model):
    """In how many readings a finding was found. `finding` is the id of the one that stands for all of them."""

    finding: str
    found_in: tuple[str, ...]  # names of readings
    of: int
    merged: tuple[str, ...] = ()  # ids of the findings it stands for, itself included


class Conflict(Model):
    """Findings of different readings about one statement of the paper that cannot both be right.

    An open question with each of them as an alternative; `default` is the finding most readings have.
    """

    findings: tuple[str, ...]
    why: str
    default: str | None = None


class Consensus(Model):
    """All readings merged by meaning: one finding per requirement, its votes, and conflicts."""

    findings: tuple[Finding, ...]
    votes: tuple[Vote, ...]
    conflicts: tuple[Conflict, ...] = ()
