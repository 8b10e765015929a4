"""Which threshold a program really uses: from the values it compares and from what it keeps."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from codegen.explaining.mistake_words import name_item
from codegen.explaining.mistakes import Mistake, replace_cuts
from codegen.explaining.quantities import find_unit_name, word_float
from codegen.explaining.sights import Sight
from codegen.explaining.trials import Bench, Trial
from codegen.witness.event_collections import list_sources
from codegen.witness.objects import find_distance
from schemas.coding import Cause
from schemas.criteria import Cut, SelectionCriteria, Threshold
from schemas.fields import BASES
from schemas.units import to_base
from schemas.vocabulary import CutOperator

NEAR_END = 0.3  # of an interval, in which a number next to its better known end is looked for
FARTHEST = 2.0  # distance that a removal may have
MOST_GAPS = 200  # intervals between values that are looked at, the nearest to what is asked
MOST_TRIED = 15  # of them at once
TURNED: Mapping[CutOperator, str] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def find_step_threshold(sights: Sequence[Sight], cuts: Sequence[Cut]) -> Cause | None:
    """The number or numbers that explain what the analysis keeps at a step, from the values it compares there."""
    cut = cuts[0] if len(cuts) == 1 else None
    if cut is None or cut.threshold is None or cut.condition is not None:
        return None
    if cut.threshold.range is not None and cut.operator in ("between", "outside"):
        return _find_range(sights, cut, cut.threshold)
    if cut.threshold.value is not None and cut.operator is not None and cut.operator in TURNED:
        return _find_value(sights, cut, cut.operator, to_base(cut.threshold.value, cut.threshold.unit)[0])
    return None


def _find_value(sights: Sequence[Sight], cut: Cut, operator: CutOperator, asked: float) -> Cause | None:
    upward = operator in (">", ">=")
    kept, lost = _split(sights, cut, upward)
    unit = find_unit_name([cut])
    if not kept or not lost:
        return None
    fit = f"{len(kept)} values kept and {len(lost)} lost fit it"
    if (min(kept) >= max(lost)) if upward else (max(kept) <= min(lost)):
        low, high = (max(lost), min(kept)) if upward else (max(kept), min(lost))
        if low <= asked <= high:
            return None
        where = word_interval(low, high, asked)
        text = f"{cut.id}: the threshold is {where}{unit} where {word_float(asked)}{unit} is asked"
        return Cause(kind="threshold", text=text, evidence=fit)
    if (max(kept) <= min(lost)) if upward else (min(kept) >= max(lost)):
        text = f"{cut.id}: the comparison is turned round ({TURNED[operator]} for {operator})"
        return Cause(kind="threshold", text=text, evidence=fit)
    return None


def _find_range(sights: Sequence[Sight], cut: Cut, threshold: Threshold) -> Cause | None:
    """Other ends of a range, for single values: what is kept lies together, or what is lost."""
    assert threshold.range is not None
    ends = tuple(to_base(end, threshold.unit)[0] for end in threshold.range)
    kept, lost = _split([s for s in sights if not isinstance(s.analysis, tuple)], cut, True)
    inside, outside = (kept, lost) if cut.operator == "between" else (lost, kept)
    if not inside or any(min(inside) < v < max(inside) for v in outside):
        return None
    below = max((v for v in outside if v <= min(inside)), default=-math.inf)
    above = min((v for v in outside if v >= max(inside)), default=math.inf)
    unit = find_unit_name([cut])
    for name, asked, low, high in (
        ("lower", ends[0], below, min(inside)), ("upper", ends[1], max(inside), above),
    ):  # fmt: skip
        if not low <= asked <= high:
            where = (
                word_interval(low, high, asked)
                if math.isfinite(low) and math.isfinite(high)
                else (f"above {word_float(low)}" if math.isfinite(low) else f"below {word_float(high)}")
            )
            text = f"{cut.id}: the {name} end of the range is {where}{unit} where {word_float(asked)}{unit} is asked"
            fit = f"{len(kept)} values kept and {len(lost)} lost fit it"
            return Cause(kind="threshold", text=text, evidence=fit)
    return None


def _split(sights: Sequence[Sight], cut: Cut, upward: bool) -> tuple[list[float], list[float]]:
    """The values that decide in events which the analysis keeps at the step, and in those which it loses there."""
    kept: list[float] = []
    lost: list[float] = []
    for sight in sights:
        value = _reduce(sight, cut, upward)
        if value is not None:
            (kept if sight.kept_by in ("analysis", "both") else lost).append(value)
    return kept, lost


def search_thresholds(bench: Bench) -> Iterator[Trial]:
    """Other thresholds of cuts on objects that explain the first difference, the middle one of each cut."""
    ssc = bench.truth.checked.criteria
    for name, checked in bench.truth.checked.objects.items():
        for cut in checked:
            threshold = cut.cut.threshold
            if threshold is None or cut.cut.id in bench.truth.missing:
                continue
            values = _list_object_values(bench, name, cut.cut.id)
            said, unit = f"{name_item(cut.cut.id, ssc)}: the threshold", find_unit_name([cut.cut])
            ends = (threshold.value,) if threshold.value is not None else threshold.range or ()
            for k, end in enumerate(ends):
                change = partial(_with_threshold, ssc, cut.cut.id, threshold, k)
                yield from _search(bench, values, to_base(end, threshold.unit)[0], change, said, unit)


def _with_threshold(
    ssc: SelectionCriteria, cut: str, threshold: Threshold, end: int, value: float
) -> SelectionCriteria:
    """The criteria with another number, in base units, as the threshold of a cut or as one end of its range."""
    stated = value / to_base(1.0, threshold.unit)[0]
    new: dict[str, object] = {"value": stated, "literal": None}
    if threshold.range is not None:
        low, high = threshold.range
        new = {"range": (stated, high) if end == 0 else (low, stated), "literal": None}
    return replace_cuts(ssc, {cut: {"threshold": threshold.model_copy(update=new)}})


def search_radii(bench: Bench) -> Iterator[Trial]:
    """Other radii of overlap removals that explain the first difference."""
    ssc = bench.truth.checked.criteria
    for k, definition in enumerate(ssc.objects):
        for j, removal in enumerate(definition.remove_overlap):
            change = partial(_with_radius, ssc, k, j)
            values = _list_distances(bench, definition.name, removal.with_)
            said = f"{definition.name} near {removal.with_}: the radius"
            yield from _search(bench, values, removal.deltaR, change, said, "")


def _with_radius(ssc: SelectionCriteria, k: int, j: int, value: float) -> SelectionCriteria:
    definition = ssc.objects[k]
    removals = list(definition.remove_overlap)
    removals[j] = removals[j].model_copy(update={"deltaR": value})
    new = definition.model_copy(update={"remove_overlap": tuple(removals)})
    return ssc.model_copy(update={"objects": (*ssc.objects[:k], new, *ssc.objects[k + 1 :])})


def _search(
    bench: Bench, values: Sequence[float], asked: float, change: Callable[[float], SelectionCriteria], said: str,
    unit: str,
) -> Iterator[Trial]:  # fmt: skip
    """The interval in which a number explains most, of those between the values that it is compared with."""
    gaps = _list_gaps(values, asked)

    def try_gaps(numbers: Sequence[int], strict: bool) -> dict[int, Trial]:
        tried = {
            k: bench.try_mistake(Mistake("threshold", "", change(sum(gaps[k]) / 2), bench.truth.profile), strict=strict)
            for k in numbers
        }
        return {k: t for k, t in tried.items() if t is not None}

    numbers = _thin(range(len(gaps)))
    coarse = try_gaps(numbers, False)
    if not coarse:
        return
    best = max(coarse, key=lambda k: coarse[k].score)
    at = numbers.index(best)
    around = range(numbers[max(at - 1, 0)], numbers[min(at + 1, len(numbers) - 1)] + 1)
    found = try_gaps(_thin(around), True)
    if found:
        top = max(t.score for t in found.values())
        alike = [k for k, t in found.items() if t.score >= top]
        low, high = min(gaps[k][0] for k in alike), max(gaps[k][1] for k in alike)
        text = f"{said} is {word_interval(low, high, asked)}{unit} where {word_float(asked)}{unit} is asked"
        one = found[alike[0]]
        yield one._replace(mistake=one.mistake._replace(text=text))


def word_interval(low: float, high: float, asked: float) -> str:
    """A number that is known to lie in an interval: a short one near the end next to what is asked.

    What differs lies between the two numbers, so that this end is nearly always the better known one.
    """
    if low == high:
        return f"{word_float(low)}"
    upward = asked <= low
    end, span = (low if upward else high), NEAR_END * (high - low)
    for digits in range(1, 7):
        scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(end)))) if end else 10.0**digits
        short = (math.ceil(end * scale) if upward else math.floor(end * scale)) / scale
        if abs(short - end) <= span:
            return f"about {word_float(short)} (between {word_float(low)} and {word_float(high)})"
    return f"between {low!r} and {high!r}"


def _reduce(sight: Sight, cut: Cut, upward: bool) -> float | None:
    """The one value of an event that decides: of several, the worst or the best."""
    value = sight.analysis
    if not sight.told[0] or value is None:
        return None
    if isinstance(value, tuple):
        if not value:
            return None
        worst = cut.quantifier == "all"
        return min(value) if upward == worst else max(value)
    return value


def _list_object_values(bench: Bench, name: str, cut: str) -> list[float]:
    """What a cut on objects compares, for all stored objects of the events at hand."""
    found: set[float] = set()
    checked = next(c for c in bench.truth.checked.objects[name] if c.cut.id == cut)
    if checked.variable.type.kind != "number":
        return []
    for one in bench.known:
        look = bench.truth.look(one.event)
        for source in list_sources(bench.truth.definitions[name]):
            things = look.list_base(name, source) if source in BASES else look.collection(source)
            for thing in things:
                look.this = thing
                value = look.number(checked.variable)
                if isinstance(value, float) and value == value:
                    found.add(value)
        look.this = None
    return sorted(found)


def _list_distances(bench: Bench, name: str, near: str) -> list[float]:
    """The distances of the stored objects of a collection to the objects that they must stay away from."""
    found: set[float] = set()
    for one in bench.known:
        look = bench.truth.look(one.event)
        for source in list_sources(bench.truth.definitions[name]):
            things = look.list_base(name, source) if source in BASES else look.collection(source)
            for thing in things:
                for other in look.collection(near):
                    d_eta, d_phi = (thing.field(f) - other.field(f) for f in ("eta", "phi"))
                    found.add(find_distance(d_eta, d_phi))
    return sorted(d for d in found if d < FARTHEST)


def _list_gaps(values: Sequence[float], asked: float) -> list[tuple[float, float]]:
    """The intervals between neighbouring values, without the one that holds what is asked; the widest few hundred."""
    gaps = [(a, b) for a, b in pairwise(values) if not a <= asked <= b]
    near = sorted(gaps, key=lambda g: min(abs(g[0] - asked), abs(g[1] - asked)))
    return sorted(near[:MOST_GAPS])


def _thin(numbers: Sequence[int]) -> list[int]:
    """Not too many of them, evenly spread, the last one among them."""
    if len(numbers) <= MOST_TRIED:
        return list(numbers)
    return sorted({numbers[k * (len(numbers) - 1) // (MOST_TRIED - 1)] for k in range(MOST_TRIED)})
