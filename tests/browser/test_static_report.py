"""The review as one HTML file: complete, readable everywhere, and unable to do anything."""

import base64
import hashlib
import re
import struct
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.review.documents import close_documents, list_documents
from pipeline.review.finding import load_state_of
from pipeline.review.pictures import WIDTHS, draw_pages
from pipeline.review.store import Review
from schemas.review import Accept, Rewrite
from schemas.validation import list_cuts
from tests.browser.chromium import DESKTOP, PHONE, check_accessibility
from tests.browser.test_hostile import plant
from tests.pipeline.calling import call


class Read(HTMLParser):
    """Every element with its attributes, and the text of the style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self.text: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
        self.text.append(data)


def export(run: Path, path: Path) -> str:
    called = call("review", run, "--export", path)
    assert called.code == 0, called.err
    assert f"{path}: " in called.err
    assert f"{path.stat().st_size / 1e6:.1f} MB" in called.err
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mail(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo note before anybody reviewed it, as a file."""
    path = tmp_path_factory.mktemp("mail") / "mail.html"
    export(demo, path)
    return path


def test_the_file_holds_everything_and_refers_to_nothing_outside(demo_run: Path, tmp_path: Path) -> None:
    with Review.open(demo_run) as review:
        first = next(list_cuts(review.state.criteria))
        review.act(Accept(parts=(f"cut:{first.id}",)), "Anna", "as <b>printed</b>")
    before = {p: p.stat().st_mtime_ns for p in demo_run.rglob("*") if p.is_file()}
    html = export(demo_run, tmp_path / "mail.html")
    assert {p: p.stat().st_mtime_ns for p in demo_run.rglob("*") if p.is_file()} == before
    read = Read(html)
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form", "button"}
    for tag, attributes in read.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,")), value
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in read.elements if a.get("href")} <= set(ids)
    policy = next(a["content"] for _, a in read.elements if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(read.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import", read.style)
    criteria = load_state_of(demo_run).criteria
    text = " ".join("".join(read.text).split())
    assert {f"cut-{c.id}" for c in list_cuts(criteria)} <= set(ids)
    assert {f"question-{q.id}" for q in criteria.questions} <= set(ids)
    assert "accepted by Anna" in text
    assert "as <b>printed</b>" in text
    quoted = {b.page for c in list_cuts(criteria) for e in c.evidence for b in e.boxes}
    assert {f"page-0-{n}" for n in quoted} <= set(ids)
    assert len(html) < 3_000_000


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_it_is_readable_by_everybody(browser: Browser, mail: Path, size: tuple[int, int], dark: bool) -> None:
    page = open_file(browser, mail, size, dark)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_quotes_lead_to_their_place_and_back_and_filters_work_without_a_script(
    browser: Browser, demo_run: Path, tmp_path: Path
) -> None:
    with Review.open(demo_run) as review:
        criteria = review.state.criteria
        cut = next(c for o in criteria.objects for c in o.cuts if c.evidence and c.evidence[0].boxes)
        review.act(Accept(parts=(f"cut:{cut.id}",)), "Anna")
    export(demo_run, tmp_path / "mail.html")
    page = open_file(browser, tmp_path / "mail.html")
    quote = page.locator(f"#cut-{cut.id} .quoted").first
    quote.click()
    mark = page.locator(".mark:has(:target)")
    expect(mark.locator("rect").first).to_be_in_viewport()
    assert mark.get_attribute("href") == f"#cut-{cut.id}"
    box = mark.locator("rect").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # of several quotes, the one on top
    expect(page.locator(".card:target")).to_be_in_viewport()
    page.locator(".filters label", has_text="Open").click()
    expect(page.locator(f"#cut-{cut.id}")).to_be_hidden()
    shown = page.locator(".card:visible")
    assert shown.count() > 0
    assert all("open" in (one.get_attribute("data-facets") or "").split() for one in shown.all())


def test_it_prints_white_with_every_criterion_and_page(browser: Browser, mail: Path) -> None:
    page = open_file(browser, mail, dark=True)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).getPropertyValue('--ink').trim()") == "#22262b"
    assert page.locator(".card:visible").count() == page.locator(".card").count()
    pictures = page.locator(".page img")
    assert pictures.count() > 0
    assert all(one.is_visible() for one in pictures.all())
    assert page.evaluate("getComputedStyle(document.querySelector('#cards')).overflowY") == "visible"


def test_many_pages_are_drawn_smaller(demo: Path) -> None:
    documents = list_documents(demo)
    try:
        large, width = draw_pages(documents, [(0, 1)])
        small, narrow = draw_pages(documents, [(0, 1)], most=1)
    finally:
        close_documents(documents)
    assert (width, narrow) == (WIDTHS[0], WIDTHS[-1])
    for pictures, pixels in ((large, width), (small, narrow)):
        png = base64.b64decode(pictures[0, 1].partition(",")[2])
        assert struct.unpack(">I", png[16:20]) == (pixels,)
    assert len(small[0, 1]) < len(large[0, 1])


def test_a_hostile_paper_is_text_in_the_file_as_well(browser: Browser, hostile_run: Path, tmp_path: Path) -> None:
    plant(hostile_run)
    with Review.open(hostile_run) as review:
        criteria = review.state.criteria
        region = criteria.regions[0].model_copy(update={"note": "</style><script>alert(13)</script>"})
        changed = criteria.model_copy(update={"regions": (region, *criteria.regions[1:])})
        review.act(Rewrite(criteria=changed), "<script>alert(14)</script>", "<img src=x onerror=alert(15)>")
    html = export(hostile_run, tmp_path / "mail.html")
    read = Read(html)
    assert "script" not in {tag for tag, _ in read.elements}
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)
    page = open_file(browser, tmp_path / "mail.html")
    assert (
        page.locator("script, iframe, [onerror], [onload], img[src='x'], body b:not(.progress b, .what b)").count() == 0
    )
    expect(page.locator("body")).to_contain_text("<script>alert(14)</script>")
    check_accessibility(page)


def open_file(browser: Browser, path: Path, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
    """The file in a browser that fails the test when anything is asked for, said or run."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    offences: list[str] = []
    page.on("console", lambda message: offences.append(message.text))
    page.on("dialog", lambda dialog: offences.append(dialog.message))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else offences.append(request.url)
    )
    page.goto(path.as_uri())
    page.wait_for_load_state()
    assert offences == []
    return page
