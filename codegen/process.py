"""One child process under limits: bounded capture, wall clock, memory and disk watched, nothing left behind.

The only module that starts processes. Limits that the kernel enforces per process (CPU, address space, file size,
number of processes) are set by the command itself (`codegen.confinement`); here is what needs a look from outside.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.execution import Limits, Outcome

TICK = 0.05  # seconds between two looks
GRACE = 2.0  # seconds that a killed tree gets until its pipes close
FLOOD = 64  # a stream may print this many times its captured size before the program is stopped
CHUNK = 65536
# offers itself to the kernel that runs out of memory; prints a line, waits for one, and only then becomes the command,
# with empty input
FIRST_TO_DIE = "1000"  # in oom_score_adj
OFFER = f"{{ echo {FIRST_TO_DIE} >/proc/self/oom_score_adj; }} 2>/dev/null"
GATE = ("/bin/sh", "-c", f'{OFFER}; echo && read -r go && exec "$@" </dev/null', "sh")
RUN_MARK = "PAPERFILTER_RUN"  # environment entry by which processes of a run are found again
OWNER = f"{RUN_MARK}=owner ".encode()


class Ended(NamedTuple):
    """How a child process ended. `stopped` says why it was killed; `exit_code` is then None."""

    exit_code: int | None
    stopped: Outcome | None
    seconds: float
    stdout: bytes
    stderr: bytes
    cpu_seconds: float  # of the process that used most, as last seen


class Capture:
    """The head and the tail of a stream, `size` bytes in all. What lies between is counted, not kept."""

    def __init__(self, size: int) -> None:
        self._head_size = size // 4
        self._tail_size = size - self._head_size
        self._head = bytearray()
        self._tail = bytearray()
        self.seen = 0

    def add(self, data: bytes) -> None:
        """Take note of `data`."""
        self.seen += len(data)
        room = self._head_size - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._tail_size + CHUNK:  # trimmed now and then, not at every line
            del self._tail[: -self._tail_size]

    def text(self) -> bytes:
        """What was kept, with a line in the middle that says how much was left out."""
        tail = bytes(self._tail[-self._tail_size :]) if self._tail_size else b""
        lost = self.seen - len(self._head) - len(tail)
        gap = f"\n[{lost} bytes left out]\n".encode() if lost else b""
        return bytes(self._head) + gap + tail


def run_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    limits: Limits,
    folder: Path | None = None,
    open_folder: Callable[[], int] | None = None,
    pass_fds: Sequence[int] = (),
    gated: bool = False,
    mark: str | None = None,
    stop: Callable[[], bool] | None = None,
) -> Ended:
    """Run `command` with no input and exactly `environment`, and capture what it prints, until it ends or is stopped.

    `folder` is watched for its size on disk; `open_folder` is called once when the gate is reached, for an open folder
    that is a file system of its own, bounded, in memory. `gated`: what `command` runs in the end begins with GATE; a
    program whose sandbox was still being set up when this process was killed never gets past it. `mark` (the value of
    RUN_MARK in `environment`) is for a command without a PID namespace of its own: what it leaves running is found by
    it. `stop` is asked every TICK whether nobody wants the results any more: then all is killed. Raises OSError when
    `command` cannot be started.
    """
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - an argument list, no shell
        list(command),
        stdin=subprocess.PIPE if gated else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd="/",
        close_fds=True,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
        bufsize=0,
    )
    if process.stdout is None or process.stderr is None:
        raise OSError("no pipes to the child process")
    captures = {"stdout": Capture(limits.captured_bytes), "stderr": Capture(limits.captured_bytes)}
    watch = _Watch(process.pid, limits, folder, began)
    stopped: Outcome | None = None
    try:
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
            for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
                os.set_blocking(stream.fileno(), False)
                selector.register(stack.enter_context(stream), selectors.EVENT_READ, captures[name])
            ended = os.pidfd_open(process.pid)
            stack.callback(os.close, ended)
            selector.register(ended, selectors.EVENT_READ, None)
            while process.poll() is None and stopped is None:
                _read_once(selector, TICK)
                if process.stdin is not None and not process.stdin.closed and captures["stdout"].seen:
                    if open_folder is not None:
                        watch.bounded = open_folder()
                    with contextlib.suppress(BrokenPipeError):
                        process.stdin.write(b"go\n")
                    process.stdin.close()
                flooded = any(c.seen > FLOOD * limits.captured_bytes for c in captures.values())
                stopped = "output_limit" if flooded else watch.look()
                if stop is not None and stop():
                    stopped = "killed"
            selector.unregister(ended)
            _kill(process, mark)
            deadline = time.monotonic() + GRACE
            while selector.get_map() and time.monotonic() < deadline:
                _read_once(selector, TICK)
    finally:
        _kill(process, mark)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
    stdout = captures["stdout"].text()
    return Ended(
        exit_code=None if stopped else process.returncode,
        stopped=stopped,
        seconds=time.monotonic() - began,
        stdout=stdout.removeprefix(b"\n") if gated else stdout,
        stderr=captures["stderr"].text(),
        cpu_seconds=watch.cpu_seconds,
    )


def _read_once(selector: selectors.BaseSelector, timeout: float) -> None:
    """One chunk from every stream that has something; a stream at its end is unregistered."""
    for key, _ in selector.select(timeout):
        if not isinstance(key.data, Capture):
            continue
        data = os.read(key.fd, CHUNK)
        if data:
            key.data.add(data)
        else:
            selector.unregister(key.fileobj)


def _kill(process: "subprocess.Popen[bytes]", mark: str | None) -> None:
    """Kill the process, its group, and every process that carries `mark`, until none is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if mark is None:
        return
    entry = f"{RUN_MARK}={mark}".encode()
    for _ in range(100):  # a fork bomb needs more than one round
        marked = [pid for pid in _processes() if entry in _read(f"/proc/{pid}/environ").split(b"\0")]
        if not marked:
            return
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def name_owner() -> str:
    """This process, as a value of RUN_MARK: its number, when it began, and the PID namespace that it is counted in."""
    return _name_process(os.getpid()) or "unknown"


