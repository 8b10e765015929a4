"""What an edit does to the generated code: the lines of the selection that differ, before and after."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from pipeline.review.preview_criteria import name_some
from pipeline.review.preview_programs import Program, Programs
from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.model import Model

CONTEXT = 2  # unchanged lines around what differs
OUTPUTS = "OUTPUTS = ("
LOOP = "def select_events("  # of the numba back end, where the selection is a function of its own
METHOD = "    def select(self, events):"
EVENTS = "    for event in range("
COLLECTED = "        return collect("
STORED = "# -- what is stored and drawn --"
NAMED = re.compile(r"\w+=[\w.]+")
WATCHING = "if watching:"
CLASS = "class Analysis("
HELPERS = "# -------------------- what the selection above is written with"

UNORDERED = ("the event as a whole", "stored objects, in GeV, mm and rad")  # sections whose order says nothing

Sign = Literal["@", " ", "-", "+"]


class CodeLine(NamedTuple):
    """A line of code that went (-), came (+), or stands beside one that did; @ names the section that follows."""

    sign: Sign
    text: str


class CodeChange(Model):
    """What an edit does to the code. Without lines and without a problem: nothing, the same events are selected.

    `problem` is why no code can be made of the criteria as they would be; `told` what the code takes for granted
    meanwhile (open questions, cuts without a quote) and what the data format cannot evaluate.
    """

    lines: tuple[CodeLine, ...] = ()
    told: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def same(self) -> bool:
        """Whether the edit changes nothing in the selection."""
        return not self.lines and self.problem is None


def show_code(
    before: SelectionCriteria, after: SelectionCriteria, programs: Programs, backend: Backend = "numpy"
) -> CodeChange:
    """The change of the selection in the program that is compiled for a data format.

    Header, digests, quotes and helper functions are left out. Raises nothing for criteria that do not compile: where
    only those before do not, all lines of the selection are new.
    """
    old, new = programs.compile(before, backend), programs.compile(after, backend)
    if new.problem is not None:
        return CodeChange(told=new.told, problem=new.problem)
    if old.digest == new.digest:
        idle = f"used by no cut and no output, so no code is made of it: {name_some(new.unused)}"
        return CodeChange(told=(*new.told, *([idle] if new.unused and old.criteria != new.criteria else [])))
    return CodeChange(lines=tuple(_compare(_read_selection(old), _read_selection(new))), told=new.told)


def _compare(before: Sequence[str], after: Sequence[str]) -> Iterator[CodeLine]:
    """What differs, with CONTEXT lines around it, below the title of its section; a gap in it is an empty title.

    What is read of the events comes last: a cut that goes may leave a branch unread.
    """
    section: str | None = None
    for piece in sorted(_list_pieces(before, after), key=lambda p: p[0].section in UNORDERED):
        for k, (sign, text, place) in enumerate(piece):
            if place != section or k == 0:
                yield CodeLine("@", place if place != section else "")
                section = place
            yield CodeLine(sign, text)


class _Placed(NamedTuple):
    sign: Sign
    text: str
    section: str


def _list_pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[list[_Placed]]:
    """Lines that differ, those together that stand near each other."""
    old, new = _find_sections(before), _find_sections(after)
    common = set(before) & set(after)
    matcher = SequenceMatcher(None, [_normalise(t) for t in before], [_normalise(t) for t in after], autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        piece: list[_Placed] = []
        for kind, a0, a1, b0, b1 in group:
            if kind == "equal":
                piece += [_Placed(" ", after[i], new[i]) for i in range(b0, b1)]
            else:
                piece += [_Placed("-", before[i], old[i]) for i in range(a0, a1)]
                piece += [_Placed("+", after[i], new[i]) for i in range(b0, b1)]
        piece = [p for p in piece if p.sign == " " or p.section not in UNORDERED or p.text not in common]
        if piece := _trim([p for p in piece if _read_title(p.text) is None]):
            yield piece


def _normalise(line: str) -> str:
    """A line of a call with its named arguments in one order: which of them is first used does not matter."""
    words = line.rstrip(",").split(", ")
    named = sorted(word for word in words if NAMED.fullmatch(word.strip()))
    return ", ".join([*(word for word in words if word not in named), *named]) if len(named) > 1 else line


def _find_sections(lines: Sequence[str]) -> list[str]:
    """The title of the section that each line is in; empty above the first."""
    titles, current = [], ""
    for line in lines:
        current = _read_title(line) or current
        titles.append(current)
    return titles


def _trim(piece: list[_Placed]) -> list[_Placed]:
    """Without empty lines at its ends; nothing where only they are left of what differs."""
    if not any(p.sign != " " and p.text for p in piece):
        return []
    there = [k for k, p in enumerate(piece) if p.text]
    return piece[there[0] : there[-1] + 1]


def _read_title(line: str) -> str | None:
    text = line.strip()
    return text.strip("#- ") if text.startswith("# --") and text.endswith("--") else None


def _read_selection(program: Program) -> list[str]:
    """The lines of a program that say what is selected and stored; none of a program that is not there."""
    if not program.source:
        return []
    lines = program.source.split("\n")
    stored = _cut(lines, OUTPUTS, ")")
    if any(line.startswith(LOOP) for line in lines):
        selection = _leave_out_notes(_cut(_cut(lines, LOOP, CLASS), EVENTS, CLASS))
    else:
        selection = _cut(_cut(lines, METHOD, HELPERS), METHOD, COLLECTED)
    return [STORED, *stored, "", *textwrap.dedent("\n".join(selection[1:])).strip("\n").split("\n")]


def _leave_out_notes(lines: Sequence[str]) -> list[str]:
    """The lines without the blocks that write down values of watched events: they are numbered throughout."""
    kept: list[str] = []
    inside: int | None = None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if inside is not None and depth > inside:
            continue
        inside = depth if line.strip() == WATCHING else None
        if inside is None:
            kept.append(line)
    return kept


def _cut(lines: Sequence[str], first: str, end: str) -> list[str]:
    """From the line that begins with `first` to the next one that begins with `end`, without it."""
    start = next((i for i, line in enumerate(lines) if line.startswith(first)), len(lines))
    stop = next((i for i in range(start + 1, len(lines)) if lines[i].startswith(end)), len(lines))
    return list(lines[start:stop])
