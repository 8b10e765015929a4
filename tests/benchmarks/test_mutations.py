"""The mutation test of grounding: what it makes, what it leaves out, and its outcome on two development papers."""

import pytest

from benchmarks.gold import GoldCriterion, load_gold
from benchmarks.grounding import find_exclusion, list_quotes, make_finding, measure
from benchmarks.mutations import change_digits, make_mutants
from extract.grounding.ground import ground_findings
from papers.read import read_paper
from tests.extract.documents import write_document
from tests.shared import SHARED

TEXT = "Electrons (muons) must have p_T > 27 (25) GeV, and events with at least two leptons are kept."


def write(
    subject: str, variable: str, operator: str, value: object, unit: str | None = None, **more: object
) -> GoldCriterion:
    fields = {"id": f"{subject} {value}", "stage": "object", "pages": (1,), "numeric": True, "executable": True}
    return GoldCriterion.model_validate(
        fields
        | {"subject": subject, "variable": variable, "operator": operator, "value": value, "unit": unit, "quote": TEXT}
        | more
    )


LIST = (
    write("electron", "pt", ">", 27.0, "GeV"),
    write("muon", "pt", ">", 25.0, "GeV"),
    write("lepton", "n", ">=", 2.0),
)


def test_a_changed_number_differs_in_one_digit_or_by_a_power_of_ten() -> None:
    changed = change_digits(27.0)
    assert {28.0, 37.0, 26.0, 27000.0, 0.027, -27.0} <= set(changed)
    assert 27.0 not in changed


def test_mutants_are_false_and_refused_and_the_true_ones_are_kept() -> None:
    document = write_document([TEXT])
    for criterion in LIST:
        finding = make_finding(criterion)
        mutants = list(
            make_mutants(finding, criterion, LIST, document, ("Tracks of another paper lie within |η| < 1.9",))
        )
        assert {"number", "unit", "direction", "strictness", "effect", "quoted number", "hidden quote"} <= {
            m.kind for m in mutants
        }
        assert ground_findings(document, [finding])[0].grounded
        refused = ground_findings(document, [m.finding for m in mutants if not m.hidden])
        assert [e.finding for e in refused if e.grounded] == []


def test_a_mutant_that_another_criterion_states_is_left_out() -> None:
    twin = write("electron", "pt", ">", 25.0, "GeV", condition="in the other period")
    mutants = make_mutants(make_finding(LIST[0]), LIST[0], (*LIST, twin), write_document([TEXT]), ())
    assert not any(m.kind == "neighbour" and m.finding.value == 25.0 for m in mutants)


def test_entries_that_their_quote_does_not_say_are_left_out() -> None:
    assert find_exclusion(LIST[0]) is None
    assert find_exclusion(write("electron", "pt", ">", 31.0, "GeV")) == "figures"
    assert find_exclusion(write("electron", "id", "pass", "somewhat strict")) == "words"
    assert find_exclusion(write("vertex", "other:sum_pt2", "maximise", None)) == "choice"


@pytest.mark.parametrize("paper", ["2308.07216", "CMS-PAS-EXO-19-016"])
def test_development_papers(paper: str) -> None:
    if not (SHARED / "papers").exists():
        pytest.skip("needs papers of the shared development folder (set PAPERFILTER_SHARED)")
    lists = load_gold(SHARED / "papers" / "gold")
    gold = next(g for g in lists if g.paper == paper)
    score = measure(gold, read_paper(SHARED / "papers" / "pdf" / gold.pdf), list_quotes(lists, paper))
    assert [f for f in score.failures if f.kind != "true finding refused"] == []
    assert score.kept >= 0.99 * score.true
    assert score.tried > 500
