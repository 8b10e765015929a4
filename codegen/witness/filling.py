"""What events hold beside what the criteria read: numbers as files have them, so that no made-up event is told by them.

The values mean nothing to the criteria. They differ between fillings, as do the order of events and their numbers.
"""

import math
from collections.abc import Sequence
from random import Random

from codegen.witness.layout import Column, Layout, find_scale
from codegen.witness.stored import Event, Row
from schemas.expressions.branches import Branch, list_columns, parse_branches
from schemas.profile import CollectionSource, Source

RUNS = (276262, 284500, 300000, 310000, 325713, 364292)
SAMPLES = (341947, 345060, 361106, 363490, 364250, 410000)
MOST_EXTRA = 6  # objects of a kind that the criteria do not speak of; a crowded event has up to four times as many
RARE = 0.04  # part of the values that lie far out, as in every large file
KEPT = ("pt", "eta", "phi", "energy", "mass", "charge")  # fields that events give, even where the criteria do not ask
CARTESIAN = ("px", "py", "pz", "e", "m", "en", "energy", "mass", "p_x", "p_y", "p_z")


def number_events(count: int, filling: int) -> list[int]:
    """The number in the file of each event, all different; the same for the same arguments."""
    random = _draw("numbers", filling)
    found: dict[int, None] = {}
    while len(found) < count:
        found.setdefault(random.randrange(1_000, 90_000_000))
    return list(found)


def order_events(count: int, filling: int) -> list[int]:
    """The order in which a file has the events: which one stands at each place."""
    order = list(range(count))
    _draw("order", filling).shuffle(order)
    return order


def draw_keys(key: Sequence[str], counter: str, number: int, filling: int) -> dict[str, int]:
    """The key of an event with this number: a run, and simulation's sample or, for collisions, the run once more."""
    random = _draw(f"key {number}", filling)
    run = random.choice(RUNS)
    sample = random.choice(SAMPLES) if random.random() < 0.7 else run
    keys = {}
    for name in key:
        low = name.lower()
        drawn = sample if "channel" in low else run if "run" in low else random.randrange(1, 2000)
        keys[name] = number if name == counter else drawn
    return keys


def fill_events(layout: Layout, events: Sequence[Event], filling: int) -> list[Event]:
    """The events with plausible numbers in the branches that the criteria do not read, and objects of other kinds.

    What the criteria read, momenta, charges, links and what tells kinds of objects apart stay as they are.
    """
    fill = _Filler(layout, filling)
    return [fill.fill(event) for event in events]


def _draw(what: str, filling: int) -> Random:
    return Random(f"{what} of filling {filling}")  # noqa: S311 - reproducible, not secret


