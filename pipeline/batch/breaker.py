"""A circuit breaker for the model server: when papers in a row have none, one at a time finds out whether it is back.

After TRIP papers in a row that ended with exit code 11 no paper is started for a while (at first `wait` seconds, twice
as long each time, at most LONGEST times that); then one is, and what becomes of it decides. Papers that ended so, be it
one alone, stay failed until the server has answered a later one: then each is tried once more, after all others.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from pipeline.batch.records import PaperStatus
from schemas.errors import ModelError

TRIP = 3
LONGEST = 10
LOOK = 0.2  # seconds


class Breaker:
    """Closed: papers pass. Open: they wait, one at a time is let through."""

    def __init__(self, wait: float, stop: asyncio.Event, tell: Callable[[str], None]) -> None:
        self._first = self._wait = wait
        self._stop = stop
        self._tell = tell
        self._failures = 0  # in a row
        self._probing = False
        self._has_failed = False  # a paper, since the server answered last
        self.has_recovered = False  # the server answered a paper after it had failed others; the owner takes it back

    async def enter(self) -> bool:
        """Wait until a paper may start; True when it is the one that finds out."""
        while self._failures >= TRIP and not self._stop.is_set():
            if self._probing:
                await self._pause(LOOK)
                continue
            self._probing = True
            self._tell(f"{self._failures} papers in a row had no model server; the next one starts in {self._wait:g} s")
            await self._pause(self._wait)
            self._wait = min(2 * self._wait, LONGEST * self._first)
            return True
        return False

    def note(self, status: PaperStatus, *, probe: bool) -> None:
        """Take in how a paper ended. Only a paper that is done with the server says that it answers."""
        if probe:
            self._probing = False
        if status.exit_code == ModelError.exit_code:
            self._failures += 1
            self._has_failed = True
        elif status.state in ("done", "questions"):
            if self._has_failed and status.usage is not None and status.usage.asked > 0:
                self._has_failed = False
                self.has_recovered = True
                self._tell("the model server answers again; papers that it failed come once more at the end")
            self._failures, self._wait = 0, self._first

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
