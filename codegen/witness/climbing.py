"""Events that pass a region: random events, changed step by step towards what the cuts want."""

import math
from collections.abc import Callable, Sequence

from codegen.witness.distance import FAR, find_shortfall
from codegen.witness.evaluate import Interpreter, Look
from codegen.witness.event_collections import list_sources
from codegen.witness.making import Maker
from codegen.witness.stored import Event
from schemas.checked_cut import CheckedCut
from schemas.fields import BASES

Objective = Callable[[Look], float]

ROWS = 30  # that pass the cuts on objects, by collection and base object
ROW_STEPS = 120
STARTS = 150  # random events of which the best are changed
CLIMBS = 6
STEPS = 1200
SLACK = 0.04  # the margin that comparisons should have in an event to start from


class Climber:
    """Finds events for given wishes, by random changes that make nothing worse."""

    def __init__(self, interpreter: Interpreter, maker: Maker) -> None:
        self.interpreter, self.maker = interpreter, maker
        self.tries = 0  # events that were looked at
        self.limit = math.inf

    @property
    def is_spent(self) -> bool:
        """Whether as many events were looked at as one wish may cost."""
        return self.tries >= self.limit

    def climb(self, event: Event, objective: Objective, steps: int) -> tuple[Event, float]:
        """The event after changes, and how far it is from the wishes; 0 when they are fulfilled."""
        best = objective(self.interpreter.look(event))
        for _ in range(steps):
            if best == 0 or self.is_spent:
                break
            changed = self.maker.change(event)
            if self.maker.random.random() < 0.3:
                changed = self.maker.change(changed)
            value = objective(self.interpreter.look(changed))
            self.tries += 1
            if value <= best:
                event, best = changed, value
        return event, best

    def stock_up(self) -> None:
        """Give the maker rows that pass the cuts on objects."""
        for name in self.interpreter.definitions:
            for base in self.interpreter.checked.scope.collections[name].bases:
                if base not in self.maker.bases:
                    continue
                cuts = self._list_cuts(name)
                if not cuts and self.maker.stock.get(base):
                    continue
                for _ in range(ROWS):
                    row = self._find_row(name, base, cuts)
                    if row is not None:
                        self.maker.stock.setdefault(base, []).append(row)

    def _list_cuts(self, name: str) -> list[list[CheckedCut]]:
        """The cuts of a collection and of what it is made of."""
        sources = list_sources(self.interpreter.definitions[name])
        inner = [g for s in sources if s not in BASES and len(sources) == 1 for g in self._list_cuts(s)]
        return [*inner, *self.interpreter.object_cuts[name]]

    def _find_row(
        self, name: str, base: str, cuts: Sequence[Sequence[CheckedCut]]
    ) -> dict[str, float | list[float]] | None:
        event = self.maker.make_empty()
        prefix, _ = self.maker.add_object(event, base)
        best = self._miss(name, base, cuts, event)
        for _ in range(ROW_STEPS):
            if best == 0:
                return event.stored[prefix][0]
            changed = event.copy()
            self.maker.change_object(changed, (prefix, 0))
            value = self._miss(name, base, cuts, changed)
            if value <= best:
                event, best = changed, value
        return None

    def _miss(self, name: str, base: str, cuts: Sequence[Sequence[CheckedCut]], event: Event) -> float:
        look = self.interpreter.look(event)
        things = look.list_base(name, base)
        if not things:
            return FAR * 10
        look.this = things[0]
        return sum(min(find_shortfall(look, c, True, {}, SLACK) for c in group) for group in cuts)

    def miss_region(self, look: Look, region: str, leave_out: str | None = None, slack: float = SLACK) -> float:
        """How far an event is from passing a region; one step may be left out."""
        total = 0.0
        for one in self.interpreter.list_chain(region):
            for name, cuts in self.interpreter.steps[one]:
                if cuts and name != leave_out:
                    total += min(find_shortfall(look, cut, True, {}, slack) for cut in cuts)
        return total

    def find_events(
        self, objective: Objective, number: int, starts: Sequence[Event] = (), climbs: int = CLIMBS, steps: int = STEPS
    ) -> list[Event]:
        """Up to so many events that fulfil the wishes."""
        found: list[Event] = []
        for _ in range(climbs):
            if self.is_spent:
                break
            fresh = [self.maker.make_event(0, 4) for _ in range(STARTS)]
            ranked = sorted(
                ((objective(self.interpreter.look(e)), k) for k, e in enumerate(fresh)), key=lambda pair: pair
            )[:3]
            self.tries += len(fresh)
            tried = [fresh[k] for _, k in ranked]
            if starts:
                tried.insert(0, self.maker.random.choice(starts))
            for start in tried:
                event, left = self.climb(start, objective, steps)
                if left == 0:
                    found.append(event)
                if len(found) >= number:
                    return found
        return found
