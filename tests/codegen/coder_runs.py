"""Programs of coders, run in this process, as the sandbox would run them: quick, for tests that run many."""

import contextlib
import importlib.util
import io
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from unittest.mock import patch

from codegen.coder.program import make_program
from codegen.compile import compile_analysis
from codegen.outputs import read_cutflow
from codegen.profiles import load_profile
from schemas.criteria_yaml import load_criteria
from schemas.cutflow import Cutflow
from schemas.execution import Execution, Limits
from tests.codegen.cheating import CRITERIA

NUMBERS = count()


def run_here(program: str, arguments: Sequence[str | Path], files: Sequence[Path], folder: Path) -> Execution:
    """How a program ended that ran in this process on these files, with its outputs in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"coder_{next(NUMBERS)}"
    path = folder / f"{name}.py"
    path.write_text(program, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    words = [path.name, *map(str, arguments), "--out", str(folder), *map(str, files)]
    stderr = io.StringIO()
    with (
        patch.object(sys, "argv", words),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            spec.loader.exec_module(module)
            code = module.main()
        except SystemExit as end:
            code = 1 if end.code else 0
    del sys.modules[name]
    return Execution(
        tier="none", outcome="ok" if code == 0 else "crashed", exit_code=code, seconds=0.0, stdout="",
        stderr=stderr.getvalue(), limits=Limits(),
    )  # fmt: skip


def build(functions: str) -> str:
    """The program around these functions of the small selection."""
    return make_program(functions, load_criteria(CRITERIA), load_profile("atlas_mini"), "llm:test").source


def count_events(program: str, files: Sequence[Path], folder: Path) -> Cutflow:
    """The cutflow of a program that must end well."""
    execution = run_here(program, [], files, folder)
    assert execution.outcome == "ok", execution.stderr
    return read_cutflow(folder / "cutflow.json")


def count_baseline(files: Sequence[Path], folder: Path) -> Cutflow:
    """The right events: of the compiled analysis, which tests elsewhere compare with loops of their own."""
    program = compile_analysis(load_criteria(CRITERIA), load_profile("atlas_mini")).source
    return count_events(program, files, folder).model_copy(update={"made_by": "baseline"})
