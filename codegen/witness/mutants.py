"""Criteria with one mistake each, of the kinds that people and programs make when they write a selection down."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from schemas.criteria import Candidate, Cut, NamedVariable, ObjectDefinition, Region, SelectionCriteria, Threshold
from schemas.errors import CriteriaError
from schemas.fields import BASES, FIELDS
from schemas.validation import check_criteria

KINDS = (
    "strictness", "operator", "number", "unit", "range end", "label", "quantifier", "condition", "group", "cut dropped",
    "cut order", "object", "index", "field", "function", "sign", "abs", "constant", "base", "union", "overlap",
    "choice", "require", "exclude", "candidate", "parent",
)  # fmt: skip

SWAPPED_OBJECTS = {"electron": ("muon",), "muon": ("electron",), "photon": ("electron",), "jet": ("fat_jet", "photon")}
STRICTNESS = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
OPPOSITE = {"<": ">", ">": "<", "==": "!=", "!=": "=="}
DIRECTION = {
    ">": ("<", "=="), ">=": ("<=", "=="), "<": (">", "=="), "<=": (">=", "=="), "==": ("!=", ">=", "<="),
    "!=": ("==",), "between": ("outside",), "outside": ("between",), "pass": ("fail",), "fail": ("pass",),
}  # fmt: skip
UNITS = {"GeV": ("MeV", "TeV"), "MeV": ("GeV",), "TeV": ("GeV",), "mm": ("cm", "μm"), "cm": ("mm",), "rad": ("deg",),
         "deg": ("rad",)}  # fmt: skip
FIELD_SWAPS = {
    "pt": ("energy",), "et": ("pt", "energy"), "energy": ("pt",), "d0": ("z0",), "z0": ("d0",), "d0sig": ("d0",),
    "z0_sintheta": ("z0", "d0"), "track_isolation": ("calo_isolation",), "calo_isolation": ("track_isolation",),
    "eta": ("phi",), "phi": ("eta",),
}  # fmt: skip
FUNCTION_SWAPS = {
    "min": ("max",), "max": ("min",), "any": ("all",), "all": ("any",), "mass": ("pt",), "sum": ("max",),
    "deltaR": ("deltaeta", "deltaphi"), "deltaphi": ("deltaR",), "deltaeta": ("deltaR",), "sin": ("cos",),
    "cos": ("sin",),
}  # fmt: skip
FLAG_SWAPS = {"same_flavour": "opposite_flavour", "opposite_flavour": "same_flavour",
              "opposite_charge": "same_charge", "same_charge": "opposite_charge"}  # fmt: skip
NUMBER = re.compile(r"(?<![\w.\[:])\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w.\]])")
NAME = re.compile(r"[A-Za-z_]\w*")


class Mutant(NamedTuple):
    """Criteria with one thing changed. `item` is the cut, candidate or removal that was changed."""

    kind: str
    item: str
    text: str
    criteria: SelectionCriteria


def list_mutants(criteria: SelectionCriteria, labels: Iterable[str] = ()) -> list[Mutant]:
    """All mutants that are valid criteria and differ from the original, each once.

    `labels` are words that a label may be mistaken for.
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
        try:
            check_criteria(mutant.criteria)
        except CriteriaError:
            continue
        found.append(mutant)
    return found


