"""The collections of one event: cuts on single objects, unions and overlap removal."""

import math

from codegen.witness.expression_values import ExpressionValues
from codegen.witness.objects import Ref, Thing, find_distance
from schemas.criteria import ObjectDefinition
from schemas.errors import CriteriaError
from schemas.fields import BASES
from schemas.validation import name_part


class EventCollections(ExpressionValues):
    """Makes the collections of one event when they are asked for."""

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
