"""Words lie on their ink, whatever the page is turned, cut or scaled to; boxes of quotes on their words."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from papers.read import read_paper
from pipeline.review.documents import ReviewedDocument
from pipeline.review.pages import PlacedWord, list_words, render_page
from pipeline.review.placing import place_evidence
from pipeline.review.selections import make_evidence
from schemas.criteria import Cut, ObjectDefinition, SelectionCriteria, Threshold
from schemas.document import Box, Document, Page, Passage, Word
from schemas.errors import RunFolderError
from tests.papers.typesetting import typeset

LINES = (
    "Electrons are required to have pT > 25 GeV and a pseudorapidity below 2.47 in every event.",
    "Muons are required to have a transverse momentum larger than 20 GeV and to be isolated.",
    "Events are selected when at least two jets with pT > 30 GeV are reconstructed in the detector.",
    "The missing transverse momentum of the event must exceed 120 GeV in the signal region.",
)
KINDS = (
    "plain",
    "turned 90",
    "turned 180",
    "turned 270",
    "cropped",
    "cropped and turned",
    "origin",
    "unit",
    "sideways",
)


def _write(path: Path) -> Path:
    """One page per kind; each prints its own name, so that pages are told apart."""
    document = pymupdf.open()
    for kind in KINDS:
        page = document.new_page(width=595, height=842)
        for n, line in enumerate((f"This page is {kind}.", *LINES * 2)):
            at = (90 + 30 * n, 780) if kind == "sideways" else (90, 150 + 30 * n)
            page.insert_text(at, line, fontsize=10, rotate=90 if kind == "sideways" else 0)
        if kind.startswith("cropped"):
            page.set_cropbox(pymupdf.Rect(40, 60, 560, 700))
        if kind.startswith("turned") or kind.endswith("and turned"):
            page.set_rotation(int(kind.split()[1]) if kind.startswith("turned") else 90)
        if kind == "origin":
            document.xref_set_key(page.xref, "MediaBox", "[-40 -50 555 792]")
        if kind == "unit":
            document.xref_set_key(page.xref, "UserUnit", "2")
    document.save(path)
    document.close()
    return path


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewedDocument]:
    path = _write(tmp_path_factory.mktemp("sheets") / "sheets.pdf")
    document = ReviewedDocument(read_paper(path), path, is_paper=True)
    yield document
    document.close()


def share_of_ink(png: bytes, page: Page, boxes: Sequence[tuple[float, float, float, float]]) -> float:
    """How much of the dark of a picture lies in boxes."""
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.Pixmap(png))
    scale = picture.width / page.width
    inside = bytearray(picture.width * picture.height)
    for x0, y0, x1, y1 in boxes:
        left, right = max(int((x0 - 1) * scale), 0), min(int((x1 + 1) * scale) + 1, picture.width)
        for y in range(max(int((y0 - 1) * scale), 0), min(int((y1 + 1) * scale) + 1, picture.height)):
            inside[y * picture.width + left : y * picture.width + right] = b"\1" * max(right - left, 0)
    dark = [k for k, value in enumerate(picture.samples) if value < 128]
    assert len(dark) > 500
    return sum(inside[k] for k in dark) / len(dark)


@pytest.mark.parametrize("kind", KINDS)
def test_words_lie_on_their_ink(sheets: ReviewedDocument, kind: str) -> None:
    number = KINDS.index(kind) + 1
    words = list_words(sheets, number)
    assert f"This page is {kind}." in " ".join(w.text for w in words)
    page, png = sheets.page(number), render_page(sheets, number, 700)
    boxes = [w[3:] for w in words]
    assert share_of_ink(png, page, boxes) > 0.99
    beside = [(x0 + 12, y0 + 12, x1 + 12, y1 + 12) for x0, y0, x1, y1 in boxes]
    assert share_of_ink(png, page, beside) < 0.9


def test_the_boxes_of_a_quote_are_where_it_stands(sheets: ReviewedDocument) -> None:
    sentence = "Muons are required to have a transverse momentum larger than 20 GeV"
    number = KINDS.index("cropped and turned") + 1
    on_page = next(w for w in list_words(sheets, number) if w.text == "Muons")
    cut = Cut(id="mu_pt", variable="pt", operator=">", threshold=Threshold(value=20, unit="GeV"))
    muons = ObjectDefinition(name="muons", base="muon", cuts=(cut,))
    evidence = make_evidence(
        sheets, on_page.start, on_page.start + len(sentence), cut, SelectionCriteria(objects=(muons,)), muons
    )
    assert evidence.grounded
    assert evidence.page == number
    assert {b.page for b in evidence.boxes} == {number}
    last = next(w for w in list_words(sheets, number) if w.start > on_page.start and w.text == "GeV")
    for word in (on_page, last):
        assert any(_holds(b, word) for b in evidence.boxes)
    elsewhere = evidence.model_copy(update={"spans": (), "boxes": (), "page": 1})
    found = place_evidence(sheets, elsewhere)
    assert {b.page for b in found.boxes} == {1}  # of the same sentence on nine pages, the one that was named


def test_two_columns_are_quoted_line_by_line_in_their_own_column(tmp_path: Path) -> None:
    body = "#set page(columns: 2)\n= Selection\n" + "\n\n".join(
        f"In sample {n}, muons need a momentum of more than {20 + n} GeV to be kept in the search." for n in range(60)
    )
    path = typeset(tmp_path, body)
    document = ReviewedDocument(read_paper(path), path, is_paper=True)
    try:
        assert document.pages in (1, 2)
        text = document.document.text
        middle = document.page(1).width / 2
        for n in (3, 33):
            start = text.index(f"In sample {n},")
            evidence = make_evidence(document, start, text.index("search.", start) + 7)
            assert len(evidence.boxes) >= 2
            sides = {b.x0 > middle for b in evidence.boxes if b.page == evidence.page}
            assert len(sides) == 1
            words = [
                w for w in list_words(document, evidence.page or 1) if start <= w.start < start + len(evidence.quote[0])
            ]
            assert all(any(_holds(b, w) for b in evidence.boxes) for w in words)
    finally:
        document.close()


def _holds(box: Box, word: PlacedWord) -> bool:
    return box.x0 <= word.x0 and word.x1 <= box.x1 and box.y0 <= word.y0 and word.y1 <= box.y1


def test_a_paper_without_its_pdf_is_shown_by_its_words(sheets: ReviewedDocument) -> None:
    document = ReviewedDocument(sheets.document, None, is_paper=True)
    try:
        png = render_page(document, 1, 700)
        assert png != render_page(sheets, 1, 700)
        assert share_of_ink(png, document.page(1), [w[3:] for w in list_words(document, 1)]) > 0.95
    finally:
        document.close()


def test_words_that_share_the_box_of_their_paragraph_are_laid_out_over_it() -> None:
    text = " ".join(LINES)
    starts = [0, *(k + 1 for k, c in enumerate(text) if c == " ")]
    words = tuple(
        Word(a, b - 1, 1, 80, 100, 400, 160) for a, b in zip(starts, [*starts[1:], len(text) + 1], strict=True)
    )
    read = Document(
        document_id="marked", sha256="0", title=None, n_pages=1, pages=(Page(number=1, width=595, height=842),),
        text=text, words=words, sections=(), tables=(), converter="marker",
        passages=(Passage(kind="paragraph", start=0, end=len(text), page=1, section=None),),
    )  # fmt: skip
    document = ReviewedDocument(read, None, is_paper=True)
    placed = list_words(document, 1)
    assert " ".join(w.text for w in placed) == text
    assert all(80 <= w.x0 < w.x1 <= 400 and 100 <= w.y0 < w.y1 <= 160.001 for w in placed)
    assert len({w.y0 for w in placed}) > 2
    assert all(b.y0 > a.y0 or b.x0 >= a.x1 - 0.01 for a, b in pairwise(placed))


def test_pages_that_are_not_there_are_refused(sheets: ReviewedDocument) -> None:
    for number in (0, -1, len(KINDS) + 1):
        with pytest.raises(RunFolderError, match="has no page"):
            render_page(sheets, number, 700)
