"""Marks that name a work by its key ("[ABC15]") or by authors and year ("(Doe et al., 2015a)", "Doe (2015)")."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from papers.entries import Entry
from schemas.citation import Mark
from schemas.document import Document

_KEYS = re.compile(r"\[([^\[\]\s][^\[\]]{1,200})\]")
_YEAR = r"(?:18|19|20)\d\d"
_YEARS = rf"{_YEAR}[a-z]?(?:(?:, ?| ?& ?| and |; ?)(?:{_YEAR}[a-z]?|[a-z](?=[,;)\]])))*"
_IN_BRACKETS = re.compile(rf"[(\[]([^()\[\]]{{0,400}}?{_YEAR}[a-z]?[^()\[\]]{{0,60}})[)\]]")
_NAME = r"(?<![\w’'-])(?:(?:van|von|de|der|den|di|du|la|le) ){0,3}[A-ZÀ-ÞŁŠŽČĆŚ][\w’'-]{1,40}"
_AUTHORS = (
    rf"{_NAME}(?: Collaborations?)?(?:(?:, | and | & |, and |, & ){_NAME}){{0,3}}"
    r"(?:,? (?:et al\.?|and others|& others|and co-workers))?"
)
_BEHIND = re.compile(rf"({_AUTHORS}) [(\[]({_YEARS})[^()\[\]]{{0,30}}[)\]]")
_PART = re.compile(rf"(?P<who>{_AUTHORS})?,? ?(?P<when>{_YEARS})")


def find_named_marks(document: Document, entries: Sequence[Entry], style: Literal["author", "key"]) -> tuple[Mark, ...]:
    """The marks of a paper that cites by keys, or by authors and years, in order of the text."""
    find = _find_keys if style == "key" else _find_authors
    marks = []
    for passage in document.passages:
        if passage.kind in ("bibliography", "other"):
            continue
        text = document.passage_text(passage)
        for keys, start, end in find(text, entries):
            a = passage.start + start
            marks.append(Mark(keys=keys, start=a, end=passage.start + end, page=document.page_at(a)))
    return tuple(marks)


def _find_keys(text: str, entries: Sequence[Entry]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    known = {e.key for e in entries}
    for found in _KEYS.finditer(text):
        keys = [k for part in re.split(r"[,;]\s*", found[1]) if (k := part.strip()) in known]
        if found[1] in known:
            keys = [found[1]]
        if keys:
            yield tuple(dict.fromkeys(keys)), found.start(), found.end()


def _find_authors(text: str, entries: Sequence[Entry]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    taken: list[tuple[int, int]] = []
    for found in _BEHIND.finditer(text):
        keys = _match(found[1], found[2], entries)
        if keys:
            taken.append(found.span())
            yield keys, found.start(), found.end()
    for found in _IN_BRACKETS.finditer(text):
        if any(a < found.end() and found.start() < b for a, b in taken):
            continue
        keys_found: list[str] = []
        last = ""
        for part in _PART.finditer(found[1]):
            who = part["who"] or last  # "Doe 2020; 2021": the name is not repeated
            last = who
            keys_found += _match(who, part["when"], entries) if who else ()
        if keys_found:
            yield tuple(dict.fromkeys(keys_found)), found.start(), found.end()


def _match(who: str, when: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The works of the first author (and of the others, where that is not enough) in these years."""
    keys: list[str] = []
    year = ""
    names = [n for n in re.findall(_NAME, who) if n not in ("Collaboration", "Collaborations")] or [who]
    for item in re.findall(rf"{_YEAR}[a-z]?|\b[a-z]\b", when):
        year = item if len(item) > 1 else year[:4] + item  # "2015a, b"
        same = [e for e in entries if _is_by(names[0], e) and _has_year(e, year)]
        if len(same) > 1:
            same = [e for e in same if all(name in e.text[:200] for name in names)] or same
        keys += [e.key for e in same]
    return tuple(dict.fromkeys(keys))


def _is_by(name: str, entry: Entry) -> bool:
    first = entry.key.rsplit(" ", 1)[0] if not entry.key.endswith(")") else entry.key.rsplit(" ", 2)[0]
    return first == name or first.startswith((f"{name} ", f"{name},")) or first.endswith(f" {name}")


def _has_year(entry: Entry, year: str) -> bool:
    return re.search(rf"\b{year}(?:\b|$)" if len(year) > 4 else rf"\b{year}", entry.key) is not None
