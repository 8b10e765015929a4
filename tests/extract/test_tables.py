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
        ("4ℓ channel", "met", "met", ">=", 90.0, "GeV"),
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
        ("2e2μ tail", "jet", "n", "between", (1.0, 3.0), None),
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


def test_thresholds_per_mass_point() -> None:
    columns = Rows(
        "Lower thresholds of the optimised selection for a few hypotheses. Momenta and masses are in GeV.",
        ["m_X [GeV]", "300", "600", "900"],
        [["S_T", "340", "610", "840"], ["m_{ee}", "95", "120", "…"], ["N_b", "≥ 1", "1–2", "veto"]],
    )
    found = [(f.scope, *m) for f, m in zip(read(columns), meanings(columns), strict=True)]
    assert found == [
        ("m_X = 300 GeV", "event", "st", ">", 340.0, "GeV"),
        ("m_X = 600 GeV", "event", "st", ">", 610.0, "GeV"),
        ("m_X = 900 GeV", "event", "st", ">", 840.0, "GeV"),
        ("m_X = 300 GeV", "dilepton", "mass", ">", 95.0, "GeV"),
        ("m_X = 600 GeV", "dilepton", "mass", ">", 120.0, "GeV"),
        ("m_X = 300 GeV", "b-jet", "n", ">=", 1.0, None),
        ("m_X = 600 GeV", "b-jet", "n", "between", (1.0, 2.0), None),
        ("m_X = 900 GeV", "b-jet", "n", "==", 0.0, None),
    ]
    rows = Rows(
        "Final selection for each mass.",
        ["m_X (TeV)", "H_T > (GeV)", "p_T^{miss} [GeV]", "max m_{jj} [GeV]"],
        [["0.4", "410", "≥ 90†", "75"], ["0.8", "770", "≥ 160", "105"]],
    )
    assert [(f.scope, *m) for f, m in zip(read(rows), meanings(rows), strict=True)] == [
        ("m_X = 0.4 TeV", "event", "ht", ">", 410.0, "GeV"),
        ("m_X = 0.4 TeV", "met", "met", ">=", 90.0, "GeV"),
        ("m_X = 0.4 TeV", "dijet", "mass", "<=", 75.0, "GeV"),
        ("m_X = 0.8 TeV", "event", "ht", ">", 770.0, "GeV"),
        ("m_X = 0.8 TeV", "met", "met", ">=", 160.0, "GeV"),
        ("m_X = 0.8 TeV", "dijet", "mass", "<=", 105.0, "GeV"),
    ]


def test_captions_say_the_unit_and_whose_a_symbol_is() -> None:
    table = Rows(
        "Table 4: Regions of the search. The variable m_T^{min} is the smaller transverse mass that a lepton forms "
        "with the missing momentum. Energies are given in GeV and a dash stands for no condition.",
        ["Region", "N_{jets}", "m_T^{min}", "H_T", "Δφ(j_{1,2,3}, E_T^{miss})_{min}", "E_T^{miss}/m_{eff}"],
        [["A", "≥ 3", "> 90", "250–700", "> 0.6", "> 0.35"], ["B", "2", "–", "> 700", "–", "–"]],
    )
    found = [(f.scope, f.subject, f.variable, f.operator, f.value, f.unit, f.condition) for f in read(table)]
    assert found == [
        ("A", "jet", "n", ">=", 3.0, None, None),
        ("A", "lepton", "mt", ">", 90.0, "GeV", "smallest"),
        ("A", "event", "ht", "between", (250.0, 700.0), "GeV", None),
        ("A", "jet", "abs_deltaphi", ">", 0.6, None, "j_{1,2,3}, smallest"),
        ("A", "event", "other:E_T^miss/m_eff", ">", 0.35, None, None),
        ("B", "jet", "n", "==", 2.0, None, None),
        ("B", "event", "ht", ">", 700.0, "GeV", None),
    ]


def test_tables_of_samples_that_bound_quantities() -> None:
    table = Rows(
        "Samples that enter the fit.",
        ["Sample", "E_{ECL} [GeV]", "p_ℓ^* [GeV/c]", "q^2 [GeV^2/c^4]"],
        [["Signal", "< 0.7", "< 1.9", "> 3"], ["Sideband", "1.1–2.1", "–", "–"]],
    )
    assert [(f.scope, *m) for f, m in zip(read(table), meanings(table), strict=True)] == [
        ("Signal", "event", "other:E_ECL", "<", 0.7, "GeV"),
        ("Signal", "lepton", "p", "<", 1.9, "GeV/c"),
        ("Signal", "event", "other:q^2", ">", 3.0, "GeV^2"),
        ("Sideband", "event", "other:E_ECL", "between", (1.1, 2.1), "GeV"),
    ]


