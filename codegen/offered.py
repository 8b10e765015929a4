"""What a coder's function may look at where criteria state something in words: objects and their fields in a format."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from codegen.bind import Binding, label_column
from codegen.usage import Usage, finds_candidate
from schemas.checked_cut import CheckedCut
from schemas.expressions.nodes import (
    Call,
    Candidate,
    Collection,
    Composites,
    EventObject,
    Field,
    LabelTest,
    Members,
    Node,
    This,
    Type,
    Worded,
)
from schemas.fields import EVENT_OBJECTS, FIELDS
from schemas.profile import Profile
from schemas.validation import CheckedCriteria, find_reach
from schemas.words import name_function

MOMENTUM = ("pt", "eta", "phi", "mass", "energy", "px", "py", "pz")
FREE = ("charge", "flavour")  # given wherever a format has them
TRUTH = "True or False"  # the unit of a label
MOST_LABELS = 6  # of one field: a format may know hundreds of triggers

_OBJECT, _NUMBER, _LABEL, _BOOLEAN = Type("object"), Type("number"), Type("label"), Type("boolean")


class Offer(NamedTuple):
    """Objects of one name: `key` as in objects["key"], what they are, and the quantities that each of them has.

    `columns` are names and units of fields, `nodes` what is behind them; the momentum is one node.
    """

    key: str
    node: Node
    columns: tuple[tuple[str, str], ...]
    nodes: tuple[Node, ...]

    def narrow(self, mentioned: frozenset[str] | None) -> "Offer":
        """Only the fields that are named; the momentum, charge and flavour in any case."""
        if mentioned is None:
            return self
        kept = tuple(n for n in self.nodes if isinstance(n, Call) or name_field(n) in {*mentioned, *FREE})
        names = {name_field(n) for n in kept}
        columns = tuple(c for c in self.columns if c[0] in {*names, *MOMENTUM})
        return self._replace(nodes=kept, columns=columns)


def offer_objects(checked: CheckedCriteria, profile: Profile, functions: str) -> CheckedCriteria:
    """The criteria with everything in words knowing what its function looks at: a function is given what it names."""
    mentioned = find_mentioned(functions)
    offers: dict[Worded, tuple[Offer, ...]] = {}
    for node in _list_nodes(checked):
        name = name_function(checked.criteria, node.owner, is_variable=node.type.kind == "number")
        offers[node] = list_offers(checked, profile, node, mentioned.get(name, frozenset()))

    def give(node: Worded) -> Worded:
        return replace(node, given=tuple(n for offer in offers[node] for n in (offer.node, *offer.nodes)))

    def change(cut: CheckedCut) -> CheckedCut:
        if not isinstance(cut.test, Worded):
            return cut
        node = give(cut.test)
        return replace(cut, variable=node, test=node)

    return replace(
        checked,
        objects={name: tuple(map(change, cuts)) for name, cuts in checked.objects.items()},
        variables={name: give(n) if isinstance(n, Worded) else n for name, n in checked.variables.items()},
        regions={name: tuple(map(change, cuts)) for name, cuts in checked.regions.items()},
    )


def list_offers(
    checked: CheckedCriteria, profile: Profile, node: Worded, mentioned: frozenset[str] | None = None
) -> tuple[Offer, ...]:
    """What the function for something in words may look at, in document order."""
    binding = Binding(checked, profile)
    found: list[Offer] = []
    for key, owner in _list_owners(checked, node):
        if mentioned is not None and key not in mentioned:
            continue
        if binding.find_obstacle(owner) is not None or not _can_be_made(binding, owner):
            continue
        offer = _offer(binding, key, owner)
        if offer is not None:
            found.append(offer.narrow(mentioned))
    return tuple(found)


def find_mentioned(functions: str) -> dict[str, frozenset[str]]:
    """By function every name that it may mean objects or a field by: attributes and texts, its helpers' among them."""
    try:
        tree = ast.parse(functions)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    own = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    rest = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    found: dict[str, frozenset[str]] = {}
    for name in own:
        called, pending = {name}, [name]
        while pending:
            used = {n.id for n in ast.walk(own[pending.pop()]) if isinstance(n, ast.Name)}
            new = (used & set(own)) - called
            called |= new
            pending += new
        found[name] = frozenset(n for node in (*rest, *(own[c] for c in called)) for n in _list_texts(node))
    return found


def _list_texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def list_keys(checked: CheckedCriteria) -> tuple[str, ...]:
    """What functions may call objects by, wherever they may."""
    return tuple(dict.fromkeys(key for node in _list_nodes(checked) for key, _ in _list_owners(checked, node)))


def name_field(node: Node) -> str:
    """What a function calls a field: `d0`, or `id_loose` for a working point."""
    match node:
        case LabelTest():
            return label_column(node).name
        case Call():
            return node.function
        case Field():
            return node.name
    raise TypeError(type(node).__name__)


