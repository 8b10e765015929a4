"""The candidates of one event: leading objects, the best pairs, assignments, and sums of these."""

import math
from itertools import combinations, permutations, product

from codegen.witness.event_collections import EventCollections
from codegen.witness.objects import Composite, Ref, Thing, compose
from codegen.witness.objects import add as add_momenta
from codegen.witness.values import match_flag
from schemas.checked_candidate import CheckedCandidate
from schemas.expressions import nodes as n


class EventCandidates(EventCollections):
    """Chooses the candidates of one event when they are asked for."""

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
