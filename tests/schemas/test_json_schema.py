"""The published JSON Schema is what the models say, and a real validator takes and refuses what they do."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from schemas.criteria_yaml import dump_criteria, load_criteria
from schemas.json_schema import PUBLISHED, build_json_schema, dump_json_schema
from tests.schemas.examples import ALL, H4L

BUILT_IN = sorted((Path(__file__).parents[2] / "benchmarks" / "analyses").glob("*/criteria.yaml"))
VALIDATOR = Draft202012Validator(build_json_schema())


def test_the_published_file_is_fresh() -> None:
    command = "paperfilter export --form json-schema -o schemas/ssc-1.0.schema.json"
    assert PUBLISHED.read_text(encoding="utf-8") == dump_json_schema(), f"say `{command}`"


def test_it_is_a_schema_with_a_name_and_words_for_every_field() -> None:
    Draft202012Validator.check_schema(build_json_schema())
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert schema["$id"].startswith("urn:")
    assert "1.0" in schema["title"]
    for name, definition in {"document": schema, **schema["$defs"]}.items():
        assert definition.get("description"), name
        for field, described in definition["properties"].items():
            assert described.get("description") or "$ref" in described or name == "Box", f"{name}.{field}"


@pytest.mark.parametrize("text", [*ALL.values(), *BUILT_IN], ids=[*ALL, *(p.parent.name for p in BUILT_IN)])
def test_examples_and_built_in_criteria_validate(text: str | Path) -> None:
    written = text if isinstance(text, str) else text.read_text(encoding="utf-8")
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(written))
    criteria = load_criteria(text)
    VALIDATOR.validate(json.loads(dump_criteria(criteria, "json")))
    VALIDATOR.validate(json.loads(criteria.model_dump_json(by_alias=True)))  # as run folders have it, nulls and all


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 7, unit", "value: '7', unit"),
        ("value: 7, unit", "value: 7, label: x, unit"),
        ("value: 7, unit", "valu: 7, unit"),
        ("operator: between", "operator: within"),
        ("operator: between", "operator: pass"),
        ("operator: between", "operator: '>'"),
        ('operator: ">", threshold: {value: 7', 'operator: between, threshold: {value: 7'),
        ("base: electron,", "base: electron, union: [muons],"),
        ("pair: leptons, require", "pair: leptons, sum: [z2], require"),
        ("deltaR: 0.1}", "deltaR: 0}"),
        ("sum: [z1, z2]", "leading: leptons"),
        ("analysis: {slug: h4l", "schema_version: '7.0'\nanalysis: {slug: h4l"),
    ],
)  # fmt: skip
def test_what_the_models_refuse_it_refuses(old: str, new: str) -> None:
    assert old in H4L
    document = YAML(typ="safe", pure=True).load(H4L.replace(old, new, 1))
    assert not VALIDATOR.is_valid(document)
