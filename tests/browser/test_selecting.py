"""Words are selected by dragging, wherever in a word the drag begins and ends."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenReview
from tests.browser.person import Person

WORDS = "[...document.querySelectorAll('svg.words text')]"
PICKED = "(getSelection().toString().match(/\\S+/g) ?? []).join(' ')"


def measure(page: Page) -> tuple[list[str], list[tuple[float, float, float]]]:
    """Four words that stand side by side on a page; left, right and middle of each."""
    found = page.evaluate(
        f"""() => {{
          const spots = {WORDS}.map((word) => {{
            const box = word.getBoundingClientRect();
            return [word.textContent.trim(), box.left, box.right, (box.top + box.bottom) / 2];
          }});
          const isLine = (four) => four.length === 4 && four.every((one, k) =>
            one[0].length > 3 && one[3] === four[0][3] && (k === 0 || one[1] > four[k - 1][2]));
          const at = spots.findIndex((_, k) => isLine(spots.slice(k, k + 4)) && spots[k][3] > 150);
          return at < 0 ? null : spots.slice(at, at + 4);
        }}"""
    )
    assert found is not None, "no page has four long words side by side"
    return [word for word, *_ in found], [(left, right, y) for _, left, right, y in found]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move, let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_a_drag_selects_the_words_that_it_goes_over(open_review: OpenReview, demo_run: Path) -> None:
    page = open_review(demo_run).page
    expect(page.locator("svg.words text").first).to_be_attached()
    words, spots = measure(page)
    left, right, y = spots[0][0], spots[-1][1], spots[0][2]
    picked = page.locator("#picked")
    for inside in (0.3, 1.0, 1.1, 1.2, 2.0, 4.0):
        for start, end in ((left + inside, right - 3), (right - inside, left + 3)):
            drag(page, (start, y), (end, y))
            expect(picked).to_be_visible()
            assert page.evaluate(PICKED) == " ".join(words), f"{inside} px inside, from {start} to {end}"
            page.keyboard.press("Escape")
            expect(picked).to_be_hidden()
    # a word that is only touched is left out; a click selects nothing
    drag(page, (spots[0][1] - 0.4, y), (spots[-1][0] + 0.4, y))
    assert page.evaluate(PICKED) == " ".join(words[1:-1])
    page.keyboard.press("Escape")
    page.mouse.click(left + 5, y)
    expect(picked).to_be_hidden()


def test_a_spoilt_file_is_told_while_it_is_spoilt(open_review: OpenReview, demo_run: Path) -> None:
    page = open_review(demo_run).page
    revision = Person(page).revision()
    criteria = demo_run / "criteria.yaml"
    whole = criteria.read_text(encoding="utf-8")
    criteria.write_text(f"{whole}\nnonsense: [", encoding="utf-8")
    notice = page.locator("#notices .bad")
    expect(notice).to_contain_text("criteria.yaml")
    criteria.write_text(whole, encoding="utf-8")
    expect(notice).to_have_count(0)
    assert Person(page).revision() == revision
