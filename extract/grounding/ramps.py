"""A piecewise threshold against its located text: every corner printed with its unit, in the order of the ramp."""

import re
from itertools import pairwise

from extract.grounding.comparing import compare, find_outcome
from extract.grounding.judgement import Judgement, Reading, mark, show
from extract.grounding.measures import check_unit, same_value
from extract.grounding.numeric import miss
from extract.grounding.statements import PrintedNumber
from schemas.evidence import Check
from schemas.finding import Finding, Ramp

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_Spot = tuple[int, Reading, PrintedNumber]


def judge_ramp(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding whose value is a Ramp."""
    ramp = finding.value
    assert isinstance(ramp, Ramp)
    spots = [
        (r.statement.start + n.start, r, n) for r in readings for n in r.statement.numbers if r.holds(n.start, n.end)
    ]
    spots.sort(key=lambda s: s[0])
    used: list[_Spot] = []
    for values, unit, variable in ((ramp.y, finding.unit, finding.variable), (ramp.x, ramp.x_unit, "other:x")):
        chain: list[list[_Spot]] = []
        for value in values:
            fitting = [s for s in spots if same_value(value, unit, s[2], None) or _borrows(value, unit, s)]
            if not fitting:
                if not any(s[2].value == value for s in spots):
                    return miss(readings, show(value))
                return Judgement(
                    "ok", "wrong", reason=f"{value:g} stands there with another unit than {unit or 'none'}"
                )
            chain.append([s for s in fitting if check_unit(unit, variable, s[2], None) != "wrong"] or fitting[:1])
        picked = _pick_ascending(chain)
        if picked is None:
            return Judgement(number="wrong", reason="the corners are printed in another order")
        used.extend(picked)
    count = len(ramp.y)
    if not _interleaves([s[0] for s in used[:count]], [s[0] for s in used[count:]]):
        return Judgement(number="wrong", reason="the corners are printed in another order")
    printed = _find_operators(readings, used[:count])
    _, reading, first = used[0]
    relation = compare(finding, finding.operator, printed, find_outcome(finding, reading, first.start, first.end))
    unit_check: Check = "ok" if finding.unit or ramp.x_unit else "not_applicable"
    marks = tuple(mark(r, n.start, n.end) for _, r, n in used)
    return Judgement("ok", unit_check, relation.operator, relation.polarity, relation.reason, marks)


def _borrows(value: float, unit: str | None, spot: _Spot) -> bool:
    """Whether the unit of a number is only that of the next one: the 0.1 in "4 GeV at ΔR = 0.1 to 9 GeV"."""
    _, reading, number = spot
    numbers = reading.statement.numbers
    lower = any(numbers[r.lower] is number for r in reading.statement.ranges)
    return unit is None and lower and number.value == value


def _pick_ascending(chain: list[list[_Spot]]) -> list[_Spot] | None:
    """One place per corner, each behind the one before; of more than two, equal neighbours may share a place."""
    picked: list[_Spot] = []
    for spots in chain:
        least = picked[-1][0] + (len(chain) == 2) if picked else 0
        later = [s for s in spots if s[0] >= least]
        if not later:
            return None
        picked.append(later[0])
    return picked


def _interleaves(ys: list[int], xs: list[int]) -> bool:
    """Whether every x stands with its y: alternating ("y0 at x0 … y1 at x1"), or all of one before all of the other."""
    if max(ys) < min(xs) or max(xs) < min(ys):
        return True
    return all(a < x1 and b < y1 for (a, y1), (b, x1) in zip(pairwise(ys), pairwise(xs), strict=True))


def _find_operators(readings: tuple[Reading, ...], ys: list[_Spot]) -> frozenset[str]:
    """The relation of a threshold that has a name ("m_min < m, where m_min is 12") or is called one."""
    for _, reading, number in ys:
        if number.operators - {"=="}:
            return number.operators - {"=="}
        for name in re.findall(r"(\S+)\s(?:is|=|equals|being|of)\s*$", reading.statement.text[: number.start]):
            for other in readings:
                tokens = other.statement.tokens
                for k, token in enumerate(tokens):
                    if token.kind != "relation" or token.operator not in _FLIPPED:
                        continue
                    if k + 1 < len(tokens) and tokens[k + 1].text == name:
                        return frozenset((token.operator,))
                    if k and tokens[k - 1].text == name:
                        return frozenset((_FLIPPED[token.operator],))
    for reading in readings:
        for phrase in reading.statement.phrases:
            if phrase.side == "scope" and phrase.operators - {"cone"}:
                return phrase.operators - {"cone"}
    return frozenset()
