"""ADL's comparisons in the language of the criteria: numbers, ranges, working points, flavours."""

from typing import TYPE_CHECKING

from codegen.adl.expressions import MIRRORED
from codegen.adl.known import COMPARISON, OR, SUM, Flavour, Probe, Value, Word
from codegen.adl.probes import is_true, pick_flavour
from codegen.adl.properties import get_field
from codegen.adl.syntax import Comparison

if TYPE_CHECKING:
    from codegen.adl.meaning import Interpreter


def compare(interpreter: "Interpreter", expression: Comparison) -> Value:
    """A comparison as one condition."""
    variable, relation, right = split_comparison(interpreter, expression)
    return Value(*_join(variable, relation, right), True)


def split_comparison(
    interpreter: "Interpreter", expression: Comparison
) -> tuple[Value, str, "Value | tuple[Value, Value]"]:
    """A comparison as variable, relation and limit (two for a range); a word as limit has no constant.

    Conditions that are 1 or 0 in ADL, such as tight(ELE) == 1, become comparisons with a word.
    """
    relation = expression.operator
    if expression.second is not None:
        ends = interpreter.number(expression.right), interpreter.number(expression.second)
        return interpreter.number(expression.left), relation, ends
    left, right = interpreter.mean(expression.left), interpreter.mean(expression.right)
    if isinstance(right, Probe | Flavour) and not isinstance(left, Probe | Flavour):
        left, right, relation = right, left, MIRRORED[relation]
        expression = Comparison(expression.line, relation, expression.right, expression.left)
    if isinstance(left, Flavour) and isinstance(right, Flavour):
        if left.absolute and right.absolute and relation in ("==", "!="):
            return Value(get_field(left.owner, "flavour")), relation, Value(get_field(right.owner, "flavour"))
        raise interpreter.fail(expression.left, "expected abs(pdgID(a)) == abs(pdgID(b))")
    if isinstance(left, Flavour):
        word = pick_flavour(left, relation, interpreter.number(expression.right).constant)
        if word is None:
            raise interpreter.fail(expression.left, "expected abs(pdgID(x)) == 11, 13, 15 or 22")
        return Value(get_field(left.owner, "flavour")), relation, Word(word)
    if isinstance(left, Probe):
        limit = interpreter.number(expression.right)
        truth = is_true(relation, limit.constant)
        if truth is None and left.is_open:
            return Value(left.variable), relation, limit  # the number that the tag is made from
        if truth is None:
            raise interpreter.fail(expression.right, "expected 1 or 0")
        if left.is_open and interpreter.ask is not None:
            interpreter.ask(left.variable)
        inverse = {">=": "<", "==": "!=", ">": "<="}
        return Value(left.variable), left.relation if truth else inverse[left.relation], Word(left.label)
    a, b = interpreter.number(expression.left), interpreter.number(expression.right)
    if a.constant is not None and b.constant is None:
        return b, MIRRORED[relation], a
    return a, relation, b


def _join(variable: Value, relation: str, right: "Value | tuple[Value, Value]") -> tuple[str, int]:
    if isinstance(right, tuple):
        low, high = (end.within(SUM) for end in right)
        inside = variable.within(SUM)
        if relation == "[]":
            return f"{low} <= {inside} <= {high}", COMPARISON
        return f"{inside} <= {low} or {inside} >= {high}", OR
    return f"{variable.within(SUM)} {relation} {right.within(SUM)}", COMPARISON
