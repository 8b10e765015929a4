"""Mistakes put to the test: each is worked out on the very events, and must lose and keep what the program does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from codegen.event_sets import pair_regions
from codegen.explaining.difference import Difference, choose_keys
from codegen.explaining.mistakes import Mistake
from codegen.explaining.sights import is_close
from codegen.witness.differences import END, Marks, interpret, mark_steps
from codegen.witness.evaluate import Interpreter, Look
from codegen.witness.stored import Event
from codegen.witness.tweaked import TweakedInterpreter
from codegen.witness.values import ABSENT
from schemas.analysis import StepValue, StepValues
from schemas.comparison import Comparison
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import PaperfilterError
from schemas.expressions.nodes import Node
from schemas.profile import Profile
from schemas.validation import check_criteria

FAITHFUL = 0.9  # of the events, in which criteria that are worked out here must give what the baseline gives
HALF = 0.4  # of the events, where no mistake explains nearly all
LENIENT = 12  # events of each kind that are looked at then
FEW = 3  # values are too few to tell
SURE = 0.99  # of the decisions and values, that a cause must explain to be more than a possibility
SLACK = 0.05  # of the events, that a cause need not explain: programs round differently
VALUE = 1e-4  # relative difference up to which two values are the same; programs may use single precision


class Known(NamedTuple):
    """One event: as stored, what each side makes of it, and what the analysis compared."""

    key: EventKey
    event: Event
    analysis: Marks
    baseline: Marks
    values: StepValues
    differs: bool  # at the first differing step


class Trial(NamedTuple):
    """How much of what the analysis does a mistake explains, as shares of events or values (None: none to compare).

    `decisions` up to the first differing step, `value` what is compared there; `everything` all steps of all regions,
    `values` of all steps.
    """

    mistake: Mistake
    decisions: float
    value: float | None
    everything: float
    values: float | None
    events: int

    @property
    def score(self) -> float:
        """How much is explained, 1 for everything; what is not known counts for half."""
        shares = (self.decisions, self.decisions, self.value, self.everything, self.values)
        return sum(0.5 if s is None else s for s in shares) / len(shares)

    @property
    def is_sure(self) -> bool:
        """Whether it explains all that happens up to the step and all that is compared there, but for rounding."""
        return self.decisions >= SURE and (self.value is None or self.value >= SURE)

    @property
    def rank(self) -> tuple[float, ...]:
        """Orders trials: what explains most comes first, of equal ones what happens more often."""
        return (-round(self.score, 3), self.mistake.cost)


class Bench:
    """The events on which mistakes are tried. `jury` are more of them, for mistakes that explain the first ones."""

    def __init__(
        self, truth: Interpreter, known: Sequence[Known], jury: Sequence[Known], difference: Difference,
        comparison: Comparison,
    ) -> None:  # fmt: skip
        self.truth, self.known, self.jury, self.difference = truth, list(known), list(jury), difference
        self.comparison = comparison
        self.until = list_steps_until(comparison, difference)
        self.sample = [k for k in self.known if k.differs][:LENIENT] + [k for k in self.known if not k.differs][
            :LENIENT
        ]
        self.place = (difference.region, difference.step.step)
        self.asked = {
            (region.name, step): cuts[0].variable
            for region in truth.regions
            for step, cuts in truth.steps[region.name]
            if cuts and cuts[0].variable.type.kind == "number"
        }

    def try_mistake(self, mistake: Mistake, *, strict: bool = True) -> Trial | None:
        """How much the mistake explains; None as soon as it is clear that it is not the cause.

        Strictly, nearly every event must fare as it does in the analysis, and have its values; otherwise most of the
        differing ones.
        """
        other = build(mistake, self.truth)
        if other is None:
            return None
        known = self.known if strict else self.sample
        count = _Count()
        wrong = SLACK if strict else HALF
        for one in known:
            if not self._judge(
                other, one, count, {self.place: self.asked[self.place]} if self.place in self.asked else {}
            ):
                return None
            if count.wrong > int(wrong * len(known)) or not count.has_values(1 - 4 * SLACK if strict else 1 - HALF):
                return None
        count = _Count()
        if not all(self._judge(other, one, count, self.asked) for one in (*self.known, *self.jury)):
            return None
        return count.weigh(mistake)

    def _judge(self, other: Interpreter, one: Known, count: "_Count", asked: Mapping[tuple[str, str], Node]) -> bool:
        """Count what the mistake explains of one event; false where it cannot be worked out."""
        try:
            look = other.look(one.event)
            marks = mark_steps(other, look.finish(brief=True))
            values = {
                place: read_value(look, self._find_variable(other, place)) for place in asked if place[1] in one.values
            }
        except (PaperfilterError, ArithmeticError, KeyError, IndexError):
            return False
        count.events += 1
        count.wrong += any(marks[k] != v for k, v in one.analysis.items() if k in self.until and k in marks)
        count.whole += all(marks[k] == v for k, v in one.analysis.items() if k in marks)
        for place, value in values.items():
            same = compare_values(one.values[place[1]], value)
            if same is not None:
                count.all_values.append(same)
                count.step_values += [same] if place == self.place else []
        return True

    def _find_variable(self, other: Interpreter, place: tuple[str, str]) -> Node:
        """What a step compares with the mistake; where it is left out, what is asked."""
        cuts = next((c for name, c in other.steps.get(place[0], ()) if name == place[1]), None)
        return cuts[0].variable if cuts else self.asked[place]


class _Count:
    """What a mistake explains, counted."""

    def __init__(self) -> None:
        self.events = self.wrong = self.whole = 0
        self.step_values: list[bool] = []
        self.all_values: list[bool] = []

    def has_values(self, share: float) -> bool:
        """Whether so many of the values at the step are explained, as far as there are enough to tell."""
        return len(self.step_values) < FEW or sum(self.step_values) >= share * len(self.step_values)

    def weigh(self, mistake: Mistake) -> Trial:
        """The counts as shares."""
        return Trial(
            mistake=mistake,
            decisions=1 - self.wrong / self.events,
            value=sum(self.step_values) / len(self.step_values) if self.step_values else None,
            everything=self.whole / self.events,
            values=sum(self.all_values) / len(self.all_values) if self.all_values else None,
            events=self.events,
        )


def find_rest(bench: Bench, mistake: Mistake) -> tuple[str, str] | None:
    """Region and step of the first difference that a mistake leaves unexplained in several events; None: nothing."""
    other = build(mistake, bench.truth)
    if other is None:
        return None
    wrong: dict[tuple[str, str], int] = {}
    for one in (*bench.known, *bench.jury):
        try:
            marks = mark_steps(other, other.look(one.event).finish(brief=True))
        except (PaperfilterError, ArithmeticError, KeyError, IndexError):
            return None
        for place, kept in one.analysis.items():
            if place in marks and marks[place] != kept and place not in bench.until:
                wrong[place] = wrong.get(place, 0) + 1
    return next(
        (place for s in bench.comparison.steps if wrong.get(place := (s.region, s.step), 0) > SLACK * len(bench.known)),
        None,
    )


def try_mistakes(bench: Bench, mistakes: Iterable[Mistake], *, strict: bool = True) -> list[Trial]:
    """The mistakes that explain the first difference, those that explain most first."""
    found = [t for m in mistakes if (t := bench.try_mistake(m, strict=strict)) is not None]
    return sorted(found, key=lambda t: t.rank)


def prepare_bench(
    ssc: SelectionCriteria, profile: Profile, analysis: Cutflow, baseline: Cutflow, comparison: Comparison,
    difference: Difference, analysis_values: Mapping[EventKey, StepValues], events: Mapping[EventKey, Event],
) -> tuple[Bench | None, float]:  # fmt: skip
    """The bench, and the share of events in which the criteria, worked out here, give what the baseline gives.

    No bench where that share is too small: then these events say nothing.
    """
    try:
        truth = interpret(ssc.model_copy(update={"questions": ()}), profile)
    except PaperfilterError:
        return None, 0.0
    sides = read_sides(analysis, baseline, events)
    differing = {*difference.only_analysis, *difference.only_baseline}
    known, faithful = [], 0
    for key, event in events.items():
        ours, theirs = sides[key]
        try:
            marks = mark_steps(truth, truth.run(event))
        except (PaperfilterError, ArithmeticError, KeyError, IndexError):
            continue
        if all(marks[k] == v for k, v in theirs.items() if k in marks):
            faithful += 1
            known.append(Known(key, event, ours, theirs, analysis_values.get(key, {}), key in differing))
    share = faithful / len(events) if events else 0.0
    if share < FAITHFUL or not any(k.differs for k in known):
        return None, share
    known.sort(key=lambda k: not k.differs)
    chosen = set(choose_keys(difference))
    jury = [k for k in known if k.key not in chosen]
    return Bench(truth, [k for k in known if k.key in chosen], jury, difference, comparison), share


def read_sides(
    analysis: Cutflow, baseline: Cutflow, keys: Iterable[EventKey]
) -> dict[EventKey, tuple[dict[tuple[str, str], bool], dict[tuple[str, str], bool]]]:
    """After which steps of which regions each event is left, in the analysis and in the baseline."""
    found: dict[EventKey, tuple[dict[tuple[str, str], bool], dict[tuple[str, str], bool]]] = {k: ({}, {}) for k in keys}
    for pair in pair_regions(analysis, baseline):
        for key, sides in found.items():
            last = pair.last.get(key, (-1, -1))
            for marks, at, steps in zip(sides, last, (pair.analysis, pair.baseline), strict=True):
                if steps:
                    marks[pair.name, ""] = at >= 0
                    marks[pair.name, END] = at >= len(steps) - 1
                    marks.update({(pair.name, s.id): at >= i for i, s in enumerate(steps) if i})
    return found


def list_steps_until(comparison: Comparison, difference: Difference) -> frozenset[tuple[str, str]]:
    """The steps up to the first differing one, as marks have them."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for step in comparison.steps:
        found.append((step.region, step.step if step.region in seen else ""))
        seen.add(step.region)
        if step == difference.step:
            break
    return frozenset(found)


