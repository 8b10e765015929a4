"""The unit of a printed number, and whether number and unit together are what a finding claims."""

from math import isclose

from extract.grounding.quantities import DIMENSIONS
from extract.grounding.statements import PrintedNumber
from extract.grounding.tokens import name_unit
from schemas.errors import CriteriaError
from schemas.evidence import Check
from schemas.units import find_unit, to_base

_ANGLES = ("phi", "deltaphi", "abs_deltaphi", "other:")


def same_value(claimed: float, unit: str | None, printed: PrintedNumber, header: str | None) -> bool:
    """Whether claimed and printed number are equal once both are in base units (0.5 GeV and 500 MeV are)."""
    own = printed.unit or header
    try:
        mine, mine_base = to_base(claimed, unit)
        its, its_base = to_base(printed.value, own)
    except CriteriaError:
        return _close(claimed, printed.value, printed) and name_unit(unit or "") == (own or "")
    if mine_base == its_base:
        return _close(mine, its, printed)
    return False


def same_figures(claimed: float, printed: PrintedNumber) -> bool:
    """Whether the bare numbers agree, whatever their units."""
    return _close(claimed, printed.value, printed)


def _close(a: float, b: float, printed: PrintedNumber) -> bool:
    if isclose(a, b, rel_tol=1e-9, abs_tol=1e-15):
        return True
    digits = len(repr(a).partition(".")[2])  # one third may be claimed as 0.333
    exact = "/" in printed.text or printed.text[:1].isalpha()
    return exact and digits >= 2 and b != int(b) and abs(a - b) <= 0.5 * 10.0**-digits


def check_unit(unit: str | None, variable: str, printed: PrintedNumber, header: str | None) -> Check:
    """The unit claimed for a number against the printed one; a header's unit counts where the number has none."""
    claimed = unit or None
    own = printed.unit
    if own is not None and not printed.own_unit and claimed is None and DIMENSIONS.get(variable) == "one":
        return "not_applicable"  # "0.1 and 5 GeV": the unit behind a list need not be everybody's
    own = own or header
    if own is None:
        if claimed is None:
            return "not_applicable"
        return "ok" if claimed in ("rad", "radians", "1") and variable.startswith(_ANGLES) else "wrong"
    if claimed is None:
        return "ok" if own == "rad" or (own == "%" and DIMENSIONS.get(variable, "one") == "one") else "wrong"
    try:
        mine, its = find_unit(claimed), find_unit(own)
    except CriteriaError:
        return "ok" if name_unit(claimed) == own else "wrong"
    return "ok" if mine.dimension == its.dimension else "wrong"
