"""Pairings, choices, orders and preferences in sentences of our own."""

import pytest

from extract.rules.choices import read_choices
from tests.extract.documents import write_document


def read(text: str, title: str = "Event selection") -> list[tuple[str, str, str, object, str]]:
    findings = read_choices(write_document([text], title))
    return [(f.subject, f.variable, f.operator, f.value, f.effect) for f in findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The pair of leptons with a mass nearest to the Z boson mass is called the leading pair.",
            [("leading_pair", "other:abs_mass_minus_mZ", "minimise", None, "choose")],
        ),
        (
            "The lepton pair whose mass m_{12} (m_{34}) is closest (second closest) to the Z mass is the leading "
            "(subleading) pair, and both are selected.",
            [
                ("leading_pair", "other:abs_mass_minus_mZ", "minimise", None, "choose"),
                ("subleading_pair", "other:abs_mass_minus_mZ", "order", "second closest to mZ", "choose"),
            ],
        ),
        (
            "If several quadruplets pass, the quadruplet with m_{12} closest to m_Z is retained.",
            [("quadruplet", "other:abs_m12_minus_mZ", "minimise", None, "choose")],
        ),
        (
            "The dijet pair with a mass closest to the W boson mass is chosen.",
            [("dijet", "other:abs_mass_minus_mW", "minimise", None, "choose")],
        ),
        (
            "If more than one tau candidate is found, the one with the highest p_T is kept.",
            [("tau", "pt", "maximise", None, "choose")],
        ),
        (
            "Where two electrons overlap, the electron with the lower E_T is removed.",
            [("electron", "et", "minimise", None, "remove_object")],
        ),
        (
            "The vertex with the largest sum of squared track momenta p_T^2 is selected as the primary vertex.",
            [("vertex", "other:sum_pt2", "maximise", None, "choose")],
        ),
        (
            "The leptons and jets are paired by minimising the mass difference of the two leptoquark candidates.",
            [("leptoquark", "other:mass difference of the two leptoquark candidates", "minimise", None, "choose")],
        ),
        (
            "The candidate is taken from the final states in the order 4e, 2e2μ and 4μ.",
            [("quadruplet", "flavour", "order", ("4e", "2e2μ", "4μ"), "choose")],
        ),
        (
            "When an electron and a muon share a track, the electron is removed.",
            [("electron", "other:shared_id_track", "==", "shared", "remove_object")],
        ),
        (
            "Only the two leading photons are considered further.",
            [("photon", "pt", "maximise", "Only the two leading photons", "choose")],
        ),
    ],
)
def test_what_is_chosen(text: str, expected: list[tuple[str, str, str, object, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The working point was optimised by maximising the expected significance.",
        "The background is largest in the region with the lowest jet multiplicity.",
        "The BDT is trained to minimise the contribution of top-quark pairs.",
        "The mass resolution is best for muons with the highest p_T.",
    ],
)
def test_what_chooses_nothing(text: str) -> None:
    assert read(text) == []


def test_the_case_of_a_choice_is_its_condition() -> None:
    document = write_document(["If more than one photon passes these cuts, the photon with the highest p_T is taken."])
    (finding,) = read_choices(document)
    assert finding.condition == "more than one photon passes these cuts"
    assert finding.quote[0] in document.text
