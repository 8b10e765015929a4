"""Tables: cells with the labels of their row and the headers above them, from rules and gaps."""

from dataclasses import dataclass

from papers.grid import Chunk, TextLine, cut_at_separators, find_separators, find_walls, place_chunks, read_lines
from papers.headers import (
    count_header,
    is_data,
    is_header_line,
    is_number,
    spread_by_position,
    spread_by_rules,
    spread_merged_values,
    spread_single_values,
)
from papers.regions import Region
from papers.rows import ITEM, Label, Row, find_label_of, find_labels, join_text, split_rows, starts_low


@dataclass(slots=True)
class GridCell:
    """A cell before its text is placed in the document: lines of words, position, labels."""

    chunks: list[Chunk]
    row: int
    column: int
    row_path: tuple[str, ...] = ()
    header_path: tuple[str, ...] = ()
    is_label: bool = False


def read_table(region: Region) -> list[GridCell]:
    """The cells of a table, row by row from the top left; label and header cells too."""
    lines = read_lines(region.segments, region.uprights)
    x0, x1 = region.box.x0, region.box.x1
    full = [r.y for r in region.rows if r.covered > 0.8 * (x1 - x0)]
    partial = [r for r in region.rows if r.covered <= 0.8 * (x1 - x0)]
    bands = _split_bands(lines, full)
    separators = find_walls(region.uprights, region.box) or find_separators(bands, x0, x1)
    cut_at_separators(lines, separators, is_number)
    place_chunks(lines, separators)
    columns = len(separators) + 1
    n_header = count_header(bands, columns, (x0 + x1) / 2)
    header = [line for band in bands[:n_header] for line in band]
    bands = bands[n_header:]
    if not n_header and len(bands) == 1 and is_header_line(bands[0]):
        header, bands = bands[0][:1], [bands[0][1:]]
    body = [line for band in bands for line in band]
    for row in partial:
        spread_by_rules(header, row.spans, row.y, separators)
    spread_by_position(header, body, columns)
    spread_merged_values(lines, columns)
    spread_single_values(body, columns)
    reader = _Reader(columns, x0, x1, body)
    reader.read_header(header, [r.y for r in partial])
    for band in bands:
        reader.read_band(band)
    return reader.cells


def _split_bands(lines: list[TextLine], rules: list[float]) -> list[list[TextLine]]:
    """The lines between two full rules each."""
    bands: list[list[TextLine]] = []
    count = -1
    for line in lines:
        above = sum(y < line.y - 0.2 * line.size for y in rules)
        if above != count:
            bands.append([])
            count = above
        bands[-1].append(line)
    return bands


