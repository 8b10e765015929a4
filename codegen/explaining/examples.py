"""Example events in words: those that tell most, with the values that decide."""

from collections.abc import Mapping, Sequence

from codegen.explaining.difference import Difference
from codegen.explaining.quantities import find_unit_name, name_quantity, word_example, word_float, word_value
from codegen.explaining.sights import Sight, list_limits
from codegen.explaining.trials import Bench, read_value
from codegen.witness.evaluate import Look
from codegen.witness.objects import Ref
from schemas.analysis import StepValue, StepValues
from schemas.coding import ExampleEvent
from schemas.criteria import SelectionCriteria
from schemas.cutflow import EventKey
from schemas.errors import PaperfilterError
from schemas.expressions.nodes import Variable
from schemas.expressions.parser import parse_expression

EXAMPLES = 3


def choose_examples(sights: Sequence[Sight], limits: Sequence[float]) -> list[Sight]:
    """Up to three differing events: the nearest to the threshold and a typical one, of both kinds if there are."""
    ours = sorted((s for s in sights if s.kept_by == "analysis"), key=lambda s: _find_distance(s, limits))
    theirs = sorted((s for s in sights if s.kept_by == "baseline"), key=lambda s: _find_distance(s, limits))
    more, less = (ours, theirs) if len(ours) >= len(theirs) else (theirs, ours)
    chosen = [*more[:1], *([more[len(more) // 2]] if len(more) > 2 else more[1:2])]
    chosen += less[:1] or more[-1:]
    return list({s.key: s for s in chosen}.values())[:EXAMPLES]


def _find_distance(sight: Sight, limits: Sequence[float]) -> float:
    """How far what decides is from what it is compared with, in units of that; large where it is not known."""
    value = sight.baseline if sight.told[1] else sight.analysis
    listed = value if isinstance(value, tuple) else () if value is None else (value,)
    return min((abs(v - t) / (abs(t) or 1.0) for v in listed for t in limits), default=1e9)


class Teller:
    """Puts single events into words."""

    def __init__(
        self, ssc: SelectionCriteria, difference: Difference, analysis_values: Mapping[EventKey, StepValues],
        baseline_values: Mapping[EventKey, StepValues], bench: Bench | None,
    ) -> None:  # fmt: skip
        self.ssc, self.difference = ssc, difference
        self.values = analysis_values, baseline_values
        self.known = {one.key: one for one in bench.known} if bench is not None else {}
        self.truth = bench.truth if bench is not None else None
        self.limits = list_limits(difference.cuts)

    def describe(self, sight: Sight) -> ExampleEvent:
        """One differing event."""
        assert sight.kept_by in ("analysis", "baseline")
        cuts, unit = self.difference.cuts, find_unit_name(self.difference.cuts)
        ours = theirs = "no value for this step"
        if sight.told[0]:
            ours = word_example(sight.analysis, cuts, self.values[0].get(sight.key, {}), self.ssc, self.limits)
        right = self._work_out(sight.key)
        if right is not None:
            value, threshold, others = right
            theirs = f"{name_quantity(cuts)} = {word_value(value, unit, self.limits)}{threshold}{others}"
        elif sight.told[1]:
            theirs = word_example(sight.baseline, cuts, self.values[1].get(sight.key, {}), self.ssc, self.limits)
        return ExampleEvent(key=sight.key, kept_by=sight.kept_by, analysis=ours, baseline=theirs)

    def _work_out(self, key: EventKey) -> tuple[StepValue, str, str] | None:
        """What the criteria compare in an event, the threshold where it varies, and objects where they are counted."""
        if self.truth is None or key not in self.known or not self.difference.cuts:
            return None
        cut = self.difference.cuts[0]
        checked = next((c for cuts in self.truth.checked.regions.values() for c in cuts if c.cut.id == cut.id), None)
        if checked is None or checked.variable.type.kind != "number" or len(self.difference.cuts) > 1:
            return None
        look = self.truth.look(self.known[key].event)
        look.finish()
        value = read_value(look, checked.variable)
        others = self._list_objects(look) if "count(" in cut.variable else ""
        return value, self._word_threshold(look), others

    def _word_threshold(self, look: Look) -> str:
        cut, unit = self.difference.cuts[0], find_unit_name(self.difference.cuts)
        expression = cut.threshold.expression if cut.threshold is not None else None
        if expression is None or self.truth is None:
            return ""
        try:
            node = parse_expression(expression, self.truth.checked.scope, "threshold")
            limit = read_value(look, node)
            names = list(dict.fromkeys(part.name for part in node.walk() if isinstance(part, Variable)))
            at = [(name, read_value(look, self.truth.checked.variables[name])) for name in names]
        except (PaperfilterError, KeyError):
            return ""
        units = {v.name: f" {v.unit}" if v.unit else "" for v in self.ssc.variables}
        given = ", ".join(f"{n} = {word_value(v, units.get(n, ''))}" for n, v in at)
        return f" (threshold {word_value(limit, unit)}{f' at {given}' if given else ''})"

    def _list_objects(self, look: Look) -> str:
        """The selected objects of the collections that the step depends on, and near misses."""
        assert self.truth is not None
        said = []
        for name, things in look.things.items():
            pts = [t.field("pt") for t in things if "pt" in t.reader.fields]
            if self.truth.definitions[name].union is None and (pts or not things):
                said.append(f"{name} with pT = {', '.join(word_float(p) for p in pts[:6]) or '(none)'}")
        lost: dict[Ref, str] = {}
        for (item, refs), passed in look.single.items():
            if not passed and len(refs) == 1:
                lost.setdefault(refs[0], item)
        if lost:
            names = list(dict.fromkeys(lost.values()))[:4]
            said.append(f"others fail {', '.join(names)}")
        return f" ({'; '.join(said[:4])})" if said else ""
