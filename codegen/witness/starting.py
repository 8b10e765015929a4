"""Events to start from: those that pass a region, and those that a goal's comparison is left to decide."""

from collections.abc import Sequence

from codegen.witness.crossing import Crosser
from codegen.witness.distance import Sides, find_shortfall
from codegen.witness.evaluate import Look
from codegen.witness.goals import Goal, find_piece
from codegen.witness.stored import Event
from codegen.witness.values import Entry
from schemas.expressions import nodes as n

SEEDS = 4
ENOUGH = 60


class Starter(Crosser):
    """Finds events to start from."""

    def prepare(self) -> None:
        """Find events that pass each region, and many that are like them."""
        self.climber.stock_up()
        for region in self.interpreter.regions:
            self.seeds[region.name] = self._find_seeds(region.name)
        for seeds in self.seeds.values():
            for seed in seeds:
                self.pool.append(seed)
                for _ in range(25):
                    event = seed
                    for _ in range(self.maker.random.randint(1, 3)):
                        event = self.maker.change(event)
                    self.pool.append(event)
        self.pool += [self.maker.make_event(0, 4) for _ in range(60)]
        for event in (*(e for seeds in self.seeds.values() for e in seeds), *self.pool):
            self.seen[id(event)] = self.observe(event)

    def _find_seeds(self, region: str) -> list[Event]:
        parent = next(r.parent for r in self.interpreter.regions if r.name == region)
        starts = self.seeds.get(parent or "", [])
        found = self.climber.find_events(lambda look: self.climber.miss_region(look, region), SEEDS, starts)
        if not found:
            miss = lambda look: self.climber.miss_region(look, region, slack=0.0)  # noqa: E731
            found = self.climber.find_events(miss, SEEDS, starts)
        return [e for e in found if self.is_steady(e)]

    def _list_usable(self, goal: Goal, events: Sequence[Event]) -> list[tuple[float, Event, Entry]]:
        """Events that the goal's comparison decides alone, with how far its numbers are apart."""
        usable: list[tuple[float, Event, Entry]] = []
        for event in (*(self.seeds.get(goal.owner, []) if goal.kind == "region" else []), *events):
            for entry in self._list_decided(goal, event):
                state = self.find_state(goal, event, entry)
                gaps = [abs(a - b) / max(abs(b), 1e-3) for a, b in state[1].pairs] if state is not None else []
                usable.append((min((g for g in gaps if g == g), default=1.0), event, entry))
            if len(usable) >= ENOUGH:
                break
        return usable

    def _climb(self, goal: Goal, strict: bool) -> list[Event]:
        """Events in which the goal's comparison is left to decide, and is near to doing so."""
        if goal.kind == "region":
            return self._climb_region(goal)
        if not strict:
            return self._climb_anywhere(goal)
        found: list[Event] = []
        for region in self.interpreter.regions:
            if not self.seeds.get(region.name):
                continue

            def objective(look: Look, region: str = region.name) -> float:
                miss = self.climber.miss_region(look, region, slack=0.01)
                single = look.finish().single if miss < 1 else {}
                gaps = [self._find_gap(goal, look, entry) for entry in single if entry[0] == goal.item]
                return miss + min((max(g - 0.1, 0.0) for g in gaps), default=5.0)

            found += self.climber.find_events(objective, 3, self.seeds[region.name], climbs=1, steps=400)
            if len(found) >= 3:
                break
        return found

    def _climb_anywhere(self, goal: Goal) -> list[Event]:
        """Events that an object near the threshold decides at any step."""

        def objective(look: Look) -> float:
            single = look.finish().single
            gaps = [
                max(self._find_gap(goal, look, entry) - 0.1, 0.0) + (not self._is_sensitive(look.event, entry))
                for entry in single
                if entry[0] == goal.item
            ]
            return min(gaps, default=7.0)

        return self.climber.find_events(objective, 6, climbs=2, steps=400)

    def _climb_region(self, goal: Goal) -> list[Event]:
        cut, atom = goal.cut, goal.atom
        if cut is None or atom is None:
            return []
        step = cut.cut.group or cut.cut.id
        siblings = [
            c for name, cuts in self.interpreter.steps[goal.owner] if name == step for c in cuts if c is not cut
        ]  # fmt: skip

        def objective(look: Look) -> float:
            total = self.climber.miss_region(look, goal.owner, step, slack=0.01)
            total += sum(find_shortfall(look, c, False, {}) for c in siblings)
            on, off = (find_shortfall(look, cut, True, {id(atom): v}) for v in (True, False))
            reverse = find_shortfall(look, cut, False, {id(atom): False})
            forward = find_shortfall(look, cut, False, {id(atom): True})
            total += min(on + reverse, off + forward)
            if goal.piece is not None:
                total += min(find_piece(look, goal.piece), default=10.0)
            if total < 1 and isinstance(atom, n.Comparison):
                gaps = [abs(a - b) / max(abs(a), abs(b), 1e-3) for a, b in Sides(look, atom).pairs]
                total += min((max(g - 0.2, 0.0) for g in gaps if g == g), default=0.0)
            return total

        return self.climber.find_events(objective, 3, self.seeds.get(goal.owner, []), climbs=2, steps=500)

    def _find_gap(self, goal: Goal, look: Look, entry: Entry) -> float:
        """How far apart the compared numbers are for one object, relative to the threshold."""
        if goal.atom is None or not isinstance(goal.atom, n.Comparison):
            return 0.0
        outer = look.this, look.trials
        pairs = Sides(look, goal.atom).pairs if self._bind(goal, look, entry) else []
        look.this, look.trials = outer
        return min((abs(a - b) / max(abs(b), abs(a) / 10, 1e-3) for a, b in pairs if a - b == a - b), default=5.0)
