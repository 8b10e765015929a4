"""Links of a file: where they lie, where they lead, and the words of the text under them."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from papers.glyphs import Box
from schemas.document import Link, Word

_PAGE = re.compile(r"^#page=(\d+)")
_PLACE = re.compile(r"(?:zoom|view)=(?:[^,&]*,){2}([-\d.]+)")
_SCHEMES = ("http://", "https://", "doi:", "arxiv:", "mailto:")
_LONGEST = 2000


class Goal(NamedTuple):
    """A place in the file: a page, from 1, and how far below its upper edge (none: the page as a whole)."""

    page: int
    y: float | None


class PageLink(NamedTuple):
    """A link on a page as a viewer shows it. `goal` is set for links into the file."""

    uri: str
    box: Box
    goal: Goal | None


def make_link(uri: str, box: Box, names: Mapping[str, Goal]) -> PageLink | None:
    """The link of an annotation; None for those that lead nowhere a paper's text leads (scripts, other files)."""
    if not all(isfinite(x) for x in box) or len(uri) > _LONGEST or not uri.isprintable():
        return None
    if not uri.startswith("#"):
        return PageLink(uri, box, None) if uri.lower().startswith(_SCHEMES) else None
    if (found := _PAGE.match(uri)) and len(found[1]) < 7:
        place = _PLACE.search(uri)
        y = float(place[1]) if place and re.fullmatch(r"-?\d+(?:\.\d+)?", place[1]) else None
        return PageLink(uri, box, Goal(int(found[1]), y))
    name = uri.removeprefix("#nameddest=").removeprefix("#")
    return PageLink(uri, box, names.get(name))


def place_links(pages: Sequence[tuple[int, Sequence[PageLink]]], words: Sequence[Word]) -> tuple[Link, ...]:
    """The links in order of pages, each with the words under it and, within the file, with the text it leads to."""
    places = _Places(words)
    out = []
    for page, links in pages:
        for link in links:
            start, end = places.find_under(page, link.box)
            target = places.find_at(link.goal) if link.goal else None
            out.append(Link(uri=link.uri, page=page, start=start, end=end, target=target))
    return tuple(out)


class _Places:
    """The words of each page from top to bottom."""

    def __init__(self, words: Sequence[Word]) -> None:
        pages: defaultdict[int, list[Word]] = defaultdict(list)
        for word in words:
            pages[word.page].append(word)
        self._pages = {page: sorted(on_page, key=_middle) for page, on_page in pages.items()}
        self._middles = {page: [_middle(w) for w in on_page] for page, on_page in self._pages.items()}
        self._begins = {page: min(w.start for w in on_page) for page, on_page in pages.items()}

    def find_under(self, page: int, box: Box) -> tuple[int, int]:
        """Where the words under the box start and end; twice the page's beginning where there are none."""
        x0, y0, x1, y1 = box
        words, middles = self._pages.get(page, []), self._middles.get(page, [])
        first, last = bisect_left(middles, y0), bisect_right(middles, y1)
        under = [w for w in words[first:last] if _overlap(w, x0, x1)]
        if not under:
            begin = self._begins.get(page, 0)
            return begin, begin
        return min(w.start for w in under), max(w.end for w in under)

    def find_at(self, goal: Goal) -> int | None:
        """Where the first line below a place starts: what a reader finds at the top of the window there.

        A place may lie a little below the upper edge of the line that it means (its anchor stands on the baseline).
        """
        words = self._pages.get(goal.page)
        if not words:
            return None
        if goal.y is None:
            return self._begins[goal.page]
        # the line itself, or the next one: not further than four lines
        first = bisect_left(words, goal.y - 1.0, key=lambda w: w.y1)
        below = [w for w in words[first : first + 60] if _middle(w) > goal.y - 1.0]
        if not below or below[0].y0 > goal.y + 60:
            return None
        top = _middle(below[0])
        return min((w.x0, w.start) for w in below if abs(_middle(w) - top) < 3.0)[1]


def _middle(word: Word) -> float:
    return (word.y0 + word.y1) / 2


def _overlap(word: Word, x0: float, x1: float) -> bool:
    """Whether word and link share more than a sliver of the narrower of the two."""
    shared = min(word.x1, x1) - max(word.x0, x0)
    return shared > 0.4 * min(word.x1 - word.x0, x1 - x0)
