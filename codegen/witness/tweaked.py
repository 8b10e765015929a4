"""Criteria worked out with distances by another formula, or another way of looking at events altogether."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.objects import Composite, Thing
from codegen.witness.stored import STILL, Event, Shake
from codegen.witness.values import Entry, Numbers, Object, calculate_difference, lift
from schemas.expressions import nodes as n


class TweakedInterpreter(Interpreter):
    """An interpreter that looks at events in its own way."""

    look_type: type[Look] = Look

    def run(
        self, event: Event, force: Mapping[Entry, bool] | None = None, shake: Shake = STILL, brief: bool = False
    ) -> Outcome:
        """What becomes of an event."""
        return self.look_type(self, event, force or {}, shake).finish(brief)

    def look(
        self,
        event: Event,
        force: Mapping[Entry, bool] | None = None,
        shake: Shake = STILL,
        atoms: Mapping[int, bool] | None = None,
    ) -> Look:
        """An event under examination."""
        return self.look_type(self, event, force or {}, shake, atoms or {})


class OwnDistance(Look, ABC):
    """Distances by another formula."""

    @abstractmethod
    def distance(self, a: Object, b: Object) -> float:
        """The distance of two objects."""

    def _stay_away(self, label: str, things: list[Thing], others: list[Thing], radius: float) -> list[Thing]:
        kept = []
        for thing in things:
            entry = (label, (thing.ref,))
            self.single[entry] = not any(self.distance(thing, o) < radius for o in others)
            kept += [thing] if self.single[entry] else []
        return kept

    def _between(self, name: str, pair: Object) -> float:
        if name == "deltaR" and isinstance(pair, Composite) and len(pair.members) == 2:
            return self.distance(pair.members[0][2], pair.members[1][2])
        return super()._between(name, pair)

    def _distance(self, name: str, arguments: Sequence[n.Node]) -> Numbers:
        plain = len(arguments) == 2 and not any(isinstance(a, n.EventObject) for a in arguments)
        if name == "deltaR" and plain:
            return lift(self.distance, self.objects(arguments[0]), self.objects(arguments[1]))
        return super()._distance(name, arguments)


class Unwrapped(OwnDistance):
    """Differences in phi are not brought between -pi and pi."""

    def distance(self, a: Object, b: Object) -> float:
        """The distance without wrapping."""
        d_eta, d_phi = (self._measure_one(a, axis) - self._measure_one(b, axis) for axis in ("eta", "phi"))
        return float((d_eta * d_eta + d_phi * d_phi) ** 0.5)

    def _between(self, name: str, pair: Object) -> float:
        if name == "deltaphi" and isinstance(pair, Composite) and len(pair.members) == 2:
            a, b = (thing for _, _, thing in pair.members)
            return a.field("phi") - b.field("phi")
        return super()._between(name, pair)

    def _distance(self, name: str, arguments: Sequence[n.Node]) -> Numbers:
        if name == "deltaphi" and len(arguments) == 2:
            return lift(calculate_difference, *(self._angle(a, "phi") for a in arguments))
        return super()._distance(name, arguments)


class UnwrappedInterpreter(TweakedInterpreter):
    """Criteria as a program works them out that does not wrap differences in phi."""

    look_type = Unwrapped
