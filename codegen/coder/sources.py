"""What the quantities of the criteria are in the branches of a format, written out for somebody who writes code."""

import ast
from collections.abc import Mapping
from typing import NamedTuple

from codegen.bind import FLAVOURS, IDENTITY, Column
from codegen.compile import list_wanted
from codegen.usage import Usage
from schemas.expressions.dimension import ENERGY, LENGTH, ONE
from schemas.expressions.nodes import Relation, Worded
from schemas.fields import FIELDS
from schemas.profile import CollectionSource, Labels, Link, Source
from schemas.units import BASE_UNITS, find_unit


class Quantity(NamedTuple):
    """A field, label or event quantity: its name in the criteria, what it is in branches, and what stands in for it.

    `unit` is what the text comes out in; empty for plain numbers, labels and angles, which are in rad anyway.
    """

    name: str
    text: str
    closest: str | None = None
    unit: str = ""

    @property
    def remark(self) -> str:
        """What is told behind the text."""
        told = "; ".join(([self.unit] if self.unit else []) + (["the closest there is"] if self.closest else []))
        return f" ({told})" if told else ""


class StoredKind(NamedTuple):
    """Kinds of objects that the file describes in the same way: which of the stored objects they are, their fields."""

    kinds: tuple[tuple[str, str], ...]  # base object, condition on branches (empty: all of the list)
    prefix: str
    quantities: tuple[Quantity, ...]
    links: tuple[str, ...]


def describe_objects(usage: Usage) -> tuple[StoredKind, ...]:
    """The stored objects that the criteria use, those that are described alike together.

    Criteria in words may mean any quantity: then all that the format has of the objects that they name.
    """
    found: list[StoredKind] = []
    for base, columns in (list_wanted(usage) | _list_meant(usage)).items():
        source = usage.binding.find_source(base)
        selector = spell(source.selector, source.prefix) if source.selector is not None else ""
        read = [c for c in _sort(columns) if c.field not in ("flavour", IDENTITY)]
        quantities = tuple(dict.fromkeys(_describe_column(source, column) for column in read))
        used = {word for q in quantities for word in source.links if f"{word}." in q.text}
        made = StoredKind(
            ((base, selector),),
            source.prefix,
            quantities,
            tuple(_describe_links(name, source) for name in source.links if name in used),
        )
        alike = next((k for k, f in enumerate(found) if _are_alike(f, made)), None)
        if alike is None:
            found.append(made)
            continue
        old = found[alike]
        both = dict.fromkeys((*old.quantities, *made.quantities))
        found[alike] = old._replace(kinds=(*old.kinds, *made.kinds), quantities=tuple(both))
    return tuple(found)


def _list_meant(usage: Usage) -> dict[str, list[Column]]:
    """By base object, every number and label that the format has, where cuts or variables in words may need it."""
    checked = usage.binding.checked
    texts = [one.words.lower() for one in list_words(usage)]
    named = {base for o in checked.criteria.objects for base in usage.binding.list_bases(o.name)}
    wanted = list_wanted(usage)
    meant: dict[str, list[Column]] = {}
    for base, source in usage.binding.profile.collections.items() if texts else ():
        if base in named or any(base.replace("_", " ") in text for text in texts):
            columns = [*wanted.get(base, []), *(Column(field) for field in source.fields)]
            for field, labels in source.labels.items():
                relation: Relation = ">=" if labels.ordered else "=="
                columns += [Column(field, relation, p.label) for p in labels.points if p.expression is not None]
            meant[base] = list(dict.fromkeys(columns))
    return meant


def list_words(usage: Usage) -> tuple[Worded, ...]:
    """What the criteria state in words."""
    checked = usage.binding.checked
    cuts = [c for cuts in (*checked.objects.values(), *checked.regions.values()) for c in cuts]
    roots = [*(c.test for c in cuts), *checked.variables.values()]
    return tuple(n for root in roots for n in root.walk() if isinstance(n, Worded))


def describe_event(usage: Usage) -> tuple[Quantity, ...]:
    """The quantities of the event as a whole that the criteria use."""
    found: list[Quantity] = []
    for column in usage.events:
        if column.label is not None:
            labels = usage.binding.profile.event.labels[column.field]
            found.append(_describe_label(labels, column, "", {}))
        else:
            source = usage.binding.find_event_source(column.field)
            assert isinstance(source, Source)
            text = _spell_source(source, "", {})
            found.append(Quantity(column.field, text, source.closest, _find_unit(source)))
    return tuple(found)


