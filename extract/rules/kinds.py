"""Which tables tell a selection, and which of their cells are data."""

import re
from collections.abc import Iterator

from extract.rules.captions import read_caption
from extract.rules.headers import read_header, read_path
from schemas.document import Cell, Table

_SELECTS = re.compile(
    r"selection|criteri|requirement|\bcuts?\b|definition of|preselection|defin(?:ing|ed)|regions?\b|categor|selected"
    r"|working point"
    r"|kinematic|object|thresholds?|triggers?\b",
    re.I,
)
_COUNTS_EVENTS = re.compile(
    r"yields?\b|uncertaint|expected (?:and observed )?(?:number|background|signal|event)|observed"
    r"|number of (?:\w+ ){0,3}events|events? (?:counts?|in data)"
    r"|efficienc|acceptance|cross[- ]sections?|limits?\b|systematic|generator|simulated|Monte Carlo|samples?\b"
    r"|resolution|purity|best[- ]fit|impact"
    r"|signal strength|breakdown|correlation|input variables|\bBDT (?:inputs?|variables)|training|branching"
    r"|parameters? of|significance of|p-value|"
    r"fraction|cutflow|cut flow|fiducial|particle[- ]level|binning|hyper-?parameter",
    re.I,
)
_RESULT = re.compile(
    r"±|\+\d[\d.]*\s*[-−]\s*\d|\d[\d.]*\s*\(\s*\d[\d.]*\s*\)\s*$|× ?10|^\d{3,}$|^\d+\.\d+$|^\d+(?:\.\d+)? ?%$"
)
_ASKS = re.compile(
    r"[<>≤≥]|\bat (?:least|most)\b|\b(?:loose|medium|tight|veto|exactly|opposite|same|isolated|trigger|pass|closest"
    r"|between)\b|^=|\[\d+",
    re.I,
)
_DIRECTED = re.compile(r"[<>≤≥]\s*$|^(?:min|max)(?:imum|\.)? ")
_RESULTS = re.compile(
    r"yield|uncertaint|observed|expected|number of|limit|efficienc|cross[- ]section|systematic|branching|measured"
    r"|result|fiducial|particle[- ]level|resolution|cutflow|cut flow|binning|bins? of|fractions?\b|generat|training",
    re.I,
)
_AT_PARTICLE_LEVEL = re.compile(r"\bfiducial|particle[- ]level|phase[- ]space|generator[- ]level|truth[- ]level", re.I)
_RANGED = re.compile(r"^[\[(]?-?\d[\d.]*\s?(?:–|-|,|to)\s?-?\d[\d.]*[\])]?$")
_DASH = re.compile(r"^[-–—.…]*$")
_SHARE_OF_TOLD = 0.7
_SHARE_OF_ASKING = 0.3
_SHARE_OF_RESULTS = 0.4
_SHARE_WITHOUT_CAPTION = 0.6
_CELLS_WITHOUT_CAPTION = 4


def selects(table: Table) -> bool:
    """Whether a table tells a selection: by its caption, then by what its cells look like."""
    cells = [c for c in find_data(table) if c.text.strip()]
    data = [c.text for c in cells]
    if not data:
        return False
    asked = sum(any(_is_directed(label) for label in (*c.row_path, *c.header_path)) for c in cells) / len(cells)
    caption = read_caption(table.caption)
    first = caption.title
    if caption.tendency and not _RESULTS.search(first):
        asked = max(asked, _named(cells))
    if _AT_PARTICLE_LEVEL.search(first):
        return False
    if asked >= _SHARE_OF_RESULTS:
        return True
    asking = sum(bool(_ASKS.search(t)) for t in data) / len(data)
    results = sum(bool(_RESULT.search(t)) and not _ASKS.search(t) for t in data) / len(data)
    if results >= _SHARE_OF_RESULTS:
        return False
    if not table.caption.strip():
        return asking >= _SHARE_WITHOUT_CAPTION and len(data) >= _CELLS_WITHOUT_CAPTION
    if _told(cells) >= _SHARE_OF_TOLD and not _RESULTS.search(first):
        return True
    if _COUNTS_EVENTS.search(first) and not re.search(
        r"selection (?:criteria|requirements)|definition|criteria|requirements", first, re.I
    ):
        return False
    return bool(_SELECTS.search(first)) or asking >= _SHARE_OF_ASKING


def _is_directed(label: str) -> bool:
    """Whether a label says which side of a bare number is taken: "m_jj > [GeV]", "minimum p_T"."""
    return _DIRECTED.search(read_header(label).text) is not None


def _told(cells: list[Cell]) -> float:
    """The share of cells that bound a quantity or a count named by one of their labels."""
    filled = [c for c in cells if not _DASH.match(c.text)]
    asking = [c for c in filled if _ASKS.search(c.text) or _RANGED.match(c.text)]
    return _named(asking) * len(asking) / max(len(filled), 1)


def _named(cells: list[Cell]) -> float:
    """The share of cells under a label that names a quantity or counts objects."""
    named = [
        any(h.quantity or h.counts for path in (c.row_path, c.header_path) for h in read_path(path, None))
        for c in cells
    ]
    return sum(named) / max(len(named), 1)


def find_data(table: Table) -> Iterator[Cell]:
    """The cells that are no labels of rows or columns."""
    if any(c.is_label for c in table.cells):
        yield from (c for c in table.cells if not c.is_label and (c.row_path or c.header_path or _ASKS.search(c.text)))
        return
    labels = {(label, c.row) for c in table.cells for label in c.row_path}
    headers = {(label, c.column) for c in table.cells for label in c.header_path}
    named = {label for label, _ in headers}
    top = min((c.row for c in table.cells), default=0)
    for cell in table.cells:
        if (cell.text, cell.row) in labels or (cell.text, cell.column) in headers:
            continue
        if cell.row == top and cell.text in named:
            continue  # a header that spans several columns
        if cell.row_path or cell.header_path or _ASKS.search(cell.text):
            yield cell
