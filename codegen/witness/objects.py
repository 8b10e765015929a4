"""Objects and composites of one event: fields, four-momenta, distances. A missing object is None, a number NaN."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codegen.witness.arithmetic import NAN, calculate, finite
from codegen.witness.stored import BaseReader, Event, Row, Shake

Ref = tuple[str, int]  # branch prefix and position in the file: which stored object
Four = tuple[float, float, float, float]  # px, py, pz, energy in GeV

NO_MOMENTUM: Four = (NAN, NAN, NAN, NAN)


class Thing:
    """One object of a collection. `parts` are the collections and parts of unions that it came through."""

    __slots__ = ("_four", "cache", "event", "parts", "reader", "ref", "row", "shake")

    def __init__(
        self, reader: BaseReader, ref: Ref, row: Row, event: Event, shake: Shake, parts: frozenset[str]
    ) -> None:
        self.reader, self.ref, self.row, self.event = reader, ref, row, event
        self.shake, self.parts = shake, parts
        self.cache: dict[str, float] = {}
        self._four: Four | None = None

    def within(self, part: str) -> "Thing":
        """The same object as a member of one more collection."""
        same = Thing(self.reader, self.ref, self.row, self.event, self.shake, self.parts | {part})
        same.cache, same._four = self.cache, self._four
        return same

    def field(self, name: str) -> float:
        """A number that the format stores of the object, or that its four-momentum gives."""
        if name not in self.cache:
            read = self.reader.fields.get(name)
            self.cache[name] = read(self.row, self.event) if read is not None else measure(self.four, name, self.shake)
        return self.cache[name]

    @property
    def four(self) -> Four:
        """The four-momentum, from the energy where the format stores it, else from the mass."""
        if self._four is None:
            by_energy = "energy" in self.reader.fields
            fourth = self.field("energy") if by_energy else self.field("mass") if "mass" in self.reader.fields else NAN
            self._four = build_four(
                self.field("pt"), self.field("eta"), self.field("phi"), fourth, self.shake, by_energy=by_energy
            )
        return self._four


class Composite(NamedTuple):
    """Objects taken together. Members come with their collection and their place in it; roles are those of an
    assignment."""

    members: tuple[tuple[str, int, Thing], ...]
    four: Four
    charge: float
    roles: Mapping[str, Thing]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Which stored objects it is made of."""
        return tuple(thing.ref for _, _, thing in self.members)


def build_four(pt: float, eta: float, phi: float, fourth: float, shake: Shake, *, by_energy: bool) -> Four:
    """A four-momentum from the coordinates of colliders and energy or mass."""
    if not math.isfinite(pt):
        return NO_MOMENTUM
    px = py = pz = NAN  # each is missing where what it is made from is: pT needs no eta
    if math.isfinite(phi):
        px, py = pt * math.cos(phi), pt * math.sin(phi)
        if phi:
            px, py = shake.apply(px, pt, phi), shake.apply(py, phi, pt)
    try:
        pz = pt * math.sinh(eta) if math.isfinite(eta) else NAN
    except OverflowError:
        return NO_MOMENTUM
    if eta:
        pz = math.copysign(shake.apply(abs(pz), pt, abs(eta)), pz)  # sinh is odd, however it is computed
    if by_energy:
        return (px, py, pz, fourth)
    return (px, py, pz, shake.apply(math.sqrt(px * px + py * py + pz * pz + fourth * fourth), pt, eta, fourth))


def compose(members: Sequence[tuple[str, int, Thing]], roles: Mapping[str, Thing] | None = None) -> Composite:
    """Objects taken together, in the order given."""
    four = add([thing.four for _, _, thing in members])
    charge = sum(thing.field("charge") for _, _, thing in members) if members else NAN
    return Composite(tuple(members), four, charge, roles or {})


def add(momenta: Sequence[Four]) -> Four:
    """The sum of four-momenta."""
    px, py, pz, energy = momenta[0]
    for other in momenta[1:]:
        px, py, pz, energy = px + other[0], py + other[1], pz + other[2], energy + other[3]
    return (px, py, pz, energy)


def measure(four: Four, name: str, shake: Shake) -> float:
    """pt, eta, phi, mass, energy or rapidity of a four-momentum; m^2 < 0 is mass 0."""
    px, py, pz, energy = four
    match name:
        case "pt":
            return math.sqrt(px * px + py * py)
        case "phi":
            return math.atan2(py, px)
        case "energy":
            return energy
        case "mass":
            square = finite(energy * energy - (px * px + py * py + pz * pz))
            return math.sqrt(square) if square > 0 else (0.0 if square <= 0 else NAN)
        case "eta":
            ratio = calculate("/", pz, math.sqrt(px * px + py * py))
            return shake.apply(math.asinh(ratio), ratio) if ratio == ratio else NAN
        case "rapidity":
            ratio = calculate("/", pz, energy)
            return shake.apply(math.atanh(ratio), ratio) if abs(ratio) < 1 else NAN
    return NAN


def wrap(angle: float) -> float:
    """An angle between -pi and pi."""
    return angle - 2 * math.pi * round(angle / (2 * math.pi)) if angle == angle else NAN


def find_distance(d_eta: float, d_phi: float) -> float:
    """Distance in eta and phi, from two differences."""
    d_phi = wrap(d_phi)
    return math.sqrt(d_eta * d_eta + d_phi * d_phi)
