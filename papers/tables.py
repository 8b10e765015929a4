"""Tables: cells with the labels of their row and the headers above them, from rules and gaps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from papers.grid import Chunk, TextLine, find_separators, place_chunks, read_lines
from papers.regions import Region

_ITEM = re.compile(r"^(?:[-–•◦▪∗*]|\(?[ivx\d]{1,3}[.)])$")
_RELATION = re.compile(r"[<>≤≥=]\s*-?\d")
_NUMBER = re.compile(r"^[<>≤≥~≈=±+\-–−\s\d.,%()/×^{}_]*\d[<>≤≥~≈=±+\-–\s\d.,%()/×^{}_]*(?:[GMTk]eV|fb|pb|%)?$")
_OPEN_END = re.compile(r"(?:[-,(/<>=≤≥+]|\b(?:and|or|with|of|the|for|in|to|than|a|an|at|by|from|least|most))$")
_GOES_ON = re.compile(r"^(?:[a-z]{2,}\b(?!_)|[),<>=≤≥])")


@dataclass(slots=True)
class GridCell:
    """A cell before its text is placed in the document: lines of words, position, labels."""

    chunks: list[Chunk]
    row: int
    column: int
    row_path: tuple[str, ...] = ()
    header_path: tuple[str, ...] = ()
    is_label: bool = False

    @property
    def text(self) -> str:
        return join_text(self.chunks)


@dataclass(slots=True)
class _Row:
    """A logical row of a band: chunks per column, and the lines it takes."""

    cells: dict[int, list[Chunk]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)


def join_text(chunks: list[Chunk]) -> str:
    """The text of a cell's lines; a hyphen at a line end stays."""
    text = ""
    for chunk in chunks:
        text += chunk.text if not text or text.endswith("-") else " " + chunk.text
    return text


def read_table(region: Region) -> list[GridCell]:
    """The cells of a table, row by row from the top left; label and header cells too."""
    lines = read_lines(region.segments, region.uprights)
    width = region.box.x1 - region.box.x0
    full = [r.y for r in region.rows if r.covered > 0.8 * width]
    partial = [r for r in region.rows if r.covered <= 0.8 * width]
    bands = _split_bands(lines, full)
    separators = find_separators(bands, region.box.x0, region.box.x1)
    place_chunks(lines, separators)
    columns = len(separators) + 1
    n_header = _count_header(bands, columns, (region.box.x0 + region.box.x1) / 2)
    header = [line for band in bands[:n_header] for line in band]
    body = bands[n_header:]
    if not n_header and len(body) == 1 and _is_header_line(body[0]):
        header, body = body[0][:1], [body[0][1:]]
    for row in partial:
        _spread_by_rules(header, row.spans, row.y, separators)
    _spread_by_position(header, [line for band in body for line in band], columns)
    writer = _Writer(columns, region.box.x0, region.box.x1, lines)
    writer.write_header(header, partial_ys=[r.y for r in partial])
    for band in body:
        writer.write_band(band, [line for other in body for line in other])
    return writer.cells


def _split_bands(lines: list[TextLine], rules: list[float]) -> list[list[TextLine]]:
    bands: list[list[TextLine]] = []
    count = -1
    for line in lines:
        above = sum(y < line.y - 0.2 * line.size for y in rules)
        if above != count:
            bands.append([])
            count = above
        bands[-1].append(line)
    return bands


def _is_data(text: str) -> bool:
    return bool(_NUMBER.match(text) or _RELATION.search(text))


def _count_header(bands: list[list[TextLine]], columns: int, middle: float) -> int:
    """How many bands at the top are headers."""
    if len(bands) < 2 or columns < 2:
        return 0
    top = [c for line in bands[0] for c in line.chunks]
    if len(top) == 1 and abs(top[0].middle - middle) < 8:
        return 0  # a label of the whole width, or a title
    count = 0
    for band in bands[:2]:
        chunks = [c for line in band for c in line.chunks]
        values = [c for c in chunks if c.last > 0]
        crossing = any(c.first == 0 and c.last > 0 for c in chunks)
        if not values or crossing or len(band) > 5 or sum(_is_data(c.text) for c in values) > 0.4 * len(values):
            break
        if sum(len(c.text) for c in values) > 70 * len({c.first for c in values}):
            break
        spanning = any(c.last > c.first for c in chunks)
        count += 1
        if count == 1 and not (spanning and len(bands) > 2 and len(bands[1]) == 1):
            break
    return count


def _is_header_line(band: list[TextLine]) -> bool:
    """In a table without an inner rule: words above numbers."""
    if len(band) < 3 or len(band[0].chunks) < 2:
        return False
    values = [c for c in band[0].chunks if c.first > 0]
    below = [c for line in band[1:] for c in line.chunks if c.first > 0]
    return (
        bool(values)
        and not any(_is_data(c.text) for c in values)
        and sum(_is_data(c.text) for c in below) > 0.6 * len(below)
    )


