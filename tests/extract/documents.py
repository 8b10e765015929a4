"""Documents for tests, made from our own text: passages under headings, and tables with their cells."""

from collections.abc import Sequence

from schemas.document import Cell, Document, Page, Passage, Section, Table


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
