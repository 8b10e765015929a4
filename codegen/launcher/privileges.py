"""Giving up, for good, all that the program must not have: user, groups, capabilities, system calls, paths."""

import ctypes
import os

from codegen.launcher import kernel, landlock
from codegen.launcher.plan import FRESH_USER, Plan
from codegen.launcher.view import DEVICES, SHARED_MEMORY


def enter_namespaces(role: str, number: int) -> None:
    """Namespaces of this process's own. A normal user gets a user namespace with the others, in which it is `number`.

    Raises OSError.
    """
    others = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    others |= kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP
    if role == FRESH_USER:
        kernel.unshare(others, "making namespaces")
        return
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | others, "making a user namespace")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{number} {user} 1")
    _write("/proc/self/gid_map", f"{number} {group} 1")
    # ours is a new namespace, and this is its own number: none may be made below it
    _write("/proc/sys/user/max_user_namespaces", "0")


def give_up(plan: Plan) -> None:
    """Become the program's user without any privilege, behind Landlock and the system call filter, and make sure of it.

    Raises OSError.
    """
    kernel.prctl(kernel.PR_SET_SECUREBITS, "giving up the meaning of root", kernel.SECURE_BITS)
    for capability in range(64):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, "giving up capabilities", capability)
        except OSError as error:
            if error.errno != kernel.EINVAL:  # there are no more
                raise
            break
    if plan.role == FRESH_USER:
        os.setgroups([])
        os.setresgid(plan.number, plan.number, plan.number)
        os.setresuid(plan.number, plan.number, plan.number)
    kernel.prctl(kernel.PR_CAP_AMBIENT, "giving up capabilities", kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(kernel.CAPABILITY_VERSION, 0)
    kernel.check(kernel.libc.capset(header, (ctypes.c_uint32 * 6)()), "giving up capabilities")
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, "giving up set-user-id", 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, "closing this process", 0)


def close_doors(plan: Plan) -> None:
    """Landlock and the system call filter, on this process and all that come from it. Raises OSError."""
    writable = [plan.scratch_inside, SHARED_MEMORY] + ([plan.out_inside] if plan.out_inside else [])
    landlock.restrict(writable, plan.executable_inside, [f"/dev/{name}" for name in DEVICES])
    program = ctypes.create_string_buffer(plan.call_filter, len(plan.call_filter))

    class FilterProgram(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    record = FilterProgram(len(plan.call_filter) // 8, ctypes.addressof(program))
    kernel.prctl(kernel.PR_SET_SECCOMP, "loading the filter", kernel.SECCOMP_MODE_FILTER, ctypes.addressof(record))


def check_given_up(plan: Plan) -> None:
    """Raises OSError when anything is left that should be gone."""
    header = (ctypes.c_uint32 * 2)(kernel.CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    kernel.check(kernel.libc.capget(header, sets), "reading capabilities")
    left = {
        "capabilities": any(sets),
        "another user": set(os.getresuid() + os.getresgid()) != {plan.number},
        "groups": plan.role == FRESH_USER and bool(os.getgroups()),
        "new privileges": kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS, "reading back") != 1,
        "all system calls": kernel.prctl(kernel.PR_GET_SECCOMP, "reading back") != kernel.SECCOMP_MODE_FILTER,
    }
    for what, is_left in left.items():
        if is_left:
            raise PermissionError(1, "it was not given up", what)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"writing {path}") from error
    finally:
        os.close(descriptor)
