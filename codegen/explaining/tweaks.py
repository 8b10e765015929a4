"""Criteria worked out with one rule of meaning broken: what programs get wrong that no text of the criteria says."""

from codegen.witness.evaluate import Look
from codegen.witness.objects import Thing, find_distance
from codegen.witness.tweaked import OwnDistance
from codegen.witness.values import Entry, Object
from schemas.checked_cut import CheckedCut


class ByRapidity(OwnDistance):
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
