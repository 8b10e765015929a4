"""Which threshold a program really uses: from the values it compares and from what it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from codegen.explaining.mistakes import Mistake, name_item, replace_cuts
from codegen.explaining.quantities import find_unit_name, word_float
from codegen.explaining.sights import Sight
from codegen.explaining.trials import Bench, Trial
from codegen.witness.event_collections import list_sources
from schemas.coding import Cause
from schemas.criteria import Cut
from schemas.fields import BASES
from schemas.units import to_base
from schemas.vocabulary import CutOperator

MOST_TRIED = 24  # thresholds on each side of the one that is asked
TURNED: Mapping[CutOperator, str] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def find_step_threshold(sights: Sequence[Sight], cuts: Sequence[Cut]) -> Cause | None:
    """The threshold that explains what the analysis keeps at a step with one number, from the values it compares."""
    cut, threshold = cuts[0] if len(cuts) == 1 else None, cuts[0].threshold if cuts else None
    if cut is None or threshold is None or cut.operator is None or cut.operator not in TURNED:
        return None
    if threshold.value is None or cut.condition is not None:
        return None
    asked, _ = to_base(threshold.value, threshold.unit)
    upward = cut.operator in (">", ">=")
    kept: list[float] = []
    lost: list[float] = []
    for sight in sights:
        value = _reduce(sight, cut, upward)
        if value is not None:
            (kept if sight.kept_by in ("analysis", "both") else lost).append(value)
    unit = find_unit_name(cuts)
    if not kept or not lost:
        return None
    if (min(kept) >= max(lost)) if upward else (max(kept) <= min(lost)):
        low, high = (max(lost), min(kept)) if upward else (max(kept), min(lost))
        if low <= asked <= high:
            return None
        text = f"{cut.id}: the threshold is {word_interval(low, high)}{unit} where {word_float(asked)}{unit} is asked"
        return Cause(kind="threshold", text=text, evidence=f"{len(kept)} values kept and {len(lost)} lost fit it")
    if (max(kept) <= min(lost)) if upward else (min(kept) >= max(lost)):
        text = f"{cut.id}: the comparison is turned round ({TURNED[cut.operator]} for {cut.operator})"
        return Cause(kind="threshold", text=text, evidence=f"{len(kept)} values kept and {len(lost)} lost fit it")
    return None


def search_thresholds(bench: Bench) -> Iterator[Trial]:
    """Other thresholds of cuts on objects that explain the first difference, the middle one of each cut."""
    ssc = bench.truth.checked.criteria
    for name, checked in bench.truth.checked.objects.items():
        for cut in checked:
            threshold = cut.cut.threshold
            if threshold is None or threshold.value is None or cut.cut.id in bench.truth.missing:
                continue
            asked, _ = to_base(threshold.value, threshold.unit)
            values = _list_object_values(bench, name, cut.cut.id)
            scale = to_base(1.0, threshold.unit)[0]
            fitting: list[tuple[float, float, Trial]] = []
            for low, high in _list_gaps(values, asked):
                middle = threshold.model_copy(update={"value": (low + high) / 2 / scale, "literal": None})
                criteria = replace_cuts(ssc, {cut.cut.id: {"threshold": middle}})
                found = bench.try_mistake(Mistake("threshold", "", criteria, bench.truth.profile))
                fitting += [(low, high, found)] if found is not None else []
            if fitting:
                best = max(fitting, key=lambda f: (f[2].decisions, f[2].everything, f[2].values or 0.0))
                alike = [
                    f for f in fitting if (f[2].decisions, f[2].everything) == (best[2].decisions, best[2].everything)
                ]
                low, high = min(f[0] for f in alike), max(f[1] for f in alike)
                unit = find_unit_name([cut.cut])
                text = (
                    f"{name_item(cut.cut.id, ssc)}: the threshold is {word_interval(low, high)}{unit} "
                    f"where {word_float(asked)}{unit} is asked"
                )
                yield best[2]._replace(mistake=best[2].mistake._replace(text=text))


def word_interval(low: float, high: float) -> str:
    """A number that is known to lie in an interval, as the shortest number in it."""
    if low == high:
        return f"{word_float(low)}"
    middle = (low + high) / 2
    for digits in range(1, 6):
        short = float(f"{middle:.{digits}g}")
        if low <= short <= high:
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


def _list_gaps(values: Sequence[float], asked: float) -> list[tuple[float, float]]:
    """The intervals between neighbouring values, those next to the asked one first; not the one that holds it."""
    gaps = [(a, b) for a, b in pairwise(values) if not a <= asked <= b]
    below, above = [g for g in gaps if g[1] <= asked][::-1], [g for g in gaps if g[0] >= asked]
    return [*_thin(below), *_thin(above)]


def _thin(gaps: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Not too many of them: joined where they are many, the near ones finer than the far ones."""
    if len(gaps) <= MOST_TRIED:
        return list(gaps)
    picked = sorted({int((len(gaps) - 1) * (k / (MOST_TRIED - 1)) ** 1.7) for k in range(MOST_TRIED)})
    return [gaps[k] for k in picked]
