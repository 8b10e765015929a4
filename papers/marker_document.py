"""Marker's blocks and what PyMuPDF sees on the same pages to one Document.

Marker has the better eye for formulas and tables, PyMuPDF for what is visible: words that only its hidden text has are
taken out, and words that both have get their exact boxes; the others get the box of their block.
"""

import re
from collections import defaultdict

from papers.headings import NUMBERED
from papers.marker_blocks import Flat, TableCell
from schemas import errors
from schemas.document import Cell, Document, Passage, Section, Table, Word

_REPORTED = 1990  # characters of hidden text from which on more of it may be there than is reported
_COMPLETE = 0.8  # of the letters on the pages; a picture's lettering and page heads are left out
_LABEL = re.compile(r"^(Table\s+\w+)", re.IGNORECASE)


def compose_marker(base: Document, blocks: list[Flat]) -> Document:
    """The Document of marker's blocks; `base` is the same file as PyMuPDF reads it.

    Raises PaperError where a page hides more text than can be told apart.
    """
    writer = _Writer(base)
    for n, block in enumerate(blocks):
        if block.cells:
            writer.write_table(block, _find_caption(blocks, n))
        else:
            writer.write_passage(block)
    return writer.finish()


def _find_caption(blocks: list[Flat], n: int) -> str:
    """The caption beside a table: the block before it, else the one behind it."""
    for k in (n - 1, n + 1):
        if not 0 <= k < len(blocks) or blocks[k].page != blocks[n].page:
            continue
        if blocks[k].kind == "caption" or (blocks[k].kind == "paragraph" and _LABEL.match(blocks[k].text)):
            return blocks[k].text
    return ""


