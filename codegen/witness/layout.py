"""Which branches a format has, what numbers they hold, and which values are worth trying for given criteria."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from codegen.witness.stored import STILL, Builder, Event, Row
from schemas.expressions import nodes as n
from schemas.expressions.branches import Aggregate, Branch, OfEvent, list_columns, list_leaves, parse_branches
from schemas.expressions.nodes import Call, Comparison, Negative, Node, Number
from schemas.profile import CollectionSource, Labels, Profile
from schemas.units import find_unit
from schemas.validation import CheckedCriteria

WHOLE_FIELDS = ("charge", "n_tracks", "n_constituents")  # fields that count something
KINEMATICS = ("pt", "eta", "phi", "energy", "mass")
MOST_SELECTIONS = 4000
MOST_KINDS = 8
SHARED = (1.0, 10.0, 40.0, 160.0)  # what a quantity is divided by: a number of order 1, or a momentum in GeV


@dataclass
class Column:
    """A branch: bool, int or float numbers; values that decide something; whether the search may change it.

    A `listed` branch of the event holds a list, of which one entry is written.
    """

    whole: bool = False
    flag: bool = False
    listed: bool = False
    decisive: set[float] = field(default_factory=set)
    free: bool = False
    usual: float = 0.0

    def fit(self, value: float) -> float:
        """The number that the file will hold."""
        if self.flag:
            return 1.0 if value else 0.0
        return float(round(value)) if self.whole else value


@dataclass
class Layout:
    """The branches of a format: of the event as a whole, and by branch prefix of objects.

    `kinds` are, for every base object, the values of branches that make a stored row one of it; `double` says that the
    format holds numbers in double precision.
    """

    profile: Profile
    whole: dict[str, Column]
    stored: dict[str, dict[str, Column]]
    kinds: dict[str, list[Row]]
    double: bool

    def fit(self, column: Column, value: float) -> float:
        """The number that a file holds for a value: single precision where the format has that."""
        value = column.fit(value)
        return value if self.double or column.whole or column.flag else float(np.float32(value))

    def list_bases(self, prefix: str) -> list[str]:
        """The base objects that are stored under a prefix."""
        return [b for b, s in self.profile.collections.items() if s.prefix == prefix]


def lay_out(profile: Profile, checked: CheckedCriteria, read: Iterable[str]) -> Layout:
    """The layout of a format. `read` are the whole names of the branches that matter for the criteria."""
    whole: dict[str, Column] = {}
    stored: dict[str, dict[str, Column]] = {}
    wanted = set(read)
    for source in profile.collections.values():
        columns = stored.setdefault(source.prefix, {})
        for text, is_field in _list_texts(source, checked):
            node = parse_branches(text, "profile")
            _add_columns(columns, whole, stored, source, node, is_field)
        for name in WHOLE_FIELDS:
            if name in source.fields:
                node = parse_branches(source.fields[name].expression, name)
                if isinstance(node, Branch) and node.branch in columns:
                    columns[node.branch].whole = True
    for text, is_field in _list_event_texts(profile, checked):
        _add_columns(whole, whole, stored, None, parse_branches(text, "profile"), is_field)
    _add_weights(profile, whole, stored)
    for key in profile.key:
        whole[key] = Column(whole=True)
    for name, column in whole.items():
        column.free = name in wanted and name not in profile.key
        column.usual = 1.0 if column.flag else 0.0
    layout = Layout(profile, whole, stored, {}, profile.reader == "jsonl")
    for prefix, columns in stored.items():
        for name, column in columns.items():
            column.free = f"{prefix}{name}" in wanted
            column.usual = 1.0 if column.flag else 0.0
    for base in profile.collections:
        layout.kinds[base] = _find_kinds(layout, base)
    _fix_weights(layout)
    _note_thresholds(layout, checked)
    return layout


def _list_texts(source: CollectionSource, checked: CheckedCriteria) -> Iterator[tuple[str, bool]]:
    """Expressions of a collection, and whether each is a quantity (not a test)."""
    if source.selector is not None:
        yield source.selector, False
    for given in source.fields.values():
        yield given.expression, True
    for links in source.links.values():
        for link in links[:1]:
            yield from ((text, kind == "number") for _, text, kind in link.list_texts())
    yield from _list_label_texts(source.labels, checked)


def _list_event_texts(profile: Profile, checked: CheckedCriteria) -> Iterator[tuple[str, bool]]:
    for given in profile.event.fields.values():
        yield given.expression, True
    for thing in profile.event.objects.values():
        for given in thing.fields.values():
            yield given.expression, True
    yield from _list_label_texts(profile.event.labels, checked)


def _list_label_texts(labels: Mapping[str, Labels], checked: CheckedCriteria) -> Iterator[tuple[str, bool]]:
    words = {node.label for node in list_nodes(checked) if isinstance(node, n.LabelTest)}
    for known in labels.values():
        for point in known.points:
            if point.expression is not None:
                yield point.expression, False
        if known.branches is not None:
            yield from ((f'branch("{w}") == 1', False) for w in sorted(words) if w.startswith(known.branches))


def _add_columns(
    columns: dict[str, Column], whole: dict[str, Column], stored: dict[str, dict[str, Column]],
    source: CollectionSource | None, node: Node, is_field: bool,
) -> None:  # fmt: skip
    """Columns of one expression; what they are compared with says which numbers they hold."""
    decisive: dict[str, set[float]] = {}
    ordered: set[str] = set()
    for part in node.walk():
        if isinstance(part, Comparison):
            for side, other in ((part.left, part.right), (part.right, part.left)):
                limit = _read_literal(other)
                for leaf in side.walk():
                    if isinstance(leaf, Branch) and limit is not None:
                        decisive.setdefault(leaf.branch, set()).add(limit)
                        if part.relation not in ("==", "!="):
                            ordered.add(leaf.branch)
        if isinstance(part, Call) and part.function == "bit" and isinstance(part.arguments[0], Branch):
            limit = _read_literal(part.arguments[1])
            decisive.setdefault(part.arguments[0].branch, set()).update({0.0, float(2 ** int(limit or 0))})
    lists = {leaf.branch for leaf in list_leaves(node) if leaf.index is not None or leaf.sized}
    listed = {name for part in node.walk() if isinstance(part, Aggregate | OfEvent) for name, _ in list_columns(part)}
    bare = type(node) is Branch
    for name, is_whole in list_columns(node):
        owner, _, rest = name.partition(".")
        if name in lists and source is not None:
            continue  # lists of objects' lists cannot be written
        target = columns
        if source is not None and is_whole:
            target = whole
        elif source is not None and rest and owner in source.links:
            target, name = stored.setdefault(source.links[owner][0].prefix, {}), rest
        known = target.get(name)
        column = target.setdefault(name, Column(whole=not is_field, flag=not is_field))
        tested = decisive.get(name, set())
        column.decisive |= tested
        integral = bool(tested) and all(v.is_integer() for v in tested) and not is_field
        flag = integral and tested <= {0.0, 1.0} and name not in ordered
        if known is None or bare or not is_field:
            column.whole = integral and (known is None or known.whole)
            column.flag = flag and (known is None or known.flag)
        column.listed = column.listed or (target is whole and (name in lists or name in listed))


def _add_weights(profile: Profile, whole: dict[str, Column], stored: dict[str, dict[str, Column]]) -> None:
    weights = profile.weights
    if weights is None:
        return
    if weights.simulation is not None:
        _add_columns(whole, whole, stored, None, parse_branches(weights.simulation, "weights"), False)
        for name, _ in list_columns(parse_branches(weights.simulation, "weights"), True):
            whole[name].whole, whole[name].flag = True, False
    # of a profile that is fitted to collision data there are none; code that is bound to simulation reads all of them
    for text in (*(f.expression for f in weights.factors), weights.normalisation or "1"):
        _add_columns(whole, whole, stored, None, parse_branches(text, "weights"), True)


def _fix_weights(layout: Layout) -> None:
    """Weights are 1 and stay so."""
    weights = layout.profile.weights
    for text in () if weights is None else (*(f.expression for f in weights.factors), weights.normalisation or "1"):
        for name, _ in list_columns(parse_branches(text, "weights"), True):
            if name in layout.whole:
                layout.whole[name].free, layout.whole[name].usual = False, 1.0
    if weights is not None and weights.simulation is not None:
        for name, _ in list_columns(parse_branches(weights.simulation, "weights"), True):
            if name in layout.whole:
                layout.whole[name].free = False


def _read_literal(node: Node) -> float | None:
    if isinstance(node, Number):
        return node.value
    return -node.argument.value if isinstance(node, Negative) and isinstance(node.argument, Number) else None


def _find_kinds(layout: Layout, base: str) -> list[Row]:
    """Values of branches that make a stored row one of this base object, and of no other of the same prefix."""
    source = layout.profile.collections[base]
    if source.selector is None:
        return [{}]
    columns = layout.stored[source.prefix]
    mine = Builder(STILL, source).truth(parse_branches(source.selector, base))
    others = []
    for other in layout.list_bases(source.prefix):
        selector = layout.profile.collections[other].selector
        if other != base and selector is not None:
            others.append(Builder(STILL, source).truth(parse_branches(selector, other)))
    names = [name for name, is_whole in list_columns(parse_branches(source.selector, base)) if not is_whole]
    tries = []
    for name in names:
        decisive = sorted(columns[name].decisive) or [0.0, 1.0]
        values = dict.fromkeys(v for d in decisive for v in (d, -d, d + 1, d - 1, 0.0, 1.0))
        tries.append([layout.fit(columns[name], v) for v in values])
    found: list[Row] = []
    for count, chosen in enumerate(product(*tries)):
        row: Row = {}
        row.update(zip(names, chosen, strict=True))
        event = Event({}, {source.prefix: [row]})
        if mine(row, event) is True and not any(o(row, event) is True for o in others) and row not in found:
            found.append(row)
        if count > MOST_SELECTIONS or len(found) >= MOST_KINDS:
            break
    return found


def _note_thresholds(layout: Layout, checked: CheckedCriteria) -> None:
    """What the criteria compare quantities with is worth trying in the branches that these are made of."""
    for test in list_nodes(checked):
        if not isinstance(test, Comparison):
            continue
        limits = [p.value for p in test.walk() if isinstance(p, Number)]
        limits += [v for p in test.walk() if isinstance(p, n.Interpolation) for v in p.y]
        shared = [p.left for p in test.walk() if isinstance(p, n.Arithmetic) and p.operator == "/"]
        divided = {id(p) for left in shared for p in left.walk()}
        for part in test.walk():
            if isinstance(part, n.Field):
                sizes = SHARED if id(part) in divided else (1.0,)
                for columns, name, scale in _list_field_columns(layout, part):
                    if name in columns:
                        columns[name].decisive |= {v * scale * size for v in limits for size in sizes if v}


def _list_field_columns(layout: Layout, part: n.Field) -> Iterator[tuple[dict[str, Column], str, float]]:
    profile = layout.profile
    if isinstance(part.owner, n.EventObject):
        thing = profile.event.objects.get(part.owner.name)
        given = thing.fields.get(part.name) if thing is not None else None
        if given is not None:
            for name, _ in list_columns(parse_branches(given.expression, "profile"), True):
                yield layout.whole, name, find_scale(given.unit)
        return
    for source in profile.collections.values():
        given = source.fields.get(part.name)
        if given is None:
            continue
        for name, is_whole in list_columns(parse_branches(given.expression, "profile")):
            owner, _, rest = name.partition(".")
            if is_whole:
                yield layout.whole, name, find_scale(given.unit)
            elif rest and owner in source.links:
                yield layout.stored[source.links[owner][0].prefix], rest, find_scale(given.unit)
            else:
                yield layout.stored[source.prefix], name, find_scale(given.unit)


def find_scale(unit: str | None) -> float:
    """The stored number for 1 in base units."""
    return 1.0 if not unit else find_unit(unit).divide / find_unit(unit).multiply


def list_nodes(checked: CheckedCriteria) -> Iterator[Node]:
    """Every node of every expression of the criteria."""
    cuts = [c for owner in (checked.objects, checked.regions) for each in owner.values() for c in each]
    for made in checked.candidates.values():
        cuts += made.select
        for score in made.scores:
            yield from score.walk()
    for cut in cuts:
        yield from cut.test.walk()
        if cut.condition is not None:
            yield from cut.condition.walk()
    for node in checked.variables.values():
        yield from node.walk()


def list_columns_of(layout: Layout) -> list[str]:
    """The whole names of all branches of a layout."""
    return [*layout.whole, *(f"{prefix}{name}" for prefix, columns in layout.stored.items() for name in columns)]
