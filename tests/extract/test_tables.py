"""Tables of our own: selection tables are read under their labels, other tables give nothing."""

import pytest

from extract.rules.tables import read_tables
from schemas.finding import Finding
from tests.extract.documents import Rows, write_document


def read(table: Rows) -> list[Finding]:
    return read_tables(write_document(table=table))


def meanings(table: Rows) -> list[tuple[object, ...]]:
    return [(f.subject, f.variable, f.operator, f.value, f.unit) for f in read(table)]


REGIONS = Rows(
    "Definition of the signal and control regions.",
    ["Variable", "SR-low", "CR-top"],
    [
        ["Number of b-tagged jets", "0", "≥ 1"],
        ["E_T^{miss} [GeV]", "> 120", "[80, 120]"],
        ["m_{jj} [GeV]", "60–105", "–"],
        ["Leading jet p_T [GeV]", "> 60", "> 60"],
        ["Δφ(j,j)", "< 2.5", "-"],
    ],
)


def test_regions_in_columns() -> None:
    found = [(f.scope, f.subject, f.variable, f.operator, f.value, f.unit, f.stage) for f in read(REGIONS)]
    assert found == [
        ("SR-low", "b-jet", "n", "==", 0.0, None, "region"),
        ("CR-top", "b-jet", "n", ">=", 1.0, None, "region"),
        ("SR-low", "met", "met", ">", 120.0, "GeV", "region"),
        ("CR-top", "met", "met", "between", (80.0, 120.0), "GeV", "region"),
        ("SR-low", "dijet", "mass", "between", (60.0, 105.0), "GeV", "region"),
        ("SR-low", "leading_jet", "pt", ">", 60.0, "GeV", "region"),
        ("CR-top", "leading_jet", "pt", ">", 60.0, "GeV", "region"),
        ("SR-low", "jet", "abs_deltaphi", "<", 2.5, None, "region"),
    ]


def test_objects_in_rows() -> None:
    table = Rows(
        "Summary of the object selection.",
        ["Object", "p_T [GeV]", "|η|", "Identification", "Isolation"],
        [
            ["Electrons", "> 7", "< 2.47", "Medium", "Loose"],
            ["Muons", "> 5", "< 2.7", "Tight", "–"],
            ["Jets", "> 30", "< 4.5", "", ""],
        ],
    )
    assert meanings(table) == [
        ("electron", "pt", ">", 7.0, "GeV"),
        ("electron", "abs_eta", "<", 2.47, None),
        ("electron", "id", "pass", "Medium", None),
        ("electron", "isolation", "pass", "Loose", None),
        ("muon", "pt", ">", 5.0, "GeV"),
        ("muon", "abs_eta", "<", 2.7, None),
        ("muon", "id", "pass", "Tight", None),
        ("jet", "pt", ">", 30.0, "GeV"),
        ("jet", "abs_eta", "<", 4.5, None),
    ]


def test_cells_with_words_and_several_requirements() -> None:
    table = Rows(
        "Summary of the selection criteria.",
        ["", "Requirement"],
        [
            ["Electrons", "E_T > 7 GeV and |η| < 2.47"],
            ["Jets", "p_T > 25 GeV and |η| < 2.4; p_T > 30 GeV and 2.4 < |η| < 4.5"],
            ["Leptons", "Two opposite-charge muons"],
            ["Lepton pairs", "- Leading lepton pair: 50 < m_{12} < 106 GeV - ΔR(ℓ, ℓ′) > 0.1"],
            ["Veto", "no b-jets (85% WP)"],
        ],
    )
    found = meanings(table)
    assert found[:4] == [
        ("electron", "et", ">", 7.0, "GeV"),
        ("electron", "abs_eta", "<", 2.47, None),
        ("jet", "pt", ">", 25.0, "GeV"),
        ("jet", "pt", ">", 30.0, "GeV"),
    ]
    assert [f.condition for f in read(table)[2:4]] == ["|η| < 2.4", "2.4 < |η| < 4.5"]
    assert ("muon", "n", "==", 2.0, None) in found
    assert ("muon", "charge", "==", "opposite sign", None) in found
    assert ("leading_pair", "mass", "between", (50.0, 106.0), "GeV") in found
    assert ("lepton", "deltaR", ">", 0.1, None) in found
    assert ("b-jet", "n", "==", 0.0, None) in found


def test_thresholds_per_flavour_and_bare_numbers_with_a_direction() -> None:
    table = Rows(
        "Kinematic requirements of the channels.",
        ["Requirement", "4ℓ channel", "2ℓ channel"],
        [
            ["Leading lepton p_T [GeV] >", "(e) 25 (μ) 20", "27"],
            ["Minimum E_T^{miss} [GeV]", "90", "-"],
            ["Number of leptons", "4", "2"],
            ["Jets", "≥ 2", "veto"],
        ],
    )
    assert [(f.scope, *m) for f, m in zip(read(table), meanings(table), strict=True)] == [
        ("4ℓ channel", "leading_electron", "pt", ">", 25.0, "GeV"),
        ("4ℓ channel", "leading_muon", "pt", ">", 20.0, "GeV"),
        ("2ℓ channel", "leading_lepton", "pt", ">", 27.0, "GeV"),
        ("4ℓ channel", "met", "met", ">", 90.0, "GeV"),
        ("4ℓ channel", "lepton", "n", "==", 4.0, None),
        ("2ℓ channel", "lepton", "n", "==", 2.0, None),
        ("4ℓ channel", "jet", "n", ">=", 2.0, None),
        ("2ℓ channel", "jet", "n", "==", 0.0, None),
    ]


