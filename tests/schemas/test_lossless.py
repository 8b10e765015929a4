"""YAML and JSON hold the same document, whatever is written in it."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.criteria import Cut, SelectionCriteria, Threshold
from schemas.criteria_yaml import dump_criteria, parse_criteria
from schemas.json_schema import build_json_schema
from tests.schemas.documents import ODD_NUMBERS, ODD_TEXTS, documents, numbers, texts

VALIDATOR = Draft202012Validator(build_json_schema())


def sampled(examples: int) -> settings:
    """So many examples, the same ones every time, however long each takes."""
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def check(criteria: SelectionCriteria) -> None:
    """To YAML and back, to JSON and back: equal every time, to the sign of a zero, and the second text is the first."""
    written = dump_criteria(criteria, "yaml")
    from_yaml = parse_criteria(written, "yaml")
    as_json = dump_criteria(from_yaml, "json")
    from_json = parse_criteria(as_json, "json")
    assert from_yaml == from_json == criteria
    assert repr(from_yaml) == repr(from_json) == repr(criteria)  # -0.0 equals 0.0
    assert dump_criteria(from_json, "yaml") == written
    assert dump_criteria(from_yaml, "json") == as_json
    assert written.encode("utf-8")


def hold(text: str, number: float) -> SelectionCriteria:
    """A document with a text and a number in the places that people edit."""
    cut = Cut(
        id="c", variable=text or "v", operator="in", threshold=Threshold(values=(number, 1.0), unit=text, literal=text),
        condition=text, note=text,
    )  # fmt: skip
    labelled = Cut(id="d", variable="v", operator="==", threshold=Threshold(label=text))
    return SelectionCriteria.model_validate(
        {
            "analysis": {"slug": text, "luminosity": number},
            "regions": [{"name": text, "cuts": [cut.model_dump(), labelled.model_dump()]}],
            "candidates": [{"name": "a", "assign": {text: text}, "require": [text, {text: text}]}],
            "outputs": [text, text],
        }
    )


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_survive_alone(text: str) -> None:
    check(hold(text, 1.5))


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_odd_numbers_survive_alone(number: float) -> None:
    check(hold("x", number))


@sampled(60)
@given(texts, numbers)
@example("a\n b", 1e-300)
def test_any_text_and_number_survives(text: str, number: float) -> None:
    check(hold(text, number))


@sampled(25)
@given(documents)
def test_any_document_survives(criteria: SelectionCriteria) -> None:
    check(criteria)


@sampled(15)
@given(documents, st.booleans())
def test_what_the_models_hold_is_as_the_schema_says(criteria: SelectionCriteria, nulls: bool) -> None:
    text = criteria.model_dump_json(by_alias=True) if nulls else dump_criteria(criteria, "json")
    VALIDATOR.validate(json.loads(text))