def build(mistake: Mistake, truth: Interpreter) -> TweakedInterpreter | None:
    """The meaning of the criteria with a mistake; None where they mean nothing then."""
    try:
        checked = truth.checked if mistake.criteria is truth.checked.criteria else check_criteria(mistake.criteria)
        made = TweakedInterpreter(checked, mistake.profile, truth.missing, truth.used)
    except PaperfilterError:
        return None
    if mistake.profile == truth.profile:
        made.readers = truth.readers
    made.look_type = mistake.look
    for region, steps in truth.steps.items():
        own = dict(made.steps.get(region, ()))
        if len(own) < len(steps):  # one that is left out loses nothing
            made.steps[region] = [(name, own.get(name, [])) for name, _ in steps]
    return made


def read_value(look: Look, variable: Node) -> StepValue:
    """What a step compares in one event."""
    try:
        value = look.number(variable)
    except PaperfilterError:
        return None
    if isinstance(value, list):
        return tuple(v for v in value if v == v)
    return None if value == ABSENT or value != value or isinstance(value, str) else value


def compare_values(ours: StepValue, theirs: StepValue) -> bool | None:
    """Whether two sides compare the same; None where they cannot be held against each other."""
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        same = len(ours) == len(theirs)
        return same and all(is_close(a, b, VALUE) for a, b in zip(sorted(ours), sorted(theirs), strict=True))
    if isinstance(ours, tuple) or isinstance(theirs, tuple):
        return None
    if ours is None or theirs is None:
        return ours is theirs
    return is_close(ours, theirs, VALUE)
