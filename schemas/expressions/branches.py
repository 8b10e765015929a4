"""Expressions over branches of a file, as a data profile writes them: arithmetic, comparisons, and a few functions.

They carry no units: a profile states the unit of the result. Everything is a float64 before any arithmetic, and what
has no value (x / 0, the logarithm of a negative number, NaN in the file, an index beyond the end) is missing.

    pt, EventInfoAuxDyn.runNumber   a branch; names may hold dots; branch("a-b") for any other name
    weights[0]                      an entry of a branch that holds a list, counted from 0
    size(links)                     the number of entries of a branch that holds a list
    track.d0                        a branch of the object that the link `track` leads to
    event(PV_z)                     in a collection: a quantity of the event, the same for each of its objects
    count(status == 1), sum(x), largest(x), smallest(x), first(x, kind == 1)
                                    of the event: over a branch that holds a list
    bit(flags, 3)                   bit 3 (counted from 0) of a whole number, as 0 or 1
    abs sqrt sign floor sin cos atan2 sinh cosh tanh asinh exp log min max, and whole powers x ** 2
"""

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.errors import ProfileError
from schemas.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Logic,
    Negative,
    Node,
    Not,
    Number,
    Power,
    Relation,
    Type,
)
from schemas.expressions.parser import PRODUCTS, RELATIONS, SUMS

FUNCTIONS = ("abs", "sqrt", "sign", "floor", "sin", "cos", "sinh", "cosh", "tanh", "asinh", "exp", "log")
PAIRED = ("atan2", "min", "max", "bit")
AGGREGATES = ("count", "sum", "largest", "smallest", "first")
MAX_LENGTH = 2000

_NUMBER = Type("number")
_BOOLEAN = Type("boolean")


@dataclass(frozen=True)
class Branch(Node):
    """What is read of the file: `name` is the text of the expression, `branch` the column without its prefix.

    With an `index`, one entry of the list that the column holds; with `sized`, the number of its entries.
    """

    name: str
    branch: str = ""
    index: int | None = None
    sized: bool = False


@dataclass(frozen=True)
class OfEvent(Branch):
    """A quantity of the event, for each object of a collection; the branches in `inner` are whole names."""

    inner: Node | None = None

    def children(self) -> Iterator[Node]:
        """Nothing: what is inside has names of its own."""
        return iter(())


@dataclass(frozen=True)
class Aggregate(Branch):
    """One number of an event out of a list: `function` of the `values` that fulfil the `condition`."""

    function: str = ""
    values: Node | None = None
    condition: Node | None = None


