"""Values of single events in words: what was compared, its unit, and what it was compared with."""

import re
from collections.abc import Mapping, Sequence

from schemas.analysis import StepValue, StepValues
from schemas.criteria import Cut, SelectionCriteria
from schemas.cut_words import word_cut, word_number
from schemas.units import to_base

MOST_LISTED = 8
LONG = 60  # characters of an expression that is shown beside its value


def word_step(cuts: Sequence[Cut]) -> str | None:
    """What the criteria ask at a step, on one line."""
    return " or ".join(word_cut(cut) for cut in cuts) or None


def name_quantity(cuts: Sequence[Cut]) -> str:
    """What is compared, as the criteria call it."""
    names = list(dict.fromkeys(cut.variable for cut in cuts))
    text = " or ".join(names) or "the value"
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def find_unit_name(cuts: Sequence[Cut]) -> str:
    """The base unit of what is compared, with a space before it; empty for a plain number."""
    for cut in cuts:
        if cut.threshold is not None and cut.threshold.unit:
            base = to_base(1.0, cut.threshold.unit)[1]
            return f" {base}" if base else ""
    return ""


def word_value(value: StepValue, unit: str, near: Sequence[float] = ()) -> str:
    """A value, or a list of them, with enough digits to tell it from the numbers that it is compared with."""
    if value is None:
        return "missing"
    if isinstance(value, tuple):
        if not value:
            return "no value"
        shown = ", ".join(word_float(v, near) for v in value[:MOST_LISTED])
        return f"{shown}{', …' if len(value) > MOST_LISTED else ''}{unit}"
    return f"{word_float(value, near)}{unit}"


def word_float(value: float, near: Sequence[float] = ()) -> str:
    """A number with four digits, or as many as tell it from `near`."""
    if value in near or (value.is_integer() and abs(value) < 1e6):
        return word_number(value)
    for digits in range(4, 17):
        text = f"{value:.{digits}g}"
        if all(float(text) != limit for limit in near):
            return text
    return repr(value)


def word_example(
    value: StepValue, cuts: Sequence[Cut], of_event: StepValues, ssc: SelectionCriteria, limits: Sequence[float]
) -> str:
    """What one side compared in one event, with what it compares with where that depends on the event."""
    unit = find_unit_name(cuts)
    text = f"{name_quantity(cuts)} = {word_value(value, unit, limits)}"
    extra = [w for cut in cuts[:1] if (w := word_threshold_of(cut, of_event, ssc)) is not None]
    return f"{text} ({'; '.join(extra)})" if extra else text


def word_threshold_of(cut: Cut, of_event: StepValues, ssc: SelectionCriteria) -> str | None:
    """The threshold of a cut in one event: its number, or its expression with what the event has for it."""
    threshold = cut.threshold
    if threshold is None or threshold.expression is None:
        return None
    known = _find_named(of_event, ssc)
    named = [n for n in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", threshold.expression)) if n in known]
    if not named:
        return None
    given = ", ".join(f"{n} = {word_float(v)}{unit}" for n in named for v, unit in (known[n],))
    return f"{threshold.expression} at {given}"


def _find_named(of_event: StepValues, ssc: SelectionCriteria) -> Mapping[str, tuple[float, str]]:
    """Values of named quantities that some step of any region compares in the event."""
    known: dict[str, tuple[float, str]] = {}
    for region in ssc.regions:
        for cut in region.cuts:
            value = of_event.get(cut.group or cut.id)
            if isinstance(value, float) and cut.variable.isidentifier():
                known.setdefault(cut.variable, (value, find_unit_name([cut])))
    return known
