"""Bitmap fonts, as TeX made them before outline fonts: no names, no size. Size and meaning follow from their use.

Codes are those of TeX's old encodings: OT1 for text, OML for math italic, OMS for symbols (Knuth, The TeXbook, app. F).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

# Widths of TeX's roman letters in units of the size.
_WIDTHS = {
    "a": 0.5, "b": 0.556, "c": 0.444, "d": 0.556, "e": 0.444, "f": 0.306, "g": 0.5, "h": 0.556, "i": 0.278,
    "k": 0.528, "l": 0.278, "m": 0.833, "n": 0.556, "o": 0.5, "p": 0.556, "q": 0.528, "r": 0.392, "s": 0.394,
    "t": 0.389, "u": 0.556, "v": 0.528, "w": 0.722, "x": 0.528, "y": 0.528, "z": 0.444, ".": 0.278, ",": 0.278,
    "(": 0.389, ")": 0.389, "+": 0.778, "=": 0.778, "-": 0.333, "S": 0.556, "T": 0.722, "A": 0.75, "M": 0.917,
}  # fmt: skip
_WIDTHS |= dict.fromkeys("0123456789", 0.5)

# codes 11 to 15 are ligatures, spelled later
_TEXT = {
    0: "Γ", 1: "Δ", 2: "Θ", 3: "Λ", 6: "Σ", 8: "Φ", 9: "Ψ", 10: "Ω", 11: "\x0b", 12: "\x0c", 13: "\x0d", 14: "\x0e",
    15: "\x0f", 34: "”", 39: "’", 92: "“", 96: "‘", 123: "–", 124: "—",
}  # fmt: skip
_ITALIC = dict(enumerate("αβγδεζηθικλμνξπρστυφχψ", start=11))
_ITALIC |= {
    0: "Γ", 1: "Δ", 6: "Σ", 8: "Φ", 10: "Ω", 34: "ε", 39: "φ", 58: ".", 59: ",", 60: "<", 61: "/", 62: ">", 96: "ℓ",
}  # fmt: skip
_SYMBOLS = {
    0: "-", 1: "·", 2: "×", 3: "*", 6: "±", 7: "∓", 14: "∘", 15: "•", 20: "≤", 21: "≥", 24: "~", 25: "≈", 28: "≪",
    29: "≫", 32: "←", 33: "→", 36: "↔", 48: "′", 49: "∞", 50: "∈", 104: "⟨", 105: "⟩", 106: "|", 112: "√",
}  # fmt: skip


class Stroke(NamedTuple):
    """One printed character: its code, where it starts on the baseline, and its advance."""

    code: int
    x: float
    y: float
    advance: float


class BitmapFont(NamedTuple):
    """What a bitmap font is: its size in points and its encoding."""

    size: float
    table: dict[int, str]

    def write(self, code: int) -> str:
        """The text of a code; empty where the encoding has no use for it."""
        if code in self.table:
            return self.table[code]
        return chr(code) if 33 <= code <= 126 else ""


def measure_bitmap_font(strokes: Iterable[Stroke]) -> BitmapFont:
    """The font that these characters are set in: its size is the median over letters of known width."""
    drawn = list(strokes)
    sizes = sorted(s.advance / _WIDTHS[chr(s.code)] for s in drawn if s.advance > 0 and chr(s.code) in _WIDTHS)
    size = sizes[len(sizes) // 2] if sizes else 1.3 * max((s.advance for s in drawn), default=10.0)
    return BitmapFont(size, _guess_table(drawn, size))


def _guess_table(strokes: list[Stroke], size: float) -> dict[int, str]:
    """Text has words, math italic has single letters, symbols have few letters at all."""
    runs: defaultdict[bool, int] = defaultdict(int)
    letters = 0
    last: Stroke | None = None
    for stroke in strokes:
        letter = 97 <= stroke.code <= 122
        letters += letter
        if letter:
            goes_on = last is not None and stroke.y == last.y and abs(stroke.x - last.x - last.advance) < 0.1 * size
            runs[goes_on] += 1
        last = stroke if letter else None
    codes = {s.code for s in strokes}
    if codes <= _SYMBOLS.keys() or (letters < 0.3 * len(strokes) and not codes & set(range(48, 58))):
        return _SYMBOLS
    if runs[True] < runs[False] and not codes & set(range(50, 58)):
        return _ITALIC
    return _TEXT
