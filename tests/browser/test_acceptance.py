"""From a fresh extraction to accepted criteria in the page alone; what comes out compiles and matches its baseline."""

import re
from pathlib import Path

from playwright.sync_api import expect

from codegen.sandbox import probe_sandbox
from pipeline.run_store import load_artefact
from schemas.comparison import Comparison
from schemas.criteria_yaml import load_criteria
from tests.browser.conftest import OpenReview, copy_run
from tests.browser.person import Person
from tests.browser.reviewing import extract
from tests.pipeline.calling import call
from tests.pipeline.samples import write_sample
from tests.shared import require

UNSAFE = [] if probe_sandbox().usable else ["--unsafe-no-sandbox"]


def review_by_mouse(person: Person) -> None:
    """Accept every requirement and take the default of every question, card by card, with clicks."""
    for address in person.cards():
        kind = address.split(":")[0]
        status = person.card(address).get_attribute("data-status")
        if kind == "question" and status == "open":
            person.click(address, "Answer")
            person.sees(address, "answered")
        elif kind == "threshold" and status == "open":
            person.click(address, "Dismiss")
            person.sees(address, "rejected")
        elif status == "open":
            person.click(address, "Accept")
            person.sees(address, "accepted")


def review_by_keyboard(person: Person) -> None:
    """The same with keys alone: what is decided leads on to the next open card, until nothing is open."""
    person.press("n")
    for _ in person.cards():
        address = person.selected() or ""
        if person.card(address).get_attribute("data-status") != "open":
            break
        if address.startswith("threshold:"):
            person.press("r")
            person.sees(address, "rejected")
        else:
            person.press("a")
            person.sees(address, "answered" if address.startswith("question:") else "accepted")
    assert person.cards(status="open") == []


def review_by_groups(person: Person) -> None:
    """As a person in a hurry: some by hand, groups at once, the documented defaults, then what is left by keys."""
    for address in [*person.cards("question", "open")[:3], *person.cards("threshold", "open")[:2]]:
        question = address.startswith("question:")
        person.click(address, "Answer" if question else "Dismiss")
        person.sees(address, "answered" if question else "rejected")
    rest = person.page.get_by_role("button", name="Accept the ")
    while (left := rest.count()) > 0:
        rest.first.click()
        expect(rest).to_have_count(left - 1)
    waiting = len(person.cards("question", "open"))
    person.page.get_by_role("button", name="Take all documented defaults").click()
    expect(person.page.locator("#notices")).to_contain_text("stay open: their defaults are against what you accepted")
    against = person.cards("question", "open")
    assert 0 < len(against) < waiting  # those are for the person alone
    for address in against:
        expect(person.card(address).locator("input[type=radio]:checked")).to_have_count(1)  # its default
        person.click(address, "Answer")
        person.sees(address, "answered")
    for address in person.cards(status="open"):
        if not address.startswith("threshold:"):
            person.walk_to(address)
            person.press("a")
            person.sees(address, "accepted")


def finish(person: Person, run: Path) -> None:
    """Through the gate."""
    done, every = person.progress()
    assert done == every > 0
    person.page.get_by_role("button", name="Finish").click()
    expect(person.page.locator("#notices")).to_contain_text("accepted.yaml")
    assert (run / "accepted.yaml").is_file()


def check_match(run: Path, data: list[Path], against: str) -> None:
    """The run goes on from the accepted criteria, asks nothing, and has the baseline's events."""
    called = call("run", run, "--data", *data, "--against", against, "-q", *UNSAFE)
    assert called.code == 0, called.err
    compared = load_artefact(run / "comparison.json", Comparison)
    assert compared.matched
    accepted = load_criteria(run / "accepted.yaml")
    assert all(q.answer is not None and q.answer.by == "A. Physicist" for q in accepted.questions)
    cuts = [c for part in (*accepted.objects, *accepted.regions) for c in part.cuts]
    assert {c.status for c in cuts} <= {"accepted", "rejected"}  # some answers leave a cut out
    chosen = [a for q in accepted.questions for a in q.alternatives if q.answer and a.key == q.answer.alternative]
    answered = {c.id for a in chosen for c in a.changes}  # what an answer writes is in the name that the answer has
    assert {c.by for c in cuts if c.status == "accepted" and c.id not in answered} == {"A. Physicist"}
    assert {c.by for c in cuts if c.status == "accepted"} <= {"A. Physicist", None}


def test_the_demo_note_is_reviewed_by_mouse_or_by_keyboard_and_its_events_match(
    open_review: OpenReview, demo: Path, tmp_path: Path
) -> None:
    left = []
    for way in (review_by_mouse, review_by_keyboard):
        run = copy_run(demo, tmp_path / way.__name__)
        person = Person(open_review(run).page)
        way(person)
        finish(person, run)
        text = (run / "accepted.yaml").read_text(encoding="utf-8")
        left.append(re.sub(r"(?<=at: ).*", "then", text))
    assert "at: then" in left[0]
    assert left[0] == left[1]  # but for the time of each answer: one analysis speaks for both
    check_match(run, [write_sample(tmp_path)], "demo_h4l")


def test_a_measurement_is_reviewed_from_its_pdf_and_real_events_match(open_review: OpenReview, tmp_path: Path) -> None:
    paper = require("papers/pdf/2004.03447v3.pdf")
    data = sorted(require("data/atlas2020_4lep").glob("*.root"))
    run = extract(paper, tmp_path / "runs", "--papers", paper.parent, "--library", tmp_path / "library")
    person = Person(open_review(run).page)
    review_by_groups(person)
    finish(person, run)
    check_match(run, data, "h4l")
