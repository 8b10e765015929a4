"""Objects as scalar code: rows of tables, four-momenta and angles, in one place of the loop."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from codegen.loops.kernel import LETTERS, Kernel
from codegen.loops.lines import Lines
from schemas.errors import CriteriaError
from schemas.expressions.nodes import (
    Candidate,
    Collection,
    Composites,
    EventObject,
    Item,
    Members,
    Node,
    Pairs,
    Role,
    Slice,
    This,
    Trial,
)


class Row(NamedTuple):
    """One object: a row of a table."""

    table: str
    row: str


class Way(NamedTuple):
    """The combination of an assignment that is tried: the array of slots and its first index."""

    slots: str
    way: str


@dataclass(frozen=True)
class RowCode:
    """Writes objects in one place of the loop.

    `at` maps an axis to the loop variables that run over it; `trials` the names under test to the two objects of a
    pair; `ways` that of an assignment to the way that is tried; `this` is the object whose own cuts are written.
    """

    kernel: Kernel
    lines: Lines
    at: Mapping[Node, tuple[str, ...]] = field(default_factory=dict)
    trials: Mapping[str, tuple[Row, Row]] = field(default_factory=dict)
    ways: Mapping[str, Way] = field(default_factory=dict)
    this: Row | None = None
    aliases: Mapping[Node, str] = field(default_factory=dict)
    depth: int = 0

    # ------------------------------------------------------------------ single objects

    def row(self, node: Node) -> Row:
        """The row of a single object, or of the object that the loop over an axis is at."""
        match node:
            case This():
                assert self.this is not None
                return self.this
            case Collection() | Members():
                return Row(self.table(node), self._index(node))
            case Slice():
                return Row(self.table(node.owner), self._index(node))
            case Item() if not isinstance(node.owner, Composites):
                owner = node.owner.owner if isinstance(node.owner, Slice) else node.owner
                table = self.table(owner)
                self.kernel.asked[table] = max(self.kernel.asked.get(table, 0), node.index + 1)
                return Row(table, str(node.index))
            case Role():
                return self._role(node)
        raise CriteriaError(f"not supported in a loop: {type(node).__name__.lower()} as a single object")

    def _index(self, axis: Node) -> str:
        if axis not in self.at:
            raise CriteriaError(
                f"not supported in a loop: a {type(axis).__name__.lower()} where one object is expected"
            )
        return self.at[axis][0]

    def _role(self, node: Role) -> Row:
        owner = node.owner.owner if isinstance(node.owner, Item) else node.owner
        assert isinstance(owner, Composites)
        index = str(node.owner.index) if isinstance(node.owner, Item) else self._index(owner)
        return self._dealt(owner.name, node.role, index)

    def _dealt(self, name: str, role: str, index: str) -> Row:
        roles = self.kernel.usage.binding.checked.candidates[name].roles
        if name in self.ways:
            way = self.ways[name]
            root = self.kernel.usage.binding.find_root(roles[role])
            assert root is not None
            self.kernel.momenta[root] = None
            return Row(self.kernel.table(root), f"{way.slots}[{way.way}, {list(roles).index(role)}, {index}]")
        return Row(self.kernel.names.find(("role", name, role)), index)

    def table(self, node: Node) -> str:
        """The table of a collection or of members."""
        match node:
            case Collection():
                return self.kernel.table(node.name)
            case Members():
                return self.kernel.member_table(node)
        raise CriteriaError(f"not supported in a loop: {type(node).__name__.lower()} as a collection")

    def cell(self, row: Row, column: str) -> str:
        """Code of one quantity of an object."""
        return f"{row.table}[{row.row}, {self.kernel.column(column)}]"

    # ------------------------------------------------------------------ four-momenta

    def momentum(self, node: Node) -> str:
        """Code of the four-momentum of an object or a composite."""
        match node:
            case Candidate():
                return self.kernel.p4(node.name)
            case Trial():
                return self._pair(*self.trials[node.name])
            case Pairs():
                return self._pair(*self.pair_rows(node))
            case Composites():
                return self._composite(node.name, self._index(node))
            case Item() if isinstance(node.owner, Composites):
                return self._composite(node.owner.name, str(node.index))
        self.use_momenta(node)
        row = self.row(node)
        return f"momentum({row.table}, {row.row})"

    def use_momenta(self, node: Node) -> None:
        """Four-momenta of the objects that a node is about are needed."""
        for collection in self.kernel.usage.binding.find_sources(node):
            self.kernel.momenta[collection] = None

    def _pair(self, first: Row, second: Row) -> str:
        return f"pair_momentum({first.table}, {first.row}, {second.row})"

    def _composite(self, name: str, index: str) -> str:
        roles = self.kernel.usage.binding.checked.candidates[name].roles
        total = ""
        for role, source in roles.items():
            self.use_momenta(source)
            row = self._dealt(name, role, index)
            part = f"momentum({row.table}, {row.row})"
            total = f"add({total}, {part})" if total else part
        return total

    def pair_rows(self, node: Node) -> tuple[Row, Row]:
        """The two objects of a pair under test, of the pair that a loop is at, or of a candidate of two."""
        match node:
            case Trial():
                return self.trials[node.name]
            case Pairs():
                i, j = self.at[node]
                table = self.table(node.owner.owner if isinstance(node.owner, Slice) else node.owner)
                self.use_momenta(node)
                return Row(table, i), Row(table, j)
        raise CriteriaError(f"not supported in a loop: {type(node).__name__.lower()} as a pair")

    def angle(self, node: Node, name: str) -> str:
        """eta or phi of an object or composite."""
        if isinstance(node, EventObject):
            return self.kernel.event_array(f"{node.name}.{name}")
        if isinstance(node, Candidate | Trial | Pairs | Composites) or (
            isinstance(node, Item) and isinstance(node.owner, Composites)
        ):
            return f"{name}_of({self.momentum(node)})"
        return self.cell(self.row(node), name)

    # ------------------------------------------------------------------ loops over objects

    def count(self, axis: Node) -> str:
        """Code of the number of objects of an axis."""
        match axis:
            case Collection():
                return self.kernel.count(axis.name)
            case Members():
                return self.kernel.member_count(axis)
            case Slice():
                return f"min({self.count(axis.owner)}, {axis.stop})"
        raise CriteriaError(f"not supported in a loop: the number of a {type(axis).__name__.lower()}")

    def anchor(self, axis: Node) -> str | None:
        """Code of whether the candidate exists that an axis runs over, or over its members; None for a collection."""
        match axis:
            case Members():
                assert isinstance(axis.owner, Candidate)
                return self.kernel.exists(axis.owner.name)
            case Composites() if axis.name not in self.ways:
                return self.kernel.exists(axis.name)
            case Slice() | Pairs():
                return self.anchor(axis.owner)
        return None

    @contextmanager
    def each(self, axis: Node) -> Iterator["RowCode"]:
        """The place inside a loop over the members of an axis."""
        lines, start = self.lines, self.lines.depth
        names = self._letters(2 if isinstance(axis, Pairs) else 1)
        inner = replace(self, at={**self.at, axis: names}, depth=self.depth + len(names))
        if isinstance(axis, Pairs):
            number = self.count(axis.owner)
            lines.open(f"for {names[0]} in range({number}):")
            lines.open(f"for {names[1]} in range({names[0]} + 1, {number}):")
            inner.skip_unless(axis.flags, *inner.pair_rows(axis))
        elif isinstance(axis, Composites):
            composites = self.kernel.usage.binding.checked.scope.candidates[axis.name].composites
            present = "" if axis.name in self.ways else f" if {self.kernel.exists(axis.name)} else 0"
            lines.open(f"for {names[0]} in range({composites}{present}):")
        else:
            lines.open(f"for {names[0]} in range({self.count(axis)}):")
        yield inner
        lines.close(lines.depth - start)

    def skip_unless(self, flags: tuple[str, ...], first: Row, second: Row) -> None:
        """Go on to the next pair when a flag does not hold."""
        if flags:
            tests = [f"{flag}({first.table}, {first.row}, {second.row})" for flag in flags]
            self.lines.open(f"if not {tests[0]}:" if len(tests) == 1 else f"if not ({' and '.join(tests)}):")
            self.lines.line("continue")
            self.lines.close()

    def _letters(self, number: int) -> tuple[str, ...]:
        return tuple(LETTERS[k] if k < len(LETTERS) else f"i{k}" for k in range(self.depth, self.depth + number))
