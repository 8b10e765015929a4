"""What the language of a sentence leaves to a cited work: definitions, likenesses, and everything else."""

import pytest

from extract.citing.delegations import find_delegations
from papers.bibliography import read_bibliography
from schemas.citation import Delegation
from schemas.document import Document
from schemas.finding import Finding
from tests.extract.documents import Block, make_document

SELECTION, OVERLAP = "other:selection", "other:overlap removal"


def make_paper(text: str, heading: str = "4 Object selection", more: tuple[Block, ...] = ()) -> Document:
    entries: list[Block] = [
        ("bibliography", f"[{n}] A. Author, Title {n}, J. Inv. {n} (2010) 1.") for n in range(1, 60)
    ]
    return make_document([("heading", heading), ("paragraph", text), *more, ("heading", "References"), *entries])


def delegate(text: str, heading: str = "4 Object selection") -> list[Delegation]:
    document = make_paper(text, heading)
    return list(find_delegations(document, read_bibliography(document)))


def names(found: list[Delegation], kind: str) -> list[tuple[str, str]]:
    return [(d.subject, d.variable) for d in found if d.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Muons have to pass the tight working point defined in Ref. [1] and have p_T > 20 GeV.", [("muon", "id")]),
        ("Muons are isolated using the criteria of Ref. [2].", [("muon", "isolation")]),
        ("Leptons must be well isolated [2].", [("lepton", "isolation")]),
        ("Electrons satisfy ‘medium’ criteria [3], have E_T > 7 GeV and |η| < 2.47.", [("electron", "id")]),
        (
            "Electrons fulfil the medium likelihood identification criteria [3] and a loose isolation requirement [4].",
            [("electron", "id"), ("electron", "isolation")],
        ),
        (
            "Photons have to meet tight identification and loose isolation criteria [5].",
            [("photon", "id"), ("photon", "isolation")],
        ),
        (
            "The overlap of jets and leptons is resolved as outlined in Ref. [6].",
            [("event", OVERLAP)],
        ),
        ("The overlap removal is the same as in the previous search [7].", [("event", OVERLAP)]),
        (
            "The event selection is identical to the one used in the analysis of earlier data [8].",
            [("event", SELECTION)],
        ),
        ("The object definitions of the earlier publication [8] are adopted.", [("event", SELECTION)]),
        ("Jets from pile-up are removed with the medium working point of the jet vertex tagger [9].", [("jet", "jvt")]),
        ("Jets with b hadrons are tagged at the 77% efficiency working point of the tagger [9].", [("b-jet", "btag")]),
        ("Electrons pass the criteria listed in Table 2 of Ref. [10].", [("electron", SELECTION)]),
        ("See Ref. [11] for a detailed description of the lepton identification.", [("lepton", "id")]),
        ("To suppress cosmic muons, the requirements of Ref. [12] are imposed.", [("muon", SELECTION)]),
        ("The photons pass a tight selection, described elsewhere [13].", [("photon", "id")]),
        ("The τ_h candidates pass the medium requirement of the discriminator against jets [14].", [("tau", "id")]),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str]]) -> None:
    found = delegate(text)
    assert names(found, "definition") == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The photon isolation is based on the one used in Ref. [1], with small changes.", ("photon", "isolation")),
        ("The identification of electrons is analogous to that in Ref. [2].", ("electron", "id")),
        ("The event selection follows closely that of Ref. [3].", ("event", SELECTION)),
        ("Muons are selected with a procedure inspired by Ref. [4].", ("muon", SELECTION)),
        ("Photons are reconstructed with a method similar to the one described in Ref. [5].", ("photon", SELECTION)),
        ("A similar strategy was used in Ref. [6] to select events.", ("event", SELECTION)),
        ("The requirements on muons are those of Ref. [7], except for the momentum.", ("muon", SELECTION)),
    ],
)
def test_likenesses(text: str, expected: tuple[str, str]) -> None:
    found = delegate(text)
    assert [d.kind for d in found] == ["similar"]
    assert names(found, "similar") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "The muon momentum is calibrated using the procedure described in Ref. [1].",
        "Electrons need E_T > 7 GeV, with their energy corrected as described in Ref. [2].",
        "The identification efficiency is measured with Z decays as described in Ref. [3].",
        "Jets are built with the anti-k_t algorithm [4] in a fast implementation [5].",
        "The jet energy resolution is about 10% [6].",
        "Events are classified by boosted decision trees [7] trained with a common package [8].",
        "The luminosity is measured with the method of Ref. [9].",
        "The background from misidentified leptons is estimated with the method described in Ref. [10].",
        "Compared with the selection in Ref. [11], more events are kept.",
        "Data quality requirements [12] are applied.",
        "The single-muon trigger applies loose isolation criteria [13].",
        "The fifth lepton satisfies the same isolation criteria as the other leptons [14].",
        "Simulated photons are shifted to match data [15].",
    ],
)
def test_what_gives_no_cut(text: str) -> None:
    found = delegate(text)
    assert found
    assert {d.kind for d in found} == {"other"}


def test_only_passages_on_selection_delegate() -> None:
    text = "The muon isolation criteria are described in Ref. [1]."
    assert delegate(text, "2 Monte Carlo simulation") == []
    assert delegate(text, "6 Systematic uncertainties") == []
    assert len(delegate(text)) == 1


def test_whom_the_text_speaks_of() -> None:
    text = "Electron candidates are built from clusters. They have to satisfy medium identification criteria [5]."
    assert names(delegate(text), "definition") == [("electron", "id")]


def test_lists_and_places() -> None:
    text = "Muons have p_T > 5 GeV. Their isolation follows Refs. [4–6, 9]. Photons have p_T > 25 GeV."
    found = delegate(text)
    assert [d.keys for d in found] == [("4", "5", "6", "9")]
    assert found[0].quote == ("Their isolation follows Refs. [4–6, 9].",)
    assert found[0].id != delegate(text.replace("Muons", "Leptons") + " They are isolated as in Ref. [7].")[1].id
    assert delegate("The selected masses are outside [1, 2] GeV and in the interval [3, 5].") == []


def make_finding(document: Document, quote: str, **more: object) -> Finding:
    start = document.text.index(quote)
    told = {"id": "r1", "stage": "object", "subject": "muon", "variable": "isolation", "operator": "pass", "page": 1}
    return Finding.model_validate({**told, "quote": (quote,), "start": start, "reader": "rules", **more})


def test_the_finding_whose_value_it_is() -> None:
    text = "Muons are isolated as described in Ref. [5]. They have p_T > 6 GeV."
    document = make_paper(text)
    bibliography = read_bibliography(document)
    cites = make_finding(document, "Muons are isolated as described in Ref. [5].", cites=("[5]",))
    other = make_finding(document, "They have p_T > 6 GeV.", id="r2", variable="pt", operator=">", value=6.0)
    assert find_delegations(document, bibliography, (other, cites))[0].finding == "r1"
    assert find_delegations(document, bibliography, (other,))[0].finding is None


def test_a_value_the_paper_states_itself_is_left_to_nobody() -> None:
    text = "Muons must satisfy isolation criteria [5]. The isolation sum must be below 15% of p_T."
    document = make_paper(text)
    bibliography = read_bibliography(document)
    said = make_finding(document, "The isolation sum must be below 15% of p_T.", operator="<", value=15.0, unit="%")
    assert [d.kind for d in find_delegations(document, bibliography)] == ["definition"]
    assert [d.kind for d in find_delegations(document, bibliography, (said,))] == ["other"]
