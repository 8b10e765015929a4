"""What a reader may make of a gold criterion: findings that still state it in other words, and findings that do not."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.gold import GoldCriterion, Points
from benchmarks.mutations import change_digits
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import UNITS, find_unit
from schemas.vocabulary import SUBJECTS, VARIABLES

NEGATIVE = ("remove_object", "reject_event")
TURNED = {
    ">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass", "minimise": "maximise", "maximise": "minimise",
}  # fmt: skip
COMPLEMENT = TURNED | {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
STRICT = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
CHOSEN = ("choose", "define")
RANKED = ("electron", "muon", "lepton", "photon", "jet", "b-jet", "tau")


class Variant(NamedTuple):
    """What was done, and what came out: one finding, or two that say it together."""

    kind: str
    findings: tuple[Finding, ...]


def make_finding(gold: GoldCriterion, number: int = 0) -> Finding:
    """The criterion as a perfect reader reports it."""
    value: object = gold.value
    if isinstance(value, Points):
        value = Ramp(argument="x", x=tuple(x for x, _ in value.points), y=tuple(y or 0.0 for _, y in value.points))
    raw = gold.model_dump(
        include={"stage", "subject", "second_subject", "variable", "operator", "unit", "effect", "condition", "scope"}
    )
    more = {"id": str(number), "value": value, "quote": (gold.quote or "q",), "page": gold.pages[0], "reader": "rules"}
    return Finding.model_validate(raw | more)


def mutate(gold: GoldCriterion) -> Iterator[Variant]:
    """Findings that say something else."""
    finding = make_finding(gold)
    for kind, update in _mutate(gold, finding):
        yield Variant(kind, (finding.model_copy(update=update),))


def _mutate(gold: GoldCriterion, finding: Finding) -> Iterator[tuple[str, dict[str, object]]]:
    for value in _change_values(gold, finding):
        yield "value", {"value": value}
    for unit in _change_units(gold):
        yield "unit", {"unit": unit}
    if gold.operator in TURNED:
        yield "direction", {"operator": TURNED[gold.operator]}
    if gold.operator in STRICT and STRICT[gold.operator] != gold.operator_alt:
        yield "strictness", {"operator": STRICT[gold.operator]}
    negative = gold.effect in NEGATIVE
    if gold.operator not in ("minimise", "maximise", "order"):
        for effect in ("keep",) if negative else NEGATIVE:
            yield "polarity", {"effect": effect}
    if negative:
        yield "what goes", {"effect": NEGATIVE[1 - NEGATIVE.index(gold.effect)]}
    for subject in _change_subjects(gold):
        yield "subject", {"subject": subject}
    for variable in _change_variables(gold):
        yield "variable", {"variable": variable}
    yield "page", {"page": max(gold.pages) + 7}
    if gold.second_subject is not None:
        for subject in ("photon", "tau", "other:nothing of the kind"):
            if subject not in (gold.subject, gold.second_subject):
                yield "second subject", {"second_subject": subject}
    if isinstance(finding.value, tuple) and gold.operator in ("between", "outside"):
        yield "swapped ends", {"value": finding.value[::-1]}
    if isinstance(finding.value, str) and gold.operator in ("pass", "fail"):
        for a, b in (("loose", "tight"), ("tight", "loose"), ("medium", "tight")):
            if a in finding.value.lower():
                yield "grade", {"value": finding.value.lower().replace(a, b)}
    if isinstance(finding.value, str) and gold.variable == "charge":
        yield "label", {"value": "same sign" if "opposite" in finding.value else "opposite sign"}


def _change_values(gold: GoldCriterion, finding: Finding) -> Iterator[object]:
    value = finding.value
    if isinstance(value, float):
        yield from change_digits(value)
    elif isinstance(value, Ramp):
        for part in ("x", "y"):
            numbers = getattr(value, part)
            for i, number in enumerate(numbers):
                if part == "x" or (isinstance(gold.value, Points) and gold.value.points[i][1] is not None):
                    for other in change_digits(number):
                        yield value.model_copy(update={part: (*numbers[:i], other, *numbers[i + 1 :])})
    elif isinstance(value, tuple):
        for i, number in enumerate(value):
            if isinstance(number, float):
                for other in change_digits(number):
                    yield (*value[:i], other, *value[i + 1 :])
    elif isinstance(value, str) and gold.counted:  # a formula
        yield from (re.sub(r"\d+", "77", value, count=n) for n in (1, 9))
        yield from (value.replace(a, b) for a, b in (("+", "-"), ("- ", "+ ")) if a in value)


def _change_units(gold: GoldCriterion) -> Iterator[str | None]:
    numeric = isinstance(gold.value, float | Points) or (
        isinstance(gold.value, tuple) and all(isinstance(v, float) for v in gold.value)
    )
    if not numeric or _is_nought(gold.value):
        return
    if gold.unit is None:
        yield from ("GeV", "mm", "%", "deg")
        return
    dimension = find_unit(gold.unit).dimension
    yield from (u.name for u in UNITS.values() if u.dimension == dimension and u.name != gold.unit)
    yield from ("mm",) if dimension != "length" else ("GeV",)
    if dimension != "angle":
        yield None


def _is_nought(value: object) -> bool:
    return value == 0.0 or value == (0.0,)


def _change_subjects(gold: GoldCriterion) -> Iterator[str]:
    if gold.variable in ("ht", "st", "meff", "met", "met_significance") and gold.subject in ("event", "met", "jet"):
        return  # they are the event's, whoever is named
    names = [s for s in ("electron", "photon", "tau", "fat-jet", "third_jet") if s != gold.subject]
    if gold.subject == "lepton" and gold.condition == "electron":
        names.remove("electron")  # a lepton that is an electron
    yield from (s for s in names if not (gold.second_subject == s and gold.variable.startswith("delta")))
    if gold.subject in RANKED:
        yield from (f"leading_{gold.subject}", f"subleading_{gold.subject}")
    if gold.subject.startswith("other:"):
        yield from (f"{gold.subject[:6]}anti {gold.subject[6:]}", f"{gold.subject[:6]}leading {gold.subject[6:]}")
    for subject in SUBJECTS:
        if "_" in gold.subject and subject == gold.subject.rpartition("_")[2]:
            yield subject


def _change_variables(gold: GoldCriterion) -> Iterator[str]:
    alike = {"deltaphi", "abs_deltaphi"}
    for variable in ("pt", "mass", "d0", "z0", "n", "deltaR", "mt", "abs_eta", "deltaphi", "other:something else"):
        if (gold.subject, variable) == ("met", "pt") and gold.variable == "met":
            continue
        if variable != gold.variable and not {variable, gold.variable} <= alike:
            yield variable
    if gold.variable.startswith("other:") and gold.variable not in VARIABLES:
        yield from (f"other:minimum {gold.variable[6:]}", f"{gold.variable}_7", f"other:no {gold.variable[6:]}")


def reword(gold: GoldCriterion) -> Iterator[Variant]:
    """Findings that say the same."""
    finding = make_finding(gold)
    for kind, update in _reword(gold, finding):
        yield Variant(kind, (finding.model_copy(update=update),))
    yield from _split(gold, finding)
    if gold.subject == "lepton" and gold.condition is None and gold.variable in ("pt", "abs_eta", "isolation", "mt"):
        flavours = (finding.model_copy(update={"id": s, "subject": s}) for s in ("electron", "muon"))
        yield Variant("leptons in two", tuple(flavours))


def _reword(gold: GoldCriterion, finding: Finding) -> Iterator[tuple[str, dict[str, object]]]:
    yield "as it is", {}
    for page in gold.pages[1:]:
        yield "another of its pages", {"page": page}
    yield "other stage", {"stage": "region" if gold.stage != "region" else "event"}
    yield "other scope", {"scope": "in the selection of section four"}
    yield "no scope", {"scope": None}
    if gold.operator_alt is not None:
        yield "second reading", {"operator": gold.operator_alt}
    if gold.effect in ("keep", *CHOSEN):
        for effect in {"keep", *CHOSEN} - {gold.effect}:
            yield "other word for what is kept", {"effect": effect}
    if gold.operator in COMPLEMENT and gold.operator not in ("minimise", "maximise"):
        for effect in ("keep",) if gold.effect in NEGATIVE else NEGATIVE:
            yield "complement", {"operator": COMPLEMENT[gold.operator], "effect": effect}
    yield from (("other unit", update) for update in _convert(gold, finding))
    if isinstance(finding.value, str) and gold.counted:
        for text in (finding.value.replace(" ", ""), finding.value.replace("pT", "p_T").replace("m_Z", "m_{Z}")):
            yield "formula spelled otherwise", {"value": text}
        first, sign, rest = finding.value.partition(" + ")
        if sign and "(" not in finding.value:
            yield "formula spelled otherwise", {"value": f"{rest} + {first}"}
    for name in ("subject", "second_subject", "variable"):
        words = getattr(gold, name)
        if words is not None and words.startswith("other:"):
            for text in _say_otherwise(words[6:]):
                yield f"other words for the {name.replace('_', ' ')}", {name: f"other:{text}"}


def _convert(gold: GoldCriterion, finding: Finding) -> Iterator[dict[str, object]]:
    """Numbers in other units of the same dimension; a plain number in percent."""
    try:
        unit = find_unit(gold.unit) if gold.unit else UNITS["%"].model_copy(update={"name": None, "divide": 1.0})
    except CriteriaError:
        return
    if not _has_numbers(finding.value) or gold.variable == "n" or gold.variable.startswith("other:n_"):
        return
    others = [u for u in UNITS.values() if u.dimension == unit.dimension and u.name != unit.name]
    for other in others:
        factor = (unit.multiply / unit.divide) / (other.multiply / other.divide)
        yield {"value": _scale(finding.value, factor), "unit": other.name}


def _has_numbers(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(v, float) for v in value)
    return isinstance(value, float | Ramp)


def _scale(value: object, factor: float) -> object:
    if isinstance(value, tuple):
        return tuple(float(f"{v * factor:.12g}") for v in value)
    if isinstance(value, Ramp):
        return value.model_copy(update={"y": tuple(float(f"{y * factor:.12g}") for y in value.y)})
    assert isinstance(value, float)
    return float(f"{value * factor:.12g}")


def _say_otherwise(words: str) -> Iterator[str]:
    """The same words with blanks for underscores, an article, a plural, capitals, signs of scripts left out."""
    yield words.replace("_", " ")
    yield f"the {words}"
    yield words.replace("^", "").replace("{", "").replace("}", "")
    if words.startswith("n_"):
        yield f"number of {words[2:].replace('_', ' ')}"
        yield f"N_{words[2:]}"
    if (
        words[-1:].isalpha()
        and words[-1] not in "sxz"
        and words.isascii()
        and len(words.split("_")[-1].split()[-1]) > 3
    ):
        yield f"{words}s"
    if " " in words and words.islower():
        yield words.capitalize()


def _split(gold: GoldCriterion, finding: Finding) -> Iterator[Variant]:
    if gold.operator != "between" or not isinstance(finding.value, tuple) or gold.effect in NEGATIVE:
        return
    low, high = finding.value
    ends = [
        finding.model_copy(update={"id": f"{i}", "operator": operator, "value": value})
        for i, (operator, value) in enumerate(
            zip((">=", "<=") if gold.variable == "n" else (">", "<"), (low, high), strict=True)
        )
    ]
    yield Variant("range in two", tuple(ends))
    yield Variant("range in two", tuple(ends[::-1]))
