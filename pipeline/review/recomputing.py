"""The cutflow of criteria under review, made anew in the background after every edit.

A preview: it touches no artefact of the run, and is gone with the program that shows it. Code runs in the sandbox.
"""

import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.manifest import Request
from pipeline.review.cutflow_changes import CutflowEvents, RegionChange, compare_cutflows, keep_events, name_parts
from pipeline.review.effects import CodeChange, show_code
from pipeline.review.preview_programs import Program, Programs
from pipeline.review.samples import MOST_EVENTS, Sample, Wished, choose_sample, fit_profile, limit_program, wish_sample
from pipeline.running import OUTCOMES
from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.errors import PaperfilterError
from schemas.execution import Execution, Limits
from schemas.model import Model

SECONDS = 60  # that a program may take
PATIENCE = 3.0  # seconds that a program goes on which nobody waits for any more: it may be wanted again
KEPT = 16  # cutflows with their events
LOOKED_BACK = 200  # revisions that are searched for the last one that selected otherwise
NICE = 5  # the page comes first

Recall = Callable[[int], SelectionCriteria]  # the criteria as a revision left them


class Since(Model):
    """What became of the cutflow since an earlier revision."""

    revision: int
    regions: tuple[RegionChange, ...]

    @property
    def same(self) -> bool:
        """Whether every step is there still and has the events that it had."""
        return all(region.kind == "same" for region in self.regions)


class Effect(Model):
    """What is known now. `number` grows with every change of any of it.

    `regions` is the cutflow at `revision`, each step compared with the last revision that selected otherwise where
    there is one (`since` says which), else with nothing: then all is "new". `original` compares it with revision 0.
    While more is computed, `running` is true and `wanted` the newest revision; what is compared may still be missing
    then. `problem` is why there is no cutflow, in one line; `told` says what the preview takes for granted and leaves
    out.
    """

    number: int
    revision: int | None = None
    wanted: int | None = None
    running: bool = False
    regions: tuple[RegionChange, ...] = ()
    since: int | None = None
    original: Since | None = None
    n_events: int = 0
    seconds: float = 0.0
    told: tuple[str, ...] = ()
    problem: str | None = None


class _Ran(NamedTuple):
    """What a program found, or why it found nothing."""

    events: CutflowEvents | None
    seconds: float
    problem: str | None = None


class _Wanted(NamedTuple):
    revision: int
    criteria: SelectionCriteria


class _Found(NamedTuple):
    """What is shown of a revision, as the fields of Effect."""

    revision: int
    regions: tuple[RegionChange, ...] = ()
    since: int | None = None
    original: Since | None = None
    n_events: int = 0
    seconds: float = 0.0
    told: tuple[str, ...] = ()
    problem: str | None = None


class _Superseded(Exception):
    """Something newer is wanted, or nothing any more."""


