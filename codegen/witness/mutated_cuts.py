"""Cuts with one mistake."""

from collections.abc import Callable, Iterator

from codegen.witness.mutant import Mutant
from codegen.witness.mutated_text import STRICTNESS, TextMutation, vary
from schemas.criteria import Cut, SelectionCriteria, Threshold

DIRECTION = {
    ">": ("<", "=="), ">=": ("<=", "=="), "<": (">", "=="), "<=": (">=", "=="), "==": ("!=", ">=", "<="),
    "!=": ("==",), "between": ("outside",), "outside": ("between",), "pass": ("fail",), "fail": ("pass",),
}  # fmt: skip
UNITS = {"GeV": ("MeV", "TeV"), "MeV": ("GeV",), "TeV": ("GeV",), "mm": ("cm", "μm"), "cm": ("mm",), "rad": ("deg",),
         "deg": ("rad",)}  # fmt: skip


class CutMutation(TextMutation):
    """Changes the cuts of one document."""

    def mutate_cuts(
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
            for kind, text, new in self.mutate_text(cut.condition):
                yield kind, f"condition: {text}", cut.model_copy(update={"condition": new})
        if cut.group is not None:
            yield "group", "and for or", cut.model_copy(update={"group": None})
        for kind, text, new in self.mutate_text(cut.variable):
            yield kind, text, cut.model_copy(update={"variable": new})

    def _mutate_threshold(self, cut: Cut, threshold: Threshold) -> Iterator[tuple[str, str, Threshold]]:
        def change(**update: object) -> Threshold:
            return threshold.model_copy(update=update)

        counted = threshold.unit is None and ("count(" in cut.variable or "charge" in cut.variable)
        if threshold.value is not None:
            for value in vary(threshold.value, counted):
                yield "number", f"{value:g} for {threshold.value:g}", change(value=value)
        if threshold.range is not None:
            low, high = threshold.range
            for value in vary(low, counted):
                yield "number", f"{value:g} for {low:g}", change(range=(value, high))
            for value in vary(high, counted):
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
            for kind, text, expression in self.mutate_text(threshold.expression):
                yield kind, f"threshold: {text}", change(expression=expression)