def _fold(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


class _Writer:
    """The document under construction."""

    def __init__(self, base: Document) -> None:
        self.base = base
        self.text = ""
        self.words: list[Word] = []
        self.passages: list[Passage] = []
        self.tables: list[Table] = []
        self.headings: list[tuple[int, int, int, int]] = []  # start, end, level, page
        self.dropped = 0
        self.hidden: defaultdict[int, str] = defaultdict(str)
        for hidden in base.hidden:
            if len(hidden.text) >= _REPORTED:
                raise errors.PaperError(
                    f"{base.document_id}: page {hidden.page} hides more text than can be told apart from what marker "
                    "reads; read the paper without marker"
                )
            self.hidden[hidden.page] += "\n" + _fold(hidden.text)
        self.seen: defaultdict[int, list[tuple[str, Word]]] = defaultdict(list)
        for word in base.words:
            printed = base.text[word.start : word.end]
            self.seen[word.page].append((_fold(printed) or printed, word))
        self.visible = {page: _fold("".join(text for text, _ in words)) for page, words in self.seen.items()}
        self._used: set[tuple[int, int]] = set()

    def write_passage(self, block: Flat) -> None:
        start, end = self._write(block.text, block)
        if start == end:
            return
        if block.kind == "heading":
            self.headings.append((start, end, block.level, block.page))
        self.passages.append(Passage(kind=block.kind, start=start, end=end, page=block.page, section=self._section()))

    def write_table(self, block: Flat, caption: str) -> None:
        number, cells = len(self.tables), []
        heads = _count_header_rows(block.cells)
        kept = _squeeze(self._drop_hidden(caption.split(), block.page))
        label = _LABEL.match(kept)
        for cell in block.cells:
            start, end = self._write(cell.text, block)
            if start == end:
                continue
            self.passages.append(
                Passage(kind="cell", start=start, end=end, page=block.page, section=self._section(), table=number)
            )
            cells.append(
                Cell(
                    text=self.text[start:end],
                    row=cell.row,
                    column=cell.column,
                    row_path=self._clean(_find_row_path(cell, block.cells, heads), block.page),
                    header_path=self._clean(_find_header_path(cell, block.cells, heads), block.page),
                    start=start,
                    end=end,
                    page=block.page,
                    is_label=cell.row < heads or cell.column == 0 or _is_separator(cell, block.cells),
                )
            )
        self.tables.append(
            Table(label=label[1].capitalize() if label else None, caption=kept, page=block.page, cells=tuple(cells))
        )

    def finish(self) -> Document:
        """The Document, its sections closed."""
        remarks = [*self.base.remarks, "read with marker: formulas and tables are a model's, compare with the page"]
        read, there = len(_fold(self.text)), sum(len(text) for text in self.visible.values())
        if read < _COMPLETE * there:
            remarks.append(f"marker read {100 * read // there} % of the letters that stand on the pages")
        if self.dropped:
            remarks.append(f"{self.dropped} words that marker read are hidden on the page and left out")
        return self.base.model_copy(
            update={
                "text": self.text,
                "words": tuple(self.words),
                "sections": self._make_sections(),
                "passages": tuple(self.passages),
                "tables": tuple(self.tables),
                "links": tuple(
                    link.model_copy(update={"start": 0, "end": 0, "target": None}) for link in self.base.links
                ),
                "converter": "marker",
                "remarks": tuple(remarks),
            }
        )

    def _section(self) -> int | None:
        return len(self.headings) - 1 if self.headings else None

    def _clean(self, labels: tuple[str, ...], page: int) -> tuple[str, ...]:
        kept = (_squeeze(self._drop_hidden(label.split(), page)) for label in labels)
        return tuple(label for label in kept if label)

    def _write(self, text: str, block: Flat) -> tuple[int, int]:
        """Words with their boxes, one newline behind them; where they stand."""
        words = self._drop_hidden(text.split(), block.page)
        self.dropped += len(text.split()) - len(words)
        start = len(self.text)
        for n, word in enumerate(words):
            if n:
                self.text += " "
            at = len(self.text)
            self.text += word
            box = self._find_box(word, block) or tuple(round(v, 2) for v in block.box)
            self.words.append(Word(at, len(self.text), block.page, *box))
        end = len(self.text)
        if words:
            self.text += "\n"
        return start, end

    def _drop_hidden(self, words: list[str], page: int) -> list[str]:
        """The words without the longest runs that hidden text of the page has and visible text has not."""
        hidden, visible = self.hidden.get(page, ""), self.visible.get(page, "")
        if not hidden:
            return words
        folded = [_fold(w) for w in words]
        kept: list[str] = []
        n = 0
        while n < len(words):
            last, run = n, ""
            while last < len(words) and (run + folded[last]) in hidden:
                run += folded[last]
                last += 1
            if run and run not in visible:
                n = last
                continue
            kept.append(words[n])
            n += 1
        return kept

    def _find_box(self, word: str, block: Flat) -> tuple[float, float, float, float] | None:
        """The box of the same word on the page, inside the block, the first that is not taken yet."""
        wanted = _fold(word) or word
        x0, y0, x1, y1 = block.box
        for text, seen in self.seen[block.page]:
            inside = x0 - 2 <= (seen.x0 + seen.x1) / 2 <= x1 + 2 and y0 - 2 <= (seen.y0 + seen.y1) / 2 <= y1 + 2
            if text == wanted and inside and (seen.start, seen.page) not in self._used:
                self._used.add((seen.start, seen.page))
                return seen.x0, seen.y0, seen.x1, seen.y1
        return None

    def _make_sections(self) -> tuple[Section, ...]:
        sections = []
        for n, (start, end, level, page) in enumerate(self.headings):
            title = self.text[start:end]
            found = NUMBERED.match(title)
            stop = next((s for s, _, other, _ in self.headings[n + 1 :] if other <= level), len(self.text))
            sections.append(
                Section(
                    number=found["number"] if found else None,
                    title=found["title"] if found else title,
                    level=level,
                    page=page,
                    start=start,
                    end=stop,
                )
            )
        return tuple(sections)


def _squeeze(words: list[str]) -> str:
    return " ".join(words)


def _count_header_rows(cells: tuple[TableCell, ...]) -> int:
    """The rows at the top that are all header cells; one where marker marks none."""
    rows = max(c.row for c in cells) + 1
    count = 0
    while count < rows - 1 and all(c.header for c in cells if c.row == count):
        count += 1
    return count or (1 if rows > 1 else 0)


def _is_separator(cell: TableCell, cells: tuple[TableCell, ...]) -> bool:
    """Whether a cell stands alone in its row and spans the table: a label of the rows below it."""
    width = max(c.column + c.columns for c in cells)
    others = [c for c in cells if c.row == cell.row and c is not cell and c.text]
    return width > 1 and cell.column == 0 and not others and cell.columns >= width


def _find_row_path(cell: TableCell, cells: tuple[TableCell, ...], heads: int) -> tuple[str, ...]:
    """The separator above a cell and the label cells before it that reach its row."""
    if cell.row < heads or cell.column == 0:
        return ()
    above = [c for c in cells if heads <= c.row < cell.row and c.text and _is_separator(c, cells)]
    labels = [
        c
        for c in cells
        if c.text
        and c.row <= cell.row < c.row + c.rows
        and c.column < cell.column
        and (c.column == 0 or c.rows > cell.rows)
    ]
    return (*((above[-1].text,) if above else ()), *(c.text for c in sorted(labels, key=lambda c: c.column)))


def _find_header_path(cell: TableCell, cells: tuple[TableCell, ...], heads: int) -> tuple[str, ...]:
    if cell.row < heads or cell.column == 0:
        return ()
    over = [c for c in cells if c.text and c.row < heads and c.column <= cell.column < c.column + c.columns]
    return tuple(c.text for c in sorted(over, key=lambda c: c.row))
