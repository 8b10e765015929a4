"""A real vLLM with a model of random weights: made, served and ended here. `make test-vllm` says where vLLM is.

Nothing here skips: whoever asks for these tests wants to know that they ran.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.notes.typeset import typeset_notes
from pipeline.serving import PYTHON_VARIABLE, wait_until_ready
from tests.pipeline.calling import ROOT, Called, call, clean_environment, command

START = 600.0  # seconds for a server on a slow machine
AT_ONCE = ("--max-num-seqs", "16")
NAME = "tiny"


class Place(NamedTuple):
    """Where vLLM is, and the model."""

    python: str
    model: Path

    @property
    def environment(self) -> dict[str, str]:
        """What processes need to find vLLM and to be modest."""
        return {PYTHON_VARIABLE: self.python, "VLLM_CPU_KVCACHE_SPACE": "1"}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """vLLM's interpreter, and a tiny model made by it."""
    python = os.environ.get(PYTHON_VARIABLE)
    if not python:
        pytest.fail(f"{PYTHON_VARIABLE} does not say where vLLM is; run `make test-vllm`")
    interpreter = Path(python) / "bin" / "python" if Path(python).is_dir() else Path(python)
    folder = tmp_path_factory.mktemp("model") / NAME
    script = ROOT / "tests" / "vllm" / "make_tiny_model.py"
    done = subprocess.run([interpreter, script, folder], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return Place(python, folder)


@pytest.fixture(scope="session")
def url(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that `paperfilter serve` has started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    printed = tmp_path_factory.mktemp("server") / "printed.txt"
    arguments = command("serve", place.model, "--port", port, "--", *AT_ONCE)
    with printed.open("wb") as log:
        server = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=clean_environment() | place.environment, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}/v1"
    try:
        try:
            wait_until_ready(address, START, server)
        except Exception:
            print(printed.read_text("utf-8", "replace")[-6000:])
            raise
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(30)


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of our notes as PDFs."""
    folder = tmp_path_factory.mktemp("notes")
    typeset_notes(folder)
    return folder


class Stage(NamedTuple):
    """A run of stage one from the command line."""

    called: Called
    folder: Path


def extract(paper: Path | str, runs: Path, *options: object, **environment: str) -> Stage:
    """`paperfilter extract` without a network; the run folder it left."""
    called = call("extract", paper, "--runs-dir", runs, "--offline", *options, **environment)
    assert called.code == 0, called.err
    folders = sorted(p.parent for p in runs.glob("*/*/manifest.json"))
    return Stage(called, max(folders, key=lambda p: p.stat().st_mtime))
