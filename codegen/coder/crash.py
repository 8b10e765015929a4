"""How a program failed, as the end of what it printed on stderr says it.

Everything here was printed by generated code and may be made up: it tells people what probably went wrong and decides
about nothing else.
"""

import re
from typing import Literal, NamedTuple

from schemas.execution import Execution

TAIL = 40_000  # characters of stderr that are looked at
LONGEST = 2_000  # of a message

TRACEBACK = "Traceback (most recent call last):"
# SyntaxError and its kin have no frame of their own when a file cannot be parsed
FRAME = re.compile(r'^\s+File "(?P<file>[^"\n]*)", line \d+(?:, in (?P<function>.*))?$')
RAISED = re.compile(r"^(?:\s*[|+]\s)?(?P<name>[A-Za-z_][\w.]*)(?::\s?(?P<message>.*))?$", re.DOTALL)
# what an analysis.py prints last: "analysis.py: FILE, events 0 to 100: ZeroDivisionError: division by zero"
TOLD = re.compile(r"^analysis\.py: (?P<line>.*)$")
NAMED = re.compile(r"(?:^|: )(?P<name>(?:\w+\.)*[A-Z]\w*(?:Error|Exception)): (?P<message>.*)$")
LIBRARY = re.compile(r"/(?:site|dist)-packages/|/lib/python3[\w.]*/|^<(?:__array_function__|frozen)")


class Crash(NamedTuple):
    """The last exception of a program. `name` is empty where it told what is wrong in a line instead of raising."""

    name: str  # as Python prints it: ValueError, numpy.exceptions.AxisError
    message: str
    where: Literal["functions", "library", "unknown"]  # in what the last call was made: program text, or a package
    raised: bool = False  # by a `raise` of the program itself
    told: str = ""  # the line with which an analysis.py ends

    @property
    def kind(self) -> str:
        """The name of the exception without its module."""
        return self.name.rpartition(".")[2]

    @property
    def home(self) -> str:
        """The package that defines the exception; empty for Python's own."""
        return self.name.partition(".")[0] if "." in self.name else ""


def read_crash(execution: Execution) -> Crash | None:
    """The last exception of a program that did not end well; None where it ended well or printed none."""
    if execution.outcome == "ok" or execution.exit_code == 0:
        return None
    lines = execution.stderr[-TAIL:].rstrip().splitlines()
    told = next((m["line"] for m in (TOLD.match(line) for line in reversed(lines[-20:])) if m), "")
    start = next((i for i in reversed(range(len(lines))) if lines[i].strip() == TRACEBACK), None)
    crash = _read_traceback(lines[start + 1 :], told) if start is not None else _read_last_line(lines, told)
    return crash or (Crash("", told[:LONGEST], "unknown", told=told[:LONGEST]) if told else None)


def _read_traceback(lines: list[str], told: str) -> Crash | None:
    """Frames are indented; the first line that is not begins the message."""
    end = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), None)
    if end is None:
        return None
    rest = [line for line in lines[end:] if not (told and line == f"analysis.py: {told}")]
    found = RAISED.match("\n".join(rest)[:LONGEST])
    if found is None:
        return None
    frames = [(i, m["file"]) for i, m in ((i, FRAME.match(line)) for i, line in enumerate(lines[:end])) if m]
    place, file = frames[-1] if frames else (end, "")
    source = lines[place + 1].strip() if place + 1 < end else ""
    library = bool(LIBRARY.search(file))
    return Crash(
        name=found["name"],
        message=(found["message"] or "").strip(),
        where="library" if library else "functions" if file else "unknown",
        raised=not library and (source.startswith(("raise ", "assert ")) or source == "raise"),
        told=told[:LONGEST],
    )


def _read_last_line(lines: list[str], told: str) -> Crash | None:
    """A program whose traceback was cut off, or that printed the exception only."""
    found = next((m for m in map(NAMED.search, (told, *lines[-1:])) if m), None)
    return Crash(found["name"], found["message"][:LONGEST], "unknown", told=told[:LONGEST]) if found else None
