"""Is a criteria document right? Names resolve, ids are unique, types and units agree, nothing refers in a circle."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.checked_candidate import CheckedCandidate, check_candidate
from schemas.checked_cut import CheckedCut, check_cuts
from schemas.criteria import Cut, ObjectDefinition, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.expressions.dimension import find_dimension
from schemas.expressions.nodes import Node, Type
from schemas.expressions.parser import describe, parse_expression, suggest
from schemas.expressions.scope import CandidateScope, CollectionScope, Scope
from schemas.fields import BASES
from schemas.names import check_name

IDENTIFIER = re.compile(r"[\w.:+-]+")


@dataclass(frozen=True)
class CheckedCriteria:
    """A document whose every expression is typed. Rejected cuts are left out."""

    criteria: SelectionCriteria
    scope: Scope
    objects: Mapping[str, tuple[CheckedCut, ...]]
    candidates: Mapping[str, CheckedCandidate]
    variables: Mapping[str, Node]
    regions: Mapping[str, tuple[CheckedCut, ...]]


def validate_criteria(ssc: SelectionCriteria) -> None:
    """Nothing when the document is right; raises CriteriaError that names the cut, the token and what was expected."""
    check_criteria(ssc)


def check_criteria(ssc: SelectionCriteria) -> CheckedCriteria:
    """The typed document. Raises CriteriaError."""
    _check_ids(ssc)
    collections: dict[str, CollectionScope] = {}
    objects: dict[str, tuple[CheckedCut, ...]] = {}
    for definition in ssc.objects:
        check_name(definition.name, "object", collections)
        collections[definition.name] = _find_parts(definition, collections)
        scope = Scope(collections={k: v for k, v in collections.items() if k != definition.name}, this=definition.name)
        objects[definition.name] = check_cuts(definition.cuts, scope, f"object '{definition.name}'")
    _check_overlap(ssc, collections)
    made: dict[str, CandidateScope] = {}
    candidates: dict[str, CheckedCandidate] = {}
    for candidate in ssc.candidates:
        checked, scopes = check_candidate(candidate, collections, made)
        candidates[candidate.name] = checked
        made.update(scopes)
    types: dict[str, Type] = {}
    variables: dict[str, Node] = {}
    for variable in ssc.variables:
        check_name(variable.name, "variable", {**collections, **made, **types})
        node = parse_expression(variable.expression, Scope(collections, made, types), f"variable '{variable.name}'")
        if node.type.kind not in ("number", "boolean"):
            raise CriteriaError(f"variable '{variable.name}': expected a number or a condition, found {describe(node)}")
        if variable.unit is not None and find_dimension(variable.unit) != node.type.dimension:
            raise CriteriaError(
                f"variable '{variable.name}': unit '{variable.unit}': expected that of {node.type.dimension.describe()}"
            )
        types[variable.name] = Type(node.type.kind, node.type.dimension, node.axis)
        variables[variable.name] = node
    scope = Scope(collections, made, types)
    regions = _check_regions(ssc, scope)
    _check_outputs(ssc, variables)
    _check_questions(ssc)
    return CheckedCriteria(ssc, scope, objects, candidates, variables, regions)


def list_cuts(ssc: SelectionCriteria) -> Iterator[Cut]:
    """Every cut of the document: on objects, on candidates, of regions, in document order."""
    for owner in ssc.objects:
        yield from owner.cuts
    for candidate in ssc.candidates:
        yield from candidate.select
    for region in ssc.regions:
        yield from region.cuts


def _check_ids(ssc: SelectionCriteria) -> None:
    seen: set[str] = set()
    for cut in list_cuts(ssc):
        if not IDENTIFIER.fullmatch(cut.id):
            raise CriteriaError(f"cut '{cut.id}': expected an id of letters, digits and _ . : + -")
        if cut.id in seen:
            raise CriteriaError(f"cut '{cut.id}': the id is used twice; expected unique ids")
        seen.add(cut.id)


def _find_parts(definition: ObjectDefinition, known: Mapping[str, CollectionScope]) -> CollectionScope:
    where = f"object '{definition.name}'"
    sources = definition.union or ((definition.base,) if isinstance(definition.base, str) else definition.base or ())
    if not sources or len(set(sources)) != len(sources):
        raise CriteriaError(f"{where}: expected one or more different collections")
    bases: list[str] = []
    for source in sources:
        if source in known:
            bases.extend(known[source].bases)
        elif source in BASES and definition.union is None:
            bases.append(source)
        else:
            expected = "a collection defined above" if definition.union else f"one of {', '.join(BASES)}"
            raise CriteriaError(f"{where}: '{source}': expected {expected}{suggest(source, [*known, *BASES])}")
    if len(sources) == 1 and definition.union is None:
        inherited = known[sources[0]].parts if sources[0] in known else ()
        return CollectionScope(tuple(bases), inherited)
    return CollectionScope(tuple(dict.fromkeys(bases)), tuple(name_part(s) for s in sources))


def name_part(source: str) -> str:
    """What a part of a union is called: the collection's name, or the plural of a base object."""
    return f"{source}s" if source in BASES else source


