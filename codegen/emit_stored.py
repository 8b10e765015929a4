"""What is read from the file: arrays of stored objects and of event quantities, in base units."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.bind import FLAVOURS, Binding, Column, find_point
from codegen.emit_expressions import Emitter, write_number
from codegen.emit_tables import Code
from codegen.names import Names
from schemas.expressions.branches import Branch, list_branches, parse_branches
from schemas.expressions.nodes import Node
from schemas.profile import Source, Weights
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


@dataclass
class Reading:
    """Lines that read the file, and where everything is afterwards."""

    objects: dict[str, StoredObjects] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    object_lines: dict[str, list[str]] = field(default_factory=dict)  # by prefix
    event_lines: list[str] = field(default_factory=list)
    weight_lines: list[str] = field(default_factory=list)

    def use_branch(self, name: str) -> str:
        """Code that reads a branch, which is noted as needed."""
        if name not in self.branches:
            self.branches.append(name)
        return f"numbers(events[{name!r}])".replace("'", '"')


def read_objects(reading: Reading, binding: Binding, names: Names, wanted: Mapping[str, list[Column]]) -> None:
    """Arrays for the wanted columns of each base object. Bases with one branch prefix share what they can."""
    prefixes = dict.fromkeys(binding.find_source(base).prefix for base in wanted)
    for prefix in prefixes:
        bases = [base for base in wanted if binding.find_source(base).prefix == prefix]
        _read_prefix(reading, binding, names, prefix, {base: wanted[base] for base in bases})


def _read_prefix(
    reading: Reading, binding: Binding, names: Names, prefix: str, wanted: Mapping[str, list[Column]]
) -> None:
    stored = names.give(("stored", prefix), prefix.rstrip("_.") or "stored")
    definitions: dict[tuple[str, str], str] = {}  # (expression, unit) -> field
    in_expressions: dict[str, None] = {}  # branches that stand in an expression
    for base, columns in wanted.items():
        source = binding.find_source(base)
        made = StoredObjects(base, prefix, stored)
        reading.objects[base] = made
        if source.selector is not None:
            made.selector = parse_branches(source.selector, base)
            in_expressions.update(dict.fromkeys(list_branches(made.selector)))
        for column in columns:
            if column.field == "flavour":
                made.arrays["flavour"] = str(FLAVOURS[base])
            elif column.label is not None:
                point = find_point(source.labels.get(column.field), column)
                assert isinstance(point, Node)
                made.labels[column.name] = point
                in_expressions.update(dict.fromkeys(list_branches(point)))
            else:
                given = source.fields[column.field]
                definitions.setdefault((given.expression, given.unit or ""), column.field)
                node = parse_branches(given.expression, base)
                if not isinstance(node, Branch):
                    in_expressions.update(dict.fromkeys(list_branches(node)))
    lines, arrays, raw = _define_arrays(reading, names, prefix, definitions, in_expressions)
    for base, columns in wanted.items():
        made, source = reading.objects[base], binding.find_source(base)
        made.arrays.update({f"branch:{b}": array for b, array in raw.items()})
        for column in columns:
            if column.label is None and column.field != "flavour":
                given = source.fields[column.field]
                made.arrays[column.field] = arrays[(given.expression, given.unit or "")]
    first = reading.branches[-1] if not lines else lines[0].split('"')[1]
    reading.object_lines[prefix] = [f'{stored} = Stored(events["{first}"])', *lines]


def _define_arrays(
    reading: Reading,
    names: Names,
    prefix: str,
    definitions: Mapping[tuple[str, str], str],
    in_expressions: Mapping[str, None],
) -> tuple[list[str], dict[tuple[str, str], str], dict[str, str]]:
    """Lines, the array of each definition, and the array of each branch that stands in an expression."""
    lines: list[str] = []
    arrays: dict[tuple[str, str], str] = {}
    raw: dict[str, str] = {}
    late: list[tuple[tuple[str, str], Node]] = []
    for definition, column in definitions.items():
        node = parse_branches(definition[0], column)
        if isinstance(node, Branch) and (_is_base(definition[1]) or node.name not in in_expressions):
            array = names.give((prefix, definition), f"{prefix}{column}")
            code = convert(Code(reading.use_branch(prefix + node.name)), definition[1])
            lines.append(f"{array} = {code.text}{_note_unit(definition[1])}")
            arrays[definition] = array
            if _is_base(definition[1]):
                raw[node.name] = array
        else:
            late.append((definition, node))
    for branch in in_expressions:
        if branch not in raw:
            is_field = any(column == branch for column in definitions.values())
            raw[branch] = names.give((prefix, branch), f"{prefix}{branch}{'_stored' if is_field else ''}")
            lines.append(f"{raw[branch]} = {reading.use_branch(prefix + branch)}")
    emitter = Emitter(None, names, flat={f"branch:{b}": array for b, array in raw.items()})  # type: ignore[arg-type]
    for definition, node in late:
        arrays[definition] = names.give((prefix, definition), f"{prefix}{definitions[definition]}")
        code = convert(emitter.number(node), definition[1])
        lines.append(f"{arrays[definition]} = {code.text}{_note_unit(definition[1])}")
    return lines, arrays, raw


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


def read_event(reading: Reading, binding: Binding, names: Names, wanted: list[Column]) -> None:
    """Arrays for quantities of the event as a whole: fields, labels such as triggers, and fields of event objects."""
    for column in wanted:
        array = names.give(("event", column), column.name)
        reading.events[column.name] = array
        if column.label is not None:
            point = find_point(binding.profile.event.labels.get(column.field), column)
            assert isinstance(point, Node)
            emitter = _read_whole(reading, names, list_branches(point))
            code = Code(f"truth({emitter.true(point).text}, {emitter.false(point).text})")
            unit = ""
        else:
            source = binding.find_event_source(column.field)
            assert isinstance(source, Source)
            node = parse_branches(source.expression, column.field)
            code = _read_whole(reading, names, list_branches(node)).number(node)
            unit = source.unit or ""
        reading.event_lines.append(f"{array} = {convert(code, unit).text}{_note_unit(unit)}")


def read_weights(reading: Reading, names: Names, weights: Weights | None, bases: set[str]) -> None:
    """The weight of each event: 1 in collision data, the product of the factors in simulation."""
    if weights is None:
        reading.weight_lines.append("weight = np.ones(len(keys))")
        return
    simulation = parse_branches(weights.simulation, "weights.simulation")
    factors = [f.expression for f in weights.factors if not f.uses or bases & set(f.uses)]
    if weights.normalisation is not None:
        factors.append(weights.normalisation)
    nodes = [parse_branches(f, "weights") for f in factors]
    branches = dict.fromkeys(b for n in (simulation, *nodes) for b in list_branches(n))
    emitter = _read_whole(reading, names, tuple(branches))
    factors_of = [emitter.number(n).within(2) for n in nodes] or ["1"]
    if weights.normalisation is not None:
        factors_of.append("LUMINOSITY")
    reading.weight_lines.append(f"simulated = {emitter.true(simulation).text}")
    reading.weight_lines.append(f"weight = {factors_of[0]}")
    reading.weight_lines += [f"weight *= {factor}" for factor in factors_of[1:]]
    reading.weight_lines.append("weight = np.where(simulated, weight, 1.0)  # collision data count as they are")


def _read_whole(reading: Reading, names: Names, branches: tuple[str, ...]) -> Emitter:
    """An emitter for expressions over branches of the whole event."""
    flat = {f"branch:{b}": reading.use_branch(b) for b in branches}
    return Emitter(None, names, flat=flat)  # type: ignore[arg-type]
