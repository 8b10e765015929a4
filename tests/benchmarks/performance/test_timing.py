"""Clocks, memory and cores: what is counted, and what is not."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.performance import machine
from benchmarks.performance.scaling import list_workers
from benchmarks.performance.timing import spread, take
from benchmarks.speed import launcher
from benchmarks.speed.measuring import Run

MB = 1_000_000


def launch(code: str) -> "subprocess.CompletedProcess[str]":
    """The launcher's answer to a Python program."""
    command = [sys.executable, "-I", "-S", str(launcher.__file__), sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_memory_is_that_of_the_command_and_of_its_largest_process() -> None:
    ballast = bytearray(150 * MB)  # of this process, which a child would inherit
    small = Run.model_validate_json(launch("pass").stdout)
    large = "import os\nif os.fork() == 0:\n    bytearray(b'x') * 100_000_000\n    os._exit(0)\nos.wait()"
    child = Run.model_validate_json(launch(large).stdout)
    assert len(ballast) == 150 * MB
    assert small.peak_memory < 60 * MB
    assert 100 * MB < child.peak_memory < 140 * MB


def test_a_command_that_fails_says_why() -> None:
    done = launch("raise SystemExit('no such thing')")
    assert done.returncode == 1
    assert done.stderr.strip() == "no such thing"
    assert not done.stdout


def test_sleep_takes_time_of_the_clock_and_a_child_that_of_the_processor() -> None:
    _, slept = take(time.sleep, 0.2)
    assert slept.seconds >= 0.2
    assert slept.processor < 0.1
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    done, burnt = take(subprocess.run, [sys.executable, "-I", "-S", "-c", burn], check=True)
    assert done.returncode == 0
    assert burnt.processor >= 0.2


def test_spread_is_median_and_ends() -> None:
    assert spread([3.0, 9.0, 1.0]) == (3.0, 1.0, 9.0)
    assert spread([4.0]) == (4.0, 4.0, 4.0)


def test_a_control_group_limits_cores_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlimited = machine.describe_machine()
    assert unlimited.cores >= 1
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "memory.max").write_text("1073741824\n")
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name : Fast One\nmodel name : Other\n")
    for name, file in (("_QUOTA", "cpu.max"), ("_LIMIT", "memory.max"), ("_CPUINFO", "cpuinfo")):
        monkeypatch.setattr(machine, name, tmp_path / file)
    found = machine.describe_machine()
    assert (found.cores, found.memory, found.processor) == (0.5, 2**30, "Fast One")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.describe_machine().cores == unlimited.cores


def test_workers_are_powers_of_two_and_all_cores() -> None:
    assert list_workers(0.5) == list_workers(1) == [1]
    assert list_workers(2) == [1, 2]
    assert list_workers(6) == [1, 2, 4, 6]
    assert list_workers(8) == [1, 2, 4, 8]
