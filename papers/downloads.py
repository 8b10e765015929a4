"""Getting files over HTTP that may break off: resumed where they stopped, checked before they count.

A partial file lies under its own name (`.part`) and goes on at the next attempt, in this process or a later one. Where
no checksum is known beforehand, the server's validator (ETag or Last-Modified) is kept beside it (`.part.tag`), so that
two versions of a file are never glued together (RFC 9110, sections 13.1.5 and 14).
"""

import email.utils
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import NamedTuple

import httpx
import tenacity

from papers.locks import is_at

ATTEMPTS = 4  # for each address
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
AGAIN = (408, 425, 429, 500, 502, 503, 504)  # answers after which asking again makes sense
LONGEST_PAUSE = 120.0  # seconds that a server may ask us to wait; with more the person decides
LONGEST_ATTEMPT = 1800.0  # seconds of one answer: a server that drips must not hold a batch for ever
TAIL = 2048  # bytes at the end of a file in which its end mark must stand

Progress = Callable[[str, int, int], None]  # name of the file, bytes here, bytes in all (0: unknown)
Sleep = Callable[[float], None]


class Interrupted(Exception):
    """A request that may succeed at the next attempt. The message says what happened."""

    def __init__(self, reason: str, pause: float | None = None, status: int | None = None) -> None:
        super().__init__(reason)
        self.pause = pause  # seconds the server asks for
        self.status = status


class NoConnection(Interrupted):
    """The host cannot be reached; most often there is no network, and patience does not help."""


class Refused(Exception):
    """An address that does not give the file, however often it is asked."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Wanted(NamedTuple):
    """What is to arrive, as far as it is known beforehand."""

    name: str  # for the person
    largest: int  # bytes at which to stop
    size: int | None = None
    sha256: str | None = None
    head: bytes = b""  # the file starts with this
    tail: bytes = b""  # and this stands near its end


def open_client(*, agent: str = "paperfilter") -> httpx.Client:
    """A client that follows a few redirects and says who it is."""
    return httpx.Client(follow_redirects=True, max_redirects=5, timeout=TIMEOUT, headers={"User-Agent": agent})


def make_retrying(*, longest_wait: float = 8.0, sleep: Sleep = time.sleep) -> tenacity.Retrying:
    """Attempts of a request that raises Interrupted: as far apart as the server asks, else exponentially, jittered."""
    backing_off = tenacity.wait_random_exponential(multiplier=longest_wait / 8, max=longest_wait)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.pause if isinstance(error, Interrupted) else None
        return backing_off(state) if asked is None else asked

    return tenacity.Retrying(
        stop=_is_enough, wait=wait, retry=tenacity.retry_if_exception_type(Interrupted), sleep=sleep, reraise=True
    )


def _is_enough(state: tenacity.RetryCallState) -> bool:
    """Whether to stop asking an address."""
    offline = state.outcome is not None and isinstance(state.outcome.exception(), NoConnection)
    return state.attempt_number >= (2 if offline else ATTEMPTS)


@contextmanager
def explain_transport() -> Iterator[None]:
    """Turn what httpx raises into Interrupted, NoConnection or Refused."""
    try:
        yield
    except httpx.ConnectError as error:
        certificate = "certificate" in str(error).lower()
        raise NoConnection("its certificate is not accepted" if certificate else "no connection") from error
    except httpx.TimeoutException as error:
        raise Interrupted("no answer in time") from error
    except httpx.UnsupportedProtocol as error:
        raise Refused("its address is none of the web") from error
    except httpx.TransportError as error:
        raise Interrupted("the connection broke") from error
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise Refused("its answer leads nowhere") from error


def check_answer(answer: httpx.Response, *, asked: str, ok: tuple[int, ...] = (200,)) -> None:
    """Raise Interrupted for an answer after which asking again makes sense, Refused for other failures."""
    status = f"{answer.status_code} {answer.reason_phrase}".strip()
    if answer.status_code in AGAIN:
        pause = read_pause(answer.headers.get("Retry-After"))
        if pause is not None and pause > LONGEST_PAUSE:
            raise Refused(f"it answers {status} and wants to be left alone for {pause:.0f} s", answer.status_code)
        raise Interrupted(f"it answers {status}", pause, answer.status_code)
    if answer.status_code not in ok:
        raise Refused(f"it answers {status}", answer.status_code)
    if asked.startswith("https:") and answer.url.scheme != "https":
        raise Refused("it leads to an address without encryption")


def check_time(began: float) -> None:
    """Raise Interrupted when an answer that began then (time.monotonic) takes too long."""
    if time.monotonic() - began > LONGEST_ATTEMPT:
        raise Interrupted("it sends too slowly")


def read_pause(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3: seconds or a date); None without a usable one."""
    if not header:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    return None


