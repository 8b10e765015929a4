"""A document made ready for questions, once for all readings of it: seconds of work for a long paper."""

from threading import Lock
from typing import NamedTuple

from extract.attempts import leave_out
from extract.cover import find_thresholds
from extract.grounding.index import GroundingIndex
from extract.llm.passages import Block, find_blocks
from schemas.document import Document

_MOST = 4  # documents that are kept: a paper and cited works


class Prepared(NamedTuple):
    """The document without text that addresses a program, a lookup of its words, what a model is shown."""

    document: Document
    lookup: GroundingIndex
    blocks: tuple[Block, ...]
    numbers: tuple[tuple[int, str], ...]  # where, and with a few words around


_lock = Lock()
_kept: list[tuple[Document, Prepared]] = []


def prepare(document: Document) -> Prepared:
    """The prepared document; the same object for the same document. Safe to call from several threads."""
    with _lock:
        for known, prepared in _kept:
            if known is document:
                return prepared
        plain = leave_out(document)
        thresholds = find_thresholds(plain).thresholds
        numbers = tuple((t.start, t.text) for t in thresholds)
        prepared = Prepared(plain, GroundingIndex(plain), find_blocks(plain), numbers)
        _kept.append((document, prepared))
        del _kept[:-_MOST]
        return prepared
