"""What an edit does to the generated code: the lines of the selection that differ, before and after."""

import textwrap
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from pipeline.review.preview_programs import Program, Programs
from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.model import Model

CONTEXT = 2  # unchanged lines around what differs
OUTPUTS = "OUTPUTS = ("
LOOP = "def select_events("  # of the numba back end, where the selection is a function of its own
METHOD = "    def select(self, events):"
EVENTS = "    for event in range("
CLASS = "class Analysis("
HELPERS = "# -------------------- what the selection above is written with"

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
        return CodeChange(told=new.told)
    return CodeChange(lines=tuple(_compare(_read_selection(old), _read_selection(new))), told=new.told)


def _compare(before: Sequence[str], after: Sequence[str]) -> Iterator[CodeLine]:
    """What differs, with CONTEXT lines around it, each piece below the title of its section."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shown = ""
    for group in matcher.get_grouped_opcodes(CONTEXT):
        title = _find_title(after, group[0][3])
        if title != shown or not shown:
            yield CodeLine("@", title)
        else:
            yield CodeLine("@", "")
        shown = title
        for kind, a0, a1, b0, b1 in group:
            if kind == "equal":
                yield from (CodeLine(" ", line) for line in after[b0:b1])
                continue
            yield from (CodeLine("-", line) for line in before[a0:a1])
            yield from (CodeLine("+", line) for line in after[b0:b1])


def _find_title(lines: Sequence[str], at: int) -> str:
    """The section that a line is in; empty above the first."""
    return next((t for line in reversed(lines[: at + 1]) if (t := _read_title(line)) is not None), "")


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
        selection = _cut(_cut(lines, LOOP, CLASS), EVENTS, CLASS)
    else:
        selection = _cut(lines, METHOD, HELPERS)
    return [*stored, "", *textwrap.dedent("\n".join(selection[1:])).strip("\n").split("\n")]


def _cut(lines: Sequence[str], first: str, end: str) -> list[str]:
    """From the line that begins with `first` to the next one that begins with `end`, without it."""
    start = next((i for i, line in enumerate(lines) if line.startswith(first)), len(lines))
    stop = next((i for i in range(start + 1, len(lines)) if lines[i].startswith(end)), len(lines))
    return list(lines[start:stop])