def _spread_by_rules(
    header: list[TextLine], spans: list[tuple[float, float]], y: float, separators: list[float]
) -> None:
    """A rule under a part of the header: the words above its middle span its columns."""
    above = [line for line in header if line.y < y + 1]
    if not above or y - above[-1].y > 1.5 * above[-1].size:
        return
    for x0, x1 in spans:
        first = sum(s < x0 + 4 for s in separators)
        last = max(first, sum(s < x1 - 4 for s in separators))
        for chunk in above[-1].chunks:
            if x0 - 2 < chunk.middle < x1 + 2:
                chunk.first, chunk.last = min(chunk.first, first), max(chunk.last, last)


def _spread_by_position(header: list[TextLine], body: list[TextLine], columns: int) -> None:
    """A header that stands centred above several columns that are empty on its line spans them."""
    extent: dict[int, tuple[float, float]] = {}
    for line in [*body, *header[1:]]:
        for chunk in line.chunks:
            if chunk.first == chunk.last:
                a, b = extent.get(chunk.first, (chunk.x0, chunk.x1))
                extent[chunk.first] = (min(a, chunk.x0), max(b, chunk.x1))
    for n, line in enumerate(header[:-1]):
        below = {c for other in header[n + 1 :] for chunk in other.chunks for c in range(chunk.first, chunk.last + 1)}
        taken = {c for chunk in line.chunks for c in range(chunk.first, chunk.last + 1)}
        for chunk in line.chunks:
            best = (chunk.first, chunk.last)
            for first in range(chunk.first, 0, -1):
                for last in range(chunk.last, columns):
                    span = set(range(first, last + 1))
                    if last - first <= best[1] - best[0] or (span - set(range(chunk.first, chunk.last + 1))) & taken:
                        continue
                    if not span <= below or first not in extent or last not in extent:
                        continue
                    middle = (extent[first][0] + extent[last][1]) / 2
                    if abs(middle - chunk.middle) < 0.8 * line.size:
                        best = (first, last)
            chunk.first, chunk.last = best


