"""The review server as a person starts it: `paperfilter review` in a process of its own."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.pipeline.calling import call, clean_environment, command

START = 120.0  # seconds; a machine may be busy


class Server(NamedTuple):
    """A server that runs."""

    entrance: str
    """The address with the token that works once."""
    process: subprocess.Popen[str]

    @property
    def home(self) -> str:
        """The address without path."""
        return self.entrance.split("/enter")[0]


@contextmanager
def start_review(run: Path, *options: object, **environment: str) -> Iterator[Server]:
    """`paperfilter review RUN`, stopped with Ctrl-C afterwards."""
    process = subprocess.Popen(
        command("review", run, "--no-browser", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env=clean_environment() | {"PYTHONUNBUFFERED": "1"} | environment,
        cwd=run,
    )
    try:
        yield Server(_read_address(process), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def extract(paper: Path, runs: Path, *options: object) -> Path:
    """The run folder of a fresh extraction."""
    called = call("extract", paper, "--runs-dir", runs, "--json", *options)
    assert called.code == 0, called.err
    (run,) = runs.glob("*/*/manifest.json")
    return run.parent


def _read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    descriptor, said, end = process.stdout.fileno(), "", time.monotonic() + START
    while time.monotonic() < end and select.select([descriptor], [], [], end - time.monotonic())[0]:
        piece = os.read(descriptor, 4096).decode()
        said += piece
        found = re.search(r"(http://\S+/enter\?token=[\w.~-]+)\s", said)
        if found:
            return found[1]
        if not piece:
            break
    process.kill()
    raise AssertionError(f"no address of the review page; the server said: {said}")
