"""What of the criteria becomes code: the cuts that a format can evaluate, and what they need, down to the branches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codegen.bind import IDENTITY, MOMENTUM, Binding, Column
from codegen.wording import describe_cut
from schemas.checked_cut import CheckedCut, list_collections
from schemas.criteria import ObjectDefinition, OverlapStep
from schemas.cutflow import NotEvaluable
from schemas.errors import CriteriaError
from schemas.expressions.nodes import Candidate as CandidateNode
from schemas.expressions.nodes import Collection, Composites, Item, Members, Node, Pairs, Slice, Worded


@dataclass
class Usage:
    """Everything that is compiled, in the order of the document where that matters.

    `columns` are the columns of each collection's table; `slots` the least number of slots of each table;
    `flat` what the cuts on the objects of each base collection read.
    """

    binding: Binding
    regions: dict[str, list[CheckedCut]] = field(default_factory=dict)
    candidates: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    objects: dict[str, list[CheckedCut]] = field(default_factory=dict)
    select: dict[str, list[CheckedCut]] = field(default_factory=dict)
    overlap: list[OverlapStep] = field(default_factory=list)
    columns: dict[str, list[Column]] = field(default_factory=dict)
    flat: dict[str, list[Column]] = field(default_factory=dict)
    events: list[Column] = field(default_factory=list)
    slots: dict[str, int] = field(default_factory=dict)
    tables: list[Node] = field(default_factory=list)  # members and pairs that have a table of their own
    channel: str | None = None  # the candidate whose lepton flavours name the channel
    missing: dict[str, str] = field(default_factory=dict)  # cut -> why it is not evaluated
    not_evaluable: list[NotEvaluable] = field(default_factory=list)
    closest: dict[str, tuple[str, ...]] = field(default_factory=dict)  # cut or variable -> what stands in for it
    _pending: list[Node] = field(default_factory=list)

    def leave_out(self, name: str, text: str, reason: str) -> None:
        """Put something on the list of what the format cannot evaluate."""
        self.missing[name] = reason
        self.not_evaluable.append(NotEvaluable(cut=name, text=text, reason=reason))


def find_usage(binding: Binding) -> Usage:
    """What is compiled. Raises CriteriaError where leaving something out would change the meaning of the rest."""
    usage = Usage(binding)
    checked = binding.checked
    for region in checked.criteria.regions:
        cuts = checked.regions[region.name]
        evaluated = _split(usage, cuts)
        if cuts and not evaluated:
            names = ", ".join(f"{c.cut.id} ({usage.missing[c.cut.id]})" for c in cuts[:3])
            raise CriteriaError(
                f"region '{region.name}': none of its cuts can be evaluated: {names}; "
                "give files that hold it, or remove the region"
            )
        usage.regions[region.name] = evaluated
    for name in checked.criteria.outputs:
        reason = binding.find_obstacle(checked.variables[name])
        if reason is not None:
            usage.leave_out(name, f"output {name}", reason)
        else:
            usage.outputs.append(name)
            _note_closest(usage, name, checked.variables[name])
    nodes = [n for cuts in usage.regions.values() for c in cuts for n in _nodes(c)]
    nodes += [checked.variables[name] for name in usage.outputs]
    used = _Used(usage)
    for node in nodes:
        used.add(node)
    used.finish(set(usage.outputs))
    return usage


def finds_candidate(usage: Usage, name: str) -> bool:
    """Whether a candidate can be made in the format. `usage` is a scratch one."""
    try:
        _Used(usage).add_candidate(name)
    except CriteriaError:
        return False
    return True


def list_unused(usage: Usage) -> tuple[str, ...]:
    """Definitions that nothing uses: they are checked, not compiled."""
    criteria = usage.binding.checked.criteria
    names = [o.name for o in criteria.objects if o.name not in usage.collections]
    names += [c.name for c in criteria.candidates if c.name not in usage.candidates]
    return tuple(names + [v.name for v in criteria.variables if v.name not in usage.variables])


def _split(usage: Usage, cuts: Iterable[CheckedCut]) -> list[CheckedCut]:
    """The cuts that can be evaluated; the others are listed with the reason."""
    evaluated: list[CheckedCut] = []
    for cut in cuts:
        reason = next(filter(None, map(usage.binding.find_obstacle, _nodes(cut))), None)
        if reason is not None:
            usage.leave_out(cut.cut.id, describe_cut(cut.cut), reason)
            continue
        evaluated.append(cut)
        for node in _nodes(cut):
            _note_closest(usage, cut.cut.id, node)
    return evaluated


def _note_closest(usage: Usage, name: str, node: Node) -> None:
    notes = usage.binding.list_closest(node)
    if notes:
        usage.closest[name] = tuple(dict.fromkeys((*usage.closest.get(name, ()), *notes)))


def _nodes(cut: CheckedCut) -> list[Node]:
    return [cut.test, cut.variable] if cut.condition is None else [cut.test, cut.variable, cut.condition]


class _Used:
    """Follows names from the cuts down to the collections."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self.binding = usage.binding
        self.checked = usage.binding.checked
        self.candidates: set[str] = set()
        self.collections: set[str] = set()
        self.tables: dict[Node, None] = {}
        self.nodes: dict[Node, None] = {}
        self.definitions = {o.name: o for o in self.checked.criteria.objects}

    def add(self, node: Node, flat: str | None = None) -> None:
        """An expression that is compiled, and all it names. `flat`: the collection whose stored objects it cuts."""
        for part in self.binding.walk(node):
            self.nodes[part] = None
            if isinstance(part, CandidateNode | Composites):
                self.add_candidate(part.name)
            if isinstance(part, Members | Pairs):
                self.tables[part] = None
        for need in self.binding.list_needs(node):
            if flat is not None and need.collection == flat:
                columns = self.usage.flat.setdefault(flat, [])
                columns += [c for c in self.binding.expand(flat, need.column) if c not in columns]
            else:
                self.need(need.collection, need.column)
        for collection in (p.name for p in self.binding.walk(node) if isinstance(p, Collection)):
            self.add_collection(collection)
        self._count_slots(node)

    def add_candidate(self, name: str) -> None:
        name = self._find_owner(name)
        if name in self.candidates:
            return
        self.candidates.add(name)
        made = self.checked.candidates[name]
        candidate = made.candidate
        where = f"candidate '{name}'"
        for part in (*(candidate.sum or ()), *candidate.exclude):
            self.add_candidate(part)
        sources = dict(made.roles) if made.source is None else {"": made.source}
        for role, source in sources.items():
            self.demand(source, where)
            root = self.binding.find_root(source)
            assert root is not None
            size = source.stop if isinstance(source, Slice) else self.checked.scope.candidates[name].size
            self.need_slots(root, size)
            self.need(root, Column(MOMENTUM), where)
            for requirement in candidate.require:
                flags = {requirement: ""} if isinstance(requirement, str) else requirement
                for flag in (f for f, owner in flags.items() if owner == role):
                    self.need(root, Column("flavour" if flag.endswith("flavour") else "charge"), where)
        roots = [root for source in sources.values() if (root := self.binding.find_root(source)) is not None]
        for other in candidate.exclude:
            taken = self.checked.scope.candidates[other]
            repeated = any(map(self.binding.repeats, roots))
            if made.roles or taken.composites or set(taken.members) != set(roots) or repeated:
                for collection in (*roots, *taken.members):
                    self.need(collection, Column(IDENTITY))
        for score in made.scores:
            self.demand(score, f"{where}, minimise" if candidate.maximise is None else f"{where}, maximise")
        self.usage.select[name] = _split(self.usage, made.select)
        for cut in self.usage.select[name]:
            for node in _nodes(cut):
                self.add(node)

    def _find_owner(self, name: str) -> str:
        """The candidate that a name belongs to: its own, or the one that chooses it together with others."""
        if name in self.checked.candidates:
            return name
        return next(k for k, c in self.checked.candidates.items() if name in (c.candidate.pairing or ()))

    def demand(self, node: Node, where: str) -> None:
        """An expression that must be evaluable: without it the rest would mean something else."""
        reason = self.binding.find_obstacle(node)
        if reason is not None:
            raise CriteriaError(f"{where} cannot be evaluated in profile {self.binding.profile.name}: {reason}")
        self.add(node)
        _note_closest(self.usage, where, node)

    def add_collection(self, name: str) -> None:
        if name in self.collections:
            return
        self.collections.add(name)
        definition = self.definitions[name]
        if "pt" in self.binding.profile.collections[self.binding.list_bases(name)[0]].fields:
            self.need(name, Column("pt"))
        stored: str | None = name
        for source in list_sources(definition):
            if source in self.definitions:
                self.add_collection(source)
                stored = None
        self.usage.objects[name] = _split(self.usage, self.checked.objects[name])
        late = list_late(self.usage.objects[name])
        for cut in self.usage.objects[name]:
            for node in _nodes(cut):
                self.add(node, None if cut in late else stored)
        for removal in definition.remove_overlap:
            if removal.status != "rejected":
                self._add_removal(name, removal.with_, f"{name} near {removal.with_}")

    def _add_removal(self, name: str, near: str, label: str) -> None:
        missing = [b for b in self.binding.list_bases(near) if b not in self.binding.profile.collections]
        if missing:
            reason = self.binding.profile.unavailable.get(missing[0], f"the profile has no {missing[0]}")
            self.usage.leave_out(label, f"overlap removal of {label}", reason)
            return
        self.add_collection(near)
        for collection in (name, near):
            for column in ("eta", "phi"):
                self.need(collection, Column(column))

    def need(self, collection: str | None, column: Column, where: str | None = None) -> None:
        """A column that something reads; it is needed in every collection that this one is made of, too."""
        if collection is None:
            if column not in self.usage.events:
                self.usage.events.append(column)
            return
        self.add_collection(collection)
        for one in self.binding.expand(collection, column):
            if where is not None and one.field != "flavour":
                for base in self.binding.list_bases(collection):
                    if one.field not in self.binding.profile.collections[base].fields:
                        lacking = f"profile {self.binding.profile.name} has no {one.field} of {base}"
                        raise CriteriaError(f"{where} cannot be evaluated: {lacking}")
            columns = self.usage.columns.setdefault(collection, [])
            if one not in columns:
                columns.append(one)
                for source in list_sources(self.definitions[collection]):
                    if source in self.definitions:
                        self.need(source, one)

    def need_slots(self, collection: str, slots: int) -> None:
        self.usage.slots[collection] = max(self.usage.slots.get(collection, 1), slots)
        sources = list_sources(self.definitions[collection])
        if len(sources) == 1 and sources[0] in self.definitions:
            self.need_slots(sources[0], slots)

    def _count_slots(self, node: Node) -> None:
        for part in self.binding.walk(node):
            if isinstance(part, Item) and isinstance(part.owner, Collection):
                self.need_slots(part.owner.name, part.index + 1)
            if isinstance(part, Pairs | Slice):
                for root in self.binding.find_sources(part):
                    self.need_slots(root, max(2, part.stop if isinstance(part, Slice) else 2))

    def finish(self, outputs: set[str]) -> None:
        """Put what was found into document order; top-level overlap removal between used collections stays."""
        usage, criteria = self.usage, self.checked.criteria
        steps = [s for s in criteria.overlap if s.status != "rejected"]
        while True:  # a step that is used may bring in the collection that another step removes from
            used = [s for s in steps if s.remove in self.collections]
            if len(used) == len(usage.overlap) + sum(_name_step(s) in usage.missing for s in used):
                break
            for step in used:
                if step not in usage.overlap and _name_step(step) not in usage.missing:
                    self._add_removal(step.remove, step.near, _name_step(step))
            usage.overlap = [s for s in used if _name_step(s) not in usage.missing]
        usage.collections = [o.name for o in criteria.objects if o.name in self.collections]
        usage.candidates = [c.name for c in criteria.candidates if c.name in self.candidates]
        named = {n.name for n in self.nodes if type(n).__name__ == "Variable"}  # type: ignore[attr-defined]
        usage.variables = [v.name for v in criteria.variables if v.name in named | outputs]
        usage.tables = list(self.tables)
        usage.channel = find_channel(usage)
        for member in self.checked.scope.candidates[usage.channel].members if usage.channel else ():
            self.need(member, Column("flavour"))


def _name_step(step: OverlapStep) -> str:
    return f"{step.remove} near {step.near}"


def list_sources(definition: ObjectDefinition) -> tuple[str, ...]:
    """The names a collection is made of: base objects, or collections defined above."""
    if definition.union is not None:
        return definition.union
    return (definition.base,) if isinstance(definition.base, str) else definition.base or ()


def list_late(cuts: Sequence[CheckedCut]) -> list[CheckedCut]:
    """The cuts on objects that need other collections (`pt > 0.5 * leptons[0].pt`) or stand in words, and those joined
    with them."""
    late = [c for c in cuts if list_collections([c]) or isinstance(c.test, Worded)]
    groups = {c.cut.group for c in late if c.cut.group is not None}
    return [c for c in cuts if c in late or c.cut.group in groups]


def find_channel(usage: Usage) -> str | None:
    """The candidate made of most charged leptons, the last one of equals; None when there is none."""
    best: str | None = None
    scope = usage.binding.checked.scope
    for name in usage.candidates:
        made = scope.candidates[name]
        bases = {b for m in made.members for b in usage.binding.list_bases(m)}
        if bases <= {"electron", "muon", "tau"} and not made.composites:
            best = name if best is None or made.size >= scope.candidates[best].size else best
    return best
