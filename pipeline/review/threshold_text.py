"""A threshold as a person types it, and back: 50, 50 to 106, [105, 160), loose, loose or tight, an expression."""

import json
import math
import re
from collections.abc import Collection, Sequence
from typing import get_args

from schemas.constants import CONSTANTS
from schemas.criteria import Threshold
from schemas.errors import CriteriaError
from schemas.units import find_unit
from schemas.vocabulary import Closed, CutOperator

MAX_LENGTH = 4000
SHOWN = 60  # characters of a text in a message

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_BRACKETED = re.compile(rf"(?P<left>[\[(\]])\s*(?P<low>{_NUMBER})\s*[,;]\s*(?P<high>{_NUMBER})\s*(?P<right>[\])\[])")
_PLAIN_RANGE = re.compile(rf"(?P<low>{_NUMBER})\s*(?:to|and|-|\.\.+|[,;])\s*(?P<high>{_NUMBER})")
_MEASURED = re.compile(
    rf"(?P<numbers>[\[(\]]?\s*{_NUMBER}(?:\s*(?:to|and|or|-|\.\.+|[,;])\s*{_NUMBER})*\s*[\])\[]?)"
    r"\s*(?P<unit>[^\W\d]\S*|%|°)"
)
_LABEL = re.compile(r"[^\W\d][\w.+-]*(?: [\w.+-]+)*")
_ENDLESS = re.compile(r"[+-]?\s*(?:inf|infinity|nan|∞)", re.IGNORECASE)
_HELD = {"pass": "a cut that holds", "fail": "a cut that does not hold"}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NO_LABEL = frozenset({"and", "or", "not", "in", "is", "if", "else", "to"})
_CLOSED: dict[tuple[bool, bool], Closed] = {
    (False, False): "none", (True, False): "left", (False, True): "right", (True, True): "both",
}  # fmt: skip


