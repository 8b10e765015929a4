"""Candidates of one event: loops over the combinations, what each must fulfil, and the choice of the best one."""

from codegen.bind import IDENTITY
from codegen.blocks import group_cuts, mark_closest
from codegen.emit_objects import describe_cuts
from codegen.loops.emit_objects import join_cuts
from codegen.loops.emit_rows import Row, Way
from codegen.loops.emit_scalars import Scalars
from codegen.loops.kernel import LETTERS, Kernel
from codegen.loops.lines import COMPARISON, Lines
from codegen.wording import describe_candidate, describe_cut, quote_evidence
from schemas.checked_candidate import CheckedCandidate
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Candidate, Members, Node, Slice, Trials, Type


class CandidateLoops:
    """Writes the candidates of one analysis, then the tables of their members."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.usage = kernel, kernel.usage
        self.tables = Lines()  # candidates that are done, and tables of their members
        self.lines = Lines()  # the candidate that is being written
        self.place = Scalars(kernel, self.lines)
        self.done: set[Members] = set()

    def write(self) -> None:
        """All used candidates, in the order of the document."""
        for name in self.usage.candidates:
            self._write(self.usage.binding.checked.candidates[name])
            self.write_members()
            self.tables.lines += self.lines.lines
            self.tables.gap()
            self.lines.lines.clear()

    def write_members(self) -> None:
        """The tables of members that were asked for and are not there yet."""
        while pending := [node for node in self.kernel.members if node not in self.done]:
            self.done.add(pending[0])
            whole = self._find_whole(pending[0])
            if whole not in self.done and whole != pending[0]:
                self.done.add(whole)
                self.kernel.member_table(whole)
                self._write_members(whole)
            self._write_members(pending[0])

    def _find_whole(self, node: Members) -> Members:
        assert isinstance(node.owner, Candidate)
        root = self.usage.binding.find_root(node)
        assert root is not None
        return Members(Type("object"), node.owner, root)

    def _write_members(self, node: Members) -> None:
        binding, kernel = self.usage.binding, self.kernel
        assert isinstance(node.owner, Candidate)
        root = binding.find_root(node)
        assert root is not None
        table, count = kernel.member_table(node), kernel.member_count(node)
        slots, size = kernel.slots[node.owner.name, root]
        kernel.declare(f"{table} = make_table({size})")
        parts = binding.find_parts(root, node.part) if binding.is_part(node) else None
        if parts is None:
            arguments = f"{table}, {kernel.table(root)}, {slots}, {kernel.exists(node.owner.name)}"
            self.tables.line(f"{count} = list_members({arguments})")
            return
        whole = self._find_whole(node)
        function, wanted = ("take_part", str(parts[0])) if len(parts) == 1 else ("take_parts", str(parts))
        arguments = f"{table}, {kernel.member_table(whole)}, {kernel.member_count(whole)}, {wanted}"
        self.tables.line(f"{count} = {function}({arguments})")
        self.tables.line(f"blank({table}, {count}, {size})")

    # ------------------------------------------------------------------ one candidate

    def _write(self, made: CheckedCandidate) -> None:
        candidate, lines = made.candidate, self.lines
        lines.comment(f"{candidate.name}: {describe_candidate(candidate)}")
        lines.quote(quote_evidence(candidate.evidence))
        lines.note(candidate.note)
        for where in ("minimise", "maximise"):
            mark_closest(lines, self.usage, f"candidate '{candidate.name}', {where}")
        if candidate.sum is not None:
            self._write_sum(candidate.name, candidate.sum)
        elif candidate.leading is not None:
            self._write_leading(made)
        elif candidate.assign is not None:
            self._write_assignment(made)
        else:
            self._write_pairs(made, candidate.pairing or (candidate.name,))
            if candidate.pairing is not None:
                self._write_sum(candidate.name, candidate.pairing)

    def _give_slots(self, name: str, root: str, size: int) -> str:
        several = len(self.usage.binding.checked.scope.candidates[name].members) > 1
        wanted = f"{name}_{root}_slots" if several else f"{name}_slots"
        slots = self.kernel.names.give(("slots", name, root), wanted)
        self.kernel.slots[name, root] = (slots, size)
        self.kernel.declare(f"{slots} = np.empty({size}, dtype=np.int64)")
        return slots

    def _write_sum(self, name: str, parts: tuple[str, ...]) -> None:
        kernel, lines = self.kernel, self.lines
        lines.line(f"{kernel.exists(name)} = {' and '.join(map(kernel.exists, parts))}")
        total = kernel.p4(parts[0])
        for part in parts[1:]:
            total = f"add({total}, {kernel.p4(part)})"
        lines.line(f"{kernel.p4(name)} = {total}")
        for root in self.usage.binding.checked.scope.candidates[name].members:
            found = [kernel.slots[part, root] for part in parts if (part, root) in kernel.slots]
            slots = self._give_slots(name, root, sum(size for _, size in found))
            start = 0
            for other, size in found:
                lines.line(f"place({slots}, {start}, {other})")
                start += size

    def _write_leading(self, made: CheckedCandidate) -> None:
        kernel, lines, candidate = self.kernel, self.lines, made.candidate
        root = self._find_root(made)
        n = candidate.n or 0
        slots = self._give_slots(candidate.name, root, n)
        exists, table = kernel.exists(candidate.name), kernel.table(root)
        assert made.source is not None
        kernel.momenta[root] = None
        taken = kernel.fresh("taken")
        lines.line(f"{taken} = 0")
        lines.open(f"for i in range({self.place.count(made.source)}):")
        free = [f"{taken} < {n}", *(f"not {has}" for e in candidate.exclude for has in self._find_taken(e, root, "i"))]
        lines.open(f"if {' and '.join(free)}:")
        lines.line(f"{slots}[{taken}] = i")
        lines.line(f"{taken} += 1")
        lines.close(2)
        lines.line(f"{exists} = {taken} == {n}")
        lines.line(f"settle({slots}, {exists})")
        lines.line(f"{kernel.p4(candidate.name)} = total_momentum({table}, {slots}, {exists})")

    def _write_pairs(self, made: CheckedCandidate, names: tuple[str, ...]) -> None:
        """One pair, or several without a common object that are chosen together."""
        kernel, lines, candidate = self.kernel, self.lines, made.candidate
        assert made.source is not None
        root = self._find_root(made)
        table = kernel.table(root)
        kernel.momenta[root] = None
        number = self.place.count(made.source)
        start, depth = lines.depth, 0
        trials: dict[str, tuple[Row, Row]] = {}
        best = self._start_choice(made)
        flags = tuple(r for r in candidate.require if isinstance(r, str))
        letters: list[str] = []
        for name in names:
            i, j = (LETTERS[k] if k < len(LETTERS) else f"i{k}" for k in (depth, depth + 1))
            depth += 2
            for index, first in ((i, "0"), (j, f"{i} + 1")):
                lines.open(
                    f"for {index} in range({first}, {number}):" if first != "0" else f"for {i} in range({number}):"
                )
            trials[name] = (Row(table, i), Row(table, j))
            taken = [f"{index} == {other}" for index in (i, j) for other in letters]
            taken += [has for e in candidate.exclude for index in (i, j) for has in self._find_taken(e, root, index)]
            if taken:
                lines.open(f"if {' or '.join(taken)}:")
                lines.line("continue")
                lines.close()
            Scalars(kernel, lines).skip_unless(flags, *trials[name])
            letters += [i, j]
        place = Scalars(kernel, lines, trials=trials, depth=depth)
        self._compare(made, place, best, {name: [r.row for r in rows] for name, rows in trials.items()}, root)
        lines.close(lines.depth - start)
        exists = self._end_choice(made, best, kernel.exists(names[0]))
        for name in names:
            slots, _ = kernel.slots[name, root]
            if name != names[0]:
                lines.line(f"{kernel.exists(name)} = {exists}")
            lines.line(f"settle({slots}, {exists})")
            lines.line(f"{kernel.p4(name)} = total_momentum({table}, {slots}, {exists})")

    # ------------------------------------------------------------------ the choice

    def _start_choice(self, made: CheckedCandidate) -> str:
        """What holds the best score so far, before the loops."""
        if len(made.scores) > 1:
            best = self.kernel.names.give(("best", made.candidate.name), f"best_{made.candidate.name}")
            self.kernel.declare(f"{best} = np.empty({len(made.scores)})")
            self.lines.line(f"{best}[:] = np.inf")
            return best
        self.lines.line("best = np.inf")
        return "best"

    def _compare(
        self, made: CheckedCandidate, place: Scalars, best: str, taken: dict[str, list[str]], root: str | None
    ) -> None:
        """Inside the loops: what a combination must pass, and whether it is the best so far."""
        lines, candidate = self.lines, made.candidate
        for cut in candidate.select:
            if cut.id in self.usage.missing:
                lines.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({self.usage.missing[cut.id]})")
        for cuts in group_cuts(self.usage.select[candidate.name]):
            if any(c.variable.axis is not None and not isinstance(c.variable.axis, Trials) for c in cuts):
                raise CriteriaError(f"cut '{cuts[0].cut.id}': expected a quantity of the combination or of the event")
            describe_cuts(lines, self.usage, cuts)
            lines.open(f"if not {join_cuts(place, cuts).within(COMPARISON)}:")
            lines.line("continue")
            lines.close()
        if len(made.scores) > 1:
            scores = ", ".join(place.number(s).text for s in made.scores)
            lines.open(f"if improves(({scores}), {best}):")
        else:
            score = place.number(made.scores[0]).text if made.scores else "0.0"
            lines.line(f"score = {score}")
            lines.open("if score < best:")
            lines.line("best = score")
        for name, rows in taken.items():
            if root is not None:
                slots = self._give_slots(name, root, len(rows))
                targets = ", ".join(f"{slots}[{k}]" for k in range(len(rows)))
                lines.line(f"{targets} = {', '.join(rows)}")
            else:
                lines.line(f"{name} = {rows[0]}")
        lines.close()

    def _end_choice(self, made: CheckedCandidate, best: str, exists: str) -> str:
        """After the loops: whether there is a choice."""
        last = f"{best}[{len(made.scores) - 1}]" if len(made.scores) > 1 else best
        self.lines.line(f"{exists} = {last} < np.inf")
        return exists

    # ------------------------------------------------------------------ assignments

    def _write_assignment(self, made: CheckedCandidate) -> None:
        kernel, lines, candidate = self.kernel, self.lines, made.candidate
        number = next(iter(made.roles.values())).stop
        ways = kernel.names.give(("ways", candidate.name), f"{candidate.name}_ways")
        kernel.parameters[ways] = f"list_ways({number}, {len(made.roles)})"
        chosen = kernel.fresh(f"{candidate.name}_way")
        exists = kernel.exists(candidate.name)
        roots = {role: self._root_of(source) for role, source in made.roles.items()}
        enough = [f"{kernel.count(root)} >= {number}" for root in roots.values()]
        for name in candidate.exclude:
            for members in self._list_members(name):
                enough += [f"not share_any({kernel.table(root)}, {number}, {members})" for root in roots.values()]
        for requirement in candidate.require:
            for flag, role in requirement.items() if not isinstance(requirement, str) else ():
                enough.append(f"all_pairs({flag}, {kernel.table(roots[role])}, {number})")
        best = self._start_choice(made)
        lines.line(f"{chosen} = 0")
        start = lines.depth
        lines.open(f"for i in range(len({ways}) if {' and '.join(enough)} else 0):")
        place = Scalars(kernel, lines, ways={candidate.name: Way(ways, "i")}, depth=1)
        self._compare(made, place, best, {chosen: ["i"]}, None)
        lines.close(lines.depth - start)
        self._end_choice(made, best, exists)
        for k, (role, root) in enumerate(roots.items()):
            table = kernel.names.give(("role", candidate.name, role), f"{candidate.name}_{role}")
            kernel.declare(f"{table} = make_table({number})")
            lines.line(f"deal({table}, {kernel.table(root)}, {ways}[{chosen}, {k}], {exists})")

    # ------------------------------------------------------------------ names

    def _find_root(self, made: CheckedCandidate) -> str:
        assert made.source is not None
        return self._root_of(made.source)

    def _root_of(self, source: Node) -> str:
        owner = source.owner if isinstance(source, Slice) else source
        root = self.usage.binding.find_root(owner)
        assert root is not None
        return root

    def _find_taken(self, name: str, root: str, index: str) -> list[str]:
        """Code of conditions of which one holds when object `index` of a collection is a member of a candidate."""
        binding = self.usage.binding
        same = binding.checked.scope.candidates[name].members == (root,) and (name, root) in self.kernel.slots
        if same and not binding.repeats(root):
            return [f"has({self.kernel.slots[name, root][0]}, {index})"]
        return [f"is_among({self.kernel.table(root)}, {index}, {members})" for members in self._list_members(name)]

    def _list_members(self, name: str) -> list[str]:
        """Arguments that say what the members of a candidate are: tables, slots, and the column that tells objects."""
        kernel, scope = self.kernel, self.usage.binding.checked.scope.candidates[name]
        column = kernel.column(IDENTITY)
        if not scope.composites:
            return [f"{kernel.table(m)}, {kernel.slots[name, m][0]}, {column}" for m in scope.members]
        every = kernel.names.give(("first", scope.composites), f"first_{scope.composites}")
        kernel.declare(f"{every} = np.arange({scope.composites})")
        return [f"{kernel.names.find(('role', name, role))}, {every}, {column}" for role in scope.roles]
