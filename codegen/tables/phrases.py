"""Requirements in words and formulas: cuts, overlap removals, what objects and candidates are made of."""

import ast
import re

from codegen.tables.formulas import OR, SUM, Names, find_axis, join, write_formula
from codegen.tables.labels import say_label_test
from codegen.tables.pieces import Mark, Number, Phrase, Piece, Sign, Symbol, Unit, Words
from codegen.tables.symbols import find_composite
from codegen.wording import clean
from schemas.criteria import Candidate, Cut, ObjectDefinition, Threshold
from schemas.fields import BASES, EVENT_FIELDS, FIELDS

_PLURALS = {base: f"{base.replace('_', '-')}s" for base in BASES} | {"vertex": "vertices"}
_COUNT = re.compile(r"count\((?P<name>\w+)\)")
_ENERGY = re.compile(r"mass\([^()]*\)|pt\([^()]*\)|[\w.\[\]]+\.(?:pt|et|energy|mass)")
_FLAGS = {
    "same_flavour": "same flavour", "opposite_charge": "opposite charge", "same_charge": "same charge",
    "opposite_flavour": "different flavour",
}  # fmt: skip


def say_cuts(cuts: list[Cut], names: Names, per_event: bool) -> Phrase:
    """One cut, or several joined by "or"."""
    return join([say_cut(cut, names, per_event) for cut in cuts], Words(" or "))


def say_cut(cut: Cut, names: Names, per_event: bool) -> Phrase:
    """A cut: "|η| < 2.47", "50 < m₁₂ < 106 GeV", "at least tight identification, for all photons"."""
    axis = find_axis(cut.variable, names) if per_event and cut.words is None else None
    phrase = _say_words(cut.words) or _say_existence(cut, names) or _compare(cut, names, axis is not None)
    if axis is not None:
        quantifier = " for all " if cut.quantifier == "all" else " for at least one of the "
        phrase += (Words(quantifier), *axis)
    if cut.condition is not None:
        phrase += (Words(", if "), *write_formula(cut.condition, names))
    return phrase


def _say_words(words: str | None) -> Phrase | None:
    return (Words(f"in words: {clean(words)}"),) if words is not None else None


def _say_existence(cut: Cut, names: Names) -> Phrase | None:
    """ "candidate H exists", where a cut asks for at least one."""
    match = _COUNT.fullmatch(cut.variable.strip())
    value = cut.threshold.value if cut.threshold is not None else None
    if (
        match is None
        or match["name"] not in names.candidates
        or (cut.operator, value) not in ((">=", 1), ("==", 1), (">", 0))
    ):
        return None
    return (Words("candidate "), *find_composite(match["name"]), Words(" exists"))


def _compare(cut: Cut, names: Names, quantified: bool) -> Phrase:
    threshold = cut.threshold
    if threshold is None:
        inside = write_formula(cut.variable, names, OR if cut.operator == "pass" else 0, quantified)
        return inside if cut.operator == "pass" else (Words("not: "), *inside)
    if threshold.label is not None or threshold.labels is not None:
        return _say_labels(cut, threshold, names)
    variable = write_formula(cut.variable, names, SUM, quantified)
    if threshold.range is not None:
        return _say_range(cut, threshold, variable)
    if threshold.values is not None:
        numbers = join([(write_number(v),) for v in threshold.values], Mark(","))
        return (*variable, Mark("in"), Mark("{"), *numbers, Mark("}"), *_unit(threshold))
    relation: Sign = cut.operator if cut.operator in ("<", "<=", ">", ">=", "==", "!=") else "in"
    if threshold.value is not None:
        return (*variable, Mark(relation), write_number(threshold.value), *_unit(threshold))
    text = threshold.expression or ""
    line = _say_line(text, threshold, names)
    return (
        *variable,
        Mark(relation),
        *(line if line is not None else (*write_formula(text, names, SUM), *_unit(threshold))),
    )


