"""The meaning of criteria, one event at a time, in plain Python: the last step an event passes in each region.

Written from the rules of the criteria alone, so that it can be held against compiled code. Numbers that are missing
are NaN, conditions that are missing None. A list stands for one value per member of an axis; the members of a candidate
that does not exist are ABSENT, which is missing itself.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import combinations, permutations, product
from typing import Final, Literal, NamedTuple, TypeVar

from codegen.witness.objects import Composite, Ref, Thing, compose, find_distance, measure, wrap
from codegen.witness.objects import add as add_momenta
from codegen.witness.stored import (
    NAN,
    STILL,
    Event,
    ProfileReader,
    Shake,
    Truth,
    apply_function,
    calculate,
    compare,
    join_and,
    join_or,
)
from schemas.checked_candidate import CheckedCandidate
from schemas.checked_cut import CheckedCut
from schemas.criteria import ObjectDefinition, Region
from schemas.errors import CriteriaError
from schemas.expressions import nodes as n
from schemas.fields import BASES
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, name_part

Absent = Literal["absent"]
ABSENT: Final = "absent"
Numbers = float | list[float] | Absent
Truths = Truth | list[Truth] | Absent
Object = Thing | Composite | None
Objects = Object | list[Object] | Absent
Entry = tuple[str, tuple[Ref, ...]]  # a cut or an overlap removal, and the stored objects that it is about
A = TypeVar("A")
R = TypeVar("R")


class Outcome(NamedTuple):
    """What became of one event: the last step passed in each region (-1: never in it), the truth of every region cut,
    and of every cut and overlap removal on single objects and combinations (true: it stays). `outputs` are the stored
    variables of an event that passes a region."""

    last: dict[str, int]
    passed: dict[str, bool]
    single: dict[Entry, bool]
    outputs: dict[str, float]

    @property
    def signature(self) -> tuple[int, ...]:
        """The last steps, in the order of the regions."""
        return tuple(self.last.values())


class Interpreter:
    """Criteria and a profile, ready to look at events.

    `missing` names what the format cannot evaluate, `used` the collections that the regions depend on (None: all).
    """

    def __init__(
        self,
        checked: CheckedCriteria,
        profile: Profile,
        missing: Collection[str] = (),
        used: Collection[str] | None = None,
    ) -> None:
        self.used = frozenset(checked.objects if used is None else used)
        self.checked, self.profile, self.missing = checked, profile, frozenset(missing)
        self.readers: dict[tuple[float, int], ProfileReader] = {}
        criteria = checked.criteria
        self.definitions = {o.name: o for o in criteria.objects}
        self.overlap = [
            s for s in criteria.overlap if s.status != "rejected" and f"{s.remove} near {s.near}" not in self.missing
        ]
        self.touched = {name for s in self.overlap for name in (s.remove, s.near)}
        self.owners = {p: name for name, c in checked.candidates.items() for p in c.candidate.pairing or ()}
        self.outputs = [name for name in criteria.outputs if name not in self.missing]
        self.regions = order_regions(criteria.regions)
        self.steps = {r.name: self._list_steps(checked.regions[r.name]) for r in criteria.regions}
        self.object_cuts = {name: self._group(cuts) for name, cuts in checked.objects.items()}
        self.select_cuts = {name: self._group(c.select) for name, c in checked.candidates.items()}

    def run(
        self,
        event: Event,
        force: Mapping[Entry, bool] | None = None,
        shake: Shake = STILL,
        brief: bool = False,
    ) -> Outcome:
        """What becomes of an event. `force` overrides the outcome of single entries; `brief` leaves out cuts that no
        longer matter."""
        return Look(self, event, force or {}, shake).finish(brief)

    def look(
        self,
        event: Event,
        force: Mapping[Entry, bool] | None = None,
        shake: Shake = STILL,
        atoms: Mapping[int, bool] | None = None,
    ) -> "Look":
        """An event under examination: any expression can be evaluated on it. `atoms` (by the id of a node) are
        conditions that are taken for true or false."""
        return Look(self, event, force or {}, shake, atoms or {})

    def read_profile(self, shake: Shake) -> ProfileReader:
        """The profile as functions, with these errors of computation."""
        key = (shake.size, shake.seed)
        if key not in self.readers:
            self.readers[key] = ProfileReader(self.profile, shake)
        return self.readers[key]

    def list_chain(self, region: str) -> list[str]:
        """A region and its parents, the outermost first."""
        parents = {r.name: r.parent for r in self.regions}
        chain = [region]
        while (parent := parents[chain[0]]) is not None:
            chain.insert(0, parent)
        return chain

    def _group(self, cuts: Sequence[CheckedCut]) -> list[list[CheckedCut]]:
        """Cuts that the format can evaluate; those joined by "or" together, where the first one stands."""
        ordered: list[list[CheckedCut]] = []
        for cut in cuts:
            if cut.cut.id in self.missing:
                continue
            same = next((g for g in ordered if cut.cut.group is not None and g[0].cut.group == cut.cut.group), None)
            if same is None:
                ordered.append([cut])
            else:
                same.append(cut)
        return ordered

    def _list_steps(self, cuts: Sequence[CheckedCut]) -> list[tuple[str, list[CheckedCut]]]:
        """Name and cuts of every step of a region; no cuts where the format can evaluate none of them."""
        steps: dict[str, list[CheckedCut]] = {}
        for cut in cuts:
            known = steps.setdefault(cut.cut.group or cut.cut.id, [])
            if cut.cut.id not in self.missing:
                known.append(cut)
        return list(steps.items())


class Look:
    """One event under examination. Collections, candidates and variables are made when they are asked for."""

    def __init__(
        self,
        of: Interpreter,
        event: Event,
        force: Mapping[Entry, bool],
        shake: Shake,
        atoms: Mapping[int, bool] | None = None,
    ) -> None:
        self.of, self.event, self.force, self.shake, self.atoms = of, event, force, shake, atoms or {}
        self.profile = of.read_profile(shake)
        self.single: dict[Entry, bool] = {}
        self.passed: dict[str, bool] = {}
        self.things: dict[str, list[Thing]] = {}
        self.state: dict[str, str] = {}
        self.candidates: dict[str, Composite | None] = {}
        self.composites: dict[str, list[Composite] | None] = {}
        self.variables: dict[str, Numbers] = {}
        self.this: Thing | None = None
        self.trials: dict[str, Composite] = {}
        self.removed = False

    def finish(self, brief: bool = False) -> Outcome:
        """The last step of every region; briefly, without the cuts that come after the first one that fails."""
        last: dict[str, int] = {}
        alive: dict[str, bool] = {}
        for region in self.of.regions:
            inside = region.parent is None or alive[region.parent]
            position = 0 if inside else -1
            going = inside
            for number, (name, cuts) in enumerate(self.of.steps[region.name], start=1):
                if brief and not going:
                    break
                for cut in cuts:
                    self.passed[cut.cut.id] = self.decide(cut)
                ok = not cuts or any(self.passed[c.cut.id] for c in cuts)
                ok = self.force.get((f"{region.name}/{name}", ()), ok)
                going = going and ok
                position = number if going else position
            last[region.name], alive[region.name] = position, going
        outputs: dict[str, float] = {}
        for name in self.of.outputs if any(alive.values()) else ():
            value = self.number(self.of.checked.variables[name])
            outputs[name] = value if isinstance(value, float) else NAN
        return Outcome(last, self.passed, self.single, outputs)

    # ------------------------------------------------------------------ cuts

    def decide(self, cut: CheckedCut, entry: Entry | None = None) -> bool:
        """Whether a cut is passed: surely true, for all or for any of the values; a false condition lets pass."""
        entry = entry or (cut.cut.id, ())
        if entry in self.force:
            return self.force[entry]
        test: Truths = self.truth(cut.test)
        if cut.condition is not None:
            test = lift(_apply_condition, self.truth(cut.condition), test)
        if isinstance(test, list):
            sure = [t is True for t in test]
            return any(sure) if cut.cut.quantifier == "any" else all(sure)
        return test is True

    def _pass_object(self, collection: str, thing: Thing) -> bool:
        """Whether an object passes all cuts of its collection; every single outcome is taken down."""
        outer, self.this = self.this, thing
        passed = True
        for cuts in self.of.object_cuts[collection]:
            each = []
            for cut in cuts:
                entry = (cut.cut.id, (thing.ref,))
                self.single[entry] = self.decide(cut, entry)
                each.append(self.single[entry])
            passed = passed and any(each)
        self.this = outer
        return passed

    # ------------------------------------------------------------------ collections

    def collection(self, name: str) -> list[Thing]:
        """A collection as finally defined, by descending pT."""
        self._make(name)
        if name in self.of.touched:
            self._remove_all()
        return self.things[name]

    def _make(self, name: str) -> None:
        """A collection after its own cuts and its own overlap removal."""
        if self.state.get(name) == "made":
            return
        if self.state.get(name) == "making":
            raise CriteriaError(f"object '{name}': expected no circle of unions and overlap removals")
        self.state[name] = "making"
        definition = self.of.definitions[name]
        sources = list_sources(definition)
        parts = [self.list_base(name, s) if s in BASES else list(self.collection(s)) for s in sources]
        if all(s in BASES for s in sources):
            parts = [[t for t in part if self._pass_object(name, t)] for part in parts]
            merged = order_by_pt([t for part in parts for t in order_by_pt(part)])
        else:
            merged = order_by_pt([t for part in parts for t in part]) if len(parts) > 1 else parts[0]
            merged = [t.within(name) for t in merged]
            merged = [t for t in merged if self._pass_object(name, t)]
        for removal in definition.remove_overlap:
            label = f"{name} near {removal.with_}"
            if removal.status != "rejected" and label not in self.of.missing:
                merged = self._stay_away(label, merged, self.collection(removal.with_), removal.deltaR)
        self.things[name] = merged
        self.state[name] = "made"

    def list_base(self, name: str, base: str) -> list[Thing]:
        """Stored objects of one kind, in file order."""
        reader = self.profile.bases.get(base)
        if reader is None:
            return []
        parts = frozenset((name, name_part(base)))
        rows = enumerate(self.event.stored.get(reader.prefix, ()))
        return [
            Thing(reader, (reader.prefix, k), row, self.event, self.shake, parts)
            for k, row in rows
            if reader.selector is None or reader.selector(row, self.event) is True
        ]

    def _remove_all(self) -> None:
        """The ordered overlap removal, once: each line uses what the lines before it have left."""
        if self.removed:
            return
        self.removed = True
        for step in self.of.overlap:
            self._make(step.remove)
            self._make(step.near)
        for step in self.of.overlap:
            label = f"{step.remove} near {step.near}"
            self.things[step.remove] = self._stay_away(
                label, self.things[step.remove], self.things[step.near], step.deltaR
            )

    def _stay_away(self, label: str, things: list[Thing], others: list[Thing], radius: float) -> list[Thing]:
        kept = []
        for thing in things:
            entry = (label, (thing.ref,))
            distances = [
                find_distance(thing.field("eta") - o.field("eta"), thing.field("phi") - o.field("phi")) for o in others
            ]
            self.single[entry] = self.force.get(entry, not any(d < radius for d in distances))
            if self.single[entry]:
                kept.append(thing)
        return kept

    def find_thing(self, collection: str, ref: Ref) -> Thing | None:
        """A stored object as the cuts of a collection see it, whether it passes them or not."""
        sources = list_sources(self.of.definitions[collection])
        for source in sources:
            things = self.list_base(collection, source) if source in BASES else self.collection(source)
            for thing in things:
                if thing.ref == ref:
                    return thing
        return None

    def find_trials(self, name: str, refs: tuple[Ref, ...]) -> dict[str, Composite]:
        """The combination under test that consists of these objects, by the names of a choice."""
        made = self.of.checked.candidates[name]
        if made.source is None:
            return {}
        members = {m[2].ref: m for m in self._number(made.source)}
        if any(ref not in members for ref in refs):
            return {}
        pairs = [compose([members[a], members[b]]) for a, b in zip(refs[::2], refs[1::2], strict=True)]
        return dict(zip(made.candidate.pairing or (name,), pairs, strict=True))

    # ------------------------------------------------------------------ candidates

    def candidate(self, name: str) -> Composite | None:
        """The chosen composite, None where no combination qualifies."""
        if name not in self.candidates:
            self._choose(self.of.checked.candidates[self.of.owners.get(name, name)])
        return self.candidates[name]

    def _choose(self, made: CheckedCandidate) -> None:
        candidate = made.candidate
        name = candidate.name
        if candidate.sum is not None:
            parts = [self.candidate(p) for p in candidate.sum]
            whole = [p for p in parts if p is not None]
            if len(whole) < len(parts):
                self.candidates[name] = None
                return
            four, charge = add_momenta([p.four for p in whole]), sum(p.charge for p in whole)
            self.candidates[name] = Composite(tuple(m for p in whole for m in p.members), four, charge, {})
        elif candidate.leading is not None:
            assert made.source is not None
            free = [m for m in self._number(made.source) if m[2].ref not in self._list_excluded(made)]
            enough = len(free) >= (candidate.n or 1)
            self.candidates[name] = compose(free[: candidate.n]) if enough else None
        elif candidate.assign is not None:
            self._assign(made)
        else:
            self._pair(made)

    def _number(self, source: n.Node) -> list[tuple[str, int, Thing]]:
        """The members of a collection, or of its first few, with the collection and their place in it."""
        stop = source.stop if isinstance(source, n.Slice) else None
        root = source.owner if isinstance(source, n.Slice) else source
        assert isinstance(root, n.Collection)
        return [(root.name, k, thing) for k, thing in enumerate(self.collection(root.name)[:stop])]

    def _list_excluded(self, made: CheckedCandidate) -> set[Ref]:
        chosen: list[Composite | None] = []
        for name in made.candidate.exclude:
            several = self.of.checked.scope.candidates[name].composites
            chosen += self.assigned(name) or () if several else (self.candidate(name),)
        return {ref for c in chosen if c is not None for ref in c.refs}

    def _pair(self, made: CheckedCandidate) -> None:
        """The best pair, or the best pairs chosen together; equal scores: first in lexicographic order."""
        candidate = made.candidate
        names = candidate.pairing or (candidate.name,)
        assert made.source is not None
        members, excluded = self._number(made.source), self._list_excluded(made)
        flags = [f for f in candidate.require if isinstance(f, str)]
        pairs = [
            (i, j)
            for i, j in combinations(range(len(members)), 2)
            if members[i][2].ref not in excluded and members[j][2].ref not in excluded
            and all(match_flag(f, members[i][2], members[j][2]) for f in flags)
        ]  # fmt: skip
        built = {pair: compose([members[pair[0]], members[pair[1]]]) for pair in pairs}
        best: tuple[tuple[float, ...], tuple[Composite, ...]] | None = None
        for way in permutations(pairs, len(names)):
            if len({k for pair in way for k in pair}) < 2 * len(names):
                continue
            chosen = tuple(built[pair] for pair in way)
            scores = self._score(made, dict(zip(names, chosen, strict=True)))
            if scores is not None and (best is None or scores < best[0]):
                best = scores, chosen
        for k, name in enumerate(names):
            self.candidates[name] = best[1][k] if best is not None else None
        if candidate.pairing is not None:
            whole = [m for c in best[1] for m in c.members] if best is not None else []
            self.candidates[candidate.name] = compose(whole) if best is not None else None

    def _score(self, made: CheckedCandidate, trials: dict[str, Composite]) -> tuple[float, ...] | None:
        """What decides between combinations; None for one that does not qualify, or whose score is missing."""
        outer, self.trials = self.trials, trials
        refs = tuple(ref for c in trials.values() for ref in c.refs)
        ok = True
        for cuts in self.of.select_cuts[made.candidate.name]:
            each = []
            for cut in cuts:
                entry = (cut.cut.id, refs)
                self.single[entry] = self.decide(cut, entry)
                each.append(self.single[entry])
            ok = ok and any(each)
        scores = [self.number(s) for s in made.scores] if ok else []
        self.trials = outer
        known = tuple(s for s in scores if isinstance(s, float) and math.isfinite(s))
        return known if ok and len(known) == len(made.scores) else None

    def _assign(self, made: CheckedCandidate) -> None:
        """One object of each role for every composite; composite k has object k of the first role."""
        name = made.candidate.name
        roles = {role: self._number(source) for role, source in made.roles.items()}
        count = next(iter(made.roles.values())).stop
        excluded = self._list_excluded(made)
        allowed = all(len(members) >= count for members in roles.values())
        allowed = allowed and not any(m[2].ref in excluded for members in roles.values() for m in members)
        for requirement in made.candidate.require:
            for flag, role in requirement.items() if not isinstance(requirement, str) else ():
                allowed = allowed and all(match_flag(flag, a[2], b[2]) for a, b in combinations(roles[role][:count], 2))
        best: tuple[tuple[float, ...], list[Composite]] | None = None
        first, *others = roles
        for way in product(permutations(range(count)), repeat=len(others)) if allowed else ():
            dealt = []
            for k in range(count):
                members = {first: roles[first][k]}
                members.update({role: roles[role][order[k]] for role, order in zip(others, way, strict=True)})
                dealt.append(compose(list(members.values()), {r: m[2] for r, m in members.items()}))
            self.composites[name] = dealt
            scores = self._score(made, {f"{name}[{k}]": c for k, c in enumerate(dealt)})
            if scores is not None and (best is None or scores < best[0]):
                best = scores, dealt
        self.composites[name] = best[1] if best is not None else None
        self.candidates[name] = None

    def assigned(self, name: str) -> list[Composite] | None:
        """The chosen composites of an assignment, None where no way qualifies."""
        if name not in self.composites:
            self._assign(self.of.checked.candidates[name])
        return self.composites[name]

    # ------------------------------------------------------------------ objects in expressions

    def objects(self, node: n.Node) -> Objects:
        """The object, or the list of objects, that a node stands for."""
        match node:
            case n.This():
                return self.this
            case n.Collection():
                return list(self.collection(node.name))
            case n.Candidate():
                return self.candidate(node.name)
            case n.Composites():
                found = self.assigned(node.name)
                return ABSENT if found is None else list(found)
            case n.Trial():
                return self.trials[node.name]
            case n.Members():
                return self._members(node)
            case n.Item():
                listed = self.objects(node.owner)
                return listed[node.index] if isinstance(listed, list) and node.index < len(listed) else None
            case n.Slice():
                listed = self.objects(node.owner)
                return listed[: node.stop] if isinstance(listed, list) else listed
            case n.Role():
                return lift(lambda c: c.roles.get(node.role) if isinstance(c, Composite) else None,
                             self.objects(node.owner))  # fmt: skip
            case n.Pairs():
                return self._pairs(node)
        raise CriteriaError(f"expected an object, found {type(node).__name__.lower()}")

    def _members(self, node: n.Members) -> Objects:
        assert isinstance(node.owner, n.Candidate)
        owner = self.candidate(node.owner.name)
        if owner is None:
            return ABSENT
        whole = node.part in self.of.checked.scope.candidates[node.owner.name].members
        members = [m for m in owner.members if (m[0] == node.part if whole else node.part in m[2].parts)]
        return [m[2] for m in sorted(members, key=lambda m: (m[0], m[1]))]

    def _pairs(self, node: n.Pairs) -> Objects:
        listed = self.objects(node.owner)
        if not isinstance(listed, list):
            return ABSENT
        things = [t for t in listed if isinstance(t, Thing)]
        numbered = list(enumerate(things))
        return [
            compose([("", i, a), ("", j, b)])
            for (i, a), (j, b) in combinations(numbered, 2)
            if all(match_flag(f, a, b) for f in node.flags)
        ]

    # ------------------------------------------------------------------ numbers

    def number(self, node: n.Node) -> Numbers:
        """A number, or one per member of the node's axis."""
        match node:
            case n.Number() | n.Constant():
                return node.value
            case n.Variable():
                if node.name not in self.variables:
                    self.variables[node.name] = self.number(self.of.checked.variables[node.name])
                return self.variables[node.name]
            case n.Field():
                return self._field(node)
            case n.Arithmetic():
                sign = node.operator
                return lift(lambda a, b: calculate(sign, a, b), self.number(node.left), self.number(node.right))
            case n.Call():
                return self._call(node)
            case n.Negative():
                return lift(lambda x: -x, self.number(node.argument))
            case n.Power():
                exponent = node.exponent
                return lift(lambda x: math.prod([x] * exponent), self.number(node.base))
            case n.Interpolation():
                return lift(lambda x: interpolate(x, node.x, node.y, self.shake), self.number(node.argument))
            case n.EventField():
                return self._event_number(node.name)
        raise CriteriaError(f"expected a number, found {type(node).__name__.lower()}")

    def _event_number(self, name: str) -> float:
        read = self.profile.event_fields.get(name)
        return read(self.event.whole, self.event) if read is not None else NAN

    def _field(self, node: n.Field) -> Numbers:
        if isinstance(node.owner, n.EventObject):
            return self._event_number(f"{node.owner.name}.{node.name}")
        return lift(lambda o: self._measure_one(o, node.name), self.objects(node.owner))

    def _measure_one(self, one: Object, name: str) -> float:
        if one is None:
            return NAN
        if isinstance(one, Thing):
            return one.field(name)
        return one.charge if name == "charge" else measure(one.four, name, self.shake)

    def _call(self, node: n.Call) -> Numbers:
        name, arguments = node.function, node.arguments
        if name in ("abs", "sqrt", "sin", "cos", "sign"):
            exact = name in ("abs", "sqrt", "sign")
            return lift(
                lambda x: apply_function(name, x) if exact or x == 0 else self.shake.apply(apply_function(name, x), x),
                self.number(arguments[0]),
            )
        if name in ("mass", "pt", "eta", "phi", "energy", "rapidity", "charge"):
            if len(arguments) == 1:
                return lift(lambda o: self._measure_one(o, name), self.objects(arguments[0]))
            return lift(lambda *each: self._measure_sum(name, each), *(self.objects(a) for a in arguments))
        if name in ("deltaR", "deltaphi", "deltaeta"):
            return self._distance(name, arguments)
        if name == "count":
            return self._count(arguments[0])
        if len(arguments) > 1:
            pick = min if name == "min" else max
            return lift(lambda *x: NAN if any(v != v for v in x) else pick(x), *(self.number(a) for a in arguments))
        values = self.number(arguments[0])
        if not isinstance(values, list) or any(v != v for v in values):
            return NAN
        if name == "sum":
            return float(sum(values))
        return (min if name == "min" else max)(values) if values else NAN

    def _measure_sum(self, name: str, each: Sequence[Object]) -> float:
        known = [o.four for o in each if o is not None]
        return measure(add_momenta(known), name, self.shake) if len(known) == len(each) else NAN

    def _distance(self, name: str, arguments: Sequence[n.Node]) -> Numbers:
        if len(arguments) == 1:
            return lift(lambda c: self._between(name, c), self.objects(arguments[0]))
        first, second = arguments

        def between(axis: str) -> Numbers:
            return lift(calculate_difference, self._angle(first, axis), self._angle(second, axis))

        if name == "deltaeta":
            return between("eta")
        if name == "deltaphi":
            return lift(wrap, between("phi"))
        return lift(find_distance, between("eta"), between("phi"))

    def _between(self, name: str, pair: Object) -> float:
        if not isinstance(pair, Composite) or len(pair.members) != 2:
            return NAN
        a, b = (thing for _, _, thing in pair.members)
        d_eta, d_phi = a.field("eta") - b.field("eta"), a.field("phi") - b.field("phi")
        return {"deltaeta": d_eta, "deltaphi": wrap(d_phi)}.get(name, find_distance(d_eta, d_phi))

    def _angle(self, node: n.Node, axis: str) -> Numbers:
        if isinstance(node, n.EventObject):
            return self._event_number(f"{node.name}.{axis}")
        return lift(lambda o: self._measure_one(o, axis), self.objects(node))

    def _count(self, node: n.Node) -> Numbers:
        if isinstance(node, n.Candidate):
            return 0.0 if self.candidate(node.name) is None else 1.0
        if isinstance(node, n.Composites):
            return float(len(self.assigned(node.name) or ()))
        if node.type.kind == "boolean":
            truths = self.truth(node)
            return float(sum(t is True for t in truths)) if isinstance(truths, list) else NAN
        listed = self.objects(node)
        return float(len(listed)) if isinstance(listed, list) else NAN

    # ------------------------------------------------------------------ conditions

    def truth(self, node: n.Node) -> Truths:
        """A condition, or one per member of the node's axis."""
        if id(node) in self.atoms:
            return lift(lambda _: self.atoms[id(node)], self._find_truth(node))
        return self._find_truth(node)

    def _find_truth(self, node: n.Node) -> Truths:
        match node:
            case n.Comparison():
                if node.left.type.kind == node.right.type.kind == "label":
                    owners = [self.objects(s.owner) for s in (node.left, node.right) if isinstance(s, n.Field)]
                    return lift(lambda a, b: _compare_flavours(node.relation, a, b), *owners)
                relation = node.relation
                return lift(lambda a, b: compare(relation, a, b), self.number(node.left), self.number(node.right))
            case n.Logic():
                join = join_and if node.operator == "and" else join_or
                return lift(lambda *each: join(each), *(self.truth(a) for a in node.arguments))
            case n.Not():
                return lift(lambda t: None if t is None else not t, self.truth(node.argument))
            case n.LabelTest():
                return self._label(node)
            case n.Variable():
                return self.truth(self.of.checked.variables[node.name])
            case n.Call(function="any" | "all"):
                each = self.truth(node.arguments[0])
                if not isinstance(each, list):
                    return None
                return join_and(each) if node.function == "all" else join_or(each)
        raise CriteriaError(f"expected a condition, found {type(node).__name__.lower()}")

    def _label(self, node: n.LabelTest) -> Truths:
        if isinstance(node.field, n.EventField):
            return self.profile.reach(self.event, node.field.name, node.relation, node.label)
        assert isinstance(node.field, n.Field)
        name = node.field.name

        def test(one: Object) -> Truth:
            if not isinstance(one, Thing):
                return None
            if name == "flavour":
                return (one.reader.base == node.label) == (node.relation == "==")
            return one.reader.reach(one.row, one.event, name, node.relation, node.label)

        return lift(test, self.objects(node.field.owner))


