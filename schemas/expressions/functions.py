"""The allowed functions: what they take and what comes back."""

import ast
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING

from schemas.expressions.dimension import ANGLE, ENERGY, FREE, ONE, Dimension
from schemas.expressions.nodes import (
    FLAGS,
    Call,
    Candidate,
    Collection,
    Composites,
    Constant,
    EventObject,
    Field,
    Flag,
    Interpolation,
    Item,
    Members,
    Node,
    Number,
    Pairs,
    Role,
    Slice,
    This,
    Trial,
    Type,
)
from schemas.expressions.scope import CandidateScope
from schemas.fields import FIELDS

if TYPE_CHECKING:
    from schemas.expressions.parser import Checker

MEASURES = {"mass": ENERGY, "pt": ENERGY, "energy": ENERGY, "eta": ONE, "phi": ANGLE, "rapidity": ONE, "charge": ONE}
DISTANCES = {"deltaR": ONE, "deltaphi": ANGLE, "deltaeta": ONE}
FUNCTIONS = (
    "mass", "pt", "eta", "phi", "deltaR", "deltaphi", "deltaeta", "abs", "min", "max", "sum", "count", "any", "all",
    "sqrt", "sin", "cos", "sign", "leading", "pairs", "interp",
)  # fmt: skip


def check_call(checker: "Checker", node: ast.Call) -> Node:
    """The typed call of an allowed function. Raises CriteriaError."""
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise checker.fail(node.func, _expect_function(node.func))
    name = node.func.id
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args) or not node.args:
        raise checker.fail(node, f"expected {name}(...) with plain arguments")
    if name in ("mass", "pt", "eta", "phi"):
        return measure(checker, node, name, tuple(checker.object(a) for a in node.args))
    match name:
        case "deltaR" | "deltaphi" | "deltaeta":
            return _distance(checker, node, name)
        case "abs" | "sqrt" | "sin" | "cos" | "sign":
            return _elementwise(checker, node, name)
        case "min" | "max" | "sum":
            return _extreme(checker, node, name)
        case "count":
            return _count(checker, node)
        case "any" | "all":
            return _quantified(checker, node, name)
        case "leading":
            return _leading(checker, node)
        case "pairs":
            return _pairs(checker, node)
    return _interpolation(checker, node)


def measure(checker: "Checker", node: ast.AST, name: str, objects: tuple[Node, ...]) -> Node:
    """A kinematic quantity of one object, or of the sum of several."""
    for one in objects:
        if isinstance(one, EventObject):
            if len(objects) == 1 and name in ("pt", "phi"):
                return checker.field(one, name)
            raise checker.fail(node, f"expected objects with a direction in space; {one.name} has pt and phi only")
    axis = checker.join_axes(node, list(objects))
    if len(objects) == 1 and name in ("pt", "eta", "phi") and _is_stored(objects[0]):
        return Field(Type("number", MEASURES[name], axis), objects[0], name)
    return Call(Type("number", MEASURES[name], axis), name, objects)


def _is_stored(node: Node) -> bool:
    """Whether a node is an object of a collection, not a composite."""
    if isinstance(node, Item | Slice):
        return _is_stored(node.owner)
    return isinstance(node, This | Collection | Members | Role)


def _made(checker: "Checker", node: Node) -> CandidateScope | None:
    return checker.scope.candidates.get(node.name) if isinstance(node, Candidate | Trial) else None


def _distance(checker: "Checker", node: ast.Call, name: str) -> Node:
    objects = [checker.object(a) for a in node.args]
    if len(objects) == 1:
        made = _made(checker, objects[0])
        if not isinstance(objects[0], Pairs) and not (made is not None and made.is_pair):
            raise checker.fail(node, f"expected two objects, or pairs(...), or a pair, for {name}")
    elif len(objects) != 2:
        raise checker.fail(node, f"expected one or two arguments for {name}")
    if name != "deltaphi" and any(isinstance(o, EventObject) for o in objects):
        raise checker.fail(node, "met has no pseudorapidity; expected deltaphi")
    return Call(Type("number", DISTANCES[name], checker.join_axes(node, objects)), name, tuple(objects))


def _elementwise(checker: "Checker", node: ast.Call, name: str) -> Node:
    if len(node.args) != 1:
        raise checker.fail(node, f"expected one argument for {name}")
    argument = checker.number(node.args[0])
    dimension = argument.type.dimension
    if name in ("sin", "cos") and dimension.meet(ANGLE) is None:
        raise checker.fail(node, f"expected an angle, found {dimension.describe()}")
    if name == "sqrt":
        dimension = dimension.power(0.5)
    elif name != "abs":
        dimension = ONE
    return Call(Type("number", dimension, argument.axis), name, (argument,))


