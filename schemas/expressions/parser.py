"""Text to typed expression: Python's own parser, then an allow-list of syntax, names and functions.

What is not on the list is an error that names the place, the token and what was expected; no text is ever passed on.
"""

import ast
import math
import re
from dataclasses import replace
from difflib import SequenceMatcher, get_close_matches

from schemas.constants import CONSTANTS
from schemas.errors import CriteriaError
from schemas.expressions import functions
from schemas.expressions.dimension import ENERGY, FREE, ONE, Dimension
from schemas.expressions.nodes import (
    Arithmetic,
    Candidate,
    Collection,
    Comparison,
    Composites,
    Constant,
    EventField,
    EventObject,
    Field,
    Item,
    LabelTest,
    Logic,
    Members,
    Negative,
    Node,
    Not,
    Number,
    Pairs,
    Power,
    Relation,
    Role,
    Sign,
    Slice,
    This,
    Trial,
    Trials,
    Type,
    Variable,
)
from schemas.expressions.scope import Scope
from schemas.fields import BASES, COMPOSITE_FIELDS, EVENT_FIELDS, EVENT_OBJECTS, FIELDS

MAX_LENGTH = 1000

RELATIONS: dict[type[ast.cmpop], Relation] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
# what people write who think of a paper or of another language, and what it is here
INSTEAD = {
    "≥": ">=", "≤": "<=", "≠": "!=", "−": "-", "×": "*", "·": "*", "&&": "and", "||": "or", "|": "abs(...)",
    "!": "not", "=": "==",
}  # fmt: skip
MIRRORED: dict[Relation, Relation] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
SUMS: dict[type[ast.operator], Sign] = {ast.Add: "+", ast.Sub: "-"}
PRODUCTS: dict[type[ast.operator], Sign] = {ast.Mult: "*", ast.Div: "/"}


def parse_expression(text: str, scope: Scope, where: str) -> Node:
    """The typed expression that `text` says, with the names of `scope`.

    `where` names the cut, candidate or variable in messages. Raises CriteriaError.
    """
    if len(text) > MAX_LENGTH:
        raise CriteriaError(f"{where}: an expression has at most {MAX_LENGTH} characters, this one {len(text)}")
    if not text.strip():
        raise CriteriaError(f"{where}: the expression is empty; expected a quantity, as in leptons[0].pt")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None) or 1
        token = text.strip()[place - 1 : place + 9] or text.strip()
        hint = _find_hint(text)
        quoted = quote_token(token, text.strip())
        raise CriteriaError(f"{where}: {quoted}: expected an expression in Python syntax{hint}") from None
    try:
        return Checker(text, scope, where).check(tree.body)
    except RecursionError:
        raise CriteriaError(f"{where}: '{text[:40]}…' is nested too deeply") from None