def parse_branches(text: str, where: str) -> Node:
    """The expression as nodes; names are branches. Raises ProfileError that names the place and the token."""
    if len(text) > MAX_LENGTH:
        raise ProfileError(f"{where}: an expression has at most {MAX_LENGTH} characters, this one {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return _Reader(text, where).read(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ProfileError(f"{where}: '{text}': expected an expression over branches") from None


def list_branches(node: Node) -> tuple[str, ...]:
    """What an expression reads, each once, in order of appearance, by the names that `Branch.name` has."""
    return tuple(leaf.name for leaf in list_leaves(node))


def list_leaves(node: Node) -> tuple[Branch, ...]:
    """What an expression reads: branches, entries of lists, quantities of the event; each once, in order."""
    found: dict[str, Branch] = {}

    def visit(part: Node) -> None:
        if isinstance(part, Branch):
            found.setdefault(part.name, part)
            return
        for child in part.children():
            visit(child)

    visit(node)
    return tuple(found.values())


def list_columns(node: Node, whole: bool = False) -> tuple[tuple[str, bool], ...]:
    """The columns that an expression needs, each with whether its name is whole (no prefix of a collection)."""
    found: dict[tuple[str, bool], None] = {}
    for leaf in list_leaves(node):
        match leaf:
            case OfEvent():
                assert leaf.inner is not None
                found.update(dict.fromkeys(list_columns(leaf.inner, True)))
            case Aggregate():
                for part in (leaf.values, leaf.condition):
                    if part is not None:
                        found.update(dict.fromkeys(list_columns(part, True)))
            case _:
                found[leaf.branch, whole] = None
    return tuple(found)


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.inside: list[str] = []  # the functions whose arguments are being read

    def read(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
                return Number(_NUMBER, float(value))
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._read_branch(node)
            case ast.Call(func=ast.Name(id="branch")):
                return self._read_branch(node)
            case ast.Call(func=ast.Name(id="size"), args=[inner], keywords=[]):
                return Branch(_NUMBER, ast.unparse(node), self._read_name(inner), sized=True)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(_NUMBER, self._number(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(_BOOLEAN, self._boolean(operand))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if 2 <= power <= 9:
                return Power(_NUMBER, self._number(left), power)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SUMS or type(op) in PRODUCTS:
                sign = SUMS.get(type(op)) or PRODUCTS[type(op)]
                return Arithmetic(_NUMBER, sign, self._number(left), self._number(right))
            case ast.BoolOp(op=joint, values=values):
                parts = tuple(self._boolean(v) for v in values)
                return Logic(_BOOLEAN, "and" if isinstance(joint, ast.And) else "or", parts)
            case ast.Compare(left=left, ops=[relation], comparators=[right]) if type(relation) in RELATIONS:
                sign_of: Relation = RELATIONS[type(relation)]
                return Comparison(_BOOLEAN, sign_of, self._number(left), self._number(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, node)
        raise self._refuse(node, "branches, numbers, + - * /, comparisons")

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr) -> Node:
        if name in FUNCTIONS and len(arguments) == 1:
            return Call(_NUMBER, name, (self._number(arguments[0]),))
        if name in PAIRED and len(arguments) == 2:
            pair = tuple(map(self._number, arguments))
            if name == "bit" and not (isinstance(pair[1], Number) and pair[1].value in range(63)):
                raise self._refuse(arguments[1], "the number of a bit, from 0 to 62")
            return Call(_NUMBER, name, pair)
        if name == "event" and len(arguments) == 1:
            if self.inside:
                raise self._refuse(node, "no event() inside event() or a function over a list")
            return OfEvent(_NUMBER, ast.unparse(node), inner=self._within(name, arguments[0]))
        if name in AGGREGATES:
            return self._aggregate(name, arguments, node)
        known = ", ".join((*FUNCTIONS, *PAIRED, *AGGREGATES, "size", "event", "branch"))
        raise self._refuse(node, f"branches, numbers, + - * /, comparisons, or one of the functions {known}")

    def _aggregate(self, name: str, arguments: list[ast.expr], node: ast.expr) -> Node:
        if any(outer in AGGREGATES for outer in self.inside):
            raise self._refuse(node, "no function over a list inside another one")
        if name == "count" and len(arguments) == 1:
            return Aggregate(
                _NUMBER, ast.unparse(node), function=name, condition=self._within(name, arguments[0], True)
            )
        if name != "count" and len(arguments) in (1, 2):
            values = self._within(name, arguments[0])
            condition = self._within(name, arguments[1], True) if len(arguments) == 2 else None
            return Aggregate(_NUMBER, ast.unparse(node), function=name, values=values, condition=condition)
        wanted = "a comparison, as in count(status == 1)" if name == "count" else "a number, and maybe a comparison"
        raise self._refuse(node, wanted)

    def _within(self, name: str, argument: ast.expr, boolean: bool = False) -> Node:
        self.inside.append(name)
        found = self._boolean(argument) if boolean else self._number(argument)
        self.inside.pop()
        return found

    def _read_branch(self, node: ast.expr) -> Node:
        index = None
        inner = node
        if isinstance(node, ast.Subscript):
            match node.slice:
                case ast.Constant(value=int() as place) if not isinstance(place, bool) and place >= 0:
                    index, inner = place, node.value
                case _:
                    raise self._refuse(node, "an index from 0 on, as in weights[0]")
        name = self._read_name(inner)
        return Branch(_NUMBER, name if index is None else f"{name}[{index}]", name, index)

    def _read_name(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=owner, attr=name):
                return f"{self._read_name(owner)}.{name}"
            case ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str() as name)], keywords=[]) if name:
                return name
        raise self._refuse(node, "the name of a branch")

    def _number(self, part: ast.expr) -> Node:
        found = self.read(part)
        if found.type.kind != "number":
            raise self._refuse(part, "a number")
        return found

    def _boolean(self, part: ast.expr) -> Node:
        found = self.read(part)
        if found.type.kind != "boolean":
            raise self._refuse(part, "a comparison, as in flag == 1")
        return found

    def _refuse(self, node: ast.expr, expected: str) -> ProfileError:
        return ProfileError(f"{self.where}: '{ast.unparse(node)}' in '{self.text}': expected {expected}")
