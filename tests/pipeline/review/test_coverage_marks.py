"""Printed thresholds wait for a word, until a finding, a part or a person claims them."""

from pathlib import Path

import pytest

from extract.cover import cover
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from pipeline.review.coverage_marks import list_thresholds, list_unclaimed
from pipeline.review.documents import ReviewedDocument
from pipeline.review.pages import list_words
from pipeline.review.selections import make_evidence
from pipeline.run_store import dump_artefact
from schemas.criteria import Cut, ObjectDefinition, SelectionCriteria, Threshold
from schemas.review import Mark, ReviewState
from tests.papers.typesetting import read_note

NOTE = r"""
= Event selection
Muons are required to have $p_T > 5$ GeV and $|eta| < 2.7$.
Photons are required to have $E_T > 22$ GeV.
The width of showers is required to be less than 3.5 in the strips.
"""


class Noted:
    """A note, and the coverage of what the rules read in it."""

    def __init__(self, folder: Path) -> None:
        document = read_note(folder, NOTE)
        self.run = folder
        self.paper = ReviewedDocument(document, None, is_paper=True)
        self.findings = [f for f in read_findings(document) if f.subject == "muon"]
        self.proofs = ground_findings(document, self.findings)
        dump_artefact(folder / "coverage.json", cover(document, self.findings, self.proofs))

    def list_numbers(self, state: ReviewState) -> list[str]:
        """The numbers that nothing claims."""
        return [t.threshold.number for t in list_unclaimed(self.run, (self.paper,), state)]


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Noted:
    return Noted(tmp_path_factory.mktemp("noted"))


def make_state(*definitions: ObjectDefinition, marks: tuple[Mark, ...] = ()) -> ReviewState:
    return ReviewState(criteria=SelectionCriteria(objects=definitions), marks=marks)


def test_what_a_finding_claims_names_the_parts_that_came_of_it(noted: Noted) -> None:
    proof = next(p for f, p in zip(noted.findings, noted.proofs, strict=True) if f.variable == "pt")
    cut = Cut(id="mu_pt", variable="pt", operator=">", threshold=Threshold(value=5, unit="GeV"), evidence=(proof,))
    muons = ObjectDefinition(name="muons", base="muon", cuts=(cut,))
    found = {t.threshold.number: t for t in list_thresholds(noted.run, (noted.paper,), make_state(muons))}
    assert found["5"].parts == ("cut:mu_pt",)
    assert found["2.7"].claimed  # by a finding that has no part
    assert found["2.7"].parts == ()
    assert [n for n, t in found.items() if t.is_open] == ["22", "3.5"]
    edited = cut.model_copy(update={"evidence": (), "history": (proof,), "threshold": Threshold(value=6, unit="GeV")})
    muons = muons.model_copy(update={"cuts": (edited,)})
    (first, *_) = list_thresholds(noted.run, (noted.paper,), make_state(muons))
    assert first.parts == ("cut:mu_pt",)  # an edited number was not missed


def test_a_part_that_a_person_adds_claims_the_number_that_it_quotes_and_requires(noted: Noted) -> None:
    assert noted.list_numbers(make_state()) == ["22", "3.5"]
    text = noted.paper.document.text
    start = text.index("Photons are")
    quote = make_evidence(noted.paper, start, text.index("in the strips"))

    def add(value: float, status: str = "accepted") -> ReviewState:
        cut = Cut.model_validate({
            "id": "y_et", "variable": "et", "operator": ">", "threshold": {"value": value, "unit": "GeV"},
            "evidence": (quote,), "status": status,
        })  # fmt: skip
        return make_state(ObjectDefinition(name="photons", base="photon", cuts=(cut,)))

    assert noted.list_numbers(add(22.0)) == ["3.5"]
    assert noted.list_numbers(add(25.0)) == ["22", "3.5"]
    assert noted.list_numbers(add(22.0, "rejected")) == ["22", "3.5"]


def test_a_mark_closes_a_threshold_and_its_place_is_known(noted: Noted) -> None:
    (first, second) = list_unclaimed(noted.run, (noted.paper,), make_state())
    mark = Mark(threshold=first.address, text="22", part=None, by="A. Physicist", at="2026-01-01T00:00:00+00:00")
    marked = list_unclaimed(noted.run, (noted.paper,), make_state(marks=(mark,)))
    assert [t.is_open for t in marked] == [False, True]
    assert marked[0].mark == mark
    assert second.address == f"threshold:note/{second.threshold.start}-{second.threshold.end}"
    word = next(w for w in list_words(noted.paper, second.threshold.page) if w.start <= second.threshold.start < w.end)
    assert [(b.x0, b.y0) for b in second.boxes] == [(word.x0, word.y0)]


def test_a_run_without_a_paper_has_no_printed_thresholds(noted: Noted, tmp_path: Path) -> None:
    assert list_thresholds(noted.run, (), make_state()) == ()
    assert list_thresholds(tmp_path, (noted.paper,), make_state()) == ()