def test_headers_that_are_conditions() -> None:
    table = Rows(
        "Selection of the categories.",
        ["Requirement", "N_{jet} = 0", "N_{jet} ≥ 1"],
        [["Mass", "m_{ℓℓ} > 14 GeV", "m_{ℓℓ} > 18 GeV"], ["m_{jj} [GeV]", "–", "> 230"]],
    )
    assert [(f.scope, *m) for f, m in zip(read(table), meanings(table), strict=True)] == [
        ("N_{jet} = 0", "jet", "n", "==", 0.0, None),
        ("N_{jet} ≥ 1", "jet", "n", ">=", 1.0, None),
        ("N_{jet} = 0", "dilepton", "mass", ">", 14.0, "GeV"),
        ("N_{jet} ≥ 1", "dilepton", "mass", ">", 18.0, "GeV"),
        ("N_{jet} ≥ 1", "dijet", "mass", ">", 230.0, "GeV"),
    ]
    objects = Rows(
        "Photon selection.",
        ["Variable", "|η| < 1.4", "1.6 < |η| < 2.5"],
        [["E_T^γ [GeV]", "> 22", "> 31"]],
    )
    assert [(f.scope, f.condition, f.value) for f in read(objects)] == [
        (None, "|η| < 1.4", 22.0),
        (None, "1.6 < |η| < 2.5", 31.0),
    ]


def test_twins_in_headers_and_in_cells() -> None:
    table = Rows(
        "Requirements on the objects.",
        ["", "Electrons (muons)", "Jets", "τ_h"],
        [["p_T [GeV]", "> 24 (21)", "> 35", "> 45"], ["|η|", "< 2.1 (2.3)", "< 4.2", "< 2.2"]],
    )
    assert meanings(table) == [
        ("electron", "pt", ">", 24.0, "GeV"),
        ("muon", "pt", ">", 21.0, "GeV"),
        ("jet", "pt", ">", 35.0, "GeV"),
        ("tau", "pt", ">", 45.0, "GeV"),
        ("electron", "abs_eta", "<", 2.1, None),
        ("muon", "abs_eta", "<", 2.3, None),
        ("jet", "abs_eta", "<", 4.2, None),
        ("tau", "abs_eta", "<", 2.2, None),
    ]


def test_regions_named_by_a_process_and_excluded_ranges() -> None:
    table = Rows(
        "Definition of the control regions.",
        ["Variable", "top", "W+jets"],
        [["p_T^{miss} [GeV]", "> 45", "> 65"], ["Excluded |η_e|", "1.4–1.6", "—"]],
    )
    assert [(f.scope, *m) for f, m in zip(read(table), meanings(table), strict=True)] == [
        ("top", "met", "met", ">", 45.0, "GeV"),
        ("W+jets", "met", "met", ">", 65.0, "GeV"),
        ("top", "electron", "abs_eta", "outside", (1.4, 1.6), None),
    ]


def test_vetoes_particles_and_formulas_as_labels() -> None:
    table = Rows(
        "Selection of the candidates in the two topologies. Momenta are in GeV.",
        ["Requirement", "Resolved", "Merged"],
        [
            ["b-veto", "yes", "–"],
            ["p_T^{miss}", "> 55", "> 110"],
            ["(p_T^{miss})^2/S_T <", "14", "11"],
        ],
    )
    assert [(f.scope, *m) for f, m in zip(read(table), meanings(table), strict=True)] == [
        ("Resolved", "b-jet", "n", "==", 0.0, None),
        ("Resolved", "met", "met", ">", 55.0, "GeV"),
        ("Merged", "met", "met", ">", 110.0, "GeV"),
    ]
    candidates = Rows("Cuts on the candidates.", ["Candidate", "p_T [GeV]", "|y|"], [["J/ψ", "> 6.4", "< 1.9"]])
    assert meanings(candidates) == [
        ("other:J/ψ candidate", "pt", ">", 6.4, "GeV"),
        ("other:J/ψ candidate", "abs_rapidity", "<", 1.9, None),
    ]


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
            "Upper limits at 90% confidence level for each mass.",
            ["m_X [GeV]", "σ [fb]", "p_T [GeV]"],
            [["30", "< 11", "< 31"], ["50", "< 22", "< 20"]],
        ),
        Rows(
            "Definition of the fiducial phase space.",
            ["Object", "Requirement"],
            [["Leptons", "p_T > 25 GeV, |η| < 2.5"], ["Jets", "p_T > 30 GeV"]],
        ),
        Rows(
            "Bins of the measurement.",
            ["H_T [GeV]", "Yield", "Purity"],
            [["120–180", "311 ± 21", "0.81"], ["180–250", "690 ± 33", "0.86"]],
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
