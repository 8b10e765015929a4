"""A finding with a number, a range, a list of numbers or a ramp against its located text."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from extract.grounding.belonging import find_stranger
from extract.grounding.comparing import compare, compare_counts, find_outcome, is_count
from extract.grounding.headers import find_header_operators, find_header_unit, find_header_variables, is_tabular
from extract.grounding.judgement import Judgement, Reading, mark, show
from extract.grounding.measures import check_unit, same_figures, same_value
from extract.grounding.presence import judge_presence
from extract.grounding.quantities import contradicts
from extract.grounding.statements import PrintedNumber, PrintedRange
from schemas.evidence import Check
from schemas.finding import Finding

# "A requirement of 20 GeV": below or above is a matter of the quantity.
_LIMITS = {
    **dict.fromkeys(("pt",), frozenset((">", ">="))),
    **dict.fromkeys(
        ("eta", "abs_eta", "abs_rapidity", "d0", "d0_sig", "dz", "z0", "z0_sintheta", "isolation", "chi2"),
        frozenset(("<", "<=")),
    ),
}
_Candidate = tuple[Reading, int, PrintedNumber]


def judge_number(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding whose value is one number."""
    assert isinstance(finding.value, int | float)
    value = float(finding.value)
    header = find_header_unit(finding, readings)
    verdicts = [
        _judge_candidate(finding, readings, header, c)
        for c in _list_numbers(readings)
        if is_count(finding) or same_value(value, finding.unit, c[2], header) or same_figures(value, c[2])
    ]
    judged = [v for v in verdicts if v is not None]
    if is_count(finding) and not any(v.holds for v in judged):
        judged += [v for r in readings if r.role == "quote" and (v := judge_presence(finding, r)) is not None]
    if judged:
        return max(judged, key=lambda v: v.rank)
    return miss(readings, show(value))


def miss(readings: tuple[Reading, ...], what: str) -> Judgement:
    """The verdict when a claimed number is not printed in the located text."""
    state: Check = "wrong" if any(True for _ in _list_numbers(readings)) else "absent"
    return Judgement(number=state, reason=f"{what} is not printed there")


def _list_numbers(readings: tuple[Reading, ...]) -> Iterator[_Candidate]:
    for reading in readings:
        for index, number in enumerate(reading.statement.numbers):
            if reading.holds(number.start, number.end):
                yield reading, index, number


def _judge_candidate(
    finding: Finding, readings: tuple[Reading, ...], header: str | None, candidate: _Candidate
) -> Judgement | None:
    reading, index, number = candidate
    assert isinstance(finding.value, int | float)
    value = float(finding.value)
    outcome = find_outcome(finding, reading, number.start, number.end)
    equal = same_value(value, finding.unit, number, header)
    marks = (mark(reading, number.start, number.end),)
    if is_count(finding) and number.unit is None:
        if _is_outdone(finding, readings, number) or (finding.operator == "in" and not same_figures(value, number)):
            return None
        printed = (
            number
            if number.operators
            else number._replace(operators=_find_operators(finding, readings, reading, index))
        )
        relation = compare_counts(finding, printed, outcome)
        if not (same_figures(value, number) or relation.reason is None):
            return None
    else:
        if not (equal or same_figures(value, number)):
            return None
        relation = compare(finding, finding.operator, _find_operators(finding, readings, reading, index), outcome)
    unit = check_unit(finding.unit, finding.variable, number, header)
    if unit == "ok" and not equal:
        unit = "wrong"
    belongs: Check = "ok"
    reason = relation.reason
    if unit == "wrong":
        reason = _name_units(finding, number, header)
    stranger = find_stranger(finding, reading, index)
    if number.worded and number.counts and not is_count(finding) and not finding.variable.startswith("other:"):
        stranger = f"{number.text} is a number of objects"
    variables = number.variables or find_header_variables(finding, readings, reading)
    if contradicts(finding.variable, variables, finding.subject):
        stranger = f"{number.text} belongs to another variable than {finding.variable}"
    if stranger is not None:
        belongs, reason = "wrong", stranger
    return Judgement(belongs, unit, relation.operator, relation.polarity, reason, marks)


def _name_units(finding: Finding, number: PrintedNumber, header: str | None) -> str:
    return f"unit {finding.unit or 'none'}, but the text says {number.text} {number.unit or header or 'without unit'}"


def _is_outdone(finding: Finding, readings: tuple[Reading, ...], number: PrintedNumber) -> bool:
    """Whether a bare count ("2-jet") is said with its relation elsewhere in the quote ("two or more jets")."""
    if number.related or number.value == 0:
        return False
    return any(
        n.counts and n.related and n.value == number.value and find_stranger(finding, reading, index) is None
        for reading, index, n in _list_numbers(readings)
    )


def _find_operators(finding: Finding, readings: tuple[Reading, ...], reading: Reading, index: int) -> frozenset[str]:
    """The operators for a number: its own, those of a range in words (open ends), or those of a table's header."""
    number = reading.statement.numbers[index]
    for pair in reading.statement.ranges:
        inner = {">", ">="} if index == pair.lower else {"<", "<="} if index == pair.upper else set()
        if pair.outside and number.operators & inner:
            return frozenset()  # an end of what is left out is no cut by itself
    if "cut" in number.operators:
        return _LIMITS.get(finding.variable, _LIMITS["pt"])
    if number.operators:
        return number.operators
    for pair in reading.statement.ranges:
        if index in (pair.lower, pair.upper) and not pair.outside:
            return _find_loose(reading, number) or frozenset((">",) if index == pair.lower else ("<",))
    printed = find_header_operators(finding, readings, reading)
    alone = reading.statement.text.strip() == number.text and is_count(finding) and is_tabular(finding, readings)
    return printed or (frozenset(("==",)) if alone else _find_loose(reading, number))


