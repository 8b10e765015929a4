"""What a coder's functions are given, the branches and the selection, and what becomes of what they decide."""

from __future__ import annotations

import builtins
import contextlib
import difflib
import functools
import inspect
import itertools
import math
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import vector

from codegen.templates.compiled import KEY, OUTPUTS, REGIONS, Analysis
from codegen.templates.events import Chunk, Problem
from codegen.templates.flow import Flow, Region, Watch, collect
from codegen.templates.open_root import open_chunk
from codegen.templates.results import (
    Findings,
    Piece,
    check_unique,
    count_steps,
    pack,
    write_candidates,
    write_cutflow,
    write_histograms,
    write_json,
)
from codegen.templates.script import print_cutflow


class SelectionProblem(Problem):
    """What the functions do with the events or the selection that cannot be: one line that says what to do instead."""

    def __init__(self, line: str) -> None:
        super().__init__(line, 10)


class Branches:
    """A chunk of events as the functions see it: `events["name"]` is a branch, in the unit of the file.

    One number, list or list of lists per event, as float64, int64 or bool; NaN where the file holds no usable number.
    Raises SelectionProblem for a name that the file does not have, with those that are close.
    """

    def __init__(self, events: Any, number: int) -> None:
        self._events, self._number = events, number
        self._known: dict[str, ak.Array] = {}
        self.names_read: dict[str, None] = {}
        self.not_found: dict[str, None] = {}

    def __len__(self) -> int:
        return self._number

    @property
    def fields(self) -> list[str]:
        """The names of all branches."""
        return list(self._events.fields)

    def __contains__(self, name: object) -> bool:
        found = name in self._events.fields
        if not found and isinstance(name, str):
            self._note_absent(name)
        return found

    def __iter__(self) -> Iterator[Any]:
        raise SelectionProblem('events are not gone through one by one; take whole branches: events["name"]')

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise SelectionProblem(f'events has no attribute {name!r}; a branch is read as events["name"]')

    def __getitem__(self, name: str) -> ak.Array:
        if not isinstance(name, str):
            raise SelectionProblem(
                f'events are asked for by the name of one branch, events["name"], not by {type(name).__name__}; '
                "keep all events and give masks to selection.add"
            )
        if name not in self._known:
            if name not in self._events.fields:
                self._note_absent(name)
                close = find_close(name, self._events.fields)
                raise SelectionProblem(f"no branch {name[:80]!r} in the files" + (f"; close: {close}" if close else ""))
            self._known[name] = widen(self._events[name], name)
        self.names_read[name] = None
        return self._known[name]

    def _note_absent(self, name: str) -> None:
        if len(self.not_found) < 100:
            self.not_found[ascii(name)[1:-1][:200]] = None


def find_close(name: str, known: Iterable[str]) -> str:
    """Up to three known names that look like this one, whatever their case."""
    by_plain: dict[str, list[str]] = {}
    for one in known:
        by_plain.setdefault(one.lower(), []).append(one)
    close = difflib.get_close_matches(name.lower()[:200], by_plain, 3, 0.6)
    return ", ".join([one for plain in close for one in by_plain[plain]][:3])


def widen(branch: Any, name: str) -> ak.Array:
    """A branch with its numbers as float64, int64 or bool; what is no finite number is NaN."""

    def change(layout: Any, **_: Any) -> Any:
        if layout.is_list and layout.parameter("__array__") in ("string", "bytestring"):
            raise SelectionProblem(f"branch {name!r} holds no numbers")
        if not isinstance(layout, ak.contents.NumpyArray):
            return None
        values = np.asarray(layout.data)
        if values.dtype.kind == "f":
            values = values.astype(np.float64)
            values[~np.isfinite(values)] = np.nan
        elif values.dtype.kind in "iu":
            values = values.astype(np.int64)
        elif values.dtype.kind != "b":
            raise SelectionProblem(f"branch {name!r} holds no numbers")
        return ak.contents.NumpyArray(values)

    array = ak.Array(branch)
    if array.ndim > 1:
        with contextlib.suppress(ValueError):
            array = ak.from_regular(array, axis=None)
    return ak.Array(ak.transform(change, array))


