"""Fixtures of the tests that run programs in the sandbox."""

import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.sandbox import run_sandboxed
from schemas.execution import Confined, Execution, Limits
from tests.codegen.attacks import MISSING, NAMES, PRELUDE, Attack, processes_with


@pytest.fixture(params=NAMES)
def tier(request: pytest.FixtureRequest) -> Confined:
    """Each tier of the sandbox in turn; where its means are there, it has to work."""
    if request.param in MISSING:
        pytest.skip(MISSING[request.param])
    name: Confined = request.param
    return name


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
def attack(tmp_path: Path, event_file: Path, staging: Path, tier: Confined) -> Attack:
    """Run a program with the prelude before it, and a token in its arguments by which its processes are found.

    `unsafe`: without a sandbox, on data of its own.
    """
    token = f"token-{uuid.uuid4().hex}"

    def run(code: str, *, unsafe: bool = False, **limits: float) -> Execution:
        chosen = Limits.model_validate({"wall_seconds": 15, "cpu_seconds": 10} | limits)
        program = PRELUDE + textwrap.dedent(code)
        data, out = event_file, tmp_path / "out"
        if unsafe:
            data = tmp_path / "expendable" / event_file.name
            data.parent.mkdir(exist_ok=True)
            data.write_bytes(event_file.read_bytes())
            execution = run_sandboxed(program, [token], [data], out, chosen, unsafe_no_sandbox=True)
        else:
            execution = run_sandboxed(program, [token], [data], out, chosen, tier=tier)
            assert execution.tier == tier
        assert processes_with(token) == []
        return execution

    return run
