"""Code that names objects: their columns, four-momenta, angles, and which slots of a table are filled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from codegen.bind import Binding
from codegen.names import Names
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

ATOM, UNARY, PRODUCT, SUM, BIT_AND, BIT_OR, COMPARISON = range(7)


class Code(NamedTuple):
    """A piece of Python and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text, in brackets where an operator of this level would tear it apart."""
        return self.text if self.level <= level else f"({self.text})"


@dataclass(frozen=True)
class TableCode:
    """Writes objects in one place of the code.

    `flat` maps what is read of one stored object (a field's or label column's name, or `branch:name`) to the array
    that holds it, inside the cuts of a base object; `table` is the table whose slots are looked at, inside the cuts of
    a union. `trials` maps names under test to the tables of their combinations; `aliases` maps expressions that have
    a name already.
    """

    binding: Binding
    names: Names
    flat: Mapping[str, str] = field(default_factory=dict)
    rows: str | None = None  # inside flat cuts: which event each stored object belongs to
    table: str | None = None
    trials: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[Node, str] = field(default_factory=dict)
    labels: Mapping[str, Node] = field(default_factory=dict)  # inside flat cuts: label column -> its branches
    events: Mapping[str, str] = field(default_factory=dict)  # quantity of the event -> array

    def column(self, node: Node, name: str) -> str:
        """Code of a column of an object or of a table of objects."""
        match node:
            case This():
                return self.flat[name] if self.table is None else f"{self.table}.{name}"
            case Collection() | Members():
                return f"{self.names.name_table(node)}.{name}"
            case Item():
                return f"{self.column(node.owner, name)}[{node.index}]"
            case Slice():
                return f"{self.column(node.owner, name)}[:{node.stop}]"
            case Role():
                place = f"[{node.owner.index}]" if isinstance(node.owner, Item) else ""
                return f"{self._role(node)}.{name}{place}"
        raise CriteriaError(f"not supported yet: field {name} of a {type(node).__name__.lower()}")

    def momentum(self, node: Node) -> str:
        """Code of the four-momenta of an object, of a table of objects, or of composites."""
        match node:
            case Item():
                return f"{self.momentum(node.owner)}[{node.index}]"
            case Slice():
                return f"{self.momentum(node.owner)}[:{node.stop}]"
            case This() if self.table is None:
                maker = "from_energy" if "energy" in self.flat else "from_mass"
                fourth = self.flat.get("energy") or self.flat["mass"]
                return f"FourMomenta.{maker}({self.flat['pt']}, {self.flat['eta']}, {self.flat['phi']}, {fourth})"
            case This():
                return f"{self.table}.p4"
            case Collection() | Members():
                return f"{self.names.name_table(node)}.p4"
            case Role():
                place = f"[{node.owner.index}]" if isinstance(node.owner, Item) else ""
                return f"{self._role(node)}.p4{place}"
        return f"{self.composite(node)}.p4"

    def composite(self, node: Node) -> str:
        """Code of a composite or a list of pairs."""
        match node:
            case Trial():
                return self.trials[node.name]
            case Composites():
                return self.trials.get(node.name) or self.names.name_candidate(node.name)
            case Candidate():
                return self.names.name_candidate(node.name)
            case Pairs():
                return self.names.name_table(node)
        raise CriteriaError(f"not supported yet: {type(node).__name__.lower()} as a composite")

    def _role(self, node: Role) -> str:
        owner = node.owner.owner if isinstance(node.owner, Item) else node.owner
        return f"{self.composite(owner)}.{node.role}"

    def angle(self, node: Node, name: str) -> str:
        """eta or phi of an object or composite."""
        if isinstance(node, EventObject):
            return self.events[f"{node.name}.{name}"]
        if isinstance(node, Candidate | Trial | Pairs | Composites) or (
            isinstance(node, Item) and isinstance(node.owner, Composites)
        ):
            return f"{self.momentum(node)}.{name}"
        return self.column(node, name)

    def present(self, axis: Node) -> str:
        """Mask of the slots of an axis that hold something."""
        if isinstance(axis, Slice):
            return f"{self.present(axis.owner)}[:{axis.stop}]"
        if isinstance(axis, Composites):
            return f"{self.composite(axis)}.present"
        return f"{self.names.name_table(axis)}.present"

    def anchor(self, axis: Node) -> str | None:
        """Mask of where the candidate exists that an axis runs over, or over its members; None for a collection."""
        match axis:
            case Members():
                return f"{self.composite(axis.owner)}.exists"
            case Composites() if axis.name not in self.trials:
                return f"{self.composite(axis)}.exists"
            case Slice() | Pairs():
                return self.anchor(axis.owner)
        return None
