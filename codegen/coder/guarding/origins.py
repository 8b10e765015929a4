"""Where a value in a selection comes from, as far as reading the code can tell."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

# data: what was measured. place: where in the file an event stands. count: how many events there are.
# key, counter: the numbers that name an event, and the one that differs from event to event.
# written: an array of numbers that stand in the code. shape: how many objects there are, data once they are counted.
# running: what came before in the file, as in a cumulative sum. total: one number of all events together.
# chosen: a name from among those of the branches.
Mark = Literal["data", "place", "running", "count", "key", "counter", "written", "shape", "chosen", "total"]

Handle = Literal["", "events", "fields", "selection", "objects", "add", "store"]  # add, store: of the selection


class Unknown:
    """The value of what is not known before the program runs."""


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Origin:
    """What a value may depend on. `rows`: it surely has one entry for each event; `value` is that of a constant."""

    marks: frozenset[Mark] = frozenset()
    rows: bool = False
    handle: Handle = ""
    function: str = ""
    parts: tuple["Origin", ...] | None = None  # of a tuple that is taken apart
    value: object = field(default=UNKNOWN, compare=False, hash=False)

    @property
    def constant(self) -> bool:
        """Whether it is written in the code."""
        return not isinstance(self.value, Unknown)

    def plus(self, marks: Iterable[Mark]) -> "Origin":
        """The same with more marks."""
        more = frozenset(marks)
        return self if more <= self.marks else replace(self, marks=self.marks | more, value=UNKNOWN)

    def without(self, *marks: Mark) -> "Origin":
        """The same without some marks."""
        return replace(self, marks=self.marks - set(marks))


NOTHING = Origin()


def join(origins: Iterable[Origin]) -> Origin:
    """What depends on all of them: any mark of any, rows only where all have them."""
    given = list(origins)
    if not given:
        return NOTHING
    if len(given) == 1:
        return given[0]
    first = given[0]
    same = all(o.handle == first.handle and o.function == first.function for o in given)
    parts = None
    if all(o.parts is not None and len(o.parts) == len(first.parts or ()) for o in given):
        parts = tuple(join(p) for p in zip(*(o.parts or () for o in given), strict=True))
    return Origin(
        marks=frozenset[Mark]().union(*(o.marks for o in given)),
        rows=all(o.rows for o in given),
        handle=first.handle if same else "",
        function=first.function if same else "",
        parts=parts,
    )


def mix(origins: Iterable[Origin], rows: bool | None = None) -> Origin:
    """What is computed from all of them, element by element: rows where any has them, unless it is said."""
    given = list(origins)
    marks = frozenset[Mark]().union(*(o.marks for o in given))
    return Origin(marks=marks, rows=any(o.rows for o in given) if rows is None else rows)
