"""What marker's JSON says, as passages: its tree of blocks in reading order, HTML as plain text, tables as cells.

The JSON is a tree of blocks (`block_type`, `html`, `bbox` in PDF points, `children`); pages are its first level.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from papers.glyphs import UNKNOWN, spell
from papers.headings import NUMBERED
from papers.latex import space_relations, write_plainly
from schemas import errors
from schemas.document import PassageKind

_KINDS: dict[str, PassageKind] = {
    "SectionHeader": "heading", "Text": "paragraph", "TextInlineMath": "paragraph", "Equation": "paragraph",
    "Code": "paragraph", "Handwriting": "paragraph", "ComplexRegion": "paragraph", "ListItem": "item",
    "Caption": "caption", "Footnote": "footnote", "Reference": "bibliography", "Bibliography": "bibliography",
    "TableOfContents": "other", "Form": "other",
}  # fmt: skip
_LEFT_OUT = frozenset(("PageHeader", "PageFooter", "Picture", "Figure", "Diagram", "ChemicalBlock"))
_BIBLIOGRAPHY = re.compile(r"^[\W\d]*(?:references|bibliography)\W*$", re.IGNORECASE)
_BREAKS = frozenset(("p", "br", "li", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol"))


class MarkerBlock(BaseModel):
    """One block as marker writes it; what is not needed is ignored."""

    model_config = ConfigDict(extra="ignore")

    block_type: str
    html: str = ""
    bbox: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    children: list["MarkerBlock"] | None = None


class MarkerPages(BaseModel):
    """The whole answer: pages in order."""

    model_config = ConfigDict(extra="ignore")

    children: list[MarkerBlock] = Field(min_length=1)


class TableCell(NamedTuple):
    """A cell of a table at its first row and column, with what it spans."""

    text: str
    row: int
    column: int
    rows: int
    columns: int
    header: bool


class Flat(NamedTuple):
    """A block in reading order: a passage's text, or a table's cells. `level` is a heading's."""

    kind: PassageKind
    page: int
    box: tuple[float, float, float, float]
    text: str = ""
    level: int = 0
    cells: tuple[TableCell, ...] = ()


def read_answer(answer: bytes, name: str) -> list[MarkerBlock]:
    """The pages. Raises PaperError when the answer is not marker's JSON."""
    try:
        return MarkerPages.model_validate_json(answer).children
    except ValidationError as error:
        raise errors.PaperError(
            f"{name}: marker's answer is not the JSON of its pages; use marker 1.x or 2.x, or read the paper without it"
        ) from error


def flatten(pages: list[MarkerBlock]) -> list[Flat]:
    """Everything that is text, in marker's reading order. Running heads, page numbers and pictures are left out."""
    out: list[Flat] = []
    listing = False  # below the heading of the bibliography
    for number, page in enumerate(pages, 1):
        for block in _walk(page):
            flat = _read_block(block, number)
            if flat is None:
                continue
            if flat.kind == "heading":
                listing = _BIBLIOGRAPHY.match(flat.text) is not None
            elif listing and flat.kind in ("paragraph", "item"):
                flat = flat._replace(kind="bibliography")
            out.append(flat)
    return out


def _walk(block: MarkerBlock) -> Iterator[MarkerBlock]:
    """The innermost blocks; a table is one, whatever its cells are."""
    if block.block_type in _LEFT_OUT:
        return
    if block.block_type not in ("Table", *_KINDS) and block.children:
        for child in block.children:
            yield from _walk(child)
    elif block.block_type != "Page":
        yield block


def _read_block(block: MarkerBlock, page: int) -> Flat | None:
    if block.block_type == "Table":
        reader = _TableReader()
        reader.feed(block.html)
        reader.close()
        cells = tuple(reader.place())
        return Flat("cell", page, block.bbox, cells=cells) if cells else None
    text, level = read_html(block.html)
    if not text:
        return None
    kind = _KINDS.get(block.block_type, "paragraph")
    if kind == "heading":
        found = NUMBERED.match(text)
        level = found["number"].count(".") + 1 if found and found["number"] else max(level, 1)
    return Flat(kind, page, block.bbox, text, level)


def read_html(html: str) -> tuple[str, int]:
    """The text of a block's HTML in the conventions of a Document, and the level of the heading it is (0: none)."""
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    return reader.text(), reader.level


def _spell(text: str) -> str:
    return "".join(spell(ord(c)) if c not in "\n\t" else " " for c in text).replace(UNKNOWN, "")


class _TextReader(HTMLParser):
    """Collects text; formulas and scripts become plain text, everything else that is a tag goes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.level = 0
        self._held: list[tuple[str, list[str]]] = []  # an open formula or script, and the parts outside it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("math", "sub", "sup"):
            self._held.append((tag, self.parts))
            self.parts = []
        elif tag in _BREAKS:
            self.parts.append(" ")
            if re.fullmatch(r"h[1-6]", tag):
                self.level = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if self._held and tag == self._held[-1][0]:
            _, outer = self._held.pop()
            inner = "".join(self.parts)
            self.parts = outer
            if tag == "math":
                self.parts.append(write_plainly(inner))
            elif inner.strip():
                script = _spell(inner).strip()
                self.parts = ["".join(self.parts).rstrip() if tag == "sub" else "".join(self.parts)]
                mark = "_" if tag == "sub" else "^"
                self.parts.append(f"{mark}{script}" if len(script) == 1 else f"{mark}{{{script}}}")
        elif tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data if self._held and self._held[-1][0] == "math" else _spell(data))

    def text(self) -> str:
        """Everything so far; what is still open counts as closed."""
        while self._held:
            self.handle_endtag(self._held[-1][0])
        return space_relations("".join(self.parts))


class _TableReader(HTMLParser):
    """The cells of a table's HTML, with their spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.rows: list[list[tuple[str, int, int, bool]]] = []
        self._cell: list[str] | None = None
        self._about: tuple[int, int, bool] = (1, 1, False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._close()
            self.rows.append([])
        elif tag in ("td", "th"):
            self._close()
            about = dict(attrs)
            self._about = (_read_span(about.get("rowspan")), _read_span(about.get("colspan")), tag == "th")
            self._cell = []
        elif self._cell is not None:
            self._cell.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()
        elif self._cell is not None:
            self._cell.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _close(self) -> None:
        if self._cell is not None:
            text, _ = read_html("".join(self._cell))
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append((text, *self._about))
            self._cell = None

    def place(self) -> Iterator[TableCell]:
        """The cells with their row and column; places that a cell above or beside spans are skipped."""
        self._close()
        taken: set[tuple[int, int]] = set()
        for row, cells in enumerate(self.rows):
            column = 0
            for text, rows, columns, header in cells:
                while (row, column) in taken:
                    column += 1
                taken |= {(row + i, column + k) for i in range(rows) for k in range(columns)}
                yield TableCell(text, row, column, rows, columns, header)
                column += columns


def _read_span(value: str | None) -> int:
    return min(max(int(value), 1), 100) if value and value.isdecimal() and len(value) < 4 else 1