def _find_loose(reading: Reading, number: PrintedNumber) -> frozenset[str]:
    """What a word far before says of a number without any relation: "the threshold … went from 20 to 26 GeV"."""
    words = [p.text.lower() for p in reading.statement.phrases if p.end <= number.start]
    if any(w.startswith("threshold") for w in words) and number.unit is not None:
        return frozenset((">", ">="))
    return frozenset(("<", "==")) if _is_cone(words) and number.unit is None and not number.counts else frozenset()


def _is_cone(words: Sequence[str]) -> bool:
    return any(w.startswith("cone") for w in words)


def judge_range(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding whose value is a range: both ends, the order of the ends, the closed ends, inside or outside."""
    assert isinstance(finding.value, tuple)
    low, high = (float(v) for v in finding.value if isinstance(v, int | float))
    header = find_header_unit(finding, readings)
    verdicts = [
        _judge_range(finding, reading, pair, header)
        for reading in readings
        for pair in reading.statement.ranges
        if _holds_pair(reading, pair) and _fits(reading, pair, low, high, finding.unit, header)
    ]
    if verdicts:
        return max(verdicts, key=lambda v: v.rank)
    printed = [n for _, _, n in _list_numbers(readings)]
    for end in (low, high):
        if not any(same_figures(end, n) or same_value(end, finding.unit, n, header) for n in printed):
            return miss(readings, show(end))
    wrong: Check = "wrong"
    return Judgement(
        wrong, "not_applicable", "absent", "not_applicable", f"{low:g} to {high:g} is no range of the text"
    )


def _holds_pair(reading: Reading, pair: PrintedRange) -> bool:
    numbers = reading.statement.numbers
    return all(reading.holds(numbers[i].start, numbers[i].end) for i in (pair.lower, pair.upper))


def _fits(reading: Reading, pair: PrintedRange, low: float, high: float, unit: str | None, header: str | None) -> bool:
    lower, upper = reading.statement.numbers[pair.lower], reading.statement.numbers[pair.upper]
    return all(same_figures(v, n) or same_value(v, unit, n, header) for v, n in ((low, lower), (high, upper)))


def _judge_range(finding: Finding, reading: Reading, pair: PrintedRange, header: str | None) -> Judgement:
    assert isinstance(finding.value, tuple)
    ends = [reading.statement.numbers[pair.lower], reading.statement.numbers[pair.upper]]
    outcome = find_outcome(finding, reading, min(e.start for e in ends), max(e.end for e in ends))
    printed = frozenset(("outside" if pair.outside else "between",))
    relation = compare(finding, finding.operator, printed, outcome)
    reason, operator = relation.reason, relation.operator
    # a range of whole numbers, "2–4 jets", has both of its ends
    counted = pair.closed is None and finding.closed == "both" and finding.variable.split(":")[-1].split("_")[0] == "n"
    if finding.closed is not None and finding.closed != pair.closed and not counted:
        operator = "absent" if pair.closed is None else "wrong"
        reason = f"closed {finding.closed}, but the text says {pair.closed or 'nothing about the ends'}"
    unit: Check = "not_applicable"
    for value, number in zip(finding.value, ends, strict=True):
        assert isinstance(value, int | float)
        state = check_unit(finding.unit, finding.variable, number, header)
        if state == "ok" and not same_value(float(value), finding.unit, number, header):
            state = "wrong"
        if state == "wrong":
            reason = _name_units(finding, number, header)
        unit = state if unit in ("ok", "not_applicable") and state != "not_applicable" else unit
    belongs: Check = "ok"
    stranger = next((s for i in (pair.lower, pair.upper) if (s := find_stranger(finding, reading, i))), None)
    if any(contradicts(finding.variable, e.variables, finding.subject) for e in ends):
        stranger = f"{ends[0].text} to {ends[1].text} belongs to another variable than {finding.variable}"
    if stranger is not None:
        belongs, reason = "wrong", stranger
    marks = tuple(mark(reading, e.start, e.end) for e in ends)
    return Judgement(belongs, unit, operator, relation.polarity, reason, marks)


def judge_list(finding: Finding, readings: tuple[Reading, ...]) -> Judgement:
    """A finding whose value is several numbers: each must be printed, with the claimed unit and relation."""
    assert isinstance(finding.value, tuple)
    verdicts = []
    for value in finding.value:
        assert isinstance(value, int | float)
        verdicts.append(judge_number(finding.model_copy(update={"value": float(value)}), readings))
    worst = min(verdicts, key=lambda v: v.rank)
    marks = [m for v in verdicts for m in v.marks]
    if worst.holds and (any(b[0] <= a[0] for a, b in pairwise(marks)) or not _are_listed(finding, readings, marks)):
        return Judgement(number="wrong", reason="the numbers are not printed as this list")
    return worst._replace(marks=tuple(m for v in verdicts for m in v.marks))


def _are_listed(finding: Finding, readings: tuple[Reading, ...], marks: list[tuple[int, int]]) -> bool:
    """Whether the numbers of a set ("one or two") are one printed list, with nothing left out."""
    if finding.operator != "in":
        return True
    for reading in readings:
        lists: dict[int, list[int]] = {}
        for index, number in enumerate(reading.statement.numbers):
            leader = number.leader if number.leader is not None else index
            lists.setdefault(leader, []).append(reading.statement.start + number.start)
        if [m[0] for m in marks] in lists.values():
            return True
    return False
