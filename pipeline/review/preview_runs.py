"""Previewed programs run in the sandbox, over a sample of the data, each once."""

import os
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.review.cutflow_changes import CutflowEvents, keep_events
from pipeline.review.preview_programs import Program
from pipeline.review.samples import Sample, choose_sample, limit_program
from pipeline.running import OUTCOMES
from schemas.execution import Execution, Limits
from schemas.profile import Profile

KEPT = 16  # cutflows with their events


class Ran(NamedTuple):
    """What a program found, or in `problem` why it found nothing."""

    events: CutflowEvents | None
    seconds: float
    problem: str | None = None


class PreviewRuns:
    """What previewed programs find in these files, of which no more than about `most_events` are looked at.

    For one thread. Nothing is written but in a folder of the system's temporary ones, which is gone afterwards.
    """

    def __init__(self, files: Sequence[Path], most_events: int, limits: Limits) -> None:
        self.told = ""  # what of the data is left out, once that is known
        self._files = tuple(files)
        self._most = most_events
        self._limits = limits
        self._sample: Sample | None = None
        self._states: tuple[object, ...] | None = None
        self._known: OrderedDict[str, Ran] = OrderedDict()  # by digest of the program

    def look_at_files(self) -> bool:
        """Whether the files are others than they were; then all that was found in them is forgotten."""
        states = tuple(_look_at(path) for path in self._files)
        before, self._states = self._states, states
        if before in (states, None):
            return False
        self._known.clear()
        self._sample, self.told = None, ""
        return True

    def recall(self, digest: str | None) -> Ran | None:
        """What the program of this digest found, if that is known."""
        if digest is None or digest not in self._known:
            return None
        self._known.move_to_end(digest)
        return self._known[digest]

    def run(self, program: Program, profile: Profile, stop: Callable[[], bool]) -> Ran | None:
        """What a program finds. None where `stop` said while it ran that nobody waits for it any more.

        Raises DataError, SandboxUnavailable and RunFolderError.
        """
        if program.problem is not None:
            return Ran(None, 0.0, program.problem)
        ran = self.recall(program.digest) or self._execute(program, profile, stop)
        if ran is not None:
            self._known[program.digest] = ran
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return ran

    def _execute(self, program: Program, profile: Profile, stop: Callable[[], bool]) -> Ran | None:
        from codegen.outputs import read_cutflow
        from codegen.sandbox import STAGING, run_sandboxed
        from pipeline import artefacts

        if self._sample is None:
            self._sample = choose_sample(self._files, profile, self._most)
            self.told = self._sample.told
        source, arguments = limit_program(program.source, self._sample)
        stopped = False

        def ask() -> bool:
            nonlocal stopped
            stopped = stopped or stop()
            return stopped

        began = time.monotonic()
        # the sandbox sweeps folders of this name away when a killed process has left them
        with tempfile.TemporaryDirectory(prefix=f"{STAGING}{os.getpid()}-preview-") as folder:
            execution = run_sandboxed(source, arguments, self._sample.files, Path(folder), self._limits, stop=ask)
            if execution.outcome == "ok":
                events = keep_events(read_cutflow(Path(folder, artefacts.CUTFLOW)))
                return Ran(events, time.monotonic() - began)
        return None if stopped else Ran(None, execution.seconds, _word_failure(execution, self._sample))


def _word_failure(execution: Execution, sample: Sample) -> str:
    from codegen.confinement import DATA

    what = OUTCOMES.get(execution.outcome, execution.outcome)
    last = next((t.strip() for t in reversed(execution.stderr.splitlines()) if t.strip()), "no message")
    if execution.outcome == "timeout":
        last = f"{execution.limits.wall_seconds:g} s are not enough"
    for i, path in enumerate(sample.files):
        last = last.replace(str(DATA / str(i) / path.name), path.name)
    return f"the preview {what}: {last[:300]}"


def _look_at(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), state.st_size, state.st_mtime_ns
