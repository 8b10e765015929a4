"""Asking web services politely: at most so often, counted over all processes of a person, and again only when it helps.

arXiv asks for one request every three seconds over one connection (https://info.arxiv.org/help/api/tou.html), INSPIRE
for at most 15 requests in five seconds and 5 s of rest after a 429 (https://github.com/inspirehep/rest-api-doc).
"""

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TypeVar

import httpx

from papers.downloads import (
    Interrupted,
    NoConnection,
    Progress,
    Refused,
    Sleep,
    Wanted,
    check_answer,
    check_time,
    explain_transport,
    fetch_rest,
    forget_tag,
    make_retrying,
    open_partial,
)
from papers.locks import hold_lock
from schemas.errors import NetworkError

LARGEST_ANSWER = 64_000_000  # bytes of one document that is not a paper
NONSENSE = 3600.0  # seconds: a time further ahead than this was written by a clock that ran wrong
LOOPBACK = ("localhost", "127.0.0.1", "::1")

Clock = Callable[[], float]
T = TypeVar("T")


class Limits(NamedTuple):
    """So many requests in so many seconds; `alone`: over one connection at a time."""

    requests: int
    seconds: float
    alone: bool = False
    rest: float = 0.0  # seconds without any request after the service said that it was too much


class Pace:
    """When the next request may go out, shared by all processes through two small files in `folder`.

    Where the folder cannot be written, the pace is kept in this process alone.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        folder: Path,
        *,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._path = folder / f"{name}.json"
        self._connection = folder / f"{name}.connection"
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._memory = "{}"
        self._mutex = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may go out; while it is under way no other one is, if the service wants that."""
        with _wait_for(self._connection) if self._limits.alone else nullcontext():
            while (seconds := self._reserve()) > 0:
                self._sleep(seconds)
                if not self._must_rest():
                    break
            yield

    def pause(self, seconds: float | None) -> None:
        """No request of any process for so long, because the service said so (None: the rest it usually wants)."""
        wanted = max(seconds or 0.0, self._limits.rest)
        with self._state() as state:
            state.until = max(state.until, self._clock() + wanted)

    def _reserve(self) -> float:
        """Take the next free time; seconds until then."""
        with self._state() as state:
            now = self._clock()
            state.taken = sorted(t for t in state.taken if now - self._limits.seconds < t < now + NONSENSE)
            free = max(now, state.until if state.until < now + NONSENSE else now)
            if len(state.taken) >= self._limits.requests:
                free = max(free, state.taken[-self._limits.requests] + self._limits.seconds)
            state.taken.append(free)
            return free - now

    def _must_rest(self) -> bool:
        """Whether the service asked for a rest while we waited."""
        with self._state() as state:
            now = self._clock()
            return now < state.until < now + NONSENSE

    @contextmanager
    def _state(self) -> Iterator["_State"]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="utf-8")
        except OSError:
            with self._mutex:
                state = _State.read(self._memory)
                yield state
                self._memory = state.write()
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state = _State.read(file.read(1_000_000))
            yield state
            _overwrite(file, state.write())


class _State:
    """Times (seconds since 1970) that are taken, and the time until which nobody may ask."""

    def __init__(self, taken: list[float], until: float) -> None:
        self.taken = taken
        self.until = until

    @classmethod
    def read(cls, text: str) -> "_State":
        """From what a process left; nothing usable is an empty state."""
        try:
            data = json.loads(text)
            return cls([float(t) for t in data.get("taken", [])], float(data.get("until", 0.0)))
        except (ValueError, TypeError, AttributeError):
            return cls([], 0.0)

    def write(self) -> str:
        """One line of JSON."""
        return json.dumps({"taken": self.taken, "until": self.until})


