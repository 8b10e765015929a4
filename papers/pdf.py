"""The PDF library's only place: a file opened and checked, its pages as glyphs, rules and drawings."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypedDict
from urllib.parse import unquote

import pymupdf

from papers.bitmap import BitmapFont, Stroke, measure_bitmap_font
from papers.drawings import collect_drawings
from papers.glyphs import UNKNOWN, Area, Box, Glyph, Rule, spell, spell_extension, turn_box
from papers.links import Goal, PageLink, make_link
from papers.png import write_png
from papers.visibility import Judge, Shades, Suspect, suspect_span
from schemas.document import HiddenText
from schemas.errors import BrokenPdf, EncryptedPdf, NotAPdf, PaperError, PaperTooHeavy

_ITALIC, _BOLD = 2, 16  # bits of a span's flags
_PIXELS = 40e6  # of a page that is drawn; a sheet of paper at 300 dpi has nine million
_LONGEST = 20_000  # pixels of a side
_CROWDED = 200_000  # characters on a page; a dense page has about ten thousand
_LINKED = 5_000  # links of a page that are read; a list of authors has some hundreds
# A stream that cannot be unpacked has lost text; a wrong checksum has not. Other signs of damage are told.
_DAMAGE = re.compile(r"zlib error: (?!incorrect data check)|cannot find page|premature end of file")
_ODD = re.compile(r"syntax error|premature end|zlib error|cannot ")
# Weight by name: cmbx, cmssbx, sfbx, cmb; -Medi of the Nimbus fonts; ptmb and its like.
_BOLD_NAME = re.compile(r"bold|demi|heavy|black|-medi(?:ital)?$|bx\d|^cmb\d|^(?:ptm|phv|ppl|pnc|pbk)b", re.I)
_INLINE_IMAGE = re.compile(rb"\bBI\s")
_DIRECTIONS: dict[tuple[float, float], int] = {
    (1, 0): 0,
    (0, -1): 1,
    (-1, 0): 2,
    (0, 1): 3,
}  # of text, and the clockwise quarter turns

LIBRARY_ERRORS = (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError)
"""What the library raises where a file is damaged."""

_Chars = tuple[tuple[int, int, tuple[float, float], Box], ...]


class _Span(TypedDict):
    """Characters of one font and colour, as the library traces them."""

    font: str
    size: float
    flags: int
    color: tuple[float, ...]
    opacity: float
    type: int
    seqno: int
    bbox: Box
    dir: tuple[float, float]
    ascender: float
    descender: float
    chars: _Chars


class PageContent(NamedTuple):
    """What is on a page, in its reading frame (a page set sideways is turned upright).

    `back` is the number of clockwise quarter turns from the reading frame to the page as a viewer shows it.
    Text that does not run with the text of the page (axis titles, stamps in the margin) is left out. `unread` counts
    the characters that no table of their font names; `guessed` says that fonts without a table were read by their use.
    """

    number: int  # from 1
    width: float
    height: float
    back: int
    glyphs: list[Glyph]
    unread: int
    guessed: bool
    rules: list[Rule]
    marks: list[Area]  # drawings and images, without rules
    hidden: tuple[HiddenText, ...]
    links: tuple[PageLink, ...]


def open_pdf(path: Path) -> pymupdf.Document:
    """The opened file.

    Raises NotAPdf, EncryptedPdf, or BrokenPdf (damaged or cut off: the library would repair it and lose text).
    """
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    pymupdf.TOOLS.reset_mupdf_warnings()
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise NotAPdf(f"{path.name}: the file is empty; download it again")
    if b"%PDF-" not in head:
        raise NotAPdf(f"{path.name}: not a PDF file (it does not start with %PDF-); download the paper's PDF again")
    try:
        document = pymupdf.open(path, filetype="pdf")
        if not document.is_pdf:
            raise NotAPdf(f"{path.name}: not a PDF file; download the paper's PDF again")
        if document.needs_pass:
            raise EncryptedPdf(f"{path.name}: encrypted; save a copy without a password and read that")
        if document.is_repaired or document.page_count == 0:
            raise _broken(path.name)
    except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase, RuntimeError) as error:
        raise _explain(path.name, error) from error
    return document


def read_pages(document: pymupdf.Document, name: str) -> Iterator[PageContent]:
    """The pages in order; BrokenPdf where the file turns out damaged."""
    try:
        names = _read_names(document)
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, KeyError, TypeError):
        names = {}  # links lead nowhere then; the text is not concerned
    for number in range(document.page_count):
        try:
            yield read_page(document[number], names)
        except LIBRARY_ERRORS as error:
            raise _explain(name, error) from error
        except PaperTooHeavy as error:
            raise PaperTooHeavy(f"{name}: {error}") from error
    said = pymupdf.TOOLS.mupdf_warnings(reset=False)
    if document.is_repaired or _DAMAGE.search(said):
        raise _broken(name)


def list_warnings() -> tuple[str, ...]:
    """What the library found odd in the files read since the last one was opened, without repetitions."""
    said = pymupdf.TOOLS.mupdf_warnings(reset=False)
    return tuple(dict.fromkeys(line for line in said.splitlines() if _ODD.search(line)))


def _explain(name: str, error: Exception) -> PaperError:
    if "malloc" in str(error) or "out of memory" in str(error):
        return PaperTooHeavy(f"{name}: needs more memory than allowed; get another copy of the file")
    return _broken(name)


def _broken(name: str) -> BrokenPdf:
    return BrokenPdf(f"{name}: truncated or damaged PDF, text would be missing; download it again")


def read_page(page: pymupdf.Page, names: Mapping[str, Goal]) -> PageContent:
    """One page with its visible glyphs; hidden text apart. `names` are the places that links may lead to."""
    links = _read_links(page, names)
    sheet = page.rotation // 90
    if sheet:
        page.set_rotation(0)
    frame = page.rect
    raw_width, raw_height = frame.width, frame.height
    spans = page.get_texttrace()
    if sum(len(span["chars"]) for span in spans) > _CROWDED:
        raise PaperTooHeavy(f"page {page.number + 1} has more than {_CROWDED} characters; get another copy of the file")
    turn = _find_turn(spans)
    bitmaps = _find_bitmap_fonts(spans)
    direction = next(d for d, q in _DIRECTIONS.items() if q == turn)
    drawings = collect_drawings(
        page.get_cdrawings(extended=True), _list_images(page), (0.0, 0.0, raw_width, raw_height), turn
    )
    shown = _find_shown(page) if drawings.clips else None
    shades = Shades(drawings.shades)
    judge = Judge(page.number + 1)
    glyphs: list[Glyph] = []
    suspects: list[Suspect] = []
    for span in spans:
        font = span["font"]
        bitmap = bitmaps.get(font)
        size = bitmap.size if bitmap else span["size"]
        bold = bool(span["flags"] & _BOLD) or _BOLD_NAME.search(font) is not None
        italic = bool(span["flags"] & _ITALIC)
        write = spell_extension if _is_extension(font) else spell
        chars = span["chars"]
        if bitmap:
            chars = tuple((ord(bitmap.write(i) or chr(0)), i, o, box) for _, i, o, box in chars)
        dx, dy = span["dir"]
        along = abs(dx - direction[0]) < 0.02 and abs(dy - direction[1]) < 0.02
        doubt = suspect_span(span["type"], span["opacity"], size, span["color"], span["seqno"], span["bbox"], shades)
        left, upper, right, lower = span["bbox"]
        within = left > -2 and upper > -2 and right < raw_width + 2 and lower < raw_height + 2
        if along and within and turn == 0 and not doubt and shown is None:
            _read_plain(chars, write, size, font, bold, italic, glyphs)
            continue
        for code, index, (ox, oy), (x0, y0, x1, y1) in chars:
            text = write(code) if code > 0 else ""
            if not text:
                continue
            if not (-2 < ox < raw_width + 2 and -2 < oy < raw_height + 2):
                judge.hide("off_page", text, oy)
            elif doubt.hidden is not None:
                judge.hide(doubt.hidden, text, oy)
            elif shown is not None and index >= 0 and text != " " and not _is_shown(ox, oy, shown):
                judge.hide("clipped", text, oy)
            elif not along:
                continue
            elif index < 0 and not doubt and glyphs:
                glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + text)
            else:
                a0, _, a1, _ = turn_box((x0, y0, x1, y1), raw_width, raw_height, turn)
                _, base, _, _ = turn_box((ox, oy, ox, oy), raw_width, raw_height, turn)
                glyph = Glyph(text, a0, a1, base, size, font, bold, italic)
                if doubt:
                    suspects.append(Suspect(glyph, (x0, oy - 0.5 * size, x1, oy), doubt))
                else:
                    glyphs.append(glyph)
    if suspects:
        glyphs += judge.look(suspects, lambda: _render(page))
    unread = sum(g.text == UNKNOWN and not _is_extension(g.font) for g in glyphs)
    width, height = (raw_height, raw_width) if turn % 2 else (raw_width, raw_height)
    back = (sheet - turn) % 4
    return PageContent(
        page.number + 1,
        width,
        height,
        back,
        glyphs,
        unread,
        bool(bitmaps),
        drawings.rules,
        drawings.marks,
        judge.notes(),
        links,
    )


def _read_names(document: pymupdf.Document) -> dict[str, Goal]:
    """The named places of a file."""
    names: dict[str, Goal] = {}
    frames: dict[int, pymupdf.Matrix] = {}
    for name, place in document.resolve_names().items():
        number = place.get("page")
        if not isinstance(number, int) or not 0 <= number < document.page_count:
            continue
        if number not in frames:
            page = document[number]
            frames[number] = page.transformation_matrix * page.rotation_matrix
        x, y = place.get("to") or (0.0, 0.0)
        names[name] = Goal(number + 1, (pymupdf.Point(x, y) * frames[number]).y if y else None)
    return names


def _read_links(page: pymupdf.Page, names: Mapping[str, Goal]) -> tuple[PageLink, ...]:
    """The links of a page; the list of the library underneath, a fiftieth of the time of its wrapped one."""
    found: list[PageLink] = []
    head = pymupdf.mupdf.fz_load_links(page.this)
    link = head.m_internal
    while link and len(found) < _LINKED:
        box = (link.rect.x0, link.rect.y0, link.rect.x1, link.rect.y1)
        if made := make_link(unquote(link.uri or ""), box, names):
            found.append(made)
        link = link.next
    return tuple(found)


def _read_plain(
    chars: _Chars, write: Callable[[int], str], size: float, font: str, bold: bool, italic: bool, glyphs: list[Glyph]
) -> None:
    """The glyphs of a span that is visible beyond doubt; the letters of a ligature are one glyph."""
    for code, index, (_, y), (x0, _, x1, _) in chars:
        text = write(code) if code > 0 else ""
        if not text:
            continue
        if index < 0 and glyphs and glyphs[-1].y == y:
            glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + text)
        else:
            glyphs.append(Glyph(text, x0, x1, y, size, font, bold, italic))


def _find_bitmap_fonts(spans: list[_Span]) -> dict[str, BitmapFont]:
    """The bitmap fonts by name: those whose letters are many times as high as the size that is told."""
    strokes: defaultdict[str, list[Stroke]] = defaultdict(list)
    for span in spans:
        if span["ascender"] - span["descender"] > 4.0 and span["size"] < 4.0:
            strokes[span["font"]] += [Stroke(code, x, y, x1 - x0) for _, code, (x, y), (x0, _, x1, _) in span["chars"]]
    return {font: measure_bitmap_font(drawn) for font, drawn in strokes.items()}


def _find_turn(spans: list[_Span]) -> int:
    weight = {0: 0, 1: 0, 2: 0, 3: 0}
    for span in spans:
        quarter = _DIRECTIONS.get((round(span["dir"][0], 1), round(span["dir"][1], 1)))
        if quarter is not None:
            weight[quarter] += len(span["chars"])
    best = max(weight, key=lambda q: weight[q])
    return best if best and weight[best] > max(200, 3 * weight[0]) else 0


def _is_extension(font: str) -> bool:
    """Whether the font holds big delimiters and operators (TeX's math extension fonts)."""
    name = font.lower()
    return "cmex" in name or "txex" in name or "pxex" in name or "mathex" in name


def _list_images(page: pymupdf.Page) -> list[tuple[int, Box]]:
    """The images of a page, each with its place in the drawing order."""
    if not page.get_images() and not _INLINE_IMAGE.search(page.read_contents()):
        return []
    kinds = ("fill-image", "fill-imgmask", "fill-shade")
    return [(order, box) for order, (kind, box) in enumerate(page.get_bboxlog()) if kind in kinds]


def _find_shown(page: pymupdf.Page) -> set[tuple[int, int]]:
    """Where the characters stand that no window cuts away (origins in tenths of a point)."""
    text = page.get_text("rawdict", flags=pymupdf.TEXT_CLIP)
    return {
        (round(10 * c["origin"][0]), round(10 * c["origin"][1]))
        for block in text["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
        for c in span["chars"]
    }


def _is_shown(x: float, y: float, shown: set[tuple[int, int]]) -> bool:
    a, b = round(10 * x), round(10 * y)
    return (a, b) in shown or any((a + i, b + j) in shown for i in (-1, 0, 1) for j in (-1, 0, 1))


def draw_page(document: pymupdf.Document, number: int, dpi: int) -> tuple[bytes, float, float, float]:
    """Page `number` (from 1) as a viewer shows it: a grey PNG, its points per pixel, the page's width and height."""
    page = document[number - 1]
    width, height = page.rect.width, page.rect.height
    scale = max(72 / dpi, (width * height / _PIXELS) ** 0.5)
    zoom = pymupdf.Matrix(1 / scale, 1 / scale)
    return page.get_pixmap(matrix=zoom, alpha=False, colorspace=pymupdf.csGRAY).tobytes("png"), scale, width, height


def print_page(document: pymupdf.Document, number: int, width: int) -> bytes:
    """Page `number` (from 1) as a viewer shows it: a PNG in colour, `width` pixels wide, of a very long page fewer.

    Raises what the library raises where the page is damaged (`LIBRARY_ERRORS`).
    """
    page = document[number - 1]
    scale = _scale(page.rect.width, page.rect.height, width)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, colorspace=pymupdf.csRGB)
    return write_png(pixels.samples_mv, pixels.width, pixels.height, 3)


def print_words(size: tuple[float, float], words: Iterable[tuple[str, Box]], note: str, width: int) -> bytes:
    """A white page of `size` points with words set into their boxes and a note at its top, as `print_page` gives it."""
    document = pymupdf.open()
    page = document.new_page(width=size[0], height=size[1])
    font = pymupdf.Font("helv")
    for text, (x0, y0, x1, y1) in words:
        natural = font.text_length(text, 1.0)
        if natural <= 0 or not (0 < x1 - x0 < 2 * size[0] and 0 < y1 - y0 < 2 * size[1]):
            continue
        writer = pymupdf.TextWriter(page.rect)
        writer.append((x0, y1 - 0.22 * (y1 - y0)), text, font=font, fontsize=min((x1 - x0) / natural, y1 - y0))
        writer.write_text(page)
    if note:
        page.insert_text((12, 16), note, fontname="helv", fontsize=8, color=(0.6, 0.2, 0.0))
    scale = _scale(size[0], size[1], width)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, colorspace=pymupdf.csRGB)
    return write_png(pixels.samples_mv, pixels.width, pixels.height, 3)


def _scale(width: float, height: float, pixels: int) -> float:
    """Pixels per point of a picture that is `pixels` wide, less where there would be too many."""
    return min(pixels / max(width, 1.0), _LONGEST / max(height, 1.0), math.sqrt(_PIXELS / max(width * height, 1.0)))


def _render(page: pymupdf.Page) -> tuple[bytes, int, int, int, float]:
    """The page's pixels (RGB), their row length, width, height and the points-to-pixels factor."""
    zoom = 2.0
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
    return pixels.samples, pixels.stride, pixels.width, pixels.height, zoom
