"""How far an event is from what a cut wants: 0 where it is fulfilled, growing with the amount by which it is not."""

import math
from collections.abc import Mapping, Sequence

from codegen.witness.arithmetic import Truth, compare
from codegen.witness.evaluate import Look
from codegen.witness.values import ABSENT, Absent, lift
from schemas.checked_cut import CheckedCut
from schemas.expressions import nodes as n
from schemas.expressions.nodes import Node, Relation

FAR = 10.0  # of a missing value, or a word that does not hold
NEAR = 0.01  # of two values that are equal and should not be

Distances = float | list[float] | Absent
Forced = Mapping[int, bool]  # id of a node -> what it is taken for

OPPOSITE: dict[Relation, Relation] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def find_shortfall(look: Look, cut: CheckedCut, wanted: bool, forced: Forced, slack: float = 0.0) -> float:
    """How far a cut is from being passed (or failed, when that is wanted); 0 when it is.

    `forced` are parts of the cut that are taken for true or false. With `slack`, comparisons want a margin of that
    relative size.
    """
    test = measure(look, cut.test, wanted, forced, slack)
    if cut.condition is not None:
        applies = measure(look, cut.condition, True, forced, slack)
        exempt = measure(look, cut.condition, False, forced, slack)
        joined = _join_exempt if wanted else _join_applies
        test = lift(joined, test, applies, exempt)
    if not isinstance(test, list):
        return FAR if isinstance(test, str) else test
    every = (cut.cut.quantifier == "all") == wanted
    if every:
        return sum(test)
    return min(test, default=FAR)


def _join_exempt(test: float, applies: float, exempt: float) -> float:
    return min(exempt, applies + test)


def _join_applies(test: float, applies: float, exempt: float) -> float:  # noqa: ARG001
    return applies + test


def measure(look: Look, node: Node, wanted: bool, forced: Forced, slack: float) -> Distances:
    """How far a condition is from the wanted value, one number per member of its axis."""
    if id(node) in forced:
        fixed = 0.0 if forced[id(node)] == wanted else FAR
        return lift(lambda _: fixed, look.truth(node))
    match node:
        case n.Comparison() if node.left.type.kind != "label":
            relation = node.relation if wanted else OPPOSITE[node.relation]
            return lift(
                lambda a, b: compare_distance(relation, a, b, slack), look.number(node.left), look.number(node.right)
            )
        case n.Logic():
            parts = [measure(look, a, wanted, forced, slack) for a in node.arguments]
            every = (node.operator == "and") == wanted
            return lift(lambda *each: sum(each) if every else min(each), *parts)
        case n.Not():
            return measure(look, node.argument, not wanted, forced, slack)
        case n.Variable():
            return measure(look, look.of.checked.variables[node.name], wanted, forced, slack)
        case n.Call(function="any" | "all"):
            inner = measure(look, node.arguments[0], wanted, forced, slack)
            if not isinstance(inner, list):
                return FAR
            return sum(inner) if (node.function == "all") == wanted else min(inner, default=FAR)
    return lift(lambda truth: _judge(truth, wanted), look.truth(node))


def _judge(truth: Truth, wanted: bool) -> float:
    return FAR if truth is None else 0.0 if truth == wanted else 1.0


def compare_distance(relation: Relation, a: float, b: float, slack: float) -> float:
    """How far two numbers are from standing in a relation, relative to their size."""
    if a != a or b != b:
        return FAR
    scale = max(abs(b), 0.1 * abs(a), 1e-6)
    if relation == "==":
        return min(abs(a - b) / scale, FAR)
    if relation == "!=":
        return 0.0 if a != b else NEAR
    counts = a.is_integer() and b.is_integer()  # a count has no margin
    gap = (a - b if relation in ("<", "<=") else b - a) + (0.0 if counts else slack * scale)
    if gap < 0 or (gap == 0 and compare(relation, a, b)):
        return 0.0
    return min(max(gap / scale, 1e-9), FAR)


def list_atoms(look_at: Node | None, variables: Mapping[str, Node]) -> list[Node]:
    """The comparisons and label tests that a condition is made of."""
    match look_at:
        case None:
            return []
        case n.Comparison() | n.LabelTest():
            return [look_at]
        case n.Variable():
            return list_atoms(variables[look_at.name], variables)
        case n.Logic():
            return [atom for part in look_at.arguments for atom in list_atoms(part, variables)]
        case n.Not() | n.Call():
            argument = look_at.argument if isinstance(look_at, n.Not) else look_at.arguments[0]
            return list_atoms(argument, variables)
    return []


class Sides:
    """The two numbers of a comparison as they are in an event, one pair per member of its axis."""

    def __init__(self, look: Look, atom: Node) -> None:
        self.truths: list[Truth] = _as_list(look.truth(atom))
        self.pairs: list[tuple[float, float]] = []
        if isinstance(atom, n.Comparison) and atom.left.type.kind != "label":
            both = lift(lambda a, b: (a, b), look.number(atom.left), look.number(atom.right))
            self.pairs = both if isinstance(both, list) else [] if isinstance(both, str) else [both]

    def find_flipped(self, other: "Sides") -> int | None:
        """Which member is true in one event and false in the other; None when there is none, or not just one."""
        if len(self.truths) != len(other.truths):
            return None
        changed = [k for k, (a, b) in enumerate(zip(self.truths, other.truths, strict=True)) if a != b]
        return changed[0] if len(changed) == 1 else None


def _as_list(value: object) -> list[Truth]:
    if isinstance(value, str):
        return []
    return list(value) if isinstance(value, list) else [value]  # type: ignore[list-item]


def is_exact(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether two numbers of a comparison are equal."""
    return any(a == b and math.isfinite(a) for a, b in pairs)


__all__ = [
    "ABSENT", "FAR", "Forced", "Sides", "compare_distance", "find_shortfall", "is_exact", "list_atoms", "measure",
]  # fmt: skip
