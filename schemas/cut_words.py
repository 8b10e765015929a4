"""Criteria in words: one line for a cut, a candidate, a threshold, as a person reads them."""

from schemas.criteria import (
    Candidate,
    Cut,
    NamedVariable,
    ObjectDefinition,
    OverlapRemoval,
    OverlapStep,
    Threshold,
)

SIGNS: dict[str | None, str] = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}


def word_cut(cut: Cut) -> str:
    """A cut as one line: variable, sign, value, unit, quantifier and condition."""
    text = _word_comparison(cut)
    if cut.quantifier == "any":
        text = f"any: {text}"
    if cut.condition:
        text = f"{text}, if {cut.condition}"
    return text


def word_threshold(threshold: Threshold) -> str:
    """A threshold with its unit."""
    unit = f" {threshold.unit}" if threshold.unit else ""
    if threshold.value is not None:
        return f"{word_number(threshold.value)}{unit}"
    if threshold.range is not None:
        left = "[" if threshold.closed in ("left", "both") else "("
        right = "]" if threshold.closed in ("right", "both") else ")"
        return f"{left}{word_number(threshold.range[0])}, {word_number(threshold.range[1])}{right}{unit}"
    if threshold.labels is not None:
        return " or ".join(threshold.labels)
    if threshold.values is not None:
        return f"{', '.join(word_number(v) for v in threshold.values)}{unit}"
    return f"{threshold.label or threshold.expression}{unit}"


def word_number(value: float) -> str:
    """A number without a needless `.0` and without losing digits."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def word_variable(variable: NamedVariable) -> str:
    """What a named variable is."""
    return f"in words: {variable.words}" if variable.words is not None else variable.expression


def word_object(definition: ObjectDefinition) -> str:
    """What a collection is made from."""
    if definition.union is not None:
        return "all of " + " and ".join(definition.union)
    base = definition.base if isinstance(definition.base, str) else " and ".join(definition.base or ())
    return f"from {base}"


def word_candidate(candidate: Candidate) -> str:
    """How a composite is built, what it requires, what decides between combinations."""
    parts = [_word_building(candidate)]
    if candidate.exclude:
        parts.append(f"without members of {', '.join(candidate.exclude)}")
    if candidate.require:
        needs = [r if isinstance(r, str) else ", ".join(f"{k} {v}" for k, v in r.items()) for r in candidate.require]
        parts.append("with " + ", ".join(n.replace("_", " ") for n in needs))
    if candidate.minimise:
        wanted = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise
        parts.append("taking the smallest " + ", then ".join(wanted))
    if candidate.maximise:
        parts.append(f"taking the largest {candidate.maximise}")
    return "; ".join(parts)


def word_removal(removal: OverlapRemoval | OverlapStep) -> str:
    """An overlap removal as one line."""
    if isinstance(removal, OverlapRemoval):
        return f"removed within ΔR < {word_number(removal.deltaR)} of {removal.with_}"
    return f"{removal.remove} within ΔR < {word_number(removal.deltaR)} of {removal.near} are removed"


def _word_comparison(cut: Cut) -> str:
    threshold = cut.threshold
    if cut.words is not None:
        return f"in words: {cut.words}"
    if threshold is None:
        return f"{cut.operator} {cut.variable}"
    if cut.operator == "between" and threshold.range is not None:
        low = "≤" if threshold.closed in ("left", "both") else "<"
        high = "≤" if threshold.closed in ("right", "both") else "<"
        unit = f" {threshold.unit}" if threshold.unit else ""
        first, last = (word_number(end) for end in threshold.range)
        return f"{first} {low} {cut.variable} {high} {last}{unit}"
    return f"{cut.variable} {SIGNS.get(cut.operator, cut.operator)} {word_threshold(threshold)}"


def _word_building(candidate: Candidate) -> str:
    if candidate.pairing is not None:
        return f"{', '.join(candidate.pairing)}: pairs of {candidate.pair}, chosen together"
    if candidate.pair is not None:
        return f"a pair of {candidate.pair}"
    if candidate.leading is not None:
        return f"the leading {candidate.n or 1} of {candidate.leading}"
    if candidate.assign is not None:
        return "one each of " + ", ".join(f"{role} from {where}" for role, where in candidate.assign.items())
    return "the sum of " + " and ".join(candidate.sum or ())
