"""Glyphs to runs, and small shifted runs attached as sub- and superscripts to the glyph they stand beside."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from papers.glyphs import OPERATORS, Glyph


@dataclass(slots=True)
class Run:
    """Glyphs drawn one after the other on one baseline in one size, and the scripts attached to each of them."""

    glyphs: list[Glyph]
    x0: float
    x1: float
    y: float
    size: float
    scripts: dict[int, list["Run"]] = field(default_factory=dict)
    attached: bool = False


def split_runs(glyphs: Iterable[Glyph]) -> list[Run]:
    """The glyphs in drawing order, broken where baseline or size changes or the pen jumps."""
    runs: list[Run] = []
    run: Run | None = None
    for g in glyphs:
        if (
            run is not None
            and -0.3 * run.size < g.x0 - run.x1 < 0.9 * run.size
            and abs(g.y - run.y) <= 0.05 * run.size
            and 0.92 < g.size / run.size < 1.09
        ):
            run.glyphs.append(g)
            run.x1 = g.x1
        elif g.text == " ":
            run = None
        else:
            run = Run([g], g.x0, g.x1, g.y, g.size)
            runs.append(run)
    for run in runs:
        while run.glyphs[-1].text == " ":
            run.glyphs.pop()
        run.x1 = run.glyphs[-1].x1
    return runs


def attach_scripts(runs: list[Run]) -> list[Run]:
    """The runs that stand on a line of their own; each smaller, shifted run hangs on the glyph left of it.

    TeX sets scripts at 0.5 to 0.75 of the size of their base, shifted by 0.1 to 0.6 of it; both scripts of a pair
    start at the right edge of the base.
    """
    by_y = sorted(runs, key=lambda r: r.y)
    ys = [r.y for r in by_y]
    largest = max((r.size for r in runs), default=0.0)
    operators = [r for r in runs if any(g.text in OPERATORS for g in r.glyphs)]
    for run in sorted(runs, key=lambda r: (-round(r.size, 1), r.x0)):
        if run.size > 0.9 * largest:
            continue
        lo = bisect_right(ys, run.y - 0.8 * largest)
        hi = bisect_right(ys, run.y + 0.8 * largest)
        base = _find_base(run, by_y[lo:hi])
        if base is None and operators:
            base = _find_operator(run, operators)
        if base is not None:
            base[0].scripts.setdefault(base[1], []).append(run)
            run.attached = True
    return [r for r in runs if not r.attached]


def _find_base(run: Run, others: list[Run]) -> tuple[Run, int] | None:
    best: tuple[float, Run, int] | None = None
    x, y, small = run.x0, run.y, run.size
    for other in others:
        size = other.size
        if x < other.x0 or x > other.x1 + 0.4 * size or other is run:
            continue
        shift = abs(y - other.y)
        if other.attached and abs(size - small) < 0.08 * size and shift < 0.06 * size:
            if -0.2 * size < x - other.x1 < 0.4 * size:
                return other, len(other.glyphs) - 1  # goes on where an attached script ended
            continue
        if size < 1.12 * small or not 0.06 * size < shift < 0.75 * size:
            continue
        i = bisect_right(other.glyphs, x + 0.3 * size, key=lambda g: g.x1) - 1
        if i < 0:
            continue
        gap = x - other.glyphs[i].x1
        if gap > 0.35 * size or other.glyphs[i].text == " ":
            continue
        if i + 1 < len(other.glyphs) and other.glyphs[i + 1].x0 < run.x1 - 0.3 * small:
            continue
        score = abs(gap) + shift
        if best is None or score < best[0]:
            best = (score, other, i)
    return (best[1], best[2]) if best else None


def _find_operator(run: Run, others: list[Run]) -> tuple[Run, int] | None:
    """A sum or product above or below which the run stands as a limit."""
    middle = (run.x0 + run.x1) / 2
    for other in others:
        if other is run or run.size > 0.85 * other.size:
            continue
        for i, glyph in enumerate(other.glyphs):
            if (
                glyph.text in OPERATORS
                and glyph.x0 - 0.4 * other.size < middle < glyph.x1 + 0.4 * other.size
                and abs(run.y - other.y) < 1.8 * other.size
            ):
                return other, i
    return None


def right_edge(run: Run, index: int) -> float:
    """Where the glyph ends, its scripts included."""
    edge = run.glyphs[index].x1
    for script in run.scripts.get(index, ()):
        for i in range(len(script.glyphs)):
            edge = max(edge, right_edge(script, i))
    return edge


def write_scripts(run: Run, index: int) -> str:
    """`_sub^sup` of a glyph; braces where a script has more than one character; empty without scripts."""
    scripts = run.scripts.get(index)
    if not scripts:
        return ""
    glyph = run.glyphs[index]
    scripts = sorted(scripts, key=lambda s: s.x0)
    if run.attached and all(abs(s.y - glyph.y) < 0.06 * glyph.size for s in scripts):
        return "".join(_write(s) for s in scripts)  # the same script, drawn in two goes
    low = "".join(_write(s) for s in scripts if s.y > glyph.y)
    high = "".join(_write(s) for s in scripts if s.y <= glyph.y)
    text = f"_{_brace(low)}" if low else ""
    if high and set(high) <= {"′", "″", "'"}:
        return text + high
    if high in ("∘", "°", "o") and (glyph.text.isdigit() or high != "o"):
        return text + "°"
    return text + (f"^{_brace(high)}" if high else "")


def _write(run: Run) -> str:
    return "".join(g.text + write_scripts(run, i) for i, g in enumerate(run.glyphs)).replace(" ", "")


def _brace(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"
