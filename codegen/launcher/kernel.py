"""System calls that Python 3.11 does not offer. Each raises OSError with what was tried as its file name.

Numbers and flags are those of the kernel's headers (linux/mount.h, linux/prctl.h, linux/sched.h, linux/capability.h,
asm-generic/unistd.h); calls from 424 on have one number on every architecture.
"""

import ctypes
import os
import struct

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_SETATTR, CLOSE_RANGE = 442, 436

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_GET_SECCOMP, PR_SET_SECCOMP = 1, 4, 21, 22
PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 24, 28, 38, 39
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_MODE_FILTER = 2
SECURE_BITS = 0x2F  # uid 0 means nothing, and this cannot be taken back
CAPABILITY_VERSION = 0x20080522
SIGINT, SIGKILL, SIGPIPE, SIGXFSZ = 2, 9, 13, 25
EINVAL = 22

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """`result`, unless it says that the call failed."""
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), what)
    return result


def call(number: int, what: str, *arguments: int | bytes | None) -> int:
    """A system call by its number."""
    words = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return check(libc.syscall(ctypes.c_long(number), *words), what)


def prctl(option: int, what: str, *arguments: int) -> int:
    """An operation on this process."""
    words = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return check(libc.prctl(ctypes.c_int(option), *words), what)


def unshare(flags: int, what: str) -> None:
    """New namespaces for this process (the PID namespace: for its next children)."""
    check(libc.unshare(ctypes.c_int(flags)), what)


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, data)]
    result = libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    check(result, f"mounting {target}")


def set_attributes(target: str, attributes: int, *, below: bool) -> None:
    """Add attributes to a mount and to all `below` it, those included that this user may not take others from."""
    record = struct.pack("=4Q", attributes, 0, 0, 0)
    call(
        MOUNT_SETATTR, f"closing {target}",
        AT_FDCWD, os.fsencode(target), AT_RECURSIVE if below else 0, record, len(record),
    )  # fmt: skip


def enter_root(root: str) -> None:
    """`root`, a mount, becomes "/", and what "/" was is out of reach."""
    os.chdir(root)
    check(libc.pivot_root(b".", b"."), "changing the root")
    check(libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "leaving the old root")
    os.chdir("/")


def close_others(kept: int) -> None:
    """Close all descriptors above 2 but one."""
    for first, last in ((3, kept - 1), (kept + 1, 0xFFFFFFFF)):
        if first <= last:
            call(CLOSE_RANGE, "closing descriptors", first, last, 0)


def reset_signals() -> None:
    """The kernel's behaviour, where Python has its own."""
    for number in (SIGINT, SIGPIPE, SIGXFSZ):
        libc.signal(ctypes.c_int(number), ctypes.c_void_p(0))
