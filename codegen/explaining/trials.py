"""Mistakes put to the test: each is worked out on the very events, and must lose and keep what the program does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from codegen.event_sets import pair_regions
from codegen.explaining.difference import Difference
from codegen.explaining.mistakes import Mistake
from codegen.explaining.sights import is_close
from codegen.explaining.tweaks import TweakedInterpreter
from codegen.witness.differences import END, Marks, interpret, mark_steps
from codegen.witness.evaluate import Interpreter, Look
from codegen.witness.stored import Event
from schemas.analysis import StepValue, StepValues
from schemas.comparison import Comparison
from schemas.criteria import SelectionCriteria
from schemas.cutflow import Cutflow, EventKey
from schemas.errors import PaperfilterError
from schemas.profile import Profile
from schemas.validation import check_criteria

FAITHFUL = 0.9  # of the events, in which criteria that are worked out here must give what the baseline gives
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
    def rank(self) -> tuple[float, ...]:
        """Orders trials: what explains most comes first, of equal ones what happens more often."""
        return (-round(self.score, 3), self.mistake.cost)


class Bench:
    """The events on which mistakes are tried."""

    def __init__(
        self, truth: Interpreter, known: Sequence[Known], difference: Difference, comparison: Comparison
    ) -> None:
        self.truth, self.known, self.difference = truth, list(known), difference
        self.until = list_steps_until(comparison, difference)

    def try_mistake(self, mistake: Mistake, *, use_values: bool = True) -> Trial | None:
        """How much the mistake explains; None as soon as it is clear that it is not the cause."""
        other = build(mistake, self.truth)
        if other is None:
            return None
        allowed = int(SLACK * len(self.known))
        wrong = right = whole = 0
        at_step, at_all = [0, 0], [0, 0]
        for one in self.known:
            try:
                look = other.look(one.event)
                marks = mark_steps(other, look.finish(brief=True))
            except (PaperfilterError, ArithmeticError, KeyError, IndexError):
                return None
            agrees = all(marks[k] == v for k, v in one.analysis.items() if k in self.until and k in marks)
            right, wrong = right + agrees, wrong + (not agrees)
            if wrong > allowed:
                return None
            whole += all(marks[k] == v for k, v in one.analysis.items() if k in marks)
            for region in other.regions:
                for step, cuts in other.steps[region.name]:
                    if step in one.values and cuts and cuts[0].variable.type.kind == "number":
                        same = compare_values(one.values[step], read_value(look, cuts[0].variable))
                        if same is not None:
                            at_all[0], at_all[1] = at_all[0] + same, at_all[1] + 1
                            if (region.name, step) == (self.difference.region, self.difference.step.step):
                                at_step[0], at_step[1] = at_step[0] + same, at_step[1] + 1
            if use_values and at_step[1] >= 3 and at_step[0] < (1 - 4 * SLACK) * at_step[1]:
                return None
        total = len(self.known)
        return Trial(
            mistake, right / total, at_step[0] / at_step[1] if at_step[1] else None, whole / total,
            at_all[0] / at_all[1] if at_all[1] else None, total,
        )  # fmt: skip


def try_mistakes(bench: Bench, mistakes: Iterable[Mistake]) -> list[Trial]:
    """The mistakes that explain the first difference, those that explain most first.

    Where none has the values that the program says it compared, its decisions count alone.
    """
    listed = list(mistakes)
    found = [t for m in listed if (t := bench.try_mistake(m)) is not None]
    if not found:
        found = [t for m in listed if (t := bench.try_mistake(m, use_values=False)) is not None]
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
    return Bench(truth, known, difference, comparison), share


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
    return made


def read_value(look: Look, variable: object) -> StepValue:
    """What a step compares in one event."""
    from codegen.witness.values import ABSENT

    try:
        value = look.number(variable)  # type: ignore[arg-type]
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
