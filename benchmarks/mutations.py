"""False findings made from true ones: numbers, units, relations, outcomes and quotes changed, one thing at a time.

A mutant that happens to be true is left out: one that another criterion of the same list states, or whose quote stands
in the paper too. Which mutants those are is decided here from the lists and the raw text, without asking the grounding.
"""

import re
from collections.abc import Iterator, Sequence
from math import isclose
from typing import NamedTuple

from benchmarks.gold import GoldCriterion
from schemas.document import Document
from schemas.errors import CriteriaError
from schemas.finding import Finding, Ramp
from schemas.units import to_base

_REVERSED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "!=", "between": "outside", "outside": "between",
             "minimise": "maximise", "maximise": "minimise", "pass": "fail", "fail": "pass"}  # fmt: skip
_COMPLEMENT = {
    ">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "==", "between": "outside", "outside": "between",
    "pass": "fail", "fail": "pass",
}  # fmt: skip
_STRICTNESS = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_UNITS = {"GeV": ("MeV", "TeV", None, "mm"), "MeV": ("GeV", "TeV", None), "TeV": ("GeV", "MeV", None),
          "mm": ("cm", "μm", "m", None, "GeV"), "cm": ("mm", "μm", None), None: ("GeV", "mm", "%")}  # fmt: skip
_UNSAID = re.compile(r"threshold|restricted to|limited to", re.IGNORECASE)
_WORDS = {
    w: n for n, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
_OUTCOMES = (
    ("rejected", "selected"), ("removed", "kept"), ("discarded", "kept"), ("vetoed", "selected"), ("not ", ""),
    ("no ", ""),
    ("outside", "inside"), ("fail", "pass"), ("required", "not required"), ("must", "must not"),
)  # fmt: skip
_RELATIONS = (
    (">", "<"), ("<", ">"), ("≥", ">"), ("≤", "<"), (">", "≥"), ("<", "≤"), ("at least", "at most"),
    ("at most", "at least"), ("above", "below"), ("below", "above"), ("greater", "less"), ("less than", "more than"),
    ("exactly", "at least"),
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.^_])\d+(?:\.\d+)?(?![\w.]*\d)")
INVENTED = (
    "Muon candidates are furthermore asked to have a transverse momentum of more than {v} {u}",
    "the quantity under study has to be smaller than {v} {u} in every one of the channels",
    "p_T > {v} {u} and |η| < 1.93",
    "events with at least {v} such candidates enter the ninth category",
)


class Mutant(NamedTuple):
    """A finding that the paper does not state. `hidden`: its quote is put into the document's hidden text."""

    kind: str
    finding: Finding
    note: str
    hidden: bool = False


def make_mutants(
    finding: Finding,
    criterion: GoldCriterion,
    criteria: Sequence[GoldCriterion],
    document: Document,
    foreign: Sequence[str],
) -> Iterator[Mutant]:
    """Every mutant of a true finding. `foreign` are quotes of other papers."""
    texts = _squeeze(document.text)
    true = _TrueElsewhere(criterion, criteria)
    for kind, changed, note in _change_claims(finding, criterion):
        if not true.states(changed):
            yield Mutant(kind, changed, note)
    for kind, changed, note in _change_quotes(finding, foreign):
        if not all(_squeeze(q) in texts for q in changed.quote):
            yield Mutant(kind, changed, note)
    for number, line in enumerate(INVENTED):
        value = finding.value if isinstance(finding.value, int | float) else 7
        quote = line.format(v=f"{value:g}", u=finding.unit or "").strip()
        if _squeeze(quote) not in texts:
            yield Mutant("invented quote", _with_quote(finding, (quote,)), f"line {number}")
            yield Mutant("hidden quote", _with_quote(finding, (quote,)), f"line {number}", hidden=True)


