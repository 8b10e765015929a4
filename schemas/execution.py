"""What happened when generated code ran in the sandbox. Code that crashes is data, not an exception."""

from typing import Literal

from schemas.model import Model

Confined = Literal["bubblewrap", "namespaces"]
Tier = Literal["bubblewrap", "namespaces", "none"]
Outcome = Literal["ok", "crashed", "timeout", "memory", "output_limit", "killed", "no_output"]


class Limits(Model):
    """Limits of one execution."""

    wall_seconds: float = 600.0
    cpu_seconds: int = 600
    memory_bytes: int = 4 * 1024**3
    processes: int = 64
    file_bytes: int = 256 * 1024**2
    captured_bytes: int = 1024**2  # of stdout and stderr each
    tmpfs_bytes: int = 64 * 1024**2
    output_bytes: int = 512 * 1024**2  # of everything it leaves behind
    output_files: int = 100


class SandboxReport(Model):
    """Whether generated code can run confined on this machine, found out by running something.

    `tier` is None when nothing works; `detail` then says what failed and `advice` what to do about it. `weaker` says
    what the tier lacks here of what it has elsewhere.
    """

    tier: Confined | None
    detail: str
    advice: str | None = None
    weaker: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a sandbox works here."""
        return self.tier is not None


class OutputFile(Model):
    """A file that was collected from the sandbox."""

    name: str
    size: int
    sha256: str


class RefusedOutput(Model):
    """Something the code left behind that was not taken."""

    name: str
    reason: str


class Execution(Model):
    """One run of one program in the sandbox."""

    tier: Tier
    outcome: Outcome
    exit_code: int | None
    seconds: float
    stdout: str  # control characters stripped, cut at the limit
    stderr: str
    outputs: tuple[OutputFile, ...] = ()
    refused: tuple[RefusedOutput, ...] = ()
    limits: Limits
