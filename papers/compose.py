"""Blocks to a Document: one text, words with boxes, passages, sections, tables."""

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from papers.block import Block
from papers.glyphs import turn_box
from papers.headings import NUMBERED
from papers.lines import Piece
from papers.links import place_links
from papers.pdf import PageContent
from papers.tables import GridCell, read_table
from schemas.document import Cell, Document, HiddenText, Page, Passage, Section, Table, Word

# First parts of compounds that physicists hyphenate, and endings that only look like second parts.
_HEADS = frozenset(
    ("same", "opposite", "single", "high", "low", "non", "two", "three", "four", "well", "next", "final", "initial")
)
_ENDINGS = frozenset({"ness", "fold", "light", "land", "ever", "tion", "less", "ling"})


_CHARGES = re.compile(r"\+[^\W\d_]?-$|[\^{]-\}?$")  # a minus at a line end, no hyphen


class Source(NamedTuple):
    """What the document is of."""

    document_id: str
    sha256: str
    title: str | None
    pages: list[PageContent]
    remarks: tuple[str, ...]


def collect_vocabulary(blocks: list[Block]) -> Counter[str]:
    """How often each word stands inside a line, where its hyphens are its own."""
    words: Counter[str] = Counter()
    for block in blocks:
        cut = False
        for line in block.lines:
            for piece in line.pieces[cut:-1]:
                word = piece.text.strip(".,;:()[]").lower()
                words[word] += 1
                if "-" in word:
                    parts = word.split("-")
                    words.update(f"{a}-{b}" for a, b in pairwise(parts) if len(parts) > 2)
            cut = line.pieces[-1].text.endswith("-")
    return words


def joins(left: str, right: str, vocabulary: Counter[str]) -> bool:
    """Whether `left-` at a line end and `right` are one word without a hyphen, by the paper's own words."""
    head = re.split(r"[^\w-]", left[:-1].lower())[-1]
    tail = re.split(r"[^\w]", right.lower())[0]
    following = right.lower()[len(tail) : len(tail) + 1]
    if len(head) < 2 or not tail or not left[-2:-1].isalpha() or "_" in head:
        return False
    if not right[:1].islower():  # a name in capitals, cut
        return left[-2:-1].isupper() and vocabulary[head + tail] > 0
    whole, hyphened = vocabulary[head + tail], vocabulary[f"{head}-{tail}"]
    if whole != hyphened:
        return whole > hyphened
    if following == "-":  # one of several hyphens
        return False
    # never seen: two words of the paper keep their hyphen, syllables do not
    stem = head.rpartition("-")[2]
    if stem in _HEADS and len(tail) > 3 and tail not in _ENDINGS:
        return False
    return not (len(stem) > 2 and len(tail) > 2 and vocabulary[stem] and vocabulary[tail])


class _Writer:
    """The text under construction and the words in it."""

    def __init__(self, source: Source, vocabulary: Counter[str]) -> None:
        self.vocabulary = vocabulary
        self.frames = {p.number: (p.width, p.height, p.back) for p in source.pages}
        self.parts: list[str] = []
        self.length = 0
        self.words: list[Word] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def write_lines(self, lines: list[tuple[int, list[Piece]]]) -> None:
        """Pieces line by line, each line with its page; words cut at line ends are put together."""
        glue = ""
        for n, (page, pieces) in enumerate(lines):
            following = lines[n + 1][1][0].text if n + 1 < len(lines) else ""
            for k, piece in enumerate(pieces):
                text = piece.text
                self.write(glue)
                glue = " "
                if k == len(pieces) - 1 and following:
                    if _CHARGES.search(text):
                        pass
                    elif text.endswith("-") and len(text) > 1:
                        glue = ""
                        text = text[:-1] if joins(text, following, self.vocabulary) else text
                    elif re.search(r"(?:\d[–-]|\w/)$", text):
                        glue = ""
                self._write_word(text, page, piece)

    def _write_word(self, text: str, page: int, piece: Piece) -> None:
        width, height, back = self.frames[page]
        box = turn_box((piece.x0, piece.y0, piece.x1, piece.y1), width, height, back)
        for k, part in enumerate(text.split(" ")):
            if k:
                self.write(" ")
            start = self.length
            self.write(part)
            self.words.append(Word(start, self.length, page, *(round(v, 2) for v in box)))


