"""Pieces of scalar code: how tightly they hold together, and lines at any depth."""

from typing import NamedTuple

from codegen.blocks import Block
from codegen.wording import write_comment

ATOM, UNARY, PRODUCT, SUM, COMPARISON, NOT, AND, OR, CHOICE = range(9)
STEP = "    "
BODY = 2  # of the loop over events, in a function
WIDTH = 120


class Code(NamedTuple):
    """A piece of Python and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text, in brackets where an operator of this level would tear it apart."""
        return self.text if self.level <= level else f"({self.text})"


class Lines(Block):
    """A run of lines, each at the depth of the loops and conditions it stands in."""

    def __init__(self, depth: int = BODY) -> None:
        super().__init__()
        self.depth = depth

    @property
    def indent(self) -> str:
        """The white space before a line."""
        return STEP * self.depth

    def open(self, code: str) -> None:
        """A line that others stand under, until `close`."""
        self.line(code)
        self.depth += 1

    def close(self, levels: int = 1) -> None:
        """Back to the depth of the line that was opened last."""
        self.depth -= levels

    def line(self, code: str) -> None:
        """A line of code; one that is too long is broken at its operators and commas."""
        self.lines += break_line(self.indent + code, self.indent)

    def comment(self, text: str) -> None:
        """A comment, on as many lines as it needs."""
        self.lines += write_comment(text, self.indent)

    def quote(self, text: str) -> None:
        """A quoted sentence with its page, below what it states."""
        if text:
            self.lines += write_comment(text, self.indent, "    ")

    def title(self, text: str) -> None:
        """A line that starts a section."""
        self.gap()
        self.lines.append(f"{self.indent}# {f' {text} ':-^{WIDTH - len(self.indent) - 22}}")


def break_line(text: str, indent: str) -> list[str]:
    """The line as it is, or broken between the words inside its brackets; a remark at its end goes before it."""
    if len(text) <= WIDTH:
        return [text]
    code, _, remark = text.partition("  # ")
    lines = [indent]
    depth = [0, 0]  # of round and square brackets
    inside = False  # whether a line may end before the next word
    for word in code.removeprefix(indent).split(" "):
        if inside and len(lines[-1]) + len(word) > WIDTH - 2:
            lines[-1] = lines[-1].rstrip()
            lines.append(indent + STEP)
        lines[-1] += word + " "
        depth = [n + word.count(pair[0]) - word.count(pair[1]) for n, pair in zip(depth, ("()", "[]"), strict=True)]
        inside = depth[0] > 0 and depth[1] == 0
    lines[-1] = lines[-1].rstrip()
    return [*([f"{indent}# {remark}"] if remark else []), *lines]
