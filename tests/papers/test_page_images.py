"""Pages as pictures: a bad page costs its child process and nothing else."""

import os
import signal
import struct
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from papers.page_images import DrawingLimits, PagePrinter
from papers.png import make_blank, write_png
from schemas.errors import PaperError


def write_pages(path: Path, spoil: Callable[[pymupdf.Document, pymupdf.Page], None] = lambda *_: None) -> Path:
    """Three pages, the second of which is spoilt."""
    document = pymupdf.open()
    for number in (1, 2, 3):
        document.new_page().insert_text((72, 90), f"Page {number}: muons with pT > {10 * number} GeV are kept.")
    spoil(document, document[1])
    document.save(path)
    document.close()
    return path


def nest_forms(document: pymupdf.Document, page: pymupdf.Page) -> None:
    """Ten levels of forms, each of which draws the next one ten times."""
    inner = 0
    for _ in range(10):
        form = document.get_new_xref()
        resources = f"<</XObject<</X {inner} 0 R>>>>" if inner else "<<>>"
        document.update_object(form, f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources{resources}>>")
        document.update_stream(form, b"/X Do " * 10 if inner else b"0 0 m 100 100 l S")
        inner = form
    document.xref_set_key(page.xref, "Resources", f"<</XObject<</X {inner} 0 R>>>>")
    document.update_stream(page.get_contents()[0], b"/X Do")


def measure(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_pages_differ_and_have_the_width_that_was_asked_for(tmp_path: Path) -> None:
    printer = PagePrinter(write_pages(tmp_path / "paper.pdf"))
    try:
        first, second = printer.print_page(1, 800), printer.print_page(2, 800)
        assert first != second
        assert measure(first) == measure(second)
        assert measure(first)[0] == 800
        assert abs(measure(first)[1] - 800 * 842 / 595) < 2
        assert measure(printer.print_page(1, 400))[0] == 400
    finally:
        printer.close()


def test_a_page_without_end_is_refused_and_the_others_are_drawn(tmp_path: Path) -> None:
    printer = PagePrinter(write_pages(tmp_path / "paper.pdf", nest_forms), DrawingLimits(seconds=3))
    try:
        assert printer.print_page(1, 300)
        with pytest.raises(PaperError, match="page 2"):
            printer.print_page(2, 300)
        assert printer.print_page(3, 300)
        with pytest.raises(PaperError, match="page 2"):  # at once: its child is that of page 3
            printer.print_page(2, 300)
        assert printer._child is not None
        assert printer._child.poll() is None
    finally:
        printer.close()


def test_a_child_that_died_is_replaced(tmp_path: Path) -> None:
    printer = PagePrinter(write_pages(tmp_path / "paper.pdf"))
    try:
        drawn = printer.print_page(1, 300)
        assert printer._child is not None
        first = printer._child
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert printer.print_page(1, 300) == drawn
        last = printer._child
        assert last is not first
    finally:
        printer.close()
    assert last.poll() is not None


def test_a_child_ends_with_whoever_asks(tmp_path: Path) -> None:
    printer = PagePrinter(write_pages(tmp_path / "paper.pdf"))
    printer.print_page(1, 300)
    child = printer._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()  # as the kernel does when the server is killed
    assert child.wait(60) == 0
    printer.close()


def test_a_picture_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    printer = PagePrinter(write_pages(tmp_path / "paper.pdf"), DrawingLimits(memory=200 * 2**20))
    try:
        with pytest.raises(PaperError):
            printer.print_page(1, 6000)
    finally:
        printer.close()


def test_a_file_that_is_no_pdf_says_so_for_every_page(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(500))
    printer = PagePrinter(path)
    for number in (1, 2):
        with pytest.raises(PaperError, match=r"paper\.pdf"):
            printer.print_page(number, 300)
    assert printer._child is None
    printer.close()


def test_words_are_set_where_there_is_no_page() -> None:
    printer = PagePrinter(None)
    try:
        words = [("muons", (100.0, 100.0, 140.0, 112.0)), ("|η|<2.4", (145.0, 100.0, 190.0, 112.0))]
        page = printer.print_words((595, 842), words, "", 400)
        assert measure(page)[0] == 400
        assert abs(measure(page)[1] - 400 * 842 / 595) < 2
        assert page != printer.print_words((595, 842), words[:1], "", 400)
        assert page != printer.print_words((595, 842), words, "cannot be drawn", 400)
    finally:
        printer.close()


def test_png_is_what_other_programs_read() -> None:
    samples = bytes(range(256)) * 3 + bytes(12)
    picture = pymupdf.Pixmap(write_png(samples, 13, 20, 3))
    assert (picture.width, picture.height, picture.n) == (13, 20, 3)
    assert picture.samples == samples
    blank = pymupdf.Pixmap(make_blank(203, 77))
    assert (blank.width, blank.height) == (203, 77)
    assert min(blank.samples) == 255
