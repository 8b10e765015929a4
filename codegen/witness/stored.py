"""One event as it is stored: branch values, and what a profile makes of them. Missing numbers are NaN."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from codegen.witness.arithmetic import NAN, Truth, apply_function, calculate, compare, finite, join_and, join_or, negate
from schemas.errors import ProfileError
from schemas.expressions.branches import Aggregate, Branch, OfEvent, list_columns, parse_branches
from schemas.expressions.nodes import Arithmetic, Call, Comparison, Logic, Negative, Node, Not, Number, Power, Relation
from schemas.profile import CollectionSource, Labels, Link, Profile, Source
from schemas.units import find_unit

Cell = float | list[float]
Row = dict[str, Cell]  # branch (without its prefix) -> value; a list where the branch holds a list
ReadNumber = Callable[[Row, "Event"], float]
ReadTruth = Callable[[Row, "Event"], Truth]

EXACT = ("abs", "sqrt", "sign", "min", "max", "bit")  # every formula gives the same
JOINS = {"and": join_and, "or": join_or}


class Event(NamedTuple):
    """Branch values of one event: of the event as a whole, and of the objects of each branch prefix."""

    whole: Row
    stored: dict[str, list[Row]]

    def copy(self) -> "Event":
        """A copy whose values can be changed."""
        return Event(dict(self.whole), {k: [dict(r) for r in rows] for k, rows in self.stored.items()})

    def find_column(self, name: str) -> list[float]:
        """The values of a branch by its whole name: those of a list, or of all objects of a prefix."""
        if name in self.whole:
            value = self.whole[name]
            return value if isinstance(value, list) else [value]
        for prefix, rows in self.stored.items():
            if name.startswith(prefix):
                cells = [row.get(name.removeprefix(prefix), NAN) for row in rows]
                return [v for cell in cells for v in (cell if isinstance(cell, list) else [cell])]
        return []


class Shake:
    """Small relative errors of computed numbers, the same for the same numbers.

    An outcome that survives them does not depend on rounding, on float32, or on which formula is used. Values that
    every formula gives exactly (the sine of 0, say) are left alone.
    """

    def __init__(self, size: float, seed: int) -> None:
        self.size, self.seed = size, seed

    def apply(self, value: float, *given: float) -> float:
        """`value`, which was computed from `given`, off by up to `size`."""
        if value == 0 or value != value:
            return value
        return value * (1 + self.size * (hash((self.seed, *given)) % 2001 - 1000) / 1000)


STILL = Shake(0.0, 0)


@dataclass
class BaseReader:
    """What a profile knows of one base object, as functions of a stored row."""

    base: str
    prefix: str
    source: CollectionSource
    fields: dict[str, ReadNumber] = field(default_factory=dict)
    selector: ReadTruth | None = None
    labels: dict[tuple[str, Relation, str], ReadTruth | None] = field(default_factory=dict)

    def reach(self, row: Row, event: Event, name: str, relation: Relation, label: str) -> Truth:
        """Whether a row's label field stands in the relation to a label; None where the format does not say."""
        key = (name, relation, label)
        if key not in self.labels:
            self.labels[key] = build_label(self.source.labels.get(name), relation, label, Builder(STILL, self.source))
        read = self.labels[key]
        return None if read is None else read(row, event)


class ProfileReader:
    """A profile as functions of branch values."""

    def __init__(self, profile: Profile, shake: Shake = STILL) -> None:
        self.profile, self.shake = profile, shake
        self.bases = {base: self._read_base(base, source) for base, source in profile.collections.items()}
        whole = Builder(shake, None)
        self.event_fields: dict[str, ReadNumber] = {
            name: whole.source(source) for name, source in profile.event.fields.items()
        }
        for owner, thing in profile.event.objects.items():
            self.event_fields.update({f"{owner}.{name}": whole.source(s) for name, s in thing.fields.items()})
        self.event_labels: dict[tuple[str, Relation, str], ReadTruth | None] = {}

    def _read_base(self, base: str, source: CollectionSource) -> BaseReader:
        builder = Builder(self.shake, source)
        fields = {name: builder.source(given) for name, given in source.fields.items()}
        selector = None if source.selector is None else builder.truth(parse_branches(source.selector, base))
        return BaseReader(base, source.prefix, source, fields, selector)

    def reach(self, event: Event, name: str, relation: Relation, label: str) -> Truth:
        """Whether a label field of the event, such as a trigger, stands in the relation to a label."""
        key = (name, relation, label)
        if key not in self.event_labels:
            labels = self.profile.event.labels.get(name)
            self.event_labels[key] = build_label(labels, relation, label, Builder(STILL, None))
        read = self.event_labels[key]
        return None if read is None else read(event.whole, event)


def build_label(labels: Labels | None, relation: Relation, label: str, builder: "Builder") -> ReadTruth | None:
    """Reads a label test; None where the format cannot decide it. Ordered labels mean "at least this one"."""
    if labels is None:
        return None
    names = [point.label for point in labels.points]
    if label not in names:
        return None
    if relation in ("!=", "<", "<="):
        opposite: dict[str, Relation] = {"!=": "==", "<": ">=", "<=": ">"}
        positive = build_label(labels, opposite[relation], label, builder)
        return None if positive is None else lambda row, event: negate(positive(row, event))
    position = names.index(label)
    points = [
        None if p.expression is None else builder.truth(parse_branches(p.expression, "label")) for p in labels.points
    ]
    here = points[position]
    if not labels.ordered:
        return here if relation == "==" else None
    above = points[position + 1] if position + 1 < len(points) else None
    if relation == ">=":
        return here
    if relation == ">":
        return above
    if here is None or (above is None and position + 1 < len(points)):
        return None
    if above is None:
        return here
    at_least, more = here, above
    return lambda row, event: join_and((at_least(row, event), negate(more(row, event))))


