"""What a simulated reader knows of a paper: every gold criterion as an item of a reply, and where its words stand."""

import re
from collections.abc import Sequence
from math import isclose
from typing import NamedTuple

from benchmarks.gold import GoldCriterion, GoldList
from benchmarks.grounding import make_finding
from benchmarks.simulated.quoting import find_words, quote_criterion
from extract.grounding.folding import fold_quote
from extract.grounding.index import GroundingIndex
from extract.llm.answers import Item
from extract.llm.synonyms import read_number
from schemas.document import Cell
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import find_unit, to_base

_LITERAL = re.compile(r"^(-?[\d.]+)(?: to (-?[\d.]+))? ?([^\d\s]\S*)$")
_PI = re.compile(r"\d{0,3}\s?π(?:\s?/\s?\d{1,3})?")


class Statement(NamedTuple):
    """A criterion as a careful reader writes it down. `start` is None where its quote stands nowhere in the paper."""

    criterion: GoldCriterion
    item: Item
    start: int | None  # in Document.text, of the words that carry it
    table: int | None = None  # whose cell they are in


def list_statements(gold: GoldList, index: GroundingIndex) -> tuple[Statement, ...]:
    """A statement for each criterion of the list, in order of the text; those without a place come last."""
    used = set[int]()
    statements = []
    for criterion in gold.criteria:
        if not criterion.quote:
            statements.append(_state_without_quote(criterion, index))
            continue
        finding = make_finding(criterion)
        cell = _find_cell(criterion, index, used)
        if cell is not None:
            number, found = cell
            item = _write_item(criterion, finding, _quote_cell(criterion, found))
            statements.append(Statement(criterion, item, found.start, number))
        else:
            start = _find_prose(criterion, index)
            item = _write_item(criterion, finding, finding.quote)
            statements.append(Statement(criterion, item, start, _find_table(start, index)))
    return tuple(sorted(statements, key=lambda s: (s.start is None, s.start or 0)))


def _state_without_quote(criterion: GoldCriterion, index: GroundingIndex) -> Statement:
    """The statement of a criterion of which the list gives the page alone."""
    words = find_words(criterion, index)
    quote = words.quote if words is not None else (criterion.id,)
    item = _write_item(criterion, quote_criterion(criterion, quote), quote)
    start = words.start if words is not None else None
    return Statement(criterion, item, start, _find_table(start, index))


def _find_prose(criterion: GoldCriterion, index: GroundingIndex) -> int | None:
    """Where the quote begins: on a page of the criterion if it is there."""
    places = index.find(criterion.quote) if criterion.quote else ()
    on_page = [p.start for p in places if index.document.page_at(p.start) in criterion.pages]
    return min(on_page or [p.start for p in places], default=None)


def _find_table(start: int | None, index: GroundingIndex) -> int | None:
    """The number of the table in whose cells a quote begins."""
    found = index.tables.find_cell(start, start + 1) if start is not None else None
    return next((n for n, t in enumerate(index.document.tables) if found is not None and t is found[1]), None)


def _find_cell(criterion: GoldCriterion, index: GroundingIndex, used: set[int]) -> tuple[int, Cell] | None:
    """The cell that a quote with a label names; of several alike the first that no criterion before it has named."""
    if criterion.quote_2 is None:
        return None
    said, label = fold_quote(criterion.quote), fold_quote(criterion.quote_2)
    same = [
        (number, cell)
        for number, table in enumerate(index.document.tables)
        for cell in table.cells
        if fold_quote(cell.text) == said and not cell.is_label and cell.page in criterion.pages
    ]
    labels = [[fold_quote(t) for t in (*cell.row_path, *cell.header_path) if t.strip()] for _, cell in same]
    alike = [found for found, own in zip(same, labels, strict=True) if label in own]
    # where a label stands in lines, the list may have what is printed beside it too
    alike = alike or [found for found, own in zip(same, labels, strict=True) if any(map(label.endswith, own))]
    if not alike:
        return None
    number, cell = next((found for found in alike if found[1].start not in used), alike[-1])
    used.add(cell.start)
    return number, cell


def _quote_cell(criterion: GoldCriterion, cell: Cell) -> tuple[str, ...]:
    """Row label, column header and cell, as the question asks for them."""
    pieces = [*cell.row_path[-1:], *cell.header_path[-1:], cell.text]
    return tuple(dict.fromkeys(p for p in pieces if p.strip())) or (criterion.quote,)


def _write_item(criterion: GoldCriterion, finding: Finding, quote: Sequence[str]) -> Item:
    """The item of a finding, with number and unit as they are printed."""
    value, unit = _print_value(criterion, finding)
    fields: dict[str, object] = {
        "quote": quote, "source": finding.source, "page": finding.page, "stage": finding.stage,
        "operator": finding.operator, "value": value.model_dump() if isinstance(value, Ramp) else value, "unit": unit,
        "closed": finding.closed, "effect": finding.effect, "condition": finding.condition, "scope": finding.scope,
        "group": finding.group[:60] if finding.group else None, "cites": finding.cites,
    }  # fmt: skip
    for key in ("subject", "second_subject", "variable"):
        name = getattr(finding, key)
        own = name is not None and name.startswith("other:")
        fields |= {key: "other", f"other_{key}": name.removeprefix("other:")} if own else {key: name}
    return Item.model_validate(fields)


def _print_value(criterion: GoldCriterion, finding: Finding) -> tuple[object, str | None]:
    """Value and unit of a criterion as the paper prints them, where the list has converted them."""
    value, unit = finding.value, finding.unit
    printed = _LITERAL.match(criterion.literal or "")
    numbers = value if isinstance(value, tuple) else (value,)
    if printed is not None and all(isinstance(n, float) for n in numbers):
        own = [float(n) for n in printed.groups()[:2] if n is not None]
        if len(own) == len(numbers) and all(_same(n, unit, o, printed[3]) for n, o in zip(numbers, own, strict=True)):
            return (own[0] if isinstance(value, float) else tuple(own)), printed[3]
    if isinstance(value, float) and unit == "rad":
        for spelled in _PI.findall(criterion.quote):
            number = read_number(spelled)
            if number is not None and isclose(number, value, rel_tol=1e-6):
                return spelled, None
    return value, unit


def _same(value: object, unit: str | None, other: float, other_unit: str) -> bool:
    assert isinstance(value, float | int)
    try:
        find_unit(other_unit)
        (a, dimension), (b, other_dimension) = to_base(value, unit), to_base(other, other_unit)
    except CriteriaError:
        return False
    return isclose(a, b, rel_tol=1e-6) and dimension == other_dimension