def _extreme(checker: "Checker", node: ast.Call, name: str) -> Node:
    numbers = [checker.number(a) for a in node.args]
    if len(numbers) == 1:
        axis = numbers[0].axis
        if axis is None or isinstance(axis, This):
            raise checker.fail(node, f"expected a quantity with one value per object, or several numbers, for {name}")
        return Call(Type("number", numbers[0].type.dimension), name, tuple(numbers))
    if name == "sum":
        raise checker.fail(node, "expected one argument; write a + b for the sum of two numbers")
    dimension = numbers[0].type.dimension
    for other in numbers[1:]:
        joint = dimension.meet(other.type.dimension)
        if joint is None:
            raise checker.fail(
                node, f"mixes {dimension.describe()} and {other.type.dimension.describe()}; expected the same unit"
            )
        dimension = joint
    return Call(Type("number", dimension, checker.join_axes(node, numbers)), name, tuple(numbers))


def _count(checker: "Checker", node: ast.Call) -> Node:
    if len(node.args) != 1:
        raise checker.fail(node, "expected one collection or candidate for count")
    counted = checker.check(node.args[0])
    plain = isinstance(counted, Candidate | Composites | Collection | Members | Slice | Pairs)
    per_object = counted.type.kind == "boolean" and counted.axis is not None and not isinstance(counted.axis, This)
    if not plain and not per_object:
        raise checker.fail(node, "expected a collection, a candidate, or a condition on each object for count")
    return Call(Type("number", ONE), "count", (counted,))


def _quantified(checker: "Checker", node: ast.Call, name: str) -> Node:
    if len(node.args) != 1:
        raise checker.fail(node, f"expected one condition for {name}")
    condition = checker.boolean(node.args[0])
    if condition.axis is None or isinstance(condition.axis, This):
        raise checker.fail(node, f"expected a condition with one value per object for {name}")
    return Call(Type("boolean"), name, (condition,))


def _leading(checker: "Checker", node: ast.Call) -> Node:
    owner = checker.object(node.args[0])
    if not isinstance(owner, Collection | Members):
        raise checker.fail(node, "expected a collection for leading")
    match node.args[1:]:
        case []:
            return Item(Type("object"), owner, 0)
        case [ast.Constant(value=int(number))] if number > 0:
            return Slice(Type("object"), owner, number)
    raise checker.fail(node, "expected leading(collection) or leading(collection, n)")


def _pairs(checker: "Checker", node: ast.Call) -> Node:
    owner = checker.object(node.args[0])
    if not isinstance(owner, Collection | Members | Slice):
        raise checker.fail(node, "expected a collection for pairs")
    flags: list[Flag] = []
    for argument in node.args[1:]:
        flag = next((f for f in FLAGS if isinstance(argument, ast.Name) and argument.id == f), None)
        if flag is None:
            raise checker.fail(argument, f"expected one of {', '.join(FLAGS)}")
        flags.append(flag)
    # In one order: the order in which flags are written changes nothing.
    return Pairs(Type("object"), owner, tuple(f for f in FLAGS if f in flags))


def _interpolation(checker: "Checker", node: ast.Call) -> Node:
    if len(node.args) != 3:
        raise checker.fail(node, "expected interp(x, [x0, x1], [y0, y1])")
    argument = checker.number(node.args[0])
    (x, along), (y, dimension) = (_points(checker, a) for a in node.args[1:])
    if len(x) != len(y) or len(x) < 2:
        raise checker.fail(node, "expected two lists of the same length, at least two points")
    if any(a >= b for a, b in pairwise(x)):
        raise checker.fail(node.args[1], "expected strictly increasing x")
    found = argument.type.dimension
    if found.meet(along) is None:
        raise checker.fail(node.args[1], f"the points are {along.describe()}; expected that of x, {found.describe()}")
    return Interpolation(Type("number", dimension, argument.axis), argument, x, y)


def _points(checker: "Checker", node: ast.expr) -> tuple[tuple[float, ...], Dimension]:
    """The values of a list of numbers and constants, and the dimension that they share (free for bare numbers)."""
    if not isinstance(node, ast.List):
        raise checker.fail(node, "expected a list of numbers")
    values: list[float] = []
    dimension = FREE
    for element in node.elts:
        point = checker.check(element)
        if not isinstance(point, Number | Constant):
            raise checker.fail(element, "expected a number")
        joint = dimension.meet(point.type.dimension)
        if joint is None:
            raise checker.fail(element, f"expected {dimension.describe()}, found {point.type.dimension.describe()}")
        dimension = joint
        values.append(point.value)
    return tuple(values), dimension


def _expect_function(node: ast.expr) -> str:
    text = f"expected one of the functions {', '.join(FUNCTIONS)}"
    if not isinstance(node, ast.Name):
        return text
    if node.id in (*FIELDS, "charge"):
        return f"is a field and no function; expected it behind its owner, as in leptons[0].{node.id}"
    close = get_close_matches(node.id, FUNCTIONS, n=1)
    return f"is no function; did you mean {close[0]}?" if close else f"is no function; {text}"