def _change_claims(finding: Finding, criterion: GoldCriterion) -> Iterator[tuple[str, Finding, str]]:
    value = finding.value
    for kind, other in _change_values(value, finding.quote):
        if not _same(other, value):
            yield kind, finding.model_copy(update={"value": other}), f"{value} -> {other}"
    quote = " ".join(finding.quote)
    if finding.operator in _REVERSED:
        yield "direction", _with_operator(finding, _REVERSED[finding.operator]), _REVERSED[finding.operator]
    strict = _STRICTNESS.get(finding.operator)
    if strict is not None and strict != criterion.operator_alt and not _is_open(criterion, quote):
        yield "strictness", _with_operator(finding, strict), strict
    if finding.operator in ("between", "outside"):
        for closed in ("none", "left", "right", "both"):
            if closed != finding.closed and (finding.closed is not None or not re.search(r"[<>≤≥]", quote)):
                yield "closed ends", finding.model_copy(update={"closed": closed}), closed
    if isinstance(value, int | float | Ramp) or (isinstance(value, tuple) and not isinstance(value[0], str)):
        for unit in _UNITS.get(finding.unit, ()):
            yield "unit", finding.model_copy(update={"unit": unit}), f"{finding.unit} -> {unit}"
    negative = finding.effect in ("remove_object", "reject_event")
    for effect in ("keep",) if negative else ("remove_object", "reject_event"):
        yield "effect", finding.model_copy(update={"effect": effect}), f"{finding.effect} -> {effect}"
    if finding.cites:
        keys = tuple(f"[{int(re.sub(r'[^0-9]', '', c) or 0) + 400}]" for c in finding.cites)
        yield "cited work", finding.model_copy(update={"cites": keys}), ", ".join(keys)


def _is_open(criterion: GoldCriterion, quote: str) -> bool:
    """Whether the printed words leave open if the limit belongs to the accepted side: thresholds of triggers do."""
    return criterion.stage == "trigger" or bool(_UNSAID.search(quote))


def _change_values(value: object, quotes: Sequence[str]) -> Iterator[tuple[str, object]]:
    if isinstance(value, int | float):
        yield from (("number", v) for v in change_digits(float(value)))
        yield from (("neighbour", v) for v in _list_neighbours(quotes))
    elif isinstance(value, Ramp):
        for part in ("x", "y"):
            numbers = getattr(value, part)
            for i, number in enumerate(numbers):
                for other in change_digits(number):
                    yield "number", value.model_copy(update={part: (*numbers[:i], other, *numbers[i + 1 :])})
        yield "swapped ends", value.model_copy(update={"y": value.y[::-1]})
        yield "swapped ends", value.model_copy(update={"x": value.x[::-1]})
    elif isinstance(value, tuple) and all(isinstance(v, int | float) for v in value):
        for i, number in enumerate(value):
            for other in (*change_digits(float(number)), *_list_neighbours(quotes)):
                yield "number", (*value[:i], other, *value[i + 1 :])
        if len(value) == 2:
            yield "swapped ends", value[::-1]
    elif isinstance(value, tuple) and len(value) > 1:
        yield "label", (*value[:-1], "seventh kind")
    elif isinstance(value, str):
        grades = ("loose", "medium", "tight")
        for a, b in [(a, b) for a in grades for b in grades if a != b and a in value.lower()]:
            yield "label", value.lower().replace(a, b)
        yield "label", value + " supertight"


def change_digits(value: float) -> tuple[float, ...]:
    """Numbers that differ in one digit, in sign or by a power of ten."""
    plain = f"{value:g}"
    changed = []
    for i, digit in enumerate(plain):
        if digit.isdigit():
            for shift in (1, 9):
                changed.append(float(plain[:i] + str((int(digit) + shift) % 10) + plain[i + 1 :]))
    changed += [value * 1000, value / 1000, value * 10, value / 10, -value, value + 1, value - 1]
    return tuple(dict.fromkeys(round(c, 9) for c in changed if not isclose(c, value, rel_tol=1e-9, abs_tol=1e-12)))


def _list_neighbours(quotes: Sequence[str]) -> tuple[float, ...]:
    text = " ".join(quotes)
    numbers = [float(m[0]) for m in _NUMBER.finditer(re.sub(r"\[[\d,\s–-]+\]|Ref\.? ?\[?\d+\]?", " ", text))]
    words = [float(n) for w, n in _WORDS.items() if re.search(rf"\b{w}\b", text, re.IGNORECASE)]
    return tuple(dict.fromkeys((*numbers, *words)))


def _change_quotes(finding: Finding, foreign: Sequence[str]) -> Iterator[tuple[str, Finding, str]]:
    for i, quote in enumerate(finding.quote):

        def put(text: str, i: int = i) -> Finding:
            return _with_quote(finding, (*finding.quote[:i], text, *finding.quote[i + 1 :]))

        for match in _NUMBER.finditer(quote):
            other = f"{change_digits(float(match[0]))[0]:g}"
            text = quote[: match.start()] + other + quote[match.end() :]
            yield "quoted number", put(text), f"{match[0]} -> {other}"
            if isinstance(finding.value, int | float) and float(match[0]) == finding.value:
                both = put(text).model_copy(update={"value": float(other)})
                yield "quoted and claimed number", both, f"{match[0]} -> {other}"
        for kind, table in (("quoted outcome", _OUTCOMES), ("quoted relation", _RELATIONS)):
            for old, new in table:
                at = re.search(rf"(?<![\w]){re.escape(old)}", quote)
                if at:
                    yield kind, put(quote[: at.start()] + new + quote[at.end() :]), f"{old} -> {new or 'nothing'}"
        if "GeV" in quote:
            yield "quoted unit", put(quote.replace("GeV", "MeV", 1)), "GeV -> MeV"
    for other in foreign:
        yield "quote of another paper", _with_quote(finding, (other,)), other[:40]


