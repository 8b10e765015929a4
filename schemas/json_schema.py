"""The published JSON Schema of the criteria, made from the models: `ssc-1.0.schema.json` beside this file."""

import json
from pathlib import Path

from schemas.criteria import OLDER_VERSIONS, SCHEMA_VERSION, SelectionCriteria

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"  # the name of the dialect, not a place to fetch
IDENTIFIER = f"urn:paperfilter:ssc:{SCHEMA_VERSION}"
PUBLISHED = Path(__file__).with_name(f"ssc-{SCHEMA_VERSION}.schema.json")

THRESHOLDS = ("value", "values", "range", "label", "labels", "expression")
BUILT = ("pair", "leading", "assign", "sum")


def dump_json_schema() -> str:
    """The schema as text, the same bytes every time."""
    return json.dumps(build_json_schema(), ensure_ascii=False, indent=2) + "\n"


def build_json_schema() -> dict[str, Json]:
    """The schema of a criteria document (draft 2020-12), with what each field means.

    It says what the fields are, and which of them go together. Names, types and units of expressions are checked by
    `schemas.validation`.
    """
    made: dict[str, Json] = SelectionCriteria.model_json_schema(by_alias=True)
    definitions = made.pop("$defs")
    assert isinstance(definitions, dict)
    head: dict[str, Json] = {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": f"Structured Selection Criteria {SCHEMA_VERSION}",
    }
    schema: dict[str, Json] = {**head, **{k: v for k, v in made.items() if k != "title"}}
    properties = schema["properties"]
    assert isinstance(properties, dict)
    version = properties["schema_version"]
    assert isinstance(version, dict)
    version.pop("const", None)
    version["enum"] = [SCHEMA_VERSION, *OLDER_VERSIONS]
    _add(definitions, "Threshold", {"oneOf": [_given(k) for k in THRESHOLDS]})
    _add(definitions, "ObjectDefinition", {"oneOf": [_given("base"), _given("union")]})
    _add(definitions, "Candidate", {"oneOf": [_given(k) for k in BUILT], "allOf": _tie_candidate()})
    _add(definitions, "Cut", {"oneOf": _tie_words(), "allOf": _tie_threshold()})
    _add(definitions, "NamedVariable", {"oneOf": [_said("expression"), _given("words")]})
    schema["$defs"] = dict(sorted(definitions.items()))
    _drop_titles(schema, top=True)
    return schema


def _add(definitions: dict[str, Json], name: str, rules: dict[str, Json]) -> None:
    definition = definitions[name]
    assert isinstance(definition, dict)
    definition.update(rules)


def _given(key: str) -> dict[str, Json]:
    """The field is there and is not null."""
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _said(key: str) -> dict[str, Json]:
    """The text is there and is not empty."""
    return {"required": [key], "properties": {key: {"minLength": 1}}}


def _tie_words() -> list[Json]:
    """A cut compares something, or stands in words."""
    compares = [_said("variable"), _given("operator"), _given("threshold")]
    return [
        {"allOf": [*compares[:2], {"not": _given("words")}]},
        {"allOf": [_given("words"), {"not": {"anyOf": [*compares]}}]},
    ]


def _tie_threshold() -> list[Json]:
    """Which kind of threshold an operator takes."""

    def when(operators: list[str], then: dict[str, Json]) -> Json:
        matching: list[Json] = list(operators)
        return {"if": {"required": ["operator"], "properties": {"operator": {"enum": matching}}}, "then": then}

    def kind(*keys: str) -> dict[str, Json]:
        return {"required": ["threshold"], "properties": {"threshold": {"anyOf": [_given(k) for k in keys]}}}

    return [
        when(["pass", "fail"], {"not": _given("threshold")}),
        when(["between", "outside"], kind("range")),
        when(["in"], kind("values", "labels")),
        when([">", ">=", "<", "<=", "==", "!="], kind("value", "label", "expression")),
    ]


def _tie_candidate() -> list[Json]:
    return [
        {"if": _given("leading"), "then": _given("n"), "else": {"not": _given("n")}},
        {"if": _given("pairing"), "then": _given("pair")},
    ]


def _drop_titles(value: Json, *, top: bool = False) -> None:
    """Titles of fields only repeat their names."""
    if isinstance(value, dict):
        if not top and isinstance(value.get("title"), str):
            del value["title"]
        for inner in value.values():
            _drop_titles(inner)
    elif isinstance(value, list):
        for inner in value:
            _drop_titles(inner)
