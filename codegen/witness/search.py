"""Witness events: for every goal two events, one just inside and one just outside, that differ in nothing else."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codegen.witness.crossing import Pair
from codegen.witness.distance import Sides, is_exact
from codegen.witness.examining import SHAKES
from codegen.witness.goals import UNUSED, Goal, list_goals
from codegen.witness.starting import Starter
from codegen.witness.stored import Event
from codegen.witness.values import Entry
from schemas.expressions import nodes as n

CANDIDATES = 8  # events that a line search starts from
JUMPS = 6
MOST_LOOKS = 25_000  # events that are looked at for one goal before it is given up

Tell = Callable[[str], None]  # hears in words what is being done


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


class Searcher(Starter):
    """Searches witnesses for the criteria of one interpreter in one format."""

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
