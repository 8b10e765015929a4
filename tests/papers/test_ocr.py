"""Scans: the picture of a page becomes text that is read like any other, and says everywhere that it was a picture."""

import shutil
from pathlib import Path

import pymupdf
import pytest

from benchmarks.notes.typeset import typeset_notes
from extract.assembling.assemble import assemble
from extract.grounding.ground import ground_findings
from extract.rules.reader import read_findings
from papers.ocr import mend, read_hocr
from papers.parse import parse_paper
from papers.read import read_paper
from schemas import errors
from schemas.document import Document, Word
from schemas.finding import Finding
from tests.papers.typesetting import typeset

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="needs tesseract (Debian, Ubuntu: apt-get install tesseract-ocr)"
)
BODY = """
= Event selection
Muons are required to have a transverse momentum above 25 GeV and to lie within $|eta| < 2.5$. Electrons are required to
have $p_"T" > 7$ GeV. Events with fewer than two jets with $p_"T" > 30$ GeV are rejected.
"""


def scan(source: Path, target: Path, dpi: int, pages: tuple[int, ...] | None = None) -> Path:
    """The PDF with its pages (all, or those from 0 that are named) as pictures."""
    document, out = pymupdf.open(source), pymupdf.open()
    for page in document:
        if pages is not None and page.number not in pages:
            out.insert_pdf(document, from_page=page.number, to_page=page.number)
            continue
        picture = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        new = out.new_page(width=page.rect.width, height=page.rect.height)
        new.insert_image(new.rect, stream=picture.tobytes("jpg", jpg_quality=85))
    out.save(target)
    return target


def _meaning(finding: Finding) -> tuple[object, ...]:
    return finding.operator, str(finding.value), (finding.unit or "").rstrip("/c2^")


@pytest.fixture(scope="module")
def first_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first page of one of our notes."""
    folder = tmp_path_factory.mktemp("notes")
    note = pymupdf.open(next(p for p in typeset_notes(folder) if p.stem.startswith("01")))
    note.select([0])
    note.save(folder / "page.pdf")
    return folder / "page.pdf"


@needs_tesseract
@pytest.mark.parametrize("dpi", [150, 300])
def test_most_requirements_of_a_note_are_found_in_its_scan(dpi: int, first_page: Path, tmp_path: Path) -> None:
    document = parse_paper(scan(first_page, tmp_path / "scan.pdf", dpi), 10, ocr=True)
    assert (document.converter, document.ocr_pages) == ("ocr", (1,))
    assert "recognised from pictures" in document.remarks[0]
    asked = {_meaning(f) for f in read_findings(parse_paper(first_page, 10))}
    found = {_meaning(f) for f in read_findings(document)}
    assert len(asked) > 20
    assert len(asked & found) >= 0.75 * len(asked)
    # a wrong subject is possible, a number that nobody asked for is rare
    assert len(found - asked) <= 0.1 * len(found)


@needs_tesseract
def test_what_is_found_in_a_scan_says_so(tmp_path: Path) -> None:
    path = typeset(tmp_path, BODY + "#pagebreak()\n" + BODY.replace("= Event", "= More event").replace("25", "26"))
    document = parse_paper(scan(path, tmp_path / "scan.pdf", 200, pages=(1,)), 10, ocr=True)
    assert document.ocr_pages == (2,)
    assert "p_T > 7 GeV" in document.text
    assert "|η| < 2.5" in document.text
    findings = read_findings(document)
    evidence = ground_findings(document, findings)
    assert {e.page for e in evidence if e.grounded} == {1, 2}
    assert all(e.recognised == (e.page == 2) for e in evidence if e.grounded)
    cuts = [c for o in assemble(document, findings, evidence).criteria.objects for c in o.cuts]
    warned = {all(e.recognised for e in c.evidence): "picture" in (c.note or "") for c in cuts}
    assert warned == {False: False, True: True}


def _group(document: Document) -> dict[str, list[Word]]:
    groups: dict[str, list[Word]] = {}
    for word in document.words:
        groups.setdefault(document.text[word.start : word.end], []).append(word)
    return groups


@needs_tesseract
def test_words_of_a_scan_stand_where_they_are_printed(tmp_path: Path) -> None:
    path = typeset(tmp_path, BODY)
    printed, seen = (parse_paper(p, 5, ocr=True) for p in (path, scan(path, tmp_path / "scan.pdf", 150)))
    assert printed.converter == "pymupdf"
    once = [{t: ws[0] for t, ws in _group(d).items() if len(ws) == 1 and len(t) > 4} for d in (printed, seen)]
    shared = [(once[0][t], once[1][t]) for t in once[0].keys() & once[1].keys()]
    assert len(shared) > 8
    assert all(abs(a.x0 - b.x0) < 3 and abs(a.y1 - b.y1) < 4 for a, b in shared)


@needs_tesseract
def test_the_limited_child_reads_scans_only_when_asked(tmp_path: Path) -> None:
    path = scan(typeset(tmp_path, BODY), tmp_path / "scan.pdf", 150)
    with pytest.raises(errors.NoText, match="--ocr"):
        read_paper(path)
    assert "Muons are required to have a transverse momentum" in read_paper(path, ocr=True).text


def test_without_tesseract_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scan(typeset(tmp_path, BODY), tmp_path / "scan.pdf", 50)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(errors.PaperError, match="apt-get install tesseract-ocr") as caught:
        read_paper(path, ocr=True)
    assert "\n" not in str(caught.value)


HOCR = """<html xmlns="http://www.w3.org/1999/xhtml"><body>
<span class="ocr_line" title="bbox 100 100 400 150; baseline 0 -10; x_size 40">{}</span></body></html>"""


def _word(*letters: tuple[str, int, int, int, int]) -> str:
    inner = "".join(
        f'<span class="ocrx_cinfo" title="x_bboxes {a} {b} {c} {d}; x_conf 9">{t}</span>' for t, a, b, c, d in letters
    )
    return f'<span class="ocrx_word" title="bbox {letters[0][1]} 100 {letters[-1][3]} 150">{inner}</span>'


def test_a_low_mark_behind_p_is_its_script() -> None:
    low = _word(("p", 100, 122, 118, 150), ("r", 120, 134, 132, 150))
    same = _word(("p", 100, 122, 118, 150), ("r", 120, 122, 132, 140))
    first = read_hocr(HOCR.format(low).encode(), 0.5)
    assert [(g.text, g.size < 15) for g in first] == [("p", False), ("T", True)]
    assert first[1].y > first[0].y
    assert [(g.text, g.size) for g in read_hocr(HOCR.format(same).encode(), 0.5)] == [("p", 20.0), ("r", 20.0)]


@pytest.mark.parametrize(
    ("seen", "meant"),
    [("|n|", "|η|"), ("\\7|", "|η|"), ("|An|", "|Δη|"), ("AR", "ΔR"), ("—2.5", "-2.5"), ("ARE", "ARE"), ("no", "no")],
)
def test_symbols_that_english_has_no_letters_for(seen: str, meant: str) -> None:
    letters = read_hocr(
        HOCR.format(_word(*((c, 100 + 20 * k, 110, 118 + 20 * k, 140) for k, c in enumerate(seen)))).encode(), 1
    )
    assert "".join(g.text for g in mend(letters, 40.0)) == meant
