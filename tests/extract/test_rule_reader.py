"""The rule reader on documents: context over sentences, sections that say nothing of selection, places and quotes."""

import pytest

from extract.rules.reader import read_findings
from schemas.document import Document
from schemas.finding import Finding, Ramp
from tests.extract.documents import Block, make_document
from tests.shared import SHARED

PAPERS = {
    "2004.03447v3": (0.85, 56), "2007.07830v2": (0.75, 49), "2308.07216v2": (0.75, 15),
    "CMS-PAS-EXO-19-016": (0.75, 32),
}  # fmt: skip
ANALYSIS: tuple[Block, ...] = (
    ("heading", "1 Introduction"),
    ("paragraph", "Earlier searches required two leptons with p_T > 10 GeV and excluded masses up to 1 TeV."),
    ("heading", "2 Simulated samples"),
    ("paragraph", "Events with m_{ℓℓ} > 10 GeV are required at generator level."),
    ("heading", "3 Object reconstruction"),
    ("paragraph", "Jets must satisfy p_T > 30 GeV and |η| < 2.5. They must be separated from electrons by ΔR > 0.4."),
    (
        "paragraph",
        "The scalar sum of the tracks within a cone of ΔR = 0.3 around the muon gives the track isolation. Above a muon"
        " p_T of 40 GeV, the cone size falls linearly with p_T to a minimum cone size of 0.2 at 60 GeV.",
    ),
    ("heading", "4 Event selection"),
    ("paragraph", "Events need to have at least two jets with p_T > 30 GeV, and a leading jet with p_T > 100 GeV."),
    ("heading", "4.1 Signal region"),
    ("paragraph", "In addition, E_T^{miss} has to exceed 200 GeV, while events with additional leptons are"),
    ("caption", "Figure 1: The E_T^{miss} distribution for events with H_T > 500 GeV."),
    (
        "paragraph",
        "rejected. A minimum of 300 GeV is set for m_{jj}, and |Δη_{jj}| < 1 or |Δφ_{jj}| < 2 is demanded.",
    ),
    ("heading", "5 Systematic uncertainties"),
    ("paragraph", "Events are required to contain one muon with p_T > 25 GeV for this measurement."),
)  # fmt: skip
PAGES = (1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 5, 5)


@pytest.fixture(scope="module")
def document() -> Document:
    return make_document(ANALYSIS, PAGES)


@pytest.fixture(scope="module")
def findings(document: Document) -> tuple[Finding, ...]:
    return tuple(f for f in read_findings(document) if not isinstance(f.value, str))


def _find(findings: tuple[Finding, ...], subject: str, variable: str) -> list[Finding]:
    return [f for f in findings if f.subject == subject and f.variable == variable]


def test_only_sections_on_selection_are_read(findings: tuple[Finding, ...]) -> None:
    assert {f.page for f in findings} == {2, 3, 4}


def test_they_are_those_of_the_sentence_before(findings: tuple[Finding, ...]) -> None:
    [distance] = _find(findings, "jet", "deltaR")
    assert (distance.second_subject, distance.operator, distance.value) == ("electron", ">", 0.4)


def test_threshold_of_counted_objects_is_a_condition_when_it_repeats_their_definition(
    findings: tuple[Finding, ...],
) -> None:
    [count] = _find(findings, "jet", "n")
    assert (count.operator, count.value, count.condition) == (">=", 2.0, "p_T > 30 GeV")
    assert [f.value for f in _find(findings, "jet", "pt")] == [30.0]
    assert [f.value for f in _find(findings, "leading_jet", "pt")] == [100.0]


def test_cone_ramp_starts_from_the_size_printed_before(findings: tuple[Finding, ...]) -> None:
    [ramp] = [f for f in findings if isinstance(f.value, Ramp)]
    assert (ramp.subject, ramp.variable, ramp.effect) == ("muon", "deltaR", "define")
    assert isinstance(ramp.value, Ramp)
    assert (ramp.value.x, ramp.value.y) == ((40.0, 60.0), (0.3, 0.2))
    assert "0.3" in " ".join(ramp.quote)


def test_sentence_goes_on_behind_a_figure(document: Document, findings: tuple[Finding, ...]) -> None:
    [veto] = [f for f in findings if f.effect == "reject_event"]
    assert (veto.subject, veto.variable, veto.operator, veto.value, veto.page) == ("lepton", "n", ">=", 1.0, 3)
    assert all(fragment in document.text for fragment in veto.quote)
    assert not any(f.variable == "ht" for f in findings)


def test_alternatives_share_a_group(findings: tuple[Finding, ...]) -> None:
    joined = [f for f in findings if f.variable in ("abs_deltaeta", "abs_deltaphi")]
    assert len(joined) == 2
    assert len({f.group for f in joined}) == 1
    assert joined[0].group is not None
    [mass] = _find(findings, "dijet", "mass")
    assert (mass.operator, mass.value, mass.group) == (">=", 300.0, None)


def test_quotes_are_verbatim_and_start_where_the_number_stands(
    document: Document, findings: tuple[Finding, ...]
) -> None:
    for finding in findings:
        assert finding.start is not None
        assert document.page_at(finding.start) == finding.page
        assert all(fragment in document.text for fragment in finding.quote)


def test_reading_is_the_same_every_time(document: Document) -> None:
    assert read_findings(document) == read_findings(document)


@pytest.mark.parametrize("name", PAPERS)
def test_recall_on_development_papers(name: str) -> None:
    from benchmarks.extraction import Reading, score
    from benchmarks.gold import load_gold
    from papers.read import read_paper

    pdf = SHARED / "papers/pdf" / f"{name}.pdf"
    if not pdf.exists():
        pytest.skip("needs papers/pdf of the shared development folder (set PAPERFILTER_SHARED)")
    gold = next(g for g in load_gold(SHARED / "papers/gold") if g.pdf == pdf.name)
    wanted, counted = PAPERS[name]
    result = score(gold, Reading(paper=gold.paper, findings=read_findings(read_paper(pdf))))
    assert result.of == counted
    assert result.recall >= wanted
