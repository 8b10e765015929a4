"""Expressions over branches of a file, as a data profile writes them: arithmetic, comparisons, and a few functions.

They carry no units: a profile states the unit of the result. Everything is a float64 before any arithmetic.
"""

import ast
import math
from dataclasses import dataclass

from schemas.errors import ProfileError
from schemas.expressions.nodes import Arithmetic, Call, Comparison, Logic, Negative, Node, Not, Number, Relation, Type
from schemas.expressions.parser import PRODUCTS, RELATIONS, SUMS

FUNCTIONS = ("abs", "sqrt", "sin", "cos", "sinh", "cosh", "tanh", "exp", "log")

_NUMBER = Type("number")
_BOOLEAN = Type("boolean")


@dataclass(frozen=True)
class Branch(Node):
    """A column of the file, without its collection's prefix."""

    name: str


def parse_branches(text: str, where: str) -> Node:
    """The expression as nodes; names are branches. Raises ProfileError that names the place and the token."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return _check(tree.body, text, where)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ProfileError(f"{where}: '{text}': expected an expression over branches") from None


def list_branches(node: Node) -> tuple[str, ...]:
    """The branches an expression reads, each once, in order of appearance."""
    return tuple(dict.fromkeys(n.name for n in node.walk() if isinstance(n, Branch)))


def _check(node: ast.expr, text: str, where: str) -> Node:
    def number(part: ast.expr) -> Node:
        found = _check(part, text, where)
        if found.type.kind != "number":
            raise ProfileError(f"{where}: '{ast.unparse(part)}' in '{text}': expected a number")
        return found

    def boolean(part: ast.expr) -> Node:
        found = _check(part, text, where)
        if found.type.kind != "boolean":
            raise ProfileError(f"{where}: '{ast.unparse(part)}' in '{text}': expected a comparison, as in flag == 1")
        return found

    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
            return Number(_NUMBER, float(value))
        case ast.Name(id=name):
            return Branch(_NUMBER, name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Negative(_NUMBER, number(operand))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_BOOLEAN, boolean(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SUMS or type(op) in PRODUCTS:
            sign = SUMS.get(type(op)) or PRODUCTS[type(op)]
            return Arithmetic(_NUMBER, sign, number(left), number(right))
        case ast.BoolOp(op=joint, values=values):
            return Logic(_BOOLEAN, "and" if isinstance(joint, ast.And) else "or", tuple(boolean(v) for v in values))
        case ast.Compare(left=left, ops=[relation], comparators=[right]) if type(relation) in RELATIONS:
            sign_of: Relation = RELATIONS[type(relation)]
            return Comparison(_BOOLEAN, sign_of, number(left), number(right))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return Call(_NUMBER, name, (number(argument),))
    raise ProfileError(f"{where}: '{ast.unparse(node)}' in '{text}': expected branches, numbers, + - * /, comparisons")
