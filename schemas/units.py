"""Units: everything is GeV, mm, rad inside; conversion is multiplication or division by an exact power of ten.

For arrays a division is kept as a division: 500 MeV is 500 / 1000 GeV, where 500 * 0.001 is not.
"""

import math
import re
import sys
from difflib import get_close_matches
from fractions import Fraction
from math import pi
from typing import Literal

from schemas.errors import CriteriaError
from schemas.model import Model

Dimension = Literal["energy", "energy squared", "length", "time", "angle", "luminosity", "one"]


class Unit(Model):
    """A unit: value in base = value * multiply / divide."""

    name: str
    dimension: Dimension
    multiply: float = 1.0
    divide: float = 1.0


BASE_UNITS: dict[Dimension, str] = {
    "energy": "GeV", "energy squared": "GeV^2", "length": "mm", "time": "ns", "angle": "rad", "luminosity": "fb-1",
    "one": "",
}  # fmt: skip

LARGEST = Fraction(sys.float_info.max)

SPEED_OF_LIGHT = re.compile(r"\s*/\s*c(?:\^?\{?\d\}?|[²⁴])?$")

UNITS: dict[str, Unit] = {
    u.name: u
    for u in (
        Unit(name="eV", dimension="energy", divide=1e9),
        Unit(name="keV", dimension="energy", divide=1e6),
        Unit(name="MeV", dimension="energy", divide=1e3),
        Unit(name="GeV", dimension="energy"),
        Unit(name="TeV", dimension="energy", multiply=1e3),
        Unit(name="MeV^2", dimension="energy squared", divide=1e6),
        Unit(name="GeV^2", dimension="energy squared"),
        Unit(name="ps", dimension="time", divide=1e3),
        Unit(name="ns", dimension="time"),
        Unit(name="μm", dimension="length", divide=1e3),
        Unit(name="mm", dimension="length"),
        Unit(name="cm", dimension="length", multiply=10.0),
        Unit(name="m", dimension="length", multiply=1e3),
        Unit(name="rad", dimension="angle"),
        Unit(name="mrad", dimension="angle", divide=1e3),
        Unit(name="deg", dimension="angle", multiply=pi, divide=180.0),
        Unit(name="%", dimension="one", divide=100.0),
        Unit(name="fb-1", dimension="luminosity"),
    )
}

UNIT_ALIASES: dict[str, str] = {
    "um": "μm", "µm": "μm", "micron": "μm", "microns": "μm", "°": "deg", "degrees": "deg", "degree": "deg",
    "radian": "rad", "radians": "rad", "percent": "%", "per cent": "%",
}  # fmt: skip


def find_unit(name: str) -> Unit:
    """The unit called `name`. Units with c (`GeV/c`, `GeV/c^2`, `GeV^2/c^4`) are those without.

    Raises CriteriaError for a unit that is not known.
    """
    plain = SPEED_OF_LIGHT.sub("", name.strip()).replace("²", "^2").replace("^{2}", "^2")
    unit = UNITS.get(UNIT_ALIASES.get(plain, plain))
    if unit is None:
        lower = {u.lower(): u for u in (*UNITS, *UNIT_ALIASES)}
        close = get_close_matches(plain.lower(), list(lower), n=1)
        hint = f"did you mean {lower[close[0]]}?" if close else f"known units: {', '.join(UNITS)}"
        raise CriteriaError(f"unit '{name}' is not known; {hint}")
    return unit


def to_base(value: float, unit: str | None) -> tuple[float, str | None]:
    """`value` in the base unit of its dimension, and that base unit (None for a plain number).

    The result is the double nearest to the number as it is written: 0.045 cm is 0.45 mm, where 0.045 * 10 is not.
    """
    if unit is None or unit == "":
        return value, None
    known = find_unit(unit)
    base = value
    if known.multiply != known.divide and math.isfinite(value):
        exact = Fraction(repr(float(value))) * Fraction(known.multiply) / Fraction(known.divide)
        base = float(exact) if abs(exact) < LARGEST else math.copysign(math.inf, value)
    return base, BASE_UNITS[known.dimension] or None
