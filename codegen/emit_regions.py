"""Regions: the steps of the cutflow, and the cuts that events go through."""

from collections.abc import Sequence

from codegen.emit_candidates import CandidateWriter
from codegen.emit_expressions import Emitter
from codegen.emit_objects import describe_cuts, quote
from codegen.emit_tables import Code
from codegen.emit_words import write_call
from codegen.losses import list_losses, mark_losses
from codegen.names import Names
from codegen.usage import Usage
from codegen.wording import WORDS, clean, describe_cut, quote_evidence, shorten
from schemas.checked_cut import CheckedCut
from schemas.criteria import Cut, Region
from schemas.expressions.nodes import EventField, Field, LabelTest, Node, Variable, Worded
from schemas.model import Model


class StepLine(Model):
    """A line of the cutflow: its name, its words with what its number lacks, and why it is not evaluated."""

    name: str
    label: str
    missing: str | None = None


def order_regions(regions: Sequence[Region]) -> list[Region]:
    """Parents before their children, else in document order."""
    ordered: list[Region] = []
    while len(ordered) < len(regions):
        done = {r.name for r in ordered}
        ordered += [r for r in regions if r.name not in done and (r.parent is None or r.parent in done)][:1]
    return ordered


def list_steps(usage: Usage, region: Region, parent: Sequence[StepLine] | None) -> tuple[StepLine, ...]:
    """The lines of a region's cutflow; the first one is `initial`, or the last one of the parent.

    What the definitions of a step lack is said once, where the event first depends on it: it holds from there on.
    """
    told = set(list_losses(usage, [c for name in _list_ancestors(usage, region) for c in usage.regions[name]]))
    first = StepLine(name="initial", label="all events") if parent is None else parent[-1]
    lines = [first]
    checked = {c.cut.id: c for c in usage.regions[region.name]}
    for cuts in _group(region.cuts):
        evaluated = [c for c in cuts if c.id not in usage.missing]
        label = " or ".join(describe_cut(c) for c in (evaluated or cuts))
        reason = None if evaluated else "; ".join(usage.missing[c.id] for c in cuts)
        used = [checked[c.id] for c in evaluated]
        losses = (
            *(f"or {describe_cut(c)}" for c in cuts if evaluated and c not in evaluated),
            *(loss for loss in list_losses(usage, used) if loss not in told),
        )
        told.update(losses)
        label = mark_losses(label, tuple(map(clean, losses)))
        lines.append(StepLine(name=cuts[0].group or cuts[0].id, label=label, missing=reason and clean(reason)))
    return tuple(lines)


def _list_ancestors(usage: Usage, region: Region) -> list[str]:
    """The names of the regions that this one starts from, the nearest first."""
    parents = {r.name: r.parent for r in usage.binding.checked.criteria.regions}
    found: list[str] = []
    name = region.parent
    while name is not None:
        found.append(name)
        name = parents[name]
    return found


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


