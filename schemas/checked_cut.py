"""One cut as typed expressions: its variable, its condition, and the test that an event or object must pass."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from schemas.criteria import Cut, Threshold
from schemas.errors import CriteriaError
from schemas.expressions.dimension import ENERGY, FREE, ONE, Dimension, find_dimension
from schemas.expressions.nodes import (
    Arithmetic,
    Collection,
    Comparison,
    EventObject,
    Field,
    LabelTest,
    Logic,
    Node,
    Not,
    Number,
    Relation,
    This,
    Trials,
    Type,
    Worded,
)
from schemas.expressions.parser import describe, find_label_problem, parse_expression
from schemas.expressions.scope import Scope
from schemas.units import find_unit, to_base
from schemas.vocabulary import Closed
from schemas.words import normalise_words

RELATIONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class CheckedCut:
    """A cut whose names, types and units are right.

    `test` is the whole requirement as one boolean; it contains `variable` as a part, so that both can share a value.
    """

    cut: Cut
    variable: Node
    test: Node
    condition: Node | None


def check_cut(cut: Cut, scope: Scope, where: str) -> CheckedCut:
    """The typed cut. Raises CriteriaError that names the cut, the token and what was expected."""
    if cut.words is not None:
        return _check_words(cut, cut.words, scope, where)
    variable = parse_expression(cut.variable, scope, where)
    if isinstance(variable, EventObject):
        variable = Field(Type("number", ENERGY), variable, "pt")  # met stands for its magnitude
    if cut.operator in ("pass", "fail") and cut.threshold is not None:
        raise CriteriaError(f"{where}: '{cut.operator}' takes no threshold; expected a condition as the variable")
    if cut.threshold is not None and cut.threshold.label is None and cut.threshold.labels is None:
        variable = _as_number(variable, cut, where)
    test = _build_test(cut, variable, scope, where)
    condition = _check_condition(cut, scope, where)
    _check_axes(variable, test, condition, scope, where)
    if cut.quantifier == "any" and (variable.axis is None or isinstance(variable.axis, This | Trials)):
        raise CriteriaError(
            f"{where}: quantifier 'any': expected a variable with one value per object or pair; "
            f"'{cut.variable}' has one value"
        )
    return CheckedCut(cut, variable, test, condition)


def _check_condition(cut: Cut, scope: Scope, where: str) -> Node | None:
    if cut.condition is None:
        return None
    condition = parse_expression(cut.condition, scope, f"{where}, condition")
    if condition.type.kind != "boolean":
        raise CriteriaError(f"{where}: '{cut.condition}': expected a condition, found {describe(condition)}")
    return condition


def _check_words(cut: Cut, words: str, scope: Scope, where: str) -> CheckedCut:
    """A cut in words: about each object of the collection being defined, else about the event."""
    if scope.trials or scope.chooses:
        raise CriteriaError(
            f"{where}: words in a candidate's select: expected an expression; state the cut in a region, or of objects"
        )
    boolean = Type("boolean", axis=This(Type("object"), scope.this) if scope.this is not None else None)
    test = Worded(boolean, cut.id, normalise_words(words))
    condition = _check_condition(cut, scope, where)
    _check_axes(test, test, condition, scope, where)
    return CheckedCut(cut, test, test, condition)


def check_cuts(cuts: Iterable[Cut], scope: Scope, owner: str) -> tuple[CheckedCut, ...]:
    """The typed cuts of one owner; rejected ones are left out. Raises CriteriaError."""
    return tuple(check_cut(cut, scope, f"{owner}, cut '{cut.id}'") for cut in cuts if cut.status != "rejected")


def list_collections(cuts: Iterable[CheckedCut]) -> tuple[str, ...]:
    """The collections that cuts name, each once."""
    roots = (root for cut in cuts for root in (cut.test, cut.condition) if root is not None)
    return tuple(dict.fromkeys(node.name for root in roots for node in root.walk() if isinstance(node, Collection)))


def _as_number(node: Node, cut: Cut, where: str) -> Node:
    """The node as a number, where a field may be a number or a working point."""
    if node.type.kind not in ("graded", "number"):
        raise CriteriaError(
            f"{where}: '{cut.variable}': expected a number before '{cut.operator}', found {describe(node)}"
        )
    return replace(node, type=node.type._replace(kind="number"))


def _build_test(cut: Cut, variable: Node, scope: Scope, where: str) -> Node:
    threshold = cut.threshold
    boolean = Type("boolean", axis=variable.axis)
    if cut.operator in ("pass", "fail"):
        if variable.type.kind != "boolean":
            raise CriteriaError(f"{where}: '{cut.variable}': expected a condition, found {describe(variable)}")
        return variable if cut.operator == "pass" else Not(boolean, variable)
    if threshold is None:
        raise CriteriaError(f"{where}: no threshold: operator '{cut.operator}' expected {_expect(cut.operator)}")
    if threshold.closed is not None and threshold.range is None:
        raise CriteriaError(f"{where}: closed '{threshold.closed}': expected only beside a range")
    if threshold.label is not None or threshold.labels is not None:
        return _test_labels(cut, variable, threshold, scope, where)
    if cut.operator in ("between", "outside"):
        if threshold.range is None:
            raise _refuse_kind(cut, threshold, where)
        return _test_range(cut, variable, threshold, where)
    if cut.operator == "in":
        if threshold.values is None:
            raise _refuse_kind(cut, threshold, where)
        limits = [_limit(v, threshold.unit, variable, where) for v in threshold.values]
        return Logic(boolean, "or", tuple(Comparison(boolean, "==", variable, limit) for limit in limits))
    relation = cast(Relation, cut.operator)
    if threshold.expression is not None:
        return Comparison(boolean, relation, variable, _limit_expression(threshold, variable, scope, where))
    if threshold.value is None:
        raise _refuse_kind(cut, threshold, where)
    return Comparison(boolean, relation, variable, _limit(threshold.value, threshold.unit, variable, where))


def _expect(operator: str | None) -> str:
    """What kind of threshold an operator takes, in words."""
    if operator in ("between", "outside"):
        return "a range, as in {range: [50, 106], unit: GeV}"
    return "a list, as in {values: [0, 2]} or {labels: [a, b]}" if operator == "in" else "one value"


def _refuse_kind(cut: Cut, threshold: Threshold, where: str) -> CriteriaError:
    """The threshold is of a kind that the operator does not take."""
    kinds = {"value": "a value", "values": "a list of values", "range": "a range", "label": "a label",
             "labels": "a list of labels", "expression": "an expression"}  # fmt: skip
    found = next(text for kind, text in kinds.items() if getattr(threshold, kind) is not None)
    meant = "between or outside" if threshold.range is not None else "in" if threshold.values is not None else ""
    hint = f"; did you mean {meant}?" if meant and meant != cut.operator else ""
    return CriteriaError(f"{where}: operator '{cut.operator}' expected {_expect(cut.operator)}, found {found}{hint}")


def _check_label(variable: Node, relation: Relation, label: str, scope: Scope, where: str) -> None:
    problem = find_label_problem(variable, relation, label, scope)
    if problem is not None:
        raise CriteriaError(f"{where}: label '{label}': {problem}")


def _test_labels(cut: Cut, variable: Node, threshold: Threshold, scope: Scope, where: str) -> Node:
    boolean = Type("boolean", axis=variable.axis)
    if variable.type.kind not in ("label", "graded"):
        raise CriteriaError(f"{where}: '{cut.variable}': expected a field with labels, found {describe(variable)}")
    if threshold.unit is not None:
        raise CriteriaError(f"{where}: unit '{threshold.unit}': expected none, a label has no unit")
    if threshold.label is not None:
        if cut.operator not in RELATIONS:
            raise CriteriaError(f"{where}: operator '{cut.operator}': expected >= or == before a label")
        relation = cast(Relation, cut.operator)
        _check_label(variable, relation, threshold.label, scope, where)
        return LabelTest(boolean, relation, variable, threshold.label)
    if cut.operator != "in":
        raise CriteriaError(f"{where}: operator '{cut.operator}': expected in before a list of labels")
    for word in threshold.labels or ():
        _check_label(variable, "==", word, scope, where)
    return Logic(boolean, "or", tuple(LabelTest(boolean, "==", variable, word) for word in threshold.labels or ()))


def _test_range(cut: Cut, variable: Node, threshold: Threshold, where: str) -> Node:
    assert threshold.range is not None
    low, high = (_limit(v, threshold.unit, variable, where) for v in threshold.range)
    if not low.value < high.value:
        shown = f"[{threshold.range[0]:g}, {threshold.range[1]:g}]"
        raise CriteriaError(f"{where}: range {shown}: expected the lower end below the upper one")
    closed: Closed = threshold.closed or "none"
    boolean = Type("boolean", axis=variable.axis)
    below: Relation = "<=" if closed in ("left", "both") else "<"
    above: Relation = "<=" if closed in ("right", "both") else "<"
    if cut.operator == "between":
        inside = (Comparison(boolean, below, low, variable), Comparison(boolean, above, variable, high))
        return Logic(boolean, "and", inside)
    complement: dict[Relation, Relation] = {"<=": "<", "<": "<="}
    outside = (
        Comparison(boolean, complement[below], variable, low),
        Comparison(boolean, complement[above], high, variable),
    )
    return Logic(boolean, "or", outside)


def _limit(value: float, unit: str | None, variable: Node, where: str) -> Number:
    _check_unit(unit, variable.type.dimension, where)
    base = to_base(value, unit)[0]
    if not math.isfinite(base):
        raise CriteriaError(f"{where}: {value:g} {unit}: expected a number that is finite in GeV, mm and rad")
    return Number(Type("number", FREE), base)


def _check_unit(unit: str | None, wanted: Dimension, where: str) -> None:
    try:
        given = find_dimension(unit)
    except CriteriaError as error:
        raise CriteriaError(f"{where}: {error}") from None
    if wanted.free or given == wanted or (given == FREE and (wanted.energy, wanted.length) == (0, 0)):
        return
    found = f"unit '{unit}'" if unit else "no unit"
    expected = f"the unit of {wanted.describe()}" if wanted != ONE else "none for a plain number"
    raise CriteriaError(f"{where}: {found}: expected {expected}")


def _limit_expression(threshold: Threshold, variable: Node, scope: Scope, where: str) -> Node:
    assert threshold.expression is not None
    limit = parse_expression(threshold.expression, scope, f"{where}, threshold")
    if limit.type.kind != "number":
        raise CriteriaError(f"{where}: threshold '{threshold.expression}': expected a number, found {describe(limit)}")
    wanted, found = variable.type.dimension, limit.type.dimension
    if not found.free:
        # The expression has a dimension of its own and is in base units already; a unit beside it only repeats it.
        if wanted.meet(found) is None:
            raise CriteriaError(
                f"{where}: threshold '{threshold.expression}' is {found.describe()}: expected {wanted.describe()}"
            )
        if threshold.unit is not None:
            _check_unit(threshold.unit, found, where)
            if to_base(1.0, threshold.unit)[0] != 1.0:
                raise CriteriaError(
                    f"{where}: unit '{threshold.unit}': expected the base unit beside an expression of quantities"
                )
        return limit
    _check_unit(threshold.unit, wanted, where)
    if threshold.unit is None:
        return limit
    unit = find_unit(threshold.unit)
    number = Type("number", FREE)
    if unit.multiply != 1.0:
        limit = Arithmetic(limit.type, "*", limit, Number(number, unit.multiply))
    if unit.divide != 1.0:
        limit = Arithmetic(limit.type, "/", limit, Number(number, unit.divide))
    return limit


def _check_axes(variable: Node, test: Node, condition: Node | None, scope: Scope, where: str) -> None:
    """All parts are about the same collection; in an object definition, about the object being defined."""
    axes = {node.axis for node in (variable, test, condition) if node is not None and node.axis is not None}
    parts = [n.axis for n in test.walk() if n.axis is not None and n.type.kind in ("number", "boolean")]
    if isinstance(test, Comparison) and test.left.axis and test.right.axis and test.left.axis != test.right.axis:
        axes |= set(parts)
    if scope.this is not None:
        if not any(isinstance(axis, This) for axis in axes) or len(axes) > 1:
            raise CriteriaError(f"{where}: '{scope.this}' expected a requirement on one of its objects")
        return
    if len(axes) > 1:
        raise CriteriaError(f"{where}: mixes values of different collections; expected one collection, or pairs(...)")
    if condition is not None and condition.axis is not None and variable.axis is None:
        raise CriteriaError(f"{where}: the condition is about single objects; expected one about the event")
