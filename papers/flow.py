"""Blocks in the flow of the text: sentences that go on behind a page break, a table, a figure or an equation."""

import re
from dataclasses import replace

from papers.block import Block
from papers.columns import Line
from papers.lines import Piece

_ENDED = re.compile(r"[.!?][”’\")\]]*(?:\^\S+)?$")


def join_blocks(blocks: list[Block]) -> list[Block]:
    """The blocks with each paragraph in one; what interrupts a paragraph stands behind it."""
    out: list[Block] = []
    current: Block | None = None
    interrupted = False
    for block in blocks:
        before = out[-1] if out else None
        if before is not None and before.kind == "footnote" and _extends_footnote(before, block):
            before.lines += block.lines
            continue
        if block.kind == "heading" or block.kind == "bibliography":
            current = None
        elif block.region is not None or block.kind in ("caption", "footnote", "other"):
            interrupted = True
        elif block.equation and current is not None and not interrupted and not _ENDED.search(current.text):
            current.lines += block.lines
            current.equation = True
            continue
        elif current is not None and block.kind == "paragraph" and _goes_on(current, block, interrupted):
            current.lines += block.lines
            current.equation = block.equation
            interrupted = False
            continue
        else:
            current = block
            interrupted = False
        out.append(block)
    return out


def _extends_footnote(note: Block, block: Block) -> bool:
    """Whether a block right below a footnote is more of it (tall mathematics parts its lines)."""
    if block.region is not None or block.kind not in ("paragraph", "other"):
        return False
    last, first = note.lines[-1], block.lines[0]
    return first.page == last.page and 0 < first.y - last.y < 3 * last.size and abs(first.size - last.size) < 0.5


def _goes_on(current: Block, block: Block, interrupted: bool) -> bool:
    last, first = current.lines[-1], block.lines[0]
    moved = interrupted or (first.page, first.column) != (last.page, last.column) or first.y < last.y
    text = current.text
    if current.equation and not moved:
        return not _ENDED.search(last.text) or first.text[:1].islower()
    if not moved:
        return False
    if abs(first.size - last.size) > 0.08 * last.size:
        return False
    if _ENDED.search(text) or text.endswith(":"):
        return bool(re.match(r"[a-z]{2,}", first.text))
    indented = first.x0 > first.left + 0.8 * first.size and last.x0 < last.left + 0.5 * last.size
    return not (indented and first.text[:1].isupper() and not text.endswith(("-", ",")))


def strip_marks(blocks: list[Block]) -> None:
    """Takes footnote marks out of the text, where a footnote with that mark stands on the same page or the next."""
    notes: dict[int, set[str]] = {}
    for block in blocks:
        if block.kind == "footnote" and block.note is not None:
            page = block.lines[0].page
            notes.setdefault(page, set()).add(block.note)
            first = block.lines[0]
            block.lines[0] = replace(first, pieces=first.pieces[1:] or first.pieces)
    if not notes:
        return
    for block in blocks:
        if block.region is None and block.kind != "bibliography":
            block.lines = [_strip_line(line, notes.get(line.page, set())) for line in block.lines]


def _strip_line(line: Line, marks: set[str]) -> Line:
    if not any(p.mark for p in line.pieces):
        return line
    return replace(line, pieces=tuple(_strip_piece(p, marks) for p in line.pieces))


def _strip_piece(piece: Piece, marks: set[str]) -> Piece:
    if piece.mark is None:
        return piece
    start, end = piece.mark
    if piece.text[start:end].strip("^{}") not in marks:
        return piece
    return replace(piece, text=piece.text[:start] + piece.text[end:], mark=None)