class RegionWriter:
    """Writes event variables and the cuts of each region."""

    def __init__(self, usage: Usage, names: Names, tables: CandidateWriter) -> None:
        self.usage, self.names, self.tables = usage, names, tables
        self.block = tables.block
        self.emitter = Emitter(usage.binding, names, events=tables.events)

    def write_variables(self) -> None:
        """Named numbers, in document order. Named conditions are written out where they are used."""
        for variable in self.usage.binding.checked.criteria.variables:
            node = self.usage.binding.checked.variables[variable.name]
            if variable.name not in self.usage.variables or node.type.kind != "number":
                continue
            self.tables.write_tables([node])
            self.block.note(variable.note)
            if isinstance(node, Worded):
                self.block.comment(f"{variable.name}, in words: {shorten(variable.words or '', WORDS)}")
                self.block.quote(quote_evidence(variable.evidence))
                code = write_call(self.block, node, self.emitter)
            else:
                code = self.emitter.number(node).text
            self.block.line(f"{self.names.name_variable(variable.name)} = {code}")

    def write_region(self, position: int, region: Region) -> str:
        """The cuts of one region; gives the name of the variable that follows its events."""
        flow = self.names.give(("region", region.name), region.name)
        parent = f", {self.names.find(('region', region.parent))}" if region.parent is not None else ""
        self.block.title(f"region {region.name}" + (f", after {region.parent}" if region.parent else ""))
        self.block.note(region.note)
        self.block.line(f"{flow} = Flow(REGIONS[{position}], n_events, watch{parent})")
        evaluated = {c.cut.id: c for c in self.usage.regions[region.name]}
        for cuts in _group(region.cuts):
            step = quote(cuts[0].group or cuts[0].id)
            for cut in cuts:
                if cut.id not in evaluated:
                    reason = self.usage.missing[cut.id]
                    self.block.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({reason})")
            usable = [evaluated[c.id] for c in cuts if c.id in evaluated]
            if not usable:
                self.block.line(f"{flow}.skip({step})")
                continue
            self.tables.write_tables(
                n for c in usable for n in (c.variable, c.test, c.condition) if n is not None
            )  # fmt: skip
            describe_cuts(self.block, self.usage, usable)
            if len(usable) == 1 and cuts[0].group is None:
                seen, passed = self._write_cut(flow, usable[0])
                if len(passed.text) > 60:
                    self.block.line(f"passed = {passed.text}")
                    passed = Code("passed")
                self.block.line(f"{flow}.cut({step}, {passed.text}, {seen})")
            else:
                self._write_group(flow, step, usable)
        return flow

    def _write_group(self, flow: str, step: str, cuts: Sequence[CheckedCut]) -> None:
        for k, cut in enumerate(cuts):
            seen, passed = self._write_cut(flow, cut)
            self.block.line(f"{flow}.note({quote(cut.cut.id)}, {seen})")
            self.block.line(f"passed = {passed.text}" if k == 0 else f"passed = passed | {passed.within(4)}")
        self.block.line(f"{flow}.cut({step}, passed)")

    def _write_cut(self, flow: str, cut: CheckedCut) -> tuple[str, Code]:
        """Code of what the cut compares, and of the mask of events that pass."""
        variable = cut.variable
        seen = self._find_seen(cut)
        emitter = self.emitter
        if not seen.isidentifier():
            self.block.line(f"x = {seen}")
            if variable.type.kind == "number" or isinstance(variable, Worded):
                emitter = Emitter(emitter.binding, emitter.names, aliases={variable: "x"}, events=emitter.events)
            seen = "x"
        axis = variable.axis
        passed = emitter.true(cut.test)
        if cut.condition is not None:
            passed = self._apply_condition(flow, cut, passed)
        if axis is not None:
            passed = emitter.reduce("every" if cut.cut.quantifier == "all" else "some", passed, axis)
            seen = f"{seen}, {emitter.present(axis)}"
        return seen, passed

    def _apply_condition(self, flow: str, cut: CheckedCut, passed: Code) -> Code:
        assert cut.condition is not None
        self.block.line(f"applies = {self.emitter.true(cut.condition).text}")
        self.block.line(f"exempt = {self.emitter.false(cut.condition).text}")
        axis = cut.condition.axis
        present = f"{self.emitter.present(axis)} & " if axis is not None else ""
        self.block.line(
            f"undecided[{quote(cut.cut.id)}] = np.count_nonzero({present}{flow}.alive & ~(applies | exempt))"
        )
        return Code(f"exempt | applies & {passed.within(4)}", 5)

    def _find_seen(self, cut: CheckedCut) -> str:
        """Code of the values that a cut compares; for conditions 1, 0, or missing."""
        node: Node = cut.variable
        if isinstance(node, Worded):
            return write_call(self.block, node, self.emitter)
        if isinstance(node, Variable) and node.type.kind == "number":
            return self.names.name_variable(node.name)
        if node.type.kind == "number":
            return self.emitter.number(node).text
        if isinstance(node, Field | EventField):  # a label: what it is tested for
            test = next(n for n in cut.test.walk() if isinstance(n, LabelTest))
            if isinstance(node, Field) and node.name == "flavour":
                return self.emitter.column(node.owner, "flavour")
            return self.emitter.label_values(test)
        return f"truth({self.emitter.true(node).text}, {self.emitter.false(node).text})"
