"""Text of a file that is printed on no page. It is kept apart, so that a person can be told what it tries to say."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from papers.pdf import LIBRARY_ERRORS
from schemas.document import Aside, AsideKind

if TYPE_CHECKING:
    import pymupdf

_LONGEST = 2000  # characters of one aside
_MOST = 50  # asides of one file
_SMALL = 20_000  # bytes of a packed attachment that is looked into
_ABOUT = ("title", "subject", "keywords", "author", "creator")
_NOTES = ("Text", "Popup", "Stamp", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret", "FileAttachment")


def read_asides(document: "pymupdf.Document") -> tuple[Aside, ...]:
    """Notes, form fields, metadata and attachments of an opened file, without repetitions; what is damaged is left out.

    Free text drawn on a page is not among them: it is printed and read like other text.
    """
    found: dict[Aside, None] = {}
    with suppress(*LIBRARY_ERRORS):
        for page, kind, text in _list_asides(document):
            plain = " ".join(text.split())[:_LONGEST]
            if plain and len(found) < _MOST:
                found[Aside(page=page, text=plain, kind=kind)] = None
    return tuple(found)


def _list_asides(document: "pymupdf.Document") -> Iterator[tuple[int, AsideKind, str]]:
    metadata = document.metadata or {}
    for key in _ABOUT:
        yield 1, "metadata", metadata.get(key) or ""
    for name in document.embfile_names():
        about = document.embfile_info(name)
        yield 1, "attachment", " ".join(str(about.get(key) or "") for key in ("name", "filename", "description"))
        if about.get("length", _SMALL) < _SMALL:
            yield 1, "attachment", _decode(document.embfile_get(name))
    for page in document:
        for note in page.annots():
            if note.type[1] in _NOTES:
                yield page.number + 1, "note", f"{note.info.get('title', '')} {note.info.get('content', '')}"
        if document.is_form_pdf:
            for field in page.widgets():
                yield page.number + 1, "field", f"{field.field_label or ''} {field.field_value or ''}"


def _decode(data: bytes) -> str:
    """The text of a text file, nothing of any other."""
    try:
        text = data[: 4 * _LONGEST].decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or not any(c < " " and c not in "\n\r\t\x1b" for c in text) else ""
