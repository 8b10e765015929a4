"""Which names an expression may use, and what they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.expressions.nodes import Type


@dataclass(frozen=True)
class CollectionScope:
    """A defined collection: its base objects, and the names of its parts if it is a union."""

    bases: tuple[str, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class CandidateScope:
    """A defined candidate.

    `members` names the collections its members come from; `size` counts the members; `is_pair` allows
    deltaR(candidate); `roles` and `composites` describe an assignment.
    """

    members: tuple[str, ...]
    size: int
    is_pair: bool = False
    roles: tuple[str, ...] = ()
    composites: int = 0


@dataclass(frozen=True)
class Scope:
    """The names in reach of one expression.

    `this` is the collection being defined, for cuts on its objects; `trials` maps the names under test in a
    candidate's own require, select and minimise to the name of the choice; `later` names what the document defines
    further down, for messages.
    """

    collections: Mapping[str, CollectionScope] = field(default_factory=dict)
    candidates: Mapping[str, CandidateScope] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    this: str | None = None
    trials: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    chooses: bool = False  # the cuts of a candidate's own choice

    def list_names(self) -> list[str]:
        """Every defined name, for suggestions in messages."""
        return sorted({*self.collections, *self.candidates, *self.variables, *self.trials})

    def list_parts(self, collection: str) -> tuple[str, ...]:
        """The collection's own name and those of its parts and of their parts."""
        known = self.collections.get(collection)
        if known is None:
            return (collection,)
        return (collection, *(p for part in known.parts for p in self.list_parts(part)))
