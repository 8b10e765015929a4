"""Mutants that mean the same as the original, told from the criteria and the format alone."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from codegen.witness.arithmetic import compare
from codegen.witness.distance import list_atoms
from codegen.witness.evaluate import Interpreter
from codegen.witness.goals import UNUSED
from codegen.witness.layout import Layout, find_scale
from codegen.witness.mutant import Mutant
from schemas.checked_cut import CheckedCut
from schemas.expressions import nodes as n
from schemas.expressions.branches import Branch, parse_branches

NEIGHBOURS = 4  # numbers of the file next to a threshold that are looked at


def explain_equivalence(original: Interpreter, other: Interpreter, mutant: Mutant, layout: Layout) -> str:
    """Why a mutant means the same, in words; empty where that cannot be told."""
    if mutant.item in original.missing and mutant.item in other.missing:
        return "the format cannot evaluate it"
    if mutant.kind == "cut dropped" and mutant.item in original.missing:
        return "the format cannot evaluate it"
    owner = next((o.name for o in original.checked.criteria.objects if _owns(o.name, original, mutant.item)), None)
    if owner is not None and owner not in original.used and owner not in other.used:
        return UNUSED
    cut = _find_cut(original, mutant.item)
    if cut is None:
        return ""
    if mutant.kind in ("strictness", "range end") and _is_between_numbers(original, cut, layout):
        return "no number that the format can hold is exactly the threshold"
    before, after = _list_allowed(original, cut), _list_allowed(other, cut)
    if before is not None and before == after and mutant.kind in ("number", "cut dropped"):
        return "another alternative of its group allows the same"
    if mutant.kind in ("strictness", "number", "range end", "unit") and _is_shadowed(original, other, cut):
        return "the cuts on its objects leave only values for which it is the same"
    if mutant.kind == "quantifier" and cut.variable.axis is None:
        return "the cut has one value per event"
    if mutant.kind == "quantifier" and isinstance(cut.variable.axis, n.This | n.Trials):
        return "the cut has one value per object"
    if mutant.text == "== for >=" and _is_strongest(cut, layout):
        return "it is the strongest label, so at least this is exactly this"
    if mutant.text in (">= for ==", "== for >=") and _is_most(original, cut):
        return "there are never more"
    return ""


def _find_cut(interpreter: Interpreter, name: str) -> CheckedCut | None:
    checked = interpreter.checked
    listed = [c for owner in (checked.objects, checked.regions) for cuts in owner.values() for c in cuts]
    listed += [c for made in checked.candidates.values() for c in made.select]
    return next((c for c in listed if c.cut.id == name), None)


def _is_between_numbers(interpreter: Interpreter, cut: CheckedCut, layout: Layout) -> bool:
    """Whether no stored number gives exactly one of the cut's thresholds, for a field that is one branch."""
    if layout.double:
        return False
    found = False
    for atom in list_atoms(cut.test, interpreter.checked.variables):
        if not isinstance(atom, n.Comparison):
            continue
        limit, side = (atom.right, atom.left) if isinstance(atom.right, n.Number) else (atom.left, atom.right)
        if isinstance(side, n.Call) and side.function == "abs":
            side = side.arguments[0]
        if not isinstance(limit, n.Number) or not isinstance(side, n.Field):
            return False
        if any(_holds(layout, base, side.name, limit.value) for base in _list_bases(interpreter, layout, side)):
            return False
        found = True
    return found


class _Measured(NamedTuple):
    """A field of objects, perhaps without its sign."""

    name: str
    absolute: bool


def _is_shadowed(original: Interpreter, other: Interpreter, cut: CheckedCut) -> bool:
    """Whether the cuts on single objects leave only values of a field for which a cut and its mutant agree."""
    changed = _find_cut(other, cut.cut.id)
    measured, collection = _read_field(cut.variable)
    if changed is None or measured is None or collection is None or cut.condition is not None:
        return False
    if original.checked.criteria.objects != other.checked.criteria.objects:
        return False
    around = [
        c.test
        for group in original.object_cuts.get(collection, ())
        for c in group
        if len(group) == 1 and c.condition is None and _read_field(c.variable)[0] == measured
    ]
    tests = [cut.test, changed.test, *around]
    ends = sorted({p.value for test in tests for p in test.walk() if isinstance(p, n.Number)})
    points = [*ends, *((a + b) / 2 for a, b in pairwise(ends)), *((ends[0] - 1, ends[-1] + 1) if ends else ())]
    for x in points if around else ():
        before, after, *kept = (_decide_number(test, measured, x) for test in tests)
        if None in (before, after) or (before != after and False not in kept):
            return False
    return bool(around)


