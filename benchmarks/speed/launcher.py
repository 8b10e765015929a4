"""Run a command and say what it took: `python -I -S launcher.py COMMAND...`, one line of JSON on stdout.

A process inherits the largest size of the one that starts it, so this one is small: nothing but the standard library.
What the command prints is dropped; its last line on stderr comes back when it fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import time


def main(command: list[str]) -> int:
    """Seconds, seconds of the processor and bytes, of the command and its processes (bytes: of the largest one)."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            return 1
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_memory": used.ru_maxrss * unit,
        "selected": {},
        "digests": {},
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
