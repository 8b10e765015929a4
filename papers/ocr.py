"""Text recognised from the picture of a page with tesseract, as glyphs on baselines, so that it is read like any other.

Wrong letters are likely: pages read this way are listed in `Document.ocr_pages`, and what is found on them says so.
"""

import os
import re
import shutil
import subprocess
from collections import Counter
from typing import NamedTuple
from xml.etree import ElementTree

from papers.glyphs import Glyph, spell
from schemas import errors

DPI = 300  # what tesseract is made for
SECONDS = 90  # for one page; two to five are usual
_SPAN = "{http://www.w3.org/1999/xhtml}span"
_BODY = 0.15  # lines whose size differs less from the usual one have the usual one
_SMALL = 0.72  # of the line's size: a script
_FIGURES = re.compile(r"[-+]?\d+(?:\.\d+)?")
_HANGING = frozenset("gjpqyQ,;()[]{}|/\\ηρφχβμγξ_§$@ſ")
_RAISED = frozenset("'\"`´’‘“”*°^~-–—+=<>≤≥±×÷·•:→_")
_UPRIGHT = frozenset("|()[]{}/\\,.;:")  # their boxes tell nothing
_OPENING = frozenset("([{“‘")
_LIKE_T = frozenset("TtpPrRyY17;?,.+}]")
_MISSING = re.compile(r"E[TrtpPM7]?[mf]?[mnri]?[il1]?s[s®*]?(?![a-z])")
_BARRED = re.compile(r"[|\\]A?([n7])\|")
_SQUARED = re.compile(r"eV/c([?”\"®*°])")
_BULLETS = frozenset("¢«»©®°e")  # what a bullet in front of an item is taken for


class Picture(NamedTuple):
    """A page as grey PNG, and its points per pixel."""

    png: bytes
    scale: float
    page: int


def find_tesseract() -> str:
    """The program. Raises PaperError that says what to install."""
    program = shutil.which("tesseract")
    if program is None:
        raise errors.PaperError(
            "tesseract is not installed and scans are not read without it; "
            "install it (Debian, Ubuntu: apt-get install tesseract-ocr; macOS: brew install tesseract)"
        )
    return program


def recognise(picture: Picture, name: str) -> list[Glyph]:
    """The glyphs of a page. Raises PaperError (no tesseract, no English, it failed) and PaperTooHeavy (too slow)."""
    command = [find_tesseract(), "stdin", "stdout", "-l", "eng", "--dpi", str(round(72 / picture.scale))]
    command += ["-c", "hocr_char_boxes=1", "-c", "tessedit_do_invert=0", "hocr"]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=picture.png,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # its threads wait for each other more than they work
        )
    except subprocess.TimeoutExpired as error:
        raise errors.PaperTooHeavy(
            f"{name}: recognising the text of page {picture.page} takes more than {SECONDS} s; get another copy of it"
        ) from error
    said = " ".join(done.stderr.decode(errors="replace").split())
    if done.returncode != 0:
        if "language" in said or "traineddata" in said:
            raise errors.PaperError(
                "tesseract has no data for English; install them (Debian, Ubuntu: apt-get install tesseract-ocr-eng) "
                "or set TESSDATA_PREFIX to their folder"
            )
        raise errors.PaperError(f"{name}: tesseract failed on page {picture.page} ({said[:150]}); report it")
    return read_hocr(done.stdout, picture.scale)


def read_hocr(answer: bytes, scale: float) -> list[Glyph]:
    """The glyphs of tesseract's hOCR with character boxes; `scale` is points per pixel."""
    lines = [line for line in ElementTree.fromstring(answer).iter(_SPAN) if _is_line(line)]  # noqa: S314
    sizes: Counter[int] = Counter()
    for line in lines:
        sizes[round(_read_number(line, "x_size"))] += len("".join(line.itertext()))
    total, seen, usual = sum(sizes.values()), 0, 0
    for pixels in sorted(sizes):
        usual, seen = pixels, seen + sizes[pixels]
        if 2 * seen >= total:
            break
    glyphs: list[Glyph] = []
    for line in lines:
        size = _read_number(line, "x_size")
        if abs(size - usual) < _BODY * usual:
            size = usual
        glyphs += _read_line(line, size, scale)
    return glyphs


def _is_line(span: ElementTree.Element) -> bool:
    return span.get("class") in ("ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat")