def compose(source: Source, blocks: list[Block], hidden: tuple[HiddenText, ...]) -> Document:
    """The Document of the blocks, in their order."""
    writer = _Writer(source, collect_vocabulary(blocks))
    passages: list[Passage] = []
    headings: list[tuple[int, int, Block]] = []
    tables: list[Table] = []
    numbers = _number_tables(blocks)
    captions = {numbers[id(b)]: b for b in blocks if b.kind == "caption" and id(b) in numbers}
    for block in blocks:
        section = len(headings) - 1 if headings else None
        if block.region is not None and block.region.kind == "table":
            table = numbers[id(block)]
            caption = captions.get(table)
            cells = [
                _write_cell(writer, c, block.region.page, table, section, passages) for c in read_table(block.region)
            ]
            tables.append(
                Table(
                    label=block.region.caption,
                    caption=_plain(caption, writer) if caption else "",
                    page=block.region.page,
                    cells=tuple(cells),
                )
            )
            continue
        lines = block.lines
        if block.region is not None:
            lines = []
            pieces = [(s.page, list(s.pieces)) for s in block.region.segments]
        else:
            pieces = [(line.page, list(line.pieces)) for line in lines]
        if not pieces:
            continue
        start = writer.length
        writer.write_lines(pieces)
        if block.kind == "heading":
            headings.append((start, writer.length, block))
            section = len(headings) - 1
        passages.append(
            Passage(
                kind=block.kind,
                start=start,
                end=writer.length,
                page=pieces[0][0],
                section=section,
                table=numbers.get(id(block)),
            )
        )
        writer.write("\n")
    text = "".join(writer.parts)
    return Document(
        document_id=source.document_id,
        sha256=source.sha256,
        title=source.title,
        n_pages=len(source.pages),
        pages=tuple(_make_page(p) for p in source.pages),
        text=text,
        words=tuple(writer.words),
        sections=_make_sections(headings, text),
        passages=tuple(passages),
        tables=tuple(tables),
        hidden=hidden,
        links=place_links([(p.number, p.links) for p in source.pages], writer.words),
        remarks=source.remarks,
    )


def _make_page(page: PageContent) -> Page:
    width, height = (page.height, page.width) if page.back % 2 else (page.width, page.height)
    return Page(number=page.number, width=width, height=height)


def _number_tables(blocks: list[Block]) -> dict[int, int]:
    """The index of the table that a block (table or its caption) belongs to, by the block's id."""
    numbers: dict[int, int] = {}
    labels: dict[tuple[str, int], int] = {}
    for block in blocks:
        if block.region is not None and block.region.kind == "table":
            index = len(labels) if block.region.caption else -1
            numbers[id(block)] = sum(1 for b in numbers.values() if b >= 0)
            index = numbers[id(block)]
            if block.region.caption:
                labels[(block.region.caption, block.region.page)] = index
    for block in blocks:
        if block.kind == "caption" and (found := re.match(r"^tab\w*\.?\s*(\S+?)[.:|]?\s", block.text + " ", re.I)):
            key = (f"Table {found[1]}", block.lines[0].page)
            if key in labels:
                numbers[id(block)] = labels[key]
    return numbers


def _plain(block: Block, writer: _Writer) -> str:
    scratch = _Writer.__new__(_Writer)
    scratch.vocabulary, scratch.frames = writer.vocabulary, writer.frames
    scratch.parts, scratch.length, scratch.words = [], 0, []
    scratch.write_lines([(line.page, list(line.pieces)) for line in block.lines])
    return "".join(scratch.parts)


def _write_cell(
    writer: _Writer, cell: GridCell, page: int, table: int, section: int | None, passages: list[Passage]
) -> Cell:
    start = writer.length
    writer.write_lines([(page, chunk.pieces) for chunk in cell.chunks])
    end = writer.length
    writer.write("\n")
    passages.append(Passage(kind="cell", start=start, end=end, page=page, section=section, table=table))
    return Cell(
        text=_tail(writer, end - start),
        row=cell.row,
        column=cell.column,
        row_path=cell.row_path,
        header_path=cell.header_path,
        start=start,
        end=end,
        page=page,
        is_label=cell.is_label,
    )


def _tail(writer: _Writer, length: int) -> str:
    """The last `length` characters before the newline that was just written."""
    out, need = "", length + 1
    for part in reversed(writer.parts):
        out = part + out
        if len(out) >= need:
            break
    return out[-need:-1]


def _make_sections(headings: list[tuple[int, int, Block]], text: str) -> tuple[Section, ...]:
    sections = []
    for i, (start, end, block) in enumerate(headings):
        found = NUMBERED.match(text[start:end])
        number, title = (found["number"], found["title"]) if found else (None, text[start:end])
        stop = next((s for s, _, other in headings[i + 1 :] if other.level <= block.level), len(text))
        sections.append(
            Section(number=number, title=title, level=block.level, page=block.lines[0].page, start=start, end=stop)
        )
    return tuple(sections)
