"""Work that is done when nobody has asked for it for a moment."""

import threading
import time
from collections.abc import Callable


class Later:
    """Does `work` in a thread of its own, `quiet` seconds after it was last wanted, `latest` after it first was."""

    def __init__(self, work: Callable[[], None], quiet: float, latest: float) -> None:
        self._work = work
        self._quiet, self._latest = quiet, latest
        self._mutex = threading.Lock()
        self._timer: threading.Timer | None = None
        self._since: float | None = None

    def want(self) -> None:
        """Have it done soon."""
        with self._mutex:
            now = time.monotonic()
            if self._since is None:
                self._since = now
            if self._timer is not None:
                if now - self._since > self._latest:
                    return
                self._timer.cancel()
            self._timer = threading.Timer(self._quiet, self._run)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Leave it, unless it has begun."""
        with self._mutex:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._since = None

    def _run(self) -> None:
        with self._mutex:
            self._timer = self._since = None
        self._work()
