"""Stored objects as scalar code: the quantities of one object, straight from the columns of the file."""

from dataclasses import dataclass, field

from codegen.bind import FLAVOURS, label_column
from codegen.emit_stored import StoredObjects, convert
from codegen.emit_tables import Code as TableCode
from codegen.loops.emit_rows import Row
from codegen.loops.emit_scalars import Scalars
from codegen.loops.kernel import Kernel
from codegen.loops.lines import Code, Lines
from schemas.expressions.branches import Branch, list_leaves, parse_branches
from schemas.expressions.nodes import Field, LabelTest, Node, This
from schemas.profile import CollectionSource, Source
from schemas.units import find_unit


@dataclass(frozen=True)
class StoredScalars(Scalars):
    """Writes quantities of the stored object number `index` of a base, each once.

    What is made from the object's own branches is written out; what needs more (a linked object, a quantity of the
    event) was made for all objects before the loop.
    """

    base: str = ""
    index: str = "i"
    written: dict[str, str] = field(default_factory=dict)  # field -> the variable that holds it

    @property
    def made(self) -> StoredObjects:
        """The arrays made for all objects of the base."""
        return self.kernel.reading.objects[self.base]

    @property
    def source(self) -> CollectionSource:
        """What the profile says of the base."""
        return self.kernel.usage.binding.find_source(self.base)

    def number(self, node: Node) -> Code:
        """Code of a number."""
        if isinstance(node, Branch):
            return Code(self.leaf(node))
        return super().number(node)

    def leaf(self, node: Branch) -> str:
        """Code of what the file holds for the object."""
        if self.is_own(node):
            return f"number({self.read(node.branch)})"
        return self.find_made(f"branch:{node.name}")

    def is_own(self, node: Branch) -> bool:
        """Whether a leaf of an expression is a plain branch of the object itself."""
        owner, _, rest = node.branch.partition(".")
        return node == Branch(node.type, node.branch, node.branch) and not (rest and owner in self.source.links)

    def read(self, branch: str) -> str:
        """Code of an entry of a column of the file."""
        name = self.made.prefix + branch
        array = self.kernel.names.give(("column of the file", name), f"{self.made.stored}_{branch}")
        offsets = name_offsets(self.kernel, self.made)
        self.kernel.parameters.setdefault(array, f"flat({self.kernel.reading.read_branch(name)}, {offsets})")
        return f"{array}[{self.index}]"

    def find_made(self, key: str) -> str:
        """Code of an entry of an array that was made before the loop."""
        made = self.made.arrays[key]
        array = self.kernel.names.give(("made before", made), made)
        self.kernel.made_before[made] = None
        self.kernel.parameters.setdefault(array, f"match({made}, {name_offsets(self.kernel, self.made)})")
        return f"{array}[{self.index}]"

    def quantity(self, name: str) -> str:
        """The variable that holds a field of the object; written where it is first used."""
        if name not in self.written:
            variable = self.kernel.names.give(("quantity", name), name)
            self.lines.line(f"{variable} = {self.make(name)}")
            self.written[name] = variable
        return self.written[name]

    def make(self, name: str) -> str:
        """Code of a field of the object in its base unit."""
        source: Source = self.source.fields[name]
        node = parse_branches(source.expression, name)
        if not all(self.is_own(leaf) for leaf in list_leaves(node)):
            return self.find_made(name)
        code = self.number(node)
        text = convert(TableCode(code.text, code.level), source.unit).text
        unit = find_unit(source.unit) if source.unit else None
        if unit is None or unit.multiply == unit.divide == 1.0:
            return text
        base = {"energy": "GeV", "length": "mm", "angle": "rad"}.get(unit.dimension, "1")
        return f"{text}  # {source.unit} -> {base}"

    def field(self, node: Field) -> Code:
        """A quantity of the object."""
        if not isinstance(node.owner, This):
            return super().field(node)
        if node.name in ("mass", "rapidity", "energy") and not self.is_stored(node):
            return Code(f"{node.name}_of({self.momentum(node.owner)})")
        return Code(self.quantity(node.name))

    def momentum(self, node: Node) -> str:
        """Code of the four-momentum of the object."""
        if not isinstance(node, This):
            return super().momentum(node)
        fourth = "energy" if "energy" in self.made.arrays else "mass"
        return f"momentum_from_{fourth}({', '.join(map(self.quantity, ('pt', 'eta', 'phi', fourth)))})"

    def angle(self, node: Node, name: str) -> str:
        """eta or phi of the object."""
        return self.quantity(name) if isinstance(node, This) else super().angle(node, name)

    def flavour(self, node: Field) -> str:
        """The flavour of the object."""
        return str(FLAVOURS[self.base]) if isinstance(node.owner, This) else super().flavour(node)

    def label(self, node: LabelTest, wanted: bool) -> Code:
        """A field of the object against a word."""
        if not (isinstance(node.field, Field) and isinstance(node.field.owner, This)) or node.field.name == "flavour":
            return super().label(node, wanted)
        swapped = node.relation in ("!=", "<", "<=")
        return self.test(self.made.labels[label_column(node).name], wanted != swapped)

    def label_value(self, node: LabelTest) -> str:
        """Code of 1, 0 or missing."""
        if not (isinstance(node.field, Field) and isinstance(node.field.owner, This)):
            return super().label_value(node)
        return f"truth_of({self.label(node, True).text}, {self.label(node, False).text})"


def name_offsets(kernel: Kernel, made: StoredObjects) -> str:
    """The array that says where the objects of each event are among those of the chunk."""
    offsets = kernel.names.give(("offsets", made.prefix), f"{made.stored}_offsets")
    counted = kernel.reading.object_lines[made.prefix][0].partition("Stored(")[2].removesuffix(")")
    kernel.offsets.setdefault(offsets, f"find_offsets({counted})")
    kernel.parameters.setdefault(offsets, offsets)
    return offsets


def stored_place(kernel: Kernel, lines: Lines, base: str, index: str = "i") -> StoredScalars:
    """A place in a loop over the stored objects of a base."""
    return StoredScalars(kernel, lines, base=base, index=index, depth=1)


def table_place(kernel: Kernel, lines: Lines, table: str, row: str) -> Scalars:
    """A place in a loop over the rows of a table."""
    return Scalars(kernel, lines, this=Row(table, row), depth=3)  # row may be k
