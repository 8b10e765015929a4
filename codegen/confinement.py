"""What every tier of the sandbox shares: as whom generated code runs, what it sees of the machine, its environment.

It sees the system libraries, the Python environment, its data and itself, all read-only, an output folder, and
bounded scratch memory.
"""

import contextlib
import os
import random
import resource
import site
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from schemas.errors import SandboxUnavailable
from schemas.execution import Limits

OUT = PurePosixPath("/out")
DATA = PurePosixPath("/data")
INPUTS = PurePosixPath("/inputs")
PROGRAM = PurePosixPath("/program")
SCRATCH = PurePosixPath("/tmp")  # noqa: S108 - a tmpfs of its own, inside

SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives")
FRESH_IDS = (range(1_900_000_000, 2_100_000_000), range(60_000, 65_000))  # handed out by no distribution
NOBODY = 65534  # what this user is called inside a namespace of its own
COUNTED_PER_NAMESPACE = (5, 14)  # the kernel from which RLIMIT_NPROC counts per user namespace
OPEN_FILES = 1024
CORE = 1  # bytes: no dump fits, and unlike with 0 the machine's own handler of dumps is not called either
NEEDED = (6, 7, 8, 21)  # CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN

Role = Literal["fresh user", "user namespace"]


class Identity(NamedTuple):
    """As whom the program runs: root hands it to a user that owns nothing, a normal user to a namespace of its own."""

    role: Role
    number: int  # user and group id of the files that it writes


class Mount(NamedTuple):
    """A file or folder of this machine and where the program finds it."""

    source: Path
    target: PurePosixPath


class Step(NamedTuple):
    """One step of building what the program sees.

    A `folder` is made at `target` for everybody to pass; a `link` leads to `source`; what is `shown` is `source` of
    this machine, read-only (`shown if there`: or nothing).
    """

    kind: Literal["folder", "link", "shown", "shown if there"]
    source: str
    target: str


class Output:
    """The program's output folder: a file system in memory of `output_bytes`, so that the kernel bounds it exactly.

    What is removed while it is open or mapped, or has no name, counts as well. A tier opens the folder before the
    program starts; through `descriptor` it outlives the sandbox.
    """

    def __init__(self) -> None:
        self.descriptor: int | None = None

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *_: object) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class Job(NamedTuple):
    """One program to be run in a tier."""

    command: Sequence[str]
    mounts: Sequence[Mount]
    out: Output | None
    staging: Path  # a private folder for the tier's own needs
    identity: Identity
    limits: Limits
    stop: Callable[[], bool] | None = None  # whether nobody wants the results any more


def choose_identity() -> Identity:
    """A fresh user where this process may become one and make namespaces, else this user, in a user namespace.

    Root without these capabilities, in a container, is a user like any other, if root there is somebody else outside.
    """
    if os.geteuid() == 0 and _have_capabilities():
        users, groups = _mapped("/proc/self/uid_map"), _mapped("/proc/self/gid_map")
        for ids in FRESH_IDS:
            if any(ids.start in m and ids.stop - 1 in m for m in users) and any(ids.start in m for m in groups):
                return Identity("fresh user", random.choice(ids))  # noqa: S311 - not a secret
    return Identity("user namespace", os.geteuid())


def _have_capabilities() -> bool:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            return all(held >> capability & 1 for capability in NEEDED)
    return False


def _mapped(path: str) -> list[range]:
    """The ids that exist in this user namespace."""
    ranges = []
    with contextlib.suppress(OSError, ValueError):
        for line in Path(path).read_text(encoding="ascii").splitlines():
            first, _, count = (int(word) for word in line.split())
            ranges.append(range(first, first + count))
    return ranges


