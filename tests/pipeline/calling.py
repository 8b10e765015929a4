"""The program as a person calls it: a process with arguments, its exit code and its two streams."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Called(NamedTuple):
    """What a call left."""

    code: int
    out: str
    err: str

    def json(self) -> dict:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)

    def error_line(self) -> str:
        """The one line that says what went wrong; progress lines before it are left out."""
        lines = [line for line in self.err.splitlines() if line.startswith("paperfilter: ")]
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


def call(*arguments: object, cwd: Path | None = None, **environment: str) -> Called:
    """Run `paperfilter` with these arguments in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        env=clean_environment() | environment,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        timeout=300,
        check=False,
    )
    return Called(done.returncode, done.stdout, done.stderr)


def command(*arguments: object) -> list[str]:
    """The command line of a call."""
    return [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]


def clean_environment() -> dict[str, str]:
    """This environment with our packages first, without settings of the program or of colours."""
    unwanted = ("PAPERFILTER_", "FORCE_COLOR", "NO_COLOR", "COLUMNS", "GIT_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return kept | {"PYTHONPATH": str(ROOT), "GIT_AUTHOR_NAME": "A. Physicist"}