def calculate_difference(a: float, b: float) -> float:
    """a - b."""
    return a - b


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float], shake: Shake) -> float:
    """Linear between the points, constant outside."""
    if x != x:
        return NAN
    if x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    k = next(i for i in range(1, len(xs)) if x <= xs[i])
    if x == xs[k]:
        return ys[k]
    return shake.apply(ys[k - 1] + (x - xs[k - 1]) * (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1]), x)


def match_flag(flag: str, a: Thing, b: Thing) -> bool:
    """Whether two objects have the same or opposite flavour or charge."""
    if flag.endswith("flavour"):
        return (a.reader.base == b.reader.base) == (flag == "same_flavour")
    charges = a.field("charge") * b.field("charge")
    return charges > 0 if flag == "same_charge" else charges < 0


def order_by_pt(things: list[Thing]) -> list[Thing]:
    """By descending pT; ties keep their order, a missing pT comes last."""

    def key(thing: Thing) -> float:
        pt = thing.field("pt") if "pt" in thing.reader.fields else 0.0
        return -pt if pt == pt else math.inf

    return sorted(things, key=key)


def list_sources(definition: ObjectDefinition) -> tuple[str, ...]:
    """The names a collection is made of."""
    if definition.union is not None:
        return definition.union
    return (definition.base,) if isinstance(definition.base, str) else definition.base or ()


