"""The papers of a review are found where they are, and shown only when they are the files that were read."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.grounding.index import GroundingIndex
from papers.identifiers import parse_identifier
from papers.library import Library
from papers.read import read_paper
from pipeline.files import digest_file
from pipeline.manifest import Request
from pipeline.obtaining import Shelves
from pipeline.reading import write_criteria
from pipeline.review.documents import ReviewedDocument, close_documents, list_documents
from pipeline.review.pages import list_words, render_page
from pipeline.review.placing import place_evidence
from pipeline.run_store import dump_artefact, open_run
from schemas.criteria import Cut, ObjectDefinition, SelectionCriteria, Threshold
from schemas.document import Document
from schemas.evidence import Evidence
from tests.pipeline.papers import write_paper

OWN = ("Muons are required to satisfy <i>p</i><sub>T</sub> &gt; 5 GeV.", "Their isolation is that of Ref. [1].")
CITED = ("Each muon is required to have an isolation below 0.16.", "Jets are not used.")


class Papers:
    """A paper, a cited work, and the criteria that quote both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("papers", "works"):
            (folder / name).mkdir()
        self.paper = write_paper(folder / "papers" / "2401.00001v1.pdf", OWN)
        self.work = write_paper(folder / "works" / "2001.00002v3.pdf", CITED)
        self.document = read_paper(self.paper)
        own = quote(self.document, "required to satisfy p_T > 5 GeV")
        cited = quote(read_paper(self.work), "required to have an isolation below 0.16")
        pt = Cut(id="pt", variable="pt", operator=">", threshold=Threshold(value=5, unit="GeV"), evidence=(own,))
        isolation = Cut(
            id="isolation", variable="isolation", operator="<", threshold=Threshold(value=0.16), evidence=(cited,)
        )
        muons = ObjectDefinition(name="muons", base="muon", cuts=(pt, isolation))
        self.criteria = SelectionCriteria(objects=(muons,))
        request = Request(
            command="extract", kind="paper", source=str(self.paper), source_sha256=digest_file(self.paper),
            reader="rules", coder="none",
        )  # fmt: skip
        with open_run(folder / "runs", "2401.00001v1", request) as run:
            run.do("read", lambda to: dump_artefact(to / "document.json", self.document), writes=["document.json"])
            run.do("assemble", lambda to: write_criteria(to / "criteria.yaml", self.criteria), writes=["criteria.yaml"])
        self.run = run.path

    def list(self, *folders: Path) -> tuple[ReviewedDocument, ...]:
        """The documents of the run, with a library of its own."""
        return list_documents(self.run, Shelves(library=self.folder / "library", papers=folders, offline=True))


