"""The first tier: bubblewrap, with setpriv and prlimit behind it.

No network, no other process, no environment, no capability, no way to a new user namespace.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import NamedTuple

from codegen.confinement import (
    CORE,
    NOBODY,
    OPEN_FILES,
    OUT,
    SCRATCH,
    Identity,
    Job,
    Step,
    count_processes,
    list_shown,
    list_system,
    python_environment,
)
from codegen.descriptors import memory_file, status_pipe, wait_for_namespace
from codegen.outputs import clean_text
from codegen.process import GATE, RUN_MARK, Ended, name_owner, run_process
from codegen.seccomp import assemble_filter
from schemas.errors import SandboxUnavailable
from schemas.execution import Limits


class Tools(NamedTuple):
    """Paths of the programs that this tier is made of."""

    bwrap: str
    setpriv: str
    prlimit: str


def find_tools() -> Tools:
    """The programs. Raises SandboxUnavailable with the name of one that is missing."""
    found = {name: shutil.which(name) for name in Tools._fields}
    for name, path in found.items():
        if path is None:
            raise SandboxUnavailable(f"{name} is not installed")
    return Tools(**{name: path for name, path in found.items() if path is not None})


def run_in_bubblewrap(job: Job) -> Ended:
    """How the command ended. Raises SandboxUnavailable when bubblewrap did not get as far as starting it."""
    tools = find_tools()
    limited = limit_command(tools, job.identity, job.command, job.limits)
    with ExitStack() as stack:
        # options go through a descriptor: /proc/1/cmdline inside would show paths of this machine
        options = b"".join(os.fsencode(o) + b"\0" for o in _list_options(job))
        rest = stack.enter_context(memory_file(options))
        status, status_end = stack.enter_context(status_pipe())
        line, descriptors = [tools.bwrap, "--args", str(rest), "--json-status-fd", str(status_end)], [rest, status_end]
        call_filter = assemble_filter()
        if call_filter is not None:
            descriptors.append(stack.enter_context(memory_file(call_filter)))
            line += ["--seccomp", str(descriptors[-1])]
        records: dict[str, int] = {}
        environment = python_environment() | {RUN_MARK: f"owner {name_owner()}"}
        try:
            ended = run_process(
                [*line, "--", *GATE, *limited],
                environment=environment, limits=job.limits, pass_fds=descriptors, gated=True,
                stop=job.stop,
                open_folder=None if job.out is None else lambda: _open_output(job, records, status),
            )  # fmt: skip
        except OSError as error:
            raise SandboxUnavailable(f"{tools.bwrap} cannot be run: {error.strerror}") from error
        records |= _records(status)
        if "child-pid" in records:
            wait_for_namespace(records["child-pid"])
    if "exit-code" not in records and ended.stopped is None:
        lines = clean_text(ended.stderr).strip().splitlines()
        raise SandboxUnavailable(f"bubblewrap does not work here: {lines[-1] if lines else 'no message'}")
    return ended


def _open_output(job: Job, records: dict[str, int], status: int) -> int:
    """The output folder, seen from here, and given to the program's user. The program has not started yet."""
    records |= _records(status)
    place = f"/proc/{records.get('child-pid')}/root{OUT}"
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        if job.out is not None:
            job.out.descriptor = descriptor
        if job.identity.role == "fresh user":
            os.fchown(descriptor, job.identity.number, job.identity.number)
    except OSError as error:
        raise SandboxUnavailable(f"bubblewrap's output folder cannot be opened: {error.strerror}") from error
    return descriptor


def _records(status: int) -> dict[str, int]:
    """Numbers that bwrap reported: child-pid when the namespaces stood, exit-code when a command ended in them."""
    numbers: dict[str, int] = {}
    with suppress(BlockingIOError, ValueError):
        for line in os.read(status, 65536).splitlines():
            numbers |= {key: value for key, value in json.loads(line).items() if isinstance(value, int)}
    return numbers


def _list_options(job: Job) -> Iterator[str]:
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    yield from (
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "sandbox",
        "--cap-drop",
        "ALL",
        "--unsetenv",
        RUN_MARK,
    )
    if job.identity.role == "fresh user":
        # needed for the change of user and gone with it
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
    else:
        yield from ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
    for step in list_system():
        yield from _translate(step)
    size = str(job.limits.tmpfs_bytes)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
    yield from ("--perms", "1777", "--size", size, "--tmpfs", str(SCRATCH))
    for step in list_shown(job.mounts):
        yield from _translate(step)
    if job.out is not None:
        yield from ("--perms", "0700", "--size", str(job.limits.output_bytes), "--tmpfs", str(OUT))
    yield from ("--remount-ro", "/", "--chdir", str(SCRATCH))


def _translate(step: Step) -> tuple[str, ...]:
    if step.kind == "folder":
        return ("--perms", "0755", "--dir", step.target)
    options = {"link": "--symlink", "shown": "--ro-bind", "shown if there": "--ro-bind-try"}
    return (options[step.kind], step.source, step.target)


def limit_command(tools: Tools, identity: Identity, command: Sequence[str], limits: Limits) -> list[str]:
    """`command` with the limits that the kernel enforces, for a fresh user with the change of user before it."""
    change: list[str] = []
    if identity.role == "fresh user":
        number = str(identity.number)
        change = [tools.setpriv, "--reuid", number, "--regid", number, "--clear-groups", "--no-new-privs"]
        change += ["--inh-caps=-all", "--bounding-set=-all", "--"]
    return [*change, *put_behind_prlimit(tools.prlimit, command, limits, count_processes(identity, limits))]


def put_behind_prlimit(prlimit: str, command: Sequence[str], limits: Limits, processes: int | None) -> list[str]:
    """`command` behind prlimit. The CPU limit gives a signal first and kills two seconds later."""
    options = [f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 2}", f"--as={limits.memory_bytes}"]
    options += [f"--fsize={limits.file_bytes}", f"--core={CORE}", f"--nofile={OPEN_FILES}"]
    if processes is not None:
        options.append(f"--nproc={processes}")
    return [prlimit, *options, "--", *command]