class Builder:
    """Turns expressions over branches into functions. `source` is the collection whose rows they read, if any."""

    def __init__(self, shake: Shake, source: CollectionSource | None) -> None:
        self.shake, self.source_of = shake, source

    def source(self, given: Source) -> ReadNumber:
        """Reads a quantity in base units."""
        read = self.number(parse_branches(given.expression, "profile"))
        if given.unit is None:
            return read
        unit = find_unit(given.unit)
        multiply, divide = unit.multiply, unit.divide
        if divide == 1.0:
            return read if multiply == 1.0 else lambda row, event: read(row, event) * multiply
        return lambda row, event: read(row, event) * multiply / divide

    def number(self, node: Node) -> ReadNumber:
        """Reads a number over branches; what is not finite is missing."""
        match node:
            case Number():
                return _read_constant(node.value)
            case OfEvent():
                assert node.inner is not None
                whole = Builder(self.shake, None).number(node.inner)
                return lambda row, event: whole(event.whole, event)  # noqa: ARG005
            case Aggregate():
                return self._aggregate(node)
            case Branch():
                return self._branch(node)
            case Negative():
                inner = self.number(node.argument)
                return lambda row, event: -inner(row, event)
            case Power():
                base, exponent = self.number(node.base), node.exponent
                return lambda row, event: math.prod([base(row, event)] * exponent)
            case Arithmetic():
                left, right, sign = self.number(node.left), self.number(node.right), node.operator
                return lambda row, event: calculate(sign, left(row, event), right(row, event))
            case Call():
                return self._call(node)
        raise ProfileError(f"expected a number over branches, found {type(node).__name__.lower()}")

    def _call(self, node: Call) -> ReadNumber:
        arguments, name, shake = [self.number(a) for a in node.arguments], node.function, self.shake
        exact = name in EXACT

        def call(row: Row, event: Event) -> float:
            given = [read(row, event) for read in arguments]
            value = apply_function(name, *given)
            return value if exact or 0 in given else shake.apply(value, *given)

        return call

    def _branch(self, node: Branch) -> ReadNumber:
        owner, _, rest = node.branch.partition(".")
        links = self.source_of.links.get(owner, ()) if self.source_of is not None and rest else ()
        if links:
            follow = [(self._link(link), link.prefix) for link in links]

            def read_linked(row: Row, event: Event) -> float:
                for find, prefix in follow:
                    target = find(row, event)
                    if target is not None:
                        return _enter(event.stored[prefix][target], rest, node.index)
                return NAN

            return read_linked
        branch, index = node.branch or node.name, node.index
        if node.sized:
            return lambda row, event: _count_entries(row.get(branch, NAN))  # noqa: ARG005
        return lambda row, event: _enter(row, branch, index)  # noqa: ARG005

    def _link(self, link: Link) -> Callable[[Row, Event], int | None]:
        """Finds the row that a link leads to."""
        index = self.number(parse_branches(link.index, "link"))
        when = None if link.when is None else self.truth(parse_branches(link.when, "link"))
        key = None if link.key is None else self.number(parse_branches(link.key, "link"))

        def find(row: Row, event: Event) -> int | None:
            if (when is not None and when(row, event) is not True) or (
                key is not None and key(row, event) != link.wanted_key
            ):
                return None
            place = index(row, event)
            there = place == place and 0 <= place < len(event.stored.get(link.prefix, ()))
            return int(place) if there else None

        return find

    def _aggregate(self, node: Aggregate) -> ReadNumber:
        values = None if node.values is None else Builder(self.shake, None).number(node.values)
        condition = None if node.condition is None else Builder(self.shake, None).truth(node.condition)
        columns = [name for part in (node.values, node.condition) if part is not None for name, _ in list_columns(part)]
        function = node.function

        def read(row: Row, event: Event) -> float:  # noqa: ARG001
            lists = {name: event.find_column(name) for name in columns}
            length = max(map(len, lists.values()), default=0)
            rows: list[Row] = [{k: v[i] for k, v in lists.items() if i < len(v)} for i in range(length)]
            rows = [r for r in rows if condition is None or condition(r, event) is True]
            if function == "count" or values is None:
                return float(len(rows))
            found = [values(r, event) for r in rows]
            if function == "sum":
                return float(sum(found))
            if not found or (function != "first" and any(v != v for v in found)):
                return NAN
            return found[0] if function == "first" else max(found) if function == "largest" else min(found)

        return read

    def truth(self, node: Node) -> ReadTruth:
        """Reads a condition over branches: true, false, or None where a value is missing."""
        match node:
            case Not():
                inner = self.truth(node.argument)
                return lambda row, event: negate(inner(row, event))
            case Logic():
                parts, join = [self.truth(a) for a in node.arguments], JOINS[node.operator]
                return lambda row, event: join([p(row, event) for p in parts])
            case Comparison():
                left, right, relation = self.number(node.left), self.number(node.right), node.relation
                return lambda row, event: compare(relation, left(row, event), right(row, event))
        raise ProfileError(f"expected a condition over branches, found {type(node).__name__.lower()}")


def _read_constant(value: float) -> ReadNumber:
    return lambda row, event: value  # noqa: ARG005


def _count_entries(cell: Cell) -> float:
    return float(len(cell)) if isinstance(cell, list) else NAN


def _enter(row: Row, branch: str, index: int | None) -> float:
    """A value of a row, or one entry where the branch holds a list."""
    cell = row.get(branch, NAN)
    if isinstance(cell, list):
        place = index or 0
        return finite(cell[place]) if place < len(cell) else NAN
    return finite(cell)
