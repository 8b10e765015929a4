"""A passage in the making: its kind and its lines; and how the paper is set."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from papers.columns import Line
from papers.regions import Region
from schemas.document import PassageKind


@dataclass(slots=True)
class Block:
    """Lines that belong to one passage; `region` instead of lines for a table or a figure."""

    kind: PassageKind
    lines: list[Line]
    region: Region | None = None
    level: int = 0  # of a heading
    equation: bool = False  # displayed mathematics
    note: str | None = None  # the mark of a footnote

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True, frozen=True)
class Style:
    """How the paper is set: the size of its text and the distance of its lines."""

    body: float
    leading: float

    @classmethod
    def measure(cls, pages: list[list[Line]]) -> "Style":
        """The size most characters have, and the usual distance between two lines of that size."""
        weight: Counter[float] = Counter()
        for page in pages:
            for line in page:
                weight[round(line.size * 2) / 2] += sum(len(p.text) for p in line.pieces)
        body = weight.most_common(1)[0][0] if weight else 10.0
        steps: Counter[float] = Counter()
        for page in pages:
            for a, b in pairwise(page):
                if abs(a.size - body) < 0.6 and abs(b.size - body) < 0.6 and body < b.y - a.y < 2 * body:
                    steps[round((b.y - a.y) * 2) / 2] += 1
        return cls(body, steps.most_common(1)[0][0] if steps else 1.2 * body)
