"""Expressions of criteria as the quantities of findings: `abs(higgs.electrons.d0sig)` is the d0_sig of electrons.

What no closed variable names is `other:` with the expression, which contradicts nothing that is printed.
"""

import ast
import warnings
from typing import NamedTuple

from extract.restating.names import Names, name_pair, name_rank, say_other
from schemas.expressions.parser import MAX_LENGTH
from schemas.fields import EVENT_FIELDS, FIELDS

_FIELDS: dict[str, str] = {
    "pt": "pt", "et": "et", "energy": "energy", "mass": "mass", "eta": "eta", "phi": "phi", "d0": "d0",
    "d0sig": "d0_sig", "dz": "dz", "z0": "z0", "z0_sintheta": "z0_sintheta", "id": "id", "isolation": "isolation",
    "track_isolation": "isolation", "calo_isolation": "isolation", "jvt": "jvt", "btag": "btag", "charge": "charge",
    "flavour": "flavour", "rapidity": "other:rapidity", "n_tracks": "other:n_tracks",
    "n_constituents": "other:n_constituents", "met_significance": "met_significance",
}  # fmt: skip
_SIZES = {"eta": "abs_eta", "other:rapidity": "abs_rapidity", "deltaphi": "abs_deltaphi", "deltaeta": "abs_deltaeta"}
_APART = ("deltaR", "deltaphi", "deltaeta")
_OF_COMPOSITES = ("mass", "pt", "eta", "phi")
_WRAPPERS = ("min", "max", "any", "all")
_SCALARS = {"pt": "ht", "et": "ht"}
_DEEPEST = 20
_DEEPEST_TREE = 60


def parse_tree(expression: str) -> ast.expr | None:
    """The expression in Python's syntax; None for text that is none, or far longer or deeper than people write."""
    if len(expression) > MAX_LENGTH:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of `7and`, which is refused elsewhere
            tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if _is_shallow(tree) else None


def _is_shallow(tree: ast.expr) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST_TREE):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False


class Quantity(NamedTuple):
    """What a requirement constrains, in the vocabulary of findings."""

    variable: str
    subject: str
    second_subject: str | None = None


