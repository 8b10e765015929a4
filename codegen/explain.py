"""Asking a compiled analysis what it compared in single events."""

import json
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from codegen.outputs import read_values
from codegen.sandbox import run_sandboxed
from schemas.analysis import StepValues
from schemas.cutflow import EventKey
from schemas.errors import AnalysisFailed
from schemas.execution import Limits

VALUES = "values.json"


def explain_events(
    program: str | Path,
    keys: Collection[EventKey],
    data_files: Sequence[Path],
    limits: Limits | None = None,
    *,
    unsafe_no_sandbox: bool = False,
) -> dict[EventKey, StepValues]:
    """What the analysis compares in these events at each step, by running it again with `--explain`.

    Events that are not in the files are left out. Keys have the columns of the analysis's own cutflow. Raises
    AnalysisFailed when the program does not finish or writes no values, otherwise as `run_sandboxed`.
    """
    if not keys:
        return {}
    with tempfile.TemporaryDirectory(prefix="paperfilter-") as folder:
        wanted = Path(folder, "keys.json")
        wanted.write_text(json.dumps(sorted(keys)), encoding="utf-8")
        execution = run_sandboxed(
            program, ["--explain", wanted], data_files, Path(folder), limits, unsafe_no_sandbox=unsafe_no_sandbox
        )
        if VALUES not in [output.name for output in execution.outputs]:
            last = next(reversed(execution.stderr.strip().splitlines()), execution.outcome)
            raise AnalysisFailed(f"the analysis does not explain events: {last[:300]}")
        return read_values(Path(folder, VALUES))
