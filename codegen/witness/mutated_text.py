"""Expressions and numbers with one mistake."""

import re
from collections.abc import Iterator

from schemas.criteria import SelectionCriteria
from schemas.fields import FIELDS

STRICTNESS = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
OPPOSITE = {"<": ">", ">": "<", "==": "!=", "!=": "=="}
FIELD_SWAPS = {
    "pt": ("energy",), "et": ("pt", "energy"), "energy": ("pt",), "d0": ("z0",), "z0": ("d0",), "d0sig": ("d0",),
    "z0_sintheta": ("z0", "d0"), "track_isolation": ("calo_isolation",), "calo_isolation": ("track_isolation",),
    "eta": ("phi",), "phi": ("eta",),
}  # fmt: skip
FUNCTION_SWAPS = {
    "min": ("max",), "max": ("min",), "any": ("all",), "all": ("any",), "mass": ("pt",), "sum": ("max",),
    "deltaR": ("deltaeta", "deltaphi"), "deltaphi": ("deltaR",), "deltaeta": ("deltaR",), "sin": ("cos",),
    "cos": ("sin",),
}  # fmt: skip
FLAG_SWAPS = {"same_flavour": "opposite_flavour", "opposite_flavour": "same_flavour",
              "opposite_charge": "same_charge", "same_charge": "opposite_charge"}  # fmt: skip
NUMBER = re.compile(r"(?<![\w.\[:])\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w.\]])")
NAME = re.compile(r"[A-Za-z_]\w*")


class TextMutation:
    """Changes the expressions of one document."""

    def __init__(self, criteria: SelectionCriteria, labels: tuple[str, ...]) -> None:
        self.criteria, self.labels = criteria, labels
        self.collections = [o.name for o in criteria.objects]
        self.candidates = [n for c in criteria.candidates for n in (c.name, *(c.pairing or ()))]
        self.variables = [v.name for v in criteria.variables]

    def mutate_text(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Kind, words and new text of every single change of an expression."""

        def put(start: int, end: int, new: str) -> str:
            return text[:start] + new + text[end:]

        for match in NUMBER.finditer(text):
            for value in vary(float(match[0]), "." not in match[0] and float(match[0]) < 10):
                yield "number", f"{value:.12g} for {match[0]}", put(*match.span(), f"{value:.12g}")
        for match in re.finditer(r"\[(\d+)\]", text):
            for index in (int(match[1]) + 1, int(match[1]) - 1):
                if index >= 0:
                    yield "index", f"[{index}] for {match[0]}", put(*match.span(), f"[{index}]")
        for match in re.finditer(r"\[:(\d+)\]", text):
            for index in (int(match[1]) + 1, int(match[1]) - 1):
                if index > 0:
                    yield "index", f"[:{index}] for {match[0]}", put(*match.span(), f"[:{index}]")
        for match in re.finditer(r"\babs\(", text):
            yield "abs", "without abs", put(*match.span(), "(")
        for match in re.finditer(r" ([+\-*/]) ", text):
            other = {"+": "-", "-": "+", "*": "/", "/": "*"}[match[1]]
            yield "sign", f"{other} for {match[1]}", put(*match.span(1), other)
        for match in re.finditer(r" (and|or) ", text):
            other = "or" if match[1] == "and" else "and"
            yield "group", f"{other} for {match[1]}", put(*match.span(1), other)
        for match in re.finditer(r" (<=|>=|<|>|==|!=) ", text):
            for kind, swaps in (("strictness", STRICTNESS), ("operator", OPPOSITE)):
                if match[1] in swaps:
                    yield kind, f"{swaps[match[1]]} for {match[1]}", put(*match.span(1), swaps[match[1]])
        for match in NAME.finditer(text):
            for kind, other in self._list_other_names(match[0]):
                yield kind, f"{other} for {match[0]}", put(*match.span(), other)
        flags = re.findall(r", (same_flavour|opposite_charge|same_charge|opposite_flavour)", text)
        for flag in flags:
            yield "require", f"without {flag}", text.replace(f", {flag}", "", 1)

    def _list_other_names(self, name: str) -> Iterator[tuple[str, str]]:
        for kind, names in (("object", self.collections), ("object", self.candidates), ("object", self.variables)):
            if name in names:
                yield from ((kind, other) for other in names if other != name)
        for other in FIELD_SWAPS.get(name, ()):
            yield "field", other
        for other in FUNCTION_SWAPS.get(name, ()):
            yield "function", other
        if name in FLAG_SWAPS:
            yield "require", FLAG_SWAPS[name]
        if name == "mZ":
            yield from (("constant", "mW"), ("constant", "mH"))
        elif name in self.labels and name not in FIELDS:
            yield from (("label", other) for other in self.labels if other != name)


def vary(value: float, counted: bool) -> tuple[float, ...]:
    """Numbers that one might be mistaken for: next to a count, 7 per cent off otherwise."""
    if counted:
        return (value + 1, value - 1)
    if value == 0:
        return (0.1, -0.1)
    return (float(f"{value * 1.07:.6g}"), float(f"{value * 0.93:.6g}"))
