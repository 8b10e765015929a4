"""The machine that something was measured on, without names: what its numbers depend on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from schemas.model import Model

PACKAGES = ("awkward", "coffea", "numba", "numpy", "pydantic", "pymupdf", "uproot", "vector")
_CPUINFO = Path("/proc/cpuinfo")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_LIMIT = Path("/sys/fs/cgroup/memory.max")


class Machine(Model):
    """A machine. `cores` and `memory` are what this process may use, in number and bytes."""

    system: str  # Linux x86_64
    processor: str
    cores: float
    memory: int
    python: str
    versions: dict[str, str]  # of the packages that take most of the time


def describe_machine() -> Machine:
    """This machine, within the limits that are set for this process (affinity, control group)."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_name_processor(),
        cores=count_cores(),
        memory=_count_memory(),
        python=platform.python_version(),
        versions={package: version(package) for package in PACKAGES},
    )


def count_cores() -> float:
    """Cores that this process may use; part of one where the control group has a quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = float(len(affinity(0)) if affinity is not None else os.cpu_count() or 1)
    quota, _, period = _read(_QUOTA).partition(" ")
    return min(cores, int(quota) / int(period)) if quota.isdecimal() and period.isdecimal() else cores


def find_load() -> float:
    """Processes that ran or wanted to, in the last minute on average."""
    return os.getloadavg()[0]


def _count_memory() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _read(_LIMIT)
    return min(physical, int(limit)) if limit.isdecimal() else physical


def _name_processor() -> str:
    lines = (line.partition(":") for line in _read(_CPUINFO).splitlines())
    names = (value.strip() for key, _, value in lines if key.strip() == "model name")
    return next(names, platform.processor() or "unknown")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
