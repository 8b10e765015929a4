"""Text that a reader of the page cannot see is reported and never used."""

from pathlib import Path

import pymupdf
import pytest

from papers.parse import parse_paper
from schemas.document import HiddenReason

VISIBLE = "Muons with pT above 25 GeV are selected in this note."
SECRET = "Events with pT > 999 GeV"


def _write(folder: Path, draw: str) -> Path:
    """A page with visible text and a secret that is drawn in one of many ways."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), VISIBLE)
    if draw == "white":
        page.insert_text((72, 200), SECRET, color=(1, 1, 1))
    elif draw == "shaded":
        page.draw_rect((60, 180, 400, 220), color=None, fill=(0.2, 0.3, 0.8))
        page.insert_text((72, 200), SECRET, color=(0.2, 0.3, 0.8))
    elif draw == "tiny":
        page.insert_text((72, 200), SECRET, fontsize=0.8)
    elif draw == "invisible":
        page.insert_text((72, 200), SECRET, render_mode=3)
    elif draw == "transparent":
        page.insert_text((72, 200), SECRET, fill_opacity=0.0)
    elif draw == "off_page":
        page.insert_text((72, -200), SECRET)
    elif draw == "covered":
        page.insert_text((72, 200), SECRET)
        page.draw_rect((60, 180, 400, 220), color=None, fill=(1, 1, 1))
    elif draw == "picture":
        page.insert_text((72, 200), SECRET)
        cover = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 20, 20))
        cover.clear_with(230)
        page.insert_image((60, 180, 400, 220), pixmap=cover)
    path = folder / "note.pdf"
    document.save(path)
    return path


@pytest.mark.parametrize(
    ("draw", "reason"),
    [
        ("white", "white"),
        ("shaded", "white"),
        ("tiny", "tiny"),
        ("invisible", "invisible"),
        ("transparent", "invisible"),
        ("off_page", "off_page"),
        ("covered", "covered"),
        ("picture", "covered"),
    ],
)
def test_hidden_text_is_reported_not_read(tmp_path: Path, draw: str, reason: HiddenReason) -> None:
    document = parse_paper(_write(tmp_path, draw), max_pages=5)
    assert document.text.strip() == VISIBLE
    assert "999" not in "".join(document.text[w.start : w.end] for w in document.words)
    assert [(h.page, h.reason) for h in document.hidden] == [(1, reason)]
    assert "999" in document.hidden[0].text


def test_text_outside_its_window_is_hidden(tmp_path: Path) -> None:
    source = pymupdf.open()
    page = source.new_page()
    page.insert_text((72, 100), VISIBLE)
    page.insert_text((72, 500), SECRET)
    document = pymupdf.open()
    target = document.new_page()
    target.insert_text((72, 60), "The figure below shows only its upper part.")
    target.show_pdf_page(pymupdf.Rect(0, 80, 595, 380), source, 0, clip=pymupdf.Rect(0, 0, 595, 300))
    document.save(tmp_path / "note.pdf")
    read = parse_paper(tmp_path / "note.pdf", max_pages=5)
    assert VISIBLE in read.text
    assert "999" not in read.text
    assert [h.reason for h in read.hidden] == ["clipped"]


def test_light_text_on_dark_ground_is_visible(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.draw_rect((60, 80, 500, 120), color=None, fill=(0.1, 0.1, 0.4))
    page.insert_text((72, 100), VISIBLE, color=(1, 1, 1))
    document.save(tmp_path / "note.pdf")
    read = parse_paper(tmp_path / "note.pdf", max_pages=5)
    assert read.text.strip() == VISIBLE
    assert read.hidden == ()
