"""Small documents made of blocks, for tests of readers."""

import re
from collections.abc import Sequence

from schemas.document import Document, Page, Passage, PassageKind, Section, Word

Block = tuple[PassageKind, str]


def make_document(blocks: Sequence[Block], page_of: Sequence[int] | None = None) -> Document:
    """A document whose passages are the blocks; headings ("4.1 Jets") open sections; a page per block."""
    pages = list(page_of or [1] * len(blocks))
    text, passages, words = "", [], []
    headings: list[tuple[int, str, int]] = []
    for (kind, body), page in zip(blocks, pages, strict=True):
        start = len(text)
        text += body
        if kind == "heading":
            headings.append((start, body, page))
        passages.append(
            Passage(kind=kind, start=start, end=len(text), page=page, section=len(headings) - 1 if headings else None)
        )
        words += [Word(start + m.start(), start + m.end(), page, 0.0, 0.0, 1.0, 1.0) for m in re.finditer(r"\S+", body)]
        text += "\n"
    sections = [_make_section(i, headings, len(text)) for i in range(len(headings))]
    numbers = sorted(set(pages))
    return Document(
        document_id="made", sha256="0" * 64, title=None, n_pages=max(numbers),
        pages=tuple(Page(number=n, width=595.0, height=842.0) for n in numbers), text=text, words=tuple(words),
        sections=tuple(sections), passages=tuple(passages), tables=(),
    )  # fmt: skip


def _make_section(i: int, headings: Sequence[tuple[int, str, int]], size: int) -> Section:
    start, body, page = headings[i]
    number, _, title = body.partition(" ")
    numbered = re.fullmatch(r"\d+(?:\.\d+)*", number) is not None
    level = number.count(".") + 1 if numbered else 1
    end = next(
        (s for s, b, _ in headings[i + 1 :] if (b.split(" ")[0].count(".") + 1 if b[0].isdigit() else 1) <= level), size
    )
    return Section(
        number=number if numbered else None,
        title=title if numbered else body,
        level=level,
        page=page,
        start=start,
        end=end,
    )
