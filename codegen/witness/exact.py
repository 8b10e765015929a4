"""Events in which a quantity is exactly its threshold, by numbers that every formula computes without rounding."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from codegen.witness.evaluate import Look
from codegen.witness.goals import Goal
from codegen.witness.objects import Composite, Ref, Thing
from codegen.witness.stored import Event
from schemas.expressions import nodes as n
from schemas.expressions.nodes import Node

NEWTON = 8
DERIVED = ("mass", "pt", "eta", "phi", "deltaR", "deltaeta", "deltaphi", "rapidity", "sqrt", "cos", "sin")

if TYPE_CHECKING:
    from codegen.witness.crossing import Pair
    from codegen.witness.search import Searcher


def list_exact(search: "Searcher", goal: Goal, pair: "Pair") -> Iterator[Event]:
    """Events that may be exactly at the threshold, likely ones first."""
    about = list(pair.entry[1]) or _find_objects(search, goal, pair.inside)
    derived = goal.atom is not None and any(
        isinstance(part, n.Call) and part.function in DERIVED for part in search.walk(goal.atom)
    )
    for event in (pair.inside, pair.outside):
        refs = [(prefix, k) for prefix, k in about if k < len(event.stored.get(prefix, ()))]
        for plain in _straighten(search, event, refs) if not derived else ():
            yield from _close_gap(search, goal, pair, plain, refs)
        yield from _align_masses(search, goal, event)
        yield from _align_distances(search, goal, event)


def _find_objects(search: "Searcher", goal: Goal, event: Event) -> list[Ref]:
    """The stored objects that a comparison is about."""
    if goal.atom is None:
        return []
    look = search.interpreter.look(event)
    found: dict[Ref, None] = {}
    for part in search.walk(goal.atom):
        for one in _list_objects(look, part):
            found.update(dict.fromkeys([one.ref] if isinstance(one, Thing) else one.refs))
    return list(found)


def _list_objects(look: Look, node: Node) -> list[Thing | Composite]:
    if not isinstance(
        node, n.Item | n.Candidate | n.Members | n.Collection | n.Pairs | n.Role | n.Composites | n.Slice
    ):
        return []
    found = look.objects(node)
    listed = found if isinstance(found, list) else [] if isinstance(found, str) else [found]
    return [one for one in listed if isinstance(one, Thing | Composite)]


def _straighten(search: "Searcher", event: Event, refs: list[Ref]) -> Iterator[Event]:
    """The event as it is; with round pT; with the objects in question at eta 0, for which sin and cosh are exact."""
    yield event
    for flat in (False, True):
        changed = event.copy()
        for prefix, k in refs:
            row = changed.stored[prefix][k]
            base = search.maker.find_base(prefix, row, changed)
            if base is None:
                continue
            pt, eta, phi, mass = search.maker.read_momentum(base, row, changed)
            step = 10.0 ** math.floor(math.log10(max(pt, 1e-3)) - 0.3) / 2
            search.maker.set_momentum(base, row, max(round(pt / step), 1) * step, 0.0 if flat else eta, phi, mass)
        yield changed
    momentum_free = event.copy()
    for prefix, k in refs:
        row = momentum_free.stored[prefix][k]
        base = search.maker.find_base(prefix, row, momentum_free)
        if base is None:
            continue
        pt, _, phi, mass = search.maker.read_momentum(base, row, momentum_free)
        search.maker.set_momentum(base, row, round(pt) or 1.0, 0.0, phi, mass)
        for name, column in search.layout.stored[prefix].items():
            smooth = column.free and not column.whole and not column.flag
            if smooth and name not in search.maker.list_momentum_columns(base):
                yielded = momentum_free.copy()
                yielded.stored[prefix][k][name] = 0.0
                yield yielded


def _close_gap(search: "Searcher", goal: Goal, pair: "Pair", event: Event, refs: list[Ref]) -> Iterator[Event]:
    """Along lines of the objects in question, the number of the file for which the compared numbers are equal."""
    for line in search.lines.list_lines(event, (goal.item, tuple(refs)), only=True):
        here = search.find_state(goal, event, pair.entry)
        if here is None or not here[1].pairs:
            return
        gap = _find_gap(here[1].pairs)
        guess = 1e-3
        there = search.find_state(goal, line(guess), pair.entry)
        if there is None or len(there[1].pairs) != len(here[1].pairs):
            continue
        last, left = 0.0, _find_gap(there[1].pairs)
        for _ in range(NEWTON):
            slope = (left - gap) / (guess - last) if guess != last else 0.0
            if not slope or not math.isfinite(slope) or not abs(guess - left / slope) < 20:
                break
            last, gap, guess = guess, left, guess - left / slope
            state = search.find_state(goal, line(guess), pair.entry)
            if state is None or not state[1].pairs:
                break
            left = _find_gap(state[1].pairs)
            if left == 0:
                break
        for nudge in (0.0, 6e-8, -6e-8) if abs(left) < 1e-4 else ():
            state = search.find_state(goal, line(guess * (1 + nudge)), pair.entry)
            if state is not None and state[1].pairs and _find_gap(state[1].pairs) == 0:
                yield line(guess * (1 + nudge))


def _find_gap(pairs: list[tuple[float, float]]) -> float:
    """The smallest difference of two compared numbers."""
    return min((a - b for a, b in pairs), key=abs)


def _align_masses(search: "Searcher", goal: Goal, event: Event) -> Iterator[Event]:
    """Masses m of parallel objects along x: momenta and energies in the ratio that gives m without rounding."""
    if goal.atom is None:
        return
    look = search.interpreter.look(event)
    state = search.find_state(goal, event, (goal.item, ()))
    if state is None or not state[1].pairs:
        return
    for part in search.walk(goal.atom):
        if not (isinstance(part, n.Call) and part.function == "mass"):
            continue
        for composite in [c for a in part.arguments for c in _list_objects(look, a) if isinstance(c, Composite)]:
            for limit in dict.fromkeys(_find_limits(goal.atom, state[1].pairs)):
                for power in (1, 2, 3):
                    yield from _make_parallel(search, event, list(composite.refs), limit, power)


def _find_limits(atom: Node, pairs: list[tuple[float, float]]) -> list[float]:
    """The thresholds among the compared numbers: the left ones in 105 < m."""
    on_left = isinstance(atom, n.Comparison) and isinstance(atom.left, n.Number | n.Interpolation)
    return [pair[0] if on_left else pair[1] for pair in pairs]


def _make_parallel(search: "Searcher", event: Event, refs: list[Ref], mass: float, power: int) -> Iterator[Event]:
    """The momenta across the beam are parallel, those along it cancel in pairs: only sums of short numbers are left."""
    energy, momentum = mass * (2.0**power + 2.0**-power) / 2, mass * (2.0**power - 2.0**-power) / 2
    for energies, momenta, etas in _list_shares(len(refs)):
        changed = event.copy()
        for (prefix, k), of_energy, of_momentum, eta in zip(refs, energies, momenta, etas, strict=True):
            row = changed.stored[prefix][k]
            base = search.maker.find_base(prefix, row, changed)
            if base is None:
                return
            pt, own = momentum * of_momentum, energy * of_energy
            square = own**2 - (pt * math.cosh(eta)) ** 2
            search.maker.set_momentum(base, row, pt, eta, 0.0, math.sqrt(max(square, 0.0)))
            if "energy" in search.maker.direct[base]:
                column, scale = search.maker.direct[base]["energy"]
                row[column] = search.layout.fit(search.layout.stored[prefix][column], own * scale)
        yield changed


Shares = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]


def _list_shares(number: int) -> Iterator[Shares]:
    """How energy and momentum may be shared by objects, in parts that are exact, and their eta."""
    even = (1 / number,) * number
    if number == 2:
        yield even, even, (0.5, -0.5)
        yield even, even, (0.1, -0.1)
        yield from (((a, 1 - a), (a, 1 - a), (0.0, 0.0)) for a in (0.5, 0.75, 0.625))
    elif number == 4:
        for a in (0.25, 0.3125, 0.34375, 0.375, 0.40625):
            for b in (0.25, 0.28125, 0.3125):
                yield (a, a, 0.5 - a, 0.5 - a), (b, b, 0.5 - b, 0.5 - b), (0.25, -0.25, 0.75, -0.75)
        yield even, even, (0.0,) * 4
    else:
        yield even, even, (0.0,) * number


def _align_distances(search: "Searcher", goal: Goal, event: Event) -> Iterator[Event]:
    """Two objects at the same phi whose eta differ by exactly the threshold."""
    if not isinstance(goal.atom, n.Comparison):
        return
    if not any(isinstance(p, n.Call) and p.function in ("deltaR", "deltaeta") for p in search.walk(goal.atom)):
        return
    state = search.find_state(goal, event, (goal.item, ()))
    if state is None or not state[1].pairs:
        return
    closest = min(range(len(state[1].pairs)), key=lambda k: abs(state[1].pairs[k][0] - state[1].pairs[k][1]))
    limit = _find_limits(goal.atom, state[1].pairs[closest : closest + 1])[0]
    refs = _find_objects(search, goal, event)
    for first in refs:
        for second in refs:
            if first != second:
                yield from _set_apart(search, event, first, second, limit)


def _set_apart(search: "Searcher", event: Event, first: Ref, second: Ref, limit: float) -> Iterator[Event]:
    changed = event.copy()
    rows = [changed.stored[p][k] for p, k in (first, second)]
    bases = [search.maker.find_base(p, r, changed) for (p, _), r in zip((first, second), rows, strict=True)]
    if bases[0] is None or bases[1] is None:
        return
    momenta = [search.maker.read_momentum(b, r, changed) for b, r in zip(bases, rows, strict=True) if b is not None]
    eta = _split_exactly(limit, search.layout.double)
    if eta is None:
        return
    _shift(search, changed, -momenta[1][1])
    for base, row, momentum, own in zip(bases, rows, momenta, eta, strict=True):
        if base is not None:
            search.maker.set_momentum(base, row, momentum[0], own, momenta[0][2], momentum[3])
    yield changed


def _shift(search: "Searcher", event: Event, by: float) -> None:
    """Add to the eta of all objects, which leaves masses and distances as they are."""
    for prefix, rows in event.stored.items():
        for row in rows:
            base = search.maker.find_base(prefix, row, event)
            if base is not None:
                pt, eta, phi, mass = search.maker.read_momentum(base, row, event)
                search.maker.set_momentum(base, row, pt, eta + by, phi, mass)


def _split_exactly(limit: float, double: bool) -> tuple[float, float] | None:
    """Two numbers of the file whose difference is exactly `limit`."""
    if double:
        return limit, 0.0
    near = np.float32(limit)
    for _ in range(200):
        rest = np.float32(float(near) - limit)
        if float(near) - float(rest) == limit:
            return float(near), float(rest)
        near = np.nextafter(near, np.float32(np.inf))
    return None
