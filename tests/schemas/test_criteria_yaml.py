"""YAML and JSON carry the same document, both ways."""

from pathlib import Path
from typing import Literal

import pytest

from schemas.criteria import Alternative, Answer, Cut, Question, SelectionCriteria, Threshold
from schemas.criteria_yaml import MAX_BYTES, dump_criteria, load_criteria, parse_criteria
from schemas.errors import CriteriaError
from schemas.evidence import Evidence
from tests.schemas.examples import ALL, H4L


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_round_trip(name: str, form: Literal["yaml", "json"], tmp_path: Path) -> None:
    criteria = load_criteria(ALL[name])
    path = tmp_path / f"criteria.{form}"
    path.write_text(dump_criteria(criteria, form), encoding="utf-8")
    assert load_criteria(path) == criteria
    assert load_criteria(str(path)) == criteria


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_awkward_text_and_numbers_survive(form: Literal["yaml", "json"]) -> None:
    evidence = Evidence(
        document_id="note", page=3, quote=("leptons: |η| < 2.47 # no comment", "yes\tno", "- 'x' \"y\" {a: [b]}"),
        spans=((3, 9),), alignment="exact", number="ok", unit="ok", operator="ok", polarity="not_applicable",
    )  # fmt: skip
    cut = Cut(
        id="tiny", variable="m", operator="in", evidence=(evidence,),
        threshold=Threshold(values=(0.1, 1e-17, 3.0, 123456789.123456), literal="1e3"),
    )  # fmt: skip
    question = Question(
        id="q1", text="which?", why="no", default="1.0",
        alternatives=(Alternative(key="1.0", text="on", changes=(cut,)),),
        answer=Answer(by="someone", at="2026-01-02T03:04:05Z", alternative="1.0"),
    )  # fmt: skip
    criteria = SelectionCriteria(questions=(question,))
    assert load_criteria(dump_criteria(criteria, form)) == criteria


def test_an_index_needs_no_quotes_in_a_flow_mapping() -> None:
    loose = H4L.replace('"higgs.leptons[0].pt"', "higgs.leptons[0].pt")
    assert loose != H4L
    assert load_criteria(loose) == load_criteria(H4L)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("objects: [\n", "line 2"),
        ("- 1\n- 2\n", "mapping"),
        (
            H4L.replace("value: 7, unit", "value: 7, units"),
            "cut 'e_pt', threshold, units: is no field here; did you mean unit?",
        ),
        (H4L.replace("value: 7, unit", "value: 7, label: x, unit"), "value and label"),
        (H4L.replace("value: 7, unit", "value: .nan, unit"), "cut 'e_pt', threshold, value: expected a finite number"),
        (H4L.replace("operator: between", "operator: within", 1), "cut 'm12', operator: 'within': expected"),
        ("analysis: {slug: a}\nanalysis: {slug: b}\n", "duplicate"),
    ],
)
def test_problems_are_placed(text: str, says: str) -> None:
    with pytest.raises(CriteriaError) as refusal:
        load_criteria(text)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CriteriaError, match=r"nothing\.yaml"):
        load_criteria(tmp_path / "nothing.yaml")


def test_what_is_far_too_large_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(CriteriaError, match=r"huge\.yaml: more than 10 MB"):
        load_criteria(path)
    with pytest.raises(CriteriaError, match="text: more than 10 MB"):
        parse_criteria("a" * (MAX_BYTES + 1), "text")
