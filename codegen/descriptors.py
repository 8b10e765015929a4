"""Descriptors between this process and the one that sets up a sandbox."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def memory_file(content: bytes) -> Iterator[int]:
    """A descriptor from which `content` can be read, with no name anywhere."""
    descriptor = os.memfd_create("options")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def status_pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe; reading never waits."""
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def wait_for_namespace(pid: int) -> None:
    """Return when the first process of a PID namespace is dead: the kernel lets it die after all the others."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], 10.0)
        finally:
            os.close(descriptor)
