"""Expressions of the criteria as formulas in typed pieces. What is no expression comes back as its own words."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codegen.tables.labels import say_label_test
from codegen.tables.pieces import Mark, Number, Phrase, Power, Root, Sign, Symbol, Upright, Words
from codegen.tables.symbols import CONSTANT_SYMBOLS, FIELD_SYMBOLS, MEMBERS, MET, find_composite, find_variable
from schemas.criteria import SelectionCriteria
from schemas.fields import EVENT_FIELDS, EVENT_OBJECTS, FIELDS

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, PRIMARY = range(1, 9)
_SIGNS: dict[type[ast.operator], tuple[Sign, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("minus", SUM), ast.Mult: ("times", PRODUCT), ast.Div: ("/", PRODUCT),
}  # fmt: skip
_RELATIONS: dict[type[ast.cmpop], Sign] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_DISTANCES = ("deltaR", "deltaphi", "deltaeta")
_REDUCERS = ("min", "max", "sum", "count", "any", "all")


@dataclass(frozen=True)
class Names:
    """The names that a document defines."""

    collections: frozenset[str]
    candidates: frozenset[str]
    units: Mapping[str, str | None]  # of the variables

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(self.units)


def list_names(criteria: SelectionCriteria) -> Names:
    """The names of a document's collections, candidates and variables."""
    candidates = {c.name for c in criteria.candidates} | {p for c in criteria.candidates for p in c.pairing or ()}
    units = {v.name: v.unit for v in criteria.variables}
    return Names(frozenset(d.name for d in criteria.objects), frozenset(candidates), units)


def write_formula(text: str, names: Names, level: int = 0, quantified: bool = False) -> Phrase:
    """The expression as a formula, in brackets where it binds less tightly than `level`.

    `quantified`: the words around it say whose quantities these are, so the formula does not.
    """
    try:
        return _Formula(names, quantified).within(ast.parse(text.strip(), mode="eval").body, level)
    except (SyntaxError, ValueError, RecursionError, MemoryError, _NoFormula):
        return (Words(text),)