def python_environment() -> dict[str, str]:
    """The whole environment of the program: one thread, caches in scratch memory, reproducible hashes."""
    binaries = dict.fromkeys((str(Path(sys.prefix, "bin")), "/usr/bin", "/bin"))
    environment = {
        "PATH": ":".join(binaries),
        "LANG": "C.UTF-8",
        "HOME": str(SCRATCH),
        "USER": "sandbox",  # libraries ask, and inside there is no list of users
        "TMPDIR": str(SCRATCH),
        "XDG_CACHE_HOME": str(SCRATCH / "cache"),
        "MPLCONFIGDIR": str(SCRATCH / "matplotlib"),
        "MPLBACKEND": "Agg",
        "NUMBA_CACHE_DIR": str(SCRATCH / "numba"),
        "MALLOC_ARENA_MAX": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
    }
    environment |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA", "NUMEXPR")}
    if _user_packages():
        environment["PYTHONUSERBASE"] = site.getuserbase()
    else:
        environment["PYTHONNOUSERSITE"] = "1"
    return environment


def _user_packages() -> Path | None:
    """Packages that the user installed beside the system's Python, if this process sees them."""
    folder = Path(site.getusersitepackages())
    return folder if site.ENABLE_USER_SITE and folder.is_dir() else None


def interpreter_paths() -> list[Path]:
    """Folders (and files) that hold the running interpreter and its packages, outermost first.

    Raises SandboxUnavailable when one of them is so wide that it would expose a home folder.
    """
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    paths = {Path(p) for p in prefixes} | {Path(p).resolve() for p in prefixes}
    packages = _user_packages()
    if packages:
        paths |= {packages, packages.resolve()}
    executable = Path(sys.executable)
    paths |= {executable, executable.resolve()}
    outermost: list[Path] = []
    for path in sorted(paths, key=lambda p: len(p.parts)):
        if not any(path.is_relative_to(seen) for seen in [Path("/usr"), *outermost]):
            outermost.append(path)
    home = Path.home()
    for path in outermost:
        if home.is_relative_to(path) or path.resolve() == home.resolve():
            raise SandboxUnavailable(
                f"the Python environment {path} contains the home folder {home}, which generated code must not see; "
                "install paperfilter in an environment (python -m venv) of its own"
            )
    return outermost


def list_system() -> Iterator[Step]:
    """The system's programs and libraries, and an /etc with what the dynamic linker needs."""
    yield Step("shown", "/usr", "/usr")
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):  # noqa: PTH114
            yield Step("link", os.readlink(folder), folder)  # noqa: PTH115
        elif os.path.isdir(folder):  # noqa: PTH112
            yield Step("shown", folder, folder)
    yield Step("folder", "", "/etc")
    for file in SYSTEM_FILES:
        yield Step("shown if there", file, file)


def list_shown(mounts: Sequence[Mount]) -> Iterator[Step]:
    """The interpreter and `mounts` with their parent folders. SCRATCH is there already."""
    made = {PurePosixPath("/"), SCRATCH, PurePosixPath("/etc")}
    interpreter = [Mount(path, PurePosixPath(path)) for path in interpreter_paths()]
    for mount in (*interpreter, *mounts):
        # a tier that made missing parents itself might close them to everybody but their owner
        for parent in reversed(mount.target.parents):
            if parent not in made:
                made.add(parent)
                yield Step("folder", "", str(parent))
        yield Step("shown", str(mount.source), str(mount.target))


def list_limits(limits: Limits, processes: int | None) -> Iterator[tuple[int, int, int]]:
    """Resource, soft and hard limit. The CPU limit gives a signal first and kills two seconds later."""
    yield (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 2)
    for number, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, CORE),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        yield (number, most, most)
    if processes is not None:
        yield (resource.RLIMIT_NPROC, processes, processes)


def count_processes(identity: Identity, limits: Limits) -> int:
    """The limit on processes as the kernel is told: an older one counts those that this user has anyway."""
    own = _own_threads() if identity.role == "user namespace" and _kernel() < COUNTED_PER_NAMESPACE else 0
    return limits.processes + own


def _kernel() -> tuple[int, int]:
    numbers = [int(n) for n in os.uname().release.split("-")[0].split(".")[:2] if n.isdigit()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


def _own_threads() -> int:
    """Threads of this user, which an older kernel counts against the program's limit."""
    count = 0
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and folder.stat().st_uid == os.getuid():
                count += sum(1 for _ in (folder / "task").iterdir())
    return count
