"""What the criteria state in words: functions of a coder are given branches and objects, and say what they find."""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import math
import types
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import vector

from codegen.templates.chosen import read_array, read_numbers
from codegen.templates.chosen_branches import Branches, SelectionProblem, find_close
from codegen.templates.chosen_running import explain_failure
from codegen.templates.composites import Candidate, Composites
from codegen.templates.events import Problem
from codegen.templates.kinematics import FourMomenta
from codegen.templates.objects import Objects

Given = dict[str, ak.Array]


class Kept:
    """A chunk of events of which only some are looked at."""

    def __init__(self, events: Any, rows: np.ndarray) -> None:
        self._events, self._rows = events, rows

    @property
    def fields(self) -> list[str]:
        return list(self._events.fields)

    def __getitem__(self, name: str) -> ak.Array:
        return self._events[name][self._rows]


class Named:
    """The objects that a function may look at: `objects["jets"]`. Raises SelectionProblem for any other name."""

    def __init__(self, given: Given, known: tuple[str, ...]) -> None:
        self._given, self._known = given, known

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def __iter__(self) -> Any:
        raise SelectionProblem('objects are asked for by name, written out: objects["jets"]')

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise SelectionProblem(f'objects has no attribute {name[:80]!r}; objects are asked for as objects["name"]')

    def __getitem__(self, name: Any) -> ak.Array:
        if not isinstance(name, str) or name not in self._given:
            close = find_close(name, self._known) if isinstance(name, str) else ""
            known = f"close: {close}" if close else f"there are {', '.join(self._known)}"
            raise SelectionProblem(f"no objects {str(name)[:80]!r}; {known}; names are written out in the function")
        return self._given[name]


class Written:
    """The functions that a coder wrote for what the criteria state in words, over the events that are looked at."""

    def __init__(self, write: Callable[[], Any], events: Any, rows: np.ndarray, known: tuple[str, ...]) -> None:
        self.write, self.number, self.known = write, int(np.count_nonzero(rows)), known
        self.branches = Branches(Kept(events, rows), self.number)
        try:
            self.functions = self._define()
        except (Exception, SystemExit) as error:
            raise explain_failure(error, write) from None

    def _define(self) -> dict[str, Any]:
        """The functions, with nothing in sight but each other and the libraries."""
        vector.register_awkward()  # in every process that works
        names = {
            "np": np, "ak": ak, "vector": vector, "math": math, "itertools": itertools, "functools": functools,
            "__builtins__": builtins, "__name__": "functions",
        }  # fmt: skip
        defined: dict[str, Any] = types.FunctionType(self.write.__code__, names)()
        return defined

    def measure(self, name: str, given: Given) -> np.ndarray:
        """A variable: one float64 per event, NaN where it is missing. Raises Problem."""
        return self._call(name, given, self._read_numbers)

    def decide(self, name: str, given: Given) -> np.ndarray:
        """A cut on events: 1 where it holds, 0 where it does not, NaN where that is not known. Raises Problem."""
        return self._call(name, given, self._read_truth)

    def judge(self, name: str, objects: Objects, given: Given) -> np.ndarray:
        """A cut on objects: 1, 0 or NaN for each object of a table. Raises Problem."""

        def read(place: str, values: Any) -> np.ndarray:
            return spread(self._read_objects(place, values, objects), objects)

        return self._call(name, given, read)

    def _call(self, name: str, given: Given, read: Callable[[str, Any], np.ndarray]) -> np.ndarray:
        try:
            function = self.functions.get(name)
            if not isinstance(function, types.FunctionType):
                raise SelectionProblem(f"there is no function {name}(events, objects)")
            objects = Named(given, self.known)
            try:
                inspect.signature(function).bind(self.branches, objects)
            except TypeError:
                found = f"{name}{inspect.signature(function)}"
                raise SelectionProblem(f"expected {name}(events, objects), found {found}") from None
            return read(f"function {name}", function(self.branches, objects))
        except (Exception, SystemExit) as error:
            problem = explain_failure(error, self.write)
            line = str(problem)
            raise Problem(line if name in line else f"{line} (in {name})", problem.code, problem.trace) from None

    def _read_numbers(self, place: str, values: Any) -> np.ndarray:
        return read_numbers(place, values, self.number)

    def _read_truth(self, place: str, values: Any) -> np.ndarray:
        return read_truth(place, read_array(place, values, self.number, "True or False"))

    def _read_objects(self, place: str, values: Any, objects: Objects) -> np.ndarray:
        """One truth value per object, those of the first event first."""
        array = values if isinstance(values, ak.Array) else None
        if array is None or array.fields or array.ndim != 2 or len(array) != self.number:
            found = f"{str(array.type)[:60]}" if array is not None else type(values).__name__
            raise SelectionProblem(
                f"{place}: {found}; give a list of True or False per event, one for each object that the cut is about"
            )
        counts = np.asarray(ak.num(array))
        wrong = np.flatnonzero(counts != objects.count)
        if len(wrong):
            raise SelectionProblem(
                f"{place}: {counts[wrong[0]]} values where an event has {objects.count[wrong[0]]} objects; "
                "give one for each object, in their order, and leave none out"
            )
        flat = ak.flatten(array)
        return read_truth(place, read_array(place, flat, len(flat), "True or False"))

    @property
    def counts(self) -> dict[Any, int]:
        """What was read, as numbers that can be added up over chunks."""
        read = {("read", name): 1 for name in self.branches.names_read}
        return {**read, **{("not found", name): 1 for name in self.branches.not_found}}


