"""Witness events: for every goal two events, one just inside and one just outside, that differ in nothing else."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from codegen.witness.climbing import Climber
from codegen.witness.distance import Sides, find_shortfall, is_exact
from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.goals import UNUSED, Goal, find_piece, list_goals
from codegen.witness.layout import Layout
from codegen.witness.making import USUAL_MASSES, Maker
from codegen.witness.objects import Ref, find_distance
from codegen.witness.sharing import ALL, run_alike, share_choices
from codegen.witness.stored import Event, Shake
from codegen.witness.values import Entry
from schemas.expressions import nodes as n

CLOSE = 1e-4  # how far from a threshold, relative to it, the values inside and outside are
SHAKES = (Shake(1e-5, 1), Shake(1e-5, 2))
STRIDES = tuple(s * 10**e for e in (-3, -2, -1, 0) for s in (1.0, 2.0, 4.0))
CANDIDATES = 8  # events that a line search starts from
SEEDS = 4
DISCRETE = 120
JUMPS = 6
ENOUGH = 60
MOST_LOOKS = 25_000  # events that are looked at for one goal before it is given up

Line = Callable[[float], Event]
Tell = Callable[[str], None]  # hears in words what is being done


class Pair(NamedTuple):
    """Two events between which one comparison of one cut flips: `inside` passes the cut."""

    inside: Event
    outside: Event
    entry: Entry


class Witness(NamedTuple):
    """An event, what it is for, and in words what it shows."""

    event: Event
    item: str
    shows: str
    values: str


class Found(NamedTuple):
    """All that was found, and the goals for which nothing was, with the reason."""

    witnesses: list[Witness]
    unreached: list[tuple[Goal, str]]


class Searcher:
    """Searches witnesses for the criteria of one interpreter in one format."""

    def __init__(self, interpreter: Interpreter, layout: Layout, seed: int = 1) -> None:
        self.interpreter, self.layout = interpreter, layout
        self.maker = Maker(layout, interpreter.checked, seed)
        self.climber = Climber(interpreter, self.maker)
        self.seeds: dict[str, list[Event]] = {}
        self.pool: list[Event] = []
        self.seen: dict[int, tuple[Look, Outcome]] = {}  # of the pool, by the identity of events
        self.recent: tuple[Look, Outcome] | None = None

    # ------------------------------------------------------------------ events to start from

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

    def observe(self, event: Event) -> tuple[Look, Outcome]:
        """An event under examination, finished; events of the pool are looked at once."""
        known = self.seen.get(id(event)) or self.recent
        if known is not None and known[0].event is event:
            return known
        look = self.interpreter.look(event)
        self.recent = look, look.finish()
        self.climber.tries += 1
        return self.recent

    def _find_seeds(self, region: str) -> list[Event]:
        parent = next(r.parent for r in self.interpreter.regions if r.name == region)
        starts = self.seeds.get(parent or "", [])
        found = self.climber.find_events(lambda look: self.climber.miss_region(look, region), SEEDS, starts)
        if not found:
            miss = lambda look: self.climber.miss_region(look, region, slack=0.0)  # noqa: E731
            found = self.climber.find_events(miss, SEEDS, starts)
        return [e for e in found if self.is_steady(e)]

    # ------------------------------------------------------------------ all goals

    def find_all(self, tell: Tell) -> Found:
        """Witnesses of every goal; `tell` hears what is searched."""
        found = Found([], [])
        if not self.pool:
            tell("events that pass every region")
            self.prepare()
        goals = list(list_goals(self.interpreter))
        for k, goal in enumerate(goals, start=1):
            tell(f"{goal.item}, {k} of {len(goals)}")
            if goal.kind in ("object", "overlap") and goal.owner not in self.interpreter.used:
                found.unreached.append((goal, UNUSED))
                continue
            self.climber.limit = self.climber.tries + MOST_LOOKS
            pair = self._reach(goal)
            given_up, self.climber.limit = self.climber.is_spent, math.inf
            if pair is None and given_up:
                reason = f"given up after {MOST_LOOKS} events: none was found on which it alone decides"
                found.unreached.append((goal, reason))
                continue
            if pair is None:
                found.unreached.append((goal, self._explain(goal)))
                continue
            found.witnesses.extend(self._describe(goal, pair))
        return found

    def _explain(self, goal: Goal) -> str:
        if goal.kind == "region" and not self.seeds.get(goal.owner):
            return f"no event was found that passes region {goal.owner}"
        return "no event was found on which it alone decides"

    def _describe(self, goal: Goal, pair: Pair) -> Iterator[Witness]:
        special = f" ({goal.words})" if goal.words else ""
        yield Witness(pair.inside, goal.item, f"just inside{special}", self._list_values(goal, pair.inside, pair.entry))
        yield Witness(
            pair.outside, goal.item, f"just outside{special}", self._list_values(goal, pair.outside, pair.entry)
        )
        if isinstance(goal.atom, n.Comparison) and goal.atom.relation in ("<", "<=", ">", ">="):
            exact = self._find_exact(goal, pair)
            if exact is not None:
                yield Witness(exact, goal.item, f"exactly at{special}", self._list_values(goal, exact, pair.entry))

    # ------------------------------------------------------------------ one goal

    def _reach(self, goal: Goal) -> Pair | None:
        """Two events for a goal: between which it alone flips, or, where what comes later depends on it, everything
        that comes before stays."""
        for strict in (True, False):
            for events in (self.pool, None):
                listed = self._list_usable(goal, self._climb(goal, strict) if events is None else events)
                listed.sort(key=lambda found: found[0])
                for _, event, entry in listed[:CANDIDATES]:
                    if self.climber.is_spent:
                        return None
                    pair = self._cross(goal, event, entry, strict)
                    if pair is not None:
                        return pair
                for _, event, entry in listed[:JUMPS] if not strict or self._is_discrete(goal) else ():
                    pair = self._jump(goal, event, entry, strict)
                    if pair is not None:
                        return pair
        return None

    def _is_discrete(self, goal: Goal) -> bool:
        """Whether the goal's comparison is about words or counts."""
        if not isinstance(goal.atom, n.Comparison) or goal.atom.left.type.kind == "label":
            return goal.atom is not None
        parts = [p for p in self.walk(goal.atom) if isinstance(p, n.Call | n.Field)]
        return any(isinstance(p, n.Call) and p.function == "count" for p in parts) or any(
            isinstance(p, n.Field) and p.name == "charge" for p in parts
        )

    def walk(self, node: n.Node) -> Iterator[n.Node]:
        """All parts of an expression, through the variables that it names."""
        for part in node.walk():
            yield part
            if isinstance(part, n.Variable):
                yield from self.walk(self.interpreter.checked.variables[part.name])

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

    def _find_gap(self, goal: Goal, look: Look, entry: Entry) -> float:
        """How far apart the compared numbers are for one object, relative to the threshold."""
        if goal.atom is None or not isinstance(goal.atom, n.Comparison):
            return 0.0
        outer = look.this, look.trials
        pairs = Sides(look, goal.atom).pairs if self._bind(goal, look, entry) else []
        look.this, look.trials = outer
        return min((abs(a - b) / max(abs(b), abs(a) / 10, 1e-3) for a, b in pairs if a - b == a - b), default=5.0)

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

    def _list_decided(self, goal: Goal, event: Event) -> list[Entry]:
        """The outcomes of the goal's cut that decide the event by the goal's comparison alone."""
        found = []
        for entry in goal.list_entries(self.observe(event)[1].single):
            if goal.atom is not None:
                outcomes = [self._read(goal, event, entry, {id(goal.atom): v}) for v in (True, False)]
                if outcomes[0] == outcomes[1]:
                    continue
            if goal.piece is not None and min(self._find_piece(goal, event, entry), default=1.0) > 0:
                continue
            if self._is_sensitive(event, entry):
                found.append(entry)
        return found

    def _find_piece(self, goal: Goal, event: Event, entry: Entry) -> list[float]:
        look = self.interpreter.look(event)
        self._bind(goal, look, entry)
        assert goal.piece is not None
        return find_piece(look, goal.piece)

    def _read(self, goal: Goal, event: Event, entry: Entry, atoms: Mapping[int, bool]) -> bool | None:
        """The outcome of an entry, with some conditions taken for true or false."""
        look = self.interpreter.look(event, atoms=atoms)
        share_choices(self.observe(event)[0], look)
        if goal.cut is None or not self._bind(goal, look, entry):
            return None
        return look.decide(goal.cut, entry)

    def _is_sensitive(self, event: Event, entry: Entry) -> bool:
        look, outcome = self.observe(event)
        now = outcome.passed.get(entry[0]) if not entry[1] else outcome.single.get(entry)
        if now is None:
            return False
        self.climber.tries += 1
        if not entry[1]:  # of a region: nothing else changes
            common = ALL._replace(cuts=frozenset(outcome.passed) - {entry[0]})
            changed = run_alike(self.interpreter, common, look, event, {entry: not now})
        else:
            changed = self.interpreter.run(event, {entry: not now}, brief=True)
        return changed.signature != outcome.signature

    # ------------------------------------------------------------------ crossing the threshold

    def _cross(self, goal: Goal, event: Event, entry: Entry, strict: bool) -> Pair | None:
        """Along lines to the threshold; nothing for counts and words."""
        here = self.find_state(goal, event, entry)
        if here is None or not here[1].pairs or all(a.is_integer() and b.is_integer() for a, b in here[1].pairs):
            return None
        for line in self.list_lines(event, entry):
            if self.climber.is_spent:
                return None
            pair = self._follow(goal, entry, line, here, strict)
            if pair is not None:
                return pair
        return None

    def find_state(self, goal: Goal, event: Event, entry: Entry) -> tuple[bool, Sides, Outcome] | None:
        """Whether the entry is passed, the sides of the comparison, and everything else; None where it is not there."""
        look, outcome = self.observe(event)
        passed = outcome.passed.get(goal.item) if goal.kind == "region" else outcome.single.get(entry)
        if passed is None:
            return None
        if goal.atom is None:
            return passed, self._find_distance(goal, event, entry), outcome
        outer = look.this, look.trials
        sides = Sides(look, goal.atom) if self._bind(goal, look, entry) else None
        look.this, look.trials = outer
        return None if sides is None else (passed, sides, outcome)

    def _bind(self, goal: Goal, look: Look, entry: Entry) -> bool:
        """Let names in an object's or combination's own cuts mean that object or combination."""
        if goal.kind == "object":
            look.this = look.find_thing(goal.owner, entry[1][0])
            return look.this is not None
        if goal.kind == "combination":
            look.trials = look.find_trials(goal.owner, entry[1])
            return bool(look.trials)
        return True

    def _find_distance(self, goal: Goal, event: Event, entry: Entry) -> Sides:
        """The nearest distance of an object to what it must stay away from, against the radius."""
        sides = Sides.__new__(Sides)
        look, outcome = self.observe(event)
        near, radius = self._find_removal(goal.item)
        (prefix, k) = entry[1][0]
        row = event.stored[prefix][k]
        base = self.maker.find_base(prefix, row, event)
        distances = [math.inf]
        if base is not None:
            fields = self.maker.reader.bases[base].fields
            eta, phi = fields["eta"](row, event), fields["phi"](row, event)
            distances += [
                find_distance(eta - o.field("eta"), phi - o.field("phi")) for o in look.things.get(near, ())
            ]  # fmt: skip
        sides.truths, sides.pairs = [outcome.single.get(entry)], [(min(distances), radius)]
        return sides

    def _find_removal(self, label: str) -> tuple[str, float]:
        for definition in self.interpreter.checked.criteria.objects:
            for removal in definition.remove_overlap:
                if label == f"{definition.name} near {removal.with_}":
                    return removal.with_, removal.deltaR
        step = next(s for s in self.interpreter.overlap if label == f"{s.remove} near {s.near}")
        return step.near, step.deltaR

    def _list_others(self, goal: Goal, strict: bool) -> list[str]:
        """The cuts that must not change with a region's cut: all others of the chain, or those that come before it."""
        listed: list[str] = []
        for region in self.interpreter.list_chain(goal.owner):
            for _, cuts in self.interpreter.steps[region]:
                names = [c.cut.id for c in cuts]
                listed += [name for name in names if name != goal.item]
                if goal.item in names and not strict:
                    return listed
        return listed

    def _compare(
        self,
        goal: Goal,
        entry: Entry,
        here: tuple[bool, Sides, Outcome],
        there: tuple[bool, Sides, Outcome] | None,
        strict: bool,
    ) -> str:
        """What changed between two events: "same", "flip" (only the goal's comparison), or "other"."""
        if there is None:
            return "other"
        before, after = here[2], there[2]
        if goal.kind == "region" and any(
            before.passed[k] != after.passed[k] for k in self._list_others(goal, strict)
        ):  # fmt: skip
            return "other"
        for key, value in before.single.items() if strict else ():
            if key != entry and after.single.get(key, value) != value and (
                goal.kind != "combination" or key[0] != goal.item
            ):  # fmt: skip
                return "other"
        if here[0] == there[0]:
            return "same" if before.signature == after.signature or goal.kind == "region" else "other"
        flipped = here[1].find_flipped(there[1])
        if before.signature == after.signature or (goal.atom is not None and flipped is None):
            return "other"
        if goal.side and flipped is not None:
            outside = there if here[0] else here
            if flipped < len(outside[1].pairs):
                left, right = outside[1].pairs[flipped]
                equal = here[1].pairs[flipped]
                other = left - right if left != right else equal[0] - equal[1]
                if other * goal.side < 0:
                    return "other"
        return "flip"

    def _follow(
        self, goal: Goal, entry: Entry, line: Line, here: tuple[bool, Sides, Outcome], strict: bool
    ) -> Pair | None:
        """Along a line to where the comparison flips, then close to that place on both sides."""
        probe = self.find_state(goal, line(1e-4), entry)
        if probe is None or (probe[1].pairs == here[1].pairs and probe[1].truths == here[1].truths):
            return None
        for sign in (1.0, -1.0):
            last = 0.0
            for stride in STRIDES:
                event = line(sign * stride)
                verdict = self._compare(goal, entry, here, self.find_state(goal, event, entry), strict)
                if verdict == "other":
                    break
                if verdict == "flip":
                    pair = self._close_in(goal, entry, line, here, last, sign * stride, strict)
                    if pair is not None:
                        return pair
                    break
                last = sign * stride
        return None

    def _close_in(
        self,
        goal: Goal,
        entry: Entry,
        line: Line,
        here: tuple[bool, Sides, Outcome],
        near: float,
        far: float,
        strict: bool,
    ) -> Pair | None:
        start = (near, far)
        for _ in range(50):
            middle = (near + far) / 2
            if middle in (near, far):
                break
            verdict = self._compare(goal, entry, here, self.find_state(goal, line(middle), entry), strict)
            if verdict == "other":
                return None
            near, far = (middle, far) if verdict == "same" else (near, middle)
        kept = self._step_back(goal, entry, line, here, near, start[0] - near, "same", strict)
        flipped = self._step_back(goal, entry, line, here, far, start[1] - far, "flip", strict)
        if kept is None or flipped is None:
            return None
        pair = Pair(kept, flipped, entry) if here[0] else Pair(flipped, kept, entry)
        return pair if self._check(goal, pair, strict) else None

    def _step_back(
        self, goal: Goal, entry: Entry, line: Line, here: tuple[bool, Sides, Outcome], at: float, reach: float,
        wanted: str, strict: bool,
    ) -> Event | None:  # fmt: skip
        """The event nearest to the threshold that keeps a safe distance from it."""
        reach = reach or math.copysign(1e-3, at if wanted == "flip" else -at or -1.0)
        fraction = 1e-9
        for _ in range(40):
            event = line(at + reach * fraction)
            state = self.find_state(goal, event, entry)
            if state is None or self._compare(goal, entry, here, state, strict) != wanted:
                if fraction > 1e-3:
                    return None
            elif self._is_far_enough(state[1]) and self.is_steady(event):
                return event
            fraction *= 2
            if fraction > 1:
                break
        event = line(at + reach)
        state = self.find_state(goal, event, entry)
        return (
            event
            if state and self._compare(goal, entry, here, state, strict) == wanted and self.is_steady(event)
            else None
        )

    def _is_far_enough(self, sides: Sides) -> bool:
        return all(
            abs(a - b) >= 0.5 * CLOSE * max(abs(a), abs(b), 1e-9) for a, b in sides.pairs if math.isfinite(a - b)
        )

    def _check(self, goal: Goal, pair: Pair, strict: bool) -> bool:
        states = [self.find_state(goal, e, pair.entry) for e in (pair.inside, pair.outside)]
        if states[0] is None or states[1] is None or states[0][0] is False or states[1][0] is True:
            return False
        if self._compare(goal, pair.entry, states[0], states[1], strict) != "flip":
            return False
        if goal.piece is not None:
            return all(
                min(self._find_piece(goal, e, pair.entry), default=1.0) == 0 for e in (pair.inside, pair.outside)
            )
        return True

    def is_steady(self, event: Event) -> bool:
        """Whether small errors of computation change nothing."""
        signature = self.interpreter.run(event, brief=True).signature
        return all(self.interpreter.run(event, shake=s, brief=True).signature == signature for s in SHAKES)

    def _jump(self, goal: Goal, event: Event, entry: Entry, strict: bool) -> Pair | None:
        """For words, counts and charges: one thing changed at a time, then two."""
        here = self.find_state(goal, event, entry)
        if here is None:
            return None
        for attempt in range(DISCRETE):
            changed = self.maker.change(event)
            if attempt > DISCRETE // 2:
                changed = self.maker.change(changed)
            there = self.find_state(goal, changed, entry)
            if there is None or self._compare(goal, entry, here, there, strict) != "flip":
                continue
            pair = Pair(event, changed, entry) if here[0] else Pair(changed, event, entry)
            if self._check(goal, pair, strict) and self.is_steady(changed) and self.is_steady(event):
                return pair
        return None

    # ------------------------------------------------------------------ lines

    def list_lines(self, event: Event, entry: Entry, only: bool = False) -> Iterator[Line]:
        """Ways to change an event continuously: momenta of objects, single branches, all momenta together.

        The objects of the entry come first, or are the only ones.
        """
        refs: list[Ref] = [(p, k) for p, rows in event.stored.items() for k in range(len(rows))]
        refs = [ref for ref in refs if ref in entry[1] or not only or not entry[1]]
        refs.sort(key=lambda ref: ref not in entry[1])
        for ref in refs:
            base = self.maker.find_base(ref[0], event.stored[ref[0]][ref[1]], event)
            momentum = set() if base is None else self.maker.list_momentum_columns(base)
            for name, column in self.layout.stored[ref[0]].items():
                if column.free and not column.whole and not column.flag and name not in momentum:
                    yield self._line_of_branch(event, ref, name)
            if base is not None:
                for axis in ("pt", "eta", "phi", "mass"):
                    yield self._line_of_momentum(event, ref, base, axis)
        for name, column in self.layout.whole.items():
            if column.free and not column.whole and not column.flag:
                yield self._line_of_branch(event, None, name)
        yield self._line_of_all(event, refs)

    def _line_of_branch(self, event: Event, ref: Ref | None, name: str) -> Line:
        column = self.layout.whole[name] if ref is None else self.layout.stored[ref[0]][name]
        cell = (event.whole if ref is None else event.stored[ref[0]][ref[1]]).get(name, 0.0)
        value = cell[0] if isinstance(cell, list) else cell
        scale = max(abs(value), *(abs(d) for d in column.decisive), 1e-3)

        def line(t: float) -> Event:
            changed = event.copy()
            row = changed.whole if ref is None else changed.stored[ref[0]][ref[1]]
            moved = self.layout.fit(column, value + t * scale)
            row[name] = [moved] if column.listed else moved
            return changed

        return line

    def _line_of_momentum(self, event: Event, ref: Ref, base: str, axis: str) -> Line:
        pt, eta, phi, mass = self.maker.read_momentum(base, event.stored[ref[0]][ref[1]], event)

        def line(t: float) -> Event:
            changed = event.copy()
            row = changed.stored[ref[0]][ref[1]]
            match axis:
                case "pt":
                    self.maker.set_momentum(base, row, pt * _grow(t), eta, phi, mass)
                case "eta":
                    self.maker.set_momentum(base, row, pt, eta + t, phi, mass)
                case "phi":
                    turned = phi + t
                    turned -= 2 * math.pi * round(turned / (2 * math.pi))
                    self.maker.set_momentum(base, row, pt, eta, turned, mass)
                case "mass" if base not in USUAL_MASSES:
                    self.maker.set_momentum(base, row, pt, eta, phi, max(mass + t * pt, 0.0))
            return changed

        return line

    def _line_of_all(self, event: Event, refs: Sequence[Ref]) -> Line:
        def line(t: float) -> Event:
            changed = event.copy()
            for prefix, k in refs:
                row = changed.stored[prefix][k]
                base = self.maker.find_base(prefix, row, changed)
                if base is not None:
                    pt, eta, phi, mass = self.maker.read_momentum(base, row, changed)
                    self.maker.set_momentum(base, row, pt * _grow(t), eta, phi, mass)
            return changed

        return line

    # ------------------------------------------------------------------ exactly at the threshold

    def _find_exact(self, goal: Goal, pair: Pair) -> Event | None:
        from codegen.witness.exact import list_exact

        for event in list_exact(self, goal, pair):
            if self.is_exact(goal, event, pair.entry):
                return event
        return None

    def is_exact(self, goal: Goal, event: Event, entry: Entry) -> bool:
        """Whether the compared numbers are equal in an event, whatever the rounding, and that decides its fate."""
        state = self.find_state(goal, event, entry)
        if state is None or not is_exact(state[1].pairs):
            return False
        if entry not in self._list_decided(goal, event) or not self.is_steady(event):
            return False
        for shake in SHAKES:
            look = self.interpreter.look(event, shake=shake)
            look.finish()
            if not self._bind(goal, look, entry) or goal.atom is None or not is_exact(Sides(look, goal.atom).pairs):
                return False
        return True

    def _list_values(self, goal: Goal, event: Event, entry: Entry) -> str:
        state = self.find_state(goal, event, entry)
        if state is None or not state[1].pairs:
            return ""
        relation = goal.atom.relation if isinstance(goal.atom, n.Comparison) else "vs"
        shown = [f"{a:.9g} {relation} {b:.9g}" for a, b in state[1].pairs[:6]]
        return "; ".join(shown)


def _grow(t: float) -> float:
    """A factor e^t, bounded."""
    return math.exp(min(max(t, -7.0), 7.0))
