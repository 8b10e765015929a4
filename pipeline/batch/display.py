"""A batch for the person at the terminal: papers under way, states, rate and time left; plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from pipeline.batch.records import PaperStatus, State
from pipeline.batch.summary import describe
from pipeline.terminal import make_console, strip_controls

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from rich.text import Text

MARKS = {"done": ("✓", "green"), "questions": ("?", "yellow"), "failed": ("✗", "red"), "waiting": ("…", "cyan")}
SHOWN = 12  # papers under way that have a line


class Display:
    """Shows a batch on stderr while it is entered as a context; nothing when quiet."""

    def __init__(self, total: int, settled: Iterable[State], *, quiet: bool) -> None:
        self._quiet = quiet
        self._total = total
        self._done_now = 0
        self._states = Counter[str](settled)
        self._ended = self._states.total()
        self._began = time.monotonic()
        self._console = make_console()
        self._bars: Progress | None = None
        self._all: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Display":
        if not self._quiet and self._console.is_terminal:
            from rich.progress import (
                BarColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeElapsedColumn,
            )

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[count]}"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[detail]}", markup=False),
            )
            self._bars = Progress(*columns, console=self._console, transient=True)
            self._all = self._bars.add_task(
                "papers", total=self._total, completed=self._ended, count=self._count(), detail=""
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def begin(self, key: str, name: str) -> None:
        """A paper has been started."""
        if self._bars is not None and len(self._tasks) < SHOWN:
            self._tasks[key] = self._bars.add_task(f"  {strip_controls(name)[-40:]}", total=None, count="", detail="")

    def end(self, status: PaperStatus) -> None:
        """A paper has ended."""
        self._states[status.state] += 1
        if status.state != "waiting":
            self._ended += 1
            self._done_now += 1
        if self._quiet:
            return
        self._line(status)
        if self._bars is not None and self._all is not None:
            self._bars.update(self._all, completed=self._ended, count=self._count(), detail=self._describe())
            task = self._tasks.pop(status.entry.key, None)
            if task is not None:
                self._bars.remove_task(task)

    def note(self, text: str) -> None:
        """Something a person should know."""
        if not self._quiet:
            from rich.text import Text

            self._print(Text(f"  {strip_controls(text)}", style="yellow"))

    def _line(self, status: PaperStatus) -> None:
        from rich.text import Text

        mark, style = MARKS.get(status.state, ("·", ""))
        place = f"[{self._count()}]"
        line = Text.assemble((f"{mark} ", style), f"{place} ", (f"{strip_controls(status.entry.given)}  ", "bold"))
        line.append(describe(status))
        if status.seconds is not None:
            line.append(f"  {status.seconds:.1f} s", style="dim")
        self._print(line)

    def _print(self, line: "Text") -> None:
        try:
            self._console.print(line, soft_wrap=True)
        except BrokenPipeError:  # who was reading went away; the papers go on
            self._quiet = True

    def _count(self) -> str:
        return f"{self._ended}/{self._total}"

    def _describe(self) -> str:
        """States, rate and time left."""
        minutes = (time.monotonic() - self._began) / 60
        states = ", ".join(f"{n} {state}" for state, n in self._states.items())
        if not self._done_now:
            return states
        left = (self._total - self._ended) * minutes / self._done_now
        return f"{states}; {self._done_now / minutes:.1f}/min, about {_word_minutes(left)} left"


def _word_minutes(minutes: float) -> str:
    if minutes < 1:
        return f"{60 * minutes:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
