"""Which sandbox works here: the tiers in their order, each tried by running something that tries to get out.

No setting chooses a tier: the first that works is taken, and where none does, nothing runs.
"""

import os
import select
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from codegen.bubblewrap import find_tools, run_in_bubblewrap
from codegen.collect import remove_tree
from codegen.confinement import DATA, PROGRAM, Identity, Job, Mount, Output, choose_identity
from codegen.launcher import look
from codegen.launcher.landlock import find_abi
from codegen.namespaces import run_in_namespaces
from codegen.outputs import clean_text
from codegen.process import Ended
from codegen.seccomp import assemble_filter
from schemas.errors import SandboxUnavailable
from schemas.execution import Confined, Limits, SandboxReport

TIERS: dict[Confined, Callable[[Job], Ended]] = {
    "bubblewrap": run_in_bubblewrap,
    "namespaces": run_in_namespaces,
}
INSTALL = "install bubblewrap and util-linux (for example: apt install bubblewrap util-linux)"
UNSAFE = "or run with --unsafe-no-sandbox if you trust the code as your own"
ALLOW = (
    "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces>0, on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0; in a container: --privileged)"
)
CLOSED = (
    "capabilities", "root", "set-user-id", "files outside", "processes outside", "network", "limits", "mounts",
    "writing to the root", "writing data", "mode of data", "times of data", "number of processes",
)  # fmt: skip
FILTERED = ("filter", "user namespaces")  # where the system calls of the architecture are known
TRIAL = Limits(wall_seconds=60, cpu_seconds=20, processes=12)


class Trial(NamedTuple):
    """What trying a tier showed: that it works and what is weaker in it, or what is wrong."""

    works: bool
    detail: str
    weaker: tuple[str, ...] = ()


def probe_sandbox(tier: Confined | None = None) -> SandboxReport:
    """The first tier that works here, found by trying; only `tier`, if given."""
    if sys.platform != "linux":
        return SandboxReport(tier=None, detail=f"the sandbox needs Linux, this is {sys.platform}", advice=UNSAFE)
    failed: list[str] = []
    for name in TIERS if tier is None else (tier,):
        trial = _try_or_remember(name)
        if trial.works:
            why = f" ({'; '.join(failed)})" if failed else ""
            return SandboxReport(tier=name, detail=trial.detail + why, weaker=trial.weaker)
        failed.append(trial.detail)
    return SandboxReport(tier=None, detail="; ".join(failed), advice=f"{_advise(failed)}, {UNSAFE}")


def run_in_tier(tier: Confined, job: Job) -> Ended:
    """How the job ended there. Raises SandboxUnavailable when it was not started."""
    return TIERS[tier](job)


def _try_or_remember(tier: Confined) -> Trial:
    """A tier that worked is not tried again by this process, until what it is made of changes."""
    try:
        tools = find_tools() if tier == "bubblewrap" else ()
        states = ((tool, Path(tool).stat()) for tool in tools)
        made_of = tuple((tool, state.st_ino, state.st_size, state.st_mtime_ns) for tool, state in states)
        return _try(tier, (os.geteuid(), sys.executable, str(Path.home()), *made_of))
    except SandboxUnavailable as error:
        return Trial(False, str(error))
    except OSError as error:
        return Trial(False, f"{tier} cannot be tried: {error.strerror} ({error.filename})")


@lru_cache(maxsize=16)  # an exception is not remembered
def _try(tier: Confined, made_of: tuple[object, ...]) -> Trial:  # noqa: ARG001
    """Run `look` in the tier. Raises SandboxUnavailable when it does not run or something is free."""
    identity = choose_identity()
    folder = Path(tempfile.mkdtemp(prefix=f"paperfilter-sandbox-{os.getpid()}-"))
    try:
        data, program = folder / "data", folder / "look.py"
        data.write_bytes(b"events")
        shutil.copyfile(look.__file__, program)
        program.chmod(0o444)
        # as open as can be for the program's user: what keeps it closed must be the sandbox
        os.chown(data, identity.number if identity.role == "fresh user" else -1, -1)
        with socket.socket() as server, socket.socket(type=socket.SOCK_DGRAM) as receiver, Output() as out:
            for listening in (server, receiver):
                listening.bind(("127.0.0.1", 0))
            server.listen()
            ports = [str(listening.getsockname()[1]) for listening in (server, receiver)]
            words = [str(data), str(os.getpid()), *ports]
            script = Mount(program, PROGRAM / program.name)
            shown = Mount(data, DATA / "0" / "data")
            command = [sys.executable, "-I", "-S", str(script.target), *words, str(shown.target)]
            ended = TIERS[tier](Job(command, [script, shown], out, folder, identity, TRIAL))
            arrived = bool(select.select([receiver], [], [], 0)[0])
    finally:
        remove_tree(folder)
    seen = dict(line.rsplit(" ", 1) for line in clean_text(ended.stdout).splitlines() if " " in line)
    if ended.exit_code != 0:
        last = next(reversed(clean_text(ended.stderr).strip().splitlines()), "no message")
        raise SandboxUnavailable(f"{tier} does not work here: {ended.stopped or last}")
    return _judge(tier, identity, seen | ({"network": "free"} if arrived else {}))


def _judge(tier: Confined, identity: Identity, seen: dict[str, str]) -> Trial:
    free = [name for name in CLOSED if seen.get(name, "free") == "free"]
    filtered = seen.get("filter") == "on"
    if assemble_filter() is not None:
        free += [name for name in FILTERED if seen.get(name, "free") in ("free", "off")]
    if free:
        raise SandboxUnavailable(f"{tier} runs here but leaves to the program: {', '.join(free)}")
    how = "as a fresh user" if identity.role == "fresh user" else "in a user namespace of its own"
    said = [tier, how, "with a system call filter" if filtered else "without a system call filter"]
    weaker = [] if filtered else ["no system call filter on this architecture"]
    if seen.get("execution in shared memory") == "forbidden":
        abi = find_abi()
        said.append(f"Landlock {abi}")
        if abi >= 4 and seen.get("listening") != "forbidden":
            raise SandboxUnavailable(f"{tier} runs here but Landlock leaves TCP to the program")
        lacking = [what for since, what in ((4, "TCP"), (5, "devices"), (6, "signals and sockets")) if abi < since]
        weaker += [f"Landlock {abi} knows no rules on {', '.join(lacking)}"] if lacking else []
    elif tier == "namespaces" and find_abi():
        raise SandboxUnavailable(f"{tier} runs here but Landlock is not in force")
    elif tier == "namespaces":
        weaker.append("no Landlock in this kernel")
    if seen.get("proc") == "empty":
        weaker.append("no /proc for the program")
    return Trial(True, ", ".join(said), tuple(weaker))


def _advise(failed: list[str]) -> str:
    text = " ".join(failed).lower()
    if "unknown option" in text or "--size" in text:
        return "install bubblewrap 0.7 or newer"
    advice = [INSTALL] if "is not installed" in text else []
    if any(word in text for word in ("namespace of", "making", "permitted", "permission", "uid map", "no space")):
        advice.append(ALLOW)
    if "number of processes" in text or not advice:
        advice.append("run as a normal user")
    return " and ".join(advice)