class Selection:
    """What the functions decide: for each step which events pass, for each output one number per event."""

    def __init__(self, branches: Branches, watch: Watch) -> None:
        self._branches, self._watch = branches, watch
        self._steps = name_steps(REGIONS)
        self._passed: dict[str, np.ndarray] = {}
        self._stored: dict[str, np.ndarray] = {}
        self._counts: dict[Any, int] = {}

    def add(self, step: str, passed: Any, value: Any = None) -> None:
        """Which events pass a step: one True or False per event, None is False.

        `value` is what the step compares, a number or a list per event. Raises SelectionProblem.
        """
        self._check_step(step)
        place = f"step '{step}'"
        mask = read_mask(place, passed, len(self._branches))
        if value is not None:
            self._take_down(step, place, value)
        self._passed[step] = mask
        self._counts["passed", step] = int(mask.sum())
        for name in self._branches.names_read:
            self._counts["read before", step, name] = 1

    def store(self, name: str, values: Any) -> None:
        """The values of an output: one number per event, None or NaN where there is none. Raises SelectionProblem."""
        known = [output.name for output in OUTPUTS]
        if name not in known:
            raise SelectionProblem(f"output {name!r}: expected one of {', '.join(known) or 'none at all'}")
        if name in self._stored:
            raise SelectionProblem(f"output '{name}' is stored twice; store it once, for all events")
        self._stored[name] = read_numbers(f"output '{name}'", values, len(self._branches))

    def _check_step(self, step: Any) -> None:
        known = [name for name, missing in self._steps.values() if missing is None]
        if not isinstance(step, str):
            raise SelectionProblem(f"selection.add takes the name of a step first, not {type(step).__name__}")
        if step not in known:
            if any(step == name for name, _ in self._steps.values()):
                raise SelectionProblem(f"step '{step}' cannot be evaluated in this format and must not be added")
            close = find_close(step, known)
            raise SelectionProblem(f"no step {step[:80]!r}" + (f"; close: {close}" if close else f"; steps: {known}"))
        if step in self._passed:
            raise SelectionProblem(f"step '{step}' is added twice; add it once, for all events")

    def _take_down(self, step: str, place: str, value: Any) -> None:
        """What a step compares in the events that are watched."""
        if not is_single(value):
            if not hasattr(value, "__len__") or len(value) != len(self._branches):
                number = len(value) if hasattr(value, "__len__") else "one"
                raise SelectionProblem(
                    f"{place}, value: {number} for {len(self._branches)} events; give one number or list per event"
                )
            for event, taken in self._watch.values.items():
                taken[step] = read_value(value[event])
            return
        for taken in self._watch.values.values():
            taken[step] = read_value(value)

    def finish(self) -> list[Flow]:
        """The events on their way through the regions. Raises SelectionProblem that names all that was not added."""
        lacking = [n for n, missing in self._steps.values() if missing is None and n not in self._passed]
        stored = [output.name for output in OUTPUTS if output.name not in self._stored]
        parts = [f"selection.add was not called for {', '.join(lacking)}"] if lacking else []
        parts += [f"selection.store was not called for {', '.join(stored)}"] if stored else []
        if parts:
            raise SelectionProblem("; ".join(parts))
        flows: dict[str, Flow] = {}
        for region in REGIONS:
            parent = flows[region.parent] if region.parent is not None else None
            flow = flows[region.name] = Flow(region, len(self._branches), self._watch, parent)
            for step in region.steps[1:]:
                name, missing = self._steps[region.name, step.name]
                if missing is None:
                    flow.cut(step.name, self._passed[name])
                else:
                    flow.skip(step.name)
        return list(flows.values())

    @property
    def outputs(self) -> dict[str, np.ndarray]:
        return self._stored

    @property
    def counts(self) -> dict[Any, int]:
        """What was read and decided, as numbers that can be added up over chunks."""
        read = {("read", name): 1 for name in self._branches.names_read}
        return {**read, **{("not found", name): 1 for name in self._branches.not_found}, **self._counts}


