"""Programs in the shape of a compiled analysis, run in this process."""

import contextlib
import importlib.util
import io
import sys
from itertools import count
from pathlib import Path
from unittest.mock import patch

from codegen.outputs import read_cutflow
from schemas.cutflow import Cutflow

NUMBERS = count()


def run_program(source: str, data: Path, folder: Path) -> tuple[Cutflow, str]:
    """The cutflow and the table of candidates that a program writes for a file."""
    name = f"program_{next(NUMBERS)}"
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    out = folder / name
    with (
        patch.object(sys, "argv", [path.name, str(data), "--out", str(out)]),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        assert module.main() == 0
    return read_cutflow(out / "cutflow.json"), (out / "candidates.csv").read_text(encoding="utf-8")
