"""Regions of one event: variables, the cuts in order, and what is written of the event."""

from collections.abc import Sequence
from dataclasses import replace

from codegen.emit_objects import describe_cuts
from codegen.emit_regions import order_regions
from codegen.loops.emit_scalars import Scalars
from codegen.loops.kernel import Kernel
from codegen.loops.lines import AND, OR, Code, Lines
from codegen.wording import describe_cut
from schemas.checked_cut import CheckedCut
from schemas.criteria import Cut, Region
from schemas.expressions.nodes import Candidate, EventField, Field, LabelTest, Members, Node, Type


class RegionLoops:
    """Writes what happens to an event after its candidates are known."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.usage = kernel, kernel.usage
        self.lines = Lines()
        self.variables = Lines()
        self.place = Scalars(kernel, self.lines)

    def write_variables(self) -> None:
        """Named numbers, in document order. Named conditions are written out where they are used."""
        place = replace(self.place, lines=self.variables)
        for variable in self.usage.binding.checked.criteria.variables:
            node = self.usage.binding.checked.variables[variable.name]
            if variable.name not in self.usage.variables or node.type.kind != "number" or node.axis is not None:
                continue
            self.variables.note(variable.note)
            name = self.kernel.names.name_variable(variable.name)
            code = place.number(node).text
            self.variables.line(f"{name} = {code}")

    def write_regions(self) -> None:
        """All regions, parents before their children."""
        for position, region in enumerate(order_regions(self.usage.binding.checked.criteria.regions)):
            self._write_region(position, region)
        variables = [v.name for v in self.usage.binding.checked.criteria.variables]
        for k, name in enumerate(sorted(self.usage.outputs, key=variables.index)):  # as the table OUTPUTS has them
            self.lines.line(f"outputs[{k}, event] = {self.kernel.names.name_variable(name)}")

    def write_channel(self) -> int:
        """Lines that write down the flavours that name the channel; gives how many there are."""
        total = 0
        channel = self.usage.channel
        for member in self.usage.binding.checked.scope.candidates[channel].members if channel is not None else ():
            node = Members(Type("object"), Candidate(Type("object"), channel or ""), member)
            table = self.kernel.member_table(node)
            _, size = self.kernel.slots[channel or "", member]
            self.lines.open(f"for k in range({size}):")
            row = f"{total} + k" if total else "k"
            self.lines.line(f"flavours[{row}, event] = {table}[k, {self.kernel.column('flavour')}]")
            self.lines.close()
            total += size
        return total

    # ------------------------------------------------------------------ one region

    def _write_region(self, position: int, region: Region) -> None:
        lines, names = self.lines, self.kernel.names
        inside = names.give(("in region", region.name), f"in_{region.name}")
        last = names.give(("last step", region.name), f"last_{region.name}")
        lines.title(f"region {region.name}" + (f", after {region.parent}" if region.parent else ""))
        lines.note(region.note)
        if region.parent is None:
            lines.line(f"{inside} = True")
            lines.line(f"{last} = 0")
        else:
            lines.line(f"{inside} = {names.find(('in region', region.parent))}")
            lines.line(f"{last} = 0 if {inside} else -1")
        evaluated = {c.cut.id: c for c in self.usage.regions[region.name]}
        for cuts in _group(region.cuts):
            for cut in cuts:
                if cut.id not in evaluated:
                    reason = self.usage.missing[cut.id]
                    lines.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({reason})")
            usable = [evaluated[c.id] for c in cuts if c.id in evaluated]
            if usable:
                describe_cuts(lines, self.usage, usable)
                lines.open(f"if {inside} or watching:")
                self._write_step(inside, usable)
                lines.line(f"{last} += {inside}")
                lines.close()
            else:
                lines.line(f"{last} += {inside}")
        lines.line(f"last[{position}, event] = {last}")

    def _write_step(self, inside: str, cuts: Sequence[CheckedCut]) -> None:
        if len(cuts) == 1:
            passed = self._write_cut(inside, cuts[0])
            self.lines.line(f"{inside} = {inside} and {passed.within(AND)}")
            return
        either = self.kernel.fresh("either")
        for k, cut in enumerate(cuts):
            passed = self._write_cut(inside, cut)
            self.lines.line(f"{either} = {passed.text}" if k == 0 else f"{either} = {either} or {passed.within(OR)}")
        self.lines.line(f"{inside} = {inside} and {either}")

    def _write_cut(self, inside: str, cut: CheckedCut) -> Code:
        """Lines that look at what a cut compares; gives code of whether the event passes."""
        axis = cut.variable.axis
        if axis is None:
            return self._write_test(inside, cut, self.place)
        every = cut.cut.quantifier == "all"
        whole = cut.condition is not None and cut.condition.axis is None
        if whole:
            self._write_condition(inside, cut, self.place)
        self.kernel.number_of_step(cut.cut.id, True)
        self.lines.line(f"passed = {(self.place.anchor(axis) or 'True') if every else 'False'}")
        with self.place.each(axis) as place:
            assert isinstance(place, Scalars)
            passed = self._write_test(inside, cut, place, whole)
            joint = f"and {passed.within(AND)}" if every else f"or {passed.within(OR)}"
            self.lines.line(f"passed = passed {joint}")
        return Code("passed")

    def _write_test(self, inside: str, cut: CheckedCut, place: Scalars, decided: bool = False) -> Code:
        lines, variable = self.lines, cut.variable
        number = self.kernel.number_of_step(cut.cut.id, variable.axis is not None)
        if variable.type.kind == "number":
            code = place.number(variable).text
            if not code.isidentifier():
                lines.line(f"x = {code}")
                place = replace(place, aliases={**place.aliases, variable: "x"})
                code = "x"
            lines.open("if watching:")
        else:
            lines.open("if watching:")
            code = self._find_seen(cut, place)
        lines.line(f"note(notes, noted, event, {number}, {code})")
        lines.close()
        if cut.condition is not None and not decided:
            self._write_condition(inside, cut, place)
        passed = place.true(cut.test)
        return passed if cut.condition is None else Code(f"exempt or applies and {passed.within(AND)}", OR)

    def _find_seen(self, cut: CheckedCut, place: Scalars) -> str:
        """Code of the values that a cut on something else than numbers compares: 1, 0, or missing."""
        node: Node = cut.variable
        if isinstance(node, Field | EventField):  # a label: what it is tested for
            test = next(n for n in cut.test.walk() if isinstance(n, LabelTest))
            return (
                place.flavour(node) if isinstance(node, Field) and node.name == "flavour" else place.label_value(test)
            )
        return f"truth_of({place.true(node).text}, {place.false(node).text})"

    def _write_condition(self, inside: str, cut: CheckedCut, place: Scalars) -> None:
        assert cut.condition is not None
        lines = self.lines
        lines.line(f"applies = {place.true(cut.condition).text}")
        lines.line(f"exempt = {place.false(cut.condition).text}")
        lines.open(f"if {inside} and not (applies or exempt):")
        lines.line(f"{self.kernel.count_undecided(cut.cut.id)} += 1")
        lines.close()


def _group(cuts: Sequence[Cut]) -> list[list[Cut]]:
    """The cuts of a region that are not rejected; those of one group together, where the first one stands."""
    ordered: list[list[Cut]] = []
    for cut in cuts:
        if cut.status == "rejected":
            continue
        same = next((g for g in ordered if cut.group is not None and g[0].group == cut.group), None)
        if same is None:
            ordered.append([cut])
        else:
            same.append(cut)
    return ordered
