"""What a tier really allows, seen from inside it: run as the program, prints one line for every thing that it tried.

A line is `NAME free` or `NAME closed`, or `NAME VALUE`. Arguments: a file outside, a process outside, two ports on
which somebody outside listens (to TCP, and to UDP, which must not arrive), and at the end the data.
"""

import _socket
import ctypes
import os
import resource
import sys
from collections.abc import Callable

PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS = 21, 39
CLONE_NEWUSER, MS_REMOUNT_BIND = 0x10000000, 32 | 4096
AT_MOST = 40  # processes that are started to find the limit
EPERM, EACCES = 1, 13

libc = ctypes.CDLL(None, use_errno=True)


def look(outside: str, process: int, port: int, datagrams: int, data: str) -> None:
    """Try everything and print what came of it."""
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    print("capabilities", "free" if any(sets) else "closed")
    print("root", "free" if 0 in os.getresuid() + os.getresgid() else "closed")
    print("set-user-id", "closed" if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 else "free")
    print("filter", "on" if libc.prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 else "off")
    print("proc", "full" if os.path.exists("/proc/self/status") else "empty")
    attempts: dict[str, Callable[[], object]] = {
        "files outside": lambda: os.stat(outside),
        "processes outside": lambda: _see(process),
        "network": lambda: _socket.socket().connect(("127.0.0.1", port)),
        "writing to the root": lambda: os.mkdir("/planted"),
        "writing data": lambda: os.close(os.open(data, os.O_RDWR)),
        "mode of data": lambda: os.chmod(data, 0o600),
        "times of data": lambda: os.utime(data, (0, 0)),
        "user namespaces": lambda: _check(libc.unshare(CLONE_NEWUSER)),
        "mounts": lambda: _check(libc.mount(None, b"/", None, ctypes.c_ulong(MS_REMOUNT_BIND), None)),
        "limits": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (AT_MOST, resource.RLIM_INFINITY)),
        "number of processes": _start_many,
        "execution in shared memory": _execute,
        "datagrams": lambda: _socket.socket(type=_socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", datagrams)),
        "listening": lambda: _socket.socket().bind(("", 0)),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
            print(name, "free")
        except OSError as error:
            print(name, "forbidden" if error.errno == EACCES else "closed")
        except ValueError:  # from setrlimit
            print(name, "closed")


def _see(process: int) -> None:
    try:
        os.kill(process, 0)
    except OSError as error:
        if error.errno != EPERM:  # which says that it is there
            raise


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _start_many() -> None:
    """Raises OSError at the limit."""
    read, write = os.pipe()
    try:
        for _ in range(AT_MOST):
            if os.fork() == 0:
                os.close(write)
                os.read(read, 1)  # until the first is done
                os._exit(0)
    finally:
        os.close(write)


def _execute() -> None:
    path = "/dev/shm/try"  # noqa: S108 - that of the sandbox
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o755)
    os.write(descriptor, b"\x7fnothing")
    os.close(descriptor)
    try:
        os.execve(path, [path], {})  # noqa: S606
    except OSError as error:
        if error.errno == EACCES:
            raise


if __name__ == "__main__":
    look(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[-1])
