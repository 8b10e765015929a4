"""What a goal's comparison gives in an event, and whether it alone decides what becomes of the event."""

import math
from collections.abc import Iterator, Mapping

from codegen.witness.climbing import Climber
from codegen.witness.distance import Sides
from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.goals import Goal, find_piece
from codegen.witness.layout import Layout
from codegen.witness.lines import Lines
from codegen.witness.making import Maker
from codegen.witness.objects import find_distance
from codegen.witness.sharing import ALL, run_alike, share_choices
from codegen.witness.stored import Event, Shake
from codegen.witness.values import Entry
from schemas.expressions import nodes as n

SHAKES = (Shake(1e-5, 1), Shake(1e-5, 2))


class Examiner:
    """Examines events for the criteria of one interpreter in one format."""

    def __init__(self, interpreter: Interpreter, layout: Layout, seed: int = 1) -> None:
        self.interpreter, self.layout = interpreter, layout
        self.maker = Maker(layout, interpreter.checked, seed)
        self.lines = Lines(layout, self.maker)
        self.climber = Climber(interpreter, self.maker)
        self.seeds: dict[str, list[Event]] = {}
        self.pool: list[Event] = []
        self.seen: dict[int, tuple[Look, Outcome]] = {}  # of the pool, by the identity of events
        self.recent: tuple[Look, Outcome] | None = None

    def observe(self, event: Event) -> tuple[Look, Outcome]:
        """An event under examination, finished; events of the pool are looked at once."""
        known = self.seen.get(id(event)) or self.recent
        if known is not None and known[0].event is event:
            return known
        look = self.interpreter.look(event)
        self.recent = look, look.finish()
        self.climber.tries += 1
        return self.recent

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

    def is_steady(self, event: Event) -> bool:
        """Whether small errors of computation change nothing."""
        signature = self.interpreter.run(event, brief=True).signature
        return all(self.interpreter.run(event, shake=s, brief=True).signature == signature for s in SHAKES)

    def walk(self, node: n.Node) -> Iterator[n.Node]:
        """All parts of an expression, through the variables that it names."""
        for part in node.walk():
            yield part
            if isinstance(part, n.Variable):
                yield from self.walk(self.interpreter.checked.variables[part.name])
