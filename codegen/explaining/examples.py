"""Example events in words: those that tell most, with the values that decide."""

from collections.abc import Mapping, Sequence

from codegen.explaining.contrasts import compare_objects, list_objects, word_members
from codegen.explaining.difference import Difference
from codegen.explaining.mistakes import Mistake
from codegen.explaining.notes import list_parts
from codegen.explaining.quantities import find_unit_name, name_quantity, word_example, word_float, word_value
from codegen.explaining.sights import Sight, is_close, list_limits
from codegen.explaining.trials import VALUE, Bench, build, read_value
from codegen.witness.evaluate import Look
from schemas.analysis import StepValue, StepValues
from schemas.checked_cut import CheckedCut
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
        baseline_values: Mapping[EventKey, StepValues], bench: Bench | None, mistake: Mistake | None = None,
    ) -> None:  # fmt: skip
        """`mistake` is one that reproduces the analysis: it shows which objects that has."""
        self.ssc, self.difference = ssc, difference
        self.values = analysis_values, baseline_values
        self.known = {one.key: one for one in bench.known} if bench is not None else {}
        self.truth = bench.truth if bench is not None else None
        self.limits = list_limits(difference.cuts)
        self.bench = bench
        self.other = build(mistake, bench.truth) if mistake is not None and bench is not None else None

    def describe(self, sight: Sight) -> ExampleEvent:
        """One differing event."""
        assert sight.kept_by in ("analysis", "baseline")
        cuts = self.difference.cuts
        ours = theirs = "no value for this step"
        if sight.told[0]:
            ours = word_example(sight.analysis, cuts, self.values[0].get(sight.key, {}), self.ssc, self.limits)
        right = self._work_out(sight)
        if right is not None:
            value, theirs, difference = right
            ours += difference + (self._find_elsewhere(sight, value) if sight.told[0] else "")
        elif sight.told[1]:
            theirs = word_example(sight.baseline, cuts, self.values[1].get(sight.key, {}), self.ssc, self.limits)
        return ExampleEvent(key=sight.key, kept_by=sight.kept_by, analysis=ours, baseline=theirs)

    def _work_out(self, sight: Sight) -> tuple[StepValue, str, str] | None:
        """What the criteria compare in an event, that in words, and how the analysis differs in its objects."""
        if self.truth is None or sight.key not in self.known or not self.difference.cuts:
            return None
        cut, unit = self.difference.cuts[0], find_unit_name(self.difference.cuts)
        checked = next((c for cuts in self.truth.checked.regions.values() for c in cuts if c.cut.id == cut.id), None)
        if checked is None or len(self.difference.cuts) > 1:
            return None
        event = self.known[sight.key].event
        look = self.truth.look(event)
        look.finish()
        if checked.variable.type.kind != "number":
            return self._decide(checked, look, sight.kept_by == "analysis")
        value = read_value(look, checked.variable)
        objects = "" if "count(" not in cut.variable else list_objects(look, list_parts([cut], self.ssc))
        differs = ""
        if self.other is not None:
            mine = self.other.look(event)
            mine.finish()
            differs = compare_objects(mine, look, list_parts([cut], self.ssc))
        theirs = f"{name_quantity([cut])} = {word_value(value, unit, self.limits)}{self._word_threshold(look)}"
        return value, f"{theirs}{objects}", differs + word_members(sight.analysis, value)

    def _decide(self, checked: CheckedCut, look: Look, kept: bool) -> tuple[StepValue, str, str] | None:
        """A condition of an event: whether it holds, and what follows."""
        cut = checked.cut
        found = look.truth(checked.variable) if cut.operator in ("pass", "fail") else None  # a label is no condition
        if not isinstance(found, bool):
            return None
        passed = found == (cut.operator == "pass")
        fate = f"so `{cut.operator}` is {'passed: keep' if passed else 'not passed: lose'} the event"
        return None, f"{name_quantity([cut])} is {str(found).lower()}, {fate}", f" ({'kept' if kept else 'lost'})"

    def _find_elsewhere(self, sight: Sight, right: StepValue) -> str:
        """Where the value that the analysis compares belongs."""
        ours = sight.analysis
        if self.bench is None or self.truth is None or not isinstance(ours, float) or ours.is_integer():
            return ""
        if isinstance(right, float) and is_close(ours, right, VALUE):
            return ""
        look = self.truth.look(self.known[sight.key].event)
        for (_, step), variable in self.bench.asked.items():
            value = read_value(look, variable) if step != self.difference.step.step else None
            if isinstance(value, float) and is_close(ours, value, VALUE):
                return f" ({word_float(ours)} is what {step} compares in this event)"
        return ""

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
