"""Sentences of the passages that speak of selection, also those that a figure, a table or a page break interrupts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from extract.rules.sections import Speaking, Trust, find_speaking
from schemas.document import Document


class Piece(NamedTuple):
    """A stretch of a sentence that is one stretch of Document.text: [at, at + size) lies at `start`."""

    at: int
    size: int
    start: int


class Sentence(NamedTuple):
    """A sentence, the stretches of the document it is made of, and what is known of the place it stands in."""

    text: str
    pieces: tuple[Piece, ...]
    trust: Trust
    headings: tuple[str, ...]
    kind: str  # of the passage
    first: bool  # the first of its passage

    def locate(self, position: int) -> int:
        """The offset in Document.text of a position in the sentence."""
        for piece in self.pieces:
            if piece.at <= position < piece.at + piece.size:
                return piece.start + position - piece.at
        last = self.pieces[-1]
        return last.start + min(max(position - last.at, 0), max(last.size - 1, 0))

    def fragments(self) -> tuple[str, ...]:
        """The verbatim stretches of the document."""
        return tuple(
            self.text[p.at : p.at + p.size].strip() for p in self.pieces if self.text[p.at : p.at + p.size].strip()
        )


_SHORT = ("Ref", "Refs", "Fig", "Figs", "Eq", "Eqs", "Sec", "Sect", "Sects", "No", "vs", "i.e", "e.g", "al", "cf",
          "etc", "approx", "Tab", "min", "max")  # fmt: skip
_ABBREVIATIONS = "".join(rf"(?<!\b{re.escape(word)})" for word in _SHORT)
_END = re.compile(
    _ABBREVIATIONS + r"[.?!](?:\^\{?[\w,]+\}?)?[’”\")]?(?:\s*\[[\d, –-]+\]\.?)?\s+"
    r"(?=[\"‘“(•]?\s*(?:[A-ZΔΣΛ√•–]|[a-zτμ]_|[pE]_?T|b-|τ|μ|\d+\s*[a-z]|\|))"
)
_BULLET = re.compile(r"\s*(?:•|∙|◦|\([ivx]+\)|(?:^|(?<=[;.:,] ))(?:-|–)(?= [A-Z]))\s*")
_LEAD_IN = re.compile(r"\b(?:if|when|whenever|unless)\s*:?$", re.IGNORECASE)
_UNFINISHED = re.compile(r"[^.!?:;]$")
_LOOK_AHEAD = 40
_FIGURE = re.compile(r"\s*√?\s*(?:Figure|Fig\.)\s*\d")
_SHORTEST = 25
_PROSE_LENGTH = 60
_PROSE_RATIO = 9  # one function word in nine words
_FUNCTION_WORDS = re.compile(r"\b(?:the|of|and|is|are|to|in|with|for|that|by|be|as|at|from|on|a|an|this|which|must)\b")


def split_document(document: Document) -> Iterator[Sentence]:
    """The sentences of all passages that may speak of selection, in order of the text."""
    speaking = [s for s in find_speaking(document) if not _FIGURE.match(s.text)]
    used: set[int] = set()
    lead: Sentence | None = None  # "An event is rejected if", in front of a list
    for i, passage in enumerate(speaking):
        if i in used:
            continue
        run = [passage]
        if passage.passage.kind in ("paragraph", "item"):
            for j in _continue(speaking, i, used):
                run.append(speaking[j])
                used.add(j)
        sentences = list(split_run(run))
        if passage.passage.kind == "item" and lead is not None and sentences:
            sentences[0] = _join(lead, sentences[0])
        elif passage.passage.kind == "paragraph":
            lead = sentences[-1] if sentences and _LEAD_IN.search(sentences[-1].text) else None
        yield from sentences


def _join(lead: Sentence, item: Sentence) -> Sentence:
    """The item of a list as the end of the sentence in front of the list."""
    bullet = _BULLET.match(item.text)
    begin = bullet.end() if bullet else 0
    shift = len(lead.text) + 1
    pieces = [p._replace(at=p.at + shift) for p in _cut(list(item.pieces), begin, len(item.text))]
    return item._replace(text=f"{lead.text} {item.text[begin:]}", pieces=(*lead.pieces, *pieces), first=False)


def _continue(speaking: list[Speaking], i: int, used: set[int]) -> Iterator[int]:
    """The passages that carry on the unfinished sentence of passage `i`: the next prose that starts in lower case.

    Prose in between that starts a sentence of its own ends the search; labels of figures and tables do not.
    """
    current = i
    while _is_prose(speaking[current].text) and _UNFINISHED.search(speaking[current].text.rstrip()):
        page = speaking[current].passage.page
        following = None
        for j in range(current + 1, min(current + 1 + _LOOK_AHEAD, len(speaking))):
            passage, text = speaking[j].passage, speaking[j].text
            if passage.page > page + 3 or passage.kind == "item":
                break
            if passage.kind != "paragraph" or j in used:
                continue
            if text[0].islower() and len(text) >= _SHORTEST:
                following = j
                break
            if _is_prose(text) and passage.page > page:
                break
        if following is None:
            return
        yield following
        current = following


def _is_prose(text: str) -> bool:
    """Whether a passage reads like running text."""
    return len(text) >= _PROSE_LENGTH and len(_FUNCTION_WORDS.findall(text)) * _PROSE_RATIO >= len(text.split())


def split_run(run: list[Speaking]) -> Iterator[Sentence]:
    """The sentences of passages that read as one text."""
    text, pieces = "", []
    for speaking in run:
        if text:
            text += " "
        pieces.append(Piece(len(text), len(speaking.text), speaking.passage.start))
        text += speaking.text
    head = run[0]
    begin = 0
    for end in [m.end() for m in _END.finditer(text)] + [len(text)]:
        body = text[begin:end]
        stripped = body.rstrip()
        if stripped.strip():
            yield Sentence(
                stripped,
                _cut(pieces, begin, begin + len(stripped)),
                head.trust,
                head.headings,
                head.passage.kind,
                begin == 0,
            )
        begin = end


def _cut(pieces: list[Piece], begin: int, end: int) -> tuple[Piece, ...]:
    parts = []
    for piece in pieces:
        a, b = max(begin, piece.at), min(end, piece.at + piece.size)
        if a < b:
            parts.append(Piece(a - begin, b - a, piece.start + a - piece.at))
    return tuple(parts)
