"""A claimed comparison against a printed one: the relation, its direction, and what becomes of what it describes."""

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
    described = finding.effect in ("define", "choose")
    lead, text = reading.statement.lead, reading.statement.text
    outcome = read_outcome(lead + text, len(lead) + start, len(lead) + end, described=described)
    if outcome.absence and finding.stage not in ("object", "definition", "overlap") and finding.effect != "define":
        return outcome._replace(positive=not outcome.positive)
    return outcome


def compare(finding: Finding, operator: str, printed: frozenset[str], outcome: Outcome) -> Relation:
    """The claimed operator and effect against the printed operators and outcome."""
    agrees = is_negative(finding) != outcome.positive
    if not printed:
        return Relation("absent", "not_applicable", "the text states no relation for it")
    if agrees and (operator in printed or (operator == "in" and "==" in printed)):
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
    if finding.operator == "in":
        return compare(finding, "in", printed.operators, outcome)
    claimed = _spell(finding.operator, value, turned=is_negative(finding))
    admitted = [_spell(o, printed.value, turned=not outcome.positive) for o in sorted(printed.operators)]
    agrees = is_negative(finding) != outcome.positive
    if claimed in admitted and (agrees or value == printed.value or claimed == ("==", 0.0)):
        return Relation("ok", "ok", None)
    if _spell(finding.operator, value, turned=not is_negative(finding)) in admitted:
        why = f"'{outcome.words}' turns it round" if outcome.words else "nothing in the text turns it away"
        return Relation("ok", "wrong", f"effect {finding.effect}, but {why}")
    shown = " or ".join(sorted(printed.operators)) or "no relation"
    return Relation("wrong", "not_applicable", f"operator {finding.operator}, but the text says {shown} {printed.text}")


def _spell(operator: str, value: float, *, turned: bool) -> tuple[str, float]:
    """One spelling of a condition on a number of objects, or of its complement."""
    operator, value = {">": (">=", value + 1), "<": ("<=", value - 1)}.get(operator, (operator, value))
    if turned:
        operator, value = {
            ">=": ("<=", value - 1), "<=": (">=", value + 1), "==": ("!=", value), "!=": ("==", value),
        }.get(operator, (operator, value))  # fmt: skip
    return {("<=", 0.0): ("==", 0.0), ("!=", 0.0): (">=", 1.0)}.get((operator, value), (operator, value))
