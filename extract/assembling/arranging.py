"""Placed cuts become objects and regions, in an order that follows the text and is the same every time."""

from collections.abc import Mapping, Sequence, Set

from extract.assembling.aliases import BASES
from extract.assembling.placing import Place
from extract.assembling.questions import slug
from extract.assembling.requirements import DIRECTION, Requirement
from extract.assembling.topology import Topology
from schemas.criteria import Cut, ObjectDefinition, OverlapRemoval, Region, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.model import Model
from schemas.validation import validate_criteria

PRESELECTION = "preselection"


class PlacedCut(Model):
    """A cut, the requirement it came from, and the collection or region it stands in."""

    requirement: Requirement
    where: Place
    owner: str
    cut: Cut


def define_objects(
    placed: Sequence[PlacedCut],
    removals: Mapping[str, Sequence[OverlapRemoval]],
    overlapping: Set[str],
    topology: Topology,
) -> tuple[ObjectDefinition, ...]:
    """Every collection that a cut, a removal or a candidate names, base collections before what is made of them.

    What the paper asks of leptons holds for electrons and for muons, so such a cut stands in the union.
    """
    named = {p.owner for p in placed if p.where.kind == "object"} | set(removals) | overlapping
    named |= {r.with_ for entries in removals.values() for r in entries}
    text = " ".join([p.cut.variable for p in placed] + [c.pair or c.leading or "" for c in topology.candidates])
    named |= {name for name in (*BASES, "leptons") if name in text}
    if "leptons" in named:
        named |= {"electrons", "muons"}
    objects: list[ObjectDefinition] = []
    for name, base in BASES.items():
        if name not in named:
            continue
        cuts = _in_text_order([p for p in placed if p.where.kind == "object" and p.owner == name])
        if name in ("b_jets", "c_jets"):
            jet_cuts = _in_text_order([p for p in placed if p.where.kind == "object" and p.owner == "jets"])
            cuts = (*(c.model_copy(update={"id": f"{name}_{c.id}"}) for c in jet_cuts), *cuts)
        objects.append(ObjectDefinition(name=name, base=base, cuts=cuts, remove_overlap=tuple(removals.get(name, ()))))
    if "leptons" in named:
        cuts = _in_text_order([p for p in placed if p.where.kind == "object" and p.owner == "leptons"])
        union = ObjectDefinition(name="leptons", union=("electrons", "muons"), cuts=cuts)
        light = [o for o in objects if o.name in ("electrons", "muons")]
        objects = [*light, union, *(o for o in objects if o not in light)]
    return tuple(objects)


def find_obstacle(placed: PlacedCut, topology: Topology) -> str | None:
    """Why the criteria cannot hold this cut (a unit that does not measure its variable, say); None when they can."""
    alone = SelectionCriteria(
        objects=define_objects([placed], {}, set(), topology),
        candidates=topology.candidates,
        variables=topology.variables,
        regions=order_regions([placed]),
    )
    try:
        validate_criteria(alone)
    except CriteriaError as error:
        return str(error)
    return None


def order_regions(placed: Sequence[PlacedCut]) -> tuple[Region, ...]:
    """Regions with their event cuts in order of the text, the preselection first and parent of all others."""
    events = [p for p in placed if p.where.kind == "event"]
    names = list(dict.fromkeys([PRESELECTION, *(p.owner for p in events)]))
    return tuple(
        Region(
            name=name,
            parent=None if name == PRESELECTION else PRESELECTION,
            cuts=_both_ends_together([p for p in events if p.owner == name], name),
        )
        for name in names
        if name == PRESELECTION or any(p.owner == name for p in events)
    )


def drop_redundant_conditions(placed: Sequence[PlacedCut]) -> tuple[PlacedCut, ...]:
    """The same cuts, where `not A: x > 5` stands beside `A: x > 15` with the first one unconditional.

    The two say the same as `x > 5` and `A: x > 15`, which a format without A can still evaluate in part.
    """
    simplified = []
    for p in placed:
        other = _negated(p.cut.condition)
        twin = next((q for q in placed if other and q.cut.condition == other and _is_tighter(q, p)), None)
        note = f"printed for the others than {other}; those have the tighter {twin.cut.id}" if twin else p.cut.note
        cut = p.cut.model_copy(update={"condition": None, "note": note}) if twin else p.cut
        simplified.append(p.model_copy(update={"cut": cut}))
    return tuple(simplified)


def _negated(condition: str | None) -> str | None:
    return condition.replace("!=", "==") if condition and "!=" in condition and " and " not in condition else None


def _is_tighter(a: PlacedCut, b: PlacedCut) -> bool:
    if a.owner != b.owner or a.cut.variable != b.cut.variable or a.cut.operator != b.cut.operator:
        return False
    x = a.cut.threshold.value if a.cut.threshold else None
    y = b.cut.threshold.value if b.cut.threshold else None
    direction = DIRECTION.get(a.cut.operator)
    if x is None or y is None or direction is None:
        return False
    return x >= y if direction == "lower" else x <= y


def _in_text_order(placed: Sequence[PlacedCut]) -> tuple[Cut, ...]:
    return tuple(_grouped(p, p.owner) for p in placed)


def name_ends(placed: Sequence[PlacedCut]) -> tuple[PlacedCut, ...]:
    """The same cuts; where one variable has a lower and an upper end, their names say which (`_min`, `_max`)."""
    renamed: dict[str, str] = {}
    for cluster in _clusters(placed):
        ends = sorted(cluster, key=lambda p: DIRECTION.get(p.cut.operator) == "upper")
        if [DIRECTION.get(p.cut.operator) for p in ends] == ["lower", "upper"] and ends[0].cut.group is None:
            base = min((p.cut.id for p in ends), key=len)
            renamed |= {ends[0].cut.id: f"{base}_min", ends[1].cut.id: f"{base}_max"}
    return tuple(
        p.model_copy(update={"cut": p.cut.model_copy(update={"id": renamed.get(p.cut.id, p.cut.id)})}) for p in placed
    )


def _both_ends_together(placed: Sequence[PlacedCut], region: str) -> tuple[Cut, ...]:
    """Lower and upper end of one variable side by side, the lower one first."""
    return tuple(
        _grouped(p, region)
        for cluster in _clusters(placed)
        for p in sorted(cluster, key=lambda p: DIRECTION.get(p.cut.operator) == "upper")
    )


def _clusters(placed: Sequence[PlacedCut]) -> tuple[tuple[PlacedCut, ...], ...]:
    clusters: dict[tuple[str, str], list[PlacedCut]] = {}
    for p in placed:
        clusters.setdefault((p.owner, f"or {p.cut.group}" if p.cut.group else p.cut.variable), []).append(p)
    return tuple(tuple(c) for c in clusters.values())


def _grouped(placed: PlacedCut, owner: str) -> Cut:
    if placed.cut.group is None:
        return placed.cut
    variable = slug_variable(placed.requirement.finding.variable)
    return placed.cut.model_copy(update={"group": f"{owner}_{variable}"})


def slug_variable(variable: str) -> str:
    """A variable's name as part of an identifier; the closed list keeps its spelling (deltaR)."""
    return slug(variable) if variable.startswith("other:") else variable