def read_threshold(text: str, operator: CutOperator, unit: str | None = None, names: Collection[str] = ()) -> Threshold:
    """The threshold that a text means beside an operator; a unit may stand in the text or be given.

    A word is a label (a working point), unless it is a constant or one of `names`, the variables of the document.
    What begins with = is an expression in any case, what stands in double quotes is a label. Raises CriteriaError that
    says what was expected.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise CriteriaError(f"threshold '{_show(text)}': expected at most {MAX_LENGTH} characters")
    if '"' not in text:
        text = " ".join(text.split()).replace("−", "-").replace("–", "-")
    unit = unit.strip() or None if unit is not None else None
    if operator in ("pass", "fail"):
        raise CriteriaError(f"threshold '{_show(text)}': {_HELD[operator]} takes none; clear it")
    if not text:
        raise CriteriaError(f"the threshold is missing; expected {_expect(operator)}")
    endless = _find_endless(text, names)
    if endless is not None:
        raise CriteriaError(f"threshold '{_show(text)}': {endless} is no finite number; expected {_expect(operator)}")
    if operator in ("between", "outside"):
        return _read_range(text, operator, unit)
    if operator == "in":
        return _read_list(text, unit)
    return _read_single(text, operator, unit, names)


def write_threshold(threshold: Threshold) -> str:
    """A threshold as `read_threshold` reads it with the operator that it belongs to, without its unit."""
    if threshold.value is not None:
        return _write_number(threshold.value)
    if threshold.range is not None:
        low, high = (_write_number(end) for end in threshold.range)
        if threshold.closed is None:
            return f"{low} to {high}"
        left = "[" if threshold.closed in ("left", "both") else "("
        right = "]" if threshold.closed in ("right", "both") else ")"
        return f"{left}{low}, {high}{right}"
    if threshold.values is not None:
        return ", ".join(_write_number(value) for value in threshold.values)
    if threshold.labels is not None:
        return " or ".join(_write_label(label) for label in threshold.labels)
    if threshold.label is not None:
        return _write_label(threshold.label)
    return _write_expression(threshold.expression or "")


def takes_threshold(operator: str) -> bool:
    """Whether a cut with this operator has a threshold: all but pass and fail."""
    return operator in get_args(CutOperator) and operator not in ("pass", "fail")


def _read_range(text: str, operator: CutOperator, unit: str | None) -> Threshold:
    text, unit = _take_unit(text, unit)
    bracketed = _BRACKETED.fullmatch(text)
    found = bracketed or _PLAIN_RANGE.fullmatch(text)
    if found is None:
        raise CriteriaError(f"threshold '{_show(text)}': expected {_expect(operator)}")
    low, high = _read_number(found["low"]), _read_number(found["high"])
    if not low < high:
        raise CriteriaError(f"threshold '{_show(text)}': expected the lower end first")
    closed = _CLOSED[found["left"] == "[", found["right"] == "]"] if bracketed else None
    return Threshold(range=(low, high), closed=closed, unit=unit)


def _read_list(text: str, unit: str | None) -> Threshold:
    numbers, measured = _take_unit(text, unit)
    entries = [e.strip() for e in re.split(r",|;|\bor\b", numbers)]
    if all(re.fullmatch(_NUMBER, entry) for entry in entries):
        return Threshold(values=tuple(map(_read_number, entries)), unit=measured)
    labels = _split_labels(text)
    if labels is None:
        raise CriteriaError(f"threshold '{_show(text)}': expected {_expect('in')}")
    return Threshold(labels=tuple(labels), unit=unit)


def _read_single(text: str, operator: CutOperator, unit: str | None, names: Collection[str]) -> Threshold:
    if text.startswith("="):
        return Threshold(expression=_read_expression(text), unit=unit)
    if text.startswith('"'):
        labels = _split_labels(text)
        if labels is None or len(labels) != 1:
            raise CriteriaError(f"threshold '{_show(text)}': expected {_expect(operator)}")
        return Threshold(label=labels[0], unit=unit)
    measured, own = _take_unit(text, unit)
    if re.fullmatch(_NUMBER, measured):
        return Threshold(value=_read_number(measured), unit=own)
    plain = measured if own != unit else text
    if _BRACKETED.fullmatch(plain) or re.fullmatch(rf"{_NUMBER}\s*(?:to|,|\.\.+)\s*{_NUMBER}", plain):
        raise CriteriaError(
            f"threshold '{_show(text)}': {operator} takes one number; a range goes with between or outside"
        )
    if _is_label(text) and text not in names and text not in CONSTANTS:
        return Threshold(label=text, unit=unit)
    return Threshold(expression=text, unit=unit)


def _read_expression(text: str) -> str:
    rest = text[1:].strip()
    expression = json.loads(rest) if _STRING.fullmatch(rest) else rest
    if not isinstance(expression, str) or not expression:
        raise CriteriaError("the threshold is missing; expected an expression after =")
    return expression


def _split_labels(text: str) -> list[str] | None:
    """The labels of a list, in quotes or without; None where something else stands in it."""
    labels: list[str] = []
    rest = text
    while True:
        quoted = _STRING.match(rest)
        if quoted is not None:
            try:
                labels.append(json.loads(quoted[0]))
            except ValueError:
                return None
            rest = rest[quoted.end() :].lstrip()
        else:
            end = re.search(r"\s*(?:,|;|\bor\b)", rest)
            word = rest[: end.start()] if end else rest
            if not _is_label(word):
                return None
            labels.append(word)
            rest = rest[len(word) :].lstrip()
        if not rest:
            return labels
        joint = re.match(r"(?:,|;|or\b)\s*", rest)
        if joint is None:
            return None
        rest = rest[joint.end() :]


def _is_label(text: str) -> bool:
    return _LABEL.fullmatch(text) is not None and not _NO_LABEL & set(text.split()) and not _ENDLESS.fullmatch(text)


def _find_endless(text: str, names: Collection[str]) -> str | None:
    """What stands in the text where a number should and is infinite or none; None in quotes and expressions."""
    if text.startswith(("=", '"')) or text in names:
        return None
    entries = (entry.strip(" [](){}") for entry in re.split(r",|;|\b(?:to|and|or)\b|\.\.+", text))
    return next((e for e in entries if _ENDLESS.fullmatch(e)), None)


def _take_unit(text: str, unit: str | None) -> tuple[str, str | None]:
    """The text without a unit at its end, and the unit. Raises CriteriaError when another one was given."""
    found = _MEASURED.fullmatch(text)
    if found is None:
        return text, unit
    try:
        known = find_unit(found["unit"])
        if unit is not None and find_unit(unit) != known:
            raise CriteriaError(f"threshold '{_show(text)}': the unit is given as {unit} as well; expected one of them")
    except CriteriaError as error:
        if "as well" in str(error):
            raise
        return text, unit
    return found["numbers"].rstrip(), unit or found["unit"]


def _read_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise CriteriaError(f"threshold '{_show(text)}': expected a number that a computer can hold")
    return number


def _write_number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def _write_label(label: str) -> str:
    return label if _is_label(label) and label not in CONSTANTS else json.dumps(label, ensure_ascii=False)


def _write_expression(expression: str) -> str:
    for text in (expression, f"= {expression}"):
        try:
            if read_threshold(text, ">") == Threshold(expression=expression):
                return text
        except CriteriaError:
            continue
    return f"= {json.dumps(expression, ensure_ascii=False)}"


def _show(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= SHOWN else f"{short[:SHOWN]}…"


def _expect(operator: CutOperator) -> str:
    examples: Sequence[str] = {
        "between": ("a range such as 50 to 106, or [50, 106) with the ends said",),
        "outside": ("a range such as 1.37 to 1.52, or [1.37, 1.52] with the ends said",),
        "in": ("a list such as 1, 2, 3 or loose or tight",),
    }.get(operator, ("a number such as 50, a word such as loose, or an expression",))
    return examples[0]