def _read_field(node: n.Node) -> tuple[_Measured | None, str | None]:
    """The field that an expression is, and the collection whose objects it is taken of."""
    absolute = isinstance(node, n.Call) and node.function == "abs"
    inner = node.arguments[0] if isinstance(node, n.Call) and absolute else node
    if not isinstance(inner, n.Field):
        return None, None
    owner: n.Node = inner.owner
    while isinstance(owner, n.Item | n.Slice):
        owner = owner.owner
    name = owner.name if isinstance(owner, n.Collection) else owner.part if isinstance(owner, n.Members) else None
    return _Measured(inner.name, absolute), name


def _decide_number(test: n.Node, measured: _Measured, x: float) -> bool | None:
    """What a condition says of one value of a field; None where it is about something else."""
    match test:
        case n.Logic():
            parts = [_decide_number(a, measured, x) for a in test.arguments]
            return None if None in parts else all(parts) if test.operator == "and" else any(parts)
        case n.Not():
            inner = _decide_number(test.argument, measured, x)
            return None if inner is None else not inner
        case n.Comparison():
            values = [
                side.value if isinstance(side, n.Number) else x if _read_field(side)[0] == measured else math.nan
                for side in (test.left, test.right)
            ]
            return compare(test.relation, *values)
    return None


def _list_bases(interpreter: Interpreter, layout: Layout, side: n.Field) -> list[str]:
    scope = interpreter.checked.scope
    names = {p.collection for p in side.walk() if isinstance(p, n.This)}
    names |= {p.name for p in side.walk() if isinstance(p, n.Collection)}
    names |= {m for p in side.walk() if isinstance(p, n.Candidate) for m in scope.candidates[p.name].members}
    return [b for name in names for b in scope.collections[name].bases if b in layout.profile.collections]


def _holds(layout: Layout, base: str, field: str, value: float) -> bool:
    """Whether a stored number of single precision reads as exactly this value; true where that is not known."""
    given = layout.profile.collections[base].fields.get(field)
    if given is None or type(parse_branches(given.expression, field)) is not Branch:
        return True
    scale = find_scale(given.unit)
    stored = np.float32(value * scale)
    near = [stored]
    for _ in range(NEIGHBOURS):
        near += [np.nextafter(near[-1], np.float32(np.inf)), np.nextafter(near[0], np.float32(-np.inf))]
    return any(float(one) / scale == value for one in near)


def _list_allowed(interpreter: Interpreter, cut: CheckedCut) -> list[tuple[float, float]] | None:
    """What the ranges of a cut's group allow together, as separate intervals; None where they are not about one
    quantity."""
    if cut.cut.group is None:
        return None
    listed = [c.cut for cuts in interpreter.checked.regions.values() for c in cuts if c.cut.group == cut.cut.group]
    ranges = [c.threshold.range for c in listed if c.threshold is not None and c.operator == "between"]
    units = {c.threshold.unit for c in listed if c.threshold is not None}
    if len({c.variable for c in listed}) != 1 or len(ranges) < len(listed) or len(units) != 1:
        return None
    joined: list[tuple[float, float]] = []
    for low, high in sorted(r for r in ranges if r is not None):
        if joined and low < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def explain_survival(original: Interpreter, mutant: Mutant) -> str:
    """What is known of a mutant that no event was found for."""
    cut = _find_cut(original, mutant.item)
    if mutant.kind in ("strictness", "range end") and cut is not None:
        derived = any(isinstance(p, n.Call | n.Variable | n.Arithmetic) for p in cut.test.walk())
        if derived:
            return "it differs only where a computed quantity is exactly its threshold, which rounding decides"
    if mutant.kind == "union" and "order" in mutant.text:
        return "it differs only between objects of equal pT"
    return "no event that tells it apart was found"


def _is_strongest(cut: CheckedCut, layout: Layout) -> bool:
    threshold = cut.cut.threshold
    if threshold is None or threshold.label is None:
        return False
    field = next((p.name for p in cut.variable.walk() if isinstance(p, n.Field)), "")
    known = [s.labels[field] for s in layout.profile.collections.values() if field in s.labels]
    return bool(known) and all(labels.points[-1].label == threshold.label for labels in known if labels.points
                               and labels.find(threshold.label) is not None)  # fmt: skip


def _is_most(interpreter: Interpreter, cut: CheckedCut) -> bool:
    threshold = cut.cut.threshold
    counted = cut.variable.arguments[0] if isinstance(cut.variable, n.Call) and cut.variable.arguments else None
    if threshold is None or threshold.value is None:
        return False
    if isinstance(counted, n.Candidate):
        return threshold.value == 1
    if isinstance(counted, n.Composites):
        return threshold.value == interpreter.checked.scope.candidates[counted.name].composites
    return False


def _owns(collection: str, original: Interpreter, item: str) -> bool:
    definition = original.definitions[collection]
    labels = [f"{collection} near {r.with_}" for r in definition.remove_overlap]
    return item in (collection, *labels, *(c.id for c in definition.cuts))
