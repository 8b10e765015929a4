"""What the labels around a cell add to its number: the unit, the relation, the variable that only a header prints."""

import re
from collections.abc import Iterator

from extract.grounding.judgement import Reading
from extract.grounding.quantities import DIMENSIONS, name_noun, name_symbol
from extract.grounding.tokens import name_unit
from schemas.errors import CriteriaError
from schemas.finding import Finding
from schemas.units import find_unit

_UNIT = re.compile(
    r"(?:[\[(/,]\s?|\bin )"
    r"((?:[kMGT]?eV(?:\^\{?2\}?(?:/c\^\{?4\}?)?|/c(?:\^?\{?2\}?)?)?|mm|cm|μm|m?rad|%|°))(?=[\])\s.,;]|$)",
    re.IGNORECASE,
)
_VALUES = re.compile(r"\s(?:the|these|those)\s(?:\w+\s)?(?:values?|numbers?|entries|figures)\b|\.?$")
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def is_tabular(finding: Finding, readings: tuple[Reading, ...]) -> bool:
    """Whether the finding is made of a cell and labels, and not of sentences."""
    return finding.source == "table" or len(finding.quote) > 1 or any(r.role != "quote" for r in readings)


def find_header_unit(finding: Finding, readings: tuple[Reading, ...]) -> str | None:
    """The unit that the labels state for their cells ("pT [GeV]"), or the caption for its kind of quantity.

    None when there is none, or more than one.
    """
    if not is_tabular(finding, readings):
        return None
    labels = {name_unit(m[1]) for r in readings if r.role != "caption" for m in _UNIT.finditer(r.statement.text)}
    if labels:
        return labels.pop() if len(labels) == 1 else None
    captions = {name_unit(m[1]) for r in readings if r.role == "caption" for m in _UNIT.finditer(r.statement.text)}
    fitting = {u for u in captions if _measures(u, finding)}
    return fitting.pop() if len(fitting) == 1 else None


def _measures(unit: str, finding: Finding) -> bool:
    """Whether a unit is one for the finding's variable."""
    try:
        dimension = find_unit(unit).dimension
        claimed = find_unit(finding.unit).dimension if finding.unit else None
    except CriteriaError:
        return False
    return DIMENSIONS.get(finding.variable, claimed) == dimension


def find_header_operators(finding: Finding, readings: tuple[Reading, ...], own: Reading) -> frozenset[str]:
    """The one relation that the labels print and that has no number there ("p_T >", "minimum p_T")."""
    if not is_tabular(finding, readings):
        return frozenset()
    found: set[frozenset[str]] = set()
    for reading in readings:
        statement = reading.statement
        if statement is own.statement or reading.role == "caption" or any(n.operators for n in statement.numbers):
            continue
        found |= {frozenset((t.operator,)) for t in statement.tokens if t.kind == "relation" and t.operator in _FLIPPED}
        found |= {p.operators for p in statement.phrases}
    if not found:
        found = {
            p.operators
            for r in readings
            if r.role == "caption"
            for p in r.statement.phrases
            if p.side == "scope" or _VALUES.match(r.statement.text, p.end)
        }
    return found.pop() if len(found) == 1 else frozenset()


def find_header_variables(finding: Finding, readings: tuple[Reading, ...], own: Reading) -> frozenset[str]:
    """The closed variables that the labels of a cell name; empty when they name none."""
    if not is_tabular(finding, readings):
        return frozenset()
    return frozenset(v for r in readings if r.statement is not own.statement for v in _list_variables(r))


def _list_variables(reading: Reading) -> Iterator[str]:
    if reading.role == "caption" or len(reading.statement.text) > 80:
        return
    yield from name_noun(reading.statement.text)
    for token in reading.statement.tokens:
        if token.kind == "symbol":
            yield from name_symbol(token.text)
