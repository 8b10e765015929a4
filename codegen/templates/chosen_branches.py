"""The branches of a chunk of events as a coder's functions see them."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator
from typing import Any

import awkward as ak
import numpy as np

from codegen.templates.events import Problem


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
