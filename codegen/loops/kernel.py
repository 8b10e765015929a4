"""What the parts of one loop share: names, columns of tables, tables that are needed, and what is passed in."""

from dataclasses import dataclass, field

from codegen.bind import Column
from codegen.emit_stored import Reading
from codegen.names import Names
from codegen.usage import Usage
from schemas.expressions.nodes import Members

# Columns that every table has, in this order; the functions that come along know them.
FIXED = ("px", "py", "pz", "energy", "pt", "eta", "phi", "mass", "charge", "flavour", "part")
LETTERS = "ijklmnpqrstuv"


@dataclass
class Kernel:
    """One loop over events in the making."""

    usage: Usage
    names: Names
    reading: Reading
    columns: dict[str, str] = field(default_factory=dict)  # column of a table -> the constant that numbers it
    parameters: dict[str, str] = field(default_factory=dict)  # what the loop is given -> code that makes it
    offsets: dict[str, str] = field(default_factory=dict)  # where the objects of each event are -> code that finds it
    made_before: dict[str, None] = field(default_factory=dict)  # arrays that are made before the loop
    scratch: list[str] = field(default_factory=list)  # lines before the loop
    rooms: dict[str, str] = field(default_factory=dict)  # collection -> code of the most objects it can have
    slots: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)  # candidate, collection -> slots
    momenta: dict[str, None] = field(default_factory=dict)  # collections whose four-momenta are used
    members: dict[Members, str] = field(default_factory=dict)  # members that have a table, and its name
    asked: dict[str, int] = field(default_factory=dict)  # tables of which single rows are asked for, and how many
    conditions: dict[str, int] = field(default_factory=dict)  # cuts that count undecided conditions
    seen: dict[str, bool] = field(default_factory=dict)  # steps that note what they compare; one value or several

    def column(self, name: str) -> str:
        """The constant that numbers a column."""
        if name not in self.columns:
            self.columns[name] = (
                name.upper() if name in FIXED else self.names.give(("table column", name), name.upper())
            )
        return self.columns[name]

    def column_of(self, column: Column) -> str:
        """The constant that numbers the column of a field or label."""
        return self.column(column.name)

    def event_array(self, quantity: str) -> str:
        """Code of a quantity of the event."""
        made = self.reading.events[quantity]
        array = self.names.give(("event", quantity), made)
        self.parameters.setdefault(array, made)
        return f"{array}[event]"

    def table(self, collection: str) -> str:
        """The table of a collection."""
        return self.names.give(("collection", collection), collection)

    def count(self, collection: str) -> str:
        """The number of objects in a collection."""
        return self.names.give(("count", collection), f"n_{collection}")

    def exists(self, candidate: str) -> str:
        """Whether a candidate exists."""
        return self.names.give(("exists", candidate), f"has_{candidate}")

    def p4(self, candidate: str) -> str:
        """The four-momentum of a candidate."""
        return self.names.give(("p4", candidate), f"{candidate}_p4")

    def fresh(self, wanted: str) -> str:
        """A name for a value on the way."""
        return self.names.give(object(), wanted)

    def member_table(self, node: Members) -> str:
        """The table of the members of a candidate."""
        if node not in self.members:
            self.members[node] = self.names.name_table(node)
        return self.members[node]

    def member_count(self, node: Members) -> str:
        """The number of members."""
        return self.names.give(("count", node), f"n_{self.member_table(node)}")

    def declare(self, line: str) -> None:
        """A line before the loop, once."""
        if line not in self.scratch:
            self.scratch.append(line)

    def count_undecided(self, cut: str) -> str:
        """Code of the counter of a cut whose condition is missing."""
        return f"undecided[{self.conditions.setdefault(cut, len(self.conditions))}]"

    def number_of_step(self, step: str, several: bool) -> int:
        """The number under which a step notes what it compares."""
        self.seen.setdefault(step, several)
        return list(self.seen).index(step)
