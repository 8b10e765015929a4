"""What is read from the file: arrays of stored objects and of event quantities, in base units."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.bind import FLAVOURS, IDENTITY, Binding, Column, find_point
from codegen.emit_expressions import Emitter, write_number
from codegen.emit_tables import COMPARISON, Code
from codegen.names import Names
from schemas.expressions.branches import (
    Aggregate,
    Branch,
    OfEvent,
    list_columns,
    list_leaves,
    parse_branches,
)
from schemas.expressions.nodes import Node
from schemas.profile import Link, Source, Weights
from schemas.units import find_unit


@dataclass
class StoredObjects:
    """The arrays of one base object: variables by column name, label columns as nodes, and the selector."""

    base: str
    prefix: str
    stored: str = ""
    arrays: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Node] = field(default_factory=dict)
    selector: Node | None = None
    number: int = 0  # of the prefix, among those that are read


@dataclass
class Reading:
    """Lines that read the file, and where everything is afterwards.

    `paths` are branches that the files hold under a longer name, as a fitted profile knows them.
    """

    objects: dict[str, StoredObjects] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    object_lines: dict[str, list[str]] = field(default_factory=dict)  # by prefix
    event_lines: list[str] = field(default_factory=list)
    weight_lines: list[str] = field(default_factory=list)
    paths: Mapping[str, str] = field(default_factory=dict)

    def read_branch(self, name: str, leaf: Branch | None = None) -> str:
        """Code of a branch as it is stored, or what `leaf` wants of the lists in it; the branch is noted as needed."""
        path, _, member = self.paths.get(name, name).partition("::")
        if path not in self.branches:
            self.branches.append(path)
        text = f"events[{_quote(path)}]" + (f"[{_quote(member)}]" if member else "")
        if leaf is not None and leaf.sized:
            return f"ak.num({text}, axis=-1)"
        return f"pick_entry({text}, {leaf.index})" if leaf is not None and leaf.index is not None else text


def read_objects(reading: Reading, binding: Binding, names: Names, wanted: Mapping[str, list[Column]]) -> None:
    """Arrays for the wanted columns of each base object. Bases with one branch prefix share what they can."""
    if binding.profile.fitting is not None:
        reading.paths = binding.profile.fitting.paths
    prefixes = dict.fromkeys(binding.find_source(base).prefix for base in wanted)
    for prefix in prefixes:
        bases = [base for base in wanted if binding.find_source(base).prefix == prefix]
        _PrefixReader(reading, binding, names, prefix).read({base: wanted[base] for base in bases})


# What an array holds: a branch of the collection, of linked objects, or a quantity of the event, by content.
Content = tuple[object, ...]


class _PrefixReader:
    """Reads the collections whose branches begin with one prefix."""

    def __init__(self, reading: Reading, binding: Binding, names: Names, prefix: str) -> None:
        self.reading, self.binding, self.names, self.prefix = reading, binding, names, prefix
        self.word = _choose_word(binding, prefix)  # what names of arrays begin with
        self.stored = names.give(("stored", prefix), self.word.rstrip("_") or "stored")
        self.lines: list[str] = []
        self.raw: dict[Content, str] = {}  # content -> array in the unit of the file
        self.counted: str | None = None  # code of a branch that has one entry for each object

    def read(self, wanted: Mapping[str, list[Column]]) -> None:
        """The lines of these bases, and what is where afterwards."""
        definitions: dict[tuple[Content, str], tuple[str, str, Source]] = {}  # -> field, base, source
        in_expressions: dict[Content, tuple[str, Branch]] = {}

        def note(base: str, node: Node) -> None:
            for leaf in list_leaves(node):
                in_expressions.setdefault(self._content(base, leaf), (base, leaf))

        for base, columns in wanted.items():
            source = self.binding.find_source(base)
            made = StoredObjects(base, self.prefix, self.stored, number=len(self.reading.object_lines))
            self.reading.objects[base] = made
            if source.selector is not None:
                made.selector = parse_branches(source.selector, base)
                note(base, made.selector)
            for column in columns:
                if column.field == "flavour":
                    made.arrays["flavour"] = str(FLAVOURS[base])
                elif column.field == IDENTITY:
                    made.arrays[IDENTITY] = f"{self.stored}.identify({made.number})"
                elif column.label is not None:
                    point = find_point(source.labels.get(column.field), column)
                    assert isinstance(point, Node)
                    made.labels[column.name] = point
                    note(base, point)
                else:
                    given = source.fields[column.field]
                    definitions.setdefault(self._define(base, given), (column.field, base, given))
                    node = parse_branches(given.expression, base)
                    if not isinstance(node, Branch):
                        note(base, node)
        arrays = self._write(definitions, in_expressions)
        for base, columns in wanted.items():
            made, source = self.reading.objects[base], self.binding.find_source(base)
            for content, (_, leaf) in in_expressions.items():
                if content == self._content(base, leaf):
                    made.arrays[f"branch:{leaf.name}"] = self.raw[content]
            for column in columns:
                if column.label is None and column.field not in ("flavour", IDENTITY):
                    made.arrays[column.field] = arrays[self._define(base, source.fields[column.field])]
        first = self.counted or self._count_by(wanted)
        self.reading.object_lines[self.prefix] = [f"{self.stored} = Stored({first})", *self.lines]

    def _write(
        self,
        definitions: Mapping[tuple[Content, str], tuple[str, str, Source]],
        in_expressions: Mapping[Content, tuple[str, Branch]],
    ) -> dict[tuple[Content, str], str]:
        """The array of each definition."""
        arrays: dict[tuple[Content, str], str] = {}
        late: list[tuple[tuple[Content, str], str, str, Node]] = []
        for definition, (column, base, given) in definitions.items():
            node, unit = parse_branches(given.expression, column), given.unit or ""
            if isinstance(node, Branch) and (_is_base(unit) or definition[0] not in in_expressions):
                code = convert(Code(self._read_leaf(base, node)), unit)
                array = self.names.give((self.prefix, definition), f"{self.word}{column}")
                self.lines.append(f"{array} = {code.text}{_note_unit(unit)}")
                arrays[definition] = array
                if _is_base(unit):
                    self.raw[definition[0]] = array
            else:
                late.append((definition, column, base, node))
        fields = {column for column, _, _ in definitions.values()}
        for content, (base, leaf) in in_expressions.items():
            if content not in self.raw:
                code_text = self._read_leaf(base, leaf)
                wanted = f"{self.word}{_name_leaf(leaf)}{'_stored' if leaf.name in fields else ''}"
                self.raw[content] = self.names.give((self.prefix, content), wanted)
                self.lines.append(f"{self.raw[content]} = {code_text}")
        for definition, column, base, node in late:
            unit = definition[1]
            flat = {f"branch:{leaf.name}": self.raw[self._content(base, leaf)] for leaf in list_leaves(node)}
            code = convert(Emitter(None, self.names, flat=flat).number(node), unit)  # type: ignore[arg-type]
            arrays[definition] = self.names.give((self.prefix, definition), f"{self.word}{column}")
            self.lines.append(f"{arrays[definition]} = {code.text}{_note_unit(unit)}")
        return arrays

    def _define(self, base: str, given: Source) -> tuple[Content, str]:
        node = parse_branches(given.expression, base)
        if isinstance(node, Branch):
            return self._content(base, node), given.unit or ""
        contents = tuple(self._content(base, leaf) for leaf in list_leaves(node))
        return (given.expression, *contents), given.unit or ""

    def _content(self, base: str, leaf: Branch) -> Content:
        """What a branch in an expression of a base is: equal contents are one array."""
        links, rest = self._find_links(base, leaf)
        return (links, rest, leaf.index, leaf.sized) if links else ((), leaf.name, leaf.index, leaf.sized)

    def _find_links(self, base: str, leaf: Branch) -> tuple[tuple[Link, ...], str]:
        owner, _, rest = leaf.branch.partition(".")
        links = self.binding.find_source(base).links.get(owner, ())
        return (links, rest) if rest and not isinstance(leaf, OfEvent) else ((), "")

    # ------------------------------------------------------------------ what is read

    def _read_leaf(self, base: str, leaf: Branch) -> str:
        """Code of the values of a branch, one after another, in the unit of the file."""
        if isinstance(leaf, OfEvent):
            assert leaf.inner is not None
            code = _read_whole(self.reading, self.names, [leaf.inner]).number(leaf.inner)
            return f"{code.within(0)}[{self.stored}.event]"
        links, rest = self._find_links(base, leaf)
        if links:
            return self._read_linked(base, links, leaf, rest)
        code_text = self.reading.read_branch(self.prefix + leaf.branch, leaf)
        self.counted = self.counted or self.reading.read_branch(self.prefix + leaf.branch)
        return f"numbers({code_text})"

    def _read_linked(self, base: str, links: tuple[Link, ...], leaf: Branch, rest: str) -> str:
        """Code of a branch of linked objects. What says where they are is read once."""
        if ("links", links) not in self.raw:
            targets = [self._write_target(base, link) for link in links]
            linked = self.names.give((self.prefix, "links", links), f"{self.word}{leaf.branch.partition('.')[0]}")
            self.lines.append(f"{linked} = Links({self.stored}.event, [")
            for link, target in zip(links, targets, strict=True):
                self.lines.append(f"    {target},  # {link.container or link.prefix.rstrip('_.')}")
            self.lines.append("])")
            self.raw["links", links] = linked
        columns = [self._read_target(link.prefix + rest, leaf) for link in links]
        return f"{self.raw['links', links]}.read([{', '.join(columns)}])"

    def _read_target(self, name: str, leaf: Branch) -> str:
        fitting = self.binding.profile.fitting
        known = self.binding.profile.varies is False or fitting is None or name not in fitting.absent
        return self.reading.read_branch(name, leaf) if known else "None"

    def _write_target(self, base: str, link: Link) -> str:
        texts = link.list_texts()
        flat: dict[str, str] = {}
        nodes: dict[str, Node] = {}
        for part, text, _ in texts:
            nodes[part] = parse_branches(text, part)
            for leaf in list_leaves(nodes[part]):
                content = self._content(base, leaf)
                if content not in self.raw:
                    code_text = self._read_leaf(base, leaf)
                    self.raw[content] = self.names.give((self.prefix, content), f"{self.word}{_name_leaf(leaf)}")
                    self.lines.append(f"{self.raw[content]} = {code_text}")
                flat[f"branch:{leaf.name}"] = self.raw[content]
        emitter = Emitter(None, self.names, flat=flat)  # type: ignore[arg-type]
        holds = [emitter.true(nodes["when"])] if "when" in nodes else []
        if "key" in nodes:
            holds.append(
                Code(f"{emitter.number(nodes['key']).within(COMPARISON - 1)} == {link.wanted_key}", COMPARISON)
            )
        condition = (
            " & ".join(h.within(COMPARISON - 2) for h in holds) if len(holds) > 1 else "".join(h.text for h in holds)
        )
        return f"({emitter.number(nodes['index']).text}, {condition or 'None'})"

    def _count_by(self, bases: Iterable[str]) -> str:
        """A branch that tells the number of objects, where nothing else of them is read."""
        for base in bases:
            source = self.binding.find_source(base)
            for given in source.fields.values():
                for column, whole in list_columns(parse_branches(given.expression, base)):
                    if not whole and column.partition(".")[0] not in source.links:
                        return self.reading.read_branch(self.prefix + column)
        raise AssertionError(f"no branch of {self.prefix}* is known")  # a collection has at least one


def convert(code: Code, unit: str | None) -> Code:
    """A value in the base unit of its dimension: a division stays a division, by the exact power of ten."""
    if not unit:
        return code
    known = find_unit(unit)
    text, level = code.within(2), code.level
    if known.multiply != 1.0:
        text, level = f"{text} * {write_number(known.multiply).text}", 2
    if known.divide != 1.0:
        text, level = f"{text} / {write_number(known.divide).text}", 2
    return Code(text, level) if level == 2 else code


def _is_base(unit: str) -> bool:
    return not unit or (find_unit(unit).multiply == find_unit(unit).divide == 1.0)


def _note_unit(unit: str) -> str:
    if _is_base(unit):
        return ""
    base = {"energy": "GeV", "length": "mm", "angle": "rad"}.get(find_unit(unit).dimension, "1")
    return f"  # {unit} -> {base}"


def _choose_word(binding: Binding, prefix: str) -> str:
    """The prefix itself where it reads well; else the base object, when only one has this prefix."""
    if prefix.replace("_", "").isalnum():
        return prefix
    bases = [base for base, source in binding.profile.collections.items() if source.prefix == prefix]
    return f"{bases[0]}_" if len(bases) == 1 else re.sub(r"\W+", "_", prefix)


def _name_leaf(leaf: Branch) -> str:
    if isinstance(leaf, OfEvent):
        assert leaf.inner is not None
        return re.sub(r"\W+", "_", "_".join(["event", *(name for name, _ in list_columns(leaf.inner, True)[:1])]))
    return re.sub(r"\W+", "_", leaf.name).strip("_")


def _quote(name: str) -> str:
    return f"{name!r}".replace("'", '"') if '"' not in name else repr(name)


def read_event(reading: Reading, binding: Binding, names: Names, wanted: list[Column]) -> None:
    """Arrays for quantities of the event as a whole: fields, labels such as triggers, and fields of event objects."""
    for column in wanted:
        array = names.give(("event", column), column.name)
        reading.events[column.name] = array
        if column.label is not None:
            point = find_point(binding.profile.event.labels.get(column.field), column)
            assert isinstance(point, Node)
            emitter = _read_whole(reading, names, [point])
            code = Code(f"truth({emitter.true(point).text}, {emitter.false(point).text})")
            unit = ""
        else:
            source = binding.find_event_source(column.field)
            assert isinstance(source, Source)
            node = parse_branches(source.expression, column.field)
            code = _read_whole(reading, names, [node]).number(node)
            unit = source.unit or ""
        reading.event_lines.append(f"{array} = {convert(code, unit).text}{_note_unit(unit)}")


def read_weights(reading: Reading, names: Names, weights: Weights | None, bases: set[str]) -> None:
    """The weight of each event: 1 in collision data, the product of the factors in simulation."""
    if weights is None:
        reading.weight_lines.append("weight = np.ones(len(keys))")
        return
    simulation = parse_branches(weights.simulation, "weights.simulation") if weights.simulation is not None else None
    factors = [f.expression for f in weights.factors if not f.uses or bases & set(f.uses)]
    if weights.normalisation is not None:
        factors.append(weights.normalisation)
    nodes = [parse_branches(f, "weights") for f in factors]
    emitter = _read_whole(reading, names, [n for n in (simulation, *nodes) if n is not None])
    factors_of = [emitter.number(n).within(2) for n in nodes] or ["np.ones(len(keys))"]
    if weights.normalisation is not None:
        factors_of.append("LUMINOSITY")
    if simulation is not None:
        reading.weight_lines.append(f"simulated = {emitter.true(simulation).text}")
    reading.weight_lines.append(f"weight = {factors_of[0]}")
    reading.weight_lines += [f"weight *= {factor}" for factor in factors_of[1:]]
    if simulation is not None:
        reading.weight_lines.append("weight = np.where(simulated, weight, 1.0)  # collision data count as they are")


def _read_whole(reading: Reading, names: Names, nodes: Sequence[Node]) -> Emitter:
    """An emitter for expressions over branches of the whole event."""
    flat = {f"branch:{leaf.name}": _read_whole_leaf(reading, names, leaf) for n in nodes for leaf in list_leaves(n)}
    return Emitter(None, names, flat=flat)  # type: ignore[arg-type]


def _read_whole_leaf(reading: Reading, names: Names, leaf: Branch) -> str:
    if not isinstance(leaf, Aggregate):
        return f"numbers({reading.read_branch(leaf.branch, leaf)})"
    parts = [p for p in (leaf.values, leaf.condition) if p is not None]
    emitter = _read_whole(reading, names, parts)
    values = emitter.number(leaf.values).text if leaf.values is not None else "None"
    condition = emitter.true(leaf.condition).text if leaf.condition is not None else "None"
    counted = list_leaves(parts[0])[0]
    return f'gather("{leaf.function}", {reading.read_branch(counted.branch)}, {values}, {condition})'
