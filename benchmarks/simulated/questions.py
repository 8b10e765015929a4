"""What a question of the reader is about: told from its own words, as any model must."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from benchmarks.simulated.statements import Statement
from benchmarks.stand_in import ChatBody
from extract.grounding.folding import fold_quote
from extract.llm.fencing import FENCE, fence, unfence
from extract.llm.passages import write_table
from schemas.document import Document

Kind = Literal["reader", "targeted", "resolver"]

_FENCED = re.compile(rf"<{FENCE}>\n(.*?)\n</{FENCE}>", re.S)
_TITLE = re.compile(r"\APaper: (.*)\n")
_MARK = re.compile(r"^(?:\[page \d+\]|## .*|\((?:caption|footnote)\) )")
_NUMBERED = re.compile(r"^(\d+)\. (.+?) in: ")
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("targeted", "A first reading wrote down the requirements of this text"),
    ("resolver", "A paper leaves a definition to the cited work"),
    ("reader", "Write down every requirement of this text"),
)
_SHORTEST = 12  # characters of a line by which a passage is known


class Asked(NamedTuple):
    """A question taken apart: the text that it is about, and the printed numbers that it lists (by their number)."""

    kind: Kind
    title: str
    text: str
    numbers: Mapping[int, str] = {}


def read_question(question: ChatBody) -> Asked | None:
    """What is asked; None for what is no question of the reader."""
    said = question.messages[-1].content
    frame = _FENCED.sub("", said)  # what a paper says decides nothing
    kind = next((kind for kind, words in _KINDS if words in frame), None)
    fenced = _FENCED.findall(said)
    if kind is None or not fenced:
        return None
    title = _TITLE.match(said)
    name = title[1].strip() if title is not None else ""
    if kind == "targeted" and len(fenced) > 1:
        listed = (_NUMBERED.match(line) for line in fenced[-1].splitlines())
        return Asked(kind, name, fenced[-2], {int(m[1]): m[2] for m in listed if m is not None})
    return Asked(kind, name, fenced[-1])


class KnownPaper:
    """A paper as a simulated reader knows it: which of its statements stand in a text that it is shown."""

    def __init__(self, name: str, document: Document, statements: Sequence[Statement]) -> None:
        self.name = name
        self.title = fence(document.title or "").strip()
        self.statements = tuple(statements)
        self._document = document
        self._titles = {
            number: block[0].text.split("\n")[0]
            for number in {s.table for s in statements if s.table is not None}
            if (block := write_table(document, number))
        }

    def count_lines(self, text: str) -> int:
        """How many lines of a text stand in this paper: the more, the surer is it the one."""
        return sum(line in self._document.text for line in _list_lines(text))

    def find_statements(self, text: str) -> tuple[Statement, ...]:
        """The statements whose words stand in the text, in order of the paper."""
        spans = self._find_spans(text)
        folded = fold_quote(unfence(text))
        titles = {number for number, title in self._titles.items() if fold_quote(title) in folded}
        return tuple(s for s in self.statements if _is_in(s, spans, titles, folded))

    def _find_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the lines of a text stand in Document.text: at every place where they are printed."""
        whole = self._document.text
        spans = []
        for line in _list_lines(text):
            at = whole.find(line)
            while at >= 0:
                spans.append((at, at + len(line)))
                at = whole.find(line, at + len(line))
        return spans


def _is_in(statement: Statement, spans: Sequence[tuple[int, int]], titles: set[int], folded: str) -> bool:
    if statement.start is None:
        return False
    if statement.table is not None and statement.table in titles:
        return all(fold_quote(piece) in folded for piece in statement.item.quote)
    return any(a <= statement.start < b for a, b in spans)


def _list_lines(text: str) -> list[str]:
    """The lines of a text that are the paper's, without the marks of a question."""
    plain = (_MARK.sub("", line).strip() for line in unfence(text).split("\n"))
    return [line for line in plain if len(line) >= _SHORTEST]
