"""What the program sees: a root on a small tmpfs, closed for writing, with mounts on it.

Everything of this machine is mounted read-only, without set-user-id and devices; three bounded tmpfs can be written,
of which the output folder is one. A new root by pivot_root has nothing behind it to which a path could lead.
"""

import os

from codegen.launcher import kernel
from codegen.launcher.plan import Plan

DEVICES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a tmpfs of its own, inside
BYTES_PER_FILE = 4096  # of a tmpfs, so that the number of its files is bounded too
CLOSED = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV


def build_view(plan: Plan) -> None:
    """Build the root and enter it. The mount namespace is this process's own. Raises OSError."""
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)  # nothing gets back to the machine
    kernel.mount("tmpfs", plan.root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755")  # closed in the end
    for step in plan.system:
        _take(plan.root, *step)
    _make_devices(plan)
    os.mkdir(f"{plan.root}/proc")
    try:
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | kernel.MS_RDONLY
        kernel.mount("proc", f"{plan.root}/proc", "proc", flags)
    except PermissionError:
        pass  # in a container that hides parts of its own; an empty folder shows less still
    scratch = plan.root + plan.scratch_inside
    os.mkdir(scratch)
    _mount_memory(scratch, plan.scratch_bytes, "1777")
    for step in plan.shown:
        _take(plan.root, *step)
    if plan.out_inside:
        os.mkdir(plan.root + plan.out_inside)
        _mount_memory(plan.root + plan.out_inside, plan.out_bytes, "0700", kernel.MS_NOEXEC)
    kernel.enter_root(plan.root)
    kernel.set_attributes("/dev", kernel.ATTR_RDONLY, below=False)
    kernel.set_attributes("/", kernel.ATTR_RDONLY, below=False)
    os.chdir(plan.scratch_inside)


def _take(root: str, kind: str, source: str, target: str) -> None:
    """One step: a folder, a link, or something of this machine."""
    place = root + target
    if kind == "folder":
        os.makedirs(place, mode=0o755, exist_ok=True)
    elif kind == "link":
        os.symlink(source, place)
    elif kind == "shown" or os.path.exists(source):
        _bind(source, place, CLOSED)


def _bind(source: str, place: str, attributes: int) -> None:
    """Mount a file or folder at a place that is made for it."""
    if os.path.isdir(source):
        os.makedirs(place, mode=0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), mode=0o755, exist_ok=True)
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o444))
    kernel.mount(source, place, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.set_attributes(place, attributes, below=True)


def open_output(plan: Plan, place: str) -> int:
    """The output folder at `place`, given to the program's user."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    os.fchown(descriptor, plan.number, plan.number)
    return descriptor


def _mount_memory(place: str, size: int, mode: str, flags: int = 0) -> None:
    options = f"size={size},nr_inodes={max(1024, size // BYTES_PER_FILE)},mode={mode}"
    kernel.mount("tmpfs", place, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | flags, options)


def _make_devices(plan: Plan) -> None:
    """A /dev with what programs need: no terminal, no disk."""
    folder = f"{plan.root}/dev"
    os.mkdir(folder, 0o755)
    _mount_memory(folder, 1 << 20, "0755")
    for name in DEVICES:
        # read-only: its content is not, but nobody changes its times or its mode
        _bind(f"/dev/{name}", f"{folder}/{name}", kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC)
    for name, target in DEVICE_LINKS:
        os.symlink(target, f"{folder}/{name}")
    memory = plan.root + SHARED_MEMORY
    os.mkdir(memory)
    _mount_memory(memory, plan.scratch_bytes, "1777")