class Reader:
    """Reads expressions of criteria; `kind` is the subject whose fields stand without an owner, if any do."""

    def __init__(self, names: Names, kind: str | None = None) -> None:
        """Reads nothing yet."""
        self.names = names
        self._kind = kind

    def read(self, expression: str) -> Quantity | None:
        """The quantity of an expression; None for text that is none."""
        tree = parse_tree(expression)
        return self.read_tree(tree) if tree is not None else None

    def read_tree(self, node: ast.expr, depth: int = 0) -> Quantity:
        """The quantity of a parsed expression."""
        found = self._read(node, depth) if depth <= _DEEPEST else None
        return found or Quantity(say_other(ast.unparse(node)), self._find_subject(node) or "event")

    def _read(self, node: ast.expr, depth: int) -> Quantity | None:
        match node:
            case ast.Name():
                return self._read_name(node.id, depth)
            case ast.Attribute():
                return self._read_field(node)
            case ast.Call(func=ast.Name(id=name), args=arguments) if arguments:
                return self._read_call(name, arguments, depth)
            case ast.BinOp(op=ast.Div()):
                return self._read_ratio(node, depth)
            case ast.BinOp():
                return self._read_isolation(node)
            case ast.UnaryOp(op=ast.UAdd()):
                return self._read(node.operand, depth + 1)
        return None

    def _read_name(self, name: str, depth: int) -> Quantity | None:
        if name == "met":
            return Quantity("met", "met")
        if name in self.names.variables:
            variable = self.names.variables[name]
            if variable.words is not None or not variable.expression:
                return Quantity(say_other(f"{name}: {variable.words or ''}"), "event")
            return self._read_variable(name, variable.expression, depth)
        if self._kind is not None and name in FIELDS:
            return Quantity(_FIELDS.get(name, say_other(name)), self._kind)
        if name in EVENT_FIELDS:
            return (
                Quantity("n", "vertex")
                if name == "n_vertices"
                else Quantity(_FIELDS.get(name, f"other:{name}"), "event")
            )
        return None

    def _read_variable(self, name: str, expression: str, depth: int) -> Quantity:
        tree = parse_tree(expression)
        if tree is None:
            return Quantity(say_other(name), "event")
        found = Reader(self.names).read_tree(tree, depth + 1)
        return found._replace(variable=say_other(name)) if found.variable.startswith("other:") else found

    def _read_field(self, node: ast.Attribute) -> Quantity | None:
        """A field of a collection, of one of its objects, or of a candidate's members."""
        if isinstance(node.value, ast.Name) and node.value.id == "met":
            return Quantity("met" if node.attr == "pt" else _FIELDS.get(node.attr, say_other(node.attr)), "met")
        if isinstance(node.value, ast.Name) and node.value.id in self.names.candidates and node.attr in FIELDS:
            made = self.names.candidates[node.value.id]
            if node.attr not in (made.assign or {}):
                subject = self.names.name_composite(node.value.id)
                return Quantity(_FIELDS.get(node.attr, say_other(node.attr)), subject or "event")
        subject = self._find_subject(node.value)
        if subject is None or node.attr not in FIELDS:
            return None
        return Quantity(_FIELDS.get(node.attr, say_other(node.attr)), subject)

    def _read_call(self, name: str, arguments: list[ast.expr], depth: int) -> Quantity | None:
        first = arguments[0]
        if name == "abs":
            inner = self._read(first, depth + 1)
            return inner._replace(variable=_SIZES.get(inner.variable, inner.variable)) if inner is not None else None
        if name == "count":
            subject = self._find_subject(first)
            return Quantity("n", subject) if subject is not None else None
        if name in _APART:
            subjects = [s for a in arguments[:2] if (s := self._find_subject(a)) is not None]
            if len(arguments) == 1 and subjects:  # of pairs, or of a candidate's two members
                inside = self._find_inside(first) or subjects[0]
                return Quantity(name, inside, inside)
            return Quantity(name, subjects[0], subjects[1]) if len(subjects) == 2 else None
        if name in _OF_COMPOSITES:
            subject = self._find_subject(first) if len(arguments) == 1 else None
            return Quantity(_FIELDS[name], subject) if subject is not None else None
        if name == "sum":
            inner = self._read(first, depth + 1)
            if inner is not None and inner.variable in _SCALARS:
                return Quantity("ht" if inner.subject in ("jet", "b-jet") else "st", "event")
            return None
        return self._read(first, depth + 1) if name in _WRAPPERS else None

    def _read_ratio(self, node: ast.BinOp, depth: int) -> Quantity | None:
        isolation = self._read_isolation(node)
        if isolation is not None:
            return isolation
        above, below = self._read(node.left, depth + 1), self._read(node.right, depth + 1)
        if above is None or below is None or above.variable not in ("pt", "et") or below.variable != "mass":
            return None
        return above._replace(variable="ratio_pt_mass")

    def _read_isolation(self, node: ast.BinOp) -> Quantity | None:
        """A formula of isolation is the isolation of its object."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name | ast.Attribute):
                name = part.id if isinstance(part, ast.Name) else part.attr
                found = (
                    self._read(part, _DEEPEST) if name in ("track_isolation", "calo_isolation", "isolation") else None
                )
                if found is not None:
                    return found._replace(variable="isolation")
        return None

    def _find_subject(self, node: ast.expr) -> str | None:
        """The subject that a part of an expression stands for: a collection, one of its objects, a candidate."""
        match node:
            case ast.Name(id="met"):
                return "met"
            case ast.Name(id=name) if name in self.names.candidates:
                return self.names.name_composite(name)
            case ast.Name(id=name):
                return self.names.find_kind(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in self.names.candidates:
                return self.names.find_members(name, attr)
            case ast.Attribute(value=ast.Subscript(value=ast.Name(id=name)), attr=attr) if (
                name in self.names.candidates
            ):
                return self.names.find_members(name, attr)
            case ast.Subscript(value=ast.Name(id=name)) if name in self.names.candidates:
                return self.names.name_composite(name)
            case ast.Subscript(value=inner, slice=ast.Constant(value=int() as index)):
                kind = self._find_subject(inner)
                return name_rank(kind, index) if kind is not None and index >= 0 else kind
            case ast.Subscript(value=inner):
                return self._find_subject(inner)
            case ast.Call(func=ast.Name(id="pairs"), args=[first, *_]):
                return name_pair(self._find_subject(first))
            case ast.Call(func=ast.Name(id="leading"), args=[first, *_]):
                return self._find_subject(first)
        return None

    def _find_inside(self, node: ast.expr) -> str | None:
        """The subject of the two objects of a pair."""
        match node:
            case ast.Call(func=ast.Name(id="pairs"), args=[first, *_]):
                return self._find_subject(first)
            case ast.Name(id=name):
                return self.names.find_members(name)
        return None
