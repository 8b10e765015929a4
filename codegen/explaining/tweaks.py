"""Criteria worked out with one rule of meaning broken: what programs get wrong that no text of the criteria says."""

from collections.abc import Mapping, Sequence

from codegen.witness.evaluate import Interpreter, Look, Outcome
from codegen.witness.objects import Composite, Thing, find_distance
from codegen.witness.stored import STILL, Event, Shake
from codegen.witness.values import Entry, Numbers, Object, lift
from schemas.checked_cut import CheckedCut
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


class _OwnDistance(Look):
    """Distances by another formula."""

    def distance(self, a: Object, b: Object) -> float:
        """The distance of two objects."""
        raise NotImplementedError

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


class Unwrapped(_OwnDistance):
    """Differences in phi are not brought between -pi and pi."""

    def distance(self, a: Object, b: Object) -> float:
        """The distance without wrapping."""
        d_eta, d_phi = (self._measure_one(a, axis) - self._measure_one(b, axis) for axis in ("eta", "phi"))
        return float((d_eta * d_eta + d_phi * d_phi) ** 0.5)


class ByRapidity(_OwnDistance):
    """Distances in rapidity and phi."""

    def distance(self, a: Object, b: Object) -> float:
        """The distance in rapidity and phi."""
        d_y = _find_rapidity(self, a) - _find_rapidity(self, b)
        return find_distance(d_y, self._measure_one(a, "phi") - self._measure_one(b, "phi"))


class FileOrder(Look):
    """Collections stay in the order of the file."""

    def collection(self, name: str) -> list[Thing]:
        """A collection as the file has it."""
        found = sorted(super().collection(name), key=lambda t: t.ref)
        self.things[name] = found
        return found


class Ascending(Look):
    """Collections are ordered by ascending pT."""

    def collection(self, name: str) -> list[Thing]:
        """A collection, the softest first."""
        found = sorted(super().collection(name), key=lambda t: t.field("pt"))
        self.things[name] = found
        return found


def pass_missing(ids: frozenset[str]) -> type[Look]:
    """Looks in which a missing value passes these cuts."""

    class MissingPasses(Look):
        """A comparison that cannot be made counts as passed."""

        def decide(self, cut: CheckedCut, entry: Entry | None = None) -> bool:
            """Whether a cut is passed, a missing value counted as passed."""
            if cut.cut.id in ids:
                test = self.truth(cut.test)
                if isinstance(test, list):
                    sure = [t is not False for t in test]
                    return any(sure) if cut.cut.quantifier == "any" else all(sure)
                return test is not False
            return super().decide(cut, entry)

    return MissingPasses


def fail_empty(ids: frozenset[str]) -> type[Look]:
    """Looks in which "all of them" is false where there are none, for these cuts."""

    class EmptyFails(Look):
        """A list without entries fails."""

        def decide(self, cut: CheckedCut, entry: Entry | None = None) -> bool:
            """Whether a cut is passed, an empty list counted as failed."""
            return super().decide(cut, entry) and not (cut.cut.id in ids and self.truth(cut.test) == [])

    return EmptyFails


def _find_rapidity(look: Look, one: Object) -> float:
    from codegen.witness.objects import measure

    four = one.four if one is not None else None
    return float("nan") if four is None else measure(four, "rapidity", look.shake)
