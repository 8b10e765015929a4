"""Bad input, limits, and the child process."""

import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

from papers.read import Limits, read_paper
from schemas import errors
from tests.papers.typesetting import typeset

BODY = "= Selection\n" + "".join(
    f"Muons in sample {i} need a momentum above 25 GeV to be kept here. \n" for i in range(60)
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return typeset(tmp_path_factory.mktemp("good"), BODY, name="2401.00001v2")


def _damage(good: Path, folder: Path, how: str) -> Path:
    path = folder / "paper.pdf"
    whole = good.read_bytes()
    if how == "missing":
        return path
    if how == "folder":
        path.mkdir()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "html":
        path.write_text("<!DOCTYPE html><html><body>Not found</body></html>")
    elif how == "png":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    elif how.startswith("cut"):
        path.write_bytes(whole[: len(whole) * int(how[3:]) // 100])
    elif how == "encrypted":
        pymupdf.open(good).save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    elif how == "scan":
        document = pymupdf.open()
        picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40))
        picture.clear_with(200)
        page = document.new_page()
        page.insert_image(page.rect, pixmap=picture)
        page.insert_text((72, 72), "What a text recognition found in the scan of a page", render_mode=3)
        document.save(path)
    return path


@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [
        ("missing", errors.UsageError, "no such file"),
        ("folder", errors.UsageError, "not a file"),
        ("empty", errors.NotAPdf, "empty"),
        ("html", errors.NotAPdf, "not a PDF"),
        ("png", errors.NotAPdf, "not a PDF"),
        ("cut30", errors.BrokenPdf, "truncated"),
        ("cut60", errors.BrokenPdf, "truncated"),
        ("cut90", errors.BrokenPdf, "truncated"),
        ("encrypted", errors.EncryptedPdf, "encrypted"),
        ("scan", errors.NoText, "scan"),
    ],
)
def test_bad_input_is_one_clear_line(
    good: Path, tmp_path: Path, how: str, kind: type[errors.PaperfilterError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        read_paper(_damage(good, tmp_path, how))
    assert type(caught.value) is kind
    line = str(caught.value)
    assert "paper.pdf" in line
    assert says in line
    assert "\n" not in line


def test_a_good_paper(good: Path) -> None:
    document = read_paper(good)
    assert document.document_id == "2401.00001v2"
    assert len(document.sha256) == 64
    assert "Muons in sample 59 need a momentum above 25 GeV" in document.text


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(pages=0), "pages"),
        (Limits(seconds=0.01), "takes more than"),
    ],
)
def test_limits_hold(good: Path, limits: Limits, says: str) -> None:
    with pytest.raises(errors.PaperError, match=says):
        read_paper(good, limits)


def test_a_small_file_of_endless_text_is_too_heavy(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 72), "Start")
    line = b"(" + b"A" * 20000 + b") Tj 0 -1 Td\n"
    document.update_stream(page.get_contents()[0], b"BT /helv 1 Tf 72 700 Td\n" + line * 20 + b"ET", compress=True)
    path = tmp_path / "paper.pdf"
    document.save(path, deflate=True)
    assert path.stat().st_size < 100_000
    with pytest.raises(errors.PaperTooHeavy, match=r"paper.pdf: page 1 has more than"):
        read_paper(path)


def test_the_parent_never_loads_the_pdf_library() -> None:
    code = "import sys, papers.read; sys.exit('pymupdf' in sys.modules or 'papers.pdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_stream_is_refused(good: Path, tmp_path: Path) -> None:
    data = bytearray(good.read_bytes())
    start = data.index(b"stream", data.index(b"/FlateDecode")) + 20
    data[start : start + 200] = bytes(200)
    path = tmp_path / "paper.pdf"
    path.write_bytes(bytes(data))
    with pytest.raises(errors.BrokenPdf):
        read_paper(path)
