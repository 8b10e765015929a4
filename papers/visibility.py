"""What a reader of the page cannot see: white, tiny, invisible, off-page and covered text."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

from papers.glyphs import Box, Glyph, Shade
from schemas.document import HiddenReason, HiddenText

TINY = 2.2  # points; nobody reads smaller print
_BAND = 25.0  # points
_LIGHT = 0.88  # lightest channel value of text that is looked at on the rendered page
_SAME = 40  # of 255; colours closer than this look the same
_MOST_TEXT = 2000  # characters of hidden text reported per page and reason

RGB = tuple[int, int, int]
Colour = tuple[float, ...]
Pixels = tuple[bytes, int, int, int, float]


class Doubt(NamedTuple):
    """Why a span may be invisible: hidden for sure, printed in a light or shaded colour, or drawn over later."""

    hidden: HiddenReason | None = None
    light: bool = False
    later: tuple[Box, ...] = ()
    colour: RGB = (0, 0, 0)

    def __bool__(self) -> bool:
        return self.hidden is not None or self.light or bool(self.later)


class Suspect(NamedTuple):
    """A glyph that has to be looked at on the rendered page; `box` is in the page's own frame."""

    glyph: Glyph
    box: Box
    doubt: Doubt


_CLEAR = Doubt()


def to_rgb(colour: Colour | None) -> RGB:
    """A PDF colour of one (grey), three (RGB) or four (CMYK) channels as RGB, 0 to 255."""
    if not colour:
        return (0, 0, 0)
    if len(colour) == 4:
        k = 1 - colour[3]
        return (int(255 * (1 - colour[0]) * k), int(255 * (1 - colour[1]) * k), int(255 * (1 - colour[2]) * k))
    if len(colour) == 3:
        return (int(255 * colour[0]), int(255 * colour[1]), int(255 * colour[2]))
    return (int(255 * colour[0]),) * 3


class Shades:
    """The coloured grounds and images of a page, found by place."""

    def __init__(self, shades: list[Shade]) -> None:
        self.bands: defaultdict[int, list[Shade]] = defaultdict(list)
        for shade in shades:
            low, high = int(max(shade.box[1], -_BAND) // _BAND), int(min(shade.box[3], 100 * _BAND) // _BAND)
            for band in range(low, high + 1):
                self.bands[band].append(shade)

    def touching(self, box: Box) -> list[Shade]:
        """The shades that share a point with the box."""
        if not self.bands:
            return []
        low, high = int(max(box[1], -_BAND) // _BAND), int(min(box[3], 100 * _BAND) // _BAND)
        near = {id(s): s for band in range(low, high + 1) for s in self.bands.get(band, ())}
        return [s for s in near.values() if _overlap(s.box, box)]


def suspect_span(
    mode: int,
    opacity: float,
    size: float,
    colour: Colour | None,
    order: int,
    box: Box,
    shades: "Shades",
) -> Doubt:
    """What speaks against a span's visibility, from how it is drawn and what is drawn below and above it."""
    if mode == 3 or opacity < 0.05:
        return Doubt(hidden="invisible")
    if size < TINY:
        return Doubt(hidden="tiny")
    rgb = to_rgb(colour)
    light = min(rgb) > _LIGHT * 255
    later: tuple[Box, ...] = ()
    touching = shades.touching(box)
    if touching:
        later = tuple(s.box for s in touching if s.order > order)
        below = [s for s in touching if s.order < order and s.colour is not None]
        light = light or any(_close(to_rgb(s.colour), rgb) for s in below)
    if not light and not later:
        return _CLEAR
    return Doubt(None, light, later, rgb)


class Judge:
    """Collects the hidden text of one page."""

    def __init__(self, page: int) -> None:
        self.page = page
        self.found: dict[HiddenReason, list[tuple[float, str]]] = {}

    def hide(self, reason: HiddenReason, text: str, y: float) -> None:
        """Notes one hidden character with its baseline."""
        self.found.setdefault(reason, []).append((y, text))

    def look(self, suspects: list[Suspect], render: Callable[[], Pixels]) -> list[Glyph]:
        """The suspects that are visible on the rendered page; the others are noted."""
        pixels: Pixels | None = None
        kept: list[Glyph] = []
        for glyph, box, doubt in suspects:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            over = any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in doubt.later)
            if doubt.light or over:
                pixels = pixels or render()
                area = _sample(pixels, box)
                ground = Counter(area).most_common(1)[0][0] if area else doubt.colour
                if over and not _shows(area, doubt.colour, ground):
                    self.hide("covered", glyph.text, glyph.y)
                    continue
                if doubt.light and _close(ground, doubt.colour):
                    self.hide("white", glyph.text, glyph.y)
                    continue
            kept.append(glyph)
        return kept

    def notes(self) -> tuple[HiddenText, ...]:
        """The hidden text of the page, one note per reason."""
        notes = []
        for reason, parts in self.found.items():
            text, last = "", None
            for y, character in parts:
                text += " " if last is not None and abs(y - last) > 1 else ""
                text, last = text + character, y
            if text.strip():
                notes.append(HiddenText(page=self.page, text=text.strip()[:_MOST_TEXT], reason=reason))
        return tuple(notes)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _close(a: RGB, b: RGB) -> bool:
    return abs(a[0] - b[0]) < _SAME and abs(a[1] - b[1]) < _SAME and abs(a[2] - b[2]) < _SAME


def _shows(area: list[RGB], colour: RGB, ground: RGB) -> bool:
    """Whether some pixel is nearer to the text's colour than to the ground it stands on."""
    return any(
        sum(abs(a - b) for a, b in zip(p, colour, strict=True))
        < sum(abs(a - b) for a, b in zip(p, ground, strict=True))
        for p in set(area)
    )


def _sample(pixels: Pixels, box: Box) -> list[RGB]:
    samples, stride, width, height, zoom = pixels
    x0, x1 = max(0, int(box[0] * zoom)), min(width - 1, int(box[2] * zoom) + 1)
    y0, y1 = max(0, int(box[1] * zoom)), min(height - 1, int(box[3] * zoom) + 1)
    out: list[RGB] = []
    for row in range(y0, y1 + 1):
        line = samples[row * stride + 3 * x0 : row * stride + 3 * (x1 + 1)]
        out += zip(line[0::3], line[1::3], line[2::3], strict=True)
    return out