def quote(document: Document, text: str) -> Evidence:
    index = GroundingIndex(document)
    (place, *_) = index.find(text)
    return Evidence(
        document_id=document.document_id, page=1, quote=(text,), spans=((place.start, place.end),),
        boxes=index.find_boxes(place.start, place.end), alignment=place.alignment, number="ok", unit="ok",
        operator="ok", polarity="ok",
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def papers(made: Papers) -> Iterator[Papers]:
    """As made: what a test moved is at its place again."""
    content = {p: p.read_bytes() for p in (made.paper, made.work)}
    yield made
    for path, data in content.items():
        path.write_bytes(data)
    shutil.rmtree(made.run / "review", ignore_errors=True)
    shutil.rmtree(made.folder / "library", ignore_errors=True)


def list_placed(document: ReviewedDocument, criteria: SelectionCriteria) -> list[str]:
    """The cuts whose quotes have a place on the first page of a document."""
    return [
        cut.id
        for definition in criteria.objects
        for cut in definition.cuts
        for evidence in cut.evidence
        if evidence.document_id == document.id and any(b.page == 1 for b in place_evidence(document, evidence).boxes)
    ]


def test_the_paper_comes_first_and_cited_works_from_the_folders_of_papers(papers: Papers) -> None:
    said: list[str] = []
    shelves = Shelves(library=papers.folder / "library", papers=(papers.work.parent,), offline=True)
    documents = list_documents(papers.run, shelves, said.append)
    assert [(d.id, d.is_paper, d.pdf, d.pages) for d in documents] == [
        ("2401.00001v1", True, papers.paper, 1),
        ("2001.00002v3", False, papers.work, 1),
    ]
    assert [d.remark for d in documents] == [None, None]
    assert [list_placed(d, papers.criteria) for d in documents] == [["pt"], ["isolation"]]
    assert len(said) == 1
    assert "2001.00002v3" in said[0]
    assert list_documents(papers.run, shelves, said.append)[1].document == documents[1].document
    assert len(said) == 1  # it was read once


def test_a_cited_work_is_found_in_the_library(papers: Papers) -> None:
    identifier = parse_identifier("2001.00002v3")
    assert identifier is not None
    Library(papers.folder / "library").add(papers.work, [identifier])
    _, cited = papers.list()
    assert cited.pdf is not None
    assert cited.pdf != papers.work
    assert list_placed(cited, papers.criteria) == ["isolation"]


def test_a_cited_work_that_is_gone_keeps_the_text_that_was_read(papers: Papers) -> None:
    papers.list(papers.work.parent)
    papers.work.unlink()
    _, cited = papers.list(papers.work.parent)
    assert cited.pdf is None
    assert cited.remark is not None
    assert "Jets" in {w.text for w in list_words(cited, 1)}
    assert list_placed(cited, papers.criteria) == ["isolation"]


def test_a_cited_work_that_nobody_has_is_shown_by_its_quotes(papers: Papers) -> None:
    documents = papers.list()
    cited = documents[1]
    assert cited.pdf is None
    assert cited.remark is not None
    assert "--papers" in cited.remark
    words = list_words(cited, 1)
    assert " ".join(w.text for w in words) == "required to have an isolation below 0.16"
    (evidence,) = papers.criteria.objects[0].cuts[1].evidence
    (box,) = place_evidence(cited, evidence).boxes
    assert all(box.x0 - 1 < w.x0 and w.x1 < box.x1 + 1 and box.y0 - 1 < w.y0 for w in words)
    assert render_page(cited, 1, 300).startswith(b"\x89PNG")
    close_documents(documents)


def test_another_version_of_a_cited_work_is_not_taken_for_the_one_that_was_quoted(papers: Papers) -> None:
    write_paper(papers.work, ("Each muon is required to have an isolation below 0.15.",))
    _, cited = papers.list(papers.work.parent)
    assert cited.pdf is None
    assert cited.remark is not None
    assert "another version" in cited.remark


def test_the_paper_is_shown_from_wherever_the_same_file_is(papers: Papers) -> None:
    moved = papers.folder / "moved"
    moved.mkdir()
    papers.paper.rename(moved / papers.paper.name)
    document = papers.list(moved)[0]
    assert document.pdf == moved / papers.paper.name
    assert document.remark is None


def test_another_file_under_the_name_of_the_paper_is_not_shown(papers: Papers) -> None:
    write_paper(papers.paper, ("Muons are required to satisfy pT &gt; 50 GeV.",))
    document = papers.list()[0]
    assert document.pdf is None
    assert document.remark is not None
    assert "another file" in document.remark
    assert "5" in {w.text for w in list_words(document, 1)}


def test_a_quote_is_found_again_in_a_text_that_was_read_otherwise(papers: Papers) -> None:
    (evidence,) = papers.criteria.objects[0].cuts[0].evidence
    document = ReviewedDocument(papers.document, papers.paper, is_paper=True)
    shifted = evidence.model_copy(update={"spans": ((1, 9),), "boxes": ()})
    found = place_evidence(document, shifted)
    assert (found.spans, found.boxes) == (evidence.spans, evidence.boxes)
    assert place_evidence(document, evidence) is evidence
    absent = evidence.model_copy(update={"quote": ("muons above 77 GeV",), "boxes": ()})
    assert place_evidence(document, absent) == absent
