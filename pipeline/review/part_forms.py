"""A part of the criteria as the fields of a form, and back; and which field a message about it means."""

import re
from collections.abc import Mapping, Sequence
from typing import cast, get_args

from pipeline.review.form_fields import FieldProblem, Fields
from pipeline.review.part_yaml import build_part, read_part, write_part
from pipeline.review.threshold_text import read_threshold, takes_threshold, write_threshold
from schemas.criteria import Cut, Threshold
from schemas.errors import CriteriaError
from schemas.review import AnyPart, PartKind, ReviewState
from schemas.vocabulary import CutOperator

CUT_FIELDS = (
    "id", "variable", "operator", "threshold", "unit", "quantifier", "condition", "group", "words", "note",
)  # fmt: skip
OPERATORS = get_args(CutOperator)
LONGEST_NOTE = 2000

_OWNERS = re.compile(r"(?:(?:object|region|candidate|cut|variable) '[^']*'(?:, |: ))+")  # before what a message says
_QUOTED = re.compile("'([^']*)'")
_ABOUT_ID = re.compile(r"\b(?:an|the) id\b")


def list_values(part: AnyPart) -> dict[str, str]:
    """What the fields of a form hold for a part; of a cut its fields, of everything the YAML."""
    values = {"yaml": write_part(part)}
    if isinstance(part, Cut):
        threshold = part.threshold
        values |= {
            "id": part.id,
            "variable": part.variable,
            "operator": part.operator or "",
            "threshold": write_threshold(threshold) if threshold is not None else "",
            "unit": (threshold.unit or "") if threshold is not None else "",
            "quantifier": part.quantifier,
            "condition": part.condition or "",
            "group": part.group or "",
            "words": part.words or "",
            "note": part.note or "",
        }
    return values


def place_problem(message: str, fields: Fields) -> FieldProblem:
    """The field of a form that a message about the criteria means: the one that it names, or whose text it quotes."""
    rest = _OWNERS.sub("", message)
    if "yaml" in fields:
        return FieldProblem("yaml", rest)
    first = rest.replace(":", " ").split(" ")[0].strip("'")
    if first in CUT_FIELDS:
        return FieldProblem(first, rest)
    if rest.startswith("no threshold"):
        return FieldProblem("threshold", rest)
    if _ABOUT_ID.search(rest):
        return FieldProblem("id", rest)
    for quoted in _QUOTED.findall(rest):
        for name in ("variable", "condition", "threshold"):
            if quoted and quoted in fields.one(name):
                return FieldProblem(name, rest)
    return FieldProblem("", message)


def read_value(fields: Fields, kind: PartKind, before: AnyPart | None, state: ReviewState) -> AnyPart | FieldProblem:
    """The part as the form says it. What the form has no field for stays as it was."""
    try:
        if "yaml" in fields:
            return read_part(fields.one("yaml"), kind, before)
        if kind != "cut":
            return FieldProblem("yaml", "is missing; expected the definition as YAML")
        names = [v.name for v in state.criteria.variables]
        return _read_cut(fields, before if isinstance(before, Cut) else None, names)
    except CriteriaError as error:
        return place_problem(str(error), fields)


def _read_cut(fields: Fields, before: Cut | None, names: Sequence[str]) -> Cut | FieldProblem:
    was = list_values(before) if before is not None else {}
    said = {name: fields.one(name) if name in fields else was.get(name, "") for name in CUT_FIELDS}
    if len(said["note"]) > LONGEST_NOTE:
        return FieldProblem("note", f"more than {LONGEST_NOTE} characters; shorten it")
    if not said["id"]:
        return FieldProblem("id", "id: is missing; expected a name, such as m12_window")
    content: dict[object, object] = {
        name: said[name] for name in CUT_FIELDS if said[name] and name not in ("threshold", "unit")
    }
    try:
        threshold = _read_threshold(said, was, before, names)
    except CriteriaError as error:
        field = "unit" if str(error).startswith("unit") else "threshold"
        return FieldProblem(field, str(error))
    if threshold is None and said["unit"] and takes_threshold(said["operator"]) and not said["words"]:
        return FieldProblem("threshold", "threshold: is missing; a unit stands here without a number")
    if threshold is not None:
        content["threshold"] = threshold
    made = build_part(Cut, content, before)
    return cast("Cut", made)


def _read_threshold(
    said: Mapping[str, str], was: Mapping[str, str], before: Cut | None, names: Sequence[str]
) -> Threshold | None:
    if not said["threshold"] or said["operator"] not in OPERATORS:
        return None  # of the operator, the schema says what is expected
    same = all(said[name] == was.get(name) for name in ("threshold", "unit", "operator"))
    if same and before is not None:
        return before.threshold  # with the paper's literal
    return read_threshold(said["threshold"], cast("CutOperator", said["operator"]), said["unit"] or None, names)