def find_axis(text: str, names: Names) -> Phrase | None:
    """The objects or pairs that an expression has one value for each of, in words; None for one value per event."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _Formula(names).axis(tree)


class _NoFormula(Exception):
    """Not in the language."""


class _Formula:
    def __init__(self, names: Names, quantified: bool = False) -> None:
        self.names = names
        self.quantified = quantified

    def within(self, node: ast.expr, level: int) -> Phrase:
        phrase, own = self._write(node)
        return (Mark("("), *phrase, Mark(")")) if own < level else phrase

    def _write(self, node: ast.expr) -> tuple[Phrase, int]:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return (Number(f"{value:.12g}"),), PRIMARY if value >= 0 else UNARY
            case ast.Name(id=name):
                return self._name(name), PRIMARY
            case ast.Attribute(value=owner, attr=attribute):
                return self._attribute(owner, attribute), PRIMARY
            case ast.Subscript():
                return self.thing(node), PRIMARY
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if arguments:
                return self._call(name, arguments), PRIMARY
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return (Mark("minus"), *self.within(operand, PRIMARY)), UNARY
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._write(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return (Words("not "), *self.within(operand, PRIMARY)), NOT
            case ast.BoolOp(op=op, values=values):
                word, level = (" and ", AND) if isinstance(op, ast.And) else (" or ", OR)
                return join([self.within(v, level + 1) for v in values], Words(word)), level
            case ast.Compare(left=left, ops=relations, comparators=others):
                return self._compare([left, *others], relations), COMPARISON
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(exponent))):
                return (Power(self.within(left, PRIMARY), exponent),), PRIMARY
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                sign, level = _SIGNS[type(op)]
                return (*self.within(left, level), Mark(sign), *self.within(right, level + 1)), level
        raise _NoFormula

    def _name(self, name: str) -> Phrase:
        if name in self.names.candidates or name in self.names.collections:
            return self.thing(ast.Name(name))
        if name in self.names.variables:
            return find_variable(name)
        if name in CONSTANT_SYMBOLS:
            return self._constant(name)
        if name in EVENT_OBJECTS:
            return (MET,)
        if name in FIELDS or name in EVENT_FIELDS:
            return _field(name)
        return (Upright(name),)

    def _constant(self, name: str) -> Phrase:
        """The mass of a particle; where a candidate has the same symbol, with a mark that it is no measured mass."""
        (symbol,) = CONSTANT_SYMBOLS[name]
        if isinstance(symbol, Symbol) and any(find_composite(c) == symbol.below for c in self.names.candidates):
            return (Symbol(symbol.name, symbol.below, (Upright("PDG"),)),)
        return (symbol,)

    def _attribute(self, owner: ast.expr, attribute: str) -> Phrase:
        if isinstance(owner, ast.Name) and owner.id in EVENT_OBJECTS:
            return (MET,) if attribute == "pt" else (*_field(attribute), Mark("("), MET, Mark(")"))
        if attribute in FIELDS:
            return self._of(attribute, [owner])
        return self.thing(ast.Attribute(owner, attribute))

    def _of(self, field: str, owners: Sequence[ast.expr]) -> Phrase:
        """A quantity of objects: p_T(ℓ₁), and m with the objects as subscript."""
        if self.quantified and len(owners) == 1 and self._is_collection(owners[0]):
            return _field(field)
        things = join([self.thing(o) for o in owners], None)
        if field == "mass":
            return (Symbol("m", things),)
        return (*_field(field), Mark("("), *join([self.thing(o) for o in owners], Mark("+")), Mark(")"))

    def _is_collection(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.names.collections
            case ast.Attribute(value=ast.Name(id=name), attr=part):
                return name in self.names.candidates and part not in FIELDS
        return False

    def thing(self, node: ast.expr, index: Phrase = ()) -> Phrase:
        """An object or a collection: ℓ₁ for leptons[0], ℓ for leptons."""
        match node:
            case ast.Name(id=name) if name in self.names.candidates:
                made = find_composite(name)
                return _put_below(made, index) if index else made
            case ast.Name(id=name) if name in EVENT_OBJECTS:
                return (MET,)
            case ast.Name(id=name):
                return (_member(name, index),)
            case ast.Subscript(value=owner, slice=ast.Constant(value=int(number))):
                return self.thing(owner, (Words(str(number + 1)),))
            case ast.Subscript(value=owner, slice=ast.Slice(lower=None, upper=ast.Constant(value=int(number)))):
                return self.thing(owner, (Words(f"1–{number}"),))
            case ast.Attribute(value=owner, attr=part):
                member = _member(part, index)
                if self.quantified and not index:
                    return (member,)
                above = self.thing(owner)
                return (type(member)(_text(member), member.below, above),)
            case ast.Call(func=ast.Name(id="leading"), args=[owner]):
                return self.thing(owner, (Words("1"),))
            case ast.Call(func=ast.Name(id="leading"), args=[owner, ast.Constant(value=int(number))]):
                return self.thing(owner, (Words(f"1–{number}"),))
            case ast.Call(func=ast.Name(id="pairs"), args=[owner, *_]):
                one = self.thing(owner)
                return (*one, *one)
        raise _NoFormula

    def _call(self, name: str, arguments: list[ast.expr]) -> Phrase:
        if name in ("mass", "pt", "eta", "phi"):
            if isinstance(arguments[0], ast.Name) and arguments[0].id in EVENT_OBJECTS:
                return self._attribute(arguments[0], name)
            return self._of(name, arguments)
        if name in _DISTANCES:
            things = [self._distant(a) for a in arguments]
            return (Symbol(name), Mark("("), *join(things, Mark(",")), Mark(")"))
        match name, arguments:
            case "abs", [inner]:
                return (Mark("|"), *self.within(inner, 0), Mark("|"))
            case "sqrt", [inner]:
                return (Root(self.within(inner, 0)),)
            case "count", [counted]:
                return self._count(counted)
            case "interp", [argument, ast.List(elts=x), ast.List(elts=y)]:
                return self._interpolate(argument, x, y)
            case "sum", [inner]:
                return (Symbol("sum"), *self.within(inner, PRODUCT))
            case (("any" | "all"), [inner]):
                who = self.axis(inner) or (Words("objects"),)
                quantifier = "at least one of the " if name == "any" else "all "
                return (*_Formula(self.names, True).within(inner, 0), Words(f" for {quantifier}"), *who)
        inside = join([self.within(a, 0) for a in arguments], Mark(","))
        return (Upright(name), Mark("("), *inside, Mark(")"))

    def _distant(self, node: ast.expr) -> Phrase:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "pairs":
            one = self.thing(node.args[0])
            return (*one, Mark(","), *one)
        return self.thing(node)

    def _count(self, counted: ast.expr) -> Phrase:
        match counted:
            case ast.Name(id=name):
                below: Phrase = find_composite(name) if name in self.names.candidates else (Upright(_plain(name)),)
                return (Symbol("N", below),)
            case ast.Attribute(value=owner, attr=part) if part not in FIELDS:
                return (Symbol("N", (Upright(_plain(part)),), self.thing(owner)),)
        return (Symbol("N"), Mark("("), *self.within(counted, 0), Mark(")"))

    def _interpolate(self, argument: ast.expr, x: list[ast.expr], y: list[ast.expr]) -> Phrase:
        points = [(*self.within(a, 0), Words(" → "), *self.within(b, 0)) for a, b in zip(x, y, strict=True)]
        what = self.within(argument, 0)
        return (Words("a line in "), *what, Words(" through "), *join(points, Words("; ")), Words(", constant outside"))

    def _compare(self, sides: list[ast.expr], relations: list[ast.cmpop]) -> Phrase:
        phrase = self._side(sides[0])
        for operator, right in zip(relations, sides[1:], strict=True):
            if type(operator) not in _RELATIONS:
                raise _NoFormula
            relation = _RELATIONS[type(operator)]
            label = self._find_label(sides[0], right)
            if label is not None and len(sides) == 2:
                owner = self._say_owner(sides[0])
                return (*say_label_test(label[0], relation, label[1]), *owner)
            phrase += (Mark(relation), *self._side(right))
        return phrase

    def _side(self, node: ast.expr) -> Phrase:
        return self.within(node, SUM)

    def _find_label(self, field: ast.expr, word: ast.expr) -> tuple[str, str] | None:
        name = field.attr if isinstance(field, ast.Attribute) else field.id if isinstance(field, ast.Name) else ""
        kinds = {**FIELDS, **EVENT_FIELDS}
        if name not in kinds or kinds[name].kind == "number" or not isinstance(word, ast.Name):
            return None
        known = {*self.names.collections, *self.names.candidates, *self.names.variables, *FIELDS}
        return None if word.id in known else (name, word.id)

    def _say_owner(self, field: ast.expr) -> Phrase:
        if not isinstance(field, ast.Attribute) or (self.quantified and self._is_collection(field.value)):
            return ()
        return (Words(" of "), *self.thing(field.value))

    def axis(self, node: ast.AST) -> Phrase | None:
        """What there is one value per: pairs with their flags, or a collection."""
        match node:
            case ast.Call(func=ast.Name(id=name), args=[_]) if name in _REDUCERS:
                return None
            case ast.Call(func=ast.Name(id="leading"), args=[_]) | ast.Subscript(slice=ast.Constant()):
                return None
            case ast.Call(func=ast.Name(id="pairs"), args=[owner, *flags]):
                words = [f.id.replace("_", "-") for f in flags if isinstance(f, ast.Name)]
                whose = self.axis(owner) or self.thing(owner)
                return (Words(f"{', '.join(words)} pairs of ".lstrip()), *whose)
            case ast.Name(id=name):
                return (Words(_plain(name)),) if name in self.names.collections else None
            case ast.Attribute(value=ast.Name(id=name) as owner, attr=part):
                if name in self.names.candidates and part not in FIELDS:
                    return (Words(f"{_plain(part)} of "), *find_composite(name))
        for child in ast.iter_child_nodes(node):
            found = self.axis(child)
            if found is not None:
                return found
        return None


def join(phrases: Sequence[Phrase], between: Words | Mark | None) -> Phrase:
    """Phrases one after the other, with something between them."""
    joined: Phrase = ()
    for phrase in phrases:
        joined += (*((between,) if joined and between is not None else ()), *phrase)
    return joined


def _field(name: str) -> Phrase:
    if name == "d0sig":
        return (
            Symbol("d", (Words("0"),)),
            Mark("/"),
            Symbol("sigma"),
            Mark("("),
            Symbol("d", (Words("0"),)),
            Mark(")"),
        )
    if name == "z0sig":
        return (
            Symbol("z", (Words("0"),)),
            Mark("/"),
            Symbol("sigma"),
            Mark("("),
            Symbol("z", (Words("0"),)),
            Mark(")"),
        )
    if name == "z0_sintheta":
        return (Symbol("z", (Words("0"),)), Upright("sin"), Symbol("theta"))
    return FIELD_SYMBOLS.get(name, (Upright(name.replace("_", " ")),))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _member(collection: str, index: Phrase) -> Symbol | Upright:
    letter = MEMBERS.get(collection, MEMBERS.get(f"{collection}s"))  # a role is one of them
    if letter is not None:
        return Symbol(letter, index)
    return Upright(_plain(collection), index)


def _put_below(phrase: Phrase, index: Phrase) -> Phrase:
    """A composite with its number: LQ₁."""
    last = phrase[-1]
    if isinstance(last, Symbol | Upright) and not last.below:
        return (*phrase[:-1], type(last)(_text(last), index, last.above))
    return (Mark("("), *phrase, Mark(")"), Upright("", index))


def _text(piece: Symbol | Upright) -> str:
    return piece.name if isinstance(piece, Symbol) else piece.text
