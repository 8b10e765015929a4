"""The numbers that a gold criterion says, as they may be looked for on a page."""

import re
from typing import NamedTuple

from benchmarks.gold.lists import GoldCriterion, Points
from schemas.units import UNITS

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_LIMIT = re.compile(rf"[<>≤≥=]\s?(-?\d+(?:\.\d+)?)\s?({'|'.join(UNITS)})?(?![\w.])|(?<![\w.])(\d+(?:\.\d+)?)\s?[<≤]")
_NOUNS = {
    "lepton": ("lepton", "electron", "muon", "ℓ"), "muon": ("muon", "μ", "lepton"), "tau": ("tau", "τ"),
    "electron": ("electron", "lepton"), "photon": ("photon", "γ"), "b-jet": ("jet", "b-tag", "b tag", "n_b"),
    "c-jet": ("jet", "c-tag"), "fat-jet": ("jet",), "dilepton": ("pair", "lepton"), "dijet": ("pair", "jet"),
    "diphoton": ("pair", "photon"), "vertex": ("vert",), "z-boson": ("z",), "w-boson": ("w",), "higgs": ("h",),
    "event": (), "met": (), "trigger": (),
}  # fmt: skip
_SHIFTED = {">": 1.0, "<": -1.0}  # of a whole number: > 0 is at least one


class Number(NamedTuple):
    """A number of a criterion."""

    value: float
    unit: str | None
    also: tuple[float, ...] = ()  # other figures that say the same
    is_count: bool = False
    nouns: tuple[str, ...] = ()  # what a count counts, in lower case
    any_unit: bool = False  # the list does not say the unit (of the argument of a ramp)
    aside: bool = False  # of a label or a condition: a page may state the requirement without it

    @property
    def name(self) -> str:
        """With its unit, for a person."""
        return f"{self.value:g} {self.unit or ''}".strip()


def list_numbers(criterion: GoldCriterion) -> tuple[Number, ...]:
    """Every number that a criterion says, with its unit."""
    value, unit = criterion.value, criterion.unit
    if isinstance(value, float):
        own = [_count(criterion, value) if _is_count(criterion) else Number(value, unit)]
    elif isinstance(value, Points):
        own = [Number(x, None, any_unit=True) for x, _ in value.points]
        own += [Number(y, unit) for _, y in value.points if y is not None]
    elif isinstance(value, tuple):
        own = [_range_end(criterion, v) for v in value if isinstance(v, float)]
        own += [n for v in value if isinstance(v, str) for n in _read_percents(v)]
    else:
        own = list(_read_percents(value or ""))
    return (*own, *_read_limits(criterion.condition or ""))


def _range_end(criterion: GoldCriterion, value: float) -> Number:
    symmetric = isinstance(criterion.value, tuple) and -value in criterion.value
    also = (-value,) if symmetric else ()  # "|eta| < 2.5" for -2.5 to 2.5
    return Number(value, criterion.unit, also, _is_count(criterion), _list_nouns(criterion))


def _is_count(criterion: GoldCriterion) -> bool:
    return criterion.unit is None and (criterion.variable == "n" or criterion.variable.startswith("other:n_"))


def _count(criterion: GoldCriterion, value: float) -> Number:
    """A count, with the other figures of the same requirement: none is less than one, more than zero is a veto."""
    also = [value + _SHIFTED[criterion.operator]] if criterion.operator in _SHIFTED else []
    if criterion.effect in ("reject_event", "remove_object"):
        also += [0.0] if criterion.operator in (">", ">=") else []
    elif (criterion.operator, value) == ("==", 0.0):
        also.append(1.0)
    return Number(value, None, tuple(v for v in also if v >= 0), is_count=True, nouns=_list_nouns(criterion))


def _list_nouns(criterion: GoldCriterion) -> tuple[str, ...]:
    """How papers name what a criterion counts; nothing where that cannot be told."""
    named = _NOUNS.get(criterion.subject, (criterion.subject.split("_")[-1],))
    free = [t.removeprefix("other:") for t in (criterion.subject, criterion.variable) if t.startswith("other:")]
    words = [w.lower().rstrip("s") for text in free for w in re.findall(r"[^\W_]+", text) if len(w) > 2]
    return (*words, *(() if criterion.subject.startswith("other:") else named))


def _read_percents(text: str) -> tuple[Number, ...]:
    return tuple(Number(float(m[1]), "%", aside=True) for m in _PERCENT.finditer(text))


def _read_limits(text: str) -> tuple[Number, ...]:
    """The limits of a condition in symbols: "|eta| < 2.4 and pT < 60 GeV", "2.4 < |eta| < 4.5"; and percentages."""
    limits = [Number(float(m[1] or m[3]), m[2], aside=True) for m in _LIMIT.finditer(text)]
    return (*limits, *_read_percents(text))
