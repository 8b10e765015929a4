"""The headers of a table: which bands at the top are headers, and which columns each of them spans."""

import re

from papers.grid import Chunk, TextLine

_RELATION = re.compile(r"[<>≤≥=]\s*-?\d")
_NUMBER = re.compile(r"^[<>≤≥~≈=±+\-–—−\s\d.,%()/×^{}_]*\d[<>≤≥~≈=±+\-–\s\d.,%()/×^{}_]*(?:[GMTk]eV|fb|pb|%)?$|^[-–—]$")

_POINT = re.compile(r"^\d[\d,]*(?:\.\d+)?$")
_MASS = re.compile(r"^(?:[mM]_|[mM]\(|Mass|mass)|\bmass\b")
_ONE_CONDITION = re.compile(r"^[^<>≤≥=]{1,24}[<>≤≥=]\s*\d[^<>≤≥=]{0,24}$")


def is_number(text: str) -> bool:
    """Whether a cell holds nothing but a number (with its uncertainty or unit), or a dash for none."""
    return bool(_NUMBER.match(text))


def is_data(text: str) -> bool:
    """Whether a cell holds a number or a comparison with one."""
    return is_number(text) or bool(_RELATION.search(text))


def stands_alone(band: list[TextLine], middle: float) -> bool:
    """Whether a band is one chunk in the middle of the table: a label of what follows, no header."""
    chunks = [c for line in band for c in line.chunks]
    return len(chunks) == 1 and abs(chunks[0].middle - middle) < 8


def count_header(bands: list[list[TextLine]], columns: int, middle: float) -> int:
    """How many bands at the top are headers (0, 1 or 2)."""
    if len(bands) < 2 or columns < 2:
        return 0
    count = 0
    for band in bands[:2]:
        chunks = [c for line in band for c in line.chunks]
        values = [c for c in chunks if c.last > 0]
        crossing = any(c.first == 0 and c.last > 0 for c in chunks)
        if not values or crossing or stands_alone(band, middle) or len(band) > 5:
            break
        if sum(is_data(c.text) for c in values) > 0.4 * len(values) and not (
            count == 0 and (_names_points(band, bands[1]) or _names_bins(band))
        ):
            break
        if sum(len(c.text) for c in values) > 70 * len({c.first for c in values}):
            break
        spanning = any(c.last > c.first for c in chunks)
        count += 1
        if count == 1 and not (spanning and len(bands) > 2 and len(bands[1]) == 1):
            break
    return count


def _names_points(band: list[TextLine], below: list[TextLine]) -> bool:
    """Whether a band lists points of one quantity, such as masses, in rising order: "M [GeV] | 300 | 600 | 1000".

    The quantity stands in the first column or above the numbers; the band is the only one line of numbers.
    """
    numbered = [line for line in band if any(is_number(c.text) for c in line.chunks)]
    words = [c.text for line in band for c in line.chunks if not is_number(c.text)]
    if len(numbered) != 1 or not words or len(below) < 2:
        return False
    values = [c.text for c in numbered[0].chunks if c.last > 0]
    if len(values) < 2 or not all(_POINT.match(v) for v in values):
        return False
    numbers = [float(v.replace(",", "")) for v in values]
    if numbers != sorted(set(numbers)):
        return False
    if all(1990 < n < 2050 and n.is_integer() for n in numbers):
        return True  # years of data taking
    above = any(c.last > 0 and c.text[0].isalpha() for line in band if line is not numbered[0] for c in line.chunks)
    return above or any(_MASS.search(w) for w in words)


def _names_bins(band: list[TextLine]) -> bool:
    """Whether the one line of a band names what its columns are by a condition: "N_jet = 0", "m_H = 600 GeV"."""
    values = [c.text for c in band[0].chunks if c.last > 0]
    return len(band) == 1 and len(values) > 1 and all(v[0].isalpha() and _ONE_CONDITION.match(v) for v in values)


def is_header_line(band: list[TextLine]) -> bool:
    """In a table without an inner rule: whether its first line has words where the others have numbers."""
    if len(band) < 3 or len(band[0].chunks) < 2:
        return False
    values = [c for c in band[0].chunks if c.first > 0]
    below = [c for line in band[1:] for c in line.chunks if c.first > 0]
    return (
        bool(values)
        and not any(is_data(c.text) for c in values)
        and sum(is_data(c.text) for c in below) > 0.6 * len(below)
    )


