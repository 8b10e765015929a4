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
from collections.abc import Sequence
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


class PagePrinter:
    """Draws pages of one PDF (or, without one, of words); may be shared by threads, which take turns."""

    def __init__(self, path: Path | None, limits: DrawingLimits = LIMITS) -> None:
        """Starts nothing; the child begins with the first page."""
        self._path = path
        self._limits = limits
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._refused: dict[int, errors.PaperError] = {}

    def print_page(self, number: int, width: int) -> bytes:
        """Page `number` (from 1) as a viewer shows it: PNG, `width` pixels wide, of a very long page fewer.

        Raises PaperError: the file or the page cannot be drawn; the same page is not tried again.
        """
        with self._lock:
            if number in self._refused:
                raise self._refused[number]
            try:
                return self._ask(number, width, (0.0, 0.0), ())
            except errors.PaperError as error:
                self._refused[number] = error
                raise

    def print_words(self, size: tuple[float, float], words: Sequence[Placed], width: int) -> bytes:
        """A white page of `size` points with words in their boxes, as `print_page`. Raises PaperError."""
        with self._lock:
            return self._ask(0, width, size, words)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, number: int, width: int, size: tuple[float, float], words: Sequence[Placed]) -> bytes:
        name = self._path.name if self._path is not None else "page of words"
        child = self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        request = json.dumps({"number": number, "width": width, "size": size, "words": words}) + "\n"
        try:
            with suppress(BrokenPipeError):  # it may have said why before it ended
                child.stdin.write(request.encode())
                child.stdin.flush()
            answer = _Answer(child.stdout, time.monotonic() + self._limits.seconds + 1)
            head = json.loads(answer.read_line())
            if "error" not in head and 0 < head["length"] <= self._limits.bytes:
                return answer.read(head["length"])
        except TimeoutError as error:
            self._end()
            raise errors.PaperTooHeavy(
                f"{name}: drawing page {number} takes more than {self._limits.seconds:g} s"
            ) from error
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            self._end()
            raise errors.PaperError(f"{name}: page {number} cannot be drawn, the PDF library died of it") from error
        if "error" in head and head["error"] == errors.BrokenPdf.__name__ and "page" in str(head["message"])[:5]:
            raise errors.BrokenPdf(f"{name}: {head['message']}")
        self._end()
        raise errors.PaperError(f"{name}: page {number} cannot be drawn: {head.get('message', 'too large a picture')}")

    def _start(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._end()
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
    """Bytes that come from a child before a time is over."""

    def __init__(self, pipe: IO[bytes], deadline: float) -> None:
        self._pipe = pipe
        self._deadline = deadline
        self._rest = b""

    def read_line(self) -> bytes:
        while b"\n" not in self._rest:
            if len(self._rest) > 10_000:
                raise ValueError("no line")
            self._rest += self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def read(self, length: int) -> bytes:
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
