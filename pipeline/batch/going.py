"""A batch under way: at most N papers at once, gently interrupted by Ctrl-C, at once by the second."""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from pipeline.batch.breaker import Breaker
from pipeline.batch.child import LONGEST_LINE, Child, Outcome, start_child
from pipeline.batch.folder import BatchFolder
from pipeline.batch.orders import Order
from pipeline.batch.paper import do_paper
from pipeline.batch.plan import Job
from pipeline.batch.records import PaperStatus
from pipeline.clock import note_time
from pipeline.terminal import strip_controls
from schemas.errors import EXIT_INTERRUPTED, ModelError, PaperfilterError


class Watcher(Protocol):
    """Who shows a batch to a person."""

    def begin(self, key: str, name: str) -> None:
        """A paper has been started."""
        ...

    def end(self, status: PaperStatus) -> None:
        """A paper has ended."""
        ...

    def note(self, text: str) -> None:
        """Something a person should know."""
        ...


def do_batch(jobs: tuple[Job, ...], order: Order, batch: BatchFolder, watcher: Watcher) -> bool:
    """Do the papers that are to be done; True when it was interrupted. Their status files are up to date at any time.

    Raises RunFolderError when a status cannot be written; nothing is left running then either.
    """
    for job in jobs:
        if job.action == "leave":
            batch.save_status(job.status)
    return asyncio.run(_Batch(jobs, order, batch, watcher).go())


class _Batch:
    def __init__(self, jobs: tuple[Job, ...], order: Order, batch: BatchFolder, watcher: Watcher) -> None:
        self._queue = deque(job for job in jobs if job.action != "leave")
        self._order = order
        self._batch = batch
        self._watcher = watcher
        self._children: set[Child] = set()
        self._stop = asyncio.Event()
        self._signals = 0
        self._breaker = Breaker(order.server_wait, self._stop, watcher.note)
        self._lost: list[Job] = []  # papers that had no model server
        self._again: list[Job] = []  # of these, those after which the server has answered another one
        self._retried: set[str] = set()  # keys of papers that have had their second chance

    async def go(self) -> bool:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt)
        workers = [asyncio.create_task(self._work()) for _ in range(self._order.jobs)]
        try:
            await asyncio.gather(*workers)
        finally:
            self._stop.set()
            for child in self._children:
                child.kill()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return self._signals > 0

    def _interrupt(self) -> None:
        self._signals += 1
        self._stop.set()
        if self._signals == 1:
            self._watcher.note("interrupted: waiting for the papers under way to stop; once more ends them at once")
        for child in self._children:
            if self._signals == 1:
                child.interrupt()
            else:
                child.kill()

    async def _work(self) -> None:
        while (job := await self._take()) is not None:
            probe = await self._breaker.enter()
            if self._stop.is_set():
                return
            status = await self._do(job)
            self._breaker.note(status, probe=probe)
            if self._breaker.has_recovered:
                self._breaker.has_recovered = False
                self._again += self._lost
                self._lost.clear()
            if status.exit_code == ModelError.exit_code and job.entry.key not in self._retried:
                again = job.status.model_copy(update={"attempts": status.attempts, "usage": status.usage})
                self._lost.append(job._replace(status=again))

    async def _take(self) -> Job | None:
        """The next paper. Those that a model server failed come last, once more, if it answered others since."""
        if self._stop.is_set():
            return None
        if not self._queue:
            self._retried.update(job.entry.key for job in self._again)
            self._queue.extend(self._again)
            self._again.clear()
        return self._queue.popleft() if self._queue else None

    async def _do(self, job: Job) -> PaperStatus:
        started = job.status.model_copy(
            update={
                "state": "running",
                "attempts": job.status.attempts + 1,
                "started": note_time(),
                "run": str(job.run) if job.run else None,
            }
        )
        self._batch.save_status(started)
        self._watcher.begin(job.entry.key, job.entry.given)
        deadline = time.monotonic() + self._order.limits.seconds
        status = await self._try(job._replace(status=started), deadline)
        self._batch.save_status(status)
        self._watcher.end(status)
        return status

    async def _try(self, job: Job, deadline: float) -> PaperStatus:
        """Where the paper stands after its commands. Whatever goes wrong with one paper is that paper's failure."""
        try:
            return await do_paper(job, self._order, self._batch, lambda *call: self._call(*call, deadline=deadline))
        except Exception as error:
            code = error.exit_code if isinstance(error, PaperfilterError) else PaperfilterError.exit_code
            line = strip_controls(f"{type(error).__name__}: {error}").replace("\n", " ")[:LONGEST_LINE]
            return job.status.model_copy(
                update={"state": "failed", "exit_code": code, "problem": line, "finished": note_time()}
            )

    async def _call(self, command: list[str], environment: Mapping[str, str], *, deadline: float) -> Outcome:
        """Run a command; what was interrupted says so, however it ended."""
        limits = self._order.limits._replace(seconds=max(0.1, deadline - time.monotonic()))
        if self._stop.is_set():
            return Outcome(EXIT_INTERRUPTED, {}, None, "interrupted", "", 0.0)
        child = await start_child(command, limits, environment, self._batch.children_lock)
        self._children.add(child)
        try:
            outcome = await child.wait()
        finally:
            self._children.discard(child)
        if self._stop.is_set() and outcome.code != 0:
            return outcome._replace(code=EXIT_INTERRUPTED)
        return outcome
