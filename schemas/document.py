"""A paper as read: one clean text with character positions, and where each word stands on its page.

All positions (`start`, `end`) are offsets into `Document.text`; pages count from 1; boxes are in PDF points with the
origin at the top left of the page.

Text conventions of `Document.text`:
- NFKC, one kind of minus (`-`), Δ (U+0394), µ as μ (U+03BC), ℓ kept; ranges keep their en dash, quotes and arrows stay.
- scripts are rebuilt, the lower one first: `p_T`, `p_T^γ`, `E_T^{miss}`, `m_{4ℓ}`, `χ^2`, `p_T^2`, `x_{i_1}^2`; braces
  where a script has more than one character. Primes and degrees have no `^`: `ℓ′`, `120°`.
- what TeX draws is written: `√s`, `√(Δη^2 + Δφ^2)`, fractions `p_T/m_{γγ}` and `(a + b)/c`; accents stand behind their
  letter as combining characters: `tt̄` (U+0304), `p⃗_T` (U+20D7), `H̃` (U+0303).
- one space around relations, arrows, ± and × (`|η| < 2.47`), none between an opening bracket or quote and a relation
  (`(≥ 2 jets)`); hyphens at line ends joined or kept as the paper writes the word elsewhere.
- a sentence that continues after a page or column break, a table, a figure or a displayed formula is one paragraph;
  what interrupts it stands behind it. Running heads, page and line numbers and footnote marks are left out.
- passages are separated by one newline; a passage contains no newline. Lettering of figures, tables of contents, title,
  names and addresses are `other`; text that runs sideways beside the text (axis titles, stamps) is left out.
- a cell is one passage; cells stand row by row at the place of their table. A cell that lists several requirements on
  lines of their own is one cell per line with the same row path.
"""

from typing import Literal, NamedTuple

from schemas.model import Model

PassageKind = Literal["heading", "paragraph", "item", "caption", "footnote", "cell", "bibliography", "other"]
HiddenReason = Literal["white", "tiny", "invisible", "off_page", "covered", "clipped"]
AsideKind = Literal["note", "field", "metadata", "attachment"]


class Word(NamedTuple):
    """A word of the text and its box on the page. Scripts belong to the word they are attached to."""

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Box(Model):
    """A rectangle on a page, in PDF points from the top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Page(Model):
    """One page: its size in points."""

    number: int
    width: float
    height: float


class Section(Model):
    """A heading and the text below it, up to the next heading of the same or a higher level."""

    number: str | None  # "4.2", or nothing when the heading has no number
    title: str
    level: int
    page: int
    start: int
    end: int


class Passage(Model):
    """A run of text without a break: a paragraph, a heading, an item of a list, a caption, a cell of a table."""

    kind: PassageKind
    start: int
    end: int
    page: int
    section: int | None  # index into Document.sections, the innermost one
    table: int | None = None  # index into Document.tables, for kind "cell" and for the table's caption


class Cell(Model):
    """A cell of a table: its text (also in Document.text), the label of its row and the path of its column headers.

    `row_path` holds every label that governs the row, outermost first (a merged group cell, a full-width separator
    row, then the row's own label); `header_path` the same for the column.
    """

    text: str
    row: int
    column: int
    row_path: tuple[str, ...]
    header_path: tuple[str, ...]
    start: int
    end: int
    page: int
    is_label: bool = False


class Table(Model):
    """A table read from its geometry. Header and label cells are cells too (`is_label`)."""

    label: str | None  # "Table 3"
    caption: str
    page: int
    cells: tuple[Cell, ...]


class Link(Model):
    """A link of the file, and the words of the text that it lies on (none: `start == end`).

    `target` is where the text starts that a link into the file leads to; its `uri` begins with `#`.
    """

    uri: str
    page: int
    start: int
    end: int
    target: int | None = None


class HiddenText(Model):
    """Text in the file that a reader of the page cannot see. It is reported and never used."""

    page: int
    text: str
    reason: HiddenReason


class Aside(Model):
    """Text of the file that is printed on no page: a reader's note, a form field, metadata, an attachment. Never used.

    `page` is 1 for what belongs to the whole file.
    """

    page: int
    text: str
    kind: AsideKind


class Document(Model):
    """A paper as read. `text` holds visible text only."""

    document_id: str  # the file's name without suffix, or the arXiv id
    sha256: str
    title: str | None
    n_pages: int
    pages: tuple[Page, ...]
    text: str
    words: tuple[Word, ...]  # ascending in start, no overlap
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]  # ascending in start
    tables: tuple[Table, ...]
    hidden: tuple[HiddenText, ...] = ()
    asides: tuple[Aside, ...] = ()
    links: tuple[Link, ...] = ()
    converter: str = "pymupdf"  # what made the text: pymupdf, ocr, marker
    ocr_pages: tuple[int, ...] = ()  # pages whose text was recognised from a picture: wrong letters are likely
    remarks: tuple[str, ...] = ()  # what the reading noticed, one line each, for the person

    def passage_text(self, passage: Passage) -> str:
        """The text of a passage."""
        return self.text[passage.start : passage.end]

    def page_at(self, position: int) -> int:
        """The page on which the character at `position` is printed; 1 for a text without words."""
        import bisect

        i = bisect.bisect_right(self.words, position, key=lambda w: w.start) - 1
        return self.words[max(i, 0)].page if self.words else 1