def _read_line(line: ElementTree.Element, size: float, scale: float) -> list[Glyph]:
    left, _, _, bottom = _read_numbers(line, "bbox")
    slope, offset = (*_read_numbers(line, "baseline"), 0.0, 0.0)[:2]
    glyphs: list[Glyph] = []
    for word in line:
        if word.get("class") != "ocrx_word":
            continue
        letters: list[Glyph] = []
        for character in word.iter(_SPAN):
            box = _read_numbers(character, "x_bboxes")
            text = "".join(spell(ord(c)) for c in character.text or "")
            if character.get("class") != "ocrx_cinfo" or len(box) != 4 or not text.strip():
                continue
            base = bottom + offset + slope * (box[0] - left)
            height, y = _place(text, box, base, size)
            if letters:  # boxes are tight: what stands in one word has no gaps
                letters[-1] = letters[-1]._replace(x1=box[0] * scale)
            letters.append(Glyph(text, box[0] * scale, box[2] * scale, y * scale, height * scale, "ocr", False, False))
        if glyphs and letters:
            glyphs.append(glyphs[-1]._replace(text=" ", x0=glyphs[-1].x1, x1=max(letters[0].x0, glyphs[-1].x1)))
        if not glyphs and len(letters) == 1 and letters[0].text in _BULLETS:
            letters = [letters[0]._replace(text="•")]
        glyphs += mend(letters, size * scale)
    return glyphs


def mend(letters: list[Glyph], size: float) -> list[Glyph]:
    """The letters of a word; symbols that English spelling has no letters for are put right by their place.

    A mark below the line behind `p` or `H` is the T of p_T, whatever letter it was taken for; `E` with a raised "ss"
    behind it is missing transverse momentum; a letter n or a digit between bars is η, with an A before it Δη; `AR`
    alone is ΔR; a unit's `/c?` is /c^2; a long dash glued to a number is its minus.
    """
    text = "".join(g.text for g in letters)
    small = [g.size < size for g in letters]
    first = 1 if text[:1] in _OPENING else 0
    behind = letters[first + 1 : first + 2]
    if (
        behind
        and text[first] in "pH"
        and behind[0].y > letters[first].y
        and small[first + 1]
        and text[first + 1] in _LIKE_T
    ):
        letters[first + 1] = behind[0]._replace(text="T")
    elif _MISSING.match(text) and any(small):
        end = _MISSING.match(text).end()  # type: ignore[union-attr]
        base, last = letters[0], letters[end - 1]
        mark = base._replace(text="T", size=_SMALL * size, y=base.y + 0.2 * size, x0=base.x1, x1=base.x1 + 0.4 * size)
        step = max(last.x1 - base.x1, 0.1) / 4
        high = [
            mark._replace(text=c, y=base.y - 0.4 * size, x0=base.x1 + k * step, x1=base.x1 + (k + 1) * step)
            for k, c in enumerate("miss")
        ]
        letters = [base, mark, *high, *letters[end:]]
    elif found := _BARRED.search(text):
        bar, eta = found.start(), found.start(1)
        letters[bar], letters[eta] = letters[bar]._replace(text="|"), letters[eta]._replace(text="η")
        letters[bar + 1 : eta] = [g._replace(text="Δ") for g in letters[bar + 1 : eta]]
    elif found := _SQUARED.search(text):
        two = letters[found.start(1)]
        letters[found.start(1)] = two._replace(text="2", size=_SMALL * size, y=letters[0].y - 0.4 * size)
    elif re.match(r"[—–]\d", text):
        letters[0] = letters[0]._replace(text="-")
    elif re.fullmatch(r"AR[,.;:)]?", text):
        letters = [letters[0]._replace(text="Δ"), *letters[1:]]
    return letters


def _place(text: str, box: tuple[float, ...], base: float, size: float) -> tuple[float, float]:
    """The size and the baseline of a character in pixels: its line's, unless its box says that it is a script."""
    _, top, _, bottom = box
    tall = bottom - top
    if text not in _UPRIGHT and 0.2 * size < tall < 0.6 * size:
        if bottom > base + 0.1 * size and top > base - (0.34 if text in _HANGING else 0.45) * size:
            return _SMALL * size, bottom
        if bottom < base - 0.2 * size and text not in _RAISED:
            return _SMALL * size, bottom
    return size, base


def _read_numbers(span: ElementTree.Element, key: str) -> tuple[float, ...]:
    """The numbers behind a key of the title: `bbox 1959 142 2118 165; x_wconf 96`."""
    for part in (span.get("title") or "").split(";"):
        name, _, rest = part.strip().partition(" ")
        if name == key:
            return tuple(float(n) for n in _FIGURES.findall(rest))
    return ()


def _read_number(span: ElementTree.Element, key: str) -> float:
    return next(iter(_read_numbers(span, key)), 0.0)
