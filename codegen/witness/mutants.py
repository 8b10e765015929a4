"""Criteria with one mistake each, of the kinds that people and programs make when they write a selection down."""

from collections.abc import Iterable, Iterator

from codegen.witness.mutant import Mutant
from codegen.witness.mutated_candidates import CandidateMutation
from codegen.witness.mutated_choices import list_choices
from codegen.witness.mutated_text import vary
from schemas.criteria import NamedVariable, ObjectDefinition, Region, SelectionCriteria
from schemas.errors import CriteriaError
from schemas.fields import BASES
from schemas.validation import check_criteria

SWAPPED_OBJECTS = {"electron": ("muon",), "muon": ("electron",), "photon": ("electron",), "jet": ("fat_jet", "photon")}


def list_mutants(criteria: SelectionCriteria, labels: Iterable[str] = (), *, checked: bool = True) -> list[Mutant]:
    """All mutants that are valid criteria and differ from the original, each once.

    `labels` are words that a label may be mistaken for. Not `checked`: some may be invalid, for who checks them anyway.
    """
    plain = criteria.model_copy(update={"questions": ()})
    words = tuple(dict.fromkeys(labels))
    seen = {plain.model_dump_json()}
    found: list[Mutant] = []
    for mutant in _Mutation(plain, words).list_all():
        text = mutant.criteria.model_dump_json()
        if text in seen:
            continue
        seen.add(text)
        if not checked or _is_valid(mutant.criteria):
            found.append(mutant)
    return found


def _is_valid(criteria: SelectionCriteria) -> bool:
    try:
        check_criteria(criteria)
    except CriteriaError:
        return False
    return True


class _Mutation(CandidateMutation):
    """Lists the mutants of one document."""

    def list_all(self) -> Iterator[Mutant]:
        criteria = self.criteria
        for k, definition in enumerate(criteria.objects):
            yield from self._mutate_object(k, definition)
        yield from self._mutate_overlap()
        for k, candidate in enumerate(criteria.candidates):
            yield from self.mutate_candidate(k, candidate)
        yield from list_choices(criteria)
        for k, variable in enumerate(criteria.variables):
            yield from self._mutate_variable(k, variable)
        for k, region in enumerate(criteria.regions):
            yield from self._mutate_region(k, region)

    def _mutate_object(self, k: int, definition: ObjectDefinition) -> Iterator[Mutant]:
        objects = self.criteria.objects

        def put(**update: object) -> SelectionCriteria:
            new = definition.model_copy(update=update)
            return self.criteria.model_copy(update={"objects": (*objects[:k], new, *objects[k + 1 :])})

        yield from self.mutate_cuts(definition.cuts, lambda cuts: put(cuts=cuts))
        if isinstance(definition.base, str):
            for other in SWAPPED_OBJECTS.get(definition.base, ()):
                yield Mutant("base", definition.name, f"{other} for {definition.base}", put(base=other))
            earlier = [o.name for o in objects[:k] if o.name != definition.base]
            if definition.base not in BASES:
                for other in earlier:
                    yield Mutant("base", definition.name, f"{other} for {definition.base}", put(base=other))
        for key, parts in (("union", definition.union), ("base", definition.base)):
            if isinstance(parts, tuple) and len(parts) > 1:
                for j, part in enumerate(parts):
                    rest = (*parts[:j], *parts[j + 1 :])
                    yield Mutant("union", definition.name, f"without {part}", put(**{key: rest}))
                yield Mutant("union", definition.name, "parts in another order", put(**{key: parts[::-1]}))
        for j, removal in enumerate(definition.remove_overlap):
            label = f"{definition.name} near {removal.with_}"
            others = (*definition.remove_overlap[:j], *definition.remove_overlap[j + 1 :])
            yield Mutant("overlap", label, "not removed", put(remove_overlap=others))
            changes: list[tuple[str, dict[str, object]]] = [
                (f"{r:g} for {removal.deltaR:g}", {"deltaR": r}) for r in vary(removal.deltaR, False)
            ]  # fmt: skip
            changes += [
                (f"near {c}", {"with_": c}) for c in self.collections if c not in (removal.with_, definition.name)
            ]  # fmt: skip
            for text, update in changes:
                new = removal.model_copy(update=update)
                changed = (*definition.remove_overlap[:j], new, *definition.remove_overlap[j + 1 :])
                yield Mutant("overlap", label, text, put(remove_overlap=changed))
            near = next((m for m, o in enumerate(objects) if o.name == removal.with_), None)
            if near is not None and near != k and not objects[near].remove_overlap and objects[near].union is None:
                yield Mutant("overlap", label, "the other way round", self._turn_round(k, j, near))

    def _turn_round(self, k: int, j: int, near: int) -> SelectionCriteria:
        objects = list(self.criteria.objects)
        removal = objects[k].remove_overlap[j]
        rest = (*objects[k].remove_overlap[:j], *objects[k].remove_overlap[j + 1 :])
        objects[k] = objects[k].model_copy(update={"remove_overlap": rest})
        turned = removal.model_copy(update={"with_": objects[k].name})
        objects[near] = objects[near].model_copy(update={"remove_overlap": (turned,)})
        return self.criteria.model_copy(update={"objects": tuple(objects)})

    def _mutate_overlap(self) -> Iterator[Mutant]:
        steps = self.criteria.overlap

        def put(new: tuple[object, ...]) -> SelectionCriteria:
            return self.criteria.model_copy(update={"overlap": new})

        for k, step in enumerate(steps):
            label = f"{step.remove} near {step.near}"
            yield Mutant("overlap", label, "not removed", put((*steps[:k], *steps[k + 1 :])))
            for radius in vary(step.deltaR, False):
                new = step.model_copy(update={"deltaR": radius})
                text = f"{radius:g} for {step.deltaR:g}"
                yield Mutant("overlap", label, text, put((*steps[:k], new, *steps[k + 1 :])))
            turned = step.model_copy(update={"remove": step.near, "near": step.remove})
            yield Mutant("overlap", label, "the other way round", put((*steps[:k], turned, *steps[k + 1 :])))
            if k + 1 < len(steps):
                swapped = (*steps[:k], steps[k + 1], step, *steps[k + 2 :])
                yield Mutant("overlap", label, "in another order", put(swapped))

    def _mutate_variable(self, k: int, variable: NamedVariable) -> Iterator[Mutant]:
        variables = self.criteria.variables
        for kind, text, new in self.mutate_text(variable.expression):
            changed = variable.model_copy(update={"expression": new, "unit": None})
            document = self.criteria.model_copy(update={"variables": (*variables[:k], changed, *variables[k + 1 :])})
            yield Mutant(kind, variable.name, text, document)

    def _mutate_region(self, k: int, region: Region) -> Iterator[Mutant]:
        regions = self.criteria.regions

        def put(**update: object) -> SelectionCriteria:
            new = region.model_copy(update=update)
            return self.criteria.model_copy(update={"regions": (*regions[:k], new, *regions[k + 1 :])})

        yield from self.mutate_cuts(region.cuts, lambda cuts: put(cuts=cuts))
        for j in range(len(region.cuts) - 1):
            first, second = region.cuts[j : j + 2]
            if first.group is not None and first.group == second.group:
                continue
            swapped = (*region.cuts[:j], second, first, *region.cuts[j + 2 :])
            yield Mutant("cut order", second.id, f"before {first.id}", put(cuts=swapped))
        if region.parent is not None:
            yield Mutant("parent", region.name, "without parent", put(parent=None))
        for other in regions:
            if other.name not in (region.name, region.parent):
                yield Mutant("parent", region.name, f"parent {other.name}", put(parent=other.name))