def spell(text: str, prefix: str, links: Mapping[str, object] | None = None) -> str:
    """An expression of a profile with the whole names of its branches."""
    tree = _Spelling(prefix, links or {}).visit(ast.parse(text.strip(), mode="eval").body)
    return ast.unparse(tree)


def _describe_column(source: CollectionSource, column: Column) -> Quantity:
    if column.label is not None:
        return _describe_label(source.labels[column.field], column, source.prefix, source.links)
    given = source.fields[column.field]
    text = _spell_source(given, source.prefix, source.links)
    return Quantity(column.field, text, given.closest, _find_unit(given, column.field))


def _describe_label(labels: Labels, column: Column, prefix: str, links: Mapping[str, object]) -> Quantity:
    assert column.label is not None
    point = labels.find(column.label)
    name = f"{column.field} {column.relation or '=='} {column.label}"
    assert point is not None
    assert point.expression is not None
    text = spell(point.expression, prefix, links)
    if labels.ordered and column.relation != ">=":
        stronger = labels.find_stronger(column.label)
        above = spell(stronger.expression, prefix, links) if stronger is not None and stronger.expression else None
        if column.relation == ">":
            text = above or text
        elif above is not None:
            text = f"({text}) and not ({above})"
    return Quantity(name, text, point.closest)


def _spell_source(source: Source, prefix: str, links: Mapping[str, object]) -> str:
    tree = _Spelling(prefix, links).visit(ast.parse(source.expression.strip(), mode="eval").body)
    unit = find_unit(source.unit) if source.unit else None
    for factor, operator in ((unit.multiply, ast.Mult()), (unit.divide, ast.Div())) if unit is not None else ():
        if factor != 1.0:
            number = int(factor) if float(factor).is_integer() and abs(factor) < 1e15 else factor
            tree = ast.BinOp(tree, operator, ast.Constant(number))
    return ast.unparse(tree)


def _find_unit(source: Source, field: str = "") -> str:
    """The base unit of a quantity after conversion."""
    if source.unit:
        base = BASE_UNITS[find_unit(source.unit).dimension]
    else:
        dimension = FIELDS[field].dimension if field in FIELDS else ONE
        base = {ENERGY: "GeV", LENGTH: "mm"}.get(dimension, "")
    return "" if base == "rad" else base


def _describe_links(name: str, source: CollectionSource) -> str:
    """To which objects a link leads, in words."""
    ways = [_describe_link(link, source.prefix) for link in source.links[name]]
    first = "" if len(ways) == 1 else "the first of these that there is: "
    return f"{name}.X of an object is {first}{'; or '.join(ways)}; missing where there is none"


def _describe_link(link: Link, prefix: str) -> str:
    conditions = [spell(link.when, prefix)] if link.when is not None else []
    if link.key is not None:
        conditions.append(f"{spell(link.key, prefix)} == {link.wanted_key}")
    where = f" where {' and '.join(f'({c})' for c in conditions)}" if conditions else ""
    return f"{link.prefix}X at position {spell(link.index, prefix)} (from 0) of the same event{where}"


def _are_alike(one: StoredKind, other: StoredKind) -> bool:
    """Whether the quantities that both have are the same branches."""
    texts = {q.name: q for q in one.quantities}
    same = all(texts.get(q.name, q) == q for q in other.quantities)
    return one.prefix == other.prefix and one.links == other.links and same


def _sort(columns: list[Column]) -> list[Column]:
    """The four-momentum first."""
    first = ("pt", "eta", "phi", "energy", "mass")
    return sorted(columns, key=lambda c: first.index(c.field) if c.field in first else len(first))


class _Spelling(ast.NodeTransformer):
    """Puts whole names of branches in place of the short ones."""

    def __init__(self, prefix: str, links: Mapping[str, object]) -> None:
        self.prefix, self.links = prefix, links

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.prefix + node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = ast.unparse(node)
        return ast.Name(name if name.partition(".")[0] in self.links else self.prefix + name)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called == "branch" and isinstance(node.args[0], ast.Constant):
            return ast.Name(f"{self.prefix}{node.args[0].value!s}")
        inside = _Spelling("", {}) if called == "event" else self
        arguments = [inside.visit(argument) for argument in node.args]
        return arguments[0] if called == "event" else ast.Call(node.func, arguments, [])


def list_flavours(usage: Usage) -> tuple[tuple[str, int], ...]:
    """The numbers of the kinds of objects whose flavours the criteria compare."""
    wanted = list_wanted(usage)
    return tuple((base, FLAVOURS[base]) for base, columns in wanted.items() if Column("flavour") in columns)
