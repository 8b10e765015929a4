"""A part of criteria said again as a finding, so that grounding can judge a quote for it as it judges a reader's.

The criteria say what survives, so the finding keeps what it describes. What has no form that a finding can take (words,
a threshold that another quantity decides) gives None: nothing can be checked then, and nothing is claimed.
"""

import ast
from typing import NamedTuple

from extract.restating.names import Names, say_other
from extract.restating.quantities import Quantity, Reader, parse_tree
from schemas.criteria import (
    Candidate,
    Cut,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Region,
    SelectionCriteria,
    Threshold,
)
from schemas.finding import Finding, Ramp, Value
from schemas.vocabulary import Closed, Operator, Stage

Owner = ObjectDefinition | Candidate | Region
Restated = Cut | OverlapRemoval | OverlapStep | Candidate

_FLIPPED: dict[str, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_SIGNS: dict[type[ast.cmpop], Operator] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_UNITS = {"pt": "GeV", "et": "GeV", "mass": "GeV", "energy": "GeV", "met": "GeV", "ht": "GeV", "st": "GeV", "mt": "GeV"}


class _Said(NamedTuple):
    """The comparison of a cut."""

    operator: Operator
    value: Value | None
    unit: str | None = None
    closed: Closed | None = None


def restate(part: Restated, criteria: SelectionCriteria, owner: Owner | None = None) -> Finding | None:
    """The finding that a part of the criteria amounts to; its quote is a blank, to be filled by where it is looked for.

    `owner` is what holds a cut or an overlap removal: fields of objects need it.
    """
    names = Names(criteria)
    if isinstance(part, Cut):
        return _restate_cut(part, names, owner)
    if isinstance(part, Candidate):
        return _restate_choice(part, names)
    lost, near = (part.remove, part.near) if isinstance(part, OverlapStep) else (None, part.with_)
    subject = names.find_kind(lost) if lost is not None else _name_owner(owner, names)
    other = names.find_kind(near)
    if subject is None or other is None:
        return None
    quantity = Quantity("deltaR", subject, other)
    return _make(quantity, _Said("<", part.deltaR), "overlap").model_copy(update={"effect": "remove_object"})


def _restate_cut(cut: Cut, names: Names, owner: Owner | None) -> Finding | None:
    if cut.words is not None or cut.operator is None or not cut.variable:
        return None
    reader = Reader(names, _name_owner(owner, names))
    if cut.threshold is None:
        return _restate_logic(cut, reader, owner)
    quantity = reader.read(cut.variable)
    if quantity is None or _counts_composite(cut, names):
        return None
    said = _say(cut, cut.threshold, reader)
    if said is None:
        return None
    if cut.threshold.expression is not None and not isinstance(said.value, Ramp):  # pt > 0.35 * myy
        quantity = quantity._replace(variable="ratio_pt_mass")
    return _make(quantity, said, _find_stage(owner), cut.condition)


def _restate_logic(cut: Cut, reader: Reader, owner: Owner | None) -> Finding | None:
    """A cut that a truth value passes or fails: `count(leptons) >= 3` fails is fewer than three of them."""
    assert cut.operator is not None
    tree = parse_tree(cut.variable)
    while (
        isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("all", "any") and tree.args
    ):
        tree = tree.args[0]
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in _SIGNS:
        quantity, sign = reader.read_tree(tree.left), _SIGNS[type(tree.ops[0])]
        right = tree.comparators[0]
        if isinstance(right, ast.Constant) and isinstance(right.value, int | float):
            operator = _FLIPPED[sign] if cut.operator == "fail" else sign
            said = _Said(operator, float(right.value), _UNITS.get(quantity.variable))
            return _make(quantity, said, _find_stage(owner), cut.condition)
        if isinstance(right, ast.Name):
            point = _Said("fail" if cut.operator == "fail" else "pass", right.id.replace("_", " "))
            return _make(quantity, point, _find_stage(owner), cut.condition)
    return None


def _restate_choice(candidate: Candidate, names: Names) -> Finding | None:
    """What decides between combinations: the smallest or the largest of something."""
    chosen = candidate.minimise if candidate.minimise is not None else candidate.maximise
    if chosen is None:
        return None
    first = chosen if isinstance(chosen, str) else chosen[0]
    quantity = Reader(names).read(first) or Quantity(say_other(first), "event")
    said = _Said("minimise" if candidate.minimise is not None else "maximise", None)
    return _make(quantity, said, "candidate").model_copy(update={"effect": "choose"})


def _say(cut: Cut, threshold: Threshold, reader: Reader) -> _Said | None:
    assert cut.operator is not None
    unit = threshold.unit
    if threshold.value is not None:
        return _Said(cut.operator, threshold.value, unit)
    if threshold.range is not None:
        return _Said(cut.operator, threshold.range, unit, threshold.closed or "none")  # neither end belongs to it
    if threshold.values is not None:
        return _Said(cut.operator, threshold.values, unit)
    if threshold.label is not None:
        operator: Operator = {">=": "pass", "<": "fail"}.get(cut.operator, cut.operator)  # type: ignore[assignment]
        return _Said(operator, threshold.label.replace("_", " "))
    if threshold.labels is not None:
        return _Said(cut.operator, tuple(label.replace("_", " ") for label in threshold.labels))
    return _read_expression(cut, threshold.expression or "", unit, reader)


def _read_expression(cut: Cut, expression: str, unit: str | None, reader: Reader) -> _Said | None:
    """A threshold that depends on the event: a ramp, or a share of a mass."""
    assert cut.operator is not None
    tree = parse_tree(expression)
    match tree:
        case ast.Call(func=ast.Name(id="interp"), args=[argument, ast.List() as x, ast.List() as y]):
            xs, ys = _list_numbers(x), _list_numbers(y)
            over = reader.read_tree(argument)
            if xs is None or ys is None:
                return None
            ramp = Ramp(argument=ast.unparse(argument), x=xs, y=ys, x_unit=_UNITS.get(over.variable))
            return _Said(cut.operator, ramp, unit)
        case (
            ast.BinOp(op=ast.Mult(), left=ast.Constant(value=int() | float() as share), right=whole)
            | ast.BinOp(op=ast.Mult(), left=whole, right=ast.Constant(value=int() | float() as share))
        ) if reader.read_tree(whole).variable == "mass":
            own = reader.read(cut.variable)
            return _Said(cut.operator, float(share)) if own is not None and own.variable in ("pt", "et") else None
    return None


def _list_numbers(node: ast.List) -> tuple[float, ...] | None:
    numbers = []
    for item in node.elts:
        try:
            value = ast.literal_eval(item)
        except ValueError:
            return None
        if not isinstance(value, int | float):
            return None
        numbers.append(float(value))
    return tuple(numbers) or None


def _counts_composite(cut: Cut, names: Names) -> bool:
    """Whether it asks that a candidate exists: papers count its members then, or say nothing of a number."""
    inner = cut.variable.replace(" ", "").removeprefix("count(").removesuffix(")")
    return cut.variable.strip().startswith("count(") and inner in names.candidates


def _name_owner(owner: Owner | None, names: Names) -> str | None:
    return names.name_kind(owner) if isinstance(owner, ObjectDefinition) else None


def _find_stage(owner: Owner | None) -> Stage:
    if isinstance(owner, ObjectDefinition):
        return "object"
    return "candidate" if isinstance(owner, Candidate) else "event"


def _make(quantity: Quantity, said: _Said, stage: Stage, condition: str | None = None) -> Finding:
    return Finding(
        id="restated",
        stage=stage,
        subject=quantity.subject,
        second_subject=quantity.second_subject,
        variable=quantity.variable,
        operator=said.operator,
        value=said.value,
        unit=said.unit or None,
        closed=said.closed,
        condition=condition.replace("_", " ") if condition else None,
        quote=(" ",),
        page=1,
        reader="human",
    )