class _Writer:
    """Turns lines into cells, from the top; keeps the labels that hold for the rows to come."""

    def __init__(self, columns: int, x0: float, x1: float, lines: list[TextLine]) -> None:
        self.columns = columns
        firsts = [c.text for line in lines for c in line.chunks if c.first == 0 and c.last == 0]
        self.upper = sum(not t[0].islower() for t in firsts) > 0.6 * len(firsts)  # labels start with a capital
        self.x0, self.x1 = x0, x1
        self.cells: list[GridCell] = []
        self.row = 0
        self.headers: dict[int, list[str]] = {}
        self.group: str | None = None

    def write_header(self, header: list[TextLine], partial_ys: list[float]) -> None:
        """Header cells; lines of the same span without a rule between them are one label."""
        open_cells: dict[tuple[int, int], GridCell] = {}
        last_y = 0.0
        for line in header:
            if any(last_y < y < line.y for y in partial_ys):
                open_cells = {}
            for chunk in line.chunks:
                key = (chunk.first, chunk.last)
                if key in open_cells:
                    open_cells[key].chunks.append(chunk)
                else:
                    open_cells[key] = GridCell([chunk], self.row, chunk.first, is_label=True)
                    self.cells.append(open_cells[key])
                    for column in range(chunk.first, chunk.last + 1):
                        self.headers.setdefault(column, [])
            last_y = line.y
            self.row += 1
        for cell in self.cells:
            first, last = cell.column, max(c.last for c in cell.chunks)
            for column in range(first, last + 1):
                path = self.headers[column]
                cell.header_path = tuple(path) if column == first else cell.header_path
                path.append(cell.text)

    def write_band(self, band: list[TextLine], body: list[TextLine]) -> None:
        """The rows between two full rules."""
        start = 0
        for n, line in enumerate(band):
            if self._is_group(line, band, n, body):
                self._write_rows(band[start:n])
                self._write_group(line)
                start = n + 1
        self._write_rows(band[start:])

    def _is_group(self, line: TextLine, band: list[TextLine], n: int, body: list[TextLine]) -> bool:
        """Whether a line is a label for all rows below it."""
        if len(line.chunks) != 1 or _RELATION.search(line.chunks[0].text) or self.columns < 2:
            return False
        chunk = line.chunks[0]
        if _ITEM.match(chunk.pieces[0].text) or len(chunk.text) > 70 or _GOES_ON.match(chunk.text):
            return False
        alone = len(band) == 1
        centred = abs(chunk.middle - (self.x0 + self.x1) / 2) < 0.02 * (self.x1 - self.x0) + 3
        others = [c for other in body for c in other.chunks if other is not line and c.first == 0]
        styled = (all(p.bold for p in chunk.pieces) or all(p.italic for p in chunk.pieces)) and not all(
            all(p.bold or p.italic for p in c.pieces) for c in others
        )
        if chunk.last > chunk.first:
            return (
                (alone and centred)
                or styled
                or (centred and any(o.chunks[0].first == 0 and len(o.chunks) > 1 for o in body))
            )
        if alone and centred:
            return True
        if chunk.first > 0:
            return False
        follows = band[n + 1] if n + 1 < len(band) else None
        if follows is None:
            return alone
        indented = follows.chunks[0].first == 0 and follows.chunks[0].x0 > chunk.x0 + 0.5 * line.size
        return len(follows.chunks) > 1 and follows.chunks[0].first == 0 and (indented or styled)

    def _write_group(self, line: TextLine) -> None:
        chunk = line.chunks[0]
        self.cells.append(GridCell([chunk], self.row, 0, is_label=True))
        self.group = chunk.text
        self.row += 1

    def _write_rows(self, band: list[TextLine]) -> None:
        if not band:
            return
        labels = self._find_labels(band)
        rows = self._split_rows(band, labels)
        path = (self.group,) if self.group else ()
        written: set[int] = set()
        for row in rows:
            index = self._label_of(row, band, labels)
            own = path
            if index is not None:
                text = join_text([c for _, c in labels[index]])
                own = (*path, text)
                if index not in written:
                    written.add(index)
                    self.cells.append(
                        GridCell([c for _, c in labels[index]], self.row, 0, path, self._header(0), is_label=True)
                    )
            inner: tuple[str, ...] = ()
            for column, chunks in sorted(row.cells.items()):
                self.cells.append(GridCell(chunks, self.row, column, (*own, *inner), self._header(column)))
                if index is not None and column == 1 and self._is_label_column(chunks, row):
                    inner = (join_text(chunks),)
                    self.cells[-1].is_label = True
            self.row += 1

    def _is_label_column(self, chunks: list[Chunk], row: _Row) -> bool:
        """A second label column: words in front of values, where the first label holds for several rows."""
        return self.columns > 2 and len(row.cells) > 1 and not _is_data(join_text(chunks)) and not self.headers.get(1)

    def _header(self, column: int) -> tuple[str, ...]:
        return tuple(self.headers.get(column, ()))

    def _find_labels(self, band: list[TextLine]) -> list[list[tuple[int, Chunk]]]:
        """The labels in the first column, each with its lines; nothing when the band has no second column."""
        if not any(c.first > 0 for line in band for c in line.chunks):
            return []
        firsts = [(n, c) for n, line in enumerate(band) for c in line.chunks if c.first == 0 and c.last == 0]
        labels: list[list[tuple[int, Chunk]]] = []
        for n, chunk in firsts:
            previous = labels[-1][-1] if labels else None
            if (
                previous is not None
                and n == previous[0] + 1
                and ((self.upper and _GOES_ON.match(chunk.text)) or _OPEN_END.search(previous[1].text))
            ):
                labels[-1].append((n, chunk))
            else:
                labels.append([(n, chunk)])
        return labels

    def _split_rows(self, band: list[TextLine], labels: list[list[tuple[int, Chunk]]]) -> list[_Row]:
        starts = {label[0][0] for label in labels}
        taken = {id(c) for label in labels for _, c in label}
        rows: list[_Row] = []
        previous: dict[int, Chunk] = {}
        for n, line in enumerate(band):
            chunks = [c for c in line.chunks if id(c) not in taken]
            if not chunks:
                continue
            fresh = not rows or (n in starts and len(labels) > 1 and not self._is_centred(labels))
            if fresh or not all(self._continues(c, previous.get(c.first)) for c in chunks):
                rows.append(_Row())
                previous = {}
            for chunk in chunks:
                rows[-1].cells.setdefault(chunk.first, []).append(chunk)
                previous[chunk.first] = chunk
            rows[-1].lines.append(n)
        if not rows:
            rows.append(_Row(lines=[0]))
        return rows

    def _is_centred(self, labels: list[list[tuple[int, Chunk]]]) -> bool:
        """Labels set at half the height of their rows: the first row has none."""
        return bool(labels) and labels[0][0][0] > 0

    def _continues(self, chunk: Chunk, above: Chunk | None) -> bool:
        """Whether a line goes on with the sentence of the line above it in the same cell."""
        if above is None or _ITEM.match(chunk.pieces[0].text) or _NUMBER.match(chunk.text):
            return False
        if _OPEN_END.search(above.text) or _GOES_ON.match(chunk.text):
            return True
        return bool(_ITEM.match(above.pieces[0].text)) and chunk.x0 > above.x0 + 0.3 * chunk.pieces[0].size

    def _label_of(self, row: _Row, band: list[TextLine], labels: list[list[tuple[int, Chunk]]]) -> int | None:
        if not labels:
            return None
        if len(labels) == 1:
            return 0
        if not self._is_centred(labels):
            before = [i for i, label in enumerate(labels) if label[0][0] <= row.lines[0]]
            return before[-1] if before else 0
        y = sum(band[n].y for n in row.lines) / len(row.lines)

        def away(i: int) -> float:
            ys = [band[n].y for n, _ in labels[i]]
            return abs(sum(ys) / len(ys) - y)

        return min(range(len(labels)), key=away)


def iterate_rows(cells: list[GridCell]) -> Iterator[GridCell]:
    """The cells in reading order."""
    yield from sorted(cells, key=lambda c: (c.row, c.column))
