"""What goes to the terminal: people read stderr, programs stdout. Text of papers is stripped first."""

import json
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

KEPT = "\n\t"
HARMLESS_FORMAT = "\u200d\u00ad"  # zero-width joiner, soft hyphen: nothing that reorders or hides text
WIDTH = 120  # of what goes to a file or a pipe
UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def strip_controls(text: str) -> str:
    """`text` without control characters, terminal escapes and marks that reorder text; newlines and tabs stay."""
    # Nearly every line is printable as a whole, which is known much faster than letter by letter.
    return "\n".join(line if line.isprintable() else _strip_line(line) for line in text.split("\n"))


def _strip_line(line: str) -> str:
    return "".join(
        c for c in line if c in KEPT or c in HARMLESS_FORMAT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
    )


def encode_json(data: object) -> str:
    """Indented JSON, readable beyond ASCII, in which no character can drive a terminal."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    return UNSAFE_IN_JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def print_json(data: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(encode_json(data) + "\n")
    sys.stdout.flush()


def make_console(*, stderr: bool = True) -> "Console":
    """A console on stderr (people) or stdout; colours only where it is a terminal, else a width for reading."""
    from rich.console import Console

    class PipedConsole(Console):
        """A console that leaves a closed pipe to its caller."""

        def on_broken_pipe(self) -> None:
            """The reader went away: not our failure, and no mismatch either."""
            raise BrokenPipeError

    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return PipedConsole(stderr=stderr, highlight=False, soft_wrap=False, width=None if terminal else WIDTH)


class Stage:
    """A stage that is under way: what it found is shown when it ends."""

    def __init__(self, label: str, status: "Status | None") -> None:
        self.detail = ""
        self.reused = False
        self.failed = False  # what it did is no success, without an exception
        self._label = label
        self._status = status

    def update(self, text: str) -> None:
        """Say what is being done now."""
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(f"{self._label}: {strip_controls(text)}"))


class Progress:
    """One line per stage on stderr: what was done, what it found, how long it took. A spinner while it is under way."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console: Console | None = None

    @property
    def quiet(self) -> bool:
        """Whether nothing is shown."""
        return self._quiet

    @property
    def console(self) -> "Console":
        """The console that lines go to."""
        if self._console is None:
            self._console = make_console()
        return self._console

    @contextmanager
    def stage(self, label: str) -> Iterator[Stage]:
        """Show a stage. When it raises, the line says so and the exception passes through."""
        if self._quiet:
            yield Stage(label, None)
            return
        from rich.markup import escape

        began = time.monotonic()
        status = self.console.status(escape(label), spinner="dots") if self.console.is_terminal else None
        stage = Stage(label, status)
        if status is not None:
            status.start()
        mark, style = "✗", "red"
        try:
            yield stage
            if not stage.failed:
                mark, style = ("↺", "cyan") if stage.reused else ("✓", "green")
        finally:
            if status is not None:
                status.stop()
            self._line(mark, style, stage, label, time.monotonic() - began)

    def note(self, text: str, style: str = "yellow") -> None:
        """A line for the person between stages."""
        if not self._quiet:
            from rich.text import Text

            self.console.print(Text(f"  {strip_controls(text)}", style=style), soft_wrap=True)

    def _line(self, mark: str, style: str, stage: Stage, label: str, seconds: float) -> None:
        from rich.text import Text

        spent = "as before" if stage.reused else f"{seconds:.1f} s"
        line = Text.assemble((f"{mark} ", style), (f"{label:<10} ", "bold"), strip_controls(stage.detail))
        line.append(f"  {spent}", style="dim")
        self.console.print(line, soft_wrap=True)


@contextmanager
def show_downloads(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """A function (file name, bytes here, bytes in all or 0) that draws a bar for each file; None when quiet."""
    if quiet:
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=make_console()) as bars:

        def update(name: str, here: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(strip_controls(name), total=total or None)
            bars.update(tasks[name], completed=here, total=total or None)

        yield update
