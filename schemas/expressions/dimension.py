"""Physical dimensions of expressions, as exponents of the base units GeV, mm and rad."""

from typing import NamedTuple

from schemas.units import find_unit


class Dimension(NamedTuple):
    """Exponents of GeV, mm and rad. `free` marks a bare number, which takes the dimension of what it meets."""

    energy: float = 0
    length: float = 0
    angle: float = 0
    free: bool = False

    def times(self, other: "Dimension") -> "Dimension":
        """The dimension of a product. A bare number in a product is a plain factor."""
        return Dimension(
            self.energy + other.energy, self.length + other.length, self.angle + other.angle, self.free and other.free
        )

    def power(self, exponent: float) -> "Dimension":
        """The dimension of a power; `power(-1)` is that of the inverse."""
        return Dimension(self.energy * exponent, self.length * exponent, self.angle * exponent, self.free)

    def meet(self, other: "Dimension") -> "Dimension | None":
        """The dimension of a sum or a comparison of both, or None when they cannot be added.

        A bare number adapts; an angle in radians may be added to a plain number such as a pseudorapidity.
        """
        if self.free:
            return other
        if other.free or self == other:
            return self
        if (self.energy, self.length) == (other.energy, other.length):
            return self._replace(angle=0)
        return None

    def describe(self) -> str:
        """In words for a message: "an energy (GeV)", "a plain number"."""
        exponents = (self.energy, self.length, self.angle)
        for unit, noun, pattern in (
            ("GeV", "an energy", (1, 0, 0)),
            ("mm", "a length", (0, 1, 0)),
            ("rad", "an angle", (0, 0, 1)),
        ):
            if exponents == pattern:
                return f"{noun} ({unit})"
        if exponents == (0, 0, 0):
            return "a plain number"
        return " ".join(f"{u}^{e:g}" for u, e in zip(("GeV", "mm", "rad"), exponents, strict=True) if e)


ENERGY = Dimension(energy=1)
LENGTH = Dimension(length=1)
ANGLE = Dimension(angle=1)
ONE = Dimension()
FREE = Dimension(free=True)

_OF_UNIT: dict[str, Dimension] = {
    "energy": ENERGY, "energy squared": ENERGY.power(2), "length": LENGTH, "angle": ANGLE, "one": ONE,
}  # fmt: skip


def find_dimension(unit: str | None) -> Dimension | None:
    """The dimension of a unit ("" and None: a bare number); None for a unit no expression can have (fb-1, ns).

    Raises CriteriaError for a unit that is not known.
    """
    if not unit:
        return FREE
    name = find_unit(unit).dimension
    return _OF_UNIT.get(name)