class _TrueElsewhere:
    """Whether a changed finding is what another criterion of the same list says."""

    def __init__(self, own: GoldCriterion, criteria: Sequence[GoldCriterion]) -> None:
        self._others = [c for c in criteria if c.id != own.id and c.variable == own.variable and _may_be(own, c)]

    def states(self, finding: Finding) -> bool:
        return any(self._is(finding, c) for c in self._others)

    def _is(self, finding: Finding, other: GoldCriterion) -> bool:
        negative = ("remove_object", "reject_event")
        if (finding.effect in negative) != (other.effect in negative):
            turned = _COMPLEMENT.get(finding.operator)  # what is not kept goes
            if turned is None:
                return False
            finding = finding.model_copy(update={"operator": turned, "effect": other.effect})
        if _ends(finding, other):
            return True
        counts = other.variable == "n" or other.variable.startswith("other:n_")
        own = _count(finding.operator, finding.value) if counts and finding.unit is None else None
        if own is not None and own == _count(other.operator, other.value):
            return True
        return finding.operator in (other.operator, other.operator_alt) and _agree(finding, other)


def _may_be(a: GoldCriterion, b: GoldCriterion) -> bool:
    """The same objects, as far as their names tell: a lepton may be a muon."""
    if a.subject == b.subject or ":" in a.subject + b.subject:
        return True
    wide = {"lepton": ("electron", "muon")}
    ends = [s.rsplit("_", 1)[-1] for s in (a.subject, b.subject)]
    return ends[0] == ends[1] or ends[0] in wide.get(ends[1], ()) or ends[1] in wide.get(ends[0], ())


def _ends(finding: Finding, other: GoldCriterion) -> bool:
    """Whether a one-sided finding is an end of a range that the other criterion asks for."""
    ends = other.value
    if other.operator != "between" or not isinstance(ends, tuple) or not isinstance(finding.value, int | float):
        return False
    end = {">": 0, ">=": 0, "<": 1, "<=": 1}.get(finding.operator)
    if end is None or finding.unit != other.unit:
        return False
    return isclose(float(finding.value), float(ends[end]), rel_tol=1e-9)


def _count(operator: str, value: object) -> tuple[str, float] | None:
    """One spelling of a condition on a number of objects: more than one is at least two."""
    if not isinstance(value, int | float) or value != int(value):
        return None
    shifted = {">": (">=", value + 1), "<": ("<=", value - 1)}.get(operator, (operator, value))
    operator, limit = shifted
    return {("<=", 0.0): ("==", 0.0), ("!=", 0.0): (">=", 1.0)}.get((operator, float(limit)), (operator, float(limit)))


def _list_values(value: object) -> tuple[float, ...]:
    if isinstance(value, int | float):
        return (float(value),)
    if isinstance(value, tuple):
        return tuple(float(v) for v in value if isinstance(v, int | float))
    return ()


def _agree(finding: Finding, other: GoldCriterion) -> bool:
    own, its = _list_values(finding.value), _list_values(other.value)
    if not own or len(own) != len(its):
        return finding.value == other.value
    pairs = zip(own, its, strict=True)
    try:
        return all(_same_base(a, finding.unit, b, other.unit) for a, b in pairs)
    except CriteriaError:
        return False


def _same_base(a: float, unit_a: str | None, b: float, unit_b: str | None) -> bool:
    (x, u), (y, v) = to_base(a, unit_a), to_base(b, unit_b)
    return u == v and isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)


def _same(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return a == b


def _with_operator(finding: Finding, operator: str) -> Finding:
    return finding.model_copy(update={"operator": operator})


def _with_quote(finding: Finding, quote: tuple[str, ...]) -> Finding:
    return finding.model_copy(update={"quote": quote, "start": None})


def _squeeze(text: str) -> str:
    return "".join(c for c in text if c.isalnum() or c in "<>≤≥=")
