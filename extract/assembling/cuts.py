"""One requirement as a cut of the criteria."""

import re

from extract.assembling.conditions import plain_symbol
from extract.assembling.placing import Place, find_working_point
from extract.assembling.requirements import Requirement
from extract.assembling.topology import Topology
from schemas.criteria import Cut, Threshold
from schemas.finding import Ramp
from schemas.units import to_base

RANKED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\[(\d+)\]")  # leptons[2], of the event, not of a candidate


def make_cut(
    cut_id: str, requirement: Requirement, where: Place, topology: Topology, condition: str | None
) -> Cut | None:
    """The cut, proposed and with its evidence; None when the value has no form that a cut can hold."""
    threshold = _threshold(requirement, where, topology)
    if threshold is None or requirement.operator in ("minimise", "maximise", "order"):
        return None
    operator = requirement.operator
    if threshold.label is not None and operator == "pass":
        operator = ">="
    if threshold.label is not None and operator == "fail":
        operator = "<"
    return Cut(
        id=cut_id,
        variable=where.expression,
        operator=operator,
        threshold=threshold,
        quantifier=where.quantifier,
        condition=condition,
        group=requirement.group,
        evidence=requirement.all_evidence,
        origin=requirement.finding.reader,
        note=requirement.note,
    )


def spare_absent(cut: Cut) -> Cut:
    """A veto on the n-th object of a collection, for events that have one only.

    "Events with a third muon above 15 GeV are rejected" keeps events with two muons; the bare cut would lose them,
    since every cut on a missing value is false.
    """
    asked = dict[str, int]()
    for name, index in RANKED.findall(cut.variable):
        asked[name] = max(asked.get(name, 0), int(index) + 1)
    present = [f"count({name}) >= {number}" for name, number in asked.items()]
    if not present:
        return cut
    parts = [*present, *([f"({cut.condition})"] if cut.condition else [])]
    return cut.model_copy(update={"condition": " and ".join(parts)})


def _threshold(requirement: Requirement, where: Place, topology: Topology) -> Threshold | None:
    value, unit = requirement.value, requirement.unit
    literal = _literal(requirement)
    if where.asks_candidate and isinstance(value, float):
        # Two pairs of leptons make one quadruplet: asking for the pairs is asking that the candidate exists.
        return Threshold(value=1.0, literal=literal)
    if isinstance(value, Ramp):
        argument = _argument(value, topology)
        if argument is None:
            return None
        xs = [f"{to_base(x, value.x_unit)[0]:g}" for x in value.x]
        ys = [f"{y:g}" for y in value.y]
        return Threshold(
            expression=f"interp({argument}, [{', '.join(xs)}], [{', '.join(ys)}])", unit=unit, literal=literal
        )
    if isinstance(value, float):
        return Threshold(value=value, unit=unit, literal=literal)
    if isinstance(value, tuple) and len(value) == 2 and requirement.operator in ("between", "outside"):
        low, high = value
        if isinstance(low, float) and isinstance(high, float) and low < high:
            return Threshold(range=(low, high), closed=requirement.finding.closed, unit=unit, literal=literal)
        return None
    if isinstance(value, str) and requirement.operator in ("pass", "fail", "==", ">="):
        point = find_working_point(value)
        return Threshold(label=point, literal=value) if point else None
    return None


def _argument(ramp: Ramp, topology: Topology) -> str | None:
    """The named variable a ramp runs over, told from its printed symbol."""
    symbol = plain_symbol(ramp.argument)
    return {v.name.lower(): v.name for v in topology.variables}.get(symbol)


def _literal(requirement: Requirement) -> str | None:
    f = requirement.finding
    if f.value is None or isinstance(f.value, str):
        return None
    numbers = f.value.y if isinstance(f.value, Ramp) else f.value if isinstance(f.value, tuple) else (f.value,)
    shown = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in numbers)
    return f"{shown} {f.unit}" if f.unit else shown
