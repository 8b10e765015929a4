"""The PDF library's only place: a file opened and checked, its pages as glyphs, rules and pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import pymupdf

from papers.glyphs import Glyph, Rule, spell
from schemas.document import HiddenText
from schemas.errors import BrokenPdf, EncryptedPdf, NotAPdf

Reason = Literal["white", "tiny", "invisible", "off_page", "covered"]

_ITALIC = 2
_BOLD = 16


class PageContent(NamedTuple):
    """What is on a page. `rotated` are glyphs of lines that do not run from left to right."""

    number: int  # from 1
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rotated: tuple[Glyph, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[Rule, ...]
    hidden: tuple[HiddenText, ...]


def open_pdf(path: Path) -> pymupdf.Document:
    """The opened file.

    Raises NotAPdf, EncryptedPdf, or BrokenPdf (damaged or cut off: the library would repair it and lose text).
    """
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    head = path.open("rb").read(1024)
    if not head:
        raise NotAPdf(f"{path.name}: the file is empty; download it again")
    if b"%PDF-" not in head:
        raise NotAPdf(f"{path.name}: not a PDF file; download the PDF of the paper again")
    try:
        document = pymupdf.open(path, filetype="pdf")
    except (pymupdf.FileDataError, pymupdf.EmptyFileError, RuntimeError) as error:
        raise BrokenPdf(f"{path.name}: damaged PDF ({str(error).splitlines()[0]}); download it again") from error
    if not document.is_pdf:
        raise NotAPdf(f"{path.name}: not a PDF file; download the PDF of the paper again")
    if document.needs_pass:
        raise EncryptedPdf(f"{path.name}: encrypted; save a copy without a password and read that")
    if document.is_repaired or document.page_count == 0:
        raise BrokenPdf(f"{path.name}: truncated or damaged PDF, text would be missing; download it again")
    return document


def read_pages(document: pymupdf.Document) -> Iterator[PageContent]:
    """The pages in order."""
    for page in document:
        yield read_page(page)


def read_page(page: pymupdf.Page) -> PageContent:
    """One page with its visible glyphs; hidden text apart."""
    number = page.number + 1
    frame = page.rect
    glyphs: list[Glyph] = []
    rotated: list[Glyph] = []
    hidden: dict[Reason, list[str]] = {}
    for span in page.get_texttrace():
        size, flags, font = span["size"], span["flags"], span["font"]
        bold = bool(flags & _BOLD) or "bold" in font.lower() or "CMBX" in font or "-Bol" in font
        italic = bool(flags & _ITALIC)
        reason: Reason | None = None
        if span["type"] == 3 or span["opacity"] < 0.05:
            reason = "invisible"
        elif size < 2:
            reason = "tiny"
        elif min(span["color"] or (0,)) > 0.95 and span["colorspace"] in (1, 3):
            reason = "white"
        target = glyphs if span["dir"][0] > 0.99 else rotated
        for code, _, origin, (x0, _, x1, _) in span["chars"]:
            text = spell(chr(code)) if code > 0 else ""
            outside = not (frame.x0 - 2 < x0 < frame.x1 + 2 and frame.y0 - 2 < origin[1] < frame.y1 + 2)
            if reason or outside:
                hidden.setdefault(reason or "off_page", []).append(text)
            elif text:
                target.append(Glyph(text, x0, x1, origin[1], size, font, bold, italic))
    notes = tuple(
        HiddenText(page=number, text="".join(parts)[:2000], reason=reason)
        for reason, parts in hidden.items()
        if "".join(parts).strip()
    )
    rules: tuple[Rule, ...] = ()
    return PageContent(number, frame.width, frame.height, tuple(glyphs), tuple(rotated), rules, (), notes)
