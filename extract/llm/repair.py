"""One object of a reply into an Item: what is unambiguous is put right, what is not is dropped with a reason.

Repair never invents: a number, a unit or a relation comes from what the model wrote, spelled in another way. Whether
the paper says so is for the grounding to judge. A word that a closed list has not is no name either.
"""

import math
import re
from collections.abc import Mapping
from itertools import pairwise

from pydantic import ValidationError

from extract.llm.answers import MOST_THRESHOLDS, Item, Verdict
from extract.llm.fencing import unfence
from extract.llm.naming import Unusable, find, pick, read_name, read_variable, read_words
from extract.llm.parsing import Json
from extract.llm.synonyms import (
    CLOSED,
    EFFECTS,
    KEYS,
    NONE_SAYS_SOMETHING,
    NOTHING,
    OPERATOR_WORDS,
    SOURCES,
    STAGES,
    VERDICTS,
    read_number,
    split_unit,
)
from schemas.vocabulary import OPERATORS

_WITHOUT_VALUE = ("minimise", "maximise", "order", "pass", "fail")
_CRITERION = re.compile(  # "the muon isolation requirement", but no working point
    r"(?!.*(?:loose|medium|tight|nominal|standard|strict|\d))(?:\S+ ){0,2}?(?:isolation|identification|id)"
    r"(?: (?:requirement|criteri[ao]n?|cut|selection)s?)?",
    re.I,
)
_RELATION = re.compile(r"^\s*(>=|<=|=>|=<|==|!=|≥|≤|⩾|⩽|>|<|=|≠)\s*")
_RANGE = re.compile(
    r"^[\[(]?\s*([-+−]?[\d.]+(?:e[-+]?\d+)?)\s*(?:,|–|—|-|to|and|\.\.)\s*([-+−]?[\d.]+(?:e[-+]?\d+)?)\s*[\])]?\s*(.*)$",
    re.I,
)


