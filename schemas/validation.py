"""Is a criteria document right? Names resolve, ids are unique, types and units agree, nothing refers in a circle."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from schemas.alternatives import apply_alternative, replaces_definitions
from schemas.checked_candidate import CheckedCandidate, check_candidate
from schemas.checked_cut import CheckedCut, check_cut, list_collections
from schemas.checked_overlap import check_overlap
from schemas.criteria import Alternative, Cut, NamedVariable, ObjectDefinition, Question, Region, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.expressions.dimension import ONE, Dimension, find_dimension
from schemas.expressions.nodes import EventObject, Node, Type, Worded
from schemas.expressions.parser import as_number, describe, parse_expression, suggest
from schemas.expressions.scope import CandidateScope, CollectionScope, Scope
from schemas.fields import BASES
from schemas.names import check_name
from schemas.units import to_base
from schemas.words import list_in_reach, normalise_words

IDENTIFIER = re.compile(r"[\w.:+-]+")

T = TypeVar("T")


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
    """The typed document. Raises CriteriaError for the first thing that is wrong."""
    checking = _Checking(ssc)
    checked = checking.check()
    if checking.problems:
        raise checking.problems[0]
    return checked


def list_problems(ssc: SelectionCriteria) -> tuple[str, ...]:
    """Everything that is wrong with a document, in document order; what only follows from another error is left out."""
    checking = _Checking(ssc)
    checking.check()
    return tuple(dict.fromkeys(str(p) for p in checking.problems))


def list_cuts(ssc: SelectionCriteria) -> Iterator[Cut]:
    """Every cut of the document: on objects, on candidates, of regions, in document order."""
    for owner in ssc.objects:
        yield from owner.cuts
    for candidate in ssc.candidates:
        yield from candidate.select
    for region in ssc.regions:
        yield from region.cuts


def find_reach(checked: CheckedCriteria) -> dict[str, tuple[str, ...]]:
    """By object with cuts in words: the collections that these cuts may look at."""
    return list_in_reach(checked.criteria, {name: list_collections(cuts) for name, cuts in checked.objects.items()})


def name_part(source: str) -> str:
    """What a part of a union is called: the collection's name, or the plural of a base object."""
    return f"{source}s" if source in BASES else source


