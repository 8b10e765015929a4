"""From the names of the criteria to the branches of a format: what each quantity is there, or why it is not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from schemas.expressions.branches import parse_branches
from schemas.expressions.nodes import (
    Call,
    Candidate,
    Collection,
    Composites,
    EventField,
    EventObject,
    Field,
    Item,
    LabelTest,
    Logic,
    Members,
    Node,
    Not,
    Pairs,
    Relation,
    Role,
    Slice,
    This,
    Trial,
    Type,
    Variable,
)
from schemas.profile import CollectionSource, Labels, Point, Profile, Source
from schemas.validation import CheckedCriteria, name_part

FLAVOURS = {"electron": 11, "muon": 13, "tau": 15, "photon": 22, "jet": 1, "fat_jet": 2, "track": 3, "vertex": 4}
MOMENTUM = "momentum"  # stands for pt, eta, phi and energy or mass
IDENTITY = "identity"  # which stored object it is: the same number in every collection that has it

_BOOLEAN = Type("boolean")


class Column(NamedTuple):
    """A column of a collection: a field, or whether an object reaches a label (relation >=, > or ==)."""

    field: str
    relation: Relation | None = None
    label: str | None = None

    @property
    def name(self) -> str:
        """What the column is called in the code."""
        if self.label is None:
            return self.field
        word = {">=": "", ">": "above_", "==": "is_"}[self.relation or "=="]
        return f"{self.field}_{word}{self.label}"


class Need(NamedTuple):
    """A column that an expression reads of a collection. `collection` is None for the event itself."""

    collection: str | None
    column: Column


@dataclass(frozen=True)
class Binding:
    """Criteria and a profile, seen together."""

    checked: CheckedCriteria
    profile: Profile

    def list_needs(self, node: Node) -> Iterator[Need]:
        """Every column the expression reads, through variables but not into the making of candidates."""
        match node:
            case Variable():
                yield from self.list_needs(self.checked.variables[node.name])
                return
            case Field():
                yield from self._list_fields(node)
            case LabelTest():
                yield Need(self.find_root(node.field), label_column(node))
                yield from self.list_needs(_owner(node.field)) if isinstance(node.field, Field) else ()
                return
            case EventField() if node.type.kind == "number":
                yield Need(None, Column(node.name))
            case Call(function="deltaR" | "deltaeta" | "deltaphi"):
                for argument in node.arguments:
                    for column in {"deltaR": ("eta", "phi"), "deltaeta": ("eta",), "deltaphi": ("phi",)}[node.function]:
                        yield from self._list_columns(argument, column)
            case Call(function="mass" | "pt" | "eta" | "phi" | "energy" | "rapidity"):
                for argument in node.arguments:
                    yield from self._list_columns(argument, MOMENTUM)
            case Call(function="charge"):
                for argument in node.arguments:
                    yield from self._list_columns(argument, "charge")
            case Pairs():
                for flag in node.flags:
                    yield from self._list_columns(node, "flavour" if flag.endswith("flavour") else "charge")
            case Members():
                yield from self._list_columns(node, "flavour") if self.is_part(node) else ()
            case _:
                pass
        for child in node.children():
            yield from self.list_needs(child)

    def is_part(self, node: Members) -> bool:
        """Whether the members are a part of the collection that the candidate is made from."""
        assert isinstance(node.owner, Candidate)
        return node.part not in self.checked.scope.candidates[node.owner.name].members

    def find_parts(self, collection: str, part: str) -> tuple[int, ...] | None:
        """The numbers of those parts of a collection that a name stands for; None when all of it is meant.

        Parts are numbered in the order of the union lists, those of a part that is a union itself in its place.
        """
        names = self._name_parts(collection)
        found = tuple(k for k, known in enumerate(names) if part in known)
        return None if part == collection or len(found) == len(names) else found

    def count_parts(self, collection: str) -> int:
        """How many parts a collection has that are no unions themselves."""
        return len(self._name_parts(collection))

    def repeats(self, collection: str) -> bool:
        """Whether one stored object can be in a collection twice, through two parts of a union."""
        bases = self._list_stored(collection)
        return len(set(bases)) < len(bases)

    def _list_stored(self, collection: str) -> list[str]:
        definition = {o.name: o for o in self.checked.criteria.objects}.get(collection)
        if definition is None:
            return [collection]
        base = (definition.base,) if isinstance(definition.base, str) else definition.base or ()
        return [stored for source in definition.union or base for stored in self._list_stored(source)]

    def _name_parts(self, collection: str) -> list[frozenset[str]]:
        """What each part of a collection is called."""
        definitions = {o.name: o for o in self.checked.criteria.objects}
        definition = definitions[collection]
        base = (definition.base,) if isinstance(definition.base, str) else definition.base or ()
        sources = definition.union or base
        called = len(sources) > 1 or definition.union is not None
        names: list[frozenset[str]] = []
        for source in sources:
            own = frozenset({name_part(source)} if called else ())
            names += [n | own for n in self._name_parts(source)] if source in definitions else [own]
        return names

    def _list_fields(self, node: Field) -> Iterator[Need]:
        if isinstance(node.owner, EventObject):
            yield Need(None, Column(f"{node.owner.name}.{node.name}"))
        elif node.type.kind == "number" or node.name == "flavour":  # other labels are needed by what tests them
            yield from self._list_columns(node.owner, node.name)

    def _list_columns(self, owner: Node, column: str) -> Iterator[Need]:
        if isinstance(owner, EventObject):
            yield Need(None, Column(f"{owner.name}.{column}"))
            return
        for collection in self.find_sources(owner):
            # What only a four-momentum gives (the mass of a lepton) is made from one.
            own = (
                column in ("mass", "rapidity", "energy") and self._find_missing(collection, Column(column)) is not None
            )
            yield Need(collection, Column(MOMENTUM if own else column))

    def find_sources(self, node: Node) -> tuple[str, ...]:
        """The collections whose objects a node is about."""
        match node:
            case This() | Collection():
                return (node.collection if isinstance(node, This) else node.name,)
            case Candidate() | Trial() | Composites():
                return self.checked.scope.candidates[node.name].members
            case Members() | Role():
                root = self.find_root(node)
                return (root,) if root is not None else ()
            case Item() | Slice() | Pairs():
                return self.find_sources(node.owner)
        return ()

    def find_root(self, node: Node) -> str | None:  # type: ignore[return]
        """The one collection that holds the objects of a node; None for the event."""
        match node:
            case This():
                return node.collection
            case Collection():
                return node.name
            case Field() | Item() | Slice() | Pairs():
                return self.find_root(node.owner)
            case Members():
                assert isinstance(node.owner, Candidate)
                scope = self.checked.scope
                members = scope.candidates[node.owner.name].members
                return node.part if node.part in members else next(
                    m for m in members if node.part in scope.list_parts(m)
                )  # fmt: skip
            case Role():
                owner = node.owner.owner if isinstance(node.owner, Item) else node.owner
                assert isinstance(owner, Composites)
                return self.find_root(self.checked.candidates[owner.name].roles[node.role])
            case EventField() | EventObject():
                return None

    def find_obstacle(self, node: Node) -> str | None:
        """Why the format cannot evaluate an expression, or None when it can."""
        for part in self.walk(node):
            if isinstance(part, Members) and (reason := self._find_absent(part)) is not None:
                return reason
            if isinstance(part, Collection | Candidate | Composites):
                for collection in self.find_sources(part):
                    for base in self.list_bases(collection):
                        if base not in self.profile.collections:
                            return self.profile.unavailable.get(base, f"profile {self.profile.name} has no {base}")
        for need in self.list_needs(node):
            reason = self._find_missing(need.collection, need.column)
            if reason is not None:
                return reason
        return None

    def _find_absent(self, node: Members) -> str | None:
        """Why a candidate has no members of this part: the format has none, and the union goes without them."""
        assert isinstance(node.owner, Candidate)
        scope = self.checked.scope
        if any(node.part in scope.list_parts(m) for m in scope.candidates[node.owner.name].members):
            return None
        known = scope.collections.get(node.part)
        base = known.bases[0] if known is not None else node.part.removesuffix("s")
        return self.profile.unavailable.get(base, f"profile {self.profile.name} has no {base}")

    def walk(self, node: Node) -> Iterator[Node]:
        """All nodes of an expression, through the variables it names."""
        for part in node.walk():
            yield part
            if isinstance(part, Variable):
                yield from self.walk(self.checked.variables[part.name])

    def list_bases(self, collection: str) -> tuple[str, ...]:
        """The base objects of a collection."""
        return self.checked.scope.collections[collection].bases

    def list_closest(self, node: Node) -> tuple[str, ...]:
        """Notes on quantities that the format has only something near to."""
        notes: dict[str, None] = {}
        for collection, column in self.list_needs(node):
            if column.field in (MOMENTUM, "flavour"):
                continue
            for source in [None] if collection is None else map(self.find_source, self.list_bases(collection)):
                note = self._find_note(source, column)
                if note is not None:
                    notes[f"{column.field}: {note}"] = None
        return tuple(notes)

    def _find_note(self, source: CollectionSource | None, column: Column) -> str | None:
        """What really stands in for a column of a base object, or of the event."""
        if column.label is not None:
            labels = source.labels if source is not None else self.profile.event.labels
            known = labels.get(column.field)
            point = known.find(column.label) if known is not None else None
            return point.closest if point is not None else None
        given = source.fields.get(column.field) if source is not None else self.find_event_source(column.field)
        return given.closest if given is not None else None

    def expand(self, collection: str, column: Column) -> tuple[Column, ...]:
        """The stored columns behind a need: a momentum is pt, eta, phi and energy or mass."""
        if column.field != MOMENTUM:
            return (column,)
        fourth = "energy" if self._has(collection, "energy") else "mass"
        return tuple(Column(f) for f in ("pt", "eta", "phi", fourth))

    def _has(self, collection: str, field: str) -> bool:
        return all(field in self.profile.collections[b].fields for b in self.list_bases(collection))

    def _find_missing(self, collection: str | None, column: Column) -> str | None:
        if collection is None:
            return self._find_missing_in_event(column)
        if column.field == MOMENTUM and all(b in self.profile.collections for b in self.list_bases(collection)):
            if not self._has(collection, "energy") and not self._has(collection, "mass"):
                return self._find_missing(collection, Column("energy"))
            parts = (self._find_missing(collection, Column(name)) for name in ("pt", "eta", "phi"))
            return next(filter(None, parts), None)
        for base in self.list_bases(collection):
            if base not in self.profile.collections:
                return self.profile.unavailable.get(base, f"profile {self.profile.name} has no {base}")
            source = self.profile.collections[base]
            if column.label is not None and column.field != "flavour":
                point = find_point(source.labels.get(column.field), column)
                if isinstance(point, str):
                    return source.unavailable.get(column.field, f"{base} {column.field}: {point}")
            elif column.field != "flavour" and column.field not in source.fields:
                why = source.unavailable.get(column.field)
                return why or f"profile {self.profile.name} has no {column.field} of {base}"
        return None

    def _find_missing_in_event(self, column: Column) -> str | None:
        event = self.profile.event
        unknown = (
            event.unavailable.get(column.field)
            or event.unavailable.get(column.field.partition(".")[0])  # of met.pt, that of met
            or f"profile {self.profile.name} has no {column.field}"
        )
        if column.label is not None:
            point = find_point(event.labels.get(column.field), column)
            return f"{column.field}: {point}" if isinstance(point, str) and column.field in event.labels else (
                unknown if isinstance(point, str) else None
            )  # fmt: skip
        return None if self.find_event_source(column.field) is not None else unknown

    def find_event_source(self, field: str) -> Source | None:
        """Where a quantity of the event is stored; `met.pt` names a field of an event object."""
        owner, _, name = field.partition(".")
        if name:
            found = self.profile.event.objects.get(owner)
            return found.get(name) if found is not None else None
        return self.profile.event.fields.get(field)

    def find_source(self, base: str) -> CollectionSource:
        """Where objects of a base are stored."""
        return self.profile.collections[base]


def _owner(field: Node) -> Node:
    assert isinstance(field, Field)
    return field.owner


def label_column(node: LabelTest) -> Column:
    """The column that decides a label test: `!=`, `<` and `<=` are the opposite of `==`, `>=` and `>`."""
    assert isinstance(node.field, Field | EventField)
    if node.field.name == "flavour":
        return Column("flavour")
    positive: dict[Relation, Relation] = {"!=": "==", "<": ">=", "<=": ">"}
    return Column(node.field.name, positive.get(node.relation, node.relation), node.label)


def find_point(labels: Labels | None, column: Column) -> Node | str:
    """The boolean over branches that decides a label column, or why there is none."""
    if labels is None:
        return "the profile knows no labels of it"
    assert column.label is not None
    point = labels.find(column.label)
    if point is None:
        known = [p.label for p in labels.points]
        more = f" and {len(known) - 12} more" if len(known) > 13 else ""
        return f"the profile does not know '{column.label}', only {', '.join(known[:12] if more else known)}{more}"
    if not labels.ordered:
        return _decide(point) if column.relation == "==" else "its labels have no order"
    at_least = _decide(point)
    stronger = labels.find_stronger(column.label)
    if column.relation == ">=" or isinstance(at_least, str):
        return at_least
    above = _decide(stronger) if stronger is not None else None
    if isinstance(above, str):
        return above
    if column.relation == ">":
        return above if above is not None else f"'{column.label}' is the strongest label"
    return at_least if above is None else Logic(_BOOLEAN, "and", (at_least, Not(_BOOLEAN, above)))


def _decide(point: Point) -> Node | str:
    if point.expression is None:
        return f"{point.label}: {point.unavailable}"
    return parse_branches(point.expression, f"label {point.label}")
