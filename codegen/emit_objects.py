"""Objects: cuts on what is stored, tables of what survives, unions, and overlap removal, in an order that works."""

from collections.abc import Sequence

from codegen.bind import Column
from codegen.blocks import Block, group_cuts, mark_closest
from codegen.emit_expressions import Emitter, write_number
from codegen.emit_stored import Reading
from codegen.emit_tables import Code
from codegen.emit_words import write_call
from codegen.names import Names
from codegen.usage import Usage, list_late, list_sources
from codegen.wording import describe_cut, quote_evidence
from schemas.checked_cut import CheckedCut, list_collections
from schemas.criteria import ObjectDefinition
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Node, Pairs, Slice, Worded
from schemas.fields import BASES
from schemas.validation import name_part


class ObjectWriter:
    """Writes the objects of one analysis: first masks of stored objects, then tables."""

    def __init__(self, usage: Usage, reading: Reading, names: Names) -> None:
        self.usage, self.reading, self.names = usage, reading, names
        self.masks = Block()
        self.tables = Block()
        self.definitions = {o.name: o for o in usage.binding.checked.criteria.objects}
        self.touched = {name for step in usage.overlap for name in (step.remove, step.near)}
        self.state: dict[str, str] = {}
        self.removed = ""
        self.pairs: set[Node] = set()  # those that have a table

    def write(self) -> None:
        """All used collections. Raises CriteriaError when overlap removals depend on each other in a circle."""
        for name in self.usage.collections:
            self._write_masks(self.definitions[name])
        for name in self.usage.collections:
            self._finish(name)

    def list_counts(self, name: str) -> str:
        """Code of an upper limit on the number of objects per event, from the masks alone."""
        counts = [
            self.list_counts(s) if s in self.definitions else self._count_base(name, s)
            for s in list_sources(self.definitions[name])
        ]
        return " + ".join(counts)

    def _count_base(self, name: str, base: str) -> str:
        return f"{self.reading.objects[base].stored}.count({self.names.find(('good', name, base))})"

    def _write_masks(self, definition: ObjectDefinition) -> None:
        bases = [s for s in list_sources(definition) if s in BASES]
        counted: set[str] = set()  # cuts whose undecided conditions another base has counted
        for base in bases:
            made = self.reading.objects[base]
            part = definition.name if len(bases) == 1 else f"{definition.name}_{name_part(base)}"
            mask = self.names.give(("good", definition.name, base), f"good_{part}")
            emitter = Emitter(
                self.usage.binding, self.names, flat=made.arrays, labels=made.labels, rows=f"{made.stored}.event",
                events=self.reading.events,
            )  # fmt: skip
            start = emitter.true(made.selector).text if made.selector is not None else f"{made.stored}.everything"
            self.masks.comment(f"{definition.name}: {base}, branches {made.prefix}*")
            self.masks.note(definition.note)
            self.masks.line(f"{mask} = {start}")
            self._list_missing(self.masks, definition)
            late = list_late(self.usage.objects[definition.name])
            for cuts in group_cuts(c for c in self.usage.objects[definition.name] if c not in late):
                describe_cuts(self.masks, self.usage, cuts)
                passed = join_cuts(emitter, cuts)
                for cut in cuts:
                    if cut.condition is not None:
                        yes, no = emitter.true(cut.condition).within(5), emitter.false(cut.condition).within(5)
                        unknown = f"np.count_nonzero({mask} & ~({yes} | {no}))"
                        sign = "+=" if cut.cut.id in counted else "="
                        self.masks.line(f"undecided[{quote(cut.cut.id)}] {sign} {unknown}")
                        counted.add(cut.cut.id)
                self.masks.line(f"{mask} &= {passed.text}")
            self.masks.gap()

    def _list_missing(self, block: Block, definition: ObjectDefinition) -> None:
        for cut in definition.cuts:
            if cut.id in self.usage.missing:
                block.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({self.usage.missing[cut.id]})")

    def _finish(self, name: str) -> None:
        """The collection as finally defined."""
        self._make(name)
        if name in self.touched:
            self._remove_all()

    def _make(self, name: str) -> None:
        """The collection after its own cuts and its own overlap removal."""
        if self.state.get(name) == "made":
            return
        if self.state.get(name) == "making":
            raise CriteriaError(f"object '{name}': expected no circle of unions and overlap removals")
        self.state[name] = "making"
        definition = self.definitions[name]
        sources = list_sources(definition)
        for source in sources:
            if source in self.definitions:
                self._finish(source)
        variable = self.names.give(("collection", name), name)
        parts = [
            self.names.find(("collection", s)) if s in self.definitions else self._fill(name, s) for s in sources
        ]  # fmt: skip
        for k, source in enumerate(sources):
            if len(parts) > 1 and source not in self.definitions:
                part = self.names.give(("part", name, source), f"{name}_{name_part(source)}")
                self.tables.line(f"{part} = {parts[k]}")
                parts[k] = part
        if len(parts) > 1:
            self.tables.comment(f"{name}: {' and '.join(sources)} together, ordered by pT")
            self.tables.line(f"{variable} = merge([{', '.join(parts)}], {self.usage.slots.get(name, 1)})")
        elif sources[0] in self.definitions:
            self.tables.comment(f"{name}: those {sources[0]} that pass more cuts")
            self.tables.line(f"{variable} = {parts[0]}")
        else:
            self.tables.line(f"{variable} = {parts[0]}")
        cuts = self.usage.objects[name]
        if any(s in self.definitions for s in sources):
            self._list_missing(self.tables, definition)
        else:
            cuts = list_late(cuts)
        self._cut_slots(cuts, variable)
        for removal in definition.remove_overlap:
            label = f"{name} near {removal.with_}"
            if removal.status == "rejected":
                continue
            if label in self.usage.missing:
                self.tables.comment(f"not evaluated: overlap removal of {label} ({self.usage.missing[label]})")
                continue
            if removal.with_ == name:
                raise CriteriaError(f"object '{name}': overlap with itself is not supported yet")
            self._finish(removal.with_)
            self.tables.comment(f"no {name} closer than {removal.deltaR:g} to {removal.with_}")
            self.tables.quote(quote_evidence(removal.evidence))
            self._remove(name, removal.with_, removal.deltaR)
        self.state[name] = "made"

    def _fill(self, name: str, base: str) -> str:
        made = self.reading.objects[base]
        mask = self.names.find(("good", name, base))
        columns = [f"{c.name}={self._value(base, c)}" for c in self.usage.columns[name]]
        arguments = ", ".join([mask, str(self.usage.slots.get(name, 1)), *columns])
        return f"{made.stored}.fill({arguments})"

    def _value(self, base: str, column: Column) -> str:
        made = self.reading.objects[base]
        if column.label is None or column.field == "flavour":
            return made.arrays[column.field]
        emitter = Emitter(self.usage.binding, self.names, flat=made.arrays)
        node = made.labels[column.name]
        return f"truth({emitter.true(node).text}, {emitter.false(node).text})"

    def _cut_slots(self, passed: Sequence[CheckedCut], variable: str) -> None:
        for other in list_collections(passed):
            self._finish(other)
        self._write_pairs(passed)
        worded: dict[Node, str] = {
            c.test: self.names.give(("words", c.cut.id), f"{c.cut.id}_holds")
            for c in passed
            if isinstance(c.test, Worded)
        }
        emitter = Emitter(self.usage.binding, self.names, table=variable, events=self.reading.events, aliases=worded)
        # a function in words is asked about the objects that pass everything else
        for cuts in sorted(group_cuts(passed), key=lambda cuts: any(c.test in worded for c in cuts)):
            describe_cuts(self.tables, self.usage, cuts)
            for cut in cuts:
                if isinstance(cut.test, Worded):
                    self.tables.line(f"{worded[cut.test]} = {write_call(self.tables, cut.test, emitter)}")
            self.tables.line(f"{variable} = {variable}.where({join_cuts(emitter, cuts).text})")

    def _write_pairs(self, cuts: Sequence[CheckedCut]) -> None:
        """The tables of pairs of other collections that cuts name."""
        nodes = (part for cut in cuts for node in (cut.test, cut.condition) if node for part in node.walk())
        for pairs in dict.fromkeys(part for part in nodes if isinstance(part, Pairs)):
            write_pairs(self.tables, self.names, pairs, self.pairs)

    def _remove(self, name: str, near: str, radius: float) -> None:
        variable, other = self.names.find(("collection", name)), self.names.find(("collection", near))
        self.tables.line(f"{variable} = {variable}.away_from({other}, {write_number(radius).text})")

    def _remove_all(self) -> None:
        """The ordered overlap removal, once."""
        if self.removed == "done":
            return
        if self.removed == "running":
            raise CriteriaError("overlap: expected no collection that is made from others that are removed later")
        self.removed = "running"
        for step in self.usage.overlap:
            self._make(step.remove)
            self._make(step.near)
        for step in self.usage.overlap:
            if step.remove == step.near:
                raise CriteriaError(f"overlap: {step.remove} with itself is not supported yet")
            self.tables.comment(f"overlap: no {step.remove} closer than {step.deltaR:g} to {step.near}")
            self.tables.quote(quote_evidence(step.evidence))
            self._remove(step.remove, step.near, step.deltaR)
        self.removed = "done"