def end_orphans() -> None:
    """Kill what is left of sandboxes whose owner is dead. Bubblewrap, killed as it starts, leaves a process that waits.

    Raises nothing: what belongs to others is left alone.
    """
    for pid in _processes():
        marks = [entry for entry in _read(f"/proc/{pid}/environ").split(b"\0") if entry.startswith(OWNER)]
        owner = marks[0].removeprefix(OWNER).decode("ascii", "replace") if marks else ""
        number, _, rest = owner.partition(" ")
        if not rest.endswith(f" {_pid_namespace()}") or not number.isdigit() or _name_process(int(number)) == owner:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _name_process(pid: int) -> str | None:
    # what follows the name, which may hold anything, begins with the state; the start time is field 22
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return f"{pid} {fields[19].decode()} {_pid_namespace()}" if len(fields) > 19 and fields[0] != b"Z" else None


def _pid_namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116
    except OSError:
        return 0


def _processes() -> list[int]:
    with os.scandir("/proc") as listing:
        return [int(entry.name) for entry in listing if entry.name.isdigit()]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


class _Watch:
    """What is looked at every TICK: the clock, the memory of the whole tree, the folder on disk."""

    def __init__(self, pid: int, limits: Limits, folder: Path | None, began: float) -> None:
        self._pid = pid
        self._limits = limits
        self._folder = folder
        self._deadline = began + limits.wall_seconds
        self._shared = _shared_memory()
        self._sent = _network_memory()
        self.bounded: int | None = None
        self.cpu_seconds = 0.0

    def look(self) -> Outcome | None:
        """The limit that is passed, if one is."""
        if time.monotonic() > self._deadline:
            return "timeout"
        written = 0
        if self.bounded is not None:
            state = os.fstatvfs(self.bounded)
            written = (state.f_blocks - state.f_bfree) * state.f_frsize
            if state.f_bfree == 0 or _too_full(f"/proc/self/fd/{self.bounded}", self._limits):
                return "output_limit"
        if self._folder is not None and _too_full(os.fspath(self._folder), self._limits):
            return "output_limit"
        processes = _tree(self._pid)
        self.cpu_seconds = max(self.cpu_seconds, *map(_cpu_seconds, processes))
        sent = max(0, _network_memory() - self._sent) + _socket_memory(processes)
        if _memory(processes, self._limits.memory_bytes) + sent > self._limits.memory_bytes:
            return "memory"
        # tmpfs, memfd and detached segments belong to no process
        if _shared_memory() - self._shared - written > self._limits.memory_bytes + 2 * self._limits.tmpfs_bytes:
            return "memory"
        return None


