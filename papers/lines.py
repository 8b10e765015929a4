"""Runs to segments: words on one baseline without a large gap between them."""

import re
from dataclasses import dataclass, replace

from papers.glyphs import RELATIONS, UNKNOWN, Glyph
from papers.scripts import Run, attach_scripts, right_edge, split_runs, write_scripts

_UNITS = frozenset({"keV", "MeV", "GeV", "TeV", "PeV", "rad", "mrad", "kHz", "MHz"})
# Valleys between letter gaps and word gaps, measured on six papers, in units of the size: 0.14 between upright letters,
# 0.17 between math italics (their correction), 0.19 behind a script.
_LETTER = 0.14
_FAR = 0.85  # wider gaps part segments; the gutter of some journals is one size wide
_OPENING = frozenset("([{“‘")
_MARK = re.compile(r"\^(?:(\d{1,2}|[a-h]|[*†‡§¶])|\{(\d{1,2}|[*†‡§¶]{2})\})(?=[.,;:)\]’”\"]*$)")


@dataclass(slots=True, frozen=True)
class Piece:
    """A word of a segment with its box. `mark` is the part of the text that may be a footnote mark."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    italic: bool
    font: str
    mark: tuple[int, int] | None = None

    @property
    def y(self) -> float:
        """The baseline."""
        return self.y1 - 0.25 * self.size


@dataclass(slots=True, frozen=True)
class Segment:
    """Words on one baseline without a large gap."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float
    y: float  # baseline
    size: float
    page: int
    length: int  # of its text
    region: int | None = None  # a table or figure that stands here; it has no pieces then

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


def write_inline(glyphs: list[Glyph]) -> str:
    """The text of glyphs that stand on one line."""
    segments = build_segments(attach_scripts(split_runs(g for g in glyphs if g.text != UNKNOWN)), 0)
    return " ".join(s.text for s in sorted(segments, key=lambda s: s.x0))


def build_segments(runs: list[Run], page: int) -> list[Segment]:
    """Segments of all lines of a page, from the runs that stand on a baseline of their own."""
    segments: list[Segment] = []
    group: list[Run] = []
    for run in sorted(runs, key=lambda r: r.y):
        if group and run.y - group[-1].y > 0.25 * min(run.size, group[-1].size):
            segments += _split_group(group, page)
            group = []
        group.append(run)
    if group:
        segments += _split_group(group, page)
    return segments


def join_marks(segments: list[Segment]) -> list[Segment]:
    """Raised marks in front of a line (a footnote's number) become its first word, written `^1`."""
    small = [s for s in segments if len(s.pieces) == 1 and re.match(r"^(?:\d{1,2}|[a-z]|[*†‡§¶]{1,2})$", s.text)]
    out = list(segments)
    for mark in small:
        for n, other in enumerate(out):
            if (
                0.1 * other.size < other.y - mark.y < 0.65 * other.size
                and -1 < other.x0 - mark.x1 < 1.2 * other.size
                and mark.size < 0.88 * other.size
            ):
                text = f"^{mark.text}" if len(mark.text) == 1 else f"^{{{mark.text}}}"
                pieces = (replace(mark.pieces[0], text=text), *other.pieces)
                out[n] = replace(other, pieces=pieces, x0=mark.x0, length=other.length + len(text) + 1)
                out = [s for s in out if s is not mark]
                break
    return out


def _needs_space(left: Glyph, right: Glyph, gap: float, scripted: bool) -> bool:
    """Whether a gap of at least `_LETTER` is a space."""
    if scripted:
        limit = 0.19
    elif left.italic and right.italic:
        limit = 0.17
    else:
        limit = _LETTER
    if right.text[0] in ",.;:)]}" or left.text[-1] in "([{":
        limit = max(limit, 0.25)
    return gap > limit * max(left.size, right.size)


def _split_group(group: list[Run], page: int) -> list[Segment]:
    placed = [(g.x0, n, i, g) for n, r in enumerate(group) for i, g in enumerate(r.glyphs)]
    if len(group) > 1:
        placed.sort()
    out: list[Segment] = []
    pieces: list[Piece] = []
    word: list[tuple[Run, int, Glyph]] = []
    previous: Glyph | None = None
    edge, scripted, blank, related = 0.0, False, False, False
    for x0, n, i, glyph in placed:
        run, text, size = group[n], glyph.text, glyph.size
        if text == " ":
            blank = True
            continue
        relation = text in RELATIONS
        if previous is not None:
            gap = x0 - edge
            if gap < 0 and text == previous.text and gap < -0.6 * (previous.x1 - previous.x0):
                continue  # printed twice for a bold look
            far = gap > _FAR * min(size, previous.size)
            if (
                far
                or blank
                or (relation and previous.text not in _OPENING)
                or related
                or (gap > _LETTER * size and _needs_space(previous, glyph, gap, scripted))
            ):
                if word:
                    pieces.append(_make_piece(word))
                    word = []
                if far:
                    out.append(_make_segment(pieces, page))
                    pieces = []
        word.append((run, i, glyph))
        previous, blank, related = glyph, False, relation
        scripted = i in run.scripts
        edge = right_edge(run, i) if scripted else glyph.x1
    if word:
        pieces.append(_make_piece(word))
    if pieces:
        out.append(_make_segment(pieces, page))
    return out


def _make_piece(word: list[tuple[Run, int, Glyph]]) -> Piece:
    glyphs = [g for _, _, g in word]
    first = glyphs[0]
    right = max([g.x1 for g in glyphs])
    size = max([g.size for g in glyphs])
    bold = sum([g.bold for g in glyphs]) * 2 > len(word)
    italic = sum([g.italic for g in glyphs]) * 2 > len(word)
    mark = None
    if any(r.scripts for r, _, _ in word):
        text = ""
        for run, i, glyph in word:
            text += glyph.text
            if i in run.scripts:
                text += write_scripts(run, i)
                right = max(right, right_edge(run, i))
        mark = _find_mark(text, italic)
    else:
        text = "".join([g.text for g in glyphs])
    return Piece(
        text, first.x0, first.y - 0.75 * size, right, first.y + 0.25 * size, size, bold, italic, first.font, mark
    )


def _find_mark(text: str, italic: bool) -> tuple[int, int] | None:
    found = _MARK.search(text)
    if found is None:
        return None
    base = text[: found.start()]
    letters = re.search(r"[^\W\d_]+$", base)
    if letters is None:
        return found.span() if base[-1:] in '.,;:)]”’"' else None
    if len(letters[0]) < 3 or letters[0] in _UNITS or italic:
        return None
    return found.span()


def _make_segment(pieces: list[Piece], page: int) -> Segment:
    weight: dict[float, int] = {}
    length = len(pieces) - 1
    for p in pieces:
        weight[p.size] = weight.get(p.size, 0) + len(p.text)
        length += len(p.text)
    size = max(weight, key=lambda s: (weight[s], s))
    return Segment(tuple(pieces), pieces[0].x0, max(p.x1 for p in pieces), pieces[0].y, size, page, length)
