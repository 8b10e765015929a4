"""Candidates: which combinations are allowed, which one is chosen, and the tables of their members."""

from collections.abc import Iterable

from codegen.blocks import Block, group_cuts, mark_closest
from codegen.emit_expressions import Emitter
from codegen.emit_objects import describe_cuts, join_cuts, write_pairs
from codegen.names import Names
from codegen.usage import Usage
from codegen.wording import describe_candidate, describe_cut, quote_evidence
from schemas import criteria
from schemas.checked_candidate import CheckedCandidate
from schemas.errors import CriteriaError
from schemas.expressions.nodes import FLAGS, Candidate, Collection, Flag, Members, Node, Pairs, Slice, Trials, Type


class CandidateWriter:
    """Writes the candidates of one analysis, and tables of members and pairs when they are first asked for."""

    def __init__(self, usage: Usage, names: Names, events: dict[str, str], written: Iterable[Node] = ()) -> None:
        self.usage, self.names, self.events = usage, names, events
        self.block = Block()
        self.written = set(written)  # tables that are there already

    def write(self) -> None:
        """All used candidates, in the order of the document."""
        for name in self.usage.candidates:
            self._write(self.usage.binding.checked.candidates[name])
            self.block.gap()

    def write_tables(self, nodes: Iterable[Node]) -> None:
        """Tables of members and of pairs that the expressions name, each once."""
        for node in nodes:
            for part in self.usage.binding.walk(node):
                if isinstance(part, Members | Pairs):
                    self._write_table(part)

    def _write_table(self, node: Members | Pairs) -> None:
        if node in self.written:
            return
        if isinstance(node, Members):
            self.written.add(node)
            self._write_members(node)
            return
        owner = node.owner.owner if isinstance(node.owner, Slice) else node.owner
        if isinstance(owner, Members):
            self._write_table(owner)
        write_pairs(self.block, self.names, node, self.written)

    def _write_members(self, node: Members) -> None:
        binding = self.usage.binding
        root = binding.find_root(node)
        assert isinstance(node.owner, Candidate)
        assert root is not None
        collection = self.names.find(("collection", root))
        table = self.names.name_table(node)
        whole = f"{self.names.name_candidate(node.owner.name)}.list_members({collection})"
        parts = binding.find_parts(root, node.part) if binding.is_part(node) else None
        if parts is None:
            self.block.line(f"{table} = {whole}")
            return
        all_members = Members(node.type, node.owner, root)
        if all_members in self.written:
            whole = self.names.name_table(all_members)
        else:
            self._write_table(all_members)
            whole = self.names.name_table(all_members)
        own = f"{whole}.part == {parts[0]}" if len(parts) == 1 else f"np.isin({whole}.part, {list(parts)})"
        self.block.line(f"{table} = {whole}.where({own})")

    def _write(self, made: CheckedCandidate) -> None:
        candidate, block = made.candidate, self.block
        variable = self.names.name_candidate(candidate.name)
        self.write_tables(n for cut in self.usage.select[candidate.name] for n in (cut.test, cut.variable))
        if made.source is not None and candidate.pair is not None:
            flags = () if candidate.pairing else _list_flags(candidate)
            self._write_table(Pairs(Type("object"), made.source, flags))
        block.comment(f"{candidate.name}: {describe_candidate(candidate)}")
        block.quote(quote_evidence(candidate.evidence))
        block.note(candidate.note)
        for where in ("minimise", "maximise"):
            mark_closest(block, self.usage, f"candidate '{candidate.name}', {where}")
        if candidate.sum is not None:
            parts = ", ".join(self.names.name_candidate(p) for p in candidate.sum)
            block.line(f"{variable} = Candidate.sum({parts})")
        elif candidate.leading is not None:
            self._write_leading(made, variable)
        elif candidate.assign is not None:
            self._write_assignment(made, variable)
        elif candidate.pairing is not None:
            self._write_pairing(made, variable)
        else:
            self._write_pair(made, variable)

    def _write_leading(self, made: CheckedCandidate, variable: str) -> None:
        if not isinstance(made.source, Collection):
            raise CriteriaError(f"candidate '{made.candidate.name}': leading objects of a slice are not supported yet")
        excluded = map(self.names.name_candidate, made.candidate.exclude)
        arguments = ", ".join([self.names.name_table(made.source), str(made.candidate.n), *excluded])
        self.block.line(f"{variable} = Candidate.leading({arguments})")

    def _write_pair(self, made: CheckedCandidate, variable: str) -> None:
        candidate = made.candidate
        assert made.source is not None
        pairs = self.names.name_table(Pairs(Type("object"), made.source, _list_flags(candidate)))
        conditions = [f"~{pairs}.share({self.names.name_candidate(name)})" for name in candidate.exclude]
        self.block.line(f"allowed = {' & '.join(conditions) or f'{pairs}.present'}")
        self.block.line(f"{variable} = {pairs}.choose({self._write_choice(made, {candidate.name: pairs})})")

    def _write_pairing(self, made: CheckedCandidate, variable: str) -> None:
        candidate = made.candidate
        assert made.source is not None
        chosen = candidate.pairing or ()
        pairs = self.names.name_table(Pairs(Type("object"), made.source, ()))
        trials = {name: self.names.give(("trial", name), f"{name}_pairs") for name in chosen}
        self.block.line(f"{', '.join(trials.values())} = pair_up({pairs}, {len(chosen)})")
        conditions = [f"{table}.{flag}" for table in trials.values() for flag in candidate.require]
        for name in candidate.exclude:
            conditions += [f"~{table}.share({self.names.name_candidate(name)})" for table in trials.values()]
        self.block.line(f"allowed = {' & '.join(conditions) or 'True'}")
        together = ", ".join(self.names.name_candidate(name) for name in chosen)
        choice = self._write_choice(made, trials)
        self.block.line(f"{together} = choose_together([{', '.join(trials.values())}], {choice})")
        self.block.line(f"{variable} = Candidate.sum({together})")

    def _write_assignment(self, made: CheckedCandidate, variable: str) -> None:
        candidate = made.candidate
        ways = self.names.give(("ways", candidate.name), f"{candidate.name}_ways")
        number = next(iter(made.roles.values())).stop
        roles = [f"{role}={self.names.name_table(source.owner)}" for role, source in made.roles.items()]
        self.block.line(f"{ways} = Roles({number}, {', '.join(roles)})")
        conditions = [f"~{ways}.share({self.names.name_candidate(name)})" for name in candidate.exclude]
        for requirement in candidate.require:
            for flag, role in requirement.items() if not isinstance(requirement, str) else ():
                pairs = Pairs(Type("object"), made.roles[role], ())
                self._write_table(pairs)
                conditions.append(f"np.all({self.names.name_table(pairs)}.{flag}, axis=0)")
        self.block.line(f"allowed = {' & '.join(conditions) or f'{ways}.present'}")
        self.block.line(f"{variable} = {ways}.choose({self._write_choice(made, {candidate.name: ways})})")

    def _write_choice(self, made: CheckedCandidate, trials: dict[str, str]) -> str:
        """Lines for the cuts that a combination passes before the choice; gives the arguments of the choice."""
        candidate = made.candidate
        emitter = Emitter(self.usage.binding, self.names, trials=trials, events=self.events)
        for cut in candidate.select:
            if cut.id in self.usage.missing:
                self.block.comment(f"not evaluated: {cut.id}: {describe_cut(cut)} ({self.usage.missing[cut.id]})")
        for cuts in group_cuts(self.usage.select[candidate.name]):
            if any(c.variable.axis is not None and not isinstance(c.variable.axis, Trials) for c in cuts):
                raise CriteriaError(f"cut '{cuts[0].cut.id}': expected a quantity of the combination or of the event")
            describe_cuts(self.block, self.usage, cuts)
            self.block.line(f"allowed = allowed & {join_cuts(emitter, cuts).within(3)}")
        return ", ".join(["allowed", *(emitter.number(s).text for s in made.scores)])


def _list_flags(candidate: criteria.Candidate) -> tuple[Flag, ...]:
    """What is asked of the two members of a pair, in the order in which tables of pairs are named."""
    return tuple(flag for flag in FLAGS if flag in candidate.require)
