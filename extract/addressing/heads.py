"""Heads: with what a match of a pattern begins, worked out from the pattern, so that a text is searched only there.

A head is the beginning of the first word of a match. Most patterns begin with a few rare words, and trying them where
these stand costs a tenth of trying them at every character; the matches are the same ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import NamedTuple, cast

_Item = tuple[object, object]  # of a parsed pattern: a code, and what it applies to
_Items = Sequence[_Item]

_LONG = 5  # letters of a head; longer ones exclude little more
_MANY = 600  # heads of a pattern
_STARTS, _ENDS = "\x02", "\x03"  # of a word: before and behind the letters of a head
_WORD = re.compile(r"\w+")


class Heads(NamedTuple):
    """What a match begins with; one of these for every match."""

    starts: frozenset[str]  # of a word, a whole word with `_ENDS`
    inside: frozenset[str]  # anywhere in a word, at its end with `_ENDS`
    signs: frozenset[str]  # single characters that are of no word
    skips: bool  # whether characters of no word may stand in the match before it


class _Unknown(Exception):
    """A match may begin with any word."""


class _Path(NamedTuple):
    """A way into a match: letters so far, whether more may follow, whether signs were passed before them."""

    text: str
    open: bool
    skips: bool


_NOTHING = _Path("", True, False)


class Pattern(NamedTuple):
    """A pattern and the heads of its matches; None where they may begin with anything."""

    source: str
    compiled: re.Pattern[str]
    heads: Heads | None


def compile_pattern(source: str, flags: re.RegexFlag = re.NOFLAG) -> Pattern:
    """A pattern as `re.compile` gives it, and its heads. It is parsed once: that is what takes the time."""
    tree = parser.parse(source, flags)
    compiled = compiler.compile(tree, flags)
    return Pattern(source, compiled, None if compiled.flags & re.IGNORECASE else _find_heads(list(tree)))


def _find_heads(tree: _Items) -> Heads | None:
    branches = _branches(tree[0]) if len(tree) == 1 and tree[0][0] is op.BRANCH else (tree,)
    paths, signs = set[_Path](), set[str]()
    for branch in branches:
        try:
            paths |= _walk_whole(branch)
        except _Unknown:
            try:
                signs |= _first_signs(branch)
            except _Unknown:
                return None
    starts = _shorten({p.text[1:] for p in paths if p.text[0] == _STARTS})
    inside = _shorten({p.text for p in paths if p.text[0] != _STARTS})
    return Heads(starts, inside, frozenset(signs), any(p.skips for p in paths))


def _walk_whole(branch: _Items) -> set[_Path]:
    paths = _walk(branch, {_NOTHING})
    if not all(p.text.strip(_STARTS) for p in paths):
        raise _Unknown
    return paths


def _shorten(heads: set[str]) -> frozenset[str]:
    """The heads without those that begin with another one."""
    return frozenset(h for h in heads if not any(h[:i] in heads for i in range(1, len(h))))


def _first_signs(branch: _Items) -> set[str]:
    """The characters a branch begins with, if it begins with one of a few that are of no word."""
    if not branch:
        raise _Unknown
    code, value = branch[0]
    if code in (op.MAX_REPEAT, op.MIN_REPEAT) and cast(tuple[int, int, _Items], value)[0] > 0:
        return _first_signs(cast(tuple[int, int, _Items], value)[2])
    if code is op.SUBPATTERN:  # flags change nothing about signs
        return _first_signs(_body(branch[0]))
    if code is op.BRANCH:
        return set().union(*(_first_signs(b) for b in _branches(branch[0])))
    members = (branch[0],) if code is op.LITERAL else cast(_Items, value) if code is op.IN else ()
    letters = {chr(cast(int, v)) if c is op.LITERAL else "" for c, v in members}
    if not letters or any(not c or _is_letter(c) for c in letters):
        raise _Unknown
    return letters


def _branches(item: _Item) -> Sequence[_Items]:
    return cast(tuple[None, Sequence[_Items]], item[1])[1]


def _body(item: _Item) -> _Items:
    """What a group consists of."""
    return cast(tuple[int, int, int, _Items], item[1])[3]


def _walk(items: _Items, paths: set[_Path]) -> set[_Path]:
    """Open paths with what the items of a pattern add."""
    closed = set[_Path]()
    for item in items:
        stepped = _step(item, paths)
        paths = {p for p in stepped if p.open}
        closed |= stepped - paths
        if len(closed) > _MANY:
            raise _Unknown
        if not paths:
            break
    return closed | paths


def _step(item: tuple[object, object], paths: set[_Path]) -> set[_Path]:
    """The open paths with what one item of a pattern adds."""
    code, value = item
    if code is op.LITERAL:
        return {_add(p, chr(cast(int, value))) for p in paths}
    if code is op.IN:
        return {_add_member(p, member) for p in paths for member in cast(_Items, value)}
    if code is op.AT:
        return {_mark(p, value) for p in paths}
    if code in (op.ASSERT, op.ASSERT_NOT):
        return paths
    if code is op.SUBPATTERN and not _sets_flags(item):
        return _walk(_body(item), paths)
    if code is op.BRANCH:
        return set().union(*(_walk(branch, paths) for branch in _branches(item)))
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, body = cast(tuple[int, int, _Items], value)
        passed = _walk(body, paths)
        if most > 1:
            passed = _repeat(body, passed)
        return passed if least else passed | paths
    return {_end(p) for p in paths}  # anything may follow


def _repeat(body: _Items, once: set[_Path]) -> set[_Path]:
    """The paths behind any number of a body, from those behind one; behind letters anything may follow."""
    passed, new = set[_Path](), once
    while new:
        new = {p._replace(open=p.open and not p.text.strip(_STARTS)) for p in new} - passed
        passed |= new
        new = _walk(body, {p for p in new if p.open}) if any(p.open for p in new) else set()
    return passed


def _sets_flags(item: _Item) -> bool:
    return bool(cast(tuple[int, int, int, _Items], item[1])[1])


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _add(path: _Path, character: str) -> _Path:
    if not _is_letter(character):
        return _pass(path)
    text = path.text + character
    return _Path(text, len(text) - (text[0] == _STARTS) < _LONG, path.skips)


def _add_member(path: _Path, member: _Item) -> _Path:
    """A path with a member of a set of characters: one letter, a range, or a class of them."""
    code, value = member
    if code is op.LITERAL:
        return _add(path, chr(cast(int, value)))
    if code is op.CATEGORY and value in (op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD):
        return _pass(path)
    return _end(path)


def _pass(path: _Path) -> _Path:
    """A path behind a character that is of no word: a word begins behind it, or has ended before it."""
    if path.text.strip(_STARTS):
        return path._replace(text=path.text + _ENDS, open=False)
    return _Path(_STARTS, True, True)


def _mark(path: _Path, at: object) -> _Path:
    if at not in (op.AT_BOUNDARY, op.AT_BEGINNING, op.AT_BEGINNING_STRING):
        return path
    if path.text.strip(_STARTS):
        return path._replace(text=path.text + _ENDS, open=False) if at is op.AT_BOUNDARY else path
    return path._replace(text=_STARTS)


def _end(path: _Path) -> _Path:
    if not path.text.strip(_STARTS):
        raise _Unknown
    return path._replace(open=False)


class Searcher:
    """Patterns that are searched together; what they find is what each of them would find with `finditer`."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._by_start: dict[str, list[int]] = {}
        self._by_end: dict[str, list[int]] = {}
        self._anywhere: dict[str, list[int]] = {}
        for n, (_, _, heads) in enumerate(patterns):
            for head in heads.starts if heads else ():
                self._by_start.setdefault(head, []).append(n)
            for head in (*heads.inside, *heads.signs) if heads else ():
                table = self._by_end if head[-1] == _ENDS else self._anywhere
                table.setdefault(head.rstrip(_ENDS), []).append(n)

    def search(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """The number of a pattern and a match of it, pattern by pattern, in order of the text."""
        places = self._find_places(text)
        for n, (_, compiled, heads) in enumerate(self._patterns):
            found = compiled.finditer(text) if heads is None else _match_at(compiled, text, sorted(places[n]))
            yield from ((n, m) for m in found)

    def _find_places(self, text: str) -> list[set[int]]:
        """For each pattern, where its matches may begin."""
        places: list[set[int]] = [set() for _ in self._patterns]
        known: dict[str, tuple[tuple[int, int | None], ...]] = {}
        last = 0
        for word in _WORD.finditer(text):
            said = word[0]
            if (asked := known.get(said)) is None:
                asked = known[said] = self._ask(said)
            if asked:
                start = word.start()
                for n, offset in asked:
                    if offset is None:
                        places[n].update(range(last, start + 1))
                    else:
                        places[n].add(start + offset)
            last = word.end()
        for head, patterns in self._anywhere.items():
            if found := _find_all(text, head):
                for n in patterns:
                    places[n].update(found)
        return places

    def _ask(self, word: str) -> tuple[tuple[int, int | None], ...]:
        """The patterns with a head that is in this word, and where; None: in what stands before the word, too."""
        asked: set[tuple[int, int | None]] = set()
        for beginning in {*(word[:i] for i in range(1, _LONG + 1)), word + _ENDS}:
            for n in self._by_start.get(beginning, ()):
                heads = self._patterns[n].heads
                asked.add((n, None if heads and heads.skips else 0))
        for offset in range(max(len(word) - _LONG, 0), len(word)):
            asked |= {(n, offset) for n in self._by_end.get(word[offset:], ())}
        return tuple(asked)


def _find_all(text: str, sought: str) -> list[int]:
    found: list[int] = []
    at = text.find(sought)
    while at >= 0:
        found.append(at)
        at = text.find(sought, at + 1)
    return found


def _match_at(pattern: re.Pattern[str], text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
    last = 0
    for place in places:
        if place >= last and (found := pattern.match(text, place)):
            yield found
            last = found.end()
