"""Gold lists: the selection criteria of a paper as careful readers wrote them down.

A list is a JSON file with `paper`, `pdf`, `criteria` and, optionally, `criteria_outside_pages`. Lists without a PDF
cannot be read against and are left out by `load_gold`.
"""

import json
import re
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from schemas.errors import UsageError
from schemas.model import Model

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_AT = rf"{_NUMBER}\s*\w*\s+at\s+(?:\w+\s*=\s*)?{_NUMBER}"
_FULL_RAMP = re.compile(rf"from\s+{_AT}\s*\w*\s+to\s+{_AT}")
_HALF_RAMP = re.compile(rf"from\s+{_NUMBER}\s*\w*\s+to\s+{_AT}")
_START = re.compile(rf"starts from\s+{_NUMBER}")


class Points(Model):
    """The corners (x, y) of a piecewise linear threshold, ascending in x; y is None where the list does not say."""

    points: tuple[tuple[float, float | None], ...]


GoldValue = float | tuple[float, ...] | Points | tuple[str, ...] | str


class GoldCriterion(Model):
    """One criterion. `operator_alt` is a second reading of the printed words that is as good as the first."""

    id: str
    stage: str
    subject: str
    second_subject: str | None = None
    variable: str
    operator: str
    operator_alt: str | None = None
    value: GoldValue | None = None
    unit: str | None = None
    effect: str = "keep"
    condition: str | None = None
    scope: str | None = None
    pages: tuple[int, ...]
    quote: str = ""
    quote_2: str | None = None
    source: Literal["prose", "table", "caption"] = "prose"
    cites: tuple[str, ...] = ()
    numeric: bool
    executable: bool

    @property
    def counted(self) -> bool:
        """Numeric and executable: what the strict count is about."""
        return self.numeric and self.executable


class GoldList(Model):
    """The criteria of one paper. `outside` stands on pages that were not read completely: true, but not counted."""

    paper: str
    pdf: str
    pages: tuple[int, ...] = Field(description="pages of the selection, from 1")
    criteria: tuple[GoldCriterion, ...]
    outside: tuple[GoldCriterion, ...] = ()


def load_gold(directory: Path) -> tuple[GoldList, ...]:
    """All gold lists of a folder that belong to a PDF, in order of their file names.

    Raises UsageError when the folder holds none, or a list is malformed.
    """
    lists = []
    for path in sorted(directory.glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("pdf") and all("subject" in c for c in raw["criteria"]):
            try:
                lists.append(_read_list(raw))
            except (KeyError, ValidationError) as error:
                raise UsageError(f"gold list {path.name} is malformed: {str(error).splitlines()[0]}") from error
    if not lists:
        raise UsageError(f"no gold list that belongs to a PDF in '{directory}'; give a folder with --gold")
    return tuple(lists)


def _read_list(raw: dict[str, object]) -> GoldList:
    pages, criteria, outside = raw.get("pages_of_selection", []), raw["criteria"], raw.get("criteria_outside_pages", [])
    assert isinstance(criteria, list)
    assert isinstance(outside, list)
    return GoldList.model_validate(
        {
            "paper": raw["paper"],
            "pdf": raw["pdf"],
            "pages": pages,
            "criteria": [_read_criterion(c) for c in criteria],
            "outside": [_read_criterion(c) for c in outside],
        }
    )


def _read_criterion(raw: dict[str, object]) -> GoldCriterion:
    own = {name: raw[name] for name in GoldCriterion.model_fields if name in raw}
    also = raw.get("also_pages") or []
    assert isinstance(also, list)
    own["pages"] = (raw["page"], *also)
    own["value"] = _read_value(raw)
    own["quote"] = raw.get("quote") or ""
    second = raw.get("quote_2")
    own["quote_2"] = second["text"] if isinstance(second, dict) else None
    return GoldCriterion.model_validate(own)


def _read_value(raw: dict[str, object]) -> object:
    value = raw.get("value")
    if isinstance(value, str) and raw.get("numeric"):
        return _read_points(value, str(raw.get("condition") or "")) or value
    return tuple(value) if isinstance(value, list) else value


def _read_points(text: str, condition: str) -> Points | None:
    """The corners in "from 12 at 140 to 50 at 190" (y at x), or in "from 33 to 0.2 at 50" (x to y at x)."""
    if m := _FULL_RAMP.search(text):
        y0, x0, y1, x1 = (float(g) for g in m.groups())
        return Points(points=((x0, y0), (x1, y1)))
    if m := _HALF_RAMP.search(text):
        x0, y1, x1 = (float(g) for g in m.groups())
        start = _START.search(condition)
        return Points(points=((x0, float(start[1]) if start else None), (x1, y1)))
    return None