def test_regions_in_rows_and_quantities_in_columns() -> None:
    table = Rows(
        "Definition of the categories.",
        ["Category", "N_{jets}", "m_{jj} [GeV]", "p_T^ℓ/GeV", "Charge", "b-jets"],
        [
            ["low mass", "≥ 2", "< 300", "> 60, > 30", "OS", "0"],
            ["2e2μ tail", "1–3", "< 60 or > 110", "–", "SS", "≥ 1 (77% WP)"],
        ],
    )
    found = [(f.scope, f.subject, f.variable, f.operator, f.value, f.condition) for f in read(table)]
    assert found == [
        ("low mass", "jet", "n", ">=", 2.0, None),
        ("low mass", "dijet", "mass", "<", 300.0, None),
        ("low mass", "leading_lepton", "pt", ">", 60.0, None),
        ("low mass", "subleading_lepton", "pt", ">", 30.0, None),
        ("low mass", "lepton", "charge", "==", "opposite sign", None),
        ("low mass", "b-jet", "n", "==", 0.0, None),
        ("2e2μ tail", "jet", "n", ">=", 1.0, None),
        ("2e2μ tail", "jet", "n", "<=", 3.0, None),
        ("2e2μ tail", "dijet", "mass", "outside", (60.0, 110.0), None),
        ("2e2μ tail", "lepton", "charge", "==", "same sign", None),
        ("2e2μ tail", "b-jet", "n", ">=", 1.0, "77% WP"),
    ]


def test_lists_and_twins_of_thresholds() -> None:
    table = Rows(
        "Requirements of the analysis.",
        ["Requirement", "ee channel"],
        [
            ["p_T^{ℓ_1}, p_T^{ℓ_2} [GeV]", "> 27, > 20"],
            ["Leading (subleading) jet p_T [GeV]", "> 60 (40)"],
            ["|m_{ee} - m_Z| [GeV]", "> 10"],
            ["ΔR(ℓ, j) >", "0.4"],
            ["Leptons", "two additional leptons with p_T > 8, 6 GeV, no b-jets"],
        ],
    )
    assert meanings(table)[:4] == [
        ("leading_lepton", "pt", ">", 27.0, "GeV"),
        ("subleading_lepton", "pt", ">", 20.0, "GeV"),
        ("leading_jet", "pt", ">", 60.0, "GeV"),
        ("subleading_jet", "pt", ">", 40.0, "GeV"),
    ]
    assert meanings(table)[4][1:] == ("other:abs_mass_minus_mZ", ">", 10.0, "GeV")
    assert meanings(table)[5][1:4] == ("deltaR", ">", 0.4)
    assert ("other:subleading additional lepton", "pt", ">", 6.0, "GeV") in meanings(table)
    assert meanings(table)[-1] == ("b-jet", "n", "==", 0.0, None)


@pytest.mark.parametrize(
    "table",
    [
        Rows(
            "Expected and observed yields in the signal regions after the full selection.",
            ["Process", "SR-low", "SR-high"],
            [["tt", "120.3 ± 4.1", "13.2 ± 1.1"], ["Diboson", "33 ± 2", "4.1 ± 0.4"], ["Data", "158", "< 3"]],
        ),
        Rows(
            "Impact of the systematic uncertainties.",
            ["Source", "Uncertainty [%]"],
            [["Jet energy scale", "2.3"], ["Muon isolation", "< 0.1"], ["Luminosity", "1.7"]],
        ),
        Rows(
            "Signal efficiency of each selection step.",
            ["Requirement", "Efficiency"],
            [["p_T > 25 GeV", "92%"], ["m_{ℓℓ} > 12 GeV", "88%"]],
        ),
        Rows(
            "Generators used for the simulated samples.",
            ["Process", "Generator"],
            [["VBF", "Powheg"], ["tt", "Sherpa"]],
        ),
    ],
)
def test_tables_of_results_give_nothing(table: Rows) -> None:
    assert read(table) == []


def test_quotes_are_verbatim_pieces_with_the_number() -> None:
    document = write_document(table=REGIONS)
    for finding in read_tables(document):
        assert finding.source == "table"
        assert all(piece in document.text for piece in finding.quote)
        number = finding.value[0] if isinstance(finding.value, tuple) else finding.value
        assert any(f"{number:g}" in piece for piece in finding.quote)
        assert finding.scope in finding.quote
    assert read_tables(document)[2].quote == ("E_T^{miss} [GeV]", "SR-low", "> 120")
