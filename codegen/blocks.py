"""Lines of code in the making, with their comments."""

from collections.abc import Iterable, Sequence

from codegen.usage import Usage
from codegen.wording import shorten, write_comment
from schemas.checked_cut import CheckedCut

INDENT = " " * 8
WIDTH = 120


class Block:
    """A run of lines at one indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, code: str) -> None:
        """A line of code; a call that is too long is broken at its commas."""
        text = INDENT + code
        if len(text) <= WIDTH or not text.endswith(")"):
            self.lines.append(text)
            return
        opening = _find_opening(text)
        inner = INDENT + "    "
        self.lines.append(text[: opening + 1])
        current = inner
        for piece in _split_commas(text[opening + 1 : -1]):
            if len(current) + len(piece) + 2 > WIDTH and current.strip():
                self.lines.append(current.rstrip())
                current = inner
            current += f"{piece}, "
        # One term in brackets must not become a tuple of one.
        is_call = opening > 0 and (text[opening - 1].isalnum() or text[opening - 1] in "_]")
        self.lines += [current.rstrip() if is_call else current.rstrip(", "), INDENT + ")"]

    def comment(self, text: str) -> None:
        """A comment, on as many lines as it needs."""
        self.lines += write_comment(text, INDENT)

    def quote(self, text: str) -> None:
        """A quoted sentence with its page, below what it states."""
        if text:
            self.lines += write_comment(text, INDENT, "    ")

    def note(self, text: str | None) -> None:
        """A remark of the criteria."""
        if text:
            self.comment(f"note: {shorten(text, 220)}")

    def gap(self) -> None:
        """An empty line."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def title(self, text: str) -> None:
        """A line that starts a section."""
        self.gap()
        self.lines.append(f"{INDENT}# {f' {text} ':-^{WIDTH - len(INDENT) - 22}}")


def group_cuts(cuts: Iterable[CheckedCut]) -> list[list[CheckedCut]]:
    """The cuts in order; those of one group together, where its first one stands."""
    groups: dict[str, list[CheckedCut]] = {}
    ordered: list[list[CheckedCut]] = []
    for cut in cuts:
        group = cut.cut.group
        if group is not None and group in groups:
            groups[group].append(cut)
            continue
        ordered.append([cut])
        if group is not None:
            groups[group] = ordered[-1]
    return ordered


def mark_closest(block: Block, usage: Usage, name: str) -> None:
    """Say what stands in for a quantity that the format does not have."""
    for note in usage.closest.get(name, ()):
        block.comment(f"closest available: {note}")


def _find_opening(text: str) -> int:
    """Where the bracket opens that the last character closes."""
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(text)


def _split_commas(text: str) -> Sequence[str]:
    pieces: list[str] = [""]
    depth = 0
    for character in text:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return [p.strip() for p in pieces if p.strip()]
