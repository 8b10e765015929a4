"""The selection as a coder's functions make it: which events pass each step, and the outputs."""

from __future__ import annotations

import math
from typing import Any

import awkward as ak
import numpy as np

from codegen.templates.chosen_branches import Branches, SelectionProblem, find_close
from codegen.templates.compiled import OUTPUTS, REGIONS
from codegen.templates.flow import Flow, Region, Watch


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