def _list_nodes(checked: CheckedCriteria) -> Iterator[Worded]:
    cuts = [c for own in (*checked.objects.values(), *checked.regions.values()) for c in own]
    roots = [*(c.test for c in cuts), *checked.variables.values()]
    yield from (n for n in roots if isinstance(n, Worded))


def _list_owners(checked: CheckedCriteria, node: Worded) -> Iterator[tuple[str, Node]]:
    """Names and nodes of the objects in reach."""
    criteria = checked.criteria
    if isinstance(node.axis, This):
        name = node.axis.collection
        for other in find_reach(checked).get(name, ()):
            yield other, Collection(_OBJECT, other)
        yield name, node.axis
    else:
        for definition in criteria.objects:
            yield definition.name, Collection(_OBJECT, definition.name)
        for candidate in criteria.candidates:
            for name in (*(candidate.pairing or ()), candidate.name):
                scope = checked.scope.candidates[name]
                made = Candidate(_OBJECT, name)
                yield name, Composites(_OBJECT, name) if scope.composites else made
                for part in scope.members if not scope.composites else ():
                    yield f"{name}.{part}", Members(_OBJECT, made, part)
    for name in EVENT_OBJECTS:
        yield name, EventObject(_OBJECT, name)


def _can_be_made(binding: Binding, node: Node) -> bool:
    owner = node.owner if isinstance(node, Members) else node
    return not isinstance(owner, Candidate | Composites) or finds_candidate(Usage(binding), owner.name)


def _offer(binding: Binding, key: str, owner: Node) -> Offer | None:
    columns: list[tuple[str, str]] = []
    nodes: list[Node] = []
    if isinstance(owner, EventObject):
        for field in ("pt", "phi"):
            of_event = Field(_NUMBER, owner, field)
            if binding.find_obstacle(of_event) is None:
                nodes.append(of_event)
                columns.append((field, find_unit_of(field)))
        return Offer(key, owner, tuple(columns), tuple(nodes)) if len(nodes) == 2 else None
    axis = _NUMBER._replace(axis=owner.axis)
    momentum: Node = Call(axis, "mass", (owner,))
    if binding.find_obstacle(momentum) is None:
        nodes.append(momentum)
        columns += [(name, find_unit_of(name)) for name in MOMENTUM]
    if isinstance(owner, Candidate | Composites):
        charge = Call(axis, "charge", (owner,))
        if binding.find_obstacle(charge) is None:
            nodes.append(charge)
            columns.append(("charge", ""))
        return Offer(key, owner, tuple(columns), tuple(nodes)) if nodes else None
    for node in _list_fields(binding, owner):
        name = name_field(node)
        if binding.find_obstacle(node) is None and name not in dict(columns):
            nodes.append(node)
            columns.append((name, TRUTH if isinstance(node, LabelTest) else find_unit_of(name)))
    return Offer(key, owner, tuple(columns), tuple(nodes))


def _list_fields(binding: Binding, owner: Node) -> Iterator[Node]:
    """Candidates for fields: numbers, then labels of which the format knows when an object has them."""
    axis = owner.axis
    for name, definition in FIELDS.items():
        if name == "flavour":
            yield Field(_LABEL._replace(axis=axis), owner, name)
        elif definition.kind != "label":
            yield Field(Type("number", definition.dimension, axis), owner, name)
    root = binding.find_root(owner)
    bases = binding.list_bases(root) if root is not None else ()
    for name in FIELDS:
        known = [binding.profile.collections[b].labels.get(name) for b in bases]
        first = known[0] if known and None not in known else None
        if first is None or name == "flavour":
            continue
        for point in first.points[:MOST_LABELS]:
            field = Field(_LABEL._replace(axis=axis), owner, name)
            relation = ">=" if first.ordered else "=="
            yield LabelTest(_BOOLEAN._replace(axis=axis), relation, field, point.label)  # type: ignore[arg-type]


def find_unit_of(name: str) -> str:
    """The base unit of a field; empty for a plain number."""
    if name in ("px", "py", "pz"):
        return "GeV"
    definition = FIELDS.get(name)
    if definition is None or definition.kind == "label":
        return ""
    dimension = definition.dimension
    return "GeV" if dimension.energy == 1 else "mm" if dimension.length == 1 else "rad" if name == "phi" else ""


def group_given(given: Iterable[Node]) -> Mapping[Node, list[Node]]:
    """By objects what of them is given; the order of `Offer.nodes`."""
    found: dict[Node, list[Node]] = {}
    for node in given:
        if isinstance(node, Field | LabelTest | Call):
            owner = node.field.owner if isinstance(node, LabelTest) and isinstance(node.field, Field) else None
            owner = owner or (node.arguments[0] if isinstance(node, Call) else node.owner)  # type: ignore[union-attr]
            found[owner].append(node)
        else:
            found[node] = []
    return found
