"""Event files of every size that is asked for, each made once, and the compiled programs that read them."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.preparing import SOURCES, make_sample, write_program


class Samples:
    """Files in a scratch folder: simulated events of our own repeated, or those below a folder of event files."""

    def __init__(self, folder: Path, sources: Path | None, root_python: str | None) -> None:
        """`sources` is asked for each analysis apart: what it lacks is of our own."""
        self._folder = folder
        self._sources = sources
        self._root_python = root_python

    def make(self, analysis: str, events: int, branches: Sequence[str] = ()) -> Path:
        """A file of so many events; with names, of these branches only. Raises DataError when it cannot be written."""
        folder = self._folder / (f"{len(branches)} branches" if branches else "all branches")
        folder.mkdir(exist_ok=True)
        path = folder / f"mini_{analysis}_{events}.root"
        return (
            path
            if path.is_file()
            else make_sample(analysis, self.find_sources(analysis), folder, events, self._root_python, branches)
        )

    def find_sources(self, analysis: str) -> Path | None:
        """The folder whose events are repeated; None: our own."""
        return self._sources if self._sources is not None and any(self._sources.glob(SOURCES[analysis])) else None

    def compile(self, analysis: str, purpose: str) -> Path:
        """The compiled program, with that of the loop beside it. Raises CriteriaError.

        Machine code that numba keeps beside a program remembers whether that was a module or the command itself: what
        is used in both ways is made for each.
        """
        folder = self._folder / f"for {purpose}"
        folder.mkdir(exist_ok=True)
        path = folder / f"{analysis}.py"
        return path if path.is_file() else write_program(analysis, folder)
