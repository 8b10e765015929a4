"""Numbers with units in the base unit of their dimension."""

import math

import pytest

from schemas.units import to_base


@pytest.mark.parametrize(
    ("value", "unit", "base"),
    [
        (0.045, "cm", 0.45),
        (0.07, "cm", 0.7),
        (0.0041, "TeV", 4.1),
        (4100, "MeV", 4.1),
        (-35, "μm", -0.035),
        (180, "deg", math.pi),
        (6.5, "%", 0.065),
        (1e-7, "eV", 1e-16),
        (1e300, "GeV", 1e300),
        (-1e307, "TeV", -math.inf),
    ],
)
def test_the_base_value_is_the_nearest_double(value: float, unit: str, base: float) -> None:
    assert to_base(value, unit)[0] == base


def test_decimal_lengths_and_energies_keep_their_digits() -> None:
    for n in range(1, 1000):
        assert to_base(n / 1000, "cm")[0] == float(f"{n}e-2")
        assert to_base(n / 1000, "TeV")[0] == float(n)
