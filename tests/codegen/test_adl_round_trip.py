"""Criteria written as ADL and read back are the same document, whatever they hold."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.adl.read import read_adl
from codegen.adl.write import Writer, write_adl
from codegen.compile import compile_analysis
from codegen.profiles import load_profile
from schemas.checked_cut import CheckedCut
from schemas.criteria import SelectionCriteria
from schemas.criteria_yaml import load_criteria
from schemas.expressions.nodes import Node
from schemas.validation import check_criteria
from tests.codegen.adl_documents import Generator
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


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.parent.name)
def test_compiled_code_is_the_same_to_the_byte(path: Path) -> None:
    criteria = load_criteria(path)
    again = read_adl(write_adl(criteria), "x.adl")
    profile = load_profile("atlas_mini")
    assert compile_analysis(again, profile).source == compile_analysis(criteria, profile).source


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None)
def test_any_document_comes_back(seed: int) -> None:
    criteria = Generator(seed).document()
    assert read_adl(write_adl(criteria), "x.adl") == criteria


def strip_comments(text: str) -> str:
    """The file as somebody would have written it who does not know our comments."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))


@pytest.mark.parametrize("source", [*ANALYSES, *ALL.values()], ids=[*(p.parent.name for p in ANALYSES), *ALL])
def test_statements_alone_mean_the_same(source: Path | str) -> None:
    criteria = load_criteria(source)
    text = strip_comments(write_adl(criteria))
    for plain, adl in Writer(criteria).vocabulary.names.items():
        text = re.sub(rf"\b{adl}\b", plain, text)  # a name of one letter is longer in ADL
    alone = read_adl(text, "x.adl")
    assert not alone.questions
    assert list_meaning(alone) == list_meaning(criteria)


def list_meaning(criteria: SelectionCriteria) -> list[object]:
    """What is selected and stored, without ids, notes and units: typed tests, in order."""
    checked = check_criteria(criteria)
    found: list[object] = []
    for definition in criteria.objects:
        cuts = checked.objects[definition.name]
        found.append((definition.base, definition.union, [(c.with_, c.deltaR) for c in definition.remove_overlap]))
        found += [(join_groups(cuts), [(c.condition, c.cut.quantifier) for c in cuts])]
    for candidate in checked.candidates.values():
        made = candidate.candidate
        found.append((made.name, made.exclude, made.require, made.sum, made.pairing))
        found.append((candidate.source, dict(candidate.roles), candidate.scores, join_groups(candidate.select)))
    found.append(dict(checked.variables))
    places = {
        region.name: k for k, region in enumerate(criteria.regions)
    }  # names differ where ADL has another use for one
    for region in criteria.regions:
        cuts = checked.regions[region.name]
        parent = places[region.parent] if region.parent is not None else None
        found.append((parent, join_groups(cuts), [(c.condition, c.cut.quantifier) for c in cuts]))
    return [*found, criteria.outputs]


def join_groups(cuts: Sequence[CheckedCut]) -> list[list[Node]]:
    """The tests; those of one group together."""
    groups: dict[object, list[Node]] = {}
    for k, cut in enumerate(cuts):
        groups.setdefault(cut.cut.group or k, []).append(cut.test)
    return list(groups.values())