def write_pairs(block: Block, names: Names, node: Pairs, written: set[Node]) -> None:
    """The table of the pairs of a collection or of members, unless it is written."""
    if node in written:
        return
    written.add(node)
    if node.flags:
        plain = Pairs(node.type, node.owner, ())
        write_pairs(block, names, plain, written)
        pairs = names.name_table(plain)
        wanted = " & ".join(f"{pairs}.{flag}" for flag in node.flags)
        block.line(f"{names.name_table(node)} = {pairs}.where({wanted})")
        return
    owner = node.owner.owner if isinstance(node.owner, Slice) else node.owner
    first = f", first={node.owner.stop}" if isinstance(node.owner, Slice) else ""
    block.line(f"{names.name_table(node)} = Pairs.of({names.name_table(owner)}{first})")


def join_cuts(emitter: Emitter, cuts: Sequence[CheckedCut]) -> Code:
    """The mask of one cut, or of several joined by "or". A false condition passes, a missing one fails."""
    parts = []
    for cut in cuts:
        passed = emitter.true(cut.test)
        if cut.condition is not None:
            exempt, applies = emitter.false(cut.condition), emitter.true(cut.condition)
            passed = Code(f"{exempt.within(5)} | {applies.within(4)} & {passed.within(4)}", 5)
        parts.append(passed)
    return parts[0] if len(parts) == 1 else Code(" | ".join(p.within(5) for p in parts), 5)


def describe_cuts(block: Block, usage: Usage, cuts: Sequence[CheckedCut]) -> None:
    """What the next lines do, in words, with page and quote."""
    for k, cut in enumerate(cuts):
        block.comment(f"{'or ' if k else ''}{cut.cut.id}: {describe_cut(cut.cut)}")
        block.quote(quote_evidence(cut.cut.evidence))
        block.note(cut.cut.note)
        mark_closest(block, usage, cut.cut.id)


def quote(text: str) -> str:
    """A string literal, in double quotes where that is possible."""
    plain = repr(text)
    return '"' + plain[1:-1] + '"' if plain.startswith("'") and '"' not in plain else plain
