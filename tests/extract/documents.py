"""Small documents for tests: made of blocks, or of paragraphs and one table."""

import re
from collections.abc import Sequence

from schemas.document import Cell, Document, Page, Passage, PassageKind, Section, Table, Word

Block = tuple[PassageKind, str]


def make_document(blocks: Sequence[Block], page_of: Sequence[int] | None = None) -> Document:
    """A document whose passages are the blocks; headings ("4.1 Jets") open sections; a page per block."""
    pages = list(page_of or [1] * len(blocks))
    text, passages, words = "", [], []
    headings: list[tuple[int, str, int]] = []
    for (kind, body), page in zip(blocks, pages, strict=True):
        start = len(text)
        text += body
        if kind == "heading":
            headings.append((start, body, page))
        passages.append(
            Passage(kind=kind, start=start, end=len(text), page=page, section=len(headings) - 1 if headings else None)
        )
        words += [Word(start + m.start(), start + m.end(), page, 0.0, 0.0, 1.0, 1.0) for m in re.finditer(r"\S+", body)]
        text += "\n"
    sections = [_make_section(i, headings, len(text)) for i in range(len(headings))]
    numbers = sorted(set(pages))
    return Document(
        document_id="made", sha256="0" * 64, title=None, n_pages=max(numbers),
        pages=tuple(Page(number=n, width=595.0, height=842.0) for n in numbers), text=text, words=tuple(words),
        sections=tuple(sections), passages=tuple(passages), tables=(),
    )  # fmt: skip


def _make_section(i: int, headings: Sequence[tuple[int, str, int]], size: int) -> Section:
    start, body, page = headings[i]
    number, _, title = body.partition(" ")
    numbered = re.fullmatch(r"\d+(?:\.\d+)*", number) is not None
    level = number.count(".") + 1 if numbered else 1
    end = next(
        (s for s, b, _ in headings[i + 1 :] if (b.split(" ")[0].count(".") + 1 if b[0].isdigit() else 1) <= level), size
    )
    return Section(
        number=number if numbered else None,
        title=title if numbered else body,
        level=level,
        page=page,
        start=start,
        end=end,
    )


class Rows:
    """A table of our own: a caption, a header row, and rows that start with their label."""

    def __init__(self, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.caption, self.header, self.rows = caption, header, rows


def write_document(
    paragraphs: Sequence[str] = (), title: str = "Event selection", table: Rows | None = None
) -> Document:
    """A Document of one page: a heading, paragraphs below it, and a table whose cells stand in its text."""
    text = title
    passages = [Passage(kind="heading", start=0, end=len(title), page=1, section=0)]
    for paragraph in paragraphs:
        start = len(text) + 1
        text += "\n" + paragraph
        passages.append(Passage(kind="paragraph", start=start, end=len(text), page=1, section=0))
    tables: list[Table] = []
    if table is not None:
        cells: list[Cell] = []
        for r, row in enumerate((table.header, *table.rows)):
            for c, cell in enumerate(row):
                start = len(text) + 1
                text += "\n" + cell
                label = (row[0],) if c and r and row[0] else ()
                header = (table.header[c],) if r and c and table.header[c] else ()
                cells.append(
                    Cell(
                        text=cell,
                        row=r,
                        column=c,
                        row_path=label,
                        header_path=header,
                        start=start,
                        end=len(text),
                        page=1,
                    )
                )
                passages.append(Passage(kind="cell", start=start, end=len(text), page=1, section=0, table=0))
        tables.append(Table(label="Table 1", caption=table.caption, page=1, cells=tuple(cells)))
    return Document(
        document_id="own",
        sha256="0" * 64,
        title=None,
        n_pages=1,
        pages=(Page(number=1, width=600, height=800),),
        text=text,
        words=(),
        sections=(Section(number="4", title=title, level=1, page=1, start=0, end=len(text)),),
        passages=tuple(passages),
        tables=tuple(tables),
    )