def _overwrite(file: TextIOWrapper, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


@contextmanager
def _wait_for(path: Path) -> Iterator[None]:
    """Hold a lock; where its folder cannot be written there is nobody to wait for."""
    with ExitStack() as stack:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(hold_lock(path))
        yield


class Service:
    """A web service at `base`, asked at its pace; what fails for a reason that passes is asked again."""

    def __init__(
        self,
        name: str,
        base: str,
        client: httpx.Client,
        pace: Pace | None,
        *,
        longest_wait: float = 8.0,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.name = name
        self.base = base.rstrip("/")
        self._client = client
        self._pace = pace
        self._longest_wait = longest_wait
        self._sleep = sleep

    def get(
        self, path: str, parameters: Mapping[str, str] | None = None, *, marker: bytes = b"", accept: str = "*/*"
    ) -> bytes | None:
        """The document at `path`, or None when the service says that there is none (404, 410).

        An answer without `marker` in its first kilobyte is a page of another kind ("come back later") and asked for
        again. Raises NetworkError, one line, when nothing can be had.
        """
        try:
            return self._try_again(lambda: self._get_once(path, parameters, marker, accept))
        except Refused as error:
            if error.status in (404, 410):
                return None
            raise self._fail(error) from error
        except Interrupted as error:
            raise self._fail(error) from error

    def download(self, address: str, target: Path, wanted: Wanted, progress: Progress | None = None) -> bool:
        """Fetch `address` (absolute, or a path of the service) to `target`; False when there is no such thing (404).

        A partial file beside it is continued; another process that fetches it is waited for, and what it got is used.
        Raises NetworkError when it cannot be had, OSError when the folder cannot be written.
        """
        with open_partial(target.with_name(f"{target.name}.part"), wait=True) as partial:
            if target.exists():
                return True
            try:
                self._try_again(
                    lambda: fetch_rest(self._client, self._address(address), partial, wanted, progress),
                )
            except Refused as error:
                if error.status in (404, 410):
                    return False
                raise self._fail(error) from error
            except Interrupted as error:
                raise self._fail(error) from error
            os.fsync(partial.fileno())
            Path(partial.name).replace(target)
            forget_tag(Path(partial.name))
        return True

    def _address(self, path: str) -> str:
        return path if re.match(r"https?://", path) else f"{self.base}/{path.lstrip('/')}"

    def _get_once(self, path: str, parameters: Mapping[str, str] | None, marker: bytes, accept: str) -> bytes:
        address = self._address(path)
        body, began = bytearray(), time.monotonic()
        asking = self._client.stream("GET", address, params=parameters or None, headers={"Accept": accept})
        with explain_transport(), asking as answer:
            check_answer(answer, asked=address)
            for chunk in answer.iter_bytes():
                body += chunk
                check_time(began)
                if len(body) > LARGEST_ANSWER:
                    raise Refused(f"its answer is larger than {LARGEST_ANSWER // 1_000_000} MB")
        if marker not in body[:1024]:
            raise Interrupted("it sends a page of another kind")
        return bytes(body)

    def _try_again(self, ask: Callable[[], T]) -> T:
        """What `ask` gives, each attempt in its turn."""

        def attempt() -> T:
            with self._pace.turn() if self._pace else nullcontext():
                try:
                    return ask()
                except Interrupted as error:
                    if self._pace and (error.pause is not None or error.status == httpx.codes.TOO_MANY_REQUESTS):
                        self._pace.pause(error.pause)
                    raise

        return make_retrying(longest_wait=self._longest_wait, sleep=self._sleep)(attempt)

    def _fail(self, error: Exception) -> NetworkError:
        host = httpx.URL(self.base).host
        advice = "check the network, or use --offline" if isinstance(error, NoConnection) else "try again later"
        return NetworkError(f"{self.name} ({host}) cannot be asked: {error}; {advice}")


def choose_pace(name: str, base: str, limits: Limits, folder: Path, *, sleep: Sleep = time.sleep) -> Pace | None:
    """The pace of a service; none for a server on this machine, which is ours."""
    return None if httpx.URL(base).host in LOOPBACK else Pace(name, limits, folder, sleep=sleep)


def find_state_folder() -> Path:
    """Where paces are kept: the state folder of the XDG base directory specification."""
    home = os.environ.get("XDG_STATE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state") / "paperfilter"
