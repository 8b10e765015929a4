"""Working points, triggers, charges, algorithms and delegations in sentences of our own."""

import pytest

from extract.rules.labels import read_labels
from tests.extract.documents import write_document

Expected = tuple[str, str, str, object]


def read(*paragraphs: str, title: str = "Object selection") -> set[Expected]:
    findings = read_labels(write_document(paragraphs, title))
    return {(f.subject, f.variable, f.operator, f.value) for f in findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Electrons must satisfy the medium likelihood identification and the loose isolation requirement [7].",
            {("electron", "id", "pass", "medium likelihood"), ("electron", "isolation", "pass", "loose")},
        ),
        (
            "Muon candidates are required to pass the ‘Tight’ working point. They must be isolated.",
            {("muon", "id", "pass", "Tight"), ("muon", "isolation", "pass", "isolated")},
        ),
        (
            "Like electrons, photons are required to fulfil tight identification and isolation criteria.",
            {("photon", "id", "pass", "tight"), ("photon", "isolation", "pass", "tight")},
        ),
        (
            "Jets with b hadrons are tagged. The tagging algorithm is used at its 77% efficiency working point.",
            {("b-jet", "btag", "pass", "77% efficiency")},
        ),
        (
            "The b-tagged jets are selected with the medium working point of DeepJet, with 1% mistag rate.",
            {("b-jet", "btag", "pass", "medium")},
        ),
        (
            "In the eτ (μτ) channel a tight (loose) WP of the anti-electron discriminator is required for taus.",
            {
                ("tau", "other:anti-electron discriminator", "pass", "tight"),
                ("tau", "other:anti-electron discriminator", "pass", "loose"),
            },
        ),
        (
            "Jets with p_T < 60 GeV and |η| < 2.4 must pass the jet vertex tagger to reject pile-up.",
            {("jet", "jvt", "pass", "jet vertex tagger")},
        ),
        (
            "Events were recorded with a combination of single-electron and dimuon triggers.",
            {("trigger", "other:trigger", "pass", "single-electron OR dimuon")},
        ),
        (
            "Only events in which all detector components were fully operational are considered.",
            {("event", "other:data_quality", "pass", "all detector components were fully operational")},
        ),
        (
            "Jets are clustered with the anti-k_t algorithm with radius parameter R = 0.4 from particle-flow objects.",
            {("jet", "algorithm", "==", "anti-kt (particle-flow)"), ("jet", "radius", "==", 0.4)},
        ),
        (
            "Large-R jets are built with the anti-k_t algorithm and a distance parameter of 1.0.",
            {("fat-jet", "algorithm", "==", "anti-kt"), ("fat-jet", "radius", "==", 1.0)},
        ),
        ("The two muons must have opposite charge.", {("muon", "charge", "==", "opposite sign")}),
        (
            "Exactly two same-flavour, opposite-sign leptons are required.",
            {("lepton", "flavour", "==", "same flavour"), ("lepton", "charge", "==", "opposite sign")},
        ),
        (
            "A requirement is placed on the BDT score to define the region.",
            {("event", "other:BDT score", "pass", "requirement is placed on the BDT score")},
        ),
    ],
)
def test_what_a_sentence_asks_for(text: str, expected: set[Expected]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The efficiency of the loose working point is 95% for muons and was measured in data.",
        "The uncertainty of the medium identification efficiency is applied to simulated electrons.",
        "Electrons that fail the tight identification criteria are used for the fake background estimate.",
        "The trigger efficiency of the single-muon triggers is 91%.",
        "Simulated jets are corrected with scale factors of the jet vertex tagger.",
        "The isolation efficiency was calibrated as described in Ref. [4].",
    ],
)
def test_what_a_sentence_only_tells(text: str) -> None:
    assert read(text) == set()


def test_a_delegation_names_the_work_and_copies_nothing() -> None:
    described, similar = (
        read_labels(write_document([text], "Muons"))
        for text in (
            "The isolation of muons is required as described in Ref. [31].",
            "Muons are selected with a procedure similar to the one described in Ref. [32].",
        )
    )
    assert [(f.subject, f.variable, f.value, f.cites, f.note) for f in described] == [
        ("muon", "isolation", None, ("[31]",), None)
    ]
    assert [(f.variable, f.value, f.cites) for f in similar] == [("other:selection", None, ("[32]",))]
    assert similar[0].note is not None
    assert "similar" in similar[0].note


def test_quotes_are_verbatim_and_scopes_follow_twins() -> None:
    text = "In the eτ (μτ) channel, a tight (loose) WP of the anti-muon discriminator is applied to tau candidates."
    document = write_document(["Tau candidates are reconstructed first. " + text])
    findings = read_labels(document)
    assert [(f.scope, f.value) for f in findings] == [("eτ channel", "tight"), ("μτ channel", "loose")]
    assert all(f.quote == (text,) and document.text.find(f.quote[0]) == f.start for f in findings)
    assert len({f.id for f in findings}) == 2


def test_other_sections_give_only_triggers_and_quality() -> None:
    text = "Muons must satisfy the tight identification. Events were collected with single-muon triggers."
    assert read(text, title="Systematic uncertainties") == set()
    assert read(text, title="Data and simulated samples") >= {("trigger", "other:trigger", "pass", "single-muon")}
