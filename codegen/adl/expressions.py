"""Expressions of the criteria in ADL's words: `higgs.leptons[0].pt` is `pT(higgs_leptons[0])`."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.adl.vocabulary import Unsayable, Vocabulary
from codegen.adl.words import (
    IDENTIFICATION,
    PDG_OF_FLAVOUR,
    WORD_OF_DISTANCE,
    WORD_OF_FIELD,
)
from schemas.constants import CONSTANTS
from schemas.expressions.nodes import FLAGS
from schemas.fields import COMPOSITE_FIELDS, EVENT_FIELDS, EVENT_OBJECTS, FIELDS

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, PRIMARY = range(1, 10)

_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT), ast.Pow: ("^", POWER),
}  # fmt: skip
_SAME_IN_BOTH = ("abs", "min", "max", "sum", "sqrt", "sin", "cos", "sign")
_REDUCERS = ("min", "max", "sum", "count", "any", "all")


@dataclass
class Speaker:
    """Says expressions. `this` is the collection whose objects are cut on; `trials` are candidates under test."""

    vocabulary: Vocabulary
    this: str | None = None
    trials: Mapping[str, str] = field(default_factory=dict)

    def say(self, text: str, level: int = 0) -> str:
        """The expression in ADL, in brackets where it binds less tightly than `level`. Raises Unsayable."""
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            return self._within(tree, level)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unsayable(text) from None

    def say_object(self, text: str) -> str:
        """The object or collection that an expression names. Raises Unsayable."""
        try:
            return self._object(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unsayable(text) from None

    def has_axis(self, text: str) -> bool:
        """Whether an expression about the event has one value per object."""
        try:
            return self.this is None and self._has_axis(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False

    def say_label(self, text: str, relation: str, label: str) -> str:
        """The test of a field against a word, as a condition."""
        try:
            return self._label(ast.parse(text.strip(), mode="eval").body, relation, label)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unsayable(text) from None

    def _within(self, node: ast.expr, level: int) -> str:
        text, own = self._say(node)
        return f"({text})" if own < level else text

    def _say(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return write_number(value), PRIMARY if value >= 0 else UNARY
            case ast.Name(id=name):
                return self._name(name), PRIMARY
            case ast.Attribute(value=owner, attr=attribute):
                return self._attribute(owner, attribute), PRIMARY
            case ast.Subscript():
                return self._object(node), PRIMARY
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if arguments:
                return self._call(name, arguments), PRIMARY
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._within(operand, POWER)}", UNARY
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._say(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"NOT {self._within(operand, PRIMARY)}", NOT
            case ast.BoolOp(op=op, values=values):
                word, level = ("and", AND) if isinstance(op, ast.And) else ("or", OR)
                return f" {word} ".join(self._within(v, level + 1) for v in values), level
            case ast.Compare(left=left, ops=relations, comparators=others):
                return self._compare([left, *others], relations)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                sign, level = _OPERATORS[type(op)]
                return f"{self._within(left, level)} {sign} {self._within(right, level + 1)}", level
        raise Unsayable(ast.unparse(node))

    def _name(self, name: str) -> str:
        known = self.vocabulary
        if name in FIELDS and self.this is not None:
            return f"{WORD_OF_FIELD.get(name, name)}({self.this})"
        if name in self.trials or name in known.candidates or name in known.collections:
            return self._object(ast.Name(name))
        if name in EVENT_OBJECTS:
            return "MET"
        if name in CONSTANTS:
            known.constants.add(name)
            return name
        if name in EVENT_FIELDS:
            return name
        if name in known.names:
            return known.names[name]
        raise Unsayable(name)

    def _attribute(self, owner: ast.expr, attribute: str) -> str:
        if isinstance(owner, ast.Name) and owner.id in EVENT_OBJECTS:
            return "MET" if attribute == "pt" else f"{attribute}(METLV[0])"
        if self._is_part(owner, attribute):
            return self._object(ast.Attribute(owner, attribute))
        if attribute not in FIELDS:
            raise Unsayable(attribute)
        return f"{WORD_OF_FIELD.get(attribute, attribute)}({self._object(owner)})"

    def _is_part(self, owner: ast.expr, attribute: str) -> bool:
        """Whether an attribute of a candidate names its members or a role, and not a quantity."""
        root = owner.value if isinstance(owner, ast.Subscript) else owner
        if not isinstance(root, ast.Name) or root.id not in self.vocabulary.candidates:
            return False
        return attribute in self.vocabulary.roles.get(root.id, ()) or attribute not in COMPOSITE_FIELDS

    def _object(self, node: ast.expr) -> str:
        known = self.vocabulary
        match node:
            case ast.Name(id=name) if name in self.trials:
                return self.trials[name]
            case ast.Name(id=name) if name in known.collections:
                return known.collections[name]
            case ast.Name(id=name) if name in known.candidates:
                return known.names[name] + ("[0]" if known.candidates[name] == "comb" else "")
            case ast.Name(id=name) if name in EVENT_OBJECTS:
                return "METLV[0]"
            case ast.Subscript(value=owner, slice=ast.Constant(value=int(index))):
                return f"{self._object(owner)}[{index}]"
            case ast.Subscript(value=owner, slice=ast.Slice(lower=None, upper=ast.Constant(value=int(n)), step=None)):
                return f"{self._object(owner)}[0:{n - 1}]"
            case ast.Call(func=ast.Name(id="leading"), args=[owner]):
                return f"{self._object(owner)}[0]"
            case ast.Call(func=ast.Name(id="leading"), args=[owner, ast.Constant(value=int(n))]):
                return f"{self._object(owner)}[0:{n - 1}]"
            case ast.Call(func=ast.Name(id="pairs"), args=[owner, *flags]):
                words = [f.id for f in flags if isinstance(f, ast.Name) and f.id in FLAGS]
                return known.call("pairs", self._object(owner), *words)
            case ast.Attribute(value=owner, attr=part) if self._is_part(owner, part):
                root = owner.value if isinstance(owner, ast.Subscript) else owner
                assert isinstance(root, ast.Name)
                if part in known.roles.get(root.id, ()):
                    return known.call("role", self._object(owner), part)
                if not isinstance(owner, ast.Name) or owner.id in self.trials:
                    raise Unsayable(ast.unparse(node))
                return known.find_members(root.id, part)
        raise Unsayable(ast.unparse(node))

    def _call(self, name: str, arguments: list[ast.expr]) -> str:
        known = self.vocabulary
        if name in ("mass", "pt", "eta", "phi"):
            if len(arguments) == 1 and isinstance(arguments[0], ast.Name) and arguments[0].id in EVENT_OBJECTS:
                return self._attribute(arguments[0], name)
            return f"{WORD_OF_FIELD[name]}({' + '.join(self._object(a) for a in arguments)})"
        if name in WORD_OF_DISTANCE:
            word = WORD_OF_DISTANCE[name] if name == "deltaR" else f"signed_{WORD_OF_DISTANCE[name]}"
            return known.call(word, *(self._object(a) for a in arguments))
        match name, arguments:
            case "abs", [ast.Call(func=ast.Name(id="deltaphi" | "deltaeta" as distance), args=objects)]:
                return f"{WORD_OF_DISTANCE[distance]}({', '.join(self._object(a) for a in objects)})"
            case "count", [counted]:
                return self._count(counted)
            case "any" | "all", [condition]:
                return f"{name}of({self._within(condition, 0)})"
            case "interp", [argument, ast.List(elts=x), ast.List(elts=y)]:
                points = [self._within(p, 0) for p in (*x, *y)]
                return known.call("interp", self._within(argument, 0), *points)
        if name in _SAME_IN_BOTH:
            return known.call(name, *(self._within(a, 0) for a in arguments))
        raise Unsayable(name)

    def _count(self, counted: ast.expr) -> str:
        known = self.vocabulary
        if isinstance(counted, ast.Name) and counted.id in known.candidates:
            return f"size({self.trials.get(counted.id, known.names[counted.id])})"
        try:
            return f"size({self._object(counted)})"
        except Unsayable:
            return known.call("count", self._within(counted, 0))

    def _compare(self, sides: list[ast.expr], relations: list[ast.cmpop]) -> tuple[str, int]:
        parts = []
        for left, operator, right in zip(sides, relations, sides[1:], strict=False):
            relation = _RELATIONS.get(type(operator))
            if relation is None:
                raise Unsayable(type(operator).__name__)
            if isinstance(right, ast.Name) and self._is_word(right.id):
                parts.append(self._label(left, relation, right.id))
            elif isinstance(left, ast.Name) and self._is_word(left.id):
                parts.append(self._label(right, MIRRORED[relation], left.id))
            elif _is_flavour(left) and _is_flavour(right):
                one, other = (f"abs(pdgID({self._owner(side)}))" for side in (left, right))
                parts.append(f"{one} {relation} {other}")
            else:
                parts.append(f"{self._within(left, SUM)} {relation} {self._within(right, SUM)}")
        return (parts[0], COMPARISON) if len(parts) == 1 else (" and ".join(parts), AND)

    def _is_word(self, name: str) -> bool:
        known = self.vocabulary
        return not (
            name in known.collections or name in known.candidates or name in known.names or name in self.trials
            or name in FIELDS or name in CONSTANTS or name in EVENT_FIELDS or name in EVENT_OBJECTS
        )  # fmt: skip

    def _label(self, side: ast.expr, relation: str, label: str) -> str:
        if not label.isidentifier() or not label.isascii():
            raise Unsayable(label)
        truth = "0" if relation in ("!=", "<", "<=") else "1"
        kind = {"==": "is_", "!=": "is_", ">": "above_", "<=": "above_"}.get(relation, "")
        if isinstance(side, ast.Name) and side.id in EVENT_FIELDS:
            plain = side.id == "trigger" and label.startswith("HLT") and kind == "is_"
            return f"{label if plain else f'{side.id}_{kind}{label}'} == {truth}"
        name, owner = _field(side), self._owner(side)
        if name == "flavour" and label in PDG_OF_FLAVOUR and relation in ("==", "!="):
            return f"abs(pdgID({owner})) {relation} {PDG_OF_FLAVOUR[label]}"
        short = name == "id" and label in IDENTIFICATION and not kind
        return f"{label if short else f'{name}_{kind}{label}'}({owner}) == {truth}"

    def _owner(self, side: ast.expr) -> str:
        match side:
            case ast.Name(id=name) if name in FIELDS and self.this is not None:
                return self.this
            case ast.Attribute(value=owner, attr=name) if name in FIELDS:
                return self._object(owner)
        raise Unsayable(ast.unparse(side))

    def _has_axis(self, node: ast.AST) -> bool:
        known = self.vocabulary
        match node:
            case ast.Call(func=ast.Name(id=name), args=[_]) if name in _REDUCERS:
                return False
            case ast.Call(func=ast.Name(id="leading"), args=[_]):
                return False
            case ast.Call(func=ast.Name(id="pairs")):
                return True
            case ast.Subscript(slice=ast.Constant()):
                return False
            case ast.Name(id=name):
                return name in known.collections or known.candidates.get(name) == "assign"
            case ast.Attribute(value=ast.Name() as owner, attr=name) if self._is_part(owner, name):
                return owner.id not in self.trials
        return any(self._has_axis(child) for child in ast.iter_child_nodes(node))


MIRRORED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _field(side: ast.expr) -> str:
    name = side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""
    if name not in FIELDS:
        raise Unsayable(ast.unparse(side))
    return name


def _is_flavour(side: ast.expr) -> bool:
    return (isinstance(side, ast.Attribute) and side.attr == "flavour") or (
        isinstance(side, ast.Name) and side.id == "flavour"
    )


def write_number(value: float) -> str:
    """A number as short as it can be and still the same double."""
    as_float = float(value)
    return str(int(as_float)) if as_float.is_integer() and abs(as_float) < 1e15 else repr(as_float)


def is_whole_call(text: str, function: str) -> bool:
    """Whether a text is one call of a function, from its first character to its last."""
    depth = 0
    for k, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and character == ")":
            return text.startswith(f"{function}(") and k == len(text) - 1
    return False