def repair_item(raw: Mapping[str, object]) -> Item:
    """The item. Raises Unusable with the reason when it cannot be had without guessing."""
    own = _name_keys(raw)
    quote = _read_quote(own.get("quote"))
    variable, other_variable, unit_in_name = read_variable(own, quote)
    subject, other_subject = read_name(own, "subject", quote)
    second, other_second = read_name(own, "second_subject", quote)
    if subject is None:
        raise Unusable("it says nothing about its subject")
    operator = _read_operator(own.get("operator"))
    value, unit, operator, closed = _read_value(own, operator, unit_in_name, variable)
    if operator == "fail" and isinstance(value, str) and _CRITERION.fullmatch(value):
        value = None  # the name of what is not fulfilled says no more than the variable
    if variable in ("deltaeta", "deltaphi") and _is_magnitude(value):
        variable = f"abs_{variable}"
    if variable in ("met", "met_significance") and subject == "event":
        subject = "met"
    fields: dict[str, object] = {
        "quote": quote,
        "source": find(own.get("source"), SOURCES) or "prose",
        "page": _read_whole(own.get("page"), 1, 5000),
        "stage": pick(own, "stage", STAGES) or _guess_stage(own, subject, variable),
        "subject": subject, "other_subject": other_subject,
        "second_subject": second, "other_second_subject": other_second,
        "variable": variable, "other_variable": other_variable,
        "operator": operator, "value": value, "unit": unit,
        "closed": closed if operator in ("between", "outside") else None,
        "effect": pick(own, "effect", EFFECTS) or "keep",
        "effect_target": read_words(own.get("effect_target")),
        "condition": read_words(own.get("condition")),
        "scope": read_words(own.get("scope")),
        "group": read_words(own.get("group"), 60),
        "order": _read_whole(own.get("order"), 0, 100),
        "cites": _read_list(own.get("cites")),
    }  # fmt: skip
    try:
        return Item.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unusable(f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from error


def _is_magnitude(value: object) -> bool:
    """Whether bounds speak of a separation without its sign: none of them is negative, as papers print |Δη| and Δη."""
    numbers = value if isinstance(value, tuple) else (value,)
    return all(isinstance(v, int | float) and v >= 0 for v in numbers)


def _name_keys(raw: Mapping[str, object]) -> Json:
    named: Json = {}
    for key, value in raw.items():
        plain = re.sub(r"[\s-]+", "_", str(key).strip().lower())
        name = KEYS.get(plain, plain)
        if isinstance(value, str) and value.strip().lower() in NOTHING and name not in NONE_SAYS_SOMETHING:
            value = None
        if named.get(name) is None:
            named[name] = value
    return named


def _read_quote(value: object) -> tuple[str, ...]:
    pieces = value if isinstance(value, list) else [value]
    spelled = [str(p) if isinstance(p, int | float) else p for p in pieces if isinstance(p, str | int | float)]
    plain = [re.sub(r"\s+", " ", unfence(p)).strip() for p in spelled]
    kept = tuple(p[:500] for p in plain if p)
    if not kept:
        raise Unusable("it has no quote")
    return kept[:6]


def _read_operator(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    plain = re.sub(r"\s+", " ", value.strip().lower().replace("_", " "))
    operator = plain if plain in OPERATORS else OPERATOR_WORDS.get(plain)
    if operator is None:
        raise Unusable(f"operator '{plain[:30]}' is none of the list")
    return operator


def _read_value(
    own: Json, operator: str | None, unit_in_name: str | None, variable: str
) -> tuple[object, str | None, str, str | None]:
    """Value, unit, operator and closed ends; what a string holds of relation, range and unit is taken apart."""
    raw = own.get("value")
    if raw is None and (own.get("low") is not None or own.get("high") is not None):
        raw = [own.get("low"), own.get("high")]
    unit = read_words(own.get("unit"), 60) or unit_in_name
    closed = pick(own, "closed", CLOSED)
    if isinstance(raw, str):
        relation = _RELATION.match(raw)
        if relation is not None:
            operator = operator if operator not in (None, "==") else OPERATOR_WORDS[relation[1]]
            raw = raw[relation.end() :]
        raw, unit = _read_string(raw, operator, unit)
    value = _settle(raw)
    if isinstance(value, tuple) and len(value) == 2 and operator in ("between", "outside"):
        value, operator = _settle_range(value, operator)
    if operator is None:
        raise Unusable("it has no operator")
    _check(value, operator, own)
    numeric = isinstance(value, int | float | dict) or (isinstance(value, tuple) and not isinstance(value[0], str))
    return value, (unit if numeric and variable != "n" else None), operator, closed


def _read_string(text: str, operator: str | None, unit: str | None) -> tuple[object, str | None]:
    """A string that is a number with or without a unit, or a range; else the string."""
    found = _RANGE.match(text) if operator in ("between", "outside", "in", None) else None
    if found is not None:
        low, high = read_number(found[1]), read_number(found[2])
        if low is not None and high is not None:
            return [low, high], unit or found[3].strip() or None
    number = read_number(text)
    if number is not None:
        return number, unit
    plain, own_unit = split_unit(text)
    number = read_number(plain)
    if number is not None:
        return number, unit or own_unit
    return text, unit


def _settle(raw: object) -> object:
    """A value in one of the shapes of an answer; None when there is none."""
    if raw is None:
        return None
    if isinstance(raw, bool):
        raise Unusable("its value is true or false")
    if isinstance(raw, int | float):
        if not math.isfinite(raw):
            raise Unusable("its value is not a finite number")
        return float(raw)
    if isinstance(raw, str):
        plain = re.sub(r"\s+", " ", unfence(raw)).strip()
        if re.fullmatch(r"[-+]?(?:inf(?:inity)?|nan)|[\d.]+e\+?\d{3,}", plain, re.I):
            raise Unusable("its value is not a finite number")
        return plain[:200] or None
    if isinstance(raw, dict):
        return _settle_ramp(raw)
    if isinstance(raw, list):
        return _settle_list(raw)
    raise Unusable("its value has no known shape")


def _settle_list(raw: list[object]) -> object:
    if not raw:
        return None
    numbers = [read_number(str(v)) if isinstance(v, str) else v for v in raw]
    if all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in numbers) and any(
        v is not None for v in numbers
    ):
        if any(v is not None and not math.isfinite(v) for v in numbers):  # type: ignore[arg-type]
            raise Unusable("its value is not a finite number")
        kept = tuple(None if v is None else float(v) for v in numbers)  # type: ignore[arg-type]
        if len(kept) == 1:
            return kept[0]
        if len(kept) > 8:
            raise Unusable("its value is a list of too many numbers")
        return kept
    words = tuple(re.sub(r"\s+", " ", v).strip()[:200] for v in raw if isinstance(v, str) and v.strip())
    if len(words) != len(raw) or len(words) > 8:
        raise Unusable("its value is a list of mixed things")
    return words if len(words) > 1 else words[0]


def _settle_ramp(raw: Json) -> object:
    names = {str(k).lower(): v for k, v in raw.items()}
    x, y = names.get("x"), names.get("y")
    xs = _settle_list(x) if isinstance(x, list) else None
    ys = _settle_list(y) if isinstance(y, list) else None
    argument = read_words(names.get("argument"), 60)
    if not (isinstance(xs, tuple) and isinstance(ys, tuple) and len(xs) == len(ys) and argument):
        raise Unusable("its value is no complete list of corners")
    if None in (*xs, *ys) or any(a >= b for a, b in pairwise(xs)):
        raise Unusable("its corners are not in ascending order")
    return {"argument": argument, "x": xs, "y": ys, "x_unit": read_words(names.get("x_unit"), 60)}


def _settle_range(value: tuple[object, ...], operator: str) -> tuple[object, str]:
    """Ends in ascending order; a range with one end is a bound."""
    low, high = value
    if low is None or high is None:
        if operator == "outside" or low is high:
            raise Unusable("its range has no ends")
        return (low, ">") if high is None else (high, "<")
    if isinstance(low, float) and isinstance(high, float):
        if low == high:
            raise Unusable("its range is empty")
        return (min(low, high), max(low, high)), operator
    raise Unusable("its range has no numbers")


def _check(value: object, operator: str, own: Json) -> None:
    """Raises Unusable where value and operator do not go together."""
    if value is None:
        if operator in _WITHOUT_VALUE or own.get("cites"):
            return
        raise Unusable("it has no value")
    if isinstance(value, tuple) and None in value:
        raise Unusable("its value has holes")
    if operator in ("between", "outside"):
        if not (isinstance(value, tuple) and len(value) == 2):
            raise Unusable(f"'{operator}' needs a low and a high end")
    elif operator in (">", ">=", "<", "<=") and not isinstance(value, float | dict):
        raise Unusable(f"'{operator}' needs a number")


def _guess_stage(own: Json, subject: str, variable: str) -> str:
    if subject == "trigger":
        return "trigger"
    if own.get("scope"):
        return "region"
    return "event" if variable in ("n", "met", "ht", "st", "meff") or subject in ("event", "met") else "object"


def _read_whole(value: object, low: int, high: int) -> int | None:
    number = read_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return None
    return int(number) if number == int(number) and low <= number <= high else None


def _read_list(value: object) -> tuple[str, ...]:
    raw = value if isinstance(value, list) else [] if value is None else [value]
    keys = [k for v in raw if isinstance(v, str | int) for k in re.findall(r"[\w.+:/-]+", str(v))]
    plain = [k for k in keys if re.search(r"\d", k) and not re.fullmatch(r"refs?\.?", k, re.I)]
    return tuple(dict.fromkeys(k.strip(".:")[:60] for k in plain))[:6]


def read_verdict(raw: Mapping[str, object]) -> Verdict | None:
    """What a model says of one threshold; None when the object is no verdict."""
    says = raw.get("says", raw.get("kind", raw.get("verdict")))
    number = _read_whole(raw.get("threshold", raw.get("number", raw.get("n"))), 1, MOST_THRESHOLDS)
    word = find(says, VERDICTS) if not isinstance(says, bool) else "selection" if says else "no_selection"
    return (
        Verdict.model_validate({"threshold": number, "says": word}) if number and word and "quote" not in raw else None
    )
