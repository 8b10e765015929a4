"""The person's editor: which it is, started on a file, waited for."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from schemas.errors import UsageError

VARIABLES = ("VISUAL", "EDITOR")
LAST_RESORT = "vi"


class EditorFailed(UsageError):
    """The editor ended with an error, or was killed."""


def find_editor() -> tuple[str, ...]:
    """The words of $VISUAL or $EDITOR, else vi. Raises UsageError where neither is set and there is no terminal."""
    for variable in VARIABLES:
        given = os.environ.get(variable, "").strip()
        if given:
            try:
                return tuple(shlex.split(given))
            except ValueError as error:
                raise UsageError(f"${variable} is no command line: {error}; set it to a program and options") from None
    if not sys.stdin.isatty():
        raise UsageError(f"no terminal for {LAST_RESORT}; set $VISUAL or $EDITOR to the editor to use")
    return (LAST_RESORT,)


def run_editor(words: Sequence[str], path: Path) -> None:
    """Start the editor on a file and wait until it ends.

    Raises UsageError when it cannot be started, EditorFailed when it ends with an error or by a signal. Ctrl-C is the
    editor's own affair meanwhile.
    """
    name = words[0]
    with _leave_interrupts():
        try:
            done = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the person's own editor
        except OSError as error:
            raise UsageError(f"cannot start the editor '{name}': {error.strerror}; set $VISUAL or $EDITOR") from None
    if done.returncode < 0:
        raise EditorFailed(f"the editor '{name}' was killed ({_name_signal(-done.returncode)})")
    if done.returncode > 0:
        raise EditorFailed(f"the editor '{name}' ended with {done.returncode}")


@contextmanager
def _leave_interrupts() -> Iterator[None]:
    """Ctrl-C goes to the editor alone. A handler, because what is ignored would be ignored by the editor, too."""

    def stay(number: int, frame: FrameType | None) -> None:
        pass

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stay)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
