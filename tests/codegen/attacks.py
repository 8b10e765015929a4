"""What the attack tests share: the prelude of every attack and the reading of its results."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.execution import Execution

INSTALLED = shutil.which("bwrap") is not None
confined = pytest.mark.skipif(not INSTALLED, reason="bubblewrap is not installed (apt install bubblewrap)")
MIB = 1024**2

PRELUDE = """
import ctypes, json, os, signal, socket, sys, time
result = {}
def attempt(name, action):
    try:
        result[name] = ["done", repr(action())]
    except BaseException as error:
        result[name] = ["failed", type(error).__name__]
def report():
    with open("/out/result.json", "w") as file:
        json.dump(result, file)
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if getattr(libc, function)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), function)
"""

Attack = Callable[..., Execution]


def processes_with(token: str) -> list[str]:
    """Command lines of living processes that contain the token."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if token.encode() in line:
                found.append(line.decode(errors="replace"))
    return found


def results(tmp_path: Path) -> dict[str, list[str]]:
    """What became of every attempt."""
    loaded: dict[str, list[str]] = json.loads((tmp_path / "out" / "result.json").read_text())
    return loaded


def done(tmp_path: Path) -> list[str]:
    """The attempts that succeeded."""
    return [f"{name}: {what[1]}" for name, what in results(tmp_path).items() if what[0] == "done"]


def comes_true(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition holds within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