def _say_line(text: str, threshold: Threshold, names: Names) -> Phrase | None:
    """A piecewise threshold: "12 GeV at m4ℓ ≤ 140 GeV, rising linearly to 50 GeV at 190 GeV, then constant"."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    match tree:
        case ast.Call(func=ast.Name(id="interp"), args=[argument, ast.List(elts=x), ast.List(elts=y)]) if (
            len(x) == len(y) > 1
        ):
            pass
        case _:
            return None
    what = write_formula(ast.unparse(argument), names, SUM)
    unit = names.units.get(ast.unparse(argument)) or ("GeV" if _ENERGY.fullmatch(ast.unparse(argument)) else None)
    at = [(*write_formula(ast.unparse(e), names), *((Unit(unit),) if unit else ())) for e in x]
    values = [(*write_formula(ast.unparse(e), names), *_unit(threshold)) for e in y]
    phrase = (*values[0], Words(" for "), *what, Mark("<="), *at[0])
    for here, value in zip(at[1:], values[1:], strict=True):
        phrase += (Words(", linear to "), *value, Words(" at "), *here)
    return (*phrase, Words(", constant above"))


def _say_labels(cut: Cut, threshold: Threshold, names: Names) -> Phrase:
    owner, _, field = cut.variable.strip().rpartition(".")
    labels = threshold.labels or (threshold.label or "",)
    if field in FIELDS or (field in EVENT_FIELDS and not owner):
        if threshold.label is not None:
            return say_label_test(field, cut.operator or "", threshold.label)
        return say_label_test(field, "==", " or ".join(labels))
    return (*write_formula(cut.variable, names, SUM), Words(f" {cut.operator} {' or '.join(labels)}"))


def _say_range(cut: Cut, threshold: Threshold, variable: Phrase) -> Phrase:
    assert threshold.range is not None
    low, high = (write_number(v) for v in threshold.range)
    left, right = threshold.closed in ("left", "both"), threshold.closed in ("right", "both")
    unit = _unit(threshold)
    if cut.operator == "outside":
        below: Phrase = (*variable, Mark("<" if left else "<="), low, *unit)
        return (*below, Words(" or "), *variable, Mark(">" if right else ">="), high, *unit)
    return (low, Mark("<=" if left else "<"), *variable, Mark("<=" if right else "<"), high, *unit)


def say_source(definition: ObjectDefinition) -> Phrase | None:
    """What a collection is made from, where its name does not say it."""
    if definition.union is not None:
        return (Words(_list(definition.union)),)
    bases = definition.base if isinstance(definition.base, tuple) else (definition.base or "",)
    words = [_PLURALS.get(b, b.replace("_", " ")) for b in bases]
    if len(bases) == 1 and words[0] == definition.name.replace("_", "-"):
        return None
    return (Words(_list(words)),)


def say_removal(near: str, radius: float) -> Phrase:
    """An overlap removal, as what goes."""
    return (
        Words("removed within "),
        Symbol("deltaR"),
        Mark("<"),
        write_number(radius),
        Words(f" of {near.replace('_', ' ')}"),
    )


def say_candidate(candidate: Candidate, names: Names) -> list[Phrase]:
    """What a candidate is, what it requires, and what it is chosen by: a phrase each."""
    phrases: list[Phrase] = []
    if candidate.sum is not None:
        phrases.append(join([find_composite(n) for n in candidate.sum], Mark("+")))
    elif candidate.leading is not None:
        phrases.append((Words(_say_leading(candidate.n or 0, candidate.leading)),))
    elif candidate.assign is not None:
        parts = [f"one {role} of {_say_slice(source)}" for role, source in candidate.assign.items()]
        phrases.append((Words(f"{_list(parts)} each, in all assignments"),))
    elif candidate.pairing is not None:
        pairs = join([find_composite(p) for p in candidate.pairing], Words(" and "))
        phrases.append((Words(f"pairs of {_say_slice(candidate.pair or '')} chosen together: "), *pairs))
    else:
        phrases.append((Words(f"pair of {_say_slice(candidate.pair or '')}"),))
    flags = [
        _FLAGS.get(r, r) if isinstance(r, str) else _list([f"{_FLAGS.get(k, k)} {v}s" for k, v in r.items()])
        for r in candidate.require
    ]
    if flags:
        phrases.append((Words(", ".join(flags)),))
    if candidate.exclude:
        others = join([find_composite(n) for n in candidate.exclude], Words(" or "))
        phrases.append((Words("no object of "), *others))
    minimise = (candidate.minimise,) if isinstance(candidate.minimise, str) else candidate.minimise or ()
    if minimise:
        scores = join([write_formula(m, names) for m in minimise], Words(", then "))
        phrases.append((Words("smallest "), *scores))
    if candidate.maximise is not None:
        phrases.append((Words("largest "), *write_formula(candidate.maximise, names)))
    return phrases


def write_number(value: float) -> Number:
    """A number with at most twelve digits."""
    return Number(f"{value:.12g}")


def _unit(threshold: Threshold) -> tuple[Piece, ...]:
    return (Unit(threshold.unit),) if threshold.unit else ()


def _say_slice(source: str) -> str:
    name, bracket, rest = source.strip().partition("[:")
    number = rest.rstrip("]")
    if bracket and number.isdigit():
        return _say_leading(int(number), name)
    return source.replace("_", " ")


def _say_leading(number: int, collection: str) -> str:
    """The leading one or several of a collection; for one that is no plural, the one of it."""
    plain = collection.replace("_", " ")
    if number != 1:
        return f"the {number} leading {plain}"
    if plain.endswith("s") and not plain.endswith(("ss", "ies", "ices")):
        return f"the leading {plain[:-1]}"
    return f"the leading one of {plain}"


def _list(words: list[str] | tuple[str, ...]) -> str:
    plain = [w.replace("_", " ") for w in words]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}" if plain else ""
