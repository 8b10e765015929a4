"""A paper, criteria and another page that attack a review: everything is shown as text, and nothing happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenReview
from tests.browser.person import Person

NASTY = "<img src=x onerror=alert(11)><script>alert(12)</script>{{ 7*7 }}\"'--></textarea></template>"


@contextmanager
def serve_page(content: str) -> Iterator[str]:
    """The address of another server of this machine with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def plant(run: Path) -> None:
    """Have the criteria themselves say nasty things wherever they hold free text."""
    file = run / "criteria.yaml"
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        bare = line.lstrip(" -")
        name, colon, _ = bare.partition(": ")
        if colon and name in ("text", "why", "note", "title", "literal"):
            quoted = NASTY.replace("'", "''")
            line = f"{line[: len(line) - len(bare)]}{name}: '{quoted}'"
        lines.append(line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_hostile_paper_is_text(open_review: OpenReview, hostile_run: Path) -> None:
    opened = open_review(hostile_run)
    person, page = Person(opened.page), opened.page
    expect(page.locator("article").first).to_be_visible()
    expect(page.locator("svg.words text").first).to_be_attached()
    for nasty in ("[onerror]", "[onload]", "[onclick]", "[onmouseover]", "iframe", "img[src='x']", "article script"):
        assert page.locator(nasty).count() == 0, nasty
    assert page.locator("style").count() == 0
    expect(page.locator("svg.words").first).to_contain_text("onmouseover = alert(2)")
    for address in person.cards():
        person.card(address).hover()
    for address in person.cards("cut"):
        person.click(address, "Accept")
        person.sees(address, "accepted")


def test_hostile_criteria_and_a_hostile_author_are_text(open_review: OpenReview, demo_run: Path) -> None:
    plant(demo_run)
    opened = open_review(demo_run, "--by", NASTY)
    opened.watch.expected.add(422)
    person, page = Person(opened.page), opened.page
    question = person.cards("question")[0]
    expect(person.card(question)).to_contain_text("<script>alert(12)</script>{{ 7*7 }}")
    person.card(question).click()
    person.card(question).get_by_role("textbox").fill(NASTY)
    person.click(question, "Answer")
    person.sees(question, "answered")
    form = person.edit("cut:muon_pt")
    form.get_by_label("threshold").fill(NASTY)
    form.get_by_label("why").fill(NASTY)
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".problem").first).to_be_visible()
    form.get_by_label("threshold").fill("7")
    form.get_by_role("button", name="Save").click()
    person.sees("cut:muon_pt", "edited")
    page.locator("#search").fill(NASTY)
    page.keyboard.press("Enter")
    page.goto(opened.server.home + "/history")
    expect(page.locator(".history")).to_contain_text("<script>alert(12)</script>")
    assert page.locator("[onerror], .history script").count() == 0


def test_another_page_of_the_same_browser_can_do_nothing(open_review: OpenReview, demo_run: Path) -> None:
    """A page of another port of this machine sends forms, asks for pictures, reads the state and frames the review."""
    opened = open_review(demo_run)
    home = opened.server.home
    attack = f"""<!doctype html><title>elsewhere</title><body><iframe name=f src="{home}/"></iframe>
        <img src="{home}/pages/note/1.png"><script src="{home}/static/review.js"></script>
        <form method=post target=f action="{home}/act"><input name=do value=defaults></form>
        <script>
        document.forms[0].submit();
        var read = Promise.all(["cors", "no-cors"].map((mode) =>
          fetch("{home}/state", {{credentials: "include", mode}}).then((r) => r.text(), () => "")));
        </script>"""
    other = opened.context.new_page()
    with serve_page(attack) as address:
        other.goto(address)
        other.wait_for_load_state("networkidle")
        assert other.evaluate("read") == ["", ""]
        assert other.evaluate("document.images[0].naturalWidth") == 0
        assert all(frame.locator("article").count() == 0 for frame in other.frames)
    other.close()
    opened.watch.offences.clear()  # what was noted is of the other page
    opened.page.reload()
    person = Person(opened.page)
    assert person.revision() == 0
    assert {person.card(q).get_attribute("data-status") for q in person.cards("question")} == {"open"}