def name_steps(regions: tuple[Region, ...]) -> dict[tuple[str, str], tuple[str, str | None]]:
    """What the functions call each step of each region, and why it is not evaluated.

    That is its name in the cutflow, with the region's before it where two regions have a step of that name.
    """
    names = [step.name for region in regions for step in region.steps[1:]]
    return {
        (region.name, step.name): (
            step.name if names.count(step.name) == 1 else f"{region.name}.{step.name}",
            step.missing,
        )
        for region in regions
        for step in region.steps[1:]
    }


def is_single(value: Any) -> bool:
    """Whether it is one value, not one for each event."""
    return isinstance(value, bool | int | float | np.generic | None) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    )


def read_array(place: str, values: Any, number: int, what: str) -> np.ndarray:
    """One value per event as a masked array: None is masked. Raises SelectionProblem."""
    if is_single(values) or not hasattr(values, "__len__"):
        raise SelectionProblem(f"{place}: one value for all events ({str(values)[:40]}); give {what} for each event")
    try:
        array = values if isinstance(values, ak.Array) else ak.Array(values)
    except Exception:
        array = ak.from_iter(list(values))
    if array.fields:
        raise SelectionProblem(f"{place}: a record per event ({', '.join(array.fields[:6])}); give {what}")
    try:
        nested = array.ndim > 1
    except ValueError:
        nested = True
    if nested:
        hint = (
            "ak.all(..., axis=1) or ak.any(..., axis=1)" if what == "True or False" else "[:, 0] or ak.max(..., axis=1)"
        )
        raise SelectionProblem(f"{place}: a list per event; give {what} per event, for example by {hint}")
    if len(array) != number:
        raise SelectionProblem(
            f"{place}: {len(array)} values for {number} events; give {what} for every event and leave none out"
        )
    try:
        return ak.to_numpy(array, allow_missing=True)
    except Exception:
        raise SelectionProblem(f"{place}: {str(array.type)[:80]}; give {what} per event") from None


def read_mask(place: str, passed: Any, number: int) -> np.ndarray:
    """One True or False per event; None is False. Raises SelectionProblem."""
    found = read_array(place, passed, number, "True or False")
    if found.dtype.kind != "b" and len(found) and not np.all(np.ma.getmaskarray(found)):
        kind = {"f": "real numbers", "i": "whole numbers", "u": "whole numbers"}.get(found.dtype.kind, "no booleans")
        raise SelectionProblem(f"{place}: {kind}; compare them with the threshold, and give True or False per event")
    return np.ma.filled(found, False).astype(bool)


def read_numbers(place: str, values: Any, number: int) -> np.ndarray:
    """One float64 per event; what is no finite number is NaN. Raises SelectionProblem."""
    found = read_array(place, values, number, "one number")
    if found.dtype.kind not in "biuf":
        raise SelectionProblem(f"{place}: {found.dtype}; give one number per event")
    filled = np.ma.filled(found.astype(np.float64), np.nan)
    return np.where(np.isfinite(filled), filled, np.nan)


def read_value(value: Any) -> float | list[float] | None:
    """What was compared in one event: a number, a list of at most 100, or nothing that can be shown."""
    try:
        if isinstance(value, ak.Array | np.ndarray | list | tuple):
            flat = np.ravel(ak.to_numpy(ak.drop_none(ak.flatten(ak.Array(value), axis=None)))).astype(np.float64)
            return flat[np.isfinite(flat)][:100].tolist()
        number = float(value)
        return number if math.isfinite(number) else None
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return None  # explanations only: nothing is decided by it


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
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        findings = Findings(folder, stack)
        for piece in pieces:
            findings.add(piece)
        check_unique(findings.events)
        steps = count_steps(findings.events)
        write_cutflow(folder / "cutflow.json", findings, steps)
        write_histograms(folder / "histograms.json", findings)
        write_candidates(folder / "candidates.csv", findings)
    if watched:
        write_json(folder / "values.json", {
            "format": "paperfilter-values/1", "columns": KEY, "events": findings.watched,
        })  # fmt: skip
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
