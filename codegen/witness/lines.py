"""Ways to change an event continuously: momenta of objects, single branches, all momenta together."""

import math
from collections.abc import Callable, Iterator, Sequence

from codegen.witness.layout import Layout
from codegen.witness.making import USUAL_MASSES, Maker
from codegen.witness.objects import Ref
from codegen.witness.stored import Event
from codegen.witness.values import Entry

Line = Callable[[float], Event]


class Lines:
    """Lists the lines through an event of one format."""

    def __init__(self, layout: Layout, maker: Maker) -> None:
        self.layout, self.maker = layout, maker

    def list_lines(self, event: Event, entry: Entry, only: bool = False) -> Iterator[Line]:
        """Ways to change an event continuously: momenta of objects, single branches, all momenta together.

        The objects of the entry come first, or are the only ones.
        """
        refs: list[Ref] = [(p, k) for p, rows in event.stored.items() for k in range(len(rows))]
        refs = [ref for ref in refs if ref in entry[1] or not only or not entry[1]]
        refs.sort(key=lambda ref: ref not in entry[1])
        for ref in refs:
            base = self.maker.find_base(ref[0], event.stored[ref[0]][ref[1]], event)
            momentum = set() if base is None else self.maker.list_momentum_columns(base)
            for name, column in self.layout.stored[ref[0]].items():
                if column.free and not column.whole and not column.flag and name not in momentum:
                    yield self._line_of_branch(event, ref, name)
            if base is not None:
                for axis in ("pt", "eta", "phi", "mass"):
                    yield self._line_of_momentum(event, ref, base, axis)
        for name, column in self.layout.whole.items():
            if column.free and not column.whole and not column.flag:
                yield self._line_of_branch(event, None, name)
        yield self._line_of_all(event, refs)

    def _line_of_branch(self, event: Event, ref: Ref | None, name: str) -> Line:
        column = self.layout.whole[name] if ref is None else self.layout.stored[ref[0]][name]
        cell = (event.whole if ref is None else event.stored[ref[0]][ref[1]]).get(name, 0.0)
        value = cell[0] if isinstance(cell, list) else cell
        scale = max(abs(value), *(abs(d) for d in column.decisive), 1e-3)

        def line(t: float) -> Event:
            changed = event.copy()
            row = changed.whole if ref is None else changed.stored[ref[0]][ref[1]]
            moved = self.layout.fit(column, value + t * scale)
            row[name] = [moved] if column.listed else moved
            return changed

        return line

    def _line_of_momentum(self, event: Event, ref: Ref, base: str, axis: str) -> Line:
        pt, eta, phi, mass = self.maker.read_momentum(base, event.stored[ref[0]][ref[1]], event)

        def line(t: float) -> Event:
            changed = event.copy()
            row = changed.stored[ref[0]][ref[1]]
            match axis:
                case "pt":
                    self.maker.set_momentum(base, row, pt * _grow(t), eta, phi, mass)
                case "eta":
                    self.maker.set_momentum(base, row, pt, eta + t, phi, mass)
                case "phi":
                    turned = phi + t
                    turned -= 2 * math.pi * round(turned / (2 * math.pi))
                    self.maker.set_momentum(base, row, pt, eta, turned, mass)
                case "mass" if base not in USUAL_MASSES:
                    self.maker.set_momentum(base, row, pt, eta, phi, max(mass + t * pt, 0.0))
            return changed

        return line

    def _line_of_all(self, event: Event, refs: Sequence[Ref]) -> Line:
        def line(t: float) -> Event:
            changed = event.copy()
            for prefix, k in refs:
                row = changed.stored[prefix][k]
                base = self.maker.find_base(prefix, row, changed)
                if base is not None:
                    pt, eta, phi, mass = self.maker.read_momentum(base, row, changed)
                    self.maker.set_momentum(base, row, pt * _grow(t), eta, phi, mass)
            return changed

        return line


def _grow(t: float) -> float:
    """A factor e^t, bounded."""
    return math.exp(min(max(t, -7.0), 7.0))