class _Mutation:
    """Lists the mutants of one document."""

    def __init__(self, criteria: SelectionCriteria, labels: tuple[str, ...]) -> None:
        self.criteria, self.labels = criteria, labels
        self.collections = [o.name for o in criteria.objects]
        self.candidates = [n for c in criteria.candidates for n in (c.name, *(c.pairing or ()))]
        self.variables = [v.name for v in criteria.variables]

    def list_all(self) -> Iterator[Mutant]:
        criteria = self.criteria
        for k, definition in enumerate(criteria.objects):
            yield from self._mutate_object(k, definition)
        yield from self._mutate_overlap()
        for k, candidate in enumerate(criteria.candidates):
            yield from self._mutate_candidate(k, candidate)
        for k, variable in enumerate(criteria.variables):
            yield from self._mutate_variable(k, variable)
        for k, region in enumerate(criteria.regions):
            yield from self._mutate_region(k, region)

    # ------------------------------------------------------------------ cuts

    def _mutate_cuts(
        self, cuts: tuple[Cut, ...], put: Callable[[tuple[Cut, ...]], SelectionCriteria]
    ) -> Iterator[Mutant]:
        for k, cut in enumerate(cuts):
            if cut.status == "rejected":
                continue

            def replaced(new: Cut, k: int = k) -> SelectionCriteria:
                return put((*cuts[:k], new, *cuts[k + 1 :]))

            for kind, text, new in self._mutate_cut(cut):
                yield Mutant(kind, cut.id, text, replaced(new))
            yield Mutant("cut dropped", cut.id, "not applied", put((*cuts[:k], *cuts[k + 1 :])))

    def _mutate_cut(self, cut: Cut) -> Iterator[tuple[str, str, Cut]]:
        operator, threshold = cut.operator, cut.threshold
        if operator in STRICTNESS and threshold is not None and threshold.label is None:
            other = STRICTNESS[operator]
            yield "strictness", f"{other} for {operator}", cut.model_copy(update={"operator": other})
        for other in DIRECTION.get(operator or "", ()):
            if threshold is not None and threshold.label is not None and other in ("<", "<=", "!="):
                continue
            yield "operator", f"{other} for {operator}", cut.model_copy(update={"operator": other})
        if threshold is not None:
            for kind, text, changed in self._mutate_threshold(cut, threshold):
                yield kind, text, cut.model_copy(update={"threshold": changed})
        other = "any" if cut.quantifier == "all" else "all"
        yield "quantifier", f"{other} for {cut.quantifier}", cut.model_copy(update={"quantifier": other})
        if cut.condition is not None:
            yield "condition", "condition not applied", cut.model_copy(update={"condition": None})
            opposite = cut.model_copy(update={"condition": f"not ({cut.condition})"})
            yield "condition", "condition reversed", opposite
            for kind, text, new in self._mutate_text(cut.condition):
                yield kind, f"condition: {text}", cut.model_copy(update={"condition": new})
        if cut.group is not None:
            yield "group", "and for or", cut.model_copy(update={"group": None})
        for kind, text, new in self._mutate_text(cut.variable):
            yield kind, text, cut.model_copy(update={"variable": new})

    def _mutate_threshold(self, cut: Cut, threshold: Threshold) -> Iterator[tuple[str, str, Threshold]]:
        def change(**update: object) -> Threshold:
            return threshold.model_copy(update=update)

        counted = threshold.unit is None and ("count(" in cut.variable or "charge" in cut.variable)
        if threshold.value is not None:
            for value in _vary(threshold.value, counted):
                yield "number", f"{value:g} for {threshold.value:g}", change(value=value)
        if threshold.range is not None:
            low, high = threshold.range
            for value in _vary(low, counted):
                yield "number", f"{value:g} for {low:g}", change(range=(value, high))
            for value in _vary(high, counted):
                yield "number", f"{value:g} for {high:g}", change(range=(low, value))
            closed = threshold.closed or "none"
            ends = {"none": ("left", "right"), "both": ("left", "right"), "left": ("none", "both"),
                    "right": ("none", "both")}  # fmt: skip
            for other in ends[closed]:
                yield "range end", f"closed: {other} for {closed}", change(closed=other)
        if threshold.values is not None:
            for k, number in enumerate(threshold.values):
                if len(threshold.values) > 1:
                    fewer = (*threshold.values[:k], *threshold.values[k + 1 :])
                    yield "number", f"without {number:g}", change(values=fewer)
        for unit in UNITS.get(threshold.unit or "", ()):
            yield "unit", f"{unit} for {threshold.unit}", change(unit=unit)
        for label in self.labels if threshold.label is not None else ():
            if label != threshold.label:
                yield "label", f"{label} for {threshold.label}", change(label=label)
        if threshold.labels is not None and len(threshold.labels) > 1:
            for k, word in enumerate(threshold.labels):
                words = (*threshold.labels[:k], *threshold.labels[k + 1 :])
                yield "label", f"without {word}", change(labels=words)
        if threshold.expression is not None:
            for kind, text, expression in self._mutate_text(threshold.expression):
                yield kind, f"threshold: {text}", change(expression=expression)

    # ------------------------------------------------------------------ expressions

    def _mutate_text(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Kind, words and new text of every single change of an expression."""

        def put(start: int, end: int, new: str) -> str:
            return text[:start] + new + text[end:]

        for match in NUMBER.finditer(text):
            for value in _vary(float(match[0]), "." not in match[0] and float(match[0]) < 10):
                yield "number", f"{value:.12g} for {match[0]}", put(*match.span(), f"{value:.12g}")
        for match in re.finditer(r"\[(\d+)\]", text):
            for index in (int(match[1]) + 1, int(match[1]) - 1):
                if index >= 0:
                    yield "index", f"[{index}] for {match[0]}", put(*match.span(), f"[{index}]")
        for match in re.finditer(r"\[:(\d+)\]", text):
            for index in (int(match[1]) + 1, int(match[1]) - 1):
                if index > 0:
                    yield "index", f"[:{index}] for {match[0]}", put(*match.span(), f"[:{index}]")
        for match in re.finditer(r"\babs\(", text):
            yield "abs", "without abs", put(*match.span(), "(")
        for match in re.finditer(r" ([+\-*/]) ", text):
            other = {"+": "-", "-": "+", "*": "/", "/": "*"}[match[1]]
            yield "sign", f"{other} for {match[1]}", put(*match.span(1), other)
        for match in re.finditer(r" (and|or) ", text):
            other = "or" if match[1] == "and" else "and"
            yield "group", f"{other} for {match[1]}", put(*match.span(1), other)
        for match in re.finditer(r" (<=|>=|<|>|==|!=) ", text):
            for kind, swaps in (("strictness", STRICTNESS), ("operator", OPPOSITE)):
                if match[1] in swaps:
                    yield kind, f"{swaps[match[1]]} for {match[1]}", put(*match.span(1), swaps[match[1]])
        for match in NAME.finditer(text):
            for kind, other in self._list_other_names(match[0]):
                yield kind, f"{other} for {match[0]}", put(*match.span(), other)
        flags = re.findall(r", (same_flavour|opposite_charge|same_charge|opposite_flavour)", text)
        for flag in flags:
            yield "require", f"without {flag}", text.replace(f", {flag}", "", 1)

    def _list_other_names(self, name: str) -> Iterator[tuple[str, str]]:
        for kind, names in (("object", self.collections), ("object", self.candidates), ("object", self.variables)):
            if name in names:
                yield from ((kind, other) for other in names if other != name)
        for other in FIELD_SWAPS.get(name, ()):
            yield "field", other
        for other in FUNCTION_SWAPS.get(name, ()):
            yield "function", other
        if name in FLAG_SWAPS:
            yield "require", FLAG_SWAPS[name]
        if name == "mZ":
            yield from (("constant", "mW"), ("constant", "mH"))
        elif name in self.labels and name not in FIELDS:
            yield from (("label", other) for other in self.labels if other != name)

    # ------------------------------------------------------------------ definitions

    def _mutate_object(self, k: int, definition: ObjectDefinition) -> Iterator[Mutant]:
        objects = self.criteria.objects

        def put(**update: object) -> SelectionCriteria:
            new = definition.model_copy(update=update)
            return self.criteria.model_copy(update={"objects": (*objects[:k], new, *objects[k + 1 :])})

        yield from self._mutate_cuts(definition.cuts, lambda cuts: put(cuts=cuts))
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
                (f"{r:g} for {removal.deltaR:g}", {"deltaR": r}) for r in _vary(removal.deltaR, False)
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
            for radius in _vary(step.deltaR, False):
                new = step.model_copy(update={"deltaR": radius})
                text = f"{radius:g} for {step.deltaR:g}"
                yield Mutant("overlap", label, text, put((*steps[:k], new, *steps[k + 1 :])))
            turned = step.model_copy(update={"remove": step.near, "near": step.remove})
            yield Mutant("overlap", label, "the other way round", put((*steps[:k], turned, *steps[k + 1 :])))
            if k + 1 < len(steps):
                swapped = (*steps[:k], steps[k + 1], step, *steps[k + 2 :])
                yield Mutant("overlap", label, "in another order", put(swapped))

    def _mutate_candidate(self, k: int, candidate: Candidate) -> Iterator[Mutant]:
        candidates = self.criteria.candidates

        def put(**update: object) -> SelectionCriteria:
            new = candidate.model_copy(update=update)
            return self.criteria.model_copy(update={"candidates": (*candidates[:k], new, *candidates[k + 1 :])})

        def mutant(kind: str, text: str, **update: object) -> Mutant:
            return Mutant(kind, candidate.name, text, put(**update))

        yield from self._mutate_cuts(candidate.select, lambda cuts: put(select=cuts))
        scores = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
        if scores:
            if len(scores) == 1:
                yield mutant("choice", "largest for smallest", minimise=None, maximise=scores[0])
            yield mutant("choice", "the first combination", minimise=None)
            for j, score in enumerate(scores):
                for kind, text, new in self._mutate_text(score):
                    yield mutant(
                        "choice" if kind in ("function", "sign", "abs") else kind, f"minimise: {text}",
                        minimise=(*scores[:j], new, *scores[j + 1 :]),
                    )  # fmt: skip
        if candidate.maximise is not None:
            yield mutant("choice", "smallest for largest", minimise=candidate.maximise, maximise=None)
        for j, name in enumerate(candidate.exclude):
            rest = (*candidate.exclude[:j], *candidate.exclude[j + 1 :])
            yield mutant("exclude", f"members of {name} allowed", exclude=rest)
        for j, requirement in enumerate(candidate.require):
            rest_of = (*candidate.require[:j], *candidate.require[j + 1 :])
            shown = requirement if isinstance(requirement, str) else ", ".join(requirement)
            yield mutant("require", f"without {shown}", require=rest_of)
            if isinstance(requirement, str):
                turned: str | dict[str, str] = FLAG_SWAPS[requirement]
            else:
                turned = {FLAG_SWAPS[flag]: role for flag, role in requirement.items()}
            yield mutant(
                "require", f"opposite of {shown}", require=(*candidate.require[:j], turned, *candidate.require[j + 1 :])
            )
        for key in ("pair", "leading"):
            source = getattr(candidate, key)
            if source is not None:
                for kind, text, new in self._mutate_text(source):
                    yield mutant(kind, f"{key}: {text}", **{key: new})
                if key == "pair" and "[" not in source:
                    yield mutant("index", f"only {source}[:2]", pair=f"{source}[:2]")
                    yield mutant("index", f"only {source}[:4]", pair=f"{source}[:4]")
        if candidate.n is not None:
            for number in (candidate.n + 1, candidate.n - 1):
                if number > 0:
                    yield mutant("candidate", f"n {number} for {candidate.n}", n=number)
        for role, source in (candidate.assign or {}).items():
            for kind, text, new in self._mutate_text(source):
                yield mutant(kind, f"{role}: {text}", assign={**(candidate.assign or {}), role: new})
        if candidate.sum is not None:
            for j, part in enumerate(candidate.sum):
                for other in self.candidates:
                    if other not in (*candidate.sum, candidate.name):
                        parts = (*candidate.sum[:j], other, *candidate.sum[j + 1 :])
                        yield mutant("candidate", f"sum: {other} for {part}", sum=parts)
                if len(candidate.sum) > 2:
                    yield mutant("candidate", f"sum without {part}", sum=(*candidate.sum[:j], *candidate.sum[j + 1 :]))

    def _mutate_variable(self, k: int, variable: NamedVariable) -> Iterator[Mutant]:
        variables = self.criteria.variables
        for kind, text, new in self._mutate_text(variable.expression):
            changed = variable.model_copy(update={"expression": new, "unit": None})
            document = self.criteria.model_copy(update={"variables": (*variables[:k], changed, *variables[k + 1 :])})
            yield Mutant(kind, variable.name, text, document)

    def _mutate_region(self, k: int, region: Region) -> Iterator[Mutant]:
        regions = self.criteria.regions

        def put(**update: object) -> SelectionCriteria:
            new = region.model_copy(update=update)
            return self.criteria.model_copy(update={"regions": (*regions[:k], new, *regions[k + 1 :])})

        yield from self._mutate_cuts(region.cuts, lambda cuts: put(cuts=cuts))
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


def _vary(value: float, counted: bool) -> tuple[float, ...]:
    """Numbers that one might be mistaken for: next to a count, 7 per cent off otherwise."""
    if counted:
        return (value + 1, value - 1)
    if value == 0:
        return (0.1, -0.1)
    return (float(f"{value * 1.07:.6g}"), float(f"{value * 0.93:.6g}"))
