"""Attempts: text of a paper that addresses a program instead of a physicist. It is listed and never used.

`leave_out` gives the document without it, every other position unchanged; the rule reader, grounding, coverage and
whatever is sent to a model work on that.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import unquote_plus

from extract.addressing.extent import find_extents
from extract.addressing.phrases import Kind
from extract.addressing.signs import WHY, Sign, find_signs
from schemas.document import AsideKind, Cell, Document, HiddenReason, Table
from schemas.model import Model

REFUSED = "text that addresses a reader program"
_LONGEST = 600  # characters of an attempt that are kept
_STATES = re.compile(
    r"[<>≤≥]\s*=?\s*-?\d|\b\d+(?:\.\d+)?\s*(?:[kMGT]eV|mm|cm|rad)\b(?=.*\w{3,})|\w{3,}.*\b\d+(?:\.\d+)?\s*[kMGT]eV\b"
    r"|\b(?:require[ds]?|must|select(?:ed|s)?|reject(?:ed|s)?|veto(?:ed)?|cuts?|thresholds?)\b",
    re.DOTALL,
)


class Attempt(Model):
    """Text that tries to instruct a program. `start` and `end` are offsets into Document.text, None where the text is
    not in it (hidden text, the target of a link, text on no page).
    """

    page: int
    start: int | None
    end: int | None
    text: str  # printable characters only, shortened
    why: str  # one line
    hidden: bool
    reason: HiddenReason | AsideKind | Literal["link"] | None = None  # how it is hidden


class Span(NamedTuple):
    """A part of Document.text that belongs to an attempt."""

    start: int
    end: int


def find_attempts(document: Document) -> tuple[Attempt, ...]:
    """Everything in the paper that addresses a program: visible text in its order, then hidden text and links."""
    visible = [
        Attempt(
            page=document.page_at(start),
            start=start,
            end=end,
            text=_show(document.text[start:end]),
            why=_explain(kinds),
            hidden=False,
        )
        for start, end, kinds in _find_runs(document)
    ]
    return (*visible, *_find_hidden(document), *_find_in_links(document), *_find_in_asides(document))


def find_spans(document: Document) -> tuple[Span, ...]:
    """The parts of Document.text that belong to attempts, ascending, without overlap."""
    return tuple(Span(start, end) for start, end, _ in _find_runs(document))


def is_addressed(spans: tuple[Span, ...], start: int, end: int) -> bool:
    """Whether [start, end) shares a character with an attempt; `spans` as `find_spans` gives them."""
    i = bisect_right(spans, start, key=lambda s: s.end)
    return i < len(spans) and spans[i].start < end


def leave_out(document: Document) -> Document:
    """The document without its attempts: their characters are spaces, their words, passages and cells are gone.

    All other positions stay. A document without attempts comes back as it is.
    """
    spans = find_spans(document)
    if not spans:
        return document
    text, at = "", 0
    for start, end in spans:
        text += document.text[at:start] + re.sub(r"[^\n]", " ", document.text[start:end])
        at = end
    text += document.text[at:]
    gone = {_squeeze(document.text[s:e]) for s, e in spans} - {""}
    passages = []
    for passage in document.passages:
        start, end = _shrink(text, passage.start, passage.end)
        if start < end or passage.start == passage.end:
            passages.append(passage.model_copy(update={"start": start, "end": end}))
    return document.model_copy(
        update={
            "text": text,
            "title": None if document.title and _addresses(document.title) else document.title,
            "words": tuple(w for w in document.words if not is_addressed(spans, w.start, w.end)),
            "passages": tuple(passages),
            "sections": tuple(
                s.model_copy(update={"title": ""}) if _squeeze(s.title) and _is_gone(s.title, gone) else s
                for s in document.sections
            ),
            "tables": tuple(_clean_table(t, spans, gone) for t in document.tables),
        }
    )


def _addresses(text: str) -> bool:
    """Whether a short text of its own (a title, hidden text, the target of a link) addresses a program."""
    signs = find_signs(text)
    return any(s.strong for s in signs) or len({s.kind for s in signs}) > 1


def _clean_table(table: Table, spans: tuple[Span, ...], gone: set[str]) -> Table:
    cells = []
    for cell in table.cells:
        if cell.start < cell.end and is_addressed(spans, cell.start, cell.end):
            continue
        cells.append(_clean_labels(cell, gone))
    return table.model_copy(update={"cells": tuple(cells), "caption": _clean_caption(table.caption, gone)})


def _clean_labels(cell: Cell, gone: set[str]) -> Cell:
    rows = tuple(label for label in cell.row_path if not _is_gone(label, gone))
    headers = tuple(label for label in cell.header_path if not _is_gone(label, gone))
    if (rows, headers) == (cell.row_path, cell.header_path):
        return cell
    return cell.model_copy(update={"row_path": rows, "header_path": headers})


def _clean_caption(caption: str, gone: set[str]) -> str:
    """A caption is kept beside its table too: without the sentences that are gone from the text."""
    plain = _squeeze(caption)
    for text in gone:
        plain = plain.replace(text, " ")
    return caption if plain == _squeeze(caption) else _squeeze(plain)


def _is_gone(label: str, gone: set[str]) -> bool:
    plain = _squeeze(label)
    return bool(plain) and any(plain == text or (len(plain) > 8 and plain in text) for text in gone)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _shrink(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) without white space at its ends."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip()) if part.strip() else start


def _find_runs(document: Document) -> list[tuple[int, int, frozenset[Kind]]]:
    """The extents; those that touch within one passage are one. What stands outside passages is taken as it is."""
    signs = _scan(document.text)
    runs: list[tuple[int, int, frozenset[Kind]]] = []
    for start, end, kinds in sorted(find_extents(document, signs)):
        if runs and start < runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]), runs[-1][2] | kinds)
        else:
            runs.append((start, end, kinds))
    return runs


@lru_cache(maxsize=16)
def _scan(text: str) -> tuple[Sign, ...]:
    """The signs of a text; every reading of a paper asks for them."""
    return find_signs(text)


def _find_hidden(document: Document) -> list[Attempt]:
    """Hidden text that gives orders or states a requirement; other hidden text (an axis, a stamp) is none."""
    found = []
    for hidden in document.hidden:
        signs = find_signs(hidden.text)
        if signs:
            why = f"hidden text: {_explain(frozenset(s.kind for s in signs))}"
        elif _STATES.search(hidden.text) and len(re.findall(r"[^\W\d_]{2,}", hidden.text)) > 2:
            why = "hidden text that states a requirement"
        else:
            continue
        found.append(
            Attempt(
                page=hidden.page, start=None, end=None, text=_show(hidden.text), why=why, hidden=True,
                reason=hidden.reason,
            )
        )  # fmt: skip
    return found


def _find_in_links(document: Document) -> list[Attempt]:
    found, seen = [], set[str]()
    for link in document.links:
        if link.uri in seen:
            continue
        seen.add(link.uri)
        target = unquote_plus(re.sub(r"[/_&=?]+", " ", link.uri))
        if _addresses(target):
            kinds = frozenset(s.kind for s in find_signs(target))
            found.append(
                Attempt(
                    page=link.page, start=None, end=None, text=_show(link.uri), hidden=True, reason="link",
                    why=f"the target of a link: {_explain(kinds)}",
                )
            )  # fmt: skip
    return found


def _find_in_asides(document: Document) -> list[Attempt]:
    return [
        Attempt(
            page=aside.page, start=None, end=None, text=_show(aside.text), hidden=True, reason=aside.kind,
            why=f"{aside.kind} of the file: {_explain(frozenset(s.kind for s in find_signs(aside.text)))}",
        )
        for aside in document.asides
        if _addresses(aside.text)
    ]  # fmt: skip


def _explain(kinds: frozenset[Kind]) -> str:
    return "; ".join(why for kind, why in WHY.items() if kind in kinds)


def _show(text: str) -> str:
    plain = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = _squeeze(plain)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
