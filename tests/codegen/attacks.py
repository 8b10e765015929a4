"""What the attack tests share: which tiers must work here, the prelude of every attack, the reading of its results."""

import ctypes
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from schemas.execution import Confined, Execution

MIB = 1024**2
CLONE_NEWUSER, CAP_SYS_ADMIN = 0x10000000, 21

PRELUDE = """
import ctypes, json, os, signal, socket, sys, time
OUT = sys.argv[sys.argv.index("--out") + 1]
DATA = sys.argv[-1]
result = {}
def attempt(name, action):
    try:
        result[name] = ["done", repr(action())]
    except BaseException as error:
        result[name] = ["failed", type(error).__name__]
def report():
    with open(OUT + "/result.json", "w") as file:
        json.dump(result, file)
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    answer = getattr(libc, function)(*arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), function)
    return answer
"""

Attack = Callable[..., Execution]


def _may_make_namespaces() -> bool:
    """Whether the kernel gives this process what the namespaces tier is made of, found without that tier."""
    if os.geteuid() == 0:
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return bool(int(status["CapEff"], 16) >> CAP_SYS_ADMIN & 1)
    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0


# a tier is left out only where it cannot be, never because it does not work
MISSING: dict[Confined, str] = {}
if sys.platform != "linux" or shutil.which("bwrap") is None:
    MISSING["bubblewrap"] = (
        "BUBBLEWRAP IS NOT INSTALLED (apt install bubblewrap): ITS TIER OF THE SANDBOX IS NOT TESTED"
    )
if sys.platform != "linux" or not _may_make_namespaces():
    MISSING["namespaces"] = "THE KERNEL ALLOWS NO NAMESPACES HERE: THEIR TIER OF THE SANDBOX IS NOT TESTED"
NAMES: tuple[Confined, ...] = ("bubblewrap", "namespaces")
confined = pytest.mark.skipif(len(MISSING) == len(NAMES), reason="; ".join(MISSING.values()))


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


def done(tmp_path: Path) -> set[str]:
    """The attempts that succeeded."""
    return {name for name, what in results(tmp_path).items() if what[0] == "done"}


def check_contained(attack: Attack, tmp_path: Path, code: str, works_outside: Collection[str]) -> None:
    """Every attempt of the code fails inside, and those of `works_outside` succeed without a sandbox."""
    execution = attack(code)
    assert execution.outcome == "ok", execution.stderr
    inside = results(tmp_path)
    assert done(tmp_path) == set(), {name: inside[name] for name in done(tmp_path)}
    assert attack(code, unsafe=True).outcome == "ok"
    assert results(tmp_path).keys() == inside.keys()
    assert set(works_outside) - done(tmp_path) == set(), results(tmp_path)


def comes_true(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition holds within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
