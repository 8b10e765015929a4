"""A person's file stays theirs when a program changes something in it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.alternatives import apply_alternative, map_cuts
from schemas.criteria import Answer, Question, SelectionCriteria
from schemas.criteria_comments import rewrite_yaml
from schemas.criteria_yaml import dump_criteria, load_criteria, parse_criteria
from tests.schemas.documents import documents

BUILT_IN = sorted((Path(__file__).parents[2] / "benchmarks" / "analyses").glob("*/criteria.yaml"))

MINE = """\
# my selection, see the logbook
schema_version: "0.1"
analysis: {slug: mine}   # short

questions:                # asked first, so that I see them
- id: q1
  text: which one?
  why: not said
  cuts: [e_pt, e_eta]
  # the group meeting prefers the first
  alternatives:
  - {key: tight, text: the tight one, changes: [{id: e_pt, variable: pt, operator: ">", threshold: {value: 10, unit: GeV}}]}
  - {key: none, text: no eta cut, rejects: [e_eta]}

objects:
- name: electrons         # not the forward ones
  base: electron
  cuts:
  # from the table
  - {id: e_pt, variable: pt, operator: '>', threshold: {value: 7.0, unit: GeV}, quantifier: all}  # checked
  - id: e_eta             # both barrels
    operator: "<"
    variable: abs(eta)
    threshold:
      value: 2.47         # tracker
regions:
- name: sr
  cuts:
  - {id: first, variable: electrons[0].pt, operator: ">", threshold: {value: 20, unit: GeV}}
# the end
"""  # noqa: E501


def answer(criteria: SelectionCriteria, key: str) -> SelectionCriteria:
    (question,) = criteria.questions
    chosen = next(a for a in question.alternatives if a.key == key)
    given_by = Answer(by="Someone: # 1", at="2026-01-02T03:04:05Z", alternative=key)
    answered = question.model_copy(update={"answer": given_by})
    return apply_alternative(criteria, chosen).model_copy(update={"questions": (answered,)})


@pytest.mark.parametrize("key", ["tight", "none"])
def test_comments_order_and_style_survive_an_answer(key: str) -> None:
    criteria = answer(parse_criteria(MINE, "mine"), key)
    written = rewrite_yaml(MINE, criteria)
    assert parse_criteria(written, "mine") == criteria
    comments = [line[line.index("#") :] for line in MINE.splitlines() if "#" in line]
    assert [c for c in comments if c not in written] == []
    keys = [line.split(":")[0] for line in written.splitlines() if line[:1].isalpha()]
    assert keys == ["schema_version", "analysis", "questions", "objects", "regions"]
    assert "quantifier: all" in written  # a default that the person wrote down
    assert 'schema_version: "1.0"' in written or "schema_version: '1.0'" in written
    kept = [line for line in MINE.splitlines() if line in written.splitlines()]
    assert len(kept) >= len(MINE.splitlines()) - 6


def test_without_a_change_the_text_stays_as_it_is() -> None:
    assert rewrite_yaml(MINE, parse_criteria(MINE, "mine")) == MINE


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda p: p.parent.name)
def test_a_whole_document_keeps_its_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    criteria = map_cuts(load_criteria(path), lambda c: c.model_copy(update={"status": "edited", "by": "A. Physicist"}))
    written = rewrite_yaml(text, criteria)
    assert parse_criteria(written, "built in") == criteria
    comments = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
    assert [c for c in comments if c not in written] == []


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(documents, documents)
def test_what_is_written_is_always_what_was_meant(before: SelectionCriteria, after: SelectionCriteria) -> None:
    assert parse_criteria(rewrite_yaml(dump_criteria(before), after), "after") == after


def test_a_text_that_no_person_laid_out_is_written_anew() -> None:
    before = parse_criteria(MINE, "mine")
    question = Question(id="which", text="Which: one?", why="it says both")
    after = before.model_copy(update={"questions": (question, question.model_copy(update={"id": "other"}))})
    for known in (None, before):
        assert rewrite_yaml(dump_criteria(before), after, known) == dump_criteria(after)
        assert "# " in rewrite_yaml(MINE, after, known)
    assert parse_criteria(dump_criteria(after), "after") == after