class _Reader:
    """Turns lines into cells, from the top; keeps the labels that hold for the rows to come."""

    def __init__(self, columns: int, x0: float, x1: float, body: list[TextLine]) -> None:
        self.columns = columns
        self.x0, self.x1 = x0, x1
        self.body = body
        firsts = [c.text for line in body for c in line.chunks if c.first == 0 and c.last == 0]
        self.capitals = sum(not t[0].islower() for t in firsts) > 0.6 * len(firsts)
        self.cells: list[GridCell] = []
        self.row = 0
        self.headers: dict[int, list[str]] = {}
        self.group: str | None = None
        self.labelled: set[int] = set()  # columns that held a label further up

    def read_header(self, header: list[TextLine], rules: list[float]) -> None:
        """Header cells; lines of the same span without a rule between them are one header."""
        open_cells: dict[tuple[int, int], GridCell] = {}
        spans: list[tuple[GridCell, int, int]] = []
        last_y = 0.0
        for line in header:
            if any(last_y < y < line.y for y in rules):
                open_cells = {}
            for chunk in line.chunks:
                key = (chunk.first, chunk.last)
                if key in open_cells:
                    open_cells[key].chunks.append(chunk)
                else:
                    open_cells[key] = GridCell([chunk], self.row, chunk.first, is_label=True)
                    spans.append((open_cells[key], *key))
            last_y = line.y
            self.row += 1
        for cell, first, last in spans:
            cell.header_path = tuple(self.headers.get(first, ()))
            text = join_text(cell.chunks)
            for column in range(first, last + 1):
                self.headers.setdefault(column, []).append(text)
            self.cells.append(cell)

    def read_band(self, band: list[TextLine]) -> None:
        """The rows between two full rules."""
        start = 0
        for n, line in enumerate(band):
            if self._is_group(line, band, n):
                self._read_rows(band[start:n])
                self.cells.append(GridCell([line.chunks[0]], self.row, 0, is_label=True))
                self.group = line.chunks[0].text
                self.row += 1
                start = n + 1
        self._read_rows(band[start:])

    def _is_group(self, line: TextLine, band: list[TextLine], n: int) -> bool:
        """Whether a line is a label for all rows below it."""
        if len(line.chunks) != 1 or self.columns < 2:
            return False
        chunk = line.chunks[0]
        bold = all(p.bold for p in chunk.pieces if p.text[0].isalpha())
        if ITEM.match(chunk.pieces[0].text) or len(chunk.text) > 70 or starts_low(chunk.text):
            return False
        if is_data(chunk.text) and not bold:
            return False
        others = [c for other in self.body for c in other.chunks if other is not line and c.first == 0]
        plain = [c for c in others if not all(p.bold or p.italic for p in c.pieces)]
        styled = bool(plain) and (bold or all(p.italic for p in chunk.pieces))
        alone = len(band) == 1
        centred = abs(chunk.middle - (self.x0 + self.x1) / 2) < 0.02 * (self.x1 - self.x0) + 3
        if chunk.last > chunk.first:
            labelled = any(o.chunks[0].first == 0 and len(o.chunks) > 1 for o in self.body)
            return styled or (centred and (alone or labelled))
        if alone and centred:
            return True
        if chunk.first > 0:
            return False
        if n + 1 == len(band):
            return alone
        follows = band[n + 1].chunks
        indented = follows[0].x0 > chunk.x0 + 0.5 * line.size
        return len(follows) > 1 and follows[0].first == 0 and (indented or styled)

    def _read_rows(self, band: list[TextLine]) -> None:
        labels = find_labels(band, self.capitals)
        rows = split_rows(band, labels)
        governed = [find_label_of(row, band, labels) for row in rows]
        path = (self.group,) if self.group else ()
        written = 0
        for row, index in zip(rows, governed, strict=True):
            own = path
            if index is not None:
                while written <= index:  # a label without a row of its own is not lost
                    self._write_label(labels[written], path)
                    self.row += written < index
                    written += 1
                own = (*path, join_text([c for _, c in labels[index]]))
            self._write_row(row, own, governed.count(index) > 1 if index is not None else False)
        for label in labels[written:]:
            self._write_label(label, path)
            self.row += 1

    def _write_label(self, label: Label, path: tuple[str, ...]) -> None:
        chunks = [c for _, c in label]
        self.cells.append(GridCell(chunks, self.row, 0, path, self._header(0, 0), is_label=True))

    def _write_row(self, row: Row, path: tuple[str, ...], shared: bool) -> None:
        """The cells of a row. Where one label holds for several rows, words in the second column label them."""
        for column, chunks in sorted(row.cells.items()):
            last = max(c.last for c in chunks)
            cell = GridCell(chunks, self.row, column, path, self._header(column, last))
            self.cells.append(cell)
            text = join_text(chunks)
            beside = column == 1 and len(row.cells) > 1 and not is_data(text) and len(text) < 60
            if beside and (shared or column in self.labelled):
                cell.is_label = True
                self.labelled.add(column)
                path = (*path, text)
        self.row += 1

    def _header(self, first: int, last: int) -> tuple[str, ...]:
        """The headers of a column; of several columns those that they share."""
        path = self.headers.get(first, [])
        for column in range(first + 1, last + 1):
            other = self.headers.get(column, [])
            same = 0
            while same < min(len(path), len(other)) and path[same] == other[same]:
                same += 1
            path = path[:same]
        return tuple(path)
