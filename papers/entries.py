"""The entries of a bibliography in the style the paper has: numbers in brackets, keys, or authors and years."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.document import Document, Passage

EntryStyle = Literal["bracket", "paren", "dot", "superscript", "bare", "key", "author"]

_NUMBERED: dict[EntryStyle, re.Pattern[str]] = {
    "bracket": re.compile(r"^\[(\d{1,4})\]\s*"),
    "paren": re.compile(r"^\((\d{1,4})\)\s*"),
    "dot": re.compile(r"^(\d{1,4})[.)]\s+"),
    "superscript": re.compile(r"^\^\{?(\d{1,4})\}?\s*"),
    "bare": re.compile(r"^(\d{1,4})\s+(?=[A-Z“])"),
}
_KEYED = re.compile(r"^\[([A-Za-z][^\]\s]{1,24}|[A-Z][\w.+&]*(?: (?:et al\.|and [A-Z]\w*))?,? ?\d{2,4}[a-z]?)\]\s*")
_YEAR = re.compile(r"(?<![\d.:/])((?:18|19|20)\d\d)([a-z])?(?![\d/])")
_NAME = re.compile(
    r"^(?:(?:van|von|de|der|den|di|du|la|le|el|al-|’t|d[’'])[ ]?){0,3}[A-ZÀ-ÞŁŠŽČĆŚ][\w’'.-]*[^a-z\s]?", re.U
)
_FEW = 0.3  # share of passages that must carry the mark of a style
_SKIP = 3  # numbers that may be missing in a row, unread


class Entry(NamedTuple):
    """One entry: its key, where it starts and ends in Document.text, and its words without the key."""

    key: str
    start: int
    end: int
    text: str
    begin: int  # where `text` starts


def split_entries(document: Document) -> tuple[EntryStyle, list[Entry]]:
    """The style of the bibliography and its entries, in the order of the paper."""
    passages = [p for p in document.passages if p.kind == "bibliography"]
    texts = [document.passage_text(p) for p in passages]
    style = _find_style(texts)
    if style == "author":
        return style, _name_by_author(_group_by_author(passages, texts))
    return style, list(_drop_repeated(_group_by_mark(passages, texts, style)))


def _find_style(texts: Sequence[str]) -> EntryStyle:
    counts: dict[EntryStyle, int] = {}
    for style, pattern in _NUMBERED.items():
        counts[style] = _count_rising([int(m[1]) for t in texts if (m := pattern.match(t))])
    counts["key"] = sum(bool(_KEYED.match(t)) and not _NUMBERED["bracket"].match(t) for t in texts)
    best = max(counts, key=lambda s: counts[s])
    return best if counts[best] >= max(1, _FEW * len(texts)) else "author"


def _count_rising(numbers: Sequence[int]) -> int:
    """How many of the numbers go on with a count that starts near one."""
    count, last = 0, 0
    for n in numbers:
        if last < n <= last + 1 + _SKIP:
            count, last = count + 1, n
    return count


def _group_by_mark(passages: Sequence[Passage], texts: Sequence[str], style: EntryStyle) -> list[Entry]:
    """Each passage with the next number (or a key) starts an entry; others belong to the one before."""
    entries: list[Entry] = []
    last = 0
    for passage, text in zip(passages, texts, strict=True):
        found = (_KEYED if style == "key" else _NUMBERED[style]).match(text)
        number = int(found[1]) if found and style != "key" else last + 1
        if found and last < number <= last + 1 + _SKIP * 3:
            last = number
            begin = passage.start + found.end()
            entries.append(Entry(found[1], passage.start, passage.end, text[found.end() :], begin))
        elif entries:
            entries[-1] = _extend(entries[-1], passage, text)
    return entries


def _extend(entry: Entry, passage: Passage, text: str) -> Entry:
    return entry._replace(text=f"{entry.text} {text}" if entry.text else text, end=passage.end)


def _drop_repeated(entries: Sequence[Entry]) -> list[Entry]:
    """One entry per key."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        seen.setdefault(entry.key, entry)
    return list(seen.values())


def _group_by_author(passages: Sequence[Passage], texts: Sequence[str]) -> list[Entry]:
    """Each passage with a name in front starts an entry, unless the one before has no year yet."""
    entries: list[Entry] = []
    for passage, text in zip(passages, texts, strict=True):
        complete = not entries or _YEAR.search(entries[-1].text) is not None
        if _NAME.match(text) and complete and (_YEAR.search(text) or len(text) > 40):
            entries.append(Entry("", passage.start, passage.end, text, passage.start))
        elif entries:
            entries[-1] = _extend(entries[-1], passage, text)
    return [e for e in entries if _YEAR.search(e.text)]


def _name_by_author(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with their keys, `Doe 2005`, `Zeta Collaboration 2020b`: the first author and the year."""
    named: list[Entry] = []
    taken: dict[str, int] = {}
    for entry in entries:
        year = find_year(entry.text)
        key = f"{find_first_author(entry.text)} {year}".strip()
        taken[key] = taken.get(key, 0) + 1
        named.append(entry._replace(key=key if taken[key] == 1 else f"{key} ({taken[key]})"))
    return named


def find_year(text: str) -> str:
    """The year of an entry with the letter behind it: one in brackets or behind the authors comes first."""
    bracketed = re.search(r"\(((?:18|19|20)\d\d)([a-z])?[,)]", text)
    found = bracketed or _YEAR.search(text)
    return f"{found[1]}{found[2] or ''}" if found else ""


def find_first_author(text: str) -> str:
    """The first author's family name, or the collaboration: what a citation by name begins with."""
    found = _YEAR.search(text)
    head = text[: found.start()].rstrip(" (,.:“") if found else text[:60]
    group = re.match(r"^(?:the )?([\w-]+(?: [\w-]+)? Collaborations?)\b", head, re.I)
    if group:
        return group[1]
    first = re.split(r",|;| and | & |\bet al\b|“|\. (?=[A-Z][a-z]{3})", head)[0].strip()
    first = re.sub(r"^(?:[A-Z][a-z]?\.[ -]?)+", "", first)  # initials in front
    first = re.sub(r"(?: [A-Z]{1,3}| (?:[A-Z]\. ?)+)$", "", first)  # initials behind
    return first.strip(" .,")
