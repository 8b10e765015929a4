"""Programs in the shape of a compiled analysis, run in this process."""

import contextlib
import importlib.util
import io
import sys
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from codegen.outputs import read_cutflow
from schemas.cutflow import Cutflow

NUMBERS = count()


def load_program(source: str, folder: Path, start: str = "program") -> Any:
    """The module of a program, under a name of its own, with its file in the folder."""
    name = f"{start}_{next(NUMBERS)}"
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return load_file(path)


def load_file(path: Path) -> Any:
    """The module of a program's file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def run_program(source: str, data: Path, folder: Path) -> tuple[Cutflow, str]:
    """The cutflow and the table of candidates that a program writes for a file."""
    module = load_program(source, folder)
    out = folder / str(module.__name__)
    with (
        patch.object(sys, "argv", ["analysis.py", str(data), "--out", str(out)]),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        assert module.main() == 0
    return read_cutflow(out / "cutflow.json"), (out / "candidates.csv").read_text(encoding="utf-8")