class _Filler:
    def __init__(self, layout: Layout, filling: int) -> None:
        self.layout = layout
        self.random = _draw("values", filling)
        self.kinds = _find_kinds(layout)
        self.kept = {prefix: _list_kept(layout, prefix) for prefix in layout.stored}
        self.linked = {
            link.prefix for s in layout.profile.collections.values() for links in s.links.values() for link in links
        }
        self.weights, self.same = self._find_weights()

    def _find_weights(self) -> tuple[list[str], dict[str, float]]:
        """Branches of weights: those that differ by event, and those that are one number for a sample."""
        weights = self.layout.profile.weights
        if weights is None:
            return [], {}
        factors = [n for f in weights.factors for n, _ in list_columns(parse_branches(f.expression, "weights"), True)]
        totals = [n for n, _ in list_columns(parse_branches(weights.normalisation or "1", "weights"), True)]
        fixed = [n for n in (*factors, *totals) if n in totals or "section" in n.lower() or "sum" in n.lower()]
        same = {
            n: self.random.uniform(2e5, 5e6) if "sum" in n.lower() else self.random.uniform(0.01, 40) for n in fixed
        }
        return [n for n in factors if n not in same], same

    def fill(self, event: Event) -> Event:
        filled = event.copy()
        simulation = self.layout.profile.weights.simulation if self.layout.profile.weights is not None else None
        tests = {n for n, _ in list_columns(parse_branches(simulation, "weights"), True)} if simulation else set()
        for name, column in self.layout.whole.items():
            if column.free or name in tests or name in self.layout.profile.key:
                continue
            value = self._draw_whole(name, column)
            filled.whole[name] = [value] if column.listed else value
        for prefix, columns in self.layout.stored.items():
            rows = filled.stored.setdefault(prefix, [])
            for row in rows:
                self._fill_row(prefix, row, columns)
            unread = not any(c.free for c in columns.values()) and prefix not in self.linked
            if not rows and unread and any(self.layout.list_bases(prefix)):
                crowded = 4 if self.random.random() < RARE else 1
                for _ in range(min(int(self.random.expovariate(0.5)) * crowded**2, MOST_EXTRA * crowded)):
                    rows.append({})
                    self._add_object(prefix, rows[-1], columns)
                rows.sort(key=lambda row: -_read_first(row, self._find_pt(prefix)))
        return filled

    def _draw_whole(self, name: str, column: Column) -> float:
        if name in self.same:
            value = self.same[name]
        elif name in self.weights:
            value = self.random.gauss(1, 0.06) if name != self.weights[0] else self.random.gauss(1.2, 0.3)
            value = abs(value) + 0.01 if name != self.weights[0] or self.random.random() < 0.9 else -abs(value) - 0.01
            if name == self.weights[0] and self.random.random() < RARE:
                value *= 10 ** self.random.uniform(1, 4)
        else:
            field, scale = self.kinds.get(name, ("", 1.0))
            value = self._draw_value(field, scale, column)
        return self.layout.fit(column, value)

    def _fill_row(self, prefix: str, row: Row, columns: dict[str, Column]) -> None:
        for name, column in columns.items():
            if not column.free and name not in self.kept[prefix] and row.get(name, column.usual) == column.usual:
                field, scale = self.kinds.get(f"{prefix}{name}", ("", 1.0))
                row[name] = self.layout.fit(column, self._draw_value(field, scale, column))

    def _add_object(self, prefix: str, row: Row, columns: dict[str, Column]) -> None:
        """An object of a kind that the criteria do not ask for, with a momentum that agrees in all its coordinates."""
        pt, eta = 8 + self.random.expovariate(1 / 30), max(min(self.random.gauss(0, 1.3), 2.5), -2.5)
        phi, mass = self.random.uniform(-math.pi, math.pi), self.random.uniform(0.02, 0.15) * pt
        momentum = {
            "pt": pt, "eta": eta, "phi": phi, "mass": mass, "energy": math.hypot(pt * math.cosh(eta), mass),
            "px": pt * math.cos(phi), "py": pt * math.sin(phi), "pz": pt * math.sinh(eta),
        }  # fmt: skip
        kinds = [kind for base in self.layout.list_bases(prefix) for kind in self.layout.kinds[base]]
        for name, column in columns.items():
            field, scale = self.kinds.get(f"{prefix}{name}", ("", 1.0))
            known = momentum.get(field) if field in momentum else momentum.get(name.lower().rpartition(".")[2])
            value = known * scale if known is not None else self._draw_value(field, scale, column)
            row[name] = self.layout.fit(column, value)
        if kinds:
            row.update(self.random.choice(kinds))

    def _find_pt(self, prefix: str) -> str:
        return next((n for n in self.layout.stored[prefix] if self.kinds.get(f"{prefix}{n}", ("", 1.0))[0] == "pt"), "")

    def _draw_value(self, field: str, scale: float, column: Column) -> float:
        """A number of a field as events have it, in the unit of the file."""
        random = self.random
        if column.flag:
            return float(random.random() < 0.6)
        match field:
            case "pt" | "et" | "energy" | "sumet" | "ht":
                far = 10 ** random.uniform(0.5, 2) if random.random() < RARE else 1.0
                return (5 + random.expovariate(1 / 35)) * far * scale
            case "mass":
                return (0.1 + random.expovariate(1 / 8)) * scale
            case "eta":
                return max(min(random.gauss(0, 1.2), 2.5), -2.5) * scale
            case "phi":
                return random.uniform(-math.pi, math.pi) * scale
            case "charge":
                return random.choice((-1.0, 1.0)) * scale
            case "n_tracks":
                return random.choice((1.0, 3.0))
        if "isolation" in field:
            return random.expovariate(1 / 1.5) * scale
        if field in ("d0", "z0", "dz", "z0_sintheta"):
            return random.gauss(0, 0.05 if field == "d0" else 0.3) * scale
        if column.decisive:
            near = random.choice(sorted(column.decisive))
            if column.whole:
                return max(near + random.choice((-1.0, 0.0, 1.0)), 0.0)
            return (near or 1.0) * random.uniform(0.1, 1.8)
        return float(random.randrange(0, 4)) if column.whole else random.gauss(0.5, 0.3)


def _read_first(row: Row, name: str) -> float:
    value = row.get(name, 0.0)
    return value[0] if isinstance(value, list) else value


def _find_kinds(layout: Layout) -> dict[str, tuple[str, float]]:
    """What a branch holds where it is one field as it stands: the field, and the stored number for 1 in base units."""
    found: dict[str, tuple[str, float]] = {}

    def note(prefix: str, fields: dict[str, Source]) -> None:
        for name, given in fields.items():
            node = parse_branches(given.expression, name)
            if type(node) is Branch:
                found.setdefault(f"{prefix}{node.branch}", (name, find_scale(given.unit)))

    for source in layout.profile.collections.values():
        note(source.prefix, dict(source.fields))
    for thing in layout.profile.event.objects.values():
        note("", dict(thing.fields))
    note("", dict(layout.profile.event.fields))
    return found


def _list_kept(layout: Layout, prefix: str) -> set[str]:
    """Branches of objects that events give: momenta, charges, links and what tells kinds of objects apart."""
    kept = {name for name in layout.stored[prefix] if name.lower().rpartition(".")[2] in CARTESIAN}
    kept |= {name for base in layout.list_bases(prefix) for row in layout.kinds[base] for name in row}
    for source in layout.profile.collections.values():
        if source.prefix == prefix:
            kept |= _list_given(source)
        for links in source.links.values():
            for link in links:
                texts = [text for _, text, _ in link.list_texts()]
                kept |= {name for text in texts for name, _ in list_columns(parse_branches(text, "link"))}
    return kept


def _list_given(source: CollectionSource) -> set[str]:
    fields = [source.fields[name].expression for name in KEPT if name in source.fields]
    return {name for text in fields for name, _ in list_columns(parse_branches(text, "profile"))}
