"""What expressions give for one event: numbers, conditions or objects, alone or one per member of an axis.

Numbers that are missing are NaN, conditions that are missing None. A list stands for one value per member of an axis;
the members of a candidate that does not exist are ABSENT, which is missing itself.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeVar

from codegen.witness.arithmetic import NAN, Truth
from codegen.witness.objects import Composite, Ref, Thing
from codegen.witness.stored import Shake

Absent = Literal["absent"]
ABSENT: Final = "absent"
Numbers = float | list[float] | Absent
Truths = Truth | list[Truth] | Absent
Object = Thing | Composite | None
Objects = Object | list[Object] | Absent
Entry = tuple[str, tuple[Ref, ...]]  # a cut or an overlap removal, and the stored objects that it is about
A = TypeVar("A")
R = TypeVar("R")


def lift(function: Callable[..., R], *values: A | list[A] | Absent) -> R | list[R] | Absent:
    """The function of the values, member by member where a value is a list."""
    if len(values) == 1:  # by far the most calls
        (only,) = values
        if isinstance(only, list):
            return [function(v) for v in only]
        return ABSENT if isinstance(only, str) else function(only)
    length = -1
    for value in values:
        if isinstance(value, str):
            return ABSENT
        if isinstance(value, list) and length < 0:
            length = len(value)
    if length < 0:
        return function(*values)
    return [function(*(v[k] if isinstance(v, list) else v for v in values)) for k in range(length)]


def calculate_difference(a: float, b: float) -> float:
    """a - b."""
    return a - b


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float], shake: Shake) -> float:
    """Linear between the points, constant outside."""
    if x != x:
        return NAN
    if x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    k = next(i for i in range(1, len(xs)) if x <= xs[i])
    if x == xs[k]:
        return ys[k]
    return shake.apply(ys[k - 1] + (x - xs[k - 1]) * (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1]), x)


def match_flag(flag: str, a: Thing, b: Thing) -> bool:
    """Whether two objects have the same or opposite flavour or charge."""
    if flag.endswith("flavour"):
        return (a.reader.base == b.reader.base) == (flag == "same_flavour")
    charges = a.field("charge") * b.field("charge")
    return charges > 0 if flag == "same_charge" else charges < 0