def read_truth(place: str, found: np.ndarray) -> np.ndarray:
    """1 for True, 0 for False, NaN for None. Raises SelectionProblem for anything else."""
    missing = np.ma.getmaskarray(found)
    if found.dtype.kind != "b" and not np.all(missing):
        raise SelectionProblem(f"{place}: {found.dtype}; give True or False, for example by comparing with a number")
    return np.where(missing, np.nan, np.ma.filled(found, False).astype(np.float64))


def spread(values: np.ndarray, objects: Objects) -> np.ndarray:
    """Values of objects, those of the first event first, as a table."""
    table = np.full(objects.rows.shape, np.nan)
    table.T[objects.present.T] = values
    return table


def list_objects(objects: Objects, *names: str, labels: tuple[str, ...] = ()) -> ak.Array:
    """A list of objects per event, as records, in the order of the collection; NaN is missing.

    Of a label: True where an object has it, False where it has not or nobody knows.
    """
    entries = objects.rows.T[objects.present.T]
    columns = {name: find_column(objects, name)[entries] for name in names}
    columns |= {name: objects.source.find(name)[entries] == 1 for name in labels}
    return ak.unflatten(ak.zip(columns), objects.count)


def find_column(objects: Objects, name: str) -> np.ndarray:
    """A column of a collection, entry by entry."""
    if name not in objects.source.columns:
        return measure_momentum(objects.source.p4, name)
    column = objects.source.find(name)
    if name == "flavour":
        return np.nan_to_num(column).astype(np.int64)
    return column


def describe_candidate(candidate: Candidate, *names: str) -> ak.Array:
    """A record per event, None where the candidate does not exist."""
    parts = {n: candidate.charge if n == "charge" else measure_momentum(candidate.p4, n) for n in names}
    return ak.mask(ak.zip(parts), candidate.exists)


def list_composites(composites: Composites, *names: str) -> ak.Array:
    """The composites of an assignment per event, none where it does not exist; each with what plays its roles."""
    there, momentum = composites.present.T, [name for name in names if name != "charge"]
    parts = {n: composites.charge if n == "charge" else measure_momentum(composites.p4, n) for n in names}
    counts = np.where(composites.exists, len(composites.present), 0)
    made = ak.unflatten(ak.zip({name: values.T[there] for name, values in parts.items()}), counts)
    for role, objects in composites.roles.items():
        made = ak.with_field(made, list_objects(objects, *momentum), role)
    return made


def measure_momentum(p4: FourMomenta, name: str) -> np.ndarray:
    """pt, eta, phi, mass, energy, px, py or pz of four-momenta."""
    if name in ("px", "py", "pz"):
        return p4._place(p4.parts[("px", "py", "pz").index(name)])
    made: dict[str, Callable[[], np.ndarray]] = {
        "pt": lambda: p4.pt, "eta": lambda: p4.eta, "phi": lambda: p4.phi, "mass": lambda: p4.mass,
        "energy": lambda: p4.energy,
    }  # fmt: skip
    return made[name]()
