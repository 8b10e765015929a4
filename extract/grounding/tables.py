"""Findings of a table: the cell whose labels are the other fragments, and the labels that a cell stands under."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from extract.grounding.alignment import Place
from extract.grounding.folding import fold, fold_quote
from schemas.document import Cell, Document, Table


class TableIndex:
    """The cells of a document by place and by text."""

    def __init__(self, document: Document) -> None:
        """Sorts the cells; nothing is read."""
        self._cells = sorted(((c.start, c.end, c, t) for t in document.tables for c in t.cells), key=lambda c: c[:2])
        self._starts = [c[0] for c in self._cells]
        self.text = document.text

    @cached_property
    def _folded(self) -> list[str]:
        return fold("\x1f".join(c[2].text for c in self._cells)).text.split("\x1f")  # all at once is faster

    def find_cell(self, start: int, end: int) -> tuple[Cell, Table] | None:
        """The cell in which a part of the text stands, and its table; None outside tables."""
        i = bisect_right(self._starts, start) - 1
        if i >= 0 and end <= self._cells[i][1]:
            return self._cells[i][2], self._cells[i][3]
        return None

    def place(self, fragments: Sequence[str]) -> Iterator[tuple[Place, ...]]:
        """The places of fragments that are one cell and labels of its row and column, one place per fragment."""
        folded = [fold_quote(f) for f in fragments]
        for (_, _, cell, table), own in zip(self._cells, self._folded, strict=True):
            if own not in folded:
                continue
            lead = folded.index(own)
            around = [fold_quote(p) for p in _list_labels(cell, table)]
            said = fold_quote(table.caption)
            rest = [k for k in range(len(folded)) if k != lead]
            titles = {
                k: at
                for k in rest
                if folded[k] in said and not any(folded[k] in p for p in around)
                if (at := self.text.rfind(fragments[k].strip(), 0, cell.start)) >= 0
            }
            if len(titles) == len(rest) and rest:
                continue  # the caption alone says nothing of a cell
            if not all(k in titles or any(folded[k] == p or folded[k] in p for p in around) for k in rest):
                continue
            places: list[Place] = []
            for k in range(len(folded)):
                if k in titles:
                    places.append(Place(titles[k], titles[k] + len(fragments[k].strip()), "exact"))
                    continue
                label = cell if k == lead else self._find_label(folded[k], cell, table)
                exact = label.text == fragments[k]
                places.append(Place(label.start, label.end, "exact" if exact else "normalised"))
            yield tuple(places)

    def find_stranger(self, fragments: Sequence[str], spans: Sequence[tuple[int, int]]) -> str | None:
        """The fragment that is a label of other rows or columns than the cell's; None when there is no such."""
        for start, end in spans:
            found = self.find_cell(start, end)
            if found is None or not any(c.isdigit() for c in found[0].text):
                continue
            cell, table = found
            if cell.is_label or any(_is_over(cell, table, c.start, c.end, s) for c in table.cells for s in spans):
                continue  # a label such as "SR1" or "p_T^{j_1}" has other labels beside it
            own = {fold_quote(p) for p in (cell.text, *_list_labels(cell, table))}
            labels = {fold_quote(p) for c in table.cells for p in (*c.row_path, *c.header_path)}
            for fragment in fragments:
                if fold_quote(fragment) in labels - own:
                    return fragment
        return None

    def _find_label(self, text: str, cell: Cell, table: Table) -> Cell:
        """The label with this text that governs a cell: in its row or column if there is one, else anywhere above."""
        labels = [c for c in table.cells if text == fold_quote(c.text)] or [
            c for c in table.cells if text in fold_quote(c.text)
        ]
        aligned = [c for c in labels if c.row == cell.row or c.column == cell.column]
        return min(aligned or labels or [cell], key=lambda c: abs(c.row - cell.row) + abs(c.column - cell.column))


def _list_labels(cell: Cell, table: Table) -> tuple[str, ...]:
    """The labels of a cell; where no header was recognised, what stands on top of its column is one ("2016")."""
    if cell.header_path or cell.is_label:
        return (*cell.row_path, *cell.header_path)
    top = min(c.row for c in table.cells)
    over = (c.text for c in table.cells if c.row == top < cell.row and c.column == cell.column)
    return (*cell.row_path, *over)


def _is_over(cell: Cell, table: Table, start: int, end: int, span: tuple[int, int]) -> bool:
    """Whether a cell is on top of the column of the quoted cell at `start` to `end`."""
    if cell.header_path or not start <= span[0] < span[1] <= end:
        return False
    quoted = next(c for c in table.cells if c.start == start)
    return quoted.column == cell.column and quoted.row > cell.row == min(c.row for c in table.cells)
