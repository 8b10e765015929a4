"""Collections that are cut to their first few objects too early: before their cuts, or before an overlap removal."""

import re
from collections.abc import Iterator

from codegen.witness.evaluate import Look
from codegen.witness.event_collections import list_sources, order_by_pt
from codegen.witness.objects import Ref, Thing
from schemas.criteria import ObjectDefinition, SelectionCriteria
from schemas.fields import BASES
from schemas.validation import list_cuts

USUAL = (1, 2, 3, 4)  # how many objects a program keeps


def list_early_choices(ssc: SelectionCriteria) -> Iterator[tuple[type[Look], str]]:
    """Ways to look at events with a collection that is cut to its first few objects too early, in words."""
    for definition in ssc.objects:
        name = definition.name
        removals = [
            *(f"{name} near {r.with_}" for r in definition.remove_overlap if r.status != "rejected"),
            *(f"{name} near {s.near}" for s in ssc.overlap if s.remove == name and s.status != "rejected"),
        ]
        for number in list_numbers(ssc, definition):
            taken = f"the leading {number}" if number > 1 else "the leading one"
            if any(c.status != "rejected" for c in definition.cuts):
                yield (
                    take_before_cuts(name, number),
                    f"the analysis takes {taken} of {name} before their cuts; the cuts come first, {taken} of what "
                    "passes them afterwards",
                )
            for label in removals:
                yield (
                    take_before_removal(label, number),
                    f"the analysis takes {taken} of {name} before the overlap removal ({label}); the removal comes "
                    "first",
                )


def list_numbers(ssc: SelectionCriteria, definition: ObjectDefinition) -> list[int]:
    """How many objects of a collection a program may keep: the usual numbers, and those that the criteria speak of."""
    name = re.escape(definition.name)
    cuts = list_cuts(ssc)
    texts = [
        *(c.variable for c in cuts),
        *(v.expression for v in ssc.variables),
        *(c.pair or "" for c in ssc.candidates),
    ]
    found = set(USUAL)
    for text in texts:
        found |= {int(m[1]) + 1 for m in re.finditer(rf"\b{name}\[(\d+)\]", text)}
        found |= {int(m[1]) for m in re.finditer(rf"\b{name}\[:(\d+)\]", text)}
    found |= {c.n for c in ssc.candidates if c.n is not None}
    for cut in cuts:
        value = cut.threshold.value if cut.threshold is not None else None
        if value is not None and float(value).is_integer() and re.search(rf"\bcount\({name}\)", cut.variable):
            found.add(int(value))
    return sorted(n for n in found if 0 < n <= 12)


def take_before_cuts(name: str, number: int) -> type[Look]:
    """Looks in which a collection is made of its first few objects only, by descending pT."""

    class Early(Look):
        """Only the first few objects of one collection are looked at."""

        def _pass_object(self, collection: str, thing: Thing) -> bool:
            passed = super()._pass_object(collection, thing)
            return passed and (collection != name or thing.ref in self._list_first())

        def _list_first(self) -> frozenset[Ref]:
            if not hasattr(self, "first"):
                outer, self.this = self.this, None
                stored = [
                    thing
                    for source in list_sources(self.of.definitions[name])
                    for thing in (self.list_base(name, source) if source in BASES else self.collection(source))
                ]
                self.this = outer
                self.first = frozenset(thing.ref for thing in order_by_pt(stored)[:number])
            return self.first

    return Early


def take_before_removal(label: str, number: int) -> type[Look]:
    """Looks in which only the first few objects come into an overlap removal."""

    class Early(Look):
        """Only the first few objects are left when the overlap removal begins."""

        def _stay_away(self, removal: str, things: list[Thing], others: list[Thing], radius: float) -> list[Thing]:
            return super()._stay_away(removal, things[:number] if removal == label else things, others, radius)

    return Early
