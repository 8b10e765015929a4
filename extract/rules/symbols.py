"""Symbols of tables in the shape that sentences use; what is taken off them is a condition.

`Δφ(j_{1,2,3}, E_T^{miss})_{min}` is an angle between jets and E_T^{miss}, of the smallest among the first three;
`m_T^{min}` and `max(m_T^ℓ)` are transverse masses.
"""

import re
from typing import NamedTuple

# Several indices at one letter: `j_{1,2,(3)}`, `j_{1,...,N}`, `j_{i>3}`, `jet_{1-3}`.
_INDICES = re.compile(
    r"(?<![A-Za-z])(?P<kind>j|jets?|ℓ|l|b)_\{(?P<which>(?=[^{}]*[,.…>≥–-]|all|any)[\dNnia-z.,…()<>≤≥–\- ]+)\}"
)
_EXTREME = re.compile(
    r"(?:(?<=\))|(?<=[φϕR])|(?<=m_T)|(?<=[mM]_\{..\})|(?<=[mM]_\{.\}))[_^]\{?(?P<end>min|max)\}?(?![A-Za-z}])"
)
_EXTREME_OF = re.compile(r"\b(?P<end>min|max) ?\((?P<of>m_\{?T\}?(?![\w])[^()]*)\)")
_ENDS = {"min": "smallest", "max": "largest"}


class Symbol(NamedTuple):
    """A text with plain symbols, and what was taken off them, in words (None for nothing)."""

    text: str
    note: str | None = None


def simplify_symbols(text: str) -> Symbol:
    """The text with one symbol per kind of object and without "min" and "max", which become a note."""
    notes: list[str] = []

    def take_end(found: re.Match[str]) -> str:
        notes.append(_ENDS[found["end"]])
        return found.groupdict().get("of") or ""

    def take_indices(found: re.Match[str]) -> str:
        notes.append(found.group())
        return found["kind"]

    plain = _EXTREME_OF.sub(take_end, text)
    plain = _INDICES.sub(take_indices, plain)
    plain = _EXTREME.sub(take_end, plain)
    return Symbol(plain, ", ".join(dict.fromkeys(notes)) or None)
