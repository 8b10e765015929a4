"""A coder's functions are called for each chunk of events, and what they decide becomes results."""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import math
import traceback
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import vector

from codegen.templates.chosen import Selection
from codegen.templates.chosen_branches import Branches, SelectionProblem
from codegen.templates.compiled import Analysis
from codegen.templates.events import Chunk, Problem
from codegen.templates.flow import Watch, collect
from codegen.templates.open_root import open_chunk
from codegen.templates.results import (
    Piece,
    pack,
    write_json,
)
from codegen.templates.script import print_cutflow, write_findings


def choose(
    events: Any, keys: np.ndarray, weight: np.ndarray, write: Callable[[], Any], watched: frozenset[tuple[int, ...]]
) -> dict[str, Any]:
    """All that the functions find in a chunk of events. Raises Problem."""
    watch = Watch(keys, watched)
    branches = Branches(events, len(keys))
    selection = Selection(branches, watch)
    try:
        call_select(write, branches, selection)
        flows = selection.finish()
    except (Exception, SystemExit) as error:
        raise explain_failure(error, write) from None
    first, enough = np.zeros(len(keys), dtype=np.intp), np.ones(len(keys), dtype=bool)
    return collect(keys, weight, enough, first, watch, flows, selection.outputs, None, selection.counts)


def call_select(write: Callable[[], Any], branches: Branches, selection: Selection) -> None:
    """Call `select` with nothing in sight but itself, its helpers and the libraries; what it keeps is gone afterwards.

    Raises what it raises, and SelectionProblem when there is none.
    """
    vector.register_awkward()  # in every process that works
    names = {
        "np": np, "ak": ak, "vector": vector, "math": math, "itertools": itertools, "functools": functools,
        "__builtins__": builtins, "__name__": "functions",
    }  # fmt: skip
    defined = types.FunctionType(write.__code__, names)()
    select = defined.get("select")
    if not isinstance(select, types.FunctionType):
        raise SelectionProblem("there is no function select(events, selection)")
    try:
        inspect.signature(select).bind(branches, selection)
    except TypeError:
        given = inspect.signature(select)
        raise SelectionProblem(f"expected select(events, selection), found select{given}") from None
    select(branches, selection)


def explain_failure(error: BaseException, write: Callable[[], Any]) -> Problem:
    """What went wrong in the functions: one line that names theirs, and the trace from there on."""
    said = next(iter(str(error).strip().splitlines()), "")[:500]
    if isinstance(error, SyntaxError):
        return Problem(f"SyntaxError: {said}", 10)
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__") != "functions":
        trace = trace.tb_next
    lines = [n for frame, n in traceback.walk_tb(trace) if frame.f_globals.get("__name__") == "functions"]
    place = f"line {lines[-1] - write.__code__.co_firstlineno} of the functions: " if lines else ""
    told = "".join(traceback.format_exception(type(error), error, trace)) if lines else ""
    if isinstance(error, Problem):
        return Problem(f"{place}{said}", error.code, told)
    return Problem(f"{place}{type(error).__name__}: {said}", 1, told)


def process_chunk(chunk: tuple[Any, ...], watched: frozenset[tuple[int, ...]]) -> tuple[Any, ...]:
    """What the analysis finds in a chunk of events, in types that every process knows."""
    (found,) = Analysis(watched).process(open_chunk(Chunk(*chunk))).values()
    return tuple(pack(found))


def write_results(folder: Path, pieces: Iterable[Piece], watched: frozenset[tuple[int, ...]]) -> None:
    """Everything the functions found, as files in a folder, and what they read. Raises Problem when keys repeat."""
    findings, steps = write_findings(folder, pieces, watched)
    write_json(folder / "selection.json", describe_selection(findings.undecided))
    print_cutflow(steps, {name: number for name, number in findings.undecided.items() if isinstance(name, str)})


def describe_selection(counts: dict[Any, int]) -> dict[str, Any]:
    """What was read, what was asked for in vain, and for each step how many events pass it and what was read before."""

    def find(*start: str) -> list[Any]:
        return [n[-1] for n in counts if isinstance(n, tuple) and n[:-1] == start]

    return {
        "format": "paperfilter-selection/1",
        "branches_read": find("read"),
        "not_found": find("not found"),
        "steps": {
            step: {"passed": counts["passed", step], "read_before": find("read before", step)}
            for step in find("passed")
        },
    }
