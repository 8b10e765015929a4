"""Overlap removal: collections exist, and none is removed against one that depends on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from schemas.checked_cut import CheckedCut, list_collections
from schemas.criteria import ObjectDefinition, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.expressions.parser import suggest
from schemas.expressions.scope import CollectionScope


def check_overlap(
    ssc: SelectionCriteria, known: Mapping[str, CollectionScope], cuts: Mapping[str, Sequence[CheckedCut]]
) -> Iterator[Callable[[], None]]:
    """One check per removal and one for circles; each raises CriteriaError when something is wrong.

    `cuts` are those on the objects of each collection: they may need other collections.
    """
    for definition in ssc.objects:
        for removal in definition.remove_overlap:
            where = f"object '{definition.name}', remove_overlap"
            yield partial(_check_pair, where, definition.name, removal.with_, known)
    for step in ssc.overlap:
        where = f"overlap, {step.remove} near {step.near}"
        yield partial(_check_name, where, step.remove, known)
        yield partial(_check_pair, where, step.remove, step.near, known)
    yield _Circles(ssc, {name: list_collections(own) for name, own in cuts.items()}).check


def _check_name(where: str, name: str, known: Mapping[str, CollectionScope]) -> None:
    if name not in known:
        raise CriteriaError(f"{where}: '{name}': expected a defined collection{suggest(name, list(known))}")


def _check_pair(where: str, owner: str, name: str, known: Mapping[str, CollectionScope]) -> None:
    _check_name(where, name, known)
    if name == owner:
        raise CriteriaError(f"{where}: '{name}': expected another collection; overlap with itself is not defined")


class _Circles:
    """Follows what each collection needs to be final: its parts, what its cuts name, what it is removed against,
    the ordered list."""

    def __init__(self, ssc: SelectionCriteria, named: Mapping[str, Sequence[str]]) -> None:
        self._named = named  # the collections that cuts on objects name
        self._objects = {o.name: o for o in ssc.objects}
        self._steps = [s for s in ssc.overlap if s.status != "rejected"]
        self._ordered = {name for s in self._steps for name in (s.remove, s.near)}
        self._made: set[str] = set()
        self._making: list[str] = []
        self._removed = "no"

    def check(self) -> None:
        """Nothing when collections can be made one after the other; raises CriteriaError that shows a circle."""
        for name in self._objects:
            self._finish(name)

    def _finish(self, name: str) -> None:
        self._make(name)
        if name in self._ordered:
            self._remove_all()

    def _make(self, name: str) -> None:
        if name in self._made or name not in self._objects:
            return
        if name in self._making:
            circle = [*self._making[self._making.index(name) :], name]
            raise CriteriaError(
                f"object '{circle[0]}', remove_overlap: {' → '.join(circle)} is a circle; expected removals of one "
                "direction, or an ordered list under overlap"
            )
        self._making.append(name)
        definition = self._objects[name]
        for source in _list_sources(definition):
            if source in self._objects:
                self._finish(source)
        for other in self._named.get(name, ()):
            self._finish(other)
        for removal in definition.remove_overlap:
            if removal.status != "rejected" and removal.with_ != name:
                self._finish(removal.with_)
        self._making.pop()
        self._made.add(name)

    def _remove_all(self) -> None:
        if self._removed == "done":
            return
        if self._removed == "running":
            raise CriteriaError(
                f"overlap: '{self._making[-1] if self._making else self._steps[0].remove}' is made from a collection "
                "that loses objects in the ordered list and stands in that list itself; expected one or the other"
            )
        self._removed = "running"
        for step in self._steps:
            self._make(step.remove)
            self._make(step.near)
        self._removed = "done"


def _list_sources(definition: ObjectDefinition) -> tuple[str, ...]:
    if definition.union is not None:
        return definition.union
    return (definition.base,) if isinstance(definition.base, str) else definition.base or ()
