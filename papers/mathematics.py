"""Marks that TeX draws instead of writing: accents, roots, overlines, fractions; each becomes text in one glyph.

`t` with a bar is `t̄` (the letter, then the combining sign), a root is `√s` or `√(a + b)`, a fraction is `a/b` with
brackets where a part has more than one term.
"""

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from papers.glyphs import ACCENTS, OPERATORS, UNKNOWN, Glyph, Rule

_BAND = 16.0  # points; glyphs are indexed by bands of baselines
_TERM = re.compile(
    r"^(?:\d+(?:\.\d+)?|[^\W\d_][\u0300-\u036f\u20d7]?|[a-z]{2,3}|Δ\w)(?:[_^](?:\{[^{}]*\}|\w)|′)*$|^\([^()]*\)$"
)
Writer = Callable[[list[Glyph]], str]


class _Page:
    """Glyphs by baseline band and middle, with those taken up into others left out."""

    def __init__(self, glyphs: list[Glyph]) -> None:
        self.glyphs: list[Glyph | None] = list(glyphs)
        self.bands: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
        for i, glyph in enumerate(glyphs):
            self.bands[int(glyph.y // _BAND)].append(((glyph.x0 + glyph.x1) / 2, i))
        for band in self.bands.values():
            band.sort()

    def near(self, y0: float, y1: float, x0: float, x1: float) -> list[int]:
        """Indices of the glyphs with a baseline in [y0, y1] whose middle lies in [x0, x1]."""
        found = []
        for number in range(int(y0 // _BAND), int(y1 // _BAND) + 1):
            band = self.bands.get(number)
            if band is None:
                continue
            for k in range(bisect_left(band, (x0, -1)), len(band)):
                middle, i = band[k]
                if middle > x1:
                    break
                glyph = self.glyphs[i]
                # a glyph that was replaced may stand elsewhere now
                if glyph is not None and y0 <= glyph.y <= y1 and x0 <= (glyph.x0 + glyph.x1) / 2 <= x1:
                    found.append(i)
        return sorted(set(found))

    def get(self, indices: Iterable[int]) -> list[Glyph]:
        return [g for i in indices if (g := self.glyphs[i]) is not None]

    def replace(self, indices: Iterable[int], glyph: Glyph) -> None:
        """Puts one glyph in the place of several, where the first of them was drawn."""
        taken = sorted(indices)
        for i in taken:
            self.glyphs[i] = None
        self.glyphs[taken[0]] = glyph
        insort(self.bands[int(glyph.y // _BAND)], ((glyph.x0 + glyph.x1) / 2, taken[0]))


def fold_mathematics(glyphs: list[Glyph], rules: list[Rule], write: Writer) -> list[Glyph]:
    """The glyphs of a page with accents, roots, overlines and fractions folded in; `write` turns glyphs into text."""
    page = _Page(_settle_extension(glyphs))
    _fold_accents(page)
    flat = [r for r in rules if r.height <= 2.0 and 1.5 <= r.width <= 260]
    levels: defaultdict[int, list[Rule]] = defaultdict(list)
    for rule in flat:
        levels[round(rule.y0)].append(rule)
    roots = [i for i, g in enumerate(page.glyphs) if g is not None and g.text in ("√", UNKNOWN)]
    for rule in sorted(flat, key=lambda r: r.width):
        if len(levels[round(rule.y0)]) > 12:  # ticks of a plot's axis
            continue
        level = [
            r for y in (-1, 0, 1) for r in levels[round(rule.y0) + y] if abs(r.y0 - rule.y0) < 0.7 and r is not rule
        ]
        if not (_fold_root(page, rule, roots, write) or _fold_fraction(page, rule, level, write)):
            _fold_overline(page, rule, level)
    for i in roots:
        _fold_bare_root(page, i)
    return [g for g in page.glyphs if g is not None and g.text != UNKNOWN]


def _settle_extension(glyphs: list[Glyph]) -> list[Glyph]:
    """Big operators and delimiters hang from their origin: they move to the baseline beside them."""
    out = list(glyphs)
    for i, glyph in enumerate(glyphs):
        if glyph.text not in OPERATORS and not (glyph.text in "()[]{}" and _hangs(glyph.font)):
            continue
        for j in (i + 1, i - 1, i + 2, i - 2, i + 3, i - 3):
            if not 0 <= j < len(glyphs):
                continue
            other = glyphs[j]
            near = min(abs(other.x0 - glyph.x1), abs(glyph.x0 - other.x1)) < 2.0 * glyph.size
            if other.size > 0.9 * glyph.size and near and not _hangs(other.font):
                if -0.1 * glyph.size < other.y - glyph.y < 2.2 * glyph.size:
                    out[i] = glyph._replace(y=other.y)
                break
    return out


def _hangs(font: str) -> bool:
    name = font.lower()
    return "cmex" in name or "txex" in name or "pxex" in name or "mathext" in name


def _fold_accents(page: _Page) -> None:
    for i, mark in enumerate(page.glyphs):
        if mark is None or mark.text not in ACCENTS:
            continue
        middle = (mark.x0 + mark.x1) / 2
        best: tuple[float, int] | None = None
        for j in page.near(
            mark.y - 0.7 * mark.size, mark.y + 0.9 * mark.size, mark.x0 - mark.size, mark.x1 + mark.size
        ):
            base = page.glyphs[j]
            if j == i or base is None or not base.text[:1].isalpha() or base.size < 0.7 * mark.size:
                continue
            if not base.x0 - 0.12 * base.size <= middle <= base.x1 + 0.22 * base.size:
                continue
            away = abs(middle - (base.x0 + base.x1) / 2) + abs(base.y - mark.y)
            if best is None or away < best[0]:
                best = (away, j)
        if best is None:
            continue
        base = page.glyphs[best[1]]
        if base is not None:
            page.glyphs[best[1]] = base._replace(text=base.text + ACCENTS[mark.text])
            page.glyphs[i] = None


def _fold_root(page: _Page, rule: Rule, roots: list[int], write: Writer) -> bool:
    sign = None
    for i in roots:
        root = page.glyphs[i]
        if root is not None and abs(root.x1 - rule.x0) < 1.5 and -0.8 < (root.y - rule.y0) / root.size < 2.2:
            sign = i
    if sign is None:
        return False
    root = page.glyphs[sign]
    if root is None:
        return False
    inside = page.near(rule.y1 + 0.2 * root.size, rule.y1 + 2.4 * root.size, rule.x0 - 0.5, rule.x1 + 0.2)
    inside = _keep_first_line(page, [i for i in inside if i != sign], root.size)
    content = page.get(inside)
    if not content:
        return False
    base = _baseline(content)
    text = write(content)
    text = f"√{text}" if _is_single(text) else f"√({text})"
    page.replace([sign, *inside], Glyph(text, root.x0, rule.x1, base.y, base.size, base.font, base.bold, base.italic))
    return True


def _fold_bare_root(page: _Page, sign: int) -> None:
    """A root whose line is not drawn as a rule: the sign joins what stands right of it."""
    root = page.glyphs[sign]
    if root is None or root.text != "√":
        return
    right = page.near(root.y - 0.2 * root.size, root.y + 1.3 * root.size, root.x1 - 1.0, root.x1 + 1.2 * root.size)
    nearest = [i for i in right if i != sign and (g := page.glyphs[i]) is not None and abs(g.x0 - root.x1) < 1.2]
    if not nearest:
        return
    glyph = page.get(nearest)[0]
    page.replace([sign, nearest[0]], glyph._replace(text="√" + glyph.text, x0=root.x0))


def _keep_first_line(page: _Page, indices: list[int], size: float) -> list[int]:
    """Without what belongs to the next line of text below."""
    glyphs = page.get(indices)
    if not glyphs:
        return []
    first = min((g.y for g in glyphs if g.size > 0.8 * max(x.size for x in glyphs)), default=glyphs[0].y)
    return [i for i, g in zip(indices, glyphs, strict=True) if g.y < first + 0.75 * size]


def _stands_free(page: _Page, part: list[Glyph], size: float, level: list[Rule]) -> bool:
    """Whether nothing is written close beside these glyphs, except above or below another rule at the same height."""
    x0, x1 = min(g.x0 for g in part), max(g.x1 for g in part)
    y0, y1 = min(g.y for g in part), max(g.y for g in part)
    for glyph in page.get(page.near(y0 - 1, y1 + 1, x0 - 2.0 * size, x1 + 2.0 * size)):
        middle = (glyph.x0 + glyph.x1) / 2
        if any(r.x0 - 1 < middle < r.x1 + 1 for r in level):
            continue
        if glyph.x1 <= x0 + 0.1 < glyph.x1 + 0.5 * size or glyph.x0 >= x1 > glyph.x0 - 0.5 * size:
            return False
    return True


def _fold_overline(page: _Page, rule: Rule, level: list[Rule]) -> None:
    if rule.width > 30:
        return
    below = page.near(rule.y1 + 1.0, rule.y1 + 14, rule.x0 - 0.5, rule.x1 + 0.5)
    below = [
        i
        for i, g in zip(below, page.get(below), strict=True)
        if 0.35 * g.size < g.y - rule.y1 < 1.05 * g.size and g.x0 > rule.x0 - 2.0 and g.x1 < rule.x1 + 2.5
    ]
    letters = page.get(below)
    if not letters or len(letters) > 4 or not all(g.text[:1].isalpha() for g in letters):
        return
    if rule.width > 1.5 * sum(g.x1 - g.x0 for g in letters):
        return
    above = page.get(page.near(rule.y0 - 0.7 * letters[0].size, rule.y0 - 0.1, rule.x0, rule.x1))
    if above and _stands_free(page, above, letters[0].size, level):  # the upper part of a fraction
        return
    for i in below:
        glyph = page.glyphs[i]
        if glyph is not None:
            page.glyphs[i] = glyph._replace(text=glyph.text + ACCENTS["¯"])


def _fold_fraction(page: _Page, rule: Rule, level: list[Rule], write: Writer) -> bool:
    if rule.width < 3:
        return False
    above = page.near(rule.y0 - 16, rule.y0 - 0.2, rule.x0 - 0.5, rule.x1 + 0.5)
    below = page.near(rule.y1 + 2, rule.y1 + 22, rule.x0 - 0.5, rule.x1 + 0.5)
    over, under = page.get(above), page.get(below)
    if not over or not under:
        return False
    # the nearest line on each side, with its scripts; farther lines are other text
    last, first = max(over, key=lambda g: g.y), min(under, key=lambda g: g.y)
    size = max(last.size, first.size)
    above = [i for i, g in zip(above, over, strict=True) if last.y - g.y < 0.75 * size and rule.y0 - g.y < 1.05 * size]
    below = [i for i, g in zip(below, under, strict=True) if g.y - first.y < 0.75 * size]
    over, under = page.get(above), page.get(below)
    if not over or not under or not 0.25 * size < first.y - rule.y1 < 1.45 * size:
        return False
    size = max(g.size for g in over + under)
    for part in (over, under):
        x0, x1 = min(g.x0 for g in part), max(g.x1 for g in part)
        if x0 < rule.x0 - 1.5 or x1 > rule.x1 + 2.0 or abs(x0 + x1 - rule.x0 - rule.x1) > 4.0 or _has_gap(part):
            return False
        if not _stands_free(page, part, size, level):
            return False
    widest = max(max(g.x1 for g in part) - min(g.x0 for g in part) for part in (over, under))
    if widest < 0.8 * rule.width:
        return False
    low, high = rule.y1 + 0.1 * size, rule.y1 + 0.45 * max(size, 10.0)
    axis = page.near(low, high, rule.x0 - 3.0 * size, rule.x1 + 3.0 * size)
    taken = {*above, *below}
    beside = [g for i, g in zip(axis, page.get(axis), strict=True) if i not in taken]
    if not beside:
        return False
    nearest = min(beside, key=lambda g: min(abs(g.x0 - rule.x1), abs(rule.x0 - g.x1)))
    parts = [write(over), write(under)]
    text = "/".join(t if _is_single(t) else f"({t})" for t in parts)
    base = nearest._replace(text=text, x0=rule.x0, x1=rule.x1, size=max(size, nearest.size), italic=False)
    page.replace(taken, base)
    return True


def _has_gap(part: list[Glyph]) -> bool:
    ordered = sorted(part, key=lambda g: g.x0)
    edge = ordered[0].x1
    for glyph in ordered[1:]:
        if glyph.x0 - edge > 1.2 * max(glyph.size, 6):
            return True
        edge = max(edge, glyph.x1)
    return False


def _baseline(glyphs: list[Glyph]) -> Glyph:
    """A glyph on the main baseline."""
    size = max(g.size for g in glyphs)
    rows = Counter(round(g.y) for g in glyphs if g.size > 0.85 * size)
    main = rows.most_common(1)[0][0]
    return next(g for g in glyphs if g.size > 0.85 * size and round(g.y) == main)


def _is_single(text: str) -> bool:
    """Whether the text is one term: a name or number with its scripts, or one pair of brackets."""
    return bool(_TERM.match(text))
