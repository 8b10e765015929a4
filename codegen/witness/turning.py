"""Events turned about the beam so that two objects lie on both sides of phi = ±pi, where differences in phi wrap."""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import NamedTuple

from codegen.witness.differences import mark_steps, tell_apart
from codegen.witness.goals import list_goals
from codegen.witness.objects import Ref, find_distance, wrap
from codegen.witness.search import Searcher, Witness
from codegen.witness.stored import Event
from codegen.witness.tweaked import UnwrappedInterpreter
from schemas.expressions import nodes as n
from schemas.expressions.branches import Branch, parse_branches

WRAPPED = ("deltaR", "deltaphi")
ACROSS = "across phi = ±pi"
MOST_TURNS = 1000  # events that are looked at for one item where its own witnesses give none
SMALLEST = 1e-3  # a difference in phi that can be put on both sides of ±pi in single precision
EPSILON = 1e-6


class _Turn(NamedTuple):
    """How an event is turned: which two things lie on both sides; whether their distance is shared by eta and phi."""

    first: Ref | str
    second: Ref | str
    shared: bool


class _Turner:
    """Turns events of one searcher, and compares them with what a program makes of them that does not wrap."""

    def __init__(self, search: Searcher) -> None:
        self.search, self.interpreter = search, search.interpreter
        of = search.interpreter
        self.unwrapped = UnwrappedInterpreter(of.checked, of.profile, of.missing, of.used)
        self.phis = _list_phis(search)

    def list_turns(self, event: Event) -> list[_Turn]:
        """All ways to turn an event, near things first."""
        angles = self._read_angles(event)
        pairs = [(first, second) for first, second in combinations(angles, 2)]
        pairs.sort(key=lambda p: _measure(angles[p[0]], angles[p[1]]))
        turns = [_Turn(a, b, False) for a, b in pairs]
        return turns + [_Turn(a, b, True) for a, b in pairs if not isinstance(a, str) and not isinstance(b, str)]

    def turn(self, event: Event, how: _Turn) -> Event | None:
        """The event turned; None where that cannot be done."""
        angles = self._read_angles(event)
        if how.first not in angles or how.second not in angles:
            return None
        (eta, phi), (other_eta, other_phi) = angles[how.first], angles[how.second]
        changed = event.copy()
        apart = wrap(other_phi - phi)
        if how.shared and not isinstance(how.second, str):
            distance = _measure(angles[how.first], angles[how.second])
            apart = math.copysign(0.8 * distance, apart or 1.0)
            if distance > 3:
                return None
            eta += math.copysign(0.6 * distance, other_eta - eta)
            self._place(changed, how.second, eta, phi + apart)
        if not SMALLEST < abs(apart) < math.pi - SMALLEST:
            return None
        by = math.pi - (phi + apart / 2)
        for thing, (own_eta, own_phi) in self._read_angles(changed).items():
            if isinstance(thing, str):
                column = self.search.layout.whole[thing]
                value = self.search.layout.fit(column, wrap(own_phi + by))
                changed.whole[thing] = [value] if column.listed else value
            else:
                self._place(changed, thing, own_eta, own_phi + by)
        return changed

    def _place(self, event: Event, ref: Ref, eta: float, phi: float) -> None:
        maker, row = self.search.maker, event.stored[ref[0]][ref[1]]
        base = maker.find_base(ref[0], row, event)
        if base is not None:
            pt, _, _, mass = maker.read_momentum(base, row, event)
            inside = max(min(wrap(phi), math.pi - EPSILON), EPSILON - math.pi)
            maker.set_momentum(base, row, pt, eta, inside, mass)

    def _read_angles(self, event: Event) -> dict[Ref | str, tuple[float, float]]:
        found: dict[Ref | str, tuple[float, float]] = {}
        for prefix, rows in event.stored.items():
            for k, row in enumerate(rows):
                base = (
                    self.search.maker.find_base(prefix, row, event) if self.search.layout.list_bases(prefix) else None
                )
                if base is None or base not in self.search.maker.bases:
                    continue
                pt, eta, phi, mass = self.search.maker.read_momentum(base, row, event)
                if math.isfinite(pt + eta + phi + mass):
                    found[prefix, k] = eta, phi
        for name in self.phis:
            cell = event.whole.get(name, 0.0)
            found[name] = 0.0, cell[0] if isinstance(cell, list) else cell
        return found

    def tells(self, event: Event) -> bool:
        """Whether an event shows that differences in phi are not wrapped, whatever the rounding."""
        marks = mark_steps(self.interpreter, self.interpreter.run(event))
        other = mark_steps(self.interpreter, self.unwrapped.run(event))
        return tell_apart(marks, other) and self.search.is_steady(event)

    def is_alike(self, event: Event, turned: Event) -> bool:
        """Whether turning changed nothing that becomes of an event."""
        return self.interpreter.run(event).signature == self.interpreter.run(
            turned
        ).signature and self.search.is_steady(turned)


