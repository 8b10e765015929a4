"""Parts of a paper that are asked about in one question each.

A chunk is a run of blocks under the same main heading (what stands outside the selection: under any), with the end of
what stands in front of it (subjects get lost where a text is cut); a table is a chunk of its own.
A bulk reading is one chunk of everything.
"""

from collections.abc import Sequence
from typing import NamedTuple

from extract.grounding.index import GroundingIndex
from extract.llm.fencing import fence
from extract.llm.passages import Block, cut_block

CHUNK = 4000  # characters of text in one chunk
OVERLAP = 600  # characters of the text in front that are shown again


class Chunk(NamedTuple):
    """Blocks that are asked about together. `lead` is what stands in front of them."""

    blocks: tuple[Block, ...]
    lead: str = ""

    @property
    def label(self) -> str:
        """For people: pages and the innermost heading."""
        first, last = self.blocks[0], self.blocks[-1]
        pages = f"p. {first.page}" if first.page == last.page else f"pp. {first.page}-{last.page}"
        name = "table" if first.table is not None else first.headings[-1] if first.headings else "text"
        return f"{pages}: {name[:60]}"

    @property
    def size(self) -> int:
        """Characters of its text."""
        return sum(len(b.text) for b in self.blocks)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where its text stands in Document.text."""
        return tuple((b.start, b.end) for b in self.blocks)


def make_chunks(blocks: Sequence[Block], size: int = CHUNK) -> tuple[Chunk, ...]:
    """The blocks in chunks of about `size` characters, in order; a block that is longer is a chunk of its own."""
    runs: list[list[Block]] = []
    for block in blocks:
        run = runs[-1] if runs else []
        fits = run and sum(len(b.text) for b in run) + len(block.text) <= size
        together = run and (run[-1].headings[:1] == block.headings[:1] or not (run[-1].trusted or block.trusted))
        if fits and together and run[-1].table == block.table:
            run.append(block)
        else:
            runs.append([block])
    return tuple(Chunk(tuple(run), _take_lead(blocks, run[0])) for run in runs)


def _take_lead(blocks: Sequence[Block], first: Block) -> str:
    """The last sentences of the prose in front of a block, about OVERLAP characters, from the start of a sentence."""
    if first.table is not None:
        return ""
    before = [b for b in blocks if b.start < first.start and b.table is None and b.headings[:1] == first.headings[:1]]
    text = "\n".join(b.text for b in before[-3:])
    if len(text) <= OVERLAP:
        return text
    tail = text[-OVERLAP:]
    cut = min((i for i in (tail.find(". "), tail.find("\n")) if i >= 0), default=-1)
    return tail[cut + 1 :].strip() if 0 <= cut < OVERLAP // 2 else tail.partition(" ")[2]


def split_chunk(chunk: Chunk, index: GroundingIndex) -> tuple[Chunk, ...]:
    """The chunk in two halves, each with its lead; the chunk alone when it cannot be split."""
    blocks: Sequence[Block] = chunk.blocks
    if len(blocks) == 1:
        blocks = _cut(blocks[0], index)
    if len(blocks) < 2:
        return (chunk,)
    middle, half = 1, chunk.size / 2
    while middle < len(blocks) - 1 and sum(len(b.text) for b in blocks[:middle]) < half:
        middle += 1
    return Chunk(tuple(blocks[:middle]), chunk.lead), Chunk(tuple(blocks[middle:]), _take_lead(blocks, blocks[middle]))


def take_rest(chunk: Chunk, position: int) -> Chunk | None:
    """The chunk from the block at `position` on; None when that is all of it."""
    at = next((i for i, b in enumerate(chunk.blocks) if position < b.end), 0)
    return Chunk(chunk.blocks[at:], _take_lead(chunk.blocks, chunk.blocks[at])) if at else None


def _cut(block: Block, index: GroundingIndex) -> Sequence[Block]:
    if block.table is None:
        return cut_block(block, index, longest=max((block.end - block.start) // 2, 1))
    title, *lines = block.text.split("\n")
    rows = [i for i, line in enumerate(lines) if line.startswith("row: ")]
    if len(rows) < 2:
        return (block,)
    middle = rows[len(rows) // 2]
    return tuple(block._replace(text="\n".join([title, *part])) for part in (lines[:middle], lines[middle:]))


def write_chunk(chunk: Chunk) -> str:
    """The text of a chunk as a model gets it: headings, page marks, passages; nothing in it can end its fence."""
    lines: list[str] = []
    headings: tuple[str, ...] | None = None
    page = 0
    for block in chunk.blocks:
        if block.headings != headings:
            headings = block.headings
            lines.append("\n## " + " › ".join(headings) if headings else "")
        if block.page != page:
            page = block.page
            lines.append(f"[page {page}]")
        name = {"caption": "(caption) ", "footnote": "(footnote) "}.get(block.kind, "")
        lines.append(name + block.text)
    return fence("\n".join(lines).strip())
