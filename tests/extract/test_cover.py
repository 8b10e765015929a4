"""Coverage: which numeric comparisons of selection passages are listed, and which findings claim them."""

from extract.cover import cover, find_thresholds
from extract.grounding.ground import ground_findings
from schemas.coverage import Coverage
from schemas.document import Document
from schemas.finding import Finding
from tests.extract.documents import Rows, write_document

MUONS = "Muons must have p_T > 27 GeV, |η| < 2.5 and at least six hits, and those with |d_0| above 1 mm are rejected."
PAIR = "The pair is kept if its mass lies between 80 and 100 GeV, where m_Z = 91 GeV, in data from 2015–2018."


def find(variable: str, operator: str, value: object, quote: str, **more: object) -> Finding:
    return Finding.model_validate(
        {
            "id": f"{variable} {operator}",
            "stage": "object",
            "subject": "muon",
            "variable": variable,
            "operator": operator,
            "value": value,
            "quote": (quote,),
            "page": 1,
            "reader": "test",
        }
        | more
    )


def claim(document: Document, *findings: Finding) -> Coverage:
    return cover(document, findings, ground_findings(document, findings))


def test_lists_comparisons_in_words_and_signs_but_not_values_or_years() -> None:
    found = find_thresholds(write_document([MUONS, PAIR]))
    assert [t.number for t in found.thresholds] == ["27", "2.5", "six", "1", "80", "100"]
    assert all(t.claimed_by is None and t.number in t.text for t in found.thresholds)


def test_a_grounded_finding_claims_its_own_number_only() -> None:
    document = write_document([MUONS, PAIR])
    covered = claim(
        document,
        find("pt", ">", 27.0, MUONS, unit="GeV"),
        find("mass", "between", (80.0, 100.0), PAIR, unit="GeV", subject="dilepton"),
    )
    assert [t.claimed_by for t in covered.thresholds] == ["pt >", None, None, None, "mass between", "mass between"]
    assert [t.number for t in covered.unclaimed] == ["2.5", "six", "1"]


def test_a_refused_finding_claims_nothing_and_a_condition_is_claimed() -> None:
    text = "Jets with p_T < 60 GeV are required to have a JVT score > 0.5."
    document = write_document([text])
    wrong = find("jvt", ">=", 0.5, text, subject="jet")
    assert all(t.claimed_by is None for t in claim(document, wrong).thresholds)
    right = find("jvt", ">", 0.5, text, subject="jet", condition="p_T < 60 GeV")
    assert [t.claimed_by for t in claim(document, right).thresholds] == ["jvt >", "jvt >"]


def test_only_passages_that_speak_of_selection_count() -> None:
    text = "The yield above 200 GeV is smaller than 3 events and muons with p_T > 27 GeV are simulated."
    assert find_thresholds(write_document([text], title="Systematic uncertainties")).thresholds == ()
    assert find_thresholds(write_document([MUONS], title="Results")).thresholds == ()


def test_cells_of_selection_tables_count() -> None:
    table = Rows("Summary of the selection", ("", "Muons"), (("p_T [GeV]", "> 27"), ("|η|", "< 2.5")))
    found = find_thresholds(write_document(table=table))
    assert [t.number for t in found.thresholds] == ["27", "2.5"]