def _check_overlap(ssc: SelectionCriteria, known: Mapping[str, CollectionScope]) -> None:
    for definition in ssc.objects:
        for removal in definition.remove_overlap:
            _check_removal(f"object '{definition.name}', remove_overlap", removal.with_, removal.deltaR, known)
    for step in ssc.overlap:
        for name in (step.remove, step.near):
            _check_removal("overlap", name, step.deltaR, known)


def _check_removal(where: str, name: str, radius: float, known: Mapping[str, CollectionScope]) -> None:
    if name not in known:
        raise CriteriaError(f"{where}: '{name}': expected a defined collection{suggest(name, list(known))}")
    if not radius > 0:
        raise CriteriaError(f"{where}: deltaR {radius}: expected a positive number")


def _check_regions(ssc: SelectionCriteria, scope: Scope) -> dict[str, tuple[CheckedCut, ...]]:
    names = [r.name for r in ssc.regions]
    checked: dict[str, tuple[CheckedCut, ...]] = {}
    for region in ssc.regions:
        where = f"region '{region.name}'"
        if not IDENTIFIER.fullmatch(region.name):
            raise CriteriaError(f"{where}: expected a name of letters, digits and _ . : + -")
        if region.name in checked:
            raise CriteriaError(f"{where}: the name is used twice; expected unique names")
        if region.parent is not None and region.parent not in names:
            raise CriteriaError(f"{where}: parent '{region.parent}': expected a region{suggest(region.parent, names)}")
        checked[region.name] = check_cuts(region.cuts, scope, where)
        groups = {c.group for c in region.cuts if c.group is not None}
        if "initial" in groups or groups & {c.id for c in list_cuts(ssc)} or "initial" in {c.id for c in region.cuts}:
            raise CriteriaError(f"{where}: expected group names that are no cut ids, and none called 'initial'")
    parents = {r.name: r.parent for r in ssc.regions}
    for name in names:
        seen = {name}
        current = parents[name]
        while current is not None:
            if current in seen:
                raise CriteriaError(f"region '{name}': parent '{current}': expected no circle of parents")
            seen.add(current)
            current = parents[current]
    return checked


def _check_outputs(ssc: SelectionCriteria, variables: Mapping[str, Node]) -> None:
    for name in ssc.outputs:
        if name not in variables:
            raise CriteriaError(f"outputs: '{name}': expected a named variable{suggest(name, list(variables))}")
        if variables[name].type.kind != "number":
            raise CriteriaError(f"outputs: '{name}': expected a number, found {describe(variables[name])}")
        if variables[name].axis is not None:
            raise CriteriaError(f"outputs: '{name}': expected one value per event, found one per object")
    if len(set(ssc.outputs)) != len(ssc.outputs):
        raise CriteriaError("outputs: expected each variable once")


def _check_questions(ssc: SelectionCriteria) -> None:
    ids = {c.id for c in list_cuts(ssc)}
    seen: set[str] = set()
    for question in ssc.questions:
        where = f"question '{question.id}'"
        if question.id in seen:
            raise CriteriaError(f"{where}: the id is used twice; expected unique ids")
        seen.add(question.id)
        keys = [a.key for a in question.alternatives]
        answered = question.answer.alternative if question.answer is not None else None
        for key in (question.default, answered):
            if key is not None and key not in keys:
                raise CriteriaError(f"{where}: alternative '{key}': expected one of {', '.join(keys) or 'none'}")
        if question.answer is not None:
            continue  # an answer may have taken a cut out
        changed = [c.id for a in question.alternatives for c in a.changes]
        rejected = [c for a in question.alternatives for c in a.rejects]
        for cut in (*question.cuts, *changed, *rejected):
            if cut not in ids:
                raise CriteriaError(f"{where}: cut '{cut}': expected the id of a cut{suggest(cut, sorted(ids))}")
