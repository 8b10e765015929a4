"""Numeric statements: bounds on a quantity, or counts of objects, at their place among the tokens of a sentence."""

from typing import NamedTuple

from extract.rules.subjects import Noun
from extract.rules.variables import Quantity
from schemas.finding import Ramp
from schemas.vocabulary import Closed, Operator


class Bound(NamedTuple):
    """One threshold: a number, a range or a set of numbers, the unit as printed, and the token of the (first)
    number.
    """

    operator: Operator
    value: float | tuple[float, ...] | Ramp
    unit: str | None
    at: int
    closed: Closed | None = None


class Statement(NamedTuple):
    """What tokens [first, last) say: bounds on a quantity, or a count of `counted` (or of a `part`, such as hits)."""

    first: int
    last: int
    bounds: tuple[Bound, ...]
    quantities: tuple[Quantity, ...] = ()  # empty until named; more than one: "|d_0| and |z_0|"
    named: tuple[int, ...] = ()  # the tokens that name the quantities
    counted: tuple[Noun, ...] = ()
    part: str | None = None
    twin: bool = False  # the second bound (or counted noun) stands in brackets
    alternatives: bool = False  # the bounds are joined by "or"
    again: bool = False  # "… and 15 GeV for muons": operator and quantity of the statement before
    symbol: str | None = None  # bounds from below in "m_min < m_34 < 115 GeV"
    share_of: Quantity | None = None  # "0.35 times m_γγ", "16% of the lepton p_T"

    @property
    def is_count(self) -> bool:
        """Whether objects or their parts are counted."""
        return bool(self.counted) or self.part is not None

    @property
    def begin(self) -> int:
        """The first token that belongs to the statement, its name included."""
        return min([self.first, *self.named])


def read_operator(printed: str) -> Operator:
    """The operator of a relation sign or a comparing phrase; equality for what is none."""
    operators: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "!=": "!="}
    return operators.get(printed, "==")
