"""The rows of a table: lines of one row put together, and the label that governs each row."""

import re
from dataclasses import dataclass, field

from papers.grid import Chunk, TextLine
from papers.headers import is_number

ITEM = re.compile(r"^(?:[-–•◦▪∗*]|\(?[ivx\d]{1,3}[.)])$")
_OPEN_END = re.compile(r"(?:[-,(/<>=≤≥+]|\b(?:and|or|with|of|the|for|in|to|than|a|an|at|by|from|least|most))$")
_GOES_ON = re.compile(r"^(?:(?!(?:pp|ee|tt|bb|jj|qq|gg|cc)\b)[a-z]{2,}(?=[\s,.;:)-]|$)|[),<>=≤≥])")

Label = list[tuple[int, Chunk]]
"""The lines of a label in the first column: index in the band and words."""


@dataclass(slots=True)
class Row:
    """A row: words per column, and the lines of the band that it takes."""

    cells: dict[int, list[Chunk]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)


def join_text(chunks: list[Chunk]) -> str:
    """The text of a cell's lines; a hyphen at a line end stays."""
    text = ""
    for chunk in chunks:
        text += chunk.text if not text or text.endswith("-") else " " + chunk.text
    return text


def goes_on(chunk: Chunk, above: Chunk | None) -> bool:
    """Whether a line goes on with the sentence of the line above it in the same cell."""
    if above is None or ITEM.match(chunk.pieces[0].text) or is_number(chunk.text):
        return False
    if _OPEN_END.search(above.text) or _GOES_ON.match(chunk.text):
        return True
    return bool(ITEM.match(above.pieces[0].text)) and chunk.x0 > above.x0 + 0.3 * chunk.pieces[0].size


def starts_low(text: str) -> bool:
    """Whether a text starts in the middle of a sentence."""
    return bool(_GOES_ON.match(text))


def find_labels(band: list[TextLine], capitals: bool) -> list[Label]:
    """The labels in the first column of a band; nothing when it has no second column.

    `capitals`: labels of this table start with a capital, so a line that does not belongs to the label above.
    """
    if not any(c.first > 0 for line in band for c in line.chunks):
        return []
    labels: list[Label] = []
    for n, line in enumerate(band):
        for chunk in line.chunks:
            if chunk.first != 0 or chunk.last != 0:
                continue
            last = labels[-1][-1] if labels else None
            # a line with numbers of its own is a row of its own
            own = any(c.first > 0 and is_number(c.text) for c in line.chunks)
            low = (capitals and starts_low(chunk.text)) or re.match(r"\([^)]{4,}", chunk.text)
            if last is not None and n == last[0] + 1 and not own and (low or _OPEN_END.search(last[1].text)):
                labels[-1].append((n, chunk))
            else:
                labels.append([(n, chunk)])
    return labels


def are_centred(labels: list[Label]) -> bool:
    """Whether labels stand at half the height of their rows: then the first line has none."""
    return bool(labels) and labels[0][0][0] > 0


def split_rows(band: list[TextLine], labels: list[Label]) -> list[Row]:
    """The rows of a band. A line that goes on with a cell above stays in its row; a line that is offset by less than
    a line's height (cells centred beside cells of two lines) stays too."""
    starts = {label[0][0] for label in labels}
    taken = {id(c) for label in labels for _, c in label}
    rows: list[Row] = []
    held: dict[int, tuple[Chunk, Row]] = {}
    y: float | None = None
    for n, line in enumerate(band):
        fresh = n in starts and len(labels) > 1 and not are_centred(labels)
        if fresh:
            held = {}
        rest = []
        for chunk in (c for c in line.chunks if id(c) not in taken):
            above, row = held.get(chunk.first, (None, None))
            if row is not None and goes_on(chunk, above):
                row.cells[chunk.first].append(chunk)
                row.lines.append(n)
                held[chunk.first] = (chunk, row)
            else:
                rest.append(chunk)
        if rest:
            offset = y is not None and line.y - y < 0.9 * line.size
            if not rows or fresh or not offset or any(c.first in rows[-1].cells for c in rest):
                rows.append(Row())
            for chunk in rest:
                rows[-1].cells.setdefault(chunk.first, []).append(chunk)
                held[chunk.first] = (chunk, rows[-1])
            rows[-1].lines.append(n)
        y = line.y
    return rows


def find_label_of(row: Row, band: list[TextLine], labels: list[Label]) -> int | None:
    """The index of the label that governs a row."""
    if len(labels) < 2:
        return 0 if labels else None
    if not are_centred(labels):
        before = [i for i, label in enumerate(labels) if label[0][0] <= max(row.lines)]
        return before[-1] if before else 0
    y = sum(band[n].y for n in row.lines) / len(row.lines)

    def away(i: int) -> float:
        ys = [band[n].y for n, _ in labels[i]]
        return abs(sum(ys) / len(ys) - y)

    return min(range(len(labels)), key=away)
