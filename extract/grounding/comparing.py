"""A claimed comparison against a printed one: the relation, its direction, and what becomes of what it describes."""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

from extract.grounding.judgement import Reading
from extract.grounding.polarity import Outcome, read_outcome
from extract.grounding.statements import PrintedNumber
from schemas.evidence import Check
from schemas.finding import Finding

COMPLEMENT = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass", "in": "not in",
}  # fmt: skip
_COUNTS = range(26)
_TESTS: dict[str, Callable[[float, float], bool]] = {
    ">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne,
}  # fmt: skip


class Relation(NamedTuple):
    """How a claimed relation stands to the printed one."""

    operator: Check
    polarity: Check
    reason: str | None


def is_negative(finding: Finding) -> bool:
    """Whether what the finding describes is turned away."""
    return finding.effect in ("remove_object", "reject_event")


def is_count(finding: Finding) -> bool:
    """Whether the finding is about how many there are."""
    return finding.variable == "n" or finding.variable.startswith("other:n_")


def find_outcome(finding: Finding, reading: Reading, start: int, end: int) -> Outcome:
    """What becomes of what is printed there. In "no jets with pT > 50" the number defines the jets that are counted."""
    outcome = read_outcome(reading.statement.text, start, end)
    if outcome.absence and finding.stage not in ("object", "definition", "overlap") and finding.effect != "define":
        return outcome._replace(positive=not outcome.positive)
    return outcome


def compare(finding: Finding, operator: str, printed: frozenset[str], outcome: Outcome) -> Relation:
    """The claimed operator and effect against the printed operators and outcome."""
    agrees = is_negative(finding) != outcome.positive
    if not printed:
        return Relation("absent", "not_applicable", "the text states no relation for it")
    if agrees and operator in printed:
        return Relation("ok", "ok", None)
    complement = COMPLEMENT.get(operator)
    if not agrees and complement in printed:
        return Relation("ok", "ok", None)
    shown = " or ".join(sorted(printed))
    if operator in printed:
        why = f"'{outcome.words}' turns it round" if outcome.words else "nothing in the text turns it away"
        return Relation("ok", "wrong", f"effect {finding.effect}, but {why}")
    return Relation("wrong", "ok" if agrees else "wrong", f"operator {operator}, but the text says {shown}")


def compare_counts(finding: Finding, printed: PrintedNumber, outcome: Outcome) -> Relation:
    """The same for a number of objects: "more than one" is "at least two", "none" is "fewer than one"."""
    assert isinstance(finding.value, int | float)
    value = float(finding.value)
    if value < 0 or value != int(value):
        return Relation("wrong", "not_applicable", f"{value:g} is no number of objects")
    claimed = _admit(finding.operator, value, negative=is_negative(finding))
    admitted = [_admit(o, printed.value, negative=not outcome.positive) for o in sorted(printed.operators)]
    agrees = is_negative(finding) != outcome.positive
    if claimed in admitted and (agrees or value == printed.value or claimed == {0}):
        return Relation("ok", "ok", None)
    turned = [frozenset(_COUNTS) - a for a in admitted]
    if claimed in turned:
        why = f"'{outcome.words}' turns it round" if outcome.words else "nothing in the text turns it away"
        return Relation("ok", "wrong", f"effect {finding.effect}, but {why}")
    shown = " or ".join(sorted(printed.operators)) or "no relation"
    return Relation("wrong", "not_applicable", f"operator {finding.operator}, but the text says {shown} {printed.text}")


def _admit(operator: str, value: float, *, negative: bool) -> frozenset[int]:
    test = _TESTS.get(operator)
    kept = frozenset(n for n in _COUNTS if test is not None and test(n, value))
    return frozenset(_COUNTS) - kept if negative else kept