class Recomputer:
    """Effects of edits for one run: the generated code at once, the cutflow from a thread of its own.

    `recall` gives the criteria as an earlier revision left them; it is called from that thread. Nothing here raises
    for criteria, data or code that are wrong: these are problems that are told.
    """

    def __init__(
        self, wished: Wished, recall: Recall, *, most_events: int = MOST_EVENTS, seconds: float = SECONDS,
        backend: Backend = "numpy",
    ) -> None:  # fmt: skip
        self._wished = wished
        self._recall = recall
        self._most = most_events
        self._limits = Limits(wall_seconds=seconds, cpu_seconds=max(1, round(seconds)))
        self._backend = backend
        self._programs: Programs | None = None
        self._opening = threading.Lock()
        self._changed = threading.Condition()
        self._wanted: _Wanted | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._latest = Effect(number=0, problem=None if wished.files else _word_no_data(wished))
        self._sample: Sample | None = None
        self._data: tuple[object, ...] = ()
        self._ran: OrderedDict[str, _Ran] = OrderedDict()  # by digest of the program
        self._digests: dict[int, str | None] = {}  # of the programs of revisions; None: it has none

    @property
    def latest(self) -> Effect:
        """What is known now."""
        with self._changed:
            return self._latest

    def show_code(self, before: SelectionCriteria, after: SelectionCriteria) -> CodeChange:
        """What an edit does to the generated code."""
        try:
            return show_code(before, after, self._open_programs(), self._backend)
        except PaperfilterError as error:  # a data format that is wrong, files that are not of it
            return CodeChange(problem=str(error))

    def submit(self, revision: int, criteria: SelectionCriteria) -> None:
        """Criteria changed: their cutflow is wanted. Comes back at once; what was wanted before is not any more."""
        if not self._wished.files:
            return
        with self._changed:
            if self._closed:
                return
            self._wanted = _Wanted(revision, criteria)
            self._publish(wanted=revision, running=True)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recomputing", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> Effect:
        """What is known when nothing is computed any more, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._latest.running, seconds)
            return self._latest

    def close(self) -> None:
        """End what is running, and everything it started."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(10.0)

    def __enter__(self) -> "Recomputer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _publish(self, **what: object) -> None:
        with self._changed:
            self._latest = self._latest.model_copy(update={**what, "number": self._latest.number + 1})
            self._changed.notify_all()

    def _work(self) -> None:
        with suppress(OSError, AttributeError):  # of this thread and what it starts
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted is not None)
                doing, self._wanted = self._wanted, None
                if self._closed or doing is None:
                    self._publish(running=False)
                    return
            try:
                for found in self._find_effects(doing):
                    self._show(found)
            except _Superseded:
                continue
            except PaperfilterError as error:
                self._show(_Found(doing.revision, problem=str(error)))
            except Exception as error:  # the page goes on without a preview
                problem = f"the preview failed: {type(error).__name__}: {error}".splitlines()[0]
                self._show(_Found(doing.revision, problem=problem))
            with self._changed:
                self._publish(running=self._wanted is not None)

    def _show(self, found: _Found) -> None:
        self._publish(**found._asdict())

    def _find_effects(self, doing: _Wanted) -> Iterator[_Found]:
        """The cutflow of these criteria, and what became of it, as soon as each is known.

        Raises PaperfilterError and _Superseded.
        """
        self._forget_other_data()
        program = self._open_programs().compile(doing.criteria)
        self._digests[doing.revision] = program.digest if program.problem is None else None
        told = program.told
        if program.problem is not None:
            yield _Found(doing.revision, told=told, problem=program.problem)
            return
        ran = self._run(program)
        if self._sample is not None and self._sample.told:
            told = (self._sample.told, *told)
        if ran.events is None:
            yield _Found(doing.revision, told=told, problem=ran.problem)
            return
        found = _Found(doing.revision, told=told, n_events=ran.events.n_events, seconds=ran.seconds)
        since = self._find_earlier(doing.revision, program.digest)
        compared = {0, doing.revision if since is None else since}
        if not all((self._digests.get(revision) or "") in self._ran for revision in compared):
            yield found._replace(
                regions=name_parts(compare_cutflows(None, ran.events), doing.criteria)
            )  # the rest takes as long again
        earlier = self._recall_events(since) if since is not None else None
        first = self._recall_events(0) if doing.revision else None
        yield found._replace(
            regions=name_parts(compare_cutflows(earlier, ran.events), doing.criteria),
            since=since if earlier is not None else None,
            original=None
            if first is None
            else Since(revision=0, regions=name_parts(compare_cutflows(first, ran.events), doing.criteria)),
        )

    def _find_earlier(self, revision: int, digest: str) -> int | None:
        """The last revision before this one that selected otherwise and has a program; None where there is none."""
        for earlier in range(revision - 1, max(-1, revision - 1 - LOOKED_BACK), -1):
            if earlier not in self._digests:
                self._check_wanted()
                program = self._recall_program(earlier)
                self._digests[earlier] = program.digest if program.problem is None else None
            if self._digests[earlier] not in (digest, None):
                return earlier
        return None

    def _recall_events(self, revision: int) -> CutflowEvents | None:
        """The events of an earlier revision; None where its program does not run to its end."""
        known = self._ran.get(self._digests.get(revision) or "")
        return (known or self._run(self._recall_program(revision))).events

    def _recall_program(self, revision: int) -> Program:
        try:
            return self._open_programs().compile(self._recall(revision))
        except PaperfilterError as error:  # what is gone cannot be compared with, and that is all
            return Program("", "", "", problem=str(error))

    def _run(self, program: Program) -> _Ran:
        """What a program finds in the sample; known programs are not run again. Raises DataError, SandboxUnavailable,
        RunFolderError and _Superseded."""
        if program.problem is not None:
            return _Ran(None, 0.0, program.problem)
        if program.digest not in self._ran:
            self._check_wanted()
            self._ran[program.digest] = self._execute(program)
            if len(self._ran) > KEPT:
                self._ran.popitem(last=False)
        self._ran.move_to_end(program.digest)
        return self._ran[program.digest]

    def _execute(self, program: Program) -> _Ran:
        from codegen.outputs import read_cutflow
        from codegen.sandbox import run_sandboxed
        from pipeline import artefacts

        if self._sample is None:
            self._sample = choose_sample(self._wished.files, self._open_programs().profile, self._most)
        source, arguments = limit_program(program.source, self._sample)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"paperfilter-sandbox-{os.getpid()}-preview-") as folder:
            execution = run_sandboxed(
                source, arguments, self._sample.files, Path(folder), self._limits,
                stop=lambda: self._is_superseded(program, time.monotonic() - began),
            )  # fmt: skip
            if execution.outcome == "killed":
                self._check_wanted()  # by ourselves
            if execution.outcome != "ok":
                return _Ran(None, execution.seconds, self._word_failure(execution))
            events = keep_events(read_cutflow(Path(folder, artefacts.CUTFLOW)))
        return _Ran(events, time.monotonic() - began)

    def _word_failure(self, execution: Execution) -> str:
        from codegen.confinement import DATA

        what = OUTCOMES.get(execution.outcome, execution.outcome)
        last = next((t.strip() for t in reversed(execution.stderr.splitlines()) if t.strip()), "no message")
        if execution.outcome == "timeout":
            last = f"{self._limits.wall_seconds:g} s are not enough"
        for i, path in enumerate(self._sample.files if self._sample is not None else ()):
            last = last.replace(str(DATA / str(i) / path.name), path.name)
        return f"the preview {what}: {last[:300]}"

    def _is_superseded(self, program: Program, seconds: float) -> bool:
        """Whether a program that has run for so long is not worth waiting for."""
        with self._changed:
            wanted, closed = self._wanted, self._closed
        if closed or wanted is None or seconds < PATIENCE:
            return closed
        # the same program is wanted for what was said meanwhile of something else
        return self._open_programs().compile(wanted.criteria).digest != program.digest

    def _check_wanted(self) -> None:
        with self._changed:
            if self._closed or self._wanted is not None:
                raise _Superseded

    def _forget_other_data(self) -> None:
        """What was found in files that changed since is of no use."""
        data = tuple(_look_at(path) for path in self._wished.files)
        if data != self._data:
            self._ran.clear()
            self._digests.clear()
            self._sample, self._data = None, data

    def _open_programs(self) -> Programs:
        with self._opening:
            if self._programs is None:
                self._programs = Programs(fit_profile(self._wished))
            return self._programs


def open_recomputer(request: Request | None, data: Sequence[str], profile: str | None, recall: Recall) -> Recomputer:
    """The effects of edits of a run: on the files and for the format that are named, else those of the run's request.

    Raises DataError for files that are named here and not there.
    """
    backend: Backend = request.backend if request is not None else "numpy"
    return Recomputer(wish_sample(request, data, profile), recall, backend=backend)


def _look_at(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), state.st_size, state.st_mtime_ns


def _word_no_data(wished: Wished) -> str:
    return wished.problem or "no event data: start the review with --data FILES and the cutflow is shown here"
