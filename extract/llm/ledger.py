"""What the questions of one reading have brought so far, and the Reading that it makes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from extract.grounding.index import GroundingIndex
from extract.llm.asking import Answer
from extract.llm.placing import make_finding, merge_findings
from extract.llm.quoting import Spans
from schemas.errors import ModelError, ModelUnavailable
from schemas.finding import Finding
from schemas.model_call import ModelPort
from schemas.reading import Dropped, Reading, ReadingMode


@dataclass
class Ledger:
    """Findings by question, in whatever order the answers arrive; `place` of a question is its order in the text."""

    port: ModelPort
    index: GroundingIndex
    sample: int
    mark: str  # tells the ids of several questionings of one model and sample apart
    asked: int = 0
    answered: int = 0
    failed: int = 0
    error: ModelError | None = None
    found: dict[tuple[int, ...], list[Finding]] = field(default_factory=dict)
    dropped: dict[tuple[int, ...], list[Dropped]] = field(default_factory=dict)

    @property
    def reader(self) -> str:
        """The name that findings carry."""
        return f"llm:{self.port.model}"

    async def note(self, place: tuple[int, ...], answer: Answer, spans: Spans) -> list[Finding]:
        """Takes an answer in; its findings, placed in the text (in a thread: other replies are not kept waiting)."""
        self.asked += answer.asked
        self.dropped.setdefault(place, []).extend(answer.dropped)
        if answer.end in ("failed", "unavailable"):
            self.failed += 1
        if answer.end == "whole" or answer.items or answer.verdicts:
            self.answered += 1
        if answer.error is not None and (self.error is None or answer.end == "unavailable"):
            self.error = answer.error
        findings = await asyncio.to_thread(self._place, answer, spans)
        self.found.setdefault(place, []).extend(findings)
        return findings

    def _place(self, answer: Answer, spans: Spans) -> list[Finding]:
        return [make_finding(i, self.index, spans, self.reader, "m") for i in answer.items]

    @property
    def count(self) -> int:
        """Findings so far."""
        return sum(map(len, self.found.values()))

    def close(self, mode: ReadingMode, *, raises: bool = True) -> Reading:
        """The reading, numbered in order of the text whatever the order of the answers was.

        Raises the port's own error when no question at all was answered and the model is out of reach. A model that is
        there and answers nothing usable makes a reading without a vote.
        """
        if raises and isinstance(self.error, ModelUnavailable) and not self.answered:
            raise self.error
        every = [f for place in sorted(self.found) for f in self.found[place]]
        digest = sha256(self.port.model.encode()).hexdigest()[:4]
        prefix = f"m{digest}.{self.sample}{self.mark}"
        findings = tuple(
            f.model_copy(update={"id": f"{prefix}.{i:03d}"}) for i, f in enumerate(merge_findings(every), 1)
        )
        return Reading(
            reader=self.reader, sample=self.sample, mode=mode, document_id=self.index.document.document_id,
            findings=findings, dropped=tuple(d for place in sorted(self.dropped) for d in self.dropped[place]),
            asked=self.asked, failed=self.failed, unusable=self.asked > 0 and not self.answered,
        )  # fmt: skip


def make_mark(letter: str, parts: Sequence[str]) -> str:
    """A short mark that is the same for the same parts."""
    return letter + sha256("\x1f".join(parts).encode()).hexdigest()[:6]
