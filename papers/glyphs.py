"""Glyphs as they stand on a page, and what each printed character means as text."""

import unicodedata
from functools import cache
from typing import NamedTuple


class Glyph(NamedTuple):
    """One character on a page; `y` is the baseline; positions in points from the top left."""

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


# One spelling per meaning; what NFKC leaves apart or takes too far.
_SPELLING = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u00ad": "-", "\u02d7": "-", "\ufe63": "-", "\uff0d": "-",
    "\u2206": "Δ", "\u2126": "Ω", "\u00b5": "μ", "\u03f5": "ε", "\u03d5": "φ", "\u03d1": "θ", "\u03d6": "π",
    "\u03f1": "ρ", "\u03f0": "κ", "\u03c2": "ς", "\u2113": "ℓ", "\u2216": "\\", "\u2223": "|", "\u2225": "||",
    "\u23d0": "|", "\u2758": "|", "\u2a7d": "≤", "\u2a7e": "≥", "\u2266": "≤", "\u2267": "≥", "\u2272": "≲",
    "\u2273": "≳", "\u00cd": "Í", "\u2215": "/", "\u2044": "/", "\u22c5": "·", "\u2219": "·", "\u2217": "*",
    "\u27f6": "→", "\u27f5": "←", "\u2192": "→", "\u00a0": " ", "\u2032": "′", "\u2033": "″", "\u223c": "~",
    "\u02dc": "˜", "\u02c6": "ˆ", "\u00a8": "¨", "\u00b4": "´", "\u00af": "¯", "\u02c9": "¯", "\u02d9": "˙",
    "\u0132": "IJ", "\u0133": "ij", "\u2236": ":", "\u201a": ",", "\u2026": "...",
}  # fmt: skip

RELATIONS = frozenset("<>=≤≥≠≈≃≅≡∼≲≳≪≫→←↔⇒∈±∓×")
"""Signs with a space on both sides (± and × too)."""


@cache
def spell(character: str) -> str:
    """The text of a printed character: NFKC with one spelling per sign; empty for control and private characters."""
    if character in _SPELLING:
        return _SPELLING[character]
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cn", "Cs") or character == "\ufffd":
        return ""
    folded = unicodedata.normalize("NFKC", character)
    return "".join(_SPELLING.get(c, c) for c in folded)
