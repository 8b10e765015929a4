"""The bubblewrap command line: what generated code sees of the machine, and as whom it runs.

It sees the system libraries, the Python environment, its data and itself, all read-only, an output folder, and two
bounded tmpfs. No network, no other process, no environment, no capability, no way to a new user namespace.
"""

import contextlib
import os
import random
import site
import sys
from collections.abc import Iterator, Sequence
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
NOBODY = "65534"  # what this user is called inside a namespace of its own
COUNTED_PER_NAMESPACE = (5, 14)  # the kernel from which RLIMIT_NPROC counts per user namespace

Role = Literal["fresh user", "user namespace"]


class Identity(NamedTuple):
    """As whom the program runs: root hands it to a user that owns nothing, a normal user to a namespace of its own."""

    role: Role
    number: int  # user and group id of the files that it writes


class Mount(NamedTuple):
    """A file or folder of this machine and where the program finds it."""

    source: Path
    target: PurePosixPath


def choose_identity() -> Identity:
    """A fresh user where this process may change users, else this user, in a user namespace."""
    if os.geteuid() == 0:
        users, groups = _mapped("/proc/self/uid_map"), _mapped("/proc/self/gid_map")
        for ids in FRESH_IDS:
            if any(ids.start in m and ids.stop - 1 in m for m in users) and any(ids.start in m for m in groups):
                return Identity("fresh user", random.choice(ids))  # noqa: S311 - not a secret
    return Identity("user namespace", os.geteuid())


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


def build_options(identity: Identity, mounts: Sequence[Mount], out: Path | None, limits: Limits) -> list[str]:
    """The options of bwrap. `mounts` are read-only; `out` is the one folder that keeps what is written."""
    return list(_options(identity, mounts, out, limits))


def _options(identity: Identity, mounts: Sequence[Mount], out: Path | None, limits: Limits) -> Iterator[str]:
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    yield from ("--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL")
    if identity.role == "fresh user":
        # needed for the change of user and gone with it
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
    else:
        yield from ("--unshare-user", "--uid", NOBODY, "--gid", NOBODY)
    yield from ("--ro-bind", "/usr", "/usr")
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):  # noqa: PTH114
            yield from ("--symlink", os.readlink(folder), folder)  # noqa: PTH115
        elif os.path.isdir(folder):  # noqa: PTH112
            yield from ("--ro-bind", folder, folder)
    yield from ("--perms", "0755", "--dir", "/etc")
    for file in SYSTEM_FILES:
        yield from ("--ro-bind-try", file, file)
    size = str(limits.tmpfs_bytes)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
    yield from ("--perms", "1777", "--size", size, "--tmpfs", str(SCRATCH))
    made = {PurePosixPath("/"), SCRATCH, PurePosixPath("/etc")}
    interpreter = [Mount(path, PurePosixPath(path)) for path in interpreter_paths()]
    for mount in (*interpreter, *mounts):
        # bwrap makes missing parents itself, closed to everybody but their owner
        for parent in reversed(mount.target.parents):
            if parent not in made:
                made.add(parent)
                yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", str(mount.source), str(mount.target))
    if out is not None:
        yield from ("--bind", str(out), str(OUT))
    yield from ("--remount-ro", "/", "--chdir", str(SCRATCH))


def limited_command(
    identity: Identity, command: Sequence[str], limits: Limits, *, setpriv: str, prlimit: str
) -> list[str]:
    """`command` with the limits that the kernel enforces, for a fresh user with the change of user before it."""
    change: list[str] = []
    if identity.role == "fresh user":
        number = str(identity.number)
        change = [setpriv, "--reuid", number, "--regid", number, "--clear-groups", "--no-new-privs"]
        change += ["--inh-caps=-all", "--bounding-set=-all", "--"]
    processes = limits.processes
    if identity.role == "user namespace" and _kernel() < COUNTED_PER_NAMESPACE:
        processes += _own_threads()
    return [*change, *limit_command(command, limits, processes=processes, prlimit=prlimit)]


def limit_command(command: Sequence[str], limits: Limits, *, processes: int | None, prlimit: str) -> list[str]:
    """`command` behind prlimit. The CPU limit gives a signal first and kills two seconds later."""
    options = [f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 2}", f"--as={limits.memory_bytes}"]
    options += [f"--fsize={limits.file_bytes}", "--core=0", "--nofile=1024"]
    if processes is not None:
        options.append(f"--nproc={processes}")
    return [prlimit, *options, "--", *command]


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
