"""Objects of one event: those that pass their own cuts, tables of them, unions, and overlap removal."""

from collections.abc import Sequence

from codegen.bind import FLAVOURS, IDENTITY, Column
from codegen.blocks import group_cuts
from codegen.emit_objects import describe_cuts
from codegen.loops.emit_scalars import Scalars, level_number
from codegen.loops.emit_stored import name_offsets, stored_place, table_place
from codegen.loops.kernel import Kernel
from codegen.loops.lines import AND, COMPARISON, OR, Code, Lines
from codegen.usage import list_late, list_sources
from codegen.wording import describe_cut, quote_evidence
from schemas.checked_cut import CheckedCut, list_collections
from schemas.criteria import ObjectDefinition
from schemas.errors import CriteriaError
from schemas.fields import BASES
from schemas.validation import name_part


class ObjectLoops:
    """Writes the objects of one analysis: `chosen` finds stored objects that pass, `tables` holds what is left."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.usage = kernel, kernel.usage
        self.chosen, self.tables = Lines(), Lines()
        self.definitions = {o.name: o for o in self.usage.binding.checked.criteria.objects}
        self.touched = {name for step in self.usage.overlap for name in (step.remove, step.near)}
        self.state: dict[str, str] = {}
        self.removed = ""

    def write(self) -> None:
        """All used collections. Raises CriteriaError when overlap removals depend on each other in a circle."""
        for name in self.usage.collections:
            self._choose(self.definitions[name])
        for name in self.usage.collections:
            self._finish(name)
        for name in self.usage.collections:
            if name in self.kernel.momenta:
                self._set_momenta(name)
            if (rows := self.kernel.asked.get(self.kernel.table(name), 0)) > 0:
                self.tables.line(f"blank({self.kernel.table(name)}, {self.kernel.count(name)}, {rows})")

    def count_conditions(self) -> None:
        """Counters of the conditions of object cuts, before those of regions."""
        for name in self.usage.collections:
            if any(source in BASES for source in list_sources(self.definitions[name])):
                late = list_late(self.usage.objects[name])
                for cut in self.usage.objects[name]:
                    if cut.condition is not None and cut not in late:
                        self.kernel.count_undecided(cut.cut.id)

    def list_counts(self, name: str) -> str:
        """Code of an upper limit on the number of objects of a collection."""
        counts = [
            self.list_counts(s) if s in self.definitions else self._good(name, s)[1]
            for s in list_sources(self.definitions[name])
        ]
        return " + ".join(counts)

    # ------------------------------------------------------------------ cuts on stored objects

    def _good(self, name: str, base: str) -> tuple[str, str]:
        """The list of the stored objects that pass, and their number."""
        bases = [s for s in list_sources(self.definitions[name]) if s in BASES]
        part = name if len(bases) == 1 else f"{name}_{name_part(base)}"
        good = self.kernel.names.give(("good", name, base), f"good_{part}")
        return good, self.kernel.names.give(("n good", name, base), f"n_{good}")

    def _choose(self, definition: ObjectDefinition) -> None:
        for base in (s for s in list_sources(definition) if s in BASES):
            self._choose_base(definition, base)

    def _choose_base(self, definition: ObjectDefinition, base: str) -> None:
        kernel, lines = self.kernel, self.chosen
        made = kernel.reading.objects[base]
        good, number = self._good(definition.name, base)
        offsets = name_offsets(kernel, made)
        most = kernel.names.give(("most", made.prefix), f"most_{offsets.removesuffix('_offsets')}")
        kernel.declare(f"{most} = count_most({offsets})")
        kernel.declare(f"{good} = np.empty({most}, dtype=np.int64)")
        lines.comment(f"{definition.name}: {base}, branches {made.prefix}*")
        lines.note(definition.note)
        lines.line(f"{number} = 0")
        lines.open(f"for i in range({offsets}[event], {offsets}[event + 1]):")
        place = stored_place(kernel, lines, base)
        if made.selector is not None:
            self._demand(place.true(made.selector))
        self._list_missing(lines, definition)
        late = list_late(self.usage.objects[definition.name])
        for cuts in group_cuts(c for c in self.usage.objects[definition.name] if c not in late):
            describe_cuts(lines, self.usage, cuts)
            passed = join_cuts(place, cuts)
            for cut in cuts:
                if cut.condition is not None:
                    yes, no = place.true(cut.condition).within(OR), place.false(cut.condition).within(OR)
                    lines.open(f"if not ({yes} or {no}):")
                    lines.line(f"{kernel.count_undecided(cut.cut.id)} += 1")
                    lines.close()
            self._demand(passed)
        lines.line(f"{good}[{number}] = i")
        lines.line(f"{number} += 1")
        lines.close()
        lines.gap()

    def _demand(self, passed: Code) -> None:
        self.chosen.open(f"if not {passed.within(COMPARISON)}:")
        self.chosen.line("continue")
        self.chosen.close()

    def _list_missing(self, lines: Lines, definition: ObjectDefinition) -> None:
        for cut in definition.cuts:
            if cut.id in self.usage.missing:
                lines.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({self.usage.missing[cut.id]})")

    # ------------------------------------------------------------------ tables

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
        table, count = self.kernel.table(name), self.kernel.count(name)
        if len(sources) == 1 and sources[0] in self.definitions:
            self.tables.comment(f"{name}: those {sources[0]} that pass more cuts")
            self._declare(name, self.kernel.rooms[sources[0]])
            self.tables.line(
                f"{count} = take_all({table}, {self.kernel.table(sources[0])}, {self.kernel.count(sources[0])})"
            )
        elif len(sources) == 1:
            self._fill(name, name, sources[0], table, count)
        else:
            self._unite(name, sources)
        cuts = self.usage.objects[name]
        if any(s in self.definitions for s in sources):
            self._list_missing(self.tables, definition)
        else:
            cuts = list_late(cuts)
        self._cut_rows(definition, cuts)
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

    def _declare(self, name: str, room: str) -> None:
        self.kernel.rooms[name] = room
        self.kernel.declare(f"{self.kernel.table(name)} = make_table({room} + {self.usage.slots.get(name, 1)})")

    def _unite(self, name: str, sources: Sequence[str]) -> None:
        parts = []
        for source in sources:
            if source in self.definitions:
                parts.append((self.kernel.table(source), self.kernel.count(source), self.kernel.rooms[source]))
                continue
            part = self.kernel.names.give(("part", name, source), f"{name}_{name_part(source)}")
            number = self.kernel.names.give(("count part", name, source), f"n_{part}")
            parts.append((part, number, self._fill(name, None, source, part, number)))
        table, count = self.kernel.table(name), self.kernel.count(name)
        self._declare(name, " + ".join(room for *_, room in parts))
        self.tables.comment(f"{name}: {' and '.join(sources)} together, ordered by pT")
        first = 0
        for k, (source, (part, number, _)) in enumerate(zip(sources, parts, strict=True)):
            several = self.usage.binding.count_parts(source) if source in self.definitions else 1
            function = "append" if several == 1 else "append_union"
            self.tables.line(f"{count} = {function}({table}, {count if k else 0}, {part}, {number}, {first})")
            first += several
        self.tables.line(f"sort_by_pt({table}, {count})")

    def _fill(self, name: str, whole: str | None, base: str, table: str, count: str) -> str:
        """Lines that fill a table with the chosen objects of a base; gives the most there can be."""
        kernel, lines = self.kernel, self.tables
        made = kernel.reading.objects[base]
        good, number = self._good(name, base)
        most = kernel.names.find(("most", made.prefix))
        if whole is not None:
            self._declare(whole, most)
        else:
            kernel.declare(f"{table} = make_table({most})")
        lines.line(f"{count} = {number}")
        lines.open(f"for k in range({count}):")
        lines.line(f"i = {good}[k]")
        columns = self.usage.columns.get(name, [])
        for column in columns:
            lines.line(f"{table}[k, {kernel.column_of(column)}] = {self._value(base, column)}")
        lines.close()
        if any(c.name == "pt" for c in columns):
            lines.line(f"sort_by_pt({table}, {count})")
        return most

    def _value(self, base: str, column: Column) -> str:
        place = stored_place(self.kernel, self.tables, base)
        if column.field == "flavour":
            return str(FLAVOURS[base])
        if column.field == IDENTITY:
            kind = self.kernel.reading.objects[base].number
            return f"i + {kind} * 2.0**40" if kind else "i"
        if column.label is None:
            return place.make(column.field)
        node = self.kernel.reading.objects[base].labels[column.name]
        return f"truth_of({place.true(node).text}, {place.false(node).text})"

    def _cut_rows(self, definition: ObjectDefinition, cuts_of: Sequence[CheckedCut]) -> None:
        """Cuts on objects that have a row in a table already."""
        lines, kernel = self.tables, self.kernel
        if not cuts_of:
            return
        others = list_collections(cuts_of)
        for other in others:
            self._finish(other)
        table, count = kernel.table(definition.name), kernel.count(definition.name)
        later = {name for name in (definition.name, *others) if kernel.momenta.pop(name, "unused") is None}
        kept = kernel.names.give(("kept", definition.name), f"kept_{definition.name}")
        inside = Lines(lines.depth)
        inside.line(f"{kept} = 0")
        inside.open(f"for k in range({count}):")
        place = table_place(kernel, inside, table, "k")
        for cuts in group_cuts(cuts_of):
            describe_cuts(inside, self.usage, cuts)
            inside.open(f"if not {join_cuts(place, cuts).within(COMPARISON)}:")
            inside.line("continue")
            inside.close()
        inside.line(f"copy_row({table}, {kept}, {table}, k)")
        inside.line(f"{kept} += 1")
        inside.close()
        inside.line(f"{count} = {kept}")
        for name in (definition.name, *others):
            if name in kernel.momenta:
                self._set_momenta(name)
            if name in others:
                self.tables.line(f"blank({kernel.table(name)}, {kernel.count(name)}, {self.usage.slots.get(name, 1)})")
        kernel.momenta |= dict.fromkeys(name for name in (definition.name, *others) if name in later)
        lines.lines += inside.lines

    def _set_momenta(self, name: str) -> None:
        fourth = "energy" if any(c.name == "energy" for c in self.usage.columns.get(name, [])) else "mass"
        table, count = self.kernel.table(name), self.kernel.count(name)
        self.tables.line(f"set_momenta_from_{fourth}({table}, {count})")

    def _remove(self, name: str, near: str, radius: float) -> None:
        table, count = self.kernel.table(name), self.kernel.count(name)
        others = f"{self.kernel.table(near)}, {self.kernel.count(near)}"
        self.tables.line(f"{count} = keep_away({table}, {count}, {others}, {level_number(radius).text})")

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


def join_cuts(place: Scalars, cuts: Sequence[CheckedCut]) -> Code:
    """One cut, or several joined by "or". A false condition passes, a missing one fails."""
    parts = []
    for cut in cuts:
        passed = place.true(cut.test)
        if cut.condition is not None:
            exempt, applies = place.false(cut.condition), place.true(cut.condition)
            passed = Code(f"{exempt.within(OR)} or {applies.within(AND)} and {passed.within(AND)}", OR)
        parts.append(passed)
    return parts[0] if len(parts) == 1 else Code(" or ".join(p.within(OR) for p in parts), OR)