def _shared_memory() -> int:
    """Memory of the machine in tmpfs and shared segments, in bytes."""
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith(b"Shmem:"):
            return int(line.split()[1]) * 1024
    return 0


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads together."""
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if len(fields) > 12 else 0.0


def _socket_memory(processes: Sequence[int]) -> int:
    """What the sockets of the network namespaces of `processes`, other than ours, may hold at most, in bytes.

    The kernel counts the buffers of Unix sockets nowhere, but it counts the sockets, also those on their way from one
    process to another, and the filter keeps each at the default size, which the last message may pass.
    """
    ours = _network_of("self")
    count = 0
    for network, pid in {_network_of(str(pid)): pid for pid in processes}.items():
        if network not in (None, ours):
            line = _read(f"/proc/{pid}/net/sockstat").partition(b"\n")[0].split()
            count += int(line[2]) if len(line) == 3 else 0
    return count * (int(_read("/proc/sys/net/core/wmem_default") or b"212992") + CHUNK)


def _network_of(process: str) -> int | None:
    # the namespace itself is shown to few; its files have numbers of their own in each
    try:
        return os.stat(f"/proc/{process}/net/sockstat").st_ino  # noqa: PTH116
    except OSError:
        return None


def _network_memory() -> int:
    """Memory of the machine in buffers of TCP and UDP, in bytes."""
    pages = 0
    for line in _read("/proc/net/sockstat").splitlines():
        name, _, rest = line.partition(b":")
        words = rest.split()
        if name in (b"TCP", b"UDP") and b"mem" in words:
            pages += int(words[words.index(b"mem") + 1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _memory(processes: Sequence[int], enough: int) -> int:
    """Resident memory of the processes, in bytes; shared pages once where that decides."""
    page = os.sysconf("SC_PAGE_SIZE")
    resident = {pid: int((_read(f"/proc/{pid}/statm").split() or [b"0", b"0"])[1]) * page for pid in processes}
    if sum(resident.values()) <= enough:
        return sum(resident.values())
    total = 0
    for pid, all_of_it in resident.items():
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
        shares = [line.split()[1] for line in lines if line.startswith(b"Pss:")]
        total += int(shares[0]) * 1024 if shares else all_of_it  # a process can close itself to being looked at
    return total


def _tree(root: int) -> list[int]:
    """A process and all its descendants."""
    found: list[int] = []
    waiting = [root]
    while waiting and len(found) < 10_000:
        found.append(pid := waiting.pop())
        with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/task") as threads:
            for thread in threads:
                waiting.extend(int(child) for child in _read(f"{thread.path}/children").split())
    return found


def _too_full(folder: str, limits: Limits) -> bool:
    """Whether what lies under `folder` takes more disk, or has more entries, than allowed."""
    used = entries = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    entries += 1
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    if used > limits.output_bytes or entries > 10 * limits.output_files:
                        return True
        except FileNotFoundError:
            continue  # gone in the meantime
        except OSError:
            return True  # closed, or too deep for a path: what cannot be looked into cannot be measured
    return False
