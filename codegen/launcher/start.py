"""The launcher: three processes, the last of which becomes the program.

The first stays outside and waits. The second is the first of the new PID namespace: it builds the view, gives up all
privileges and reaps; when it dies the kernel kills whatever else is in the namespace. It dies with the first, and the
first with the process that started it. The third takes its limits, a session of its own, and becomes the program.

Reports on `status` are lines: `child-pid N`, then `failed WHAT` or, at the end, `exit-code N`.
"""

import _socket
import os
import resource
import sys

from codegen.launcher import kernel
from codegen.launcher.plan import Plan
from codegen.launcher.privileges import check_given_up, close_doors, enter_namespaces, give_up
from codegen.launcher.view import build_view, open_output

SIGNALLED = 128
FAILED = 125
FIRST_TO_DIE = "1000"  # when memory runs out: also that of the kernel, which no limit counts


def launch(plan: Plan, status: int, channel: int, parent: int) -> int:
    """Run the plan's command confined; the exit code for this process.

    `channel` is a socket over which the output folder is sent; `parent` is who started this process.
    """
    os.umask(0o022)
    _be_first_to_die()
    os.set_inheritable(status, False)
    os.set_inheritable(channel, False)
    try:
        enter_namespaces(plan.role, plan.number)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, "dying with the parent", kernel.SIGKILL)
        if os.getppid() != parent:
            return FAILED
        alive, alive_end = os.pipe()
        first = os.fork()
    except OSError as error:
        _say_failed(status, error)
        return FAILED
    if first == 0:
        _become_first(plan, status, channel, alive, alive_end)
    os.close(alive)
    os.write(status, f"child-pid {first}\n".encode())
    code = _exit_code(os.waitpid(first, 0)[1])
    os.write(status, f"exit-code {code}\n".encode())
    return code


def _become_first(plan: Plan, status: int, channel: int, alive: int, alive_end: int) -> None:
    """The first process of the PID namespace, from the fork to its end."""
    code = FAILED
    try:
        os.close(alive_end)
        kernel.libc.sethostname(b"sandbox", 7)
        build_view(plan)
        if plan.out_inside:
            _send_output(plan, plan.out_inside, channel)
        give_up(plan)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, "dying with the launcher", kernel.SIGKILL)
        os.set_blocking(alive, False)
        if _is_closed(alive):  # it died before that
            os._exit(FAILED)
        kernel.close_others(status)
        kernel.reset_signals()
        close_doors(plan)
        check_given_up(plan)
        _pass_gate()
        program = os.fork()
        if program == 0:
            _become_program(plan)
        os.close(status)
        for descriptor in range(3):
            os.close(descriptor)
        ended = 0
        while ended != program:
            ended, state = os.wait()
        code = _exit_code(state)
    except BaseException as error:  # whatever it is, nothing may run on from here
        _say_failed(status, error)
    finally:
        os._exit(code)


def _send_output(plan: Plan, place: str, channel: int) -> None:
    """Hand the output folder, which nobody outside can reach by a path, to the process that started all this."""
    folder = open_output(plan, place)
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, folder.to_bytes(4, sys.byteorder))
    _socket.socket(fileno=os.dup(channel)).sendmsg([b"\n"], [rights])
    os.close(folder)


def _become_program(plan: Plan) -> None:
    os.setsid()
    for number, soft, hard in plan.limits:
        most = resource.getrlimit(number)[1]  # nobody may raise what is set already
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(number, (soft, hard))
    os.execve(plan.command[0], plan.command, plan.environment)  # noqa: S606 - descriptors above 2 close by themselves


def _be_first_to_die() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(FIRST_TO_DIE)
    except OSError:
        return  # it is a courtesy


def _pass_gate() -> None:
    """Go on only if the process that started all this is alive and says so; from here on there is no input."""
    os.write(1, b"\n")
    word = os.read(0, 16)
    if not word:
        os._exit(FAILED)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _is_closed(pipe: int) -> bool:
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


def _exit_code(state: int) -> int:
    """As a shell reports it."""
    code = os.waitstatus_to_exitcode(state)
    return code if code >= 0 else SIGNALLED - code


def _say_failed(status: int, error: BaseException) -> None:
    said = f"{error.filename or 'starting'}: {error.strerror}" if isinstance(error, OSError) else repr(error)
    os.write(status, f"failed {said}\n".encode(errors="replace"))
