"""Fixtures of the tests that run programs in the sandbox."""

import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.sandbox import run_sandboxed
from schemas.execution import Execution, Limits
from tests.codegen.attacks import PRELUDE, Attack, processes_with


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the sandbox keeps its files during a run; nothing may be left in it."""
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def event_file(tmp_path: Path) -> Path:
    """A data file that must come out of every run as it went in."""
    folder = tmp_path / "events"
    folder.mkdir()
    file = folder / "events.root"
    file.write_bytes(b"events" * 100)
    return file


@pytest.fixture
def attack(tmp_path: Path, event_file: Path, staging: Path) -> Attack:
    """Run a program with the prelude before it, and a token in its arguments by which its processes are found."""
    token = f"token-{uuid.uuid4().hex}"

    def run(code: str, *, unsafe: bool = False, **limits: float) -> Execution:
        chosen = Limits.model_validate({"wall_seconds": 15, "cpu_seconds": 10} | limits)
        program = PRELUDE + textwrap.dedent(code)
        execution = run_sandboxed(program, [token], [event_file], tmp_path / "out", chosen, unsafe_no_sandbox=unsafe)
        assert processes_with(token) == []
        return execution

    return run
