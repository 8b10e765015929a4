"""A PDF to a Document, in this process and without limits; `papers.read` does it in a limited child process."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from papers.asides import read_asides
from papers.blocks import build_blocks
from papers.columns import Line, find_gutters, order_lines
from papers.compose import Source, compose
from papers.figures import Look, find_drawings, find_figures, find_look
from papers.flow import join_blocks, strip_marks
from papers.furniture import drop_furniture
from papers.lines import Segment, build_segments, join_marks, write_inline
from papers.mathematics import fold_mathematics
from papers.ocr import DPI, Picture, recognise
from papers.pdf import PageContent, draw_page, list_warnings, open_pdf, read_pages
from papers.regions import Region
from papers.ruled import find_tables
from papers.scripts import attach_scripts, split_runs
from schemas import errors
from schemas.document import Document

if TYPE_CHECKING:
    import pymupdf


def parse_paper(path: Path, max_pages: int, *, ocr: bool = False) -> Document:
    """The Document of a PDF. With `ocr`, pages without text are recognised from their picture.

    Raises NotAPdf, EncryptedPdf, BrokenPdf, NoText, PaperTooHeavy; with `ocr` PaperError where tesseract is missing.
    """
    document = open_pdf(path)
    if document.page_count > max_pages:
        raise errors.PaperTooHeavy(
            f"{path.name}: {document.page_count} pages, allowed are {max_pages}; raise the limit if it is a paper"
        )
    contents = list(read_pages(document, path.name))
    hidden = tuple(h for c in contents for h in c.hidden)
    recognised: tuple[int, ...] = ()
    if ocr:
        contents, recognised = _recognise_pages(document, contents, path.name)
    if sum(len(c.glyphs) for c in contents) < max(10, 5 * len(contents)):
        seen = " (hidden text is not read)" if hidden else ""
        raise errors.NoText(f"{path.name}: no visible text{seen}, perhaps a scan; {_ocr_hint(recognised)}")
    segments = [_read_segments(c) for c in contents]
    if _is_gibberish(segments):
        if not ocr or recognised:
            raise errors.NoText(f"{path.name}: its fonts do not tell their letters; {_ocr_hint(recognised)}")
        contents, recognised = _recognise_pages(document, contents, path.name, fewest=0)
        segments = [_read_segments(c) for c in contents]
    widths, heights = [c.width for c in contents], [c.height for c in contents]
    segments, tops = drop_furniture(segments, heights, [c.rules for c in contents])
    look = find_look(segments, widths)
    regions: list[Region] = []
    flowing: list[list[Segment]] = []
    gutters = find_gutters(segments, widths)
    for content, page, top, gutter in zip(contents, segments, tops, gutters, strict=True):
        flowing.append(_take_regions(content, page, top, gutter, look, regions))
    gutters = find_gutters(flowing, widths)
    lines = [order_lines(page, gutter) for page, gutter in zip(flowing, gutters, strict=True)]
    blocks = build_blocks(lines, regions, heights)
    strip_marks(blocks)
    blocks = join_blocks(blocks)
    source = Source(
        path.stem,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        _find_title(lines, heights[0]),
        contents,
        _make_remarks(contents, recognised),
    )
    update = {"asides": read_asides(document), "ocr_pages": recognised, "converter": "ocr" if recognised else "pymupdf"}
    return compose(source, blocks, hidden).model_copy(update=update)


def _ocr_hint(recognised: tuple[int, ...]) -> str:
    if recognised:
        return "text recognition found nothing either; get another copy of it"
    return "--ocr recognises the text of the pictures (with tesseract)"


def _recognise_pages(
    document: "pymupdf.Document", contents: list[PageContent], name: str, fewest: int = 20
) -> tuple[list[PageContent], tuple[int, ...]]:
    """The pages, those with a picture and fewer than `fewest` characters (0: all) recognised; and which ones these are.

    Their drawings are the letters themselves and go.
    """
    pages, recognised = [], []
    for content in contents:
        scanned = (bool(content.marks) and len(content.glyphs) < fewest) or fewest == 0
        if scanned:
            png, scale, width, height = draw_page(document, content.number, DPI)
            glyphs = recognise(Picture(png, scale, content.number), name)
            if glyphs:
                recognised.append(content.number)
                content = content._replace(
                    width=width, height=height, back=0, glyphs=glyphs, unread=0, guessed=False, rules=[], marks=[]
                )
        pages.append(content)
    return pages, tuple(recognised)


def _read_segments(content: PageContent) -> list[Segment]:
    glyphs = fold_mathematics(content.glyphs, content.rules, write_inline)
    return join_marks(build_segments(attach_scripts(split_runs(glyphs)), content.number))


def _is_gibberish(pages: list[list[Segment]]) -> bool:
    """Whether a long text has next to none of the commonest words of English: its letters mean something else."""
    words = [p.text.lower() for page in pages for s in page for p in s.pieces]
    common = sum(w in ("the", "of", "and", "in", "to", "a", "is", "for", "with", "are") for w in words)
    return len(words) > 500 and common < 0.01 * len(words)


def _take_regions(
    content: PageContent,
    page: list[Segment],
    top: float,
    gutter: float | None,
    look: Look,
    regions: list[Region],
) -> list[Segment]:
    """The segments that flow; a table or a figure is one placeholder, itself is put to `regions`."""
    drawings = find_drawings(content.width, content.height, content.marks, content.rules)
    found = find_tables(content.number, page, content.rules, top, drawings, gutter)
    drawings = [d for d in drawings if not any(d.touches(r.box) for r in found)]
    taken = {id(s) for r in found for s in r.segments}
    rest = [s for s in page if id(s) not in taken]
    figures = [f for f in find_figures(content.number, content.width, rest, drawings, look) if f.segments]
    taken = {id(s) for f in figures for s in f.segments}
    rest = [s for s in rest if id(s) not in taken]
    for region in (*found, *figures):
        box = region.box
        rest.append(Segment((), box.x0, box.x1, box.y0, 0.0, content.number, 0, len(regions)))
        regions.append(region)
    return rest


def _find_title(pages: list[list[Line]], height: float) -> str | None:
    """The lines of the first page that are set largest, in its upper part."""
    first = [line for line in (pages[0] if pages else []) if line.region is None and line.y < 0.6 * height]
    long = [line for line in first if sum(c.isalpha() for c in line.text) > 8]
    if not long:
        return None
    size = max(line.size for line in long)
    lines = [line for line in first if 0.93 * size < line.size < 1.07 * size]
    body = sorted(line.size for line in first)[len(first) // 2]
    if size < 1.1 * body or len(lines) > 6:
        return None
    return re.sub(r"(?<=[a-z]{2})- (?=[a-z]{2})", "", " ".join(line.text for line in lines))


def _make_remarks(contents: list[PageContent], recognised: tuple[int, ...]) -> tuple[str, ...]:
    remarks = []
    if recognised:
        pages = ", ".join(str(n) for n in recognised)
        remarks.append(
            f"text of page{'s' if len(recognised) > 1 else ''} {pages} is recognised from pictures: "
            "letters and signs may be wrong, compare thresholds with the page"
        )
    unread = sum(c.unread for c in contents)
    total = sum(len(c.glyphs) for c in contents)
    if unread > 0.01 * total:
        remarks.append(f"{unread} characters have no known meaning in their fonts and are missing from the text")
    if any(c.guessed for c in contents):
        remarks.append("old bitmap fonts: signs in formulas are guessed, compare thresholds with the page")
    empty = [c.number for c in contents if not c.glyphs and (c.marks or c.rules)]
    if empty:
        pages = ", ".join(str(n) for n in empty)
        remarks.append(f"no text on page{'s' if len(empty) > 1 else ''} {pages}: pictures are not read")
    odd = list_warnings()
    if odd:
        remarks.append(f"the PDF library reports: {'; '.join(odd[:3])}")
    return tuple(remarks)
