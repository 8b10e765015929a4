"""Pages of a PDF as pictures, drawn in a limited child process that is kept while pages are wanted.

A page that takes too long, too much memory, or kills the library costs the child and nothing else: it is refused from
then on, and the next page has a new child.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, NamedTuple

from papers.read import clean_environment
from schemas import errors

Placed = tuple[str, tuple[float, float, float, float]]  # a word and its box in points, from the top left


class DrawingLimits(NamedTuple):
    """What drawing one page may take."""

    memory: int = 3 * 2**29  # bytes of address space
    seconds: float = 15.0  # wall clock; processor time has the same limit
    bytes: int = 64 * 2**20  # of PNG


LIMITS = DrawingLimits()
STARTING = 30.0  # seconds until a child works, on a busy machine
AGAIN = 120.0  # seconds after which a page that was refused is tried again: the machine may have been busy


class PagePrinter:
    """Draws pages of one PDF (or, without one, of words); may be shared by threads, which take turns."""

    def __init__(self, path: Path | None, limits: DrawingLimits = LIMITS) -> None:
        """Starts nothing; the child begins with the first page, or with `start`."""
        self._path = path
        self._name = path.name if path is not None else "page of words"
        self._limits = limits
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._opened = False
        self._unusable: errors.PaperError | None = None
        self._refused: dict[int, tuple[float, errors.PaperError]] = {}

    def start(self) -> None:
        """Have the child ready when the first page is wanted."""
        with self._lock:
            self._start()

    def print_page(self, number: int, width: int) -> bytes:
        """Page `number` (from 1) as a viewer shows it: PNG, `width` pixels wide, of a very long page fewer.

        Raises PaperError: the file or the page cannot be drawn; the same page is not tried again for a while.
        """
        with self._lock:
            since, refusal = self._refused.get(number, (0.0, None))
            if refusal is not None and time.monotonic() < since + AGAIN:
                raise refusal
            try:
                return self._ask(number, {"number": number, "width": width, "size": (0, 0), "words": (), "note": ""})
            except errors.PaperError as error:
                self._refused[number] = time.monotonic(), error
                raise

    def print_words(self, size: tuple[float, float], words: Sequence[Placed], note: str, width: int) -> bytes:
        """A white page of `size` points with words in their boxes under a note, as `print_page`. Raises PaperError."""
        with self._lock:
            return self._ask(0, {"number": 0, "width": width, "size": size, "words": words, "note": note})

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, number: int, request: Mapping[str, object]) -> bytes:
        if self._unusable is not None:
            raise self._unusable
        try:
            child = self._start()
            assert child.stdin is not None
            assert child.stdout is not None
            answer = _Answer(child.stdout)
            head = {} if self._opened else json.loads(answer.read_line(STARTING + self._limits.seconds))
            self._opened = "error" not in head
            if self._opened:
                child.stdin.write(json.dumps(request).encode() + b"\n")
                child.stdin.flush()
                head = json.loads(answer.read_line(self._limits.seconds + 1))
                if 0 < head.get("length", 0) <= self._limits.bytes:
                    return answer.read(head["length"])
            said = str(head.get("message", "the picture is too large"))
        except TimeoutError as error:
            self._end()
            raise errors.PaperTooHeavy(
                f"{self._name}: drawing page {number} takes more than {self._limits.seconds:g} s"
            ) from error
        except (OSError, EOFError, ValueError, TypeError, AttributeError) as error:
            self._end()
            raise errors.PaperError(
                f"{self._name}: page {number} cannot be drawn, the PDF library died of it"
            ) from error
        if not self._opened:
            self._end()
            self._unusable = errors.PaperError(said)
            raise self._unusable
        if head.get("error") != errors.BrokenPdf.__name__:
            self._end()  # out of memory
        raise errors.PaperError(f"{self._name}: {said}")

    def _start(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._opened = False
            path = "-" if self._path is None else str(self._path.resolve())
            command = [sys.executable, "-m", "papers.page_child", path]
            command += [str(self._limits.memory), str(int(self._limits.seconds) + 1)]
            self._child = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parent.parent,
                env=clean_environment(),
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class _Answer:
    """Bytes that come from a child, each part before a time is over."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._deadline = 0.0
        self._rest = b""

    def read_line(self, seconds: float) -> bytes:
        """A line within so many seconds; what is read behind it has until then, too. Raises as `_take`, ValueError."""
        self._deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            if len(self._rest) > 10_000:
                raise ValueError("no line")
            self._rest += self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def read(self, length: int) -> bytes:
        """So many bytes. Raises as `_take`."""
        parts = [self._rest]
        missing = length - len(self._rest)
        while missing > 0:
            parts.append(self._take())
            missing -= len(parts[-1])
        self._rest = b""
        return b"".join(parts)

    def _take(self) -> bytes:
        """Some bytes. Raises TimeoutError, EOFError."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            if not selector.select(max(self._deadline - time.monotonic(), 0.0)):
                raise TimeoutError
        data = os.read(self._pipe.fileno(), 1 << 20)
        if not data:
            raise EOFError
        return data
