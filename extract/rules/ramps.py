"""Thresholds that are functions: constant, then linear between two points, then constant.

Two phrasings carry them: the function as printed ("12 GeV for m_4ℓ below 140 GeV, rising linearly to 50 GeV at
190 GeV"), and the two ends ("increases linearly from 3 GeV at ΔR = 0 to 8 GeV at ΔR = 0.2").
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extract.rules.comparisons import Statement
from extract.rules.tokens import Token
from extract.rules.variables import Quantity
from schemas.finding import Ramp


class Ramped(NamedTuple):
    """A ramp at tokens [first, last), the quantity it bounds if the phrase names one, and its own symbol if it has one."""

    first: int
    last: int
    ramp: Ramp
    unit: str | None
    quantity: Quantity | None
    symbol: str | None

    def covers(self, statement: Statement) -> bool:
        """Whether the statement was read from inside the ramp's phrase."""
        return statement.first < self.last and statement.last > self.first


def find_ramps(tokens: Sequence[Token], letters: str) -> list[Ramped]:
    """The ramps of a sentence."""
    return []


_ = re
