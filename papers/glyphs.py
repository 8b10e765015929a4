"""What stands on a page: characters, rules, drawings; and what each printed character means as text."""

import unicodedata
from functools import cache
from typing import NamedTuple

UNKNOWN = "\ufffd"
"""A glyph that no table of its font names. It is dropped from the text unless its place tells what it is."""


Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points."""


class Glyph(NamedTuple):
    """One character; `y` is the baseline; positions in points from the top left of the reading frame."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    font: str
    bold: bool
    italic: bool


class Rule(NamedTuple):
    """A thin drawn line, horizontal or vertical, as its box."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


class Area(NamedTuple):
    """A box on a page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether the point lies in the box, or at most `margin` beside it."""
        return self.x0 - margin <= x <= self.x1 + margin and self.y0 - margin <= y <= self.y1 + margin

    def touches(self, other: "Area") -> bool:
        """Whether the boxes share a point."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def edges(self) -> list[Rule]:
        """The four sides."""
        return [
            Rule(self.x0, self.y0, self.x1, self.y0),
            Rule(self.x0, self.y1, self.x1, self.y1),
            Rule(self.x0, self.y0, self.x0, self.y1),
            Rule(self.x1, self.y0, self.x1, self.y1),
        ]


class Shade(NamedTuple):
    """A filled box or an image, its place in the drawing order and its colour (none for an image)."""

    box: tuple[float, float, float, float]
    order: int
    colour: tuple[float, ...] | None


# One spelling per meaning, where NFKC leaves signs apart or takes them too far.
_SPELLING = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u00ad": "-", "\u02d7": "-", "\ufe63": "-", "\uff0d": "-",
    "\u2206": "Δ", "\u2126": "Ω", "\u00b5": "μ", "\u03f5": "ε", "\u03d5": "φ", "\u03d1": "θ", "\u03d6": "π",
    "\u03f1": "ρ", "\u03f0": "κ", "\u2113": "ℓ", "\u2216": "\\", "\u2223": "|", "\u2225": "||", "\u2758": "|",
    "\u23d0": "|", "\u2a7d": "≤", "\u2a7e": "≥", "\u2266": "≤", "\u2267": "≥", "\u2264": "≤", "\u2265": "≥",
    "\u2215": "/", "\u2044": "/", "\u22c5": "·", "\u2219": "·", "\u2217": "*",
    "\u27f6": "→", "\u27f5": "←",
    "\u2032": "′", "\u2033": "″", "\u223c": "~", "\u2236": ":", "\u201a": ",", "\u00b4": "´", "\u00a8": "¨",
    "\u00af": "¯", "\u02c9": "¯", "\u0304": "¯", "\u0305": "¯", "\u02dc": "˜", "\u0303": "˜", "\u02c6": "ˆ",
    "\u0302": "ˆ", "\u20d7": "⃗", "\u20d1": "⃗", "\u21c0": "⇀", "\u02d9": "˙", "\u0307": "˙", "\u0308": "¨",
    "\u0301": "´", "\u0300": "`", "\u00b8": "¸", "\u0327": "¸", "\u02c7": "ˇ", "\u030c": "ˇ", "\u02da": "˚",
    "\u030a": "˚", "\u02d8": "˘", "\u0306": "˘",
    # ligature slots of TeX's old text encoding, where a font has no table
    "\x0b": "ff", "\x0c": "fi", "\x0d": "fl", "\x0e": "ffi", "\x0f": "ffl",
}  # fmt: skip

# Some math extension fonts carry their operators in the slots of Latin letters.
_EXTENSION = {"Í": "∑", "Î": "∏", "Ð": "∫", "Ï": "∫", "√": "√", "∑": "∑", "∏": "∏", "∫": "∫", "P": "∑", "X": "∑",
              "Q": "∏", "Y": "∏", "R": "∫", "Z": "∫"}  # fmt: skip

ACCENTS = {
    "¯": "\u0304", "˜": "\u0303", "ˆ": "\u0302", "⃗": "\u20d7", "⇀": "\u20d7", "→": "\u20d7", "˙": "\u0307",
    "¨": "\u0308", "´": "\u0301", "`": "\u0300", "¸": "\u0327", "ˇ": "\u030c", "˚": "\u030a", "˘": "\u0306",
    "~": "\u0303", "^": "\u0302",
}  # fmt: skip
"""Signs drawn over a letter, and the combining character that stands behind the letter in the text."""

RELATIONS = frozenset("<>=≤≥≠≈≃≅≡≲≳≪≫→←↔⇒∈±∓×∼")
"""Signs with one space on both sides."""

OPERATORS = frozenset("∑∏∫⋃⋂")
"""Signs with limits below and above."""


@cache
def spell(code: int) -> str:
    """The text of a printed character: NFKC with one spelling per sign; empty for control characters."""
    character = chr(code)
    if character in _SPELLING:
        return _SPELLING[character]
    category = unicodedata.category(character)
    if category in ("Co", "Cn", "Cs") or character == UNKNOWN:
        return UNKNOWN
    if category in ("Cc", "Cf") or 0xFE00 <= code <= 0xFE0F:
        return ""
    if category == "Zs":
        return " "
    folded = unicodedata.normalize("NFKC", character)
    return "".join(_SPELLING.get(c, c) for c in folded)


@cache
def spell_extension(code: int) -> str:
    """The text of a character of a math extension font; delimiters and what is not named come back as UNKNOWN."""
    if 0xFE00 <= code <= 0xFE0F:
        return ""
    character = chr(code)
    if character in ACCENTS or character in ("\u0303", "\u0302", "\u0304"):
        return spell(code)
    if character in "()[]{}":
        return character
    return _EXTENSION.get(character, UNKNOWN)


def turn_box(box: Box, width: float, height: float, quarters: int) -> Box:
    """The box after clockwise quarter turns of the page of this size."""
    x0, y0, x1, y1 = box
    if quarters == 1:
        return height - y1, x0, height - y0, x1
    if quarters == 2:
        return width - x1, height - y1, width - x0, height - y0
    if quarters == 3:
        return y0, width - x1, y1, width - x0
    return box
