"""What does not fit the fields of a criteria document, in the words of somebody who edits one."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas import criteria as parts
from schemas.evidence import Evidence

Step = str | int

# how the entries of a list are called in a message
NOUNS = {
    "objects": "object", "cuts": "cut", "select": "cut", "changes": "cut", "candidates": "candidate",
    "variables": "variable", "regions": "region", "questions": "question", "alternatives": "alternative",
}  # fmt: skip

# the fields of what stands under a key
MODELS: dict[str, type[BaseModel]] = {
    "": parts.SelectionCriteria, "analysis": parts.Analysis, "objects": parts.ObjectDefinition, "cuts": parts.Cut,
    "select": parts.Cut, "changes": parts.Cut, "threshold": parts.Threshold, "agreement": parts.Agreement,
    "remove_overlap": parts.OverlapRemoval, "overlap": parts.OverlapStep, "candidates": parts.Candidate,
    "variables": parts.NamedVariable, "binning": parts.Binning, "regions": parts.Region,
    "questions": parts.Question, "alternatives": parts.Alternative, "answer": parts.Answer,
    "evidence": Evidence, "history": Evidence,
}  # fmt: skip

OPERATORS = {"=": "==", "=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=", "range": "between",
             "within": "between", "not in": "outside", "veto": "fail", "passes": "pass", "is": "=="}  # fmt: skip


def describe_problems(error: ValidationError, content: Mapping[object, object]) -> tuple[str, ...]:
    """Each problem with its place: the cut by its id, everything else by its name. Of a choice of types, one."""
    told: dict[str, None] = {}
    places: set[str] = set()
    for details in error.errors(include_url=False):
        place, found, parent = _find_place(details["loc"], content)
        if place not in places or not place:
            told[f"{place}: {_word(details, place, found, parent)}".removeprefix(": ").replace("\n", " ")] = None
        places.add(place)
    return tuple(told)


def _find_place(loc: Sequence[Step], content: Mapping[object, object]) -> tuple[str, object, str]:
    """The place in words, what stands there, and the key of the entry that it is in."""
    words: list[str] = []
    current: object = content
    key, parent = "", ""
    for step in loc:
        if isinstance(current, list) and isinstance(step, int) and step < len(current):
            current = current[step]
            name = current.get("id", current.get("name", current.get("key"))) if isinstance(current, dict) else None
            noun = NOUNS.get(key, key)
            number = f"entry {step + 1}"
            words[-1] = f"{noun} '{name}'" if isinstance(name, str) else f"{noun} {number}"
            parent = key
        elif isinstance(current, dict) and (step in current or not _is_type_name(step)):
            parent = key if key in MODELS else parent
            current = current.get(step)
            key = str(step)
            words.append(key)
        # a step that is neither names the type that was tried
    return ", ".join(words), current, parent


def _is_type_name(step: Step) -> bool:
    text = str(step)
    return text in ("str", "float", "int") or text.startswith(("tuple[", "dict[", "union["))


def _word(details: ErrorDetails, place: str, found: object, parent: str) -> str:
    kind = details["type"]
    key = str(details["loc"][-1]) if details["loc"] else ""
    message = str(details["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return _word_unknown(key, parent)
    if (key.isdigit() and kind == "missing") or kind == "too_long":
        return "expected two numbers, the lower and the upper end"
    if kind == "missing":
        return "is missing; expected it here"
    if kind == "literal_error":
        expected = str(details.get("ctx", {}).get("expected", "")).replace("'", "")
        if key == "operator" and found in ("minimise", "maximise", "order"):
            return f"'{found}' belongs to a candidate; expected one of {expected}"
        meant = OPERATORS.get(str(found)) if key == "operator" else None
        close = [meant] if meant else get_close_matches(str(found), expected.replace(" or ", ", ").split(", "), n=1)
        return f"'{found}': expected {expected}" + (f"; did you mean {close[0]}?" if close else "")
    if kind in ("float_type", "int_type", "int_from_float"):
        noun = "a whole number" if kind.startswith("int") else "a number"
        hint = _hint_unit(found) if isinstance(found, str) else ""
        if isinstance(found, int) and not isinstance(found, bool):
            return "expected a number that a computer can hold"
        return f"expected {noun}, found {_show(found)}{hint}"
    if kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        return f"expected a number {message.removeprefix('Input should be ')}, found {_show(found)}"
    if kind == "finite_number":
        return f"expected a finite number, found {found}"
    if kind == "string_type" and isinstance(found, bool | int | float):
        return f"expected a text, found {_show(found)}; put it in quotes"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"expected {_describe_fields(key)}, found {_show(found)}"
    if kind == "tuple_type":
        return f"expected a list, found {_show(found)}"
    if kind == "string_type":
        return f"expected a text, found {_show(found)}"
    if message.startswith(("object '", "candidate '")) and place.endswith(message.split("'")[1] + "'"):
        return message.split("'", 2)[2].lstrip(": ")
    return message[:1].lower() + message[1:] if message.startswith("Input should") else message


def _word_unknown(key: str, parent: str) -> str:
    model = MODELS.get(parent)
    if model is None or not key.isidentifier():
        return "is no field here; an expression with a comma or a bracket stands in quotes"
    known = [f.alias or name for name, f in model.model_fields.items()]
    close = get_close_matches(key, known, n=1)
    return f"is no field here; did you mean {close[0]}?" if close else f"is no field here; there are {', '.join(known)}"


def _hint_unit(text: str) -> str:
    number, _, unit = text.strip().partition(" ")
    try:
        float(number)
    except ValueError:
        return ""
    return f"; write value: {number}, unit: {unit.strip()}" if unit else "; leave the quotes out"


def _describe_fields(key: str) -> str:
    examples = {"threshold": "a threshold such as {value: 7, unit: GeV}", "analysis": "fields such as {slug: h4l}"}
    return examples.get(key, "fields and values")


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "fields"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"'{value}'" if isinstance(value, str) else str(value).lower()
