"""Papers made for the tests: typst source to PDF."""

from pathlib import Path

import typst

from papers.parse import parse_paper
from schemas.document import Document, PassageKind, Table

_HEAD = """
#set page(paper: "a4", margin: 2.5cm, numbering: "1")
#set text(size: 11pt, font: "New Computer Modern", lang: "en", hyphenate: true)
#set super(typographic: false)
#set par(justify: true)
#set heading(numbering: "1.1")
#show figure.where(kind: table): set figure.caption(position: top)
"""


def typeset(folder: Path, body: str, name: str = "note", head: str = _HEAD) -> Path:
    """The PDF of a typst source."""
    source, out = folder / f"{name}.typ", folder / f"{name}.pdf"
    source.write_text(head + body, encoding="utf-8")
    typst.compile(str(source), output=str(out))
    return out


def read_note(folder: Path, body: str, head: str = _HEAD) -> Document:
    """The Document of a typst source, parsed in this process."""
    return parse_paper(typeset(folder, body, head=head), max_pages=50)


def texts(document: Document, kind: PassageKind) -> list[str]:
    """The texts of all passages of one kind."""
    return [document.passage_text(p) for p in document.passages if p.kind == kind]


def paths(table: Table) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Row path and header path by the text of the cell, without labels."""
    return {c.text: (c.row_path, c.header_path) for c in table.cells if not c.is_label}
