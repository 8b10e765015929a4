"""Regions of a page that are not running text: tables between their rules, figures with their lettering."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from papers.glyphs import Area, Rule
from papers.lines import Segment

CAPTION = re.compile(
    r"^(?P<kind>Figure|Fig\.?|FIG\.?|FIGURE|Table|TABLE|Tab\.?)\s*(?P<number>[A-Z]?\.?\d+(?:\.\d+)?|[IVXL]+)\b"
    r"\s*(?:\([a-z]\))?\s*(?P<stop>[:.|–—]|$)?\s*(?P<next>\S?)"
)


@dataclass(slots=True)
class RuleRow:
    """Horizontal rules at one height: their pieces from left to right."""

    y: float
    spans: list[tuple[float, float]]

    @property
    def x0(self) -> float:
        return self.spans[0][0]

    @property
    def x1(self) -> float:
        return self.spans[-1][1]

    @property
    def covered(self) -> float:
        """The length that is really drawn."""
        return sum(b - a for a, b in self.spans)


@dataclass(slots=True)
class Region:
    """A table or a figure on a page, and the segments that stand in it."""

    kind: Literal["table", "figure"]
    page: int
    box: Area
    rows: list[RuleRow]
    uprights: list[Rule]
    segments: list[Segment]
    caption: str | None = None  # "Table 3"; the caption's own text stays in the flow


def match_caption(text: str) -> re.Match[str] | None:
    """The start of a caption: `Table 3:`, `FIG. 2.`, `Table 1 Summary`; not `Table 3 shows`."""
    found = CAPTION.match(text)
    if found is None or not (found["stop"] or found["next"].isupper()):
        return None
    return found


def group_rules(rules: Iterable[Rule], top: float, gutter: float | None = None) -> list[RuleRow]:
    """Horizontal rules as rows, from the top; pieces that touch are one, double rules are one row.

    `gutter` is the x between two columns of text: rules on both sides of it are rows of their own.
    """
    flat = sorted((r for r in rules if r.height <= 2 and r.width >= 12 and r.y0 > top), key=lambda r: (r.y0, r.x0))
    rows: list[RuleRow] = []
    for rule in flat:
        if rows and rule.y0 - rows[-1].y < 3.5:
            rows[-1].spans.append((rule.x0, rule.x1))
        else:
            rows.append(RuleRow(rule.y0, [(rule.x0, rule.x1)]))
    for row in rows:
        merged: list[tuple[float, float]] = []
        for x0, x1 in sorted(row.spans):
            if merged and x0 < merged[-1][1] + 1.5:
                merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
            else:
                merged.append((x0, x1))
        row.spans = merged
    return rows if gutter is None else [part for row in rows for part in _part_at(row, gutter)]


def _part_at(row: RuleRow, gutter: float) -> list[RuleRow]:
    """The row, or one row per column where the gutter lies between its pieces."""
    left = [s for s in row.spans if s[1] < gutter]
    right = [s for s in row.spans if s[0] > gutter]
    if len(left) + len(right) < len(row.spans) or not left or not right:
        return [row]
    return [RuleRow(row.y, left), RuleRow(row.y, right)]