@contextmanager
def open_partial(path: Path, *, wait: bool = False) -> Iterator[BufferedRandom]:
    """The partial file, for this process alone. An empty one is not left behind.

    Another process that writes it is waited for, or, without `wait`, BlockingIOError is raised.
    """
    while True:
        with path.open("a+b") as partial:
            fcntl.flock(partial, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not is_at(partial.fileno(), path):  # whoever held it has moved or removed it
                continue
            try:
                yield partial
            finally:
                if is_at(partial.fileno(), path) and os.fstat(partial.fileno()).st_size == 0:
                    path.unlink(missing_ok=True)
                    forget_tag(path)
            return


def fetch_rest(
    client: httpx.Client, address: str, partial: BufferedRandom, wanted: Wanted, progress: Progress | None = None
) -> None:
    """Fetch what `partial` lacks and check it. Raises Interrupted or Refused; a wrong content is thrown away."""
    here = partial.seek(0, os.SEEK_END)
    tag = _read_tag(partial)
    if (wanted.size is not None and here > wanted.size) or (wanted.sha256 is None and tag is None):
        here = _empty(partial)
    announced = wanted.size
    if wanted.size is None or here < wanted.size:
        try:
            with explain_transport():
                announced = _receive(client, address, partial, wanted, progress or _ignore, here, tag)
        finally:
            partial.flush()
    if announced is not None and partial.tell() < announced:
        raise Interrupted("the connection broke")
    _check(partial, wanted)


def _receive(
    client: httpx.Client,
    address: str,
    partial: BufferedRandom,
    wanted: Wanted,
    progress: Progress,
    here: int,
    tag: str | None,
) -> int | None:
    """Append the answer to `partial`, from the start if the server does not resume; the whole size, if it says so."""
    headers = {"Accept-Encoding": "identity"}
    if here:
        headers["Range"] = f"bytes={here}-"
        if wanted.sha256 is None and tag is not None:
            headers["If-Range"] = tag
    began = time.monotonic()
    with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            _empty(partial)
            raise Interrupted("it refuses to resume")
        where = answer.headers.get("Content-Range", "")
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        same = wanted.sha256 is not None or _read_validator(answer) in ("", tag)
        if resumed and not (same and where.startswith(f"bytes {here}-")):
            _empty(partial)
            raise Interrupted("it resumes something else")
        check_answer(answer, asked=address, ok=(200, 206) if resumed else (200,))
        if not resumed:
            here = _empty(partial)
            if wanted.sha256 is None:
                _keep_tag(partial, answer)
        announced = wanted.size or _read_size(answer, where if resumed else "")
        if announced is not None and announced > wanted.largest:
            raise Refused(f"what it sends is larger than {wanted.largest // 1_000_000} MB")
        progress(wanted.name, here, announced or 0)
        for chunk in answer.iter_raw():  # as it comes: what is here is kept when the connection breaks
            if here == 0 and not chunk.startswith(wanted.head[: len(chunk)]):
                _empty(partial)
                raise Interrupted(_say_what_it_is(answer))
            here += len(chunk)
            if here > (wanted.size or wanted.largest):
                _empty(partial)
                limit = "the published file" if wanted.size else f"{wanted.largest // 1_000_000} MB"
                raise Refused(f"what it sends is larger than {limit}")
            partial.write(chunk)
            progress(wanted.name, here, announced or 0)
            check_time(began)
    return announced


def _check(partial: BufferedRandom, wanted: Wanted) -> None:
    """Whether all of it is what was wanted; otherwise it is thrown away."""
    partial.seek(0)
    if wanted.sha256 is not None and hashlib.file_digest(partial, "sha256").hexdigest() != wanted.sha256:
        _empty(partial)
        raise Interrupted("what it sends is not the published file (checksum differs)")
    partial.seek(0)
    head = partial.read(len(wanted.head))
    size = partial.seek(0, os.SEEK_END)
    partial.seek(max(0, size - TAIL))
    if head != wanted.head or wanted.tail not in partial.read():
        _empty(partial)
        raise Interrupted("what it sends is not a whole file")
    partial.seek(0, os.SEEK_END)


def _say_what_it_is(answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    return (
        "it sends a web page instead of the file" if "html" in kind else "it sends something else instead of the file"
    )


def _read_size(answer: httpx.Response, content_range: str) -> int | None:
    """The size of the whole file, from Content-Range or Content-Length."""
    text = content_range.rpartition("/")[2] if content_range else answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def forget_tag(path: Path) -> None:
    """Remove what is kept beside the partial file `path`; call it when the file has moved to its place."""
    _tag(path).unlink(missing_ok=True)


def _tag(path: Path) -> Path:
    return path.with_name(f"{path.name}.tag")


def _read_tag(partial: BufferedRandom) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        text = _tag(Path(partial.name)).read_text("ascii")
        return text if text and text.isprintable() else None
    return None


def _keep_tag(partial: BufferedRandom, answer: httpx.Response) -> None:
    """Keep the strong validator of the answer, or none: then a broken download starts over."""
    text, path = _read_validator(answer), _tag(Path(partial.name))
    if text and text.isascii():
        path.write_text(text, "ascii")
    else:
        path.unlink(missing_ok=True)


def _read_validator(answer: httpx.Response) -> str:
    """The strong ETag of an answer, else its Last-Modified, else nothing."""
    etag = str(answer.headers.get("ETag", ""))
    return etag if etag.startswith('"') else str(answer.headers.get("Last-Modified", ""))


def _empty(partial: BufferedRandom) -> int:
    partial.seek(0)
    return partial.truncate(0)


def _ignore(name: str, here: int, size: int) -> None:
    """No progress wanted."""
