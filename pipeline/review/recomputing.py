"""The cutflow of criteria under review, made anew in the background after every edit.

A preview: it touches no artefact of the run, and is gone with the program that shows it. Code runs in the sandbox.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from pipeline.manifest import Request
from pipeline.review.cutflow_changes import CutflowEvents, RegionChange, compare_cutflows, name_parts
from pipeline.review.effects import CodeChange, show_code
from pipeline.review.preview_programs import Program, Programs
from pipeline.review.preview_runs import PreviewRuns, Ran
from pipeline.review.samples import MOST_EVENTS, Wished, fit_profile, wish_sample
from schemas.backend import Backend
from schemas.criteria import SelectionCriteria
from schemas.errors import PaperfilterError, SandboxUnavailable
from schemas.execution import Limits
from schemas.model import Model

SECONDS = 60  # that a program may take
PATIENCE = 3.0  # seconds that a program goes on which nobody waits for any more: it may be wanted again
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
    for criteria, data or code that are wrong: these are problems that are told. `told` is said of every effect.
    """

    def __init__(
        self, wished: Wished, recall: Recall, *, most_events: int = MOST_EVENTS, seconds: float = SECONDS,
        backend: Backend = "numpy", told: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self._wished = wished
        self._recall = recall
        limits = Limits(wall_seconds=seconds, cpu_seconds=max(1, round(seconds)))
        self._runs = PreviewRuns(wished.files, most_events, limits)
        self._backend = backend
        self._told = told
        self._programs: Programs | None = None
        self._opening = threading.Lock()
        self._changed = threading.Condition()
        self._wanted: _Wanted | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._latest = Effect(number=0, problem=None if wished.files else _word_no_data(wished))
        self._elsewhere: tuple[_Wanted, str] | None = None  # what is wanted next, and the digest of its program
        self._digests: dict[int, str | None] = {}  # of the programs of revisions; None: it has none

    @property
    def latest(self) -> Effect:
        """What is known now."""
        with self._changed:
            return self._latest

    def show_code(self, before: SelectionCriteria, after: SelectionCriteria) -> CodeChange:
        """What an edit does to the generated code."""
        try:
            change = show_code(before, after, self._open_programs(), self._backend)
            return change.model_copy(update={"told": (*self._told, *change.told)})
        except PaperfilterError as error:  # a data format that is wrong, files that are not of it
            return CodeChange(problem=str(error))
        except Exception as error:  # an edit is no worse for a compiler that fails
            return CodeChange(problem=_word_fault("the code cannot be shown", error))

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
        if sys.platform == "linux":  # elsewhere a priority is that of the whole process
            with suppress(OSError):
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
            except SandboxUnavailable as error:  # its advice is for commands that may do without one
                self._show(_Found(doing.revision, problem=str(error).rpartition("; ")[0]))
            except PaperfilterError as error:
                self._show(_Found(doing.revision, problem=str(error)))
            except Exception as error:  # the page goes on without a preview
                self._show(_Found(doing.revision, problem=_word_fault("the preview failed", error)))
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
        told = (*self._told, *program.told)
        if program.problem is not None:
            yield _Found(doing.revision, told=told, problem=program.problem)
            return
        ran = self._run(program)
        told = (self._runs.told, *told) if self._runs.told else told
        if ran.events is None:
            yield _Found(doing.revision, told=told, problem=ran.problem)
            return
        now = ran.events
        found = _Found(doing.revision, told=told, n_events=now.n_events, seconds=ran.seconds)

        def compare(before: CutflowEvents | None) -> tuple[RegionChange, ...]:
            return name_parts(compare_cutflows(before, now), doing.criteria)

        since = self._find_earlier(doing.revision, program.digest)
        compared = {0, doing.revision if since is None else since}
        if any(self._runs.recall(self._digests.get(revision)) is None for revision in compared):
            yield found._replace(regions=compare(None))  # the rest takes as long again
        earlier = self._recall_events(since) if since is not None else None
        first = self._recall_events(0) if doing.revision else None
        yield found._replace(
            regions=compare(earlier),
            since=since if earlier is not None else None,
            original=Since(revision=0, regions=compare(first)) if first is not None else None,
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
        ran = self._runs.recall(self._digests.get(revision)) or self._run(self._recall_program(revision))
        return ran.events

    def _recall_program(self, revision: int) -> Program:
        try:
            return self._open_programs().compile(self._recall(revision))
        except PaperfilterError as error:  # what is gone cannot be compared with, and that is all
            return Program("", "", "", problem=str(error))

    def _run(self, program: Program) -> Ran:
        """What a program finds in the sample. Raises DataError, SandboxUnavailable, RunFolderError and _Superseded."""
        if self._runs.recall(program.digest) is None:
            self._check_wanted()
        began = time.monotonic()
        profile = self._open_programs().profile
        ran = self._runs.run(program, profile, lambda: self._is_superseded(program, time.monotonic() - began))
        if ran is None:
            raise _Superseded
        return ran

    def _is_superseded(self, program: Program, seconds: float) -> bool:
        """Whether a program that has run for so long is not worth waiting for."""
        with self._changed:
            wanted, closed = self._wanted, self._closed
        if closed or wanted is None or seconds < PATIENCE:
            return closed
        if self._elsewhere is None or self._elsewhere[0] is not wanted:
            self._elsewhere = wanted, self._open_programs().compile(wanted.criteria).digest
        return self._elsewhere[1] != program.digest  # the same program may be wanted: an acceptance changes nothing

    def _check_wanted(self) -> None:
        with self._changed:
            if self._closed or self._wanted is not None:
                raise _Superseded

    def _forget_other_data(self) -> None:
        """Files that changed since have another cutflow, and perhaps another layout."""
        if self._runs.look_at_files():
            with self._opening:
                self._programs = None
            self._digests.clear()

    def _open_programs(self) -> Programs:
        with self._opening:
            if self._programs is None:
                self._programs = Programs(fit_profile(self._wished))
            return self._programs


def open_recomputer(
    request: Request | None, data: Sequence[str], profile: str | None, recall: Recall, most_events: int = MOST_EVENTS
) -> Recomputer:
    """The effects of edits of a run: on the files and for the format that are named, else those of the run's request.

    Raises DataError for files that are named here and not there.
    """
    backend: Backend = request.backend if request is not None else "numpy"
    by_model = request is not None and request.coding.coder != "compiler"
    told = ("previewed with the compiler; the code of this run is written by a model",) if by_model else ()
    wished = wish_sample(request, data, profile)
    return Recomputer(wished, recall, most_events=most_events, backend=backend, told=told)


def _word_no_data(wished: Wished) -> str:
    return wished.problem or "no event data: start the review with --data FILES and the cutflow is shown here"


def _word_fault(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {error}".splitlines()[0]