def spread_by_rules(
    header: list[TextLine], spans: list[tuple[float, float]], y: float, separators: list[float]
) -> None:
    """A rule under a part of the header: the words above its middle span the columns of the rule."""
    above = [line for line in header if line.y < y + 1]
    if not above or y - above[-1].y > 1.5 * above[-1].size:
        return
    for x0, x1 in spans:
        first = sum(s < x0 + 4 for s in separators)
        last = max(first, sum(s < x1 - 4 for s in separators))
        for chunk in above[-1].chunks:
            if x0 - 2 < chunk.middle < x1 + 2:
                chunk.first, chunk.last = min(chunk.first, first), max(chunk.last, last)


def measure_columns(lines: list[TextLine]) -> dict[int, tuple[float, float]]:
    """Left and right edge of the words in each column."""
    extent: dict[int, tuple[float, float]] = {}
    for line in lines:
        for chunk in line.chunks:
            if chunk.first == chunk.last:
                a, b = extent.get(chunk.first, (chunk.x0, chunk.x1))
                extent[chunk.first] = (min(a, chunk.x0), max(b, chunk.x1))
    return extent


def spread_by_position(header: list[TextLine], body: list[TextLine], columns: int) -> None:
    """A header that stands centred above several columns that are empty on its line spans them."""
    extent = measure_columns([*body, *header[1:]])
    for n, line in enumerate(header[:-1]):
        below = {c for other in header[n + 1 :] for chunk in other.chunks for c in range(chunk.first, chunk.last + 1)}
        taken = {c for chunk in line.chunks for c in range(chunk.first, chunk.last + 1)}
        for chunk in line.chunks:
            own = set(range(chunk.first, chunk.last + 1))
            best = (chunk.first, chunk.last)
            for first in range(chunk.first, -1, -1):
                for last in range(chunk.last, columns):
                    span = set(range(first, last + 1))
                    if last - first <= best[1] - best[0] or (span - own) & taken or not span <= below:
                        continue
                    if first not in extent or last not in extent:
                        continue
                    middle = (extent[first][0] + extent[last][1]) / 2
                    if abs(middle - chunk.middle) < 0.8 * line.size:
                        best = (first, last)
            chunk.first, chunk.last = best


def spread_merged_values(lines: list[TextLine], columns: int) -> None:
    """Values of a row that has fewer of them than columns: each spans the columns below which it stands centred.

    Only when the spans, side by side, take all value columns; the columns are those of the rows that fill them all.
    """
    filled = [line for line in lines if len([c for c in line.chunks if c.first > 0]) == columns - 1]
    extent = measure_columns(filled)
    if columns < 3 or any(k not in extent for k in range(1, columns)):
        return
    for line in lines:
        values = [c for c in line.chunks if c.last > 0]
        if not 0 < len(values) < columns - 1 or any(c.first == 0 for c in values):
            continue
        spans = _tile(values, 1, columns, extent, 0.8 * line.size)
        for chunk, (first, last) in zip(values, spans, strict=False):
            chunk.first, chunk.last = first, last


def _tile(
    values: list[Chunk], start: int, columns: int, extent: dict[int, tuple[float, float]], reach: float
) -> list[tuple[int, int]]:
    """The columns that each value spans, side by side from `start` to the last; empty when they do not fit."""
    for last in range(start, columns - len(values) + 1):
        middle = (extent[start][0] + extent[last][1]) / 2
        if abs(values[0].middle - middle) > reach:
            continue
        if len(values) == 1:
            if last == columns - 1:
                return [(start, last)]
        elif rest := _tile(values[1:], last + 1, columns, extent, reach):
            return [(start, last), *rest]
    return []


def spread_single_values(body: list[TextLine], columns: int) -> None:
    """A value that stands alone in its row, centred below all value columns, holds for all of them."""
    extent = measure_columns(body)
    if columns < 3 or 1 not in extent or columns - 1 not in extent:
        return
    middle = (extent[1][0] + extent[columns - 1][1]) / 2
    for line in body:
        values: list[Chunk] = [c for c in line.chunks if c.first > 0]
        if len(values) == 1 and abs(values[0].middle - middle) < line.size:
            values[0].first, values[0].last = 1, columns - 1
