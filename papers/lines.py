"""Glyphs to segments: pieces of a line without a large gap, sub- and superscripts attached to what they belong to."""

from bisect import bisect_right
from dataclasses import dataclass, field

from papers.glyphs import RELATIONS, Glyph


@dataclass(slots=True)
class Run:
    """Glyphs drawn one after the other on one baseline in one size, and the scripts attached to each of them."""

    glyphs: list[Glyph]
    scripts: dict[int, list["Run"]] = field(default_factory=dict)

    @property
    def x0(self) -> float:
        return self.glyphs[0].x0

    @property
    def x1(self) -> float:
        return self.glyphs[-1].x1

    @property
    def y(self) -> float:
        return self.glyphs[0].y

    @property
    def size(self) -> float:
        return self.glyphs[0].size


@dataclass(slots=True, frozen=True)
class Piece:
    """A word of a segment with its box."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool


@dataclass(slots=True, frozen=True)
class Segment:
    """Words on one baseline without a large gap."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float
    y: float  # baseline
    size: float
    bold: bool
    page: int

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)


def split_runs(glyphs: tuple[Glyph, ...]) -> list[Run]:
    """The glyphs in drawing order, broken where baseline or size changes or the pen jumps."""
    runs: list[Run] = []
    last: Glyph | None = None
    for g in glyphs:
        if (
            last is not None
            and runs
            and abs(g.y - last.y) <= 0.05 * last.size
            and 0.92 < g.size / last.size < 1.09
            and -0.3 * last.size < g.x0 - last.x1 < 0.9 * last.size
        ):
            runs[-1].glyphs.append(g)
        elif g.text != " ":
            runs.append(Run([g]))
        last = g
    return runs


def attach_scripts(runs: list[Run]) -> list[Run]:
    """The runs that stand on a line of their own; each smaller, shifted run is attached to the glyph left of it."""
    by_y = sorted(runs, key=lambda r: r.y)
    ys = [r.y for r in by_y]
    largest = max((r.size for r in runs), default=0.0)
    attached: set[int] = set()
    for run in sorted(runs, key=lambda r: (-round(r.size, 1), r.x0)):
        lo = bisect_right(ys, run.y - 0.8 * largest)
        hi = bisect_right(ys, run.y + 0.8 * largest)
        best: tuple[float, Run, int] | None = None
        for other in by_y[lo:hi]:
            if other is run:
                continue
            size = other.size
            shift = abs(run.y - other.y)
            if id(other) in attached and abs(size - run.size) < 0.08 * size and shift < 0.06 * size:
                if -0.2 * size < run.x0 - other.x1 < 0.4 * size:
                    best = (0.0, other, len(other.glyphs) - 1)
                    break
                continue
            if size < 1.12 * run.size or not 0.06 * size < shift < 0.75 * size:
                continue
            if run.x0 < other.x0 or run.x0 > other.x1 + 0.35 * size:
                continue
            i = bisect_right(other.glyphs, run.x0 + 0.3 * size, key=lambda g: g.x1) - 1
            if i < 0:
                continue
            gap = run.x0 - other.glyphs[i].x1
            if gap > 0.35 * size:
                continue
            if i + 1 < len(other.glyphs) and other.glyphs[i + 1].x0 < run.x1 - 0.3 * run.size:
                continue
            score = abs(gap) + shift
            if best is None or score < best[0]:
                best = (score, other, i)
        if best:
            best[1].scripts.setdefault(best[2], []).append(run)
            attached.add(id(run))
    return [r for r in runs if id(r) not in attached]


def right_edge(run: Run, index: int) -> float:
    """Where the glyph ends, its scripts included."""
    edge = run.glyphs[index].x1
    for script in run.scripts.get(index, ()):
        edge = max(edge, right_edge(script, len(script.glyphs) - 1))
    return edge


def _write(run: Run) -> str:
    return "".join(g.text + _write_scripts(run, i) for i, g in enumerate(run.glyphs)).replace(" ", "")


def _write_scripts(run: Run, index: int) -> str:
    scripts = run.scripts.get(index)
    if not scripts:
        return ""
    base = run.glyphs[index].y
    low = "".join(_write(s) for s in scripts if s.y > base)
    high = "".join(_write(s) for s in scripts if s.y <= base)
    text = f"_{_brace(low)}" if low else ""
    if high and set(high) <= {"′", "'"}:
        return text + high
    if high in ("∘", "°"):
        return text + "°"
    return text + (f"^{_brace(high)}" if high else "")


def _brace(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def _needs_space(left: Glyph, right: Glyph, gap: float) -> bool:
    size = max(left.size, right.size)
    limit = 0.13
    return gap > limit * size


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


def _split_group(group: list[Run], page: int) -> list[Segment]:
    placed = sorted(((g.x0, n, i) for n, r in enumerate(group) for i, g in enumerate(r.glyphs)), key=lambda t: t[0])
    out: list[Segment] = []
    pieces: list[Piece] = []
    word: list[tuple[Run, int]] = []
    last: tuple[Run, int] | None = None

    def end_word() -> None:
        if word:
            pieces.append(_make_piece(word))
            word.clear()

    def end_segment() -> None:
        end_word()
        if pieces:
            out.append(_make_segment(pieces, page))
            pieces.clear()

    for _, n, i in placed:
        run = group[n]
        glyph = run.glyphs[i]
        if glyph.text == " ":
            end_word()
            continue
        if last is not None:
            previous = last[0].glyphs[last[1]]
            gap = glyph.x0 - right_edge(*last)
            if gap > 1.0 * max(glyph.size, previous.size):
                end_segment()
            elif word and (_needs_space(previous, glyph, gap) or glyph.text in RELATIONS or previous.text in RELATIONS):
                end_word()
        word.append((run, i))
        last = (run, i)
    end_segment()
    return out


def _make_piece(word: list[tuple[Run, int]]) -> Piece:
    glyphs = [r.glyphs[i] for r, i in word]
    text = "".join(r.glyphs[i].text + _write_scripts(r, i) for r, i in word)
    size = max(g.size for g in glyphs)
    y = glyphs[0].y
    bold = sum(g.bold for g in glyphs) * 2 > len(glyphs)
    return Piece(
        text, glyphs[0].x0, y - 0.75 * size, max(right_edge(r, i) for r, i in word), y + 0.25 * size, size, bold
    )


def _make_segment(pieces: list[Piece], page: int) -> Segment:
    weight: dict[float, int] = {}
    for p in pieces:
        weight[p.size] = weight.get(p.size, 0) + len(p.text)
    size = max(weight, key=lambda s: (weight[s], s))
    bold = sum(len(p.text) for p in pieces if p.bold) * 2 > sum(len(p.text) for p in pieces)
    y = pieces[0].y1 - 0.25 * pieces[0].size
    return Segment(tuple(pieces), pieces[0].x0, max(p.x1 for p in pieces), y, size, bold, page)
