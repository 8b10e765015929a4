"""Criteria written as ADL and read back are the same document, whatever they hold."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.adl.read import read_adl
from codegen.adl.write import write_adl
from schemas.criteria_yaml import load_criteria
from tests.codegen.random_criteria import Generator
from tests.schemas.examples import ALL

ANALYSES = sorted((Path(__file__).parents[2] / "benchmarks" / "analyses").glob("*/criteria.yaml"))


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.parent.name)
def test_built_in_analyses_come_back(path: Path) -> None:
    criteria = load_criteria(path)
    assert read_adl(write_adl(criteria), "x.adl") == criteria


@pytest.mark.parametrize("name", ALL)
def test_worked_examples_come_back(name: str) -> None:
    criteria = load_criteria(ALL[name])
    assert read_adl(write_adl(criteria), "x.adl") == criteria


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None)
def test_any_document_comes_back(seed: int) -> None:
    criteria = Generator(seed).document()
    assert read_adl(write_adl(criteria), "x.adl") == criteria