def order_regions(regions: Sequence[Region]) -> list[Region]:
    """Parents before their children, else in document order."""
    ordered: list[Region] = []
    while len(ordered) < len(regions):
        done = {r.name for r in ordered}
        ordered += [r for r in regions if r.name not in done and (r.parent is None or r.parent in done)][:1]
    return ordered


def _apply_condition(condition: Truth, test: Truth) -> Truth:
    return True if condition is False else None if condition is None else test


def _compare_flavours(relation: str, a: Object, b: Object) -> Truth:
    if not isinstance(a, Thing) or not isinstance(b, Thing):
        return None
    return (a.reader.base == b.reader.base) == (relation == "==")


def lift(function: Callable[..., R], *values: A | list[A] | Absent) -> R | list[R] | Absent:
    """The function of the values, member by member where a value is a list."""
    if len(values) == 1:  # by far the most calls
        (only,) = values
        if isinstance(only, list):
            return [function(v) for v in only]
        return ABSENT if isinstance(only, str) else function(only)
    length = -1
    for value in values:
        if isinstance(value, str):
            return ABSENT
        if isinstance(value, list) and length < 0:
            length = len(value)
    if length < 0:
        return function(*values)
    return [function(*(v[k] if isinstance(v, list) else v for v in values)) for k in range(length)]
