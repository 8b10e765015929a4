"""Keeps the processes of one paper: starts a command and ends it, with all it started, when it must end.

Run as a script: `python -I -S keeper.py CONTROL SECONDS BYTES COMMAND...`. CONTROL is the reading end of a pipe whose
other end only the batch has: when the batch dies, however that happens, the pipe closes and nothing of the paper is
left running. A byte `i` in it interrupts the command gently. The keeper exits as the command does, with 128 + n for
signal n, with 124 when the command ran longer than SECONDS and 125 when its processes had more than BYTES of memory.

It imports little, so that it starts in milliseconds.
"""

import ctypes
import os
import select
import signal
import sys
import time

TIMED_OUT = 124
OUT_OF_MEMORY = 125
INTERRUPT = b"i"
GRACE = 20.0  # seconds that an interrupted command has to end
LOOK = 0.5  # seconds between two looks at the memory

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str]) -> int:
    """Start the command, wait for its end or end it; its exit status as described above."""
    control, seconds, memory = int(arguments[0]), float(arguments[1]), int(arguments[2])
    os.set_inheritable(control, False)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # processes whose parent dies come to us: none gets lost
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _note)
    child = os.fork()
    if child == 0:
        _become(arguments[3:], prctl, os.getppid())
    status = _watch(child, control, reading, time.monotonic() + seconds, memory)
    end_descendants()
    return status


def _note(number: int, frame: object) -> None:
    """The number goes through the wake-up pipe; nothing else is done here."""


def _become(command: list[str], prctl: "ctypes._NamedFuncPointer", keeper: int) -> None:
    """Turn this process into the command. It dies with the keeper, should that be killed."""
    try:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() == keeper:
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.execv(command[0], command)  # noqa: S606 - a list of our own
    finally:
        os._exit(127)


def _watch(child: int, control: int, woken: int, deadline: float, memory: int) -> int:
    """Wait until the command has ended; what the keeper exits with."""
    poller = select.poll()
    for descriptor in (control, woken):
        poller.register(descriptor, select.POLLIN | select.POLLHUP)
    while True:
        events = dict(poller.poll(LOOK * 1000))
        ended = _reap(child)
        if ended is not None:
            return ended
        if woken in events and signal.SIGTERM in os.read(woken, 512):
            return 128 + signal.SIGTERM
        if control in events:
            if os.read(control, 1) != INTERRUPT:
                return 128 + signal.SIGKILL
            os.kill(child, signal.SIGINT)
            deadline = min(deadline, time.monotonic() + GRACE)
        if time.monotonic() > deadline:
            return TIMED_OUT
        if memory and sum(map(_read_memory, list_descendants())) > memory:
            return OUT_OF_MEMORY


def _reap(child: int) -> int | None:
    """Collect what has ended; the exit status of the command if it is among that."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            return None
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def list_descendants() -> list[int]:
    """Processes below this one."""
    found: list[int] = []
    new = [os.getpid()]
    while new:
        new = [child for pid in new for child in _list_children(pid)]
        found += new
    return found


def _list_children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - pathlib costs more than all else here
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:  # noqa: PTH123
                children += map(int, file.read().split())
    except OSError:
        pass  # it has ended
    return children


def _read_memory(pid: int) -> int:
    """Bytes of a process that are in memory and its own."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123
            _, resident, shared, *_ = map(int, file.read().split())
    except (OSError, ValueError):
        return 0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def end_descendants(patience: float = 10.0) -> None:
    """Kill every process below this one, and wait until they are gone."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for pid in list_descendants():
            try:  # noqa: SIM105 - contextlib would cost a third of the start
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