def list_turned(search: Searcher, witnesses: Sequence[Witness]) -> Iterator[Witness]:
    """Events with two objects across ±pi, just inside and just outside every cut, removal and choice by distance."""
    items = _list_items(search)
    turner = _Turner(search) if items else None
    for item in items if turner is not None else ():
        assert turner is not None
        own = [w for w in witnesses if w.item == item and not w.shows.startswith("exactly")]
        found = [turned for w in own for turned in _turn_one(turner, w, own)]
        if not found and len(items) == 1:  # of several, it would not be known which one an event is about
            event = _search_any(turner)
            found = [] if event is None else [Witness(event, item, ACROSS, "")]
        yield from found


def _turn_one(turner: _Turner, witness: Witness, own: Sequence[Witness]) -> Iterator[Witness]:
    """A witness turned so that it shows what is not wrapped, and its counterpart turned in the same way."""
    for how in turner.list_turns(witness.event):
        turned = turner.turn(witness.event, how)
        if turned is None or not turner.is_alike(witness.event, turned) or not turner.tells(turned):
            continue
        yield witness._replace(event=turned, shows=f"{witness.shows}, {ACROSS}")
        inside = witness.shows.startswith("just inside")
        other = witness.shows.replace(*(("inside", "outside") if inside else ("outside", "inside")), 1)
        for counterpart in [w for w in own if w.shows == other][:1]:
            event = turner.turn(counterpart.event, how)
            if event is not None and turner.is_alike(counterpart.event, event):
                yield counterpart._replace(event=event, shows=f"{counterpart.shows}, {ACROSS}")
        return


def _search_any(turner: _Turner) -> Event | None:
    """Any event that shows what is not wrapped."""
    seeds = [event for found in turner.search.seeds.values() for event in found]
    listed = ((event, how) for event in (*seeds, *turner.search.pool) for how in turner.list_turns(event))
    for event, how in islice(listed, MOST_TURNS):
        turned = turner.turn(event, how)
        if turned is not None and turner.tells(turned):
            return turned
    return None


def _list_items(search: Searcher) -> list[str]:
    """Cuts, removals and candidates that ask for a difference in phi or a distance."""
    items: dict[str, None] = {}
    for goal in list_goals(search.interpreter):
        if goal.kind in ("object", "overlap") and goal.owner not in search.interpreter.used:
            continue
        if goal.kind == "overlap" or (goal.atom is not None and _is_wrapped(search, goal.atom)):
            items[goal.item] = None
    for name, made in search.interpreter.checked.candidates.items():
        if name not in search.interpreter.missing and any(_is_wrapped(search, score) for score in made.scores):
            items[name] = None
    return list(items)


def _is_wrapped(search: Searcher, node: n.Node) -> bool:
    return any(isinstance(part, n.Call) and part.function in WRAPPED for part in search.walk(node))


def _list_phis(search: Searcher) -> list[str]:
    """Branches that hold the phi of something of the event, such as missing momentum."""
    found = []
    for thing in search.layout.profile.event.objects.values():
        node = parse_branches(thing.fields["phi"].expression, "phi") if "phi" in thing.fields else None
        if type(node) is Branch and node.branch in search.layout.whole and search.layout.whole[node.branch].free:
            found.append(node.branch)
    return found


def _measure(a: tuple[float, float], b: tuple[float, float]) -> float:
    return find_distance(a[0] - b[0], a[1] - b[1])
