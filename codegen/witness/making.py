"""Random events of a format, and small changes of them: what a search starts from and moves by."""

import math
from collections.abc import Iterator
from random import Random

from codegen.witness.arithmetic import NAN
from codegen.witness.layout import KINEMATICS, Column, Layout, find_scale
from codegen.witness.objects import Ref
from codegen.witness.stored import STILL, Event, ProfileReader, Row
from schemas.expressions import nodes as n
from schemas.expressions.branches import Branch, parse_branches
from schemas.expressions.nodes import Comparison
from schemas.profile import CollectionSource
from schemas.validation import CheckedCriteria

USUAL_MASSES = {"electron": 0.000511, "muon": 0.10566, "tau": 1.777, "photon": 0.0}
CARTESIAN = {"px": ("px", "momentum.x", "p_x"), "py": ("py", "momentum.y", "p_y"), "pz": ("pz", "momentum.z", "p_z"),
             "energy": ("e", "energy", "en"), "mass": ("m", "mass")}  # fmt: skip


class Maker:
    """Makes events with the base objects that the criteria use. All choices come from one random generator."""

    def __init__(self, layout: Layout, checked: CheckedCriteria, seed: int) -> None:
        self.layout, self.random = layout, Random(seed)  # noqa: S311 - reproducible, not secret
        self.reader = ProfileReader(layout.profile, STILL)
        used = {b for scope in checked.scope.collections.values() for b in scope.bases}
        self.bases = sorted(b for b in used if b in layout.profile.collections and layout.kinds[b])
        self.momenta = _find_momenta(checked)
        self.stock: dict[str, list[Row]] = {}  # rows that pass the cuts on objects
        self.direct = {b: _find_direct(layout.profile.collections[b]) for b in layout.profile.collections}

    # ------------------------------------------------------------------ making

    def make_event(self, least: int = 0, most: int = 4) -> Event:
        """An event with some objects of every kind that the criteria use."""
        event = self.make_empty()
        for base in self.bases:
            for _ in range(self.random.randint(least, most)):
                self.add_object(event, base)
        return event

    def make_empty(self) -> Event:
        """An event without objects."""
        event = Event({}, {prefix: [] for prefix in self.layout.stored})
        for name, column in self.layout.whole.items():
            value = self.pick_value(column)
            event.whole[name] = [value] if column.listed else value
        return event

    def add_object(self, event: Event, base: str) -> Ref:
        """Put one more object of a kind into an event; its linked objects come with it."""
        source = self.layout.profile.collections[base]
        rows = event.stored[source.prefix]
        rows.append(self.make_row(base))
        self._link(event, source, rows[-1])
        return source.prefix, len(rows) - 1

    def make_row(self, base: str) -> Row:
        """A stored object of one kind, mostly one that passes the cuts on objects."""
        if self.stock.get(base) and self.random.random() < 0.85:
            return dict(self.random.choice(self.stock[base]))
        source = self.layout.profile.collections[base]
        row: Row = {name: self.pick_value(c) for name, c in self.layout.stored[source.prefix].items()}
        row.update(self.random.choice(self.layout.kinds[base]))
        low, high = self.momenta
        pt = math.exp(self.random.uniform(math.log(low), math.log(high)))
        mass = USUAL_MASSES.get(base, 5.0 + 0.05 * pt * self.random.random())
        self.set_momentum(base, row, pt, self.random.uniform(-2.4, 2.4), self.random.uniform(-3.1, 3.1), mass)
        if "charge" in self.direct[base] and base not in ("photon", "jet", "fat_jet"):
            column = self.direct[base]["charge"][0]
            row[column] = self.random.choice((-1.0, 1.0))
        return row

    def _link(self, event: Event, source: CollectionSource, row: Row) -> None:
        for links in source.links.values():
            for link in links[:1]:
                node = parse_branches(link.index, "link")
                if link.prefix not in event.stored or not isinstance(node, Branch) or link.prefix == source.prefix:
                    continue
                target = event.stored[link.prefix]
                row[node.branch] = float(len(target))
                target.append({name: self.pick_value(c) for name, c in self.layout.stored[link.prefix].items()})
                if link.key is not None and isinstance(key := parse_branches(link.key, "link"), Branch):
                    row[key.branch] = float(link.wanted_key or 0)

    def pick_value(self, column: Column) -> float:
        """A number that a branch may hold: usual, or near to what decides something."""
        if not column.free:
            return self.layout.fit(column, column.usual)
        if column.flag:
            return 1.0 if self.random.random() < 0.7 else 0.0
        if not column.decisive:
            return self.layout.fit(column, self.random.random())
        near = self.random.choice(sorted(column.decisive))
        if column.whole:
            return near + self.random.choice((-1.0, 0.0, 0.0, 1.0))
        factor = self.random.choice((0.0, 0.1, 0.3, 0.6, 0.9, 1.1, 1.5, 2.5))
        return self.layout.fit(column, near * factor * self.random.choice((-1, 1)) * self.random.uniform(0.9, 1.1))

    # ------------------------------------------------------------------ momenta

    def set_momentum(self, base: str, row: Row, pt: float, eta: float, phi: float, mass: float) -> None:
        """Give a stored object a momentum in GeV, in whatever coordinates the format has."""
        eta = min(max(eta, -12.0), 12.0)
        source = self.layout.profile.collections[base]
        direct = self.direct[base]
        columns = self.layout.stored[source.prefix]
        if "pt" in direct:
            wanted = {"pt": pt, "eta": eta, "phi": phi, "mass": mass}
            for name in ("pt", "eta", "phi", "mass"):
                if name in direct:
                    column, scale = direct[name]
                    row[column] = self.layout.fit(columns[column], wanted[name] * scale)
                    wanted[name] = _number(row[column]) / scale
            if "energy" in direct:
                column, scale = direct["energy"]
                energy = math.hypot(wanted["pt"] * math.cosh(wanted["eta"]), wanted["mass"])
                row[column] = self.layout.fit(columns[column], energy * scale)
            return
        px, py, pz = pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(eta)
        values = {"px": px, "py": py, "pz": pz, "mass": mass, "energy": math.hypot(px, py, pz, mass)}
        for name, value in values.items():
            for column in columns:
                if column.lower() in CARTESIAN[name]:
                    row[column] = self.layout.fit(columns[column], value)

    def read_momentum(self, base: str, row: Row, event: Event) -> tuple[float, float, float, float]:
        """pt, eta, phi and mass of a stored object."""
        fields = self.reader.bases[base].fields
        pt, eta, phi = (fields[name](row, event) if name in fields else NAN for name in ("pt", "eta", "phi"))
        if "mass" in fields:
            return pt, eta, phi, fields["mass"](row, event)
        if "energy" not in fields or pt != pt or eta != eta:
            return pt, eta, phi, 0.0
        square = fields["energy"](row, event) ** 2 - (pt * math.cosh(eta)) ** 2
        return pt, eta, phi, math.sqrt(square) if square > 0 else 0.0

    def find_base(self, prefix: str, row: Row, event: Event) -> str | None:
        """What kind of object a stored row is."""
        for base in self.layout.list_bases(prefix):
            selector = self.reader.bases[base].selector
            if selector is None or selector(row, event) is True:
                return base
        return None

    # ------------------------------------------------------------------ changing

    def change(self, event: Event) -> Event:
        """A copy of an event with one thing changed."""
        changed = event.copy()
        refs = [(p, k) for p, rows in changed.stored.items() for k in range(len(rows)) if self.layout.list_bases(p)]
        roll = self.random.random()
        if self.bases and (not refs or roll < 0.06):
            self.add_object(changed, self.random.choice(self.bases))
            return changed
        free = [name for name, c in self.layout.whole.items() if c.free]
        if free and (not refs or roll < 0.14):
            name = self.random.choice(free)
            value = self.pick_value(self.layout.whole[name])
            changed.whole[name] = [value] if self.layout.whole[name].listed else value
            return changed
        if refs:
            self.change_object(changed, self.random.choice(refs))
        return changed

    def change_object(self, event: Event, ref: Ref) -> None:
        """Change one stored object in place, or take it away."""
        prefix, k = ref
        row = event.stored[prefix][k]
        base = self.find_base(prefix, row, event)
        roll = self.random.random()
        if roll < 0.06 or base is None:
            event.stored[prefix].pop(k)
        elif roll < 0.70:
            self._move_object(event, base, row)
        elif roll < 0.76:
            other = self.random.choice([b for b in self.layout.list_bases(prefix) if b in self.bases] or [base])
            momentum = self.read_momentum(base, row, event)
            row.update(self.random.choice(self.layout.kinds[other] or [{}]))
            self.set_momentum(other, row, *momentum[:3], USUAL_MASSES.get(other, momentum[3]))
        elif roll < 0.84 and "charge" in self.direct[base]:
            column = self.direct[base]["charge"][0]
            row[column] = -_number(row[column])
        else:
            free = [c for c, column in self.layout.stored[prefix].items() if column.free]
            if free:
                name = self.random.choice(free)
                if name not in self.layout.kinds[base][0] and name not in self.list_momentum_columns(base):
                    row[name] = self.pick_value(self.layout.stored[prefix][name])

    def _move_object(self, event: Event, base: str, row: Row) -> None:
        pt, eta, phi, mass = self.read_momentum(base, row, event)
        if not math.isfinite(pt + eta + phi):
            return
        gauss = self.random.gauss
        match self.random.randrange(5):
            case 0:
                pt *= math.exp(gauss(0, 0.3))
            case 1:
                eta += gauss(0, 0.4)
            case 2:
                phi += gauss(0, 0.6)
            case 3:
                pt, eta, phi = pt * math.exp(gauss(0, 0.05)), eta + gauss(0, 0.1), phi + gauss(0, 0.1)
            case 4:  # close to another object, or opposite to it
                others = [r for rows in event.stored.values() for r in rows if r is not row]
                if others:
                    self._approach(event, base, row, self.random.choice(others), (pt, eta, phi, mass))
                return
        phi = phi - 2 * math.pi * round(phi / (2 * math.pi))
        self.set_momentum(base, row, min(max(pt, 0.1), 5000.0), min(max(eta, -5.0), 5.0), phi, mass)

    def _approach(
        self, event: Event, base: str, row: Row, near: Row, momentum: tuple[float, float, float, float]
    ) -> None:
        for prefix, rows in event.stored.items():
            other = self.find_base(prefix, near, event) if any(r is near for r in rows) else None
            if other is None:
                continue
            _, eta, phi, _ = self.read_momentum(other, near, event)
            if math.isfinite(eta + phi):
                size = self.random.choice((0.03, 0.1, 0.3, 0.5))
                phi += self.random.gauss(0, size) + self.random.choice((0.0, 0.0, math.pi))
                phi = phi - 2 * math.pi * round(phi / (2 * math.pi))
                self.set_momentum(base, row, momentum[0], eta + self.random.gauss(0, size), phi, momentum[3])
            return

    def list_mirrored(self, event: Event) -> Iterator[Event]:
        """The event with one sign turned, of all objects or of one; with all objects of one kind made another; with one
        flag turned; with one more object; with one object twice."""
        names = {
            name for columns in self.layout.stored.values() for name, c in columns.items() if c.free and not c.flag
        }
        for name in sorted(names):
            changed = event.copy()
            for prefix, rows in changed.stored.items():
                for row in rows if name in self.layout.stored[prefix] else ():
                    row[name] = self.layout.fit(self.layout.stored[prefix][name], -_number(row.get(name, 0.0)))
            yield changed
        yield from self._list_swapped(event)
        for ref, name, column in self.list_free(event):
            if not column.flag:
                changed = event.copy()
                row = changed.whole if ref is None else changed.stored[ref[0]][ref[1]]
                value = self.layout.fit(column, -_number(row.get(name, 0.0)))
                row[name] = [value] if column.listed else value
                yield changed
        for base in self.bases:
            changed = event.copy()
            self.add_object(changed, base)
            yield changed
        for prefix, rows in event.stored.items():
            for row in rows if self.layout.list_bases(prefix) else ():
                changed = event.copy()
                changed.stored[prefix].append(dict(row))
                yield changed

    def _list_swapped(self, event: Event) -> Iterator[Event]:
        for prefix, rows in event.stored.items():
            kinds = [self.find_base(prefix, row, event) for row in rows]
            here = [b for b in self.layout.list_bases(prefix) if b in self.bases]
            for old in dict.fromkeys(k for k in kinds if k is not None):
                for new in here if old in here else ():
                    changed = event.copy()
                    for row, kind in zip(changed.stored[prefix], kinds, strict=True):
                        if kind == old and new != old:
                            pt, eta, phi, mass = self.read_momentum(old, row, event)
                            row.update(self.layout.kinds[new][0])
                            self.set_momentum(new, row, pt, eta, phi, USUAL_MASSES.get(new, mass))
                    yield changed
            for name, column in self.layout.stored[prefix].items():
                for k in range(len(rows)) if column.flag else ():
                    changed = event.copy()
                    changed.stored[prefix][k][name] = 1.0 - _number(rows[k].get(name, column.usual))
                    yield changed

    def list_momentum_columns(self, base: str) -> set[str]:
        """Branches that hold an object's momentum."""
        columns = {self.direct[base][name][0] for name in KINEMATICS if name in self.direct[base]}
        prefix = self.layout.profile.collections[base].prefix
        names = {alias for aliases in CARTESIAN.values() for alias in aliases}
        return columns or {c for c in self.layout.stored[prefix] if c.lower() in names}

    def list_free(self, event: Event) -> Iterator[tuple[Ref | None, str, Column]]:
        """Every number of an event that may be changed: where it is, its branch, and the column."""
        for name, column in self.layout.whole.items():
            if column.free:
                yield None, name, column
        for prefix, rows in event.stored.items():
            for k in range(len(rows)):
                for name, column in self.layout.stored[prefix].items():
                    if column.free:
                        yield (prefix, k), name, column


