"""What is allowed in a criteria document, but perhaps not meant: for a person to look at."""

from collections.abc import Iterator

from schemas.criteria import SelectionCriteria
from schemas.expressions.nodes import Candidate, Collection, Composites, Members, Node, This, Variable, Worded
from schemas.validation import CheckedCriteria, check_criteria, find_reach
from schemas.words import list_worded, name_worded


def list_remarks(ssc: SelectionCriteria) -> tuple[str, ...]:
    """One line each. Raises CriteriaError when the document is not valid."""
    checked = check_criteria(ssc)
    return (
        *_find_shared_objects(checked),
        *_find_unused(checked),
        *_find_lone_groups(ssc),
        *_find_empty(ssc),
        *_find_words(ssc),
    )


def list_used_names(checked: CheckedCriteria) -> frozenset[str]:
    """Names of the objects, candidates and variables that cuts of regions and outputs need, directly or not."""
    return frozenset(_Used(checked).names)


def _find_shared_objects(checked: CheckedCriteria) -> Iterator[str]:
    """Unions of which one physical object may be in two parts."""
    scope = checked.scope
    for definition in checked.criteria.objects:
        sources = definition.union or (() if isinstance(definition.base, str) else definition.base or ())
        bases = [set(scope.collections[s].bases) if s in scope.collections else {s} for s in sources]
        for k, first in enumerate(sources):
            for n, second in enumerate(sources[k + 1 :], k + 1):
                common = sorted(bases[k] & bases[n])
                if common:
                    yield (
                        f"object '{definition.name}': {first} and {second} are both made from {' and '.join(common)}: "
                        "one object may be in both and count twice"
                    )


def _find_unused(checked: CheckedCriteria) -> Iterator[str]:
    """Definitions that no cut and no output needs; they are checked and not compiled."""
    used = list_used_names(checked)
    ssc = checked.criteria
    if not any(r.cuts for r in ssc.regions):
        return
    defined = [("object", o.name) for o in ssc.objects] + [("candidate", c.name) for c in ssc.candidates]
    for noun, name in (*defined, *(("variable", v.name) for v in ssc.variables)):
        if name not in used:
            yield f"{noun} '{name}' is used by no cut and no output"


def _find_lone_groups(ssc: SelectionCriteria) -> Iterator[str]:
    owners = [(f"object '{o.name}'", o.cuts) for o in ssc.objects]
    for owner, cuts in (*owners, *((f"region '{r.name}'", r.cuts) for r in ssc.regions)):
        groups = [c.group for c in cuts if c.group is not None and c.status != "rejected"]
        for group in dict.fromkeys(groups):
            if groups.count(group) == 1:
                yield f"{owner}: group '{group}' has one cut only: there is nothing to join by or"


def _find_empty(ssc: SelectionCriteria) -> Iterator[str]:
    if not ssc.regions:
        yield "there is no region: no event is selected"
    for region in ssc.regions:
        if not any(c.status != "rejected" for c in region.cuts):
            yield f"region '{region.name}' has no cuts" + (f" beyond {region.parent}" if region.parent else "")


def _find_words(ssc: SelectionCriteria) -> Iterator[str]:
    worded = list_worded(ssc)
    if worded:
        yield f"stated in words: {name_worded(worded)}: code for it needs a model (--coder hybrid --model NAME)"


class _Used:
    """Names that cuts of regions and outputs need, directly or through other definitions."""

    def __init__(self, checked: CheckedCriteria) -> None:
        self.names: set[str] = set()
        self._checked = checked
        self._objects = {o.name: o for o in checked.criteria.objects}
        self._reach = find_reach(checked)
        for cuts in checked.regions.values():
            for cut in cuts:
                for node in (cut.variable, cut.test, cut.condition):
                    self._add_node(node)
        for name in checked.criteria.outputs:
            self._add(name)

    def _add_node(self, node: Node | None) -> None:
        for part in node.walk() if node is not None else ():
            if isinstance(part, Collection | Candidate | Composites | Variable):
                self._add(part.name)
            if isinstance(part, Members):
                self._add(part.part)
            if isinstance(part, Worded):
                self._add_reach(part)

    def _add_reach(self, node: Worded) -> None:
        """What a quantity in words may look at: on objects the collections above, else all objects and candidates."""
        if isinstance(node.axis, This):
            for name in self._reach.get(node.axis.collection, ()):
                self._add(name)
            return
        criteria = self._checked.criteria
        for name in (*(o.name for o in criteria.objects), *(c.name for c in criteria.candidates)):
            self._add(name)

    def _add(self, name: str) -> None:
        if name in self.names:
            return
        self.names.add(name)
        checked = self._checked
        if name in checked.variables:
            self._add_node(checked.variables[name])
        if name in self._objects:
            self._add_object(name)
        for made in checked.candidates.values():
            if name == made.candidate.name or name in (made.candidate.pairing or ()):
                self.names.add(made.candidate.name)
                nodes = [made.source, *made.roles.values(), *made.scores]
                nodes += [n for c in made.select for n in (c.test, c.variable, c.condition)]
                for node in nodes:
                    self._add_node(node)
                for other in (*(made.candidate.sum or ()), *made.candidate.exclude):
                    self._add(other)

    def _add_object(self, name: str) -> None:
        definition = self._objects[name]
        base = definition.base
        sources = definition.union or ((base,) if isinstance(base, str) else base or ())
        for other in (*sources, *(r.with_ for r in definition.remove_overlap)):
            self._add(other)
        for step in self._checked.criteria.overlap:
            if step.remove == name:
                self._add(step.near)
        for cut in self._checked.objects[name]:
            for node in (cut.variable, cut.test, cut.condition):
                self._add_node(node)
