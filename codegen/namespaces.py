"""The second tier: namespaces, Landlock and the system call filter by `codegen.launcher`, with nothing installed.

Needs Linux 5.12 (mount_setattr) and an architecture whose system calls are known.
"""

import marshal
import os
import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from codegen.confinement import (
    NOBODY,
    OUT,
    PROGRAM,
    SCRATCH,
    Job,
    count_processes,
    list_limits,
    list_shown,
    list_system,
    python_environment,
)
from codegen.descriptors import memory_file, status_pipe, wait_for_namespace
from codegen.launcher.plan import Plan
from codegen.outputs import clean_text
from codegen.process import Ended, run_process
from codegen.seccomp import assemble_filter
from schemas.errors import SandboxUnavailable

# what the launcher's own command line shows is the same for every run: the program can read it
BOOT = """
import marshal, os, sys
with open(int(sys.argv[1]), "rb") as file:
    folder, parent, plan = marshal.load(file)
sys.path.append(folder)
from codegen.launcher.plan import Plan
from codegen.launcher.start import launch
sys.exit(launch(Plan.unpack(plan), int(sys.argv[2]), int(sys.argv[3]), parent))
"""


def run_in_namespaces(job: Job) -> Ended:
    """How the command ended. Raises SandboxUnavailable when it could not be confined, and then it was not started."""
    root = job.staging / "root"
    root.mkdir(exist_ok=True)
    plan = _make_plan(job, root)
    package = Path(__file__).resolve().parents[1]
    with ExitStack() as stack:
        told = stack.enter_context(memory_file(marshal.dumps((str(package), os.getpid(), plan.pack()))))
        status, status_end = stack.enter_context(status_pipe())
        ours, theirs = (stack.enter_context(end) for end in socket.socketpair())
        command = [sys.executable, "-I", "-S", "-c", BOOT, str(told), str(status_end), str(theirs.fileno())]
        ended = run_process(
            command, environment={}, limits=job.limits, pass_fds=(told, status_end, theirs.fileno()), gated=True,
            stop=job.stop,
            open_folder=None if job.out is None else lambda: _receive_output(job, ours),
        )  # fmt: skip
        records = _records(status)
        if "child-pid" in records:
            wait_for_namespace(int(records["child-pid"]))
    if "failed" in records:
        raise SandboxUnavailable(f"namespaces do not work here: {records['failed']}")
    if "exit-code" not in records and ended.stopped is None:
        lines = clean_text(ended.stderr).strip().splitlines()
        raise SandboxUnavailable(f"namespaces do not work here: {lines[-1] if lines else 'no message'}")
    return ended


def _make_plan(job: Job, root: Path) -> Plan:
    call_filter = assemble_filter()
    if call_filter is None:
        raise SandboxUnavailable(f"the system calls of this architecture ({os.uname().machine}) are not known")
    own = (mount.target for mount in job.mounts if PROGRAM in mount.target.parents)
    programs = (step.target for step in (*list_system(), *list_shown(())) if step.kind == "shown")
    return Plan(
        role=job.identity.role,
        number=job.identity.number if job.identity.role == "fresh user" else NOBODY,
        root=str(root),
        system=[(kind, source, target) for kind, source, target in list_system()],
        shown=[(kind, source, target) for kind, source, target in list_shown(job.mounts)],
        scratch_inside=str(SCRATCH),
        scratch_bytes=job.limits.tmpfs_bytes,
        out_inside=None if job.out is None else str(OUT),
        out_bytes=job.limits.output_bytes,
        executable_inside=[*programs, *map(str, own), str(SCRATCH)],
        call_filter=call_filter,
        limits=list(list_limits(job.limits, count_processes(job.identity, job.limits))),
        command=list(job.command),
        environment=python_environment(),
    )


def _receive_output(job: Job, channel: socket.socket) -> int:
    """The output folder, as the launcher sent it before the program starts."""
    channel.setblocking(False)
    descriptors: list[int] = []
    with suppress(BlockingIOError):
        descriptors = socket.recv_fds(channel, 1, 1, socket.MSG_CMSG_CLOEXEC)[1]
    if not descriptors or job.out is None:
        raise SandboxUnavailable("the output folder of the namespaces did not arrive")
    job.out.descriptor = descriptors[0]
    return descriptors[0]


def _records(status: int) -> dict[str, str]:
    """What the launcher reported: child-pid when the namespaces stood, then failed, or at the end exit-code."""
    lines: list[str] = []
    with suppress(BlockingIOError):
        lines = clean_text(os.read(status, 65536)).splitlines()
    return {key: rest for key, _, rest in (line.partition(" ") for line in lines)}
