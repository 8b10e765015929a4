"""Typed expressions: what a checked text becomes, and the only thing a compiler ever sees of it.

A node's type says what kind of value it is, its dimension, and its axis: the collection (or list of pairs, or of
combinations under test) that it has one value per member of. Without an axis there is one value per event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

from schemas.expressions.dimension import ONE, Dimension

Kind = Literal["number", "boolean", "object", "label", "graded"]
Relation = Literal["<", "<=", ">", ">=", "==", "!="]
Sign = Literal["+", "-", "*", "/"]
Flag = Literal["same_flavour", "opposite_charge", "same_charge", "opposite_flavour"]

FLAGS: tuple[Flag, ...] = ("same_flavour", "opposite_charge", "same_charge", "opposite_flavour")


class Type(NamedTuple):
    """Kind of value, dimension (numbers only) and axis."""

    kind: Kind
    dimension: Dimension = ONE
    axis: "Node | None" = None


@dataclass(frozen=True)
class Node:
    """Base of all nodes. Equal nodes mean the same quantity."""

    type: Type

    @property
    def axis(self) -> "Node | None":
        """What the node has one value per member of: itself for a collection, None for one value per event."""
        return self.type.axis

    def children(self) -> Iterator["Node"]:
        """The nodes directly below."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Node):
                yield value
            elif field.name != "type" and isinstance(value, tuple):
                yield from (v for v in value if isinstance(v, Node))

    def walk(self) -> Iterator["Node"]:
        """This node and everything below it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Number(Node):
    """A literal, in base units."""

    value: float


@dataclass(frozen=True)
class Constant(Node):
    """A named constant such as mZ, in GeV."""

    name: str
    value: float


@dataclass(frozen=True)
class Label(Node):
    """A word: a working point, a kind, a trigger."""

    name: str


@dataclass(frozen=True)
class This(Node):
    """The object that an object definition's own cut is about; its axis is the collection being defined."""

    collection: str

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Collection(Node):
    """A defined collection of objects."""

    name: str

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class EventObject(Node):
    """An object of which every event has one: the missing transverse momentum."""

    name: str


@dataclass(frozen=True)
class EventField(Node):
    """A quantity of the whole event: trigger, number of vertices."""

    name: str


@dataclass(frozen=True)
class Candidate(Node):
    """A chosen composite; absent where no combination qualified."""

    name: str


@dataclass(frozen=True)
class Composites(Node):
    """The composites of an assignment; composite k belongs to object k of the first role."""

    name: str

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Trial(Node):
    """A candidate's own name inside its require, select and minimise: the combination under test.

    `group` names the choice: candidates that are chosen together share it.
    """

    name: str
    group: str


@dataclass(frozen=True)
class Trials(Node):
    """The combinations under test of one choice, in lexicographic order of their members. Only used as an axis."""

    group: str

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Members(Node):
    """The members of a candidate, or those from one part of its collection, in the collection's order."""

    owner: Node
    part: str

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Role(Node):
    """The object that plays a role in the composites of an assignment."""

    owner: Node
    role: str


@dataclass(frozen=True)
class Item(Node):
    """Object number `index` of a collection (0 is leading), or composite number `index` of an assignment."""

    owner: Node
    index: int


@dataclass(frozen=True)
class Slice(Node):
    """The first `stop` objects of a collection."""

    owner: Node
    stop: int

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Pairs(Node):
    """All pairs of different members of a collection that satisfy the flags, in lexicographic order."""

    owner: Node
    flags: tuple[Flag, ...]

    @property
    def axis(self) -> Node | None:
        return self


@dataclass(frozen=True)
class Field(Node):
    """A field of one object or of each object of a collection."""

    owner: Node
    name: str


@dataclass(frozen=True)
class Variable(Node):
    """A named event variable."""

    name: str


@dataclass(frozen=True)
class Worded(Node):
    """A quantity or condition that is stated in words; only a coder's function can evaluate it.

    `owner` is the variable or the cut by name. `given` are the quantities that the function may look at, as far as a
    compiler has chosen them. On single objects the axis is the collection being defined.
    """

    owner: str
    words: str
    given: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Call(Node):
    """An allowed function of its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Interpolation(Node):
    """Linear between the points, constant outside."""

    argument: Node
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Negative(Node):
    """The negative of a number."""

    argument: Node


@dataclass(frozen=True)
class Arithmetic(Node):
    """A sum, difference, product or quotient."""

    operator: Sign
    left: Node
    right: Node


@dataclass(frozen=True)
class Power(Node):
    """A number to a small whole power."""

    base: Node
    exponent: int


@dataclass(frozen=True)
class Comparison(Node):
    """A comparison of two numbers, or of two flavours."""

    relation: Relation
    left: Node
    right: Node


@dataclass(frozen=True)
class LabelTest(Node):
    """A label field against a word; with an order, such as that of working points, for `>=` and the like."""

    relation: Relation
    field: Node
    label: str


@dataclass(frozen=True)
class Not(Node):
    """The negation of a boolean."""

    argument: Node


@dataclass(frozen=True)
class Logic(Node):
    """Booleans joined by `and` or `or`."""

    operator: Literal["and", "or"]
    arguments: tuple[Node, ...]