class Checker:
    """Walks the syntax tree of one text."""

    def __init__(self, text: str, scope: Scope, where: str) -> None:
        self.text = text.strip()
        self.scope = scope
        self.where = where

    def fail(self, node: ast.AST, expected: str) -> CriteriaError:
        token = ast.get_source_segment(self.text, node) or type(node).__name__
        return CriteriaError(f"{self.where}: {quote_token(token, self.text)}: {expected}")

    def check(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant():
                return self._literal(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return functions.check_call(self, node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                argument = self.number(node.operand)
                if isinstance(node.op, ast.UAdd):
                    return argument
                if isinstance(argument, Number):
                    return Number(argument.type, -argument.value)
                return Negative(argument.type, argument)
            case ast.UnaryOp(op=ast.Not()):
                inner = self.boolean(node.operand)
                return Not(inner.type, inner)
            case ast.BoolOp():
                return self._logic(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BinOp():
                return self._arithmetic(node)
        raise self.fail(node, "is not part of the expression language")

    def number(self, node: ast.expr) -> Node:
        """The node, which must be a number; an event object such as met stands for its pt."""
        found = as_number(self.check(node))
        if found.type.kind != "number":
            raise self.fail(node, f"expected a number, found {describe(found)}")
        return found

    def boolean(self, node: ast.expr) -> Node:
        found = self.check(node)
        if found.type.kind != "boolean":
            raise self.fail(node, f"expected a condition, found {describe(found)}")
        return found

    def object(self, node: ast.expr) -> Node:
        found = self.check(node)
        if found.type.kind != "object":
            raise self.fail(node, f"expected an object, found {describe(found)}")
        return found

    def join_axes(self, node: ast.AST, parts: list[Node]) -> Node | None:
        """The one axis of all parts; None when all have one value per event."""
        axes = [p.axis for p in parts if p.axis is not None]
        for axis in axes[1:]:
            if axis != axes[0]:
                raise self.fail(node, "mixes values of different collections; expected one collection, or pairs(...)")
        return axes[0] if axes else None

    def _literal(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(node, "expected a number")
        try:
            as_float = float(value)
        except OverflowError:
            as_float = math.inf
        if not math.isfinite(as_float):
            raise self.fail(node, "expected a finite number")
        return Number(Type("number", FREE), as_float)

    def _name(self, node: ast.Name) -> Node:
        name, scope = node.id, self.scope
        if name in scope.trials:
            group = scope.trials[name]
            return Trial(Type("object", axis=Trials(Type("object"), group)), name, group)
        if scope.this is not None and name in FIELDS:
            return self.field(This(Type("object"), scope.this), name)
        if name in scope.collections:
            return Collection(Type("object"), name)
        if name in scope.candidates:
            made = scope.candidates[name]
            return Composites(Type("object"), name) if made.composites else Candidate(Type("object"), name)
        if name in scope.variables:
            return Variable(scope.variables[name], name)
        if name in CONSTANTS:
            return Constant(Type("number", ENERGY), name, CONSTANTS[name])
        if name in EVENT_FIELDS:
            definition = EVENT_FIELDS[name]
            return EventField(Type(definition.kind, definition.dimension), name)
        if name in EVENT_OBJECTS:
            return EventObject(Type("object"), name)
        if name in FIELDS:
            raise self.fail(node, f"is a field of an object; expected its owner, as in leptons[0].{name}")
        if name in scope.later:
            raise self.fail(node, "is defined further down; expected a name that is defined above")
        if name in functions.FUNCTIONS:
            raise self.fail(node, f"is a function; expected its arguments, as in {name}(...)")
        fields = FIELDS if scope.this is not None else ()
        known = [*scope.list_names(), *fields, *CONSTANTS, *EVENT_FIELDS, *EVENT_OBJECTS]
        raise self.fail(node, "is not defined" + suggest(name, known))

    def field(self, owner: Node, name: str) -> Field:
        definition = FIELDS[name]
        return Field(Type(definition.kind, definition.dimension, owner.axis), owner, name)

    def _attribute(self, node: ast.Attribute) -> Node:
        owner, name = self.object(node.value), node.attr
        if isinstance(owner, EventObject):
            known = sorted(EVENT_OBJECTS[owner.name])
            if name not in known:
                raise self.fail(node, f"expected a field of {owner.name}: {', '.join(known)}")
            return self.field(owner, name)
        if isinstance(owner, Candidate | Composites | Trial) or (
            isinstance(owner, Item) and isinstance(owner.owner, Composites)
        ):
            return self._composite_attribute(node, owner, name)
        if isinstance(owner, Pairs) and name in COMPOSITE_FIELDS:
            return functions.measure(self, node, name, (owner,))
        if isinstance(owner, Pairs) or name not in FIELDS:
            known = sorted(COMPOSITE_FIELDS) if isinstance(owner, Pairs) else list(FIELDS)
            raise self.unknown(node, name, known)
        return self.field(owner, name)

    def _composite_attribute(self, node: ast.Attribute, owner: Node, name: str) -> Node:
        root = owner.owner if isinstance(owner, Item) else owner
        assert isinstance(root, Candidate | Composites | Trial)
        made = self.scope.candidates.get(root.name)
        if made is not None and name in made.roles:
            return Role(Type("object", axis=owner.axis), owner, name)
        sources = [m for m in made.members if name in self.scope.list_parts(m)] if made is not None else []
        if len(sources) > 1:
            listed = " and of ".join(sources)
            raise self.fail(node, f"'{name}' are members of {listed}; expected those of one of its candidates")
        if sources:
            if not isinstance(owner, Candidate):
                raise self.fail(node, "members are known once the candidate is chosen; expected a function of it")
            return Members(Type("object"), owner, name)
        if name in COMPOSITE_FIELDS:
            return functions.measure(self, node, name, (owner,))
        parts = [p for m in (made.members if made else ()) for p in self.scope.list_parts(m)]
        raise self.unknown(node, name, [*parts, *(made.roles if made else ()), *sorted(COMPOSITE_FIELDS)])

    def unknown(self, node: ast.AST, name: str, known: list[str]) -> CriteriaError:
        if name in self.scope.collections:
            return self.fail(node, f"'{name}' is a collection and no known field here")
        closest = suggest(name, known)
        listed = "" if closest or len(known) > 12 else f"; expected one of {', '.join(known)}"
        return self.fail(node, f"'{name}' is no known field{closest or listed}")

    def _subscript(self, node: ast.Subscript) -> Node:
        owner = self.object(node.value)
        if owner is not owner.axis or isinstance(owner, Pairs | This):
            raise self.fail(node, "expected a collection before the brackets")
        match node.slice:
            case ast.Constant(value=int(index)) if not isinstance(index, bool) and index >= 0:
                size = self._find_size(owner)
                if size is not None and index >= size:
                    raise self.fail(node, f"expected a number below {size}, the most there are")
                return Item(Type("object"), owner, index)
            case ast.Slice(lower=None, step=None, upper=ast.Constant(value=int(stop))) if stop > 0:
                if isinstance(owner, Composites | Slice):
                    raise self.fail(node, "expected a collection before the slice")
                return Slice(Type("object"), owner, stop)
        raise self.fail(node, "expected a number from 0 as in [0], or the first n as in [:n]")

    def _find_size(self, owner: Node) -> int | None:
        """The greatest number of objects that a collection can have, where that is known."""
        if isinstance(owner, Composites):
            return self.scope.candidates[owner.name].composites
        if isinstance(owner, Slice):
            return owner.stop
        if isinstance(owner, Members) and isinstance(owner.owner, Candidate):
            return self.scope.candidates[owner.owner.name].size
        return None

    def _logic(self, node: ast.BoolOp) -> Node:
        parts = [self.boolean(v) for v in node.values]
        axis = self.join_axes(node, parts)
        return Logic(Type("boolean", axis=axis), "and" if isinstance(node.op, ast.And) else "or", tuple(parts))

    def _comparison(self, node: ast.Compare) -> Node:
        sides = [node.left, *node.comparators]
        tests: list[Node] = []
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if type(operator) not in RELATIONS:
                raise self.fail(node, "expected one of < <= > >= == !=")
            tests.append(self._compare(node, left, RELATIONS[type(operator)], right))
        if len(tests) == 1:
            return tests[0]
        return Logic(Type("boolean", axis=self.join_axes(node, tests)), "and", tuple(tests))

    def _compare(self, node: ast.Compare, left: ast.expr, relation: Relation, right: ast.expr) -> Node:
        for field, word, seen in ((left, right, relation), (right, left, MIRRORED[relation])):
            if isinstance(word, ast.Name) and not (isinstance(field, ast.Name) and self._is_word(field.id)):
                found = self.check(field)
                if found.type.kind == "label" or (found.type.kind == "graded" and self._is_word(word.id)):
                    problem = find_label_problem(found, seen, word.id, self.scope)
                    if problem is not None:
                        raise self.fail(word, problem)
                    return LabelTest(Type("boolean", axis=found.axis), seen, found, word.id)
        first, second = self.check(left), self.check(right)
        if first.type.kind == second.type.kind == "label":
            if not (isinstance(first, Field) and isinstance(second, Field) and first.name == second.name == "flavour"):
                raise self.fail(node, "expected a word such as loose on one side")
            if relation not in ("==", "!="):
                raise self.fail(node, "expected == or != between flavours")
            return Comparison(Type("boolean", axis=self.join_axes(node, [first, second])), relation, first, second)
        a, b = self.number(left), self.number(right)
        if a.type.dimension.meet(b.type.dimension) is None:
            compared = f"{a.type.dimension.describe()} with {b.type.dimension.describe()}"
            raise self.fail(node, f"compares {compared}; expected the same unit")
        return Comparison(Type("boolean", axis=self.join_axes(node, [a, b])), relation, a, b)

    def _is_word(self, name: str) -> bool:
        known = self.scope
        return not (
            name in known.collections or name in known.candidates or name in known.variables or name in known.trials
            or name in CONSTANTS or name in EVENT_FIELDS or name in EVENT_OBJECTS or name in FIELDS
        )  # fmt: skip

    def _arithmetic(self, node: ast.BinOp) -> Node:
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        sign = SUMS.get(type(node.op)) or PRODUCTS.get(type(node.op))
        if sign is None:
            raise self.fail(node, "expected one of + - * / **")
        left, right = self.number(node.left), self.number(node.right)
        a, b = left.type.dimension, right.type.dimension
        dimension: Dimension | None
        if sign == "/" and isinstance(right, Number) and right.value == 0:
            raise self.fail(node, "divides by zero; expected another divisor")
        if type(node.op) in SUMS:
            dimension = a.meet(b)
            if dimension is None:
                raise self.fail(node, f"adds {a.describe()} and {b.describe()}; expected the same unit")
        else:
            dimension = a.times(b if sign == "*" else b.power(-1))
        axis = self.join_axes(node, [left, right])
        return Arithmetic(Type("number", dimension, axis), sign, left, right)

    def _power(self, node: ast.BinOp) -> Node:
        base = self.number(node.left)
        match node.right:
            case ast.Constant(value=int(exponent)) if 2 <= exponent <= 4:
                return Power(Type("number", base.type.dimension.power(exponent), base.axis), base, exponent)
        raise self.fail(node, "expected a whole exponent from 2 to 4")


def as_number(node: Node) -> Node:
    """The node as a number where it can be read as one: met as its pt, a field that may be a number or a label."""
    if isinstance(node, EventObject):
        return Field(Type("number", ENERGY), node, "pt")
    return replace(node, type=node.type._replace(kind="number")) if node.type.kind == "graded" else node


def find_label_problem(node: Node, relation: Relation, label: str, scope: Scope) -> str | None:
    """Why a field cannot be compared with a word; None when it can, or when only a data format knows its words."""
    if not (isinstance(node, Field) and node.name == "flavour"):
        return None
    if relation not in ("==", "!="):
        return "flavours have no order; expected == or !="
    bases = list_bases(node.owner, scope) or BASES
    if label in bases:
        return None
    return f"expected a flavour: {', '.join(dict.fromkeys(bases))}{suggest(label, list(bases))}"


def list_bases(node: Node, scope: Scope) -> tuple[str, ...]:
    """The base objects among which a node's objects are; empty where the scope does not tell."""
    match node:
        case Collection():
            return scope.collections[node.name].bases
        case Item() | Slice():
            return list_bases(node.owner, scope)
        case Members() if node.part in scope.collections:
            return scope.collections[node.part].bases
    return ()


def quote_token(token: str, text: str) -> str:
    """A token in quotes, with the expression that it stands in unless it is the whole of it."""
    return f"'{token}'" if token == text else f"'{token}' in '{text}'"


def _find_hint(text: str) -> str:
    """What somebody probably meant who writes what is no Python."""
    plain = re.sub("[=!<>]=", "", text)
    found = next((sign for sign in INSTEAD if sign in plain), None)
    return f"; did you mean {INSTEAD[found]} instead of {found}?" if found else ""


def describe(node: Node) -> str:
    """What a node is, in words for a message."""
    match node.type.kind:
        case "number":
            kind = "a number" if node.type.dimension in (ONE, FREE) else node.type.dimension.describe()
        case "boolean":
            kind = "a condition"
        case "object":
            return "a collection" if node.axis is node else "an object"
        case "graded":
            return "a number or a working point"
        case _:
            return "a word (a working point or a kind)"
    return kind if node.axis is None else f"{kind} per object"


def suggest(name: str, known: list[str]) -> str:
    """ "; did you mean …" for a name that is nearly a known one, else an empty string."""
    close = get_close_matches(name, known, n=2)
    if len(close) == 2:  # the second one only where it is nearly as close
        first, second = (SequenceMatcher(None, name, other).ratio() for other in close)
        close = close if second > first - 0.1 else close[:1]
    return f"; did you mean {' or '.join(close)}?" if close else ""