class _Checking:
    """Checks one document and collects what is wrong. Names whose definition failed are `broken`."""

    def __init__(self, ssc: SelectionCriteria) -> None:
        self.ssc = ssc
        self.problems: list[CriteriaError] = []
        self._broken: set[str] = set()
        self._collections: dict[str, CollectionScope] = {}
        self._made: dict[str, CandidateScope] = {}
        self._types: dict[str, Type] = {}

    def check(self) -> CheckedCriteria:
        ssc = self.ssc
        self._try(partial(_check_ids, ssc))
        objects = {o.name: self._check_object(o, k) for k, o in enumerate(ssc.objects)}
        for action in check_overlap(ssc, self._collections, objects):
            self._try(action)
        candidates = self._check_candidates()
        variables = self._check_variables()
        regions = {r.name: self._check_region(r) for r in ssc.regions}
        self._try(partial(_check_region_names, ssc))
        for name in ssc.outputs:
            self._try(partial(_check_output, name, variables))
        if len(set(ssc.outputs)) != len(ssc.outputs):
            twice = next(n for n in ssc.outputs if ssc.outputs.count(n) > 1)
            self.problems.append(CriteriaError(f"outputs: '{twice}' is named twice; expected each variable once"))
        scope = Scope(self._collections, self._made, self._types)
        self._check_questions(scope)
        return CheckedCriteria(ssc, scope, objects, candidates, variables, regions)

    def _try(self, action: Callable[[], T], *names: str) -> T | None:
        """What the action gives; when it fails, the problem is noted and the names are broken."""
        try:
            return action()
        except CriteriaError as error:
            if not any(f"'{name}'" in str(error) or f" '{name}." in str(error) for name in self._broken):
                self.problems.append(error)
            self._broken.update(names)
            return None

    def _check_cuts(self, cuts: Iterable[Cut], scope: Scope, owner: str) -> tuple[CheckedCut, ...]:
        checked = []
        for cut in cuts:
            if cut.status != "rejected":
                where = f"{owner}, cut '{cut.id}'"
                found = self._try(partial(check_cut, cut, scope, where))
                checked += [found] if found is not None else []
        return tuple(checked)

    def _check_object(self, definition: ObjectDefinition, position: int) -> tuple[CheckedCut, ...]:
        known = self._collections
        self._try(partial(check_name, definition.name, "object", known))
        later = [o.name for o in self.ssc.objects[position:]]
        found = self._try(partial(_find_parts, definition, known, later), definition.name)
        if found is None:
            return ()
        known[definition.name] = found
        others = {k: v for k, v in known.items() if k != definition.name}
        scope = Scope(others, this=definition.name, later=self._find_later(others))
        return self._check_cuts(definition.cuts, scope, f"object '{definition.name}'")

    def _check_candidates(self) -> dict[str, CheckedCandidate]:
        checked: dict[str, CheckedCandidate] = {}
        for candidate in self.ssc.candidates:
            later = self._find_later({**self._collections, **self._made}) - {candidate.name}
            done = self._try(
                partial(check_candidate, candidate, self._collections, self._made, later),
                candidate.name,
                *(candidate.pairing or ()),
            )
            if done is not None:
                checked[candidate.name], scopes = done
                self._made.update(scopes)
        return checked

    def _check_variables(self) -> dict[str, Node]:
        checked: dict[str, Node] = {}
        for variable in self.ssc.variables:
            node = self._try(partial(self._check_variable, variable), variable.name)
            if node is not None:
                self._types[variable.name] = Type(node.type.kind, node.type.dimension, node.axis)
                checked[variable.name] = node
        return checked

    def _check_variable(self, variable: NamedVariable) -> Node:
        where = f"variable '{variable.name}'"
        known = {**self._collections, **self._made, **self._types}
        check_name(variable.name, "variable", known)
        if variable.status == "rejected":
            raise CriteriaError(f"{where}: status 'rejected': expressions name it; expected none, or take it out")
        if variable.words is not None:
            dimension = ONE if variable.unit is None else _find_dimension(variable.unit, where)
            worded = Worded(Type("number", dimension or ONE), variable.name, normalise_words(variable.words))
            if variable.unit is not None:
                _check_variable_unit(variable.unit, worded, where)
            return worded
        scope = Scope(self._collections, self._made, self._types, later=self._find_later(known) - {variable.name})
        node = parse_expression(variable.expression, scope, where)
        node = as_number(node) if isinstance(node, EventObject) or node.type.kind == "graded" else node
        if node.type.kind not in ("number", "boolean"):
            raise CriteriaError(
                f"{where}: '{variable.expression}': expected a number or a condition, found {describe(node)}"
            )
        if variable.unit is not None:
            _check_variable_unit(variable.unit, node, where)
        return node

    def _find_later(self, known: Iterable[str]) -> frozenset[str]:
        """Names that the document defines, without those that are known."""
        ssc = self.ssc
        names = [*(o.name for o in ssc.objects), *(c.name for c in ssc.candidates), *(v.name for v in ssc.variables)]
        return frozenset({*names} | {p for c in ssc.candidates for p in c.pairing or ()}) - set(known)

    def _check_region(self, region: Region) -> tuple[CheckedCut, ...]:
        scope = Scope(self._collections, self._made, self._types)
        self._try(partial(_check_groups, region, {c.id for c in list_cuts(self.ssc)}))
        return self._check_cuts(region.cuts, scope, f"region '{region.name}'")

    def _check_questions(self, scope: Scope) -> None:
        seen: set[str] = set()
        ids = {c.id for c in list_cuts(self.ssc)}
        for question in self.ssc.questions:
            where = f"question '{question.id}'"
            if question.id in seen:
                self.problems.append(CriteriaError(f"{where}: the id is used twice; expected unique ids"))
            seen.add(question.id)
            self._try(partial(_check_question, question, self.ssc, ids, where))
            if question.answer is None and not self.problems:
                for one in question.alternatives:
                    place = f"{where}, alternative '{one.key}'"
                    self._try(partial(self._check_alternative, one, scope, place))

    def _check_alternative(self, alternative: Alternative, scope: Scope, where: str) -> None:
        """The document that the alternative leads to must be right."""
        if replaces_definitions(alternative):
            changed = apply_alternative(self.ssc, alternative).model_copy(update={"questions": ()})
            try:
                check_criteria(changed)
            except CriteriaError as error:
                raise CriteriaError(f"{where}: {error}") from None
            return
        changes = {c.id: c for c in alternative.changes if c.status != "rejected"}
        if not changes:
            return
        for region in self.ssc.regions:
            for cut in region.cuts:
                if cut.id in changes:
                    check_cut(changes[cut.id], scope, f"{where}, cut '{cut.id}'")
        for definition in self.ssc.objects:
            others = {k: v for k, v in self._collections.items() if k != definition.name}
            for cut in definition.cuts:
                if cut.id in changes:
                    inner = Scope(others, this=definition.name)
                    check_cut(changes[cut.id], inner, f"{where}, cut '{cut.id}'")


def _check_ids(ssc: SelectionCriteria) -> None:
    seen: set[str] = set()
    for cut in list_cuts(ssc):
        if not IDENTIFIER.fullmatch(cut.id):
            raise CriteriaError(f"cut '{cut.id}': expected an id of letters, digits and _ . : + -")
        if cut.id in seen:
            raise CriteriaError(f"cut '{cut.id}': the id is used twice; expected unique ids")
        seen.add(cut.id)


