"""Characters folded for comparison: what differs between two extractions of the same printed words is dropped.

Dropped are white space, script marks (`_^{}`), hyphens and quotation marks; glyph variants of one letter become one.
Case is kept. Because hyphens go, the minus of a number goes too: `compare_runs` looks at those apart.
"""

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_DROPPED = " \t\n\r\v\f\u00a0\u00ad\u200b\u2009_^{}'\"`‘’‚“”„«»-‐‑‒–—−⁻\u0307\u0304\u20d7⃗⇀√︁"
_SAME = {
    "ℓ": "l", "𝓁": "l", "µ": "μ", "∆": "Δ", "△": "Δ", "⋆": "*", "∗": "*", "′": "'", "⩾": "≥", "⩽": "≤", "≥": "≥",
    "ϕ": "φ", "ϵ": "ε", "ϑ": "θ", "∣": "|", "∼": "~", "•": "·", "∙": "·", "⋅": "·", "Ω": "Ω",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+|[,;:! ])\s?")
_COMMANDS = {
    "geq": "≥", "ge": "≥", "leq": "≤", "le": "≤", "gt": ">", "lt": "<", "eta": "η", "phi": "φ", "gamma": "γ", "mu": "μ",
    "tau": "τ", "ell": "l", "Delta": "Δ", "sigma": "σ", "chi": "χ", "theta": "θ", "pi": "π", "to": "→", "times": "×",
    "rightarrow": "→", "pm": "±", "in": "∈", "sin": "sin", "cos": "cos", "alpha": "α", "beta": "β", "nu": "ν",
    "psi": "ψ",
}  # fmt: skip
_DROPPED_SET = frozenset(_DROPPED)
_SHORT = 2000  # below this, arrays cost more than they save
_TABLE = str.maketrans(_SAME)
_CODES = np.array(sorted({ord(c) for c in _DROPPED}), dtype=np.uint32)
_DASHES = "-‐‑‒–—−⁻"
_RUN = re.compile(rf"([{_DASHES}]\s*)?(?<![\d.])(\d+(?:\.\d+)?)")


class Folded(NamedTuple):
    """Folded text, and for each of its characters the offset of the character it came from."""

    text: str
    positions: npt.NDArray[np.intp]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets, in the text as given, of the folded characters `start` to `end`."""
        return int(self.positions[start]), int(self.positions[end - 1]) + 1


def normalise(text: str) -> str:
    """NFKC, one spelling per letter; a relation in two characters becomes one, LaTeX and HTML become their letters."""
    if "&" in text:
        text = unescape(text)
    if "\\" in text or "$" in text:
        text = _COMMAND.sub(lambda m: _COMMANDS.get(m[1], ""), text).replace("$", "")
    plain = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    return plain.replace(">=", "≥").replace("<=", "≤").replace("⩾", "≥").replace("⩽", "≤").translate(_TABLE)


def fold(text: str) -> Folded:
    """`text` folded. Letters are replaced one by one before any is dropped, so positions are offsets into `text`."""
    if len(text) < _SHORT:
        letters = "".join([chr(_fold_letter(ord(c))) if c > "\x7f" else c for c in text])
        kept = [i for i, c in enumerate(letters) if c not in _DROPPED_SET]
        return Folded("".join([letters[i] for i in kept]), np.array(kept, dtype=np.intp))
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    present = np.flatnonzero(np.bincount(codes, minlength=1)) if len(codes) else codes
    table = np.arange(int(present[-1]) + 1 if len(present) else 1, dtype=np.uint32)
    for code in present[present > 127].tolist():
        table[code] = _fold_letter(code)
    same = table[codes]
    positions = np.flatnonzero(~np.isin(same, _CODES))
    return Folded(same[positions].tobytes().decode("utf-32-le"), positions)


@lru_cache(maxsize=4096)
def _fold_letter(code: int) -> int:
    letter = chr(code).translate(_TABLE)
    plain = unicodedata.normalize("NFKC", letter)
    return ord(plain) if len(plain) == 1 else ord(letter)


def fold_quote(quote: str) -> str:
    """The folded characters of a quote, from whatever extraction it comes."""
    return fold(normalise(quote)).text


def list_runs(text: str) -> list[tuple[bool, str]]:
    """The digit runs of a text in order, each with whether a dash or minus stands before it."""
    return [(m[1] is not None, m[2]) for m in _RUN.finditer(text)]


def compare_runs(quote: str, printed: str) -> bool:
    """Whether the digit runs and their signs agree: "15" is not "1 5", and "2.5" is not "-2.5"."""
    return list_runs(normalise(quote)) == list_runs(printed)
