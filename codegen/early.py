"""Which events can pass the first cut of a region at all: told from counts, before anything is built."""

import math
from collections.abc import Mapping

from codegen.emit_expressions import Emitter
from codegen.emit_objects import ObjectWriter
from codegen.usage import Usage
from schemas.checked_cut import CheckedCut
from schemas.criteria import Region
from schemas.expressions.nodes import (
    Arithmetic,
    Call,
    Candidate,
    Collection,
    Comparison,
    Composites,
    Constant,
    EventField,
    EventObject,
    Field,
    Item,
    LabelTest,
    Logic,
    Negative,
    Node,
    Not,
    Number,
    Slice,
    Variable,
    Worded,
)

REDUCTIONS = ("count", "any", "all", "min", "max", "sum")


def write_filter(usage: Usage, writer: ObjectWriter) -> str | None:
    """Code of a mask that is true for every event that passes a first cut; None when a region takes anything."""
    alternatives: list[str] = []
    for region in usage.binding.checked.criteria.regions:
        if region.parent is not None:
            continue
        minima = _find_region_minima(usage, region)
        if not minima:
            return None
        parts = [f"({_count(writer, name)} >= {number})" for name, number in sorted(minima.items())]
        alternative = " & ".join(parts)
        if alternative not in alternatives:
            alternatives.append(alternative)
    if len(alternatives) == 1:
        only = alternatives[0]
        return only[1:-1] if only.count(">=") == 1 else only
    return " | ".join(alternatives) or None


def write_first_cuts(usage: Usage, writer: ObjectWriter, emitter: Emitter) -> list[str]:
    """Code of a mask for each of the first cuts: what fails one of them need not be looked at further.

    Where one region starts from all events, these are its first cuts on the event as a whole (a trigger), and what can
    be told from counts about the cut that follows. An event passes the cuts before the first mask that is false.
    """
    starts = [region for region in usage.binding.checked.criteria.regions if region.parent is None]
    if len(starts) != 1:
        only = write_filter(usage, writer)
        return [only] if only is not None else []
    masks: list[str] = []
    for cut in usage.regions[starts[0].name]:
        if cut.condition is not None or cut.cut.group is not None:
            break
        if not _is_of_event(usage, cut):
            minima = _find_minima(usage, cut)
            masks += [" & ".join(f"({_count(writer, n)} >= {k})" for n, k in sorted(minima.items()))] if minima else []
            break
        masks.append(emitter.true(cut.test).text)
    return [mask[1:-1] if mask.startswith("(") and mask.count(">=") == 1 else mask for mask in masks]


def _is_of_event(usage: Usage, cut: CheckedCut) -> bool:
    """Whether a cut asks for stored quantities of the event only."""
    nodes = list(usage.binding.walk(cut.test))
    plain = (EventField, EventObject, Field, Comparison, LabelTest, Logic, Not, Number, Constant, Arithmetic, Negative)
    return all(isinstance(node, plain) for node in nodes)


def _count(writer: ObjectWriter, name: str) -> str:
    return writer.list_counts(name)


def _find_region_minima(usage: Usage, region: Region) -> dict[str, int]:
    first = next((c for c in usage.regions[region.name]), None)
    if first is None or first.condition is not None or first.cut.group is not None:
        return {}
    return _find_minima(usage, first)


def _find_minima(usage: Usage, cut: CheckedCut) -> dict[str, int]:
    """How many objects an event has at least that passes the cut, by collection."""
    if cut.variable.axis is not None:
        return {}
    found: dict[str, int] = {}
    for test in _list_conjuncts(usage, cut.test):
        if isinstance(test, Comparison):
            for side in (test.left, test.right):
                _merge(found, _find_present(usage, side))
            _merge(found, _find_counted(usage, test))
    return found


def _list_conjuncts(usage: Usage, node: Node) -> list[Node]:
    if isinstance(node, Logic) and node.operator == "and":
        return [c for a in node.arguments for c in _list_conjuncts(usage, a)]
    if isinstance(node, Variable) and node.type.kind == "boolean":
        return _list_conjuncts(usage, usage.binding.checked.variables[node.name])
    return [] if isinstance(node, LabelTest) else [node]


def _find_counted(usage: Usage, test: Comparison) -> dict[str, int]:
    """From a count compared with a number."""
    left, right, relation = test.left, test.right, test.relation
    if isinstance(left, Number):
        left, right = right, left
        relation = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}[relation]  # type: ignore[assignment]
    if not (isinstance(left, Call) and left.function == "count" and isinstance(right, Number)):
        return {}
    if relation not in (">", ">=", "=="):
        return {}
    least = math.floor(right.value) + 1 if relation == ">" else math.ceil(right.value)
    if least < 1:
        return {}
    counted = left.arguments[0]
    if isinstance(counted, Collection):
        return {counted.name: least}
    return _find_members(usage, counted.name) if isinstance(counted, Candidate | Composites) else {}


def _find_present(usage: Usage, node: Node) -> dict[str, int]:
    """From quantities that are missing when an object is: a comparison with them is false then."""
    found: dict[str, int] = {}
    match node:
        case Variable():
            return _find_present(usage, usage.binding.checked.variables[node.name])
        case Worded():
            return {}  # what a function looks at need not be there
        case Call() if node.function in REDUCTIONS and len(node.arguments) == 1:
            return {}
        case Item() if isinstance(node.owner, Collection):
            return {node.owner.name: node.index + 1}
        case Candidate() | Composites():
            return _find_members(usage, node.name)
    for child in node.children():
        _merge(found, _find_present(usage, child))
    return found


def _find_members(usage: Usage, name: str) -> dict[str, int]:
    """How many objects of each collection there are at least when a candidate exists."""
    checked = usage.binding.checked
    if name not in checked.candidates:
        return {}
    made = checked.candidates[name]
    candidate = made.candidate
    if candidate.sum is not None:
        parts = [checked.candidates[p] for p in candidate.sum if p in checked.candidates]
        names = [p.candidate.name for p in parts]
        apart = all(
            a in checked.candidates[b].candidate.exclude or b in checked.candidates[a].candidate.exclude
            for k, a in enumerate(names) for b in names[k + 1 :]
        )  # fmt: skip
        found: dict[str, int] = {}
        for part in parts:
            members = _find_members(usage, part.candidate.name)
            for collection, number in members.items():
                found[collection] = (
                    found.get(collection, 0) + number if apart else max(found.get(collection, 0), number)
                )
        return found
    sources = [made.source] if made.source is not None else list(made.roles.values())
    found = {}
    for source in sources:
        root = usage.binding.find_root(source)
        if root is not None:
            size = source.stop if isinstance(source, Slice) and made.roles else checked.scope.candidates[name].size
            found[root] = max(found.get(root, 0), size)
    return found


def _merge(into: dict[str, int], more: Mapping[str, int]) -> None:
    for name, number in more.items():
        into[name] = max(into.get(name, 0), number)
