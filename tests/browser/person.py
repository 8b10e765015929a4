"""What a person sees and does on the review page, in the words of the page."""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect


class Person:
    """A person in front of a page. What is done waits for what the page shows of it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def card(self, address: str) -> Locator:
        """The card of a part, a question or a threshold."""
        escaped = address.replace("\\", "\\\\").replace('"', '\\"')
        return self.page.locator(f'article[data-address="{escaped}"]')

    def cards(self, kind: str | None = None, status: str | None = None) -> list[str]:
        """Addresses of the cards that are shown, in page order."""
        chosen = (f'[data-kind="{kind}"]' if kind else "") + (f'[data-status="{status}"]' if status else "")
        shown = "(all) => all.filter((c) => c.checkVisibility()).map((c) => c.dataset.address)"
        return list(self.page.locator(f"article{chosen}").evaluate_all(shown))

    def selected(self) -> str | None:
        """Address of the card that keys act on."""
        found = self.page.evaluate("document.querySelector('article[aria-current=true]')?.dataset.address ?? null")
        return None if found is None else str(found)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def walk_to(self, address: str) -> None:
        """To a card with j or k."""
        order = self.cards()
        at, to = order.index(self.selected() or order[0]), order.index(address)
        self.press(*("j" if to > at else "k" for _ in range(abs(to - at))))
        assert self.selected() == address

    def click(self, address: str, words: str) -> None:
        """A button of a card, which unfolds first where it is folded."""
        self._push(address, self.card(address).locator(".acts, form").get_by_role("button", name=words).first)

    def edit(self, address: str) -> Locator:
        """The form of a card."""
        self._push(address, self.card(address).locator('[data-do="edit"]'))
        form = self.card(address).locator("form.part-form")
        expect(form).to_be_visible()
        return form

    def _push(self, address: str, button: Locator) -> None:
        if not button.is_visible():
            self.card(address).locator(".line .says").click()
        button.click()

    def sees(self, address: str, status: str) -> None:
        """Wait until a card has this status."""
        expect(self.card(address)).to_have_attribute("data-status", status)

    def sees_progress(self, reviewed: int, all: int) -> None:
        """Wait until the bar says so."""
        expect(self.page.locator("#bar .progress label")).to_contain_text(f"{reviewed} of {all} reviewed")

    def progress(self) -> tuple[int, int]:
        """How many are reviewed, of how many."""
        done = self.page.locator("#done")
        return int(done.get_attribute("value") or 0), int(done.get_attribute("max") or 0)

    def revision(self) -> int:
        """Number of the newest revision that the page shows."""
        return int(self.page.locator("#bar").get_attribute("data-revision") or -1)

    def waits_for_revision(self, number: int) -> None:
        """Wait until the page shows this revision."""
        expect(self.page.locator("#bar")).to_have_attribute("data-revision", str(number))


def select_words(page: Page, words: Sequence[str]) -> None:
    """Drag over these words, which stand one after the other on a page of the paper."""
    box = page.evaluate(
        """(words) => {
          const all = [...document.querySelectorAll('svg.words text')];
          const at = all.findIndex((_, i) => words.every((w, k) => all[i + k]?.textContent.trim() === w));
          if (at < 0) return null;
          const [a, b] = [all[at], all[at + words.length - 1]].map((t) => t.getBoundingClientRect());
          return [a.left + 0.3 * a.width, (a.top + a.bottom) / 2, b.right - 0.3 * b.width, (b.top + b.bottom) / 2];
        }""",
        list(words),
    )
    assert box is not None, f"the words {' '.join(words)} are not in the layer of any page"
    page.mouse.move(box[0], box[1])
    page.mouse.down()
    page.mouse.move((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, steps=4)
    page.mouse.move(box[2], box[3], steps=4)
    page.mouse.up()