def _number(cell: float | list[float]) -> float:
    return cell[0] if isinstance(cell, list) else cell


def _find_direct(source: CollectionSource) -> dict[str, tuple[str, float]]:
    """Fields that are one branch each: the branch, and the stored number for 1 in base units."""
    found: dict[str, tuple[str, float]] = {}
    for name, given in source.fields.items():
        node = parse_branches(given.expression, name)
        if type(node) is Branch and node.index is None and "." not in node.branch:
            found[name] = (node.branch, find_scale(given.unit))
    return found


def _find_momenta(checked: CheckedCriteria) -> tuple[float, float]:
    """The range of pT that the criteria speak of, in GeV."""
    limits = []
    cuts = [c for owner in (checked.objects, checked.regions) for each in owner.values() for c in each]
    for cut in cuts:
        for part in cut.test.walk():
            if isinstance(part, Comparison):
                for side, other in ((part.left, part.right), (part.right, part.left)):
                    about = isinstance(side, n.Field) and side.name in ("pt", "et") and not _is_met(side)
                    if about and isinstance(other, n.Number) and other.value > 0:
                        limits.append(other.value)
    low, high = min(limits, default=10.0), max(limits, default=50.0)
    return 0.8 * low, max(4 * high, 100.0)


def _is_met(field: n.Field) -> bool:
    return isinstance(field.owner, n.EventObject)
