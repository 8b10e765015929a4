"""Blocks to a Document: one text, words with boxes, passages, sections."""

import re
from collections import Counter

from papers.blocks import Block
from papers.columns import Line
from schemas.document import Document, HiddenText, Page, Passage, Section, Word


def collect_vocabulary(blocks: list[Block]) -> Counter[str]:
    """How often each word stands inside a line, where its hyphens are its own."""
    words: Counter[str] = Counter()
    for block in blocks:
        for line in block.lines:
            words.update(w.strip(".,;:()[]").lower() for w in (p.text for p in line.pieces[:-1]))
    return words


def _joins(left: str, right: str, vocabulary: Counter[str]) -> bool:
    """Whether `left-` + `right` at a line end is one word that lost its hyphen (True) or keeps it (False)."""
    head, tail = re.split(r"[^\w]", left[:-1].lower())[-1], re.split(r"[^\w]", right.lower())[0]
    if not head or not tail or not right[:1].islower() or not left[-2:-1].isalpha():
        return False
    return vocabulary[head + tail] >= vocabulary[f"{head}-{tail}"]


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.words: list[Word] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def compose(
    document_id: str,
    sha256: str,
    pages: tuple[Page, ...],
    blocks: list[Block],
    hidden: tuple[HiddenText, ...],
    remarks: tuple[str, ...],
) -> Document:
    """The Document of the blocks, in their order."""
    vocabulary = collect_vocabulary(blocks)
    writer = _Writer()
    passages: list[Passage] = []
    headings: list[tuple[int, int, Block]] = []
    for block in blocks:
        start = writer.length
        _write_lines(writer, block.lines, vocabulary)
        if block.kind == "heading":
            headings.append((start, writer.length, block))
        passages.append(
            Passage(
                kind=block.kind,
                start=start,
                end=writer.length,
                page=block.lines[0].page,
                section=len(headings) - 1 if headings else None,
            )
        )
        writer.write("\n")
    text = "".join(writer.parts)
    return Document(
        document_id=document_id,
        sha256=sha256,
        title=None,
        n_pages=len(pages),
        pages=pages,
        text=text,
        words=tuple(writer.words),
        sections=_make_sections(headings, text),
        passages=tuple(passages),
        tables=(),
        hidden=hidden,
        remarks=remarks,
    )


def _write_lines(writer: _Writer, lines: list[Line], vocabulary: Counter[str]) -> None:
    glue = ""
    for n, line in enumerate(lines):
        for k, piece in enumerate(line.pieces):
            text = piece.text
            is_last = k == len(line.pieces) - 1
            following = ""
            if is_last and n + 1 < len(lines):
                following = lines[n + 1].pieces[0].text
            writer.write(glue)
            glue = " "
            if following and text.endswith("-") and len(text) > 1:
                glue = ""
                if _joins(text, following, vocabulary):
                    text = text[:-1]
            start = writer.length
            writer.write(text)
            writer.words.append(Word(start, writer.length, line.page, piece.x0, piece.y0, piece.x1, piece.y1))


def _make_sections(headings: list[tuple[int, int, Block]], text: str) -> tuple[Section, ...]:
    parsed = []
    for start, end, block in headings:
        match = re.match(r"^((?:\d{1,2}|[A-Z])(?:\.\d{1,2})*|[IVX]+)\.?\s+(.*)$", text[start:end])
        number, title = (match[1], match[2]) if match else (None, text[start:end])
        parsed.append((start, number, title, 1 + (number.count(".") if number else 0), block.lines[0].page))
    sections = []
    for i, (start, number, title, level, page) in enumerate(parsed):
        stop = next((s for s, _, _, other, _ in parsed[i + 1 :] if other <= level), len(text))
        sections.append(Section(number=number, title=title, level=level, page=page, start=start, end=stop))
    return tuple(sections)