def _find_parts(
    definition: ObjectDefinition, known: Mapping[str, CollectionScope], later: Iterable[str]
) -> CollectionScope:
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
        elif source in later:
            raise CriteriaError(f"{where}: '{source}' is defined further down; expected a collection defined above")
        else:
            expected = "a collection defined above" if definition.union else f"one of {', '.join(BASES)}"
            raise CriteriaError(f"{where}: '{source}': expected {expected}{suggest(source, [*known, *BASES])}")
    if len(sources) == 1 and definition.union is None:
        inherited = known[sources[0]].parts if sources[0] in known else ()
        return CollectionScope(tuple(bases), inherited)
    return CollectionScope(tuple(dict.fromkeys(bases)), tuple(name_part(s) for s in sources))


def _find_dimension(unit: str, where: str) -> Dimension | None:
    try:
        return find_dimension(unit)
    except CriteriaError as error:
        raise CriteriaError(f"{where}: {error}") from None


def _check_variable_unit(unit: str, node: Node, where: str) -> None:
    given = _find_dimension(unit, where)
    if node.type.kind != "number" or given != node.type.dimension:
        expected = f"that of {node.type.dimension.describe()}" if node.type.kind == "number" else "none for a condition"
        raise CriteriaError(f"{where}: unit '{unit}': expected {expected}")
    if to_base(1.0, unit)[0] != 1.0:
        base = to_base(1.0, unit)[1] or "none"
        raise CriteriaError(
            f"{where}: unit '{unit}': expected {base}: values, bins and histograms are in GeV, mm and rad"
        )


def _check_groups(region: Region, ids: set[str]) -> None:
    where = f"region '{region.name}'"
    if not IDENTIFIER.fullmatch(region.name):
        raise CriteriaError(f"{where}: expected a name of letters, digits and _ . : + -")
    for cut in region.cuts:
        if cut.id == "initial":
            raise CriteriaError(f"{where}, cut 'initial': the first step of every cutflow is called so; expected an id")
        if cut.group is not None and (cut.group in ids or cut.group == "initial"):
            raise CriteriaError(
                f"{where}, cut '{cut.id}': group '{cut.group}': expected a name other than 'initial' and cut ids"
            )


def _check_region_names(ssc: SelectionCriteria) -> None:
    names = [r.name for r in ssc.regions]
    parents: dict[str, str | None] = {}
    for region in ssc.regions:
        where = f"region '{region.name}'"
        if region.name in parents:
            raise CriteriaError(f"{where}: the name is used twice; expected unique names")
        if region.parent is not None and region.parent not in names:
            raise CriteriaError(f"{where}: parent '{region.parent}': expected a region{suggest(region.parent, names)}")
        parents[region.name] = region.parent
    for name in names:
        chain = [name]
        while (parent := parents[chain[-1]]) is not None:
            if parent in chain:
                shown = " → ".join([*chain, parent])
                raise CriteriaError(f"region '{name}': parent '{parents[name]}': expected no circle: {shown}")
            chain.append(parent)


def _check_output(name: str, variables: Mapping[str, Node]) -> None:
    if name not in variables:
        raise CriteriaError(f"outputs: '{name}': expected a named variable{suggest(name, list(variables))}")
    if variables[name].type.kind != "number":
        raise CriteriaError(f"outputs: '{name}': expected a number, found {describe(variables[name])}")
    if variables[name].axis is not None:
        raise CriteriaError(f"outputs: '{name}': expected one value per event, found one per object")


def _check_question(question: Question, ssc: SelectionCriteria, ids: Collection[str], where: str) -> None:
    keys = [a.key for a in question.alternatives]
    if len(set(keys)) != len(keys):
        twice = next(k for k in keys if keys.count(k) > 1)
        raise CriteriaError(f"{where}: alternative '{twice}': the key is used twice; expected unique keys")
    answer = question.answer
    for noun, key in (("default", question.default), ("answer", answer.alternative if answer is not None else None)):
        if key is not None and key not in keys:
            raise CriteriaError(f"{where}: {noun} '{key}': expected one of {', '.join(keys) or 'none'}")
    if answer is not None:
        return  # an answer may have taken a cut out
    changed = [c.id for a in question.alternatives for c in a.changes]
    rejected = [c for a in question.alternatives for c in a.rejects]
    for cut in (*question.cuts, *changed, *rejected):
        if cut not in ids:
            raise CriteriaError(f"{where}: cut '{cut}': expected the id of a cut{suggest(cut, sorted(ids))}")
    for one in question.alternatives:
        for noun, own, known in (
            ("object", one.objects, ssc.objects), ("candidate", one.candidates, ssc.candidates),
            ("variable", one.variables, ssc.variables),
        ):  # fmt: skip
            names = [d.name for d in known]
            for definition in own:
                if definition.name not in names:
                    expected = f"the name of one in the document{suggest(definition.name, names)}"
                    raise CriteriaError(
                        f"{where}, alternative '{one.key}': {noun} '{definition.name}': expected {expected}"
                    )
