"""With which of coffea's executors an analysis runs, and what that needs of the sandbox."""

from typing import Literal, NamedTuple

from schemas.errors import UsageError
from schemas.execution import Limits

Kind = Literal["iterative", "futures", "dask"]

EACH = 1024**3  # bytes that a worker may take beyond what one process may
THREADS = 8  # of a worker


class Executor(NamedTuple):
    """One of coffea's executors. Which one never changes the results."""

    kind: Kind = "iterative"
    workers: int | None = None  # None: one per core
    scheduler: str | None = None  # address of a Dask scheduler; None: a cluster on this machine

    def check(self, *, unsafe: bool) -> None:
        """Raises UsageError for options that do not go together, and for Dask where the sandbox closes the network."""
        if self.scheduler and self.kind != "dask":
            raise UsageError(f"--scheduler {self.scheduler} goes with --executor dask")
        if self.kind == "dask" and not unsafe:
            raise UsageError(
                "--executor dask needs the network, which the sandbox closes; use --executor futures, run analysis.py "
                "by hand with --executor dask, or add --unsafe-no-sandbox if you trust the code as your own"
            )

    def list_arguments(self) -> list[str]:
        """What analysis.py is told."""
        if self.kind == "iterative":
            return []
        arguments = ["--executor", self.kind]
        arguments += ["--workers", str(self.workers)] if self.workers else []
        return arguments + (["--scheduler", self.scheduler] if self.scheduler else [])

    def set_limits(self, cores: int) -> Limits:
        """The usual limits, with room for the workers on a machine of so many cores."""
        usual = Limits()
        if self.kind == "iterative":
            return usual
        workers = self.workers or cores
        return usual.model_copy(update={
            "memory_bytes": usual.memory_bytes + workers * EACH,
            "processes": usual.processes + workers * THREADS,
        })  # fmt: skip
