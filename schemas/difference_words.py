"""Parts of two documents in words, for what differs between them."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.criteria import Candidate, Cut, NamedVariable, ObjectDefinition, Question, Region, Threshold
from schemas.cut_words import word_candidate, word_cut, word_object, word_threshold, word_variable
from schemas.units import to_base
from schemas.words import normalise_words


def list_differences(
    a: Cut, b: Cut, forms: Mapping[str, object], others: Mapping[str, object]
) -> list[tuple[str, str, str, bool]]:
    """Field, words before and after of what is written otherwise, and whether the field alone means the same."""
    told: list[tuple[str, str, str, bool]] = []
    if a.variable != b.variable:
        told.append(("variable", a.variable or "none", b.variable or "none", forms["variable"] == others["variable"]))
    if a.operator != b.operator:
        told.append(("operator", a.operator or "none", b.operator or "none", False))
    if a.words != b.words:
        same = normalise_words(a.words or "") == normalise_words(b.words or "")
        told.append(("words", a.words or "none", b.words or "none", same))
    thresholds = [word_threshold(c.threshold) if c.threshold is not None else "none" for c in (a, b)]
    if thresholds[0] != thresholds[1]:
        told.append(("threshold", thresholds[0], thresholds[1], _mean_the_same(a.threshold, b.threshold)))
    if a.quantifier != b.quantifier:
        told.append(("quantifier", a.quantifier, b.quantifier, False))
    if a.condition != b.condition:
        same = forms["condition"] == others["condition"]
        told.append(("condition", a.condition or "none", b.condition or "none", same))
    return told


def _mean_the_same(a: Threshold | None, b: Threshold | None) -> bool:
    """Whether two thresholds in numbers are the same in base units."""
    if a is None or b is None or (a.closed or "none") != (b.closed or "none"):
        return False
    numbers = [(t.value, t.values, t.range) for t in (a, b)]
    if any(n == (None, None, None) for n in numbers):
        return False

    def convert(t: Threshold) -> list[float]:
        given = ((t.value,) if t.value is not None else ()) + (t.values or ()) + (t.range or ())
        return [to_base(v, t.unit)[0] for v in given]

    kinds = [[n is None for n in one] for one in numbers]
    return kinds[0] == kinds[1] and convert(a) == convert(b)


def narrow(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The part of two orders in which they differ."""
    differ = [k for k, (x, y) in enumerate(zip(old, new, strict=True)) if x != y]
    return differ[0], differ[-1] + 1


def list_sources(definition: ObjectDefinition) -> tuple[str, ...]:
    base = definition.base
    return definition.union or ((base,) if isinstance(base, str) else base or ())


def word_definitions(parts: Iterable[ObjectDefinition | Candidate | NamedVariable | Region]) -> dict[str, str]:
    """What each definition says, for what only one document has."""
    said: dict[str, str] = {}
    for part in parts:
        if isinstance(part, ObjectDefinition):
            said[part.name] = "; ".join([word_object(part), *_word_cuts(part.cuts)])
        elif isinstance(part, Candidate):
            said[part.name] = "; ".join([word_candidate(part), *_word_cuts(part.select)])
        elif isinstance(part, NamedVariable):
            said[part.name] = word_variable(part)
        else:
            after = f"after {part.parent}" if part.parent else "from all events"
            said[part.name] = "; ".join([after, *_word_cuts(part.cuts)])
    return said


def _word_cuts(cuts: Iterable[Cut]) -> list[str]:
    return [word_cut(c) for c in cuts if c.status != "rejected"]


def word_part(candidate: Candidate, field: str) -> str | None:
    match field:
        case "pairing":
            return ", ".join(candidate.pairing or ()) or None
        case "exclude":
            return ", ".join(candidate.exclude) or None
        case "require":
            asked = [
                r if isinstance(r, str) else ", ".join(f"{k} {v}" for k, v in r.items()) for r in candidate.require
            ]
            return ", ".join(asked) or None
        case "chosen by":
            minimise = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
            if candidate.maximise is not None:
                return f"largest {candidate.maximise}"
            return "smallest " + ", then ".join(minimise) if minimise else None
    return word_candidate(
        candidate.model_copy(update={"require": (), "exclude": (), "minimise": None, "maximise": None})
    )


def word_answer(question: Question) -> str:
    answer = question.answer
    if answer is None:
        return "open"
    return f"{answer.alternative or answer.text or 'answered'} by {answer.by}"
