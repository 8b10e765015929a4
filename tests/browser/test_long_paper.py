"""Sixty pages: only what is near is loaded, scrolling never blocks, a card's quote is found on its page."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenReview
from tests.browser.person import Person

PAGES = 60
FEW = 10  # pages that may be got before anybody scrolls
WATCH_TASKS = """
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
"""
# What this machine takes for a fixed piece of work, now: long tasks are measured in it, not in seconds.
MEASURE = """() => {
  const began = performance.now();
  const box = document.createElement("div");
  document.body.append(box);
  for (let i = 0; i < 1500; i++) {
    box.append(document.createElement("p"));
    box.lastChild.textContent = i;
    box.offsetHeight;
  }
  box.remove();
  return performance.now() - began;
}"""


def scroll_through(page: Page) -> list[int]:
    """From the first page of the paper to the last with the wheel; the page numbers that were in view on the way."""
    middle = page.locator("#reader .document:visible").bounding_box()
    assert middle is not None
    page.mouse.move(middle["x"] + middle["width"] / 2, middle["y"] + min(middle["height"], 800) / 2)
    seen: list[int] = []
    look = """() => [...document.querySelectorAll("figure.page")].filter((f) => {
      const r = f.getBoundingClientRect(); return r.top < innerHeight / 2 && r.bottom > innerHeight / 2;
    }).map((f) => Number(f.dataset.page))"""
    for _ in range(6 * PAGES):
        page.mouse.wheel(0, 400)
        page.evaluate("new Promise(requestAnimationFrame)")
        seen += page.evaluate(look)
        if seen and seen[-1] == PAGES:
            break
    return seen


def test_sixty_pages_scroll_smoothly_and_load_as_they_come(open_review: OpenReview, long_run: Path) -> None:
    opened = open_review(long_run)
    opened.context.add_init_script(WATCH_TASKS)
    page = opened.page
    opened.watch.downloaded.clear()
    page.reload()
    expect(page.locator("figure.page")).to_have_count(PAGES)
    expect(page.locator("svg.words text").first).to_be_attached()
    page.wait_for_load_state("networkidle")

    def count(end: str) -> int:
        return len({path for path in opened.watch.downloaded if path.startswith("/pages/") and path.endswith(end)})

    assert 1 <= count(".png") <= FEW
    assert 1 <= count("/layer") <= FEW
    heights = page.locator("figure.page").evaluate_all("(all) => all.map((f) => f.getBoundingClientRect().height)")
    page.evaluate("tasks.length = 0")
    unit = page.evaluate(MEASURE)
    page.evaluate("tasks.length = 0")
    seen = scroll_through(page)
    assert seen[-1] == PAGES
    assert sorted(seen) == seen  # nothing jumps
    page.wait_for_load_state("networkidle")
    longest = max(page.evaluate("tasks"), default=0.0)
    assert longest < 5 * unit, f"a task of {longest:.0f} ms while scrolling, where a unit is {unit:.0f} ms"
    after = page.locator("figure.page").evaluate_all("(all) => all.map((f) => f.getBoundingClientRect().height)")
    moved = [abs(a - b) for a, b in zip(after, heights, strict=True)]
    assert max(moved) < 1  # pictures come into places that were kept for them
    expect(page.locator(f'figure.page[data-page="{PAGES}"] svg.words text').first).to_be_attached()
    assert page.locator("svg.words text").count() < 40_000


def test_the_quote_of_a_card_is_shown_on_its_page_and_its_mark_leads_back(
    open_review: OpenReview, long_run: Path
) -> None:
    person = Person(open_review(long_run).page)
    page = person.page
    last = next(a for a in reversed(person.cards("cut")))
    person.card(last).locator("a.quoted").first.click()
    expect(page.locator(f'figure.page[data-page="{PAGES}"]')).to_be_in_viewport()
    anchor = person.card(last).get_attribute("id")
    mark = page.locator(f'svg.marks a[data-card="{anchor}"] rect').first
    expect(mark).to_be_in_viewport()
    person.press("k", "k", "k")
    assert person.selected() != last
    page.locator(f'figure.page[data-page="{PAGES}"]').scroll_into_view_if_needed()
    spot = mark.bounding_box()
    assert spot is not None
    by_clicks = set()
    for _ in range(2):  # two cuts have this quote: a second click goes on to what lies below
        page.mouse.click(spot["x"] + spot["width"] / 3, spot["y"] + spot["height"] / 2)
        by_clicks.add(person.selected())
    assert by_clicks == {"cut:jet_n_60", "cut:met_met_60"}
    person.press("k", "k", "k")
    selected = person.selected()
    assert selected is not None
    quoted = page.locator(f'svg.marks a[data-card="{person.card(selected).get_attribute("id")}"] rect').first
    expect(quoted).to_be_in_viewport()
