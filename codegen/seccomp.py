"""A system call filter for generated code, as the classic BPF program that every tier loads.

Namespaces leave some doors: socket families that no network namespace covers (vsock reaches a hypervisor), new user
namespaces (full capabilities against the kernel, unbounded tmpfs), keyrings, io_uring, memory of the kernel that counts
for no process (System V and POSIX queues), and fallocate, which fills a disk faster than anybody can look. Numbers are
those of the Linux headers asm/unistd_64.h and asm-generic/unistd.h; the record that the program sees is
`struct seccomp_data` of linux/seccomp.h.
"""

import platform
import struct
from typing import NamedTuple

LOAD, JUMP_EQUAL, JUMP_NOT_BELOW, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000  # linux/seccomp.h
EPERM, ENOSYS, EAFNOSUPPORT, EOPNOTSUPP = 1, 38, 97, 95
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT = (
    0,
    4,
    16,
    24,
    32,
)  # offsets in struct seccomp_data

NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
SOCKET_FAMILIES = (1, 2, 10)  # unix, inet, inet6: a network namespace covers these
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
SOL_SOCKET = 1
BUFFER_SIZES = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and both with FORCE: memory that counts for no process
OTHER_CALL_TABLE = 0x40000000  # x32


class Machine(NamedTuple):
    """What differs between architectures. `denied` fail with EPERM."""

    audit: int
    clone: int
    clone3: int
    socket: int
    socketpair: int
    ioctl: int
    setsockopt: int
    fallocate: int
    denied: tuple[int, ...]


# of both: io_uring_*, open_tree, move_mount, fs{open,config,mount,pick}, pidfd_getfd, process_madvise, mount_setattr,
# quotactl_fd, memfd_secret, open_tree_attr
NEW_CALLS = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 447, 467)

MACHINES = {
    "x86_64": Machine(
        audit=0xC000003E, clone=56, clone3=435, socket=41, socketpair=53, ioctl=16, setsockopt=54, fallocate=285,
        denied=(
            29, 64, 68, 240,  # shmget semget msgget mq_open
            101,  # ptrace
            103,  # syslog
            155, 161, 163, 165, 166, 167, 168, 169,  # pivot_root chroot acct mount umount2 swapon swapoff reboot
            172, 173, 175, 176, 179, 246, 313, 320,  # iopl ioperm *_module quotactl kexec_*
            154, 256, 279,  # modify_ldt migrate_pages move_pages
            248, 249, 250,  # keyrings
            272, 308,  # unshare setns
            278, 298, 303, 304,  # vmsplice perf_event_open name_to_handle_at open_by_handle_at
            310, 311, 312, 321, 323,  # process_vm_* kcmp bpf userfaultfd
            *NEW_CALLS,
        ),
    ),
    "aarch64": Machine(
        audit=0xC00000B7, clone=220, clone3=435, socket=198, socketpair=199, ioctl=29, setsockopt=208, fallocate=47,
        denied=(
            194, 190, 186, 180,  # shmget semget msgget mq_open
            117,  # ptrace
            116,  # syslog
            41, 51, 89, 40, 39, 224, 225, 142,  # pivot_root chroot acct mount umount2 swapon swapoff reboot
            105, 106, 273, 60, 104, 294,  # *_module quotactl kexec_*
            238, 239,  # migrate_pages move_pages
            217, 218, 219,  # keyrings
            97, 268,  # unshare setns
            75, 241, 264, 265,  # vmsplice perf_event_open name_to_handle_at open_by_handle_at
            270, 271, 272, 280, 282,  # process_vm_* kcmp bpf userfaultfd
            *NEW_CALLS,
        ),
    ),
}  # fmt: skip


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _fail(error: int) -> bytes:
    return _instruction(RETURN, FAIL | error)


def assemble_filter(architecture: str | None = None) -> bytes | None:
    """The filter for `architecture` (default: this machine's), or None for one whose call numbers are not known."""
    machine = MACHINES.get(architecture or platform.machine())
    if machine is None:
        return None
    allow = _instruction(RETURN, ALLOW)
    load_number = _instruction(LOAD, NUMBER)
    program = [
        _instruction(LOAD, ARCHITECTURE),
        _instruction(JUMP_EQUAL, machine.audit, 1, 0),
        _instruction(RETURN, KILL),
        load_number,
    ]
    if machine.audit == MACHINES["x86_64"].audit:
        program += [_instruction(JUMP_NOT_BELOW, OTHER_CALL_TABLE, 0, 1), _fail(ENOSYS)]
    for number in machine.denied:
        program += [_instruction(JUMP_EQUAL, number, 0, 1), _fail(EPERM)]
    # glibc falls back from clone3 (flags behind a pointer, out of the filter's sight) to clone
    program += [_instruction(JUMP_EQUAL, machine.clone3, 0, 1), _fail(ENOSYS)]
    program += [_instruction(JUMP_EQUAL, machine.fallocate, 0, 1), _fail(EOPNOTSUPP)]
    program += [
        _instruction(JUMP_EQUAL, machine.clone, 0, 4),
        _instruction(LOAD, FIRST_ARGUMENT),
        _instruction(JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1),
        _fail(EPERM),
        allow,
    ]
    families = [
        _instruction(JUMP_EQUAL, family, len(SOCKET_FAMILIES) - i, 0) for i, family in enumerate(SOCKET_FAMILIES)
    ]
    for number in (machine.socket, machine.socketpair):
        program += [
            _instruction(JUMP_EQUAL, number, 0, len(families) + 3),
            _instruction(LOAD, FIRST_ARGUMENT),
            *families,
            _fail(EAFNOSUPPORT),
            allow,
        ]
    sizes = [_instruction(JUMP_EQUAL, option, len(BUFFER_SIZES) - i, 0) for i, option in enumerate(BUFFER_SIZES)]
    program += [
        _instruction(JUMP_EQUAL, machine.setsockopt, 0, len(sizes) + 5),
        _instruction(LOAD, SECOND_ARGUMENT),
        _instruction(JUMP_EQUAL, SOL_SOCKET, 0, len(sizes) + 1),
        _instruction(LOAD, THIRD_ARGUMENT),
        *sizes,
        allow,
        _fail(EPERM),
    ]
    program += [_instruction(JUMP_EQUAL, machine.ioctl, 0, 4), _instruction(LOAD, SECOND_ARGUMENT)]
    program += [_instruction(JUMP_EQUAL, TERMINAL_INPUT[0], 1, 0), _instruction(JUMP_EQUAL, TERMINAL_INPUT[1], 0, 1)]
    program += [_fail(EPERM), allow]
    return b"".join(program)
