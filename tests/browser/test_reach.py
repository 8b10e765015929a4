"""The page in the dark, on a phone and for a screen reader: axe finds nothing to complain of in any state."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import DESKTOP, PHONE, check_accessibility
from tests.browser.conftest import OpenReview
from tests.browser.person import Person

ET = "cut:electron_et"
ETA = "cut:electron_abs_eta"


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)], ids=["light", "dark-phone"])
def test_axe_finds_nothing_in_any_state(
    open_review: OpenReview, demo_run: Path, size: tuple[int, int], dark: bool
) -> None:
    opened = open_review(demo_run, size=size, dark=dark)
    opened.watch.expected.add(422)
    person, page = Person(opened.page), opened.page
    expect(page.locator("article").first).to_be_visible()
    lightness = measure_lightness(page)
    assert lightness < 60 if dark else lightness > 200
    if size == PHONE:
        check_fit(page, size[0])
    check_accessibility(page)
    person.click(ET, "Accept")
    person.sees(ET, "accepted")
    person.click(ETA, "Reject")
    person.sees(ETA, "rejected")
    question, threshold = person.cards("question")[0], person.cards("threshold")[0]
    person.click(question, "Answer")
    person.sees(question, "answered")
    person.click(threshold, "Dismiss")
    person.sees(threshold, "rejected")
    check_accessibility(page)
    form = person.edit("cut:muon_pt")
    check_accessibility(page)
    form.get_by_label("threshold").fill("7")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator(".preview ins")).to_contain_text("7")
    check_accessibility(page)
    form.get_by_label("threshold").fill("seven")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".problem").first).to_be_visible()
    check_accessibility(page)
    form.locator('[data-do="cancel"]').click()
    expect(form).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    check_accessibility(page)
    page.keyboard.press("Escape")
    for address in ("/edit/cut:muon_pt", "/add?kind=cut&owner=object:muons", "/add?kind=object", "/history"):
        answer = page.goto(opened.server.home + address)
        assert answer is not None
        assert answer.status == 200, address
        check_accessibility(page)


def check_fit(page: Page, width: int) -> None:
    """Fail where anything is wider than the screen, or too small for a finger."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    too_wide = "(all) => all.filter((c) => c.getBoundingClientRect().right > innerWidth + 1).map((c) => c.id)"
    assert page.locator("article").evaluate_all(too_wide) == []
    small = """(all) => all.filter((b) => b.checkVisibility()).map((b) => b.getBoundingClientRect())
               .filter((r) => r.width > 0 && r.height < 24).length"""
    assert page.locator("article button, article a.button").evaluate_all(small) == 0


def measure_lightness(page: Page) -> float:
    """How light the background is, from 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(c) for c in colour[colour.index("(") + 1 : -1].split(",")[:3]) / 3
