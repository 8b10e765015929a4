"""One command of one paper as a process of its own, below a keeper that ends it when this process ends."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from pipeline.batch import keeper
from pipeline.cli import PROGRAM
from pipeline.terminal import strip_controls
from schemas.errors import EXIT_INTERRUPTED, PaperfilterError, PaperTooHeavy

LONGEST_OUTPUT = 256 * 2**20  # bytes of a command's JSON that are read
LONGEST_LINE = 400
LOG = 64 * 1024  # bytes of what a command said that are kept


class Limits(NamedTuple):
    """What one command may take."""

    seconds: float  # wall clock
    memory: int  # bytes of all of its processes together


class Outcome(NamedTuple):
    """How a command ended. `result` is its JSON document, `problem` one line where it failed."""

    code: int
    result: Mapping[str, object]
    kind: str | None  # class of the error
    problem: str | None
    log: str
    seconds: float


class Child:
    """A running command. Interrupted gently by `interrupt`, ended with all it started by `kill`."""

    def __init__(self, limits: Limits, control: int, process: Process, out: IO[bytes], err: IO[bytes]) -> None:
        self._limits = limits
        self._control = control  # the other end of the keeper's pipe
        self._process = process
        self._out = out
        self._err = err
        self._began = time.monotonic()

    def interrupt(self) -> None:
        """Ask the command to end."""
        if self._control >= 0:
            with suppress(BrokenPipeError):  # it has ended
                os.write(self._control, keeper.INTERRUPT)

    def kill(self) -> None:
        """End the command and everything it started."""
        if self._control >= 0:
            os.close(self._control)
            self._control = -1

    async def wait(self) -> Outcome:
        """How it ended."""
        try:
            return self._describe(await self._process.wait())
        finally:
            self.kill()
            self._out.close()
            self._err.close()

    def _describe(self, code: int) -> Outcome:
        self._err.seek(0, os.SEEK_END)
        self._err.seek(max(0, self._err.tell() - LOG))
        log = strip_controls(self._err.read().decode(errors="replace"))
        self._out.seek(0)
        result = _read_object(self._out.read(LONGEST_OUTPUT))
        error = result.get("error")
        kind = problem = None
        if isinstance(error, dict):
            kind, problem = str(error.get("kind")), str(error.get("message"))
        if code != 0 and problem is None and not result:
            code, kind, problem = self._explain(code, log)
        line = strip_controls(problem).replace("\n", " ")[:LONGEST_LINE] if problem else None
        return Outcome(code, result, kind, line, log, round(time.monotonic() - self._began, 2))

    def _explain(self, code: int, log: str) -> tuple[int, str | None, str]:
        """Code, kind and line of a command that ended without a document."""
        if code == keeper.TIMED_OUT:
            return PaperTooHeavy.exit_code, "TimeLimit", "took longer than --time-limit allows"
        if code == keeper.OUT_OF_MEMORY:
            had = f"{self._limits.memory / 2**30:.2g} GiB"
            return PaperTooHeavy.exit_code, "MemoryLimit", f"its processes needed more than {had} (--memory-limit)"
        lines = [line.strip() for line in log.splitlines() if line.strip()]
        said = [line.removeprefix(f"{PROGRAM}: ") for line in lines if line.startswith(f"{PROGRAM}: ")]
        if said or code == EXIT_INTERRUPTED:
            return code, None, said[-1] if said else "interrupted"
        last = lines[-1] if lines else "no message"
        if code > 128:
            return PaperfilterError.exit_code, "Crash", f"killed by {_name_signal(code - 128)}; last: {last}"
        if code < 0:
            return PaperfilterError.exit_code, "Crash", f"its keeper was killed by {_name_signal(-code)}"
        return code, None, last


async def start_child(command: Sequence[str], limits: Limits, environment: Mapping[str, str], lock: int) -> Child:
    """Start a command with its keeper. `lock` is a descriptor that both hold as long as they live."""
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - as long as the child
    reading, writing = os.pipe()
    options = [str(reading), f"{limits.seconds:.3f}", str(limits.memory)]
    script = str(Path(keeper.__file__).resolve())
    try:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-I", "-S", script, *options, *command],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **environment},
            pass_fds=(reading, lock),
            start_new_session=True,  # Ctrl-C is for the batch, which interrupts its children itself
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return Child(limits, writing, process, out, err)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _read_object(content: bytes) -> Mapping[str, object]:
    """The JSON object that was printed, empty when it is none or only half there."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
