"""Reviewing the demo note: mouse, keys, reload, two tabs, undo, new quotes, questions, thresholds, filters."""

import json
import signal
import time
from pathlib import Path

from playwright.sync_api import expect

from pipeline.review.journal import digest_criteria
from schemas.criteria import Cut, SelectionCriteria
from schemas.criteria_yaml import load_criteria
from tests.browser.conftest import PATIENCE, OpenReview
from tests.browser.person import Person, select_words
from tests.browser.reviewing import start_review
from tests.pipeline.calling import call

ET = "cut:electron_et"
ETA = "cut:electron_abs_eta"
WINDOW = "cut:leading_pair_mass"


def find_cut(run: Path, name: str) -> Cut:
    """A cut of the criteria as the review leaves them in criteria.yaml."""
    criteria = read_criteria(run)
    owners = [*(o.cuts for o in criteria.objects), *(r.cuts for r in criteria.regions)]
    return next(c for cuts in owners for c in cuts if c.id == name)


def read_criteria(run: Path) -> SelectionCriteria:
    """The criteria in criteria.yaml, once the file has what the newest line of the history says; it follows later."""
    history = run / "review" / "history.jsonl"
    for _ in range(PATIENCE // 100):
        lines = history.read_text(encoding="utf-8").splitlines() if history.is_file() else []
        criteria = load_criteria(run / "criteria.yaml")
        if not lines or json.loads(lines[-1])["criteria_sha256"] == digest_criteria(criteria):
            return criteria
        time.sleep(0.1)
    raise AssertionError("criteria.yaml does not follow the history")


def read_history(run: Path) -> list[dict]:
    """What `paperfilter history` exports."""
    out = run.parent / "history.json"
    called = call("history", run, "--export", out)
    assert called.code == 0, called.err
    return list(json.loads(out.read_text(encoding="utf-8")))


def test_only_the_address_that_was_printed_opens_the_page_and_only_once(
    open_review: OpenReview, demo_run: Path
) -> None:
    opened = open_review(demo_run)
    assert "token" not in opened.page.url
    expect(opened.page.locator("article").first).to_be_visible()
    stranger = opened.context.browser.new_context()  # knows no cookie
    page = stranger.new_page()
    for address in ("/enter?token=wrong", "/enter", "/", "/state", "/history.json"):
        answer = page.goto(opened.server.home + address)
        assert answer is not None
        assert answer.status == 403, address
        expect(page.locator("article")).to_have_count(0)
    again = page.goto(opened.server.entrance)
    assert again is not None
    assert again.status == 403
    expect(page.locator("body")).to_contain_text("used already")
    stranger.close()


def test_parts_are_accepted_rejected_reopened_and_edited_by_mouse(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run, "--by", "M. Curie")
    person, page = Person(opened.page), opened.page
    before, every = person.progress()
    assert before == 0
    person.click(ET, "Accept")
    person.sees(ET, "accepted")
    person.sees_progress(1, every)
    person.click(ETA, "Reject")
    person.sees(ETA, "rejected")
    person.click(ETA, "Reopen")
    person.sees(ETA, "open")

    form = person.edit(WINDOW)
    form.get_by_label("threshold").fill("55 GeV to")
    opened.watch.expected.add(422)
    form.get_by_role("button", name="Save").click()
    problem = form.locator(".field.threshold .problem")
    expect(problem).to_be_visible()
    expect(form.get_by_label("threshold")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("threshold")).to_have_value("55 GeV to")  # what was typed stays
    assert find_cut(demo_run, "leading_pair_mass").threshold.range == (55, 104)

    form.get_by_label("threshold").fill("60 to 104")
    form.get_by_label("why").fill("tighter, as in the talk")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator(".preview del")).to_contain_text("55")
    expect(form.locator(".preview ins")).to_contain_text("60")
    expect(form.locator(".preview pre.code .plus")).to_contain_text(["60"])
    form.get_by_role("button", name="Save").click()
    person.sees(WINDOW, "edited")
    edited = find_cut(demo_run, "leading_pair_mass")
    assert (edited.threshold.range, edited.by, edited.status) == ((60, 104), "M. Curie", "edited")
    assert [e.quote for e in edited.history] != []
    last = read_history(demo_run)[-1]
    assert (last["by"], last["why"], last["action"]["do"]) == ("M. Curie", "tighter, as in the talk", "edit")
    page.get_by_role("link", name="History").click()
    expect(page.locator(".history li").first).to_contain_text("tighter, as in the talk")


def test_everything_is_done_with_keys(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run)
    person, page = Person(opened.page), opened.page
    order = person.cards()
    first = order.index(person.selected() or "")
    person.press("j", "j")
    assert person.selected() == order[first + 2]
    person.press("k")
    assert person.selected() == order[first + 1]

    person.press("n")
    opened_first = person.selected()
    assert opened_first is not None
    person.press("a")
    person.sees(opened_first, "accepted")
    person.press("u")
    person.sees(opened_first, "open")
    person.press("Shift+U")
    person.sees(opened_first, "accepted")
    person.press("Control+z")
    person.sees(opened_first, "open")

    person.walk_to(ETA)
    person.press("r")
    person.sees(ETA, "rejected")
    person.walk_to(ETA)  # what is decided leads on to what is not
    person.press("o")
    person.sees(ETA, "open")
    person.press("e")
    threshold = person.card(ETA).get_by_label("threshold")
    expect(threshold).to_be_visible()
    threshold.fill("2.37")
    person.press("Enter")
    person.sees(ETA, "edited")
    assert find_cut(demo_run, "electron_abs_eta").threshold.value == 2.37
    assert person.selected() == ETA  # keys go on where they were
    person.press("e")
    expect(threshold).to_be_visible()
    person.press("Escape")
    expect(threshold).to_have_count(0)
    assert person.selected() == ETA

    person.press("?")
    expect(page.locator("#help")).to_be_visible()
    person.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()
    person.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_nothing_is_lost_by_reloading_or_killing_the_server(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run)
    person = Person(opened.page)
    person.click(ET, "Accept")
    person.sees(ET, "accepted")
    person.click(ETA, "Reject")
    person.sees(ETA, "rejected")
    opened.page.reload()
    person.sees(ET, "accepted")
    person.sees(ETA, "rejected")
    person.press("u")
    person.sees(ETA, "open")
    opened.watch.ended = True
    opened.server.process.send_signal(signal.SIGKILL)
    opened.server.process.wait()
    opened.page.close()
    person = Person(open_review(demo_run).page)
    person.sees(ET, "accepted")
    person.sees(ETA, "open")
    person.press("Shift+U")
    person.sees(ETA, "rejected")
    assert [r["action"]["do"] for r in read_history(demo_run)] == ["accept", "reject", "undo", "redo"]


def test_a_form_that_is_older_than_its_part_is_refused_with_both_versions(
    open_review: OpenReview, demo_run: Path
) -> None:
    opened = open_review(demo_run)
    opened.watch.expected.add(409)
    one, other = Person(opened.page), Person(opened.context.new_page())
    other.page.goto(opened.server.home)
    for person, value in ((one, "60 to 104"), (other, "50 to 104")):
        person.page.bring_to_front()
        person.edit(WINDOW).get_by_label("threshold").fill(value)
    one.card(WINDOW).get_by_role("button", name="Save").click()
    one.sees(WINDOW, "edited")
    other.page.bring_to_front()
    form = other.card(WINDOW).locator("form.part-form")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".stale")).to_contain_text("60")
    expect(form.get_by_label("threshold")).to_have_value("50 to 104")
    assert find_cut(demo_run, "leading_pair_mass").threshold.range == (60, 104)
    form.get_by_role("button", name="Save").click()  # having seen both
    expect(other.card(WINDOW).locator(".line .says")).to_contain_text("50")
    assert find_cut(demo_run, "leading_pair_mass").threshold.range == (50, 104)
    one.page.bring_to_front()  # the first tab hears of it by itself
    expect(one.card(WINDOW).locator(".line .says")).to_contain_text("50")


def test_a_cut_is_added_from_words_selected_on_the_page(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run)
    person, page = Person(opened.page), opened.page
    expect(page.locator("svg.words text").first).to_be_attached()
    select_words(page, ["92%", "above", "20", "GeV."])
    page.locator("#picked").get_by_role("button", name="New cut").click()
    form = page.locator("form.part-form")
    expect(form).to_contain_text("92%")
    form.locator('select[name="owner"]').select_option("object:electrons")
    form.get_by_label("variable").fill("pt")
    form.get_by_label("threshold").fill("20")
    form.get_by_label("unit").fill("GeV")
    if not form.locator('[name="id"]').is_visible():
        form.locator("summary").click()
    form.locator('[name="id"]').fill("electron_plateau")
    form.get_by_role("button", name="Add").click()
    person.sees("cut:electron_plateau", "accepted")
    made = find_cut(demo_run, "electron_plateau")
    assert (made.origin, made.by, made.status) == ("human", "A. Physicist", "accepted")
    (quote,) = made.evidence
    assert "92% above 20 GeV" in " ".join(quote.quote)
    assert (quote.page, quote.alignment, quote.number, quote.unit) == (1, "exact", "ok", "ok")
    expect(page.locator('svg.marks a[data-card="cut-electron_plateau"] rect').first).to_be_attached()


def test_questions_are_answered_by_an_alternative_and_in_words(open_review: OpenReview, demo_run: Path) -> None:
    person = Person(open_review(demo_run).page)
    questions = person.cards("question")
    assert len(questions) == 5
    person.card(questions[0]).click()
    person.card(questions[0]).get_by_role("radio").first.check()
    person.click(questions[0], "Answer")
    person.sees(questions[0], "answered")
    person.card(questions[1]).click()
    person.card(questions[1]).get_by_role("textbox").fill("no requirement: the algorithm of the sample")
    person.click(questions[1], "Answer")
    person.sees(questions[1], "answered")
    person.page.get_by_role("button", name="Take all documented defaults").click()
    for question in questions[2:]:
        person.sees(question, "answered")
    answers = [q.answer for q in read_criteria(demo_run).questions]
    assert [a.alternative for a in answers] == ["leave_out", None, "leave_out", "leave_out", "leave_out"]
    assert answers[1].text == "no requirement: the algorithm of the sample"


def test_unclaimed_thresholds_are_claimed_and_dismissed(open_review: OpenReview, demo_run: Path) -> None:
    person = Person(open_review(demo_run).page)
    first, second, *_ = person.cards("threshold")
    quotes = len(find_cut(demo_run, "electron_et").evidence)
    person.click(first, "Dismiss")
    person.sees(first, "rejected")
    person.card(second).get_by_role("combobox").fill(ET)
    person.click(second, "Claim")
    person.sees(second, "accepted")
    assert len(find_cut(demo_run, "electron_et").evidence) == quotes + 1
    person.page.get_by_role("button", name="Undo").click()
    person.sees(second, "open")
    assert len(find_cut(demo_run, "electron_et").evidence) == quotes


def test_filters_and_search_show_what_they_say(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run)
    person, page = Person(opened.page), opened.page
    person.click(ET, "Accept")
    person.sees(ET, "accepted")
    person.click(ETA, "Reject")
    person.sees(ETA, "rejected")
    filters = page.locator("#filters")
    filters.locator('[data-show="rejected"]').click()
    expect(person.card(ET)).not_to_be_visible()
    assert person.cards() == [ETA]
    filters.locator('[data-show="open"]').click()
    expect(person.card(WINDOW)).to_be_visible()
    assert ET not in person.cards()
    assert ETA not in person.cards()
    filters.locator('[data-show="all"]').click()
    page.locator("#search").fill("isolated")
    expect(person.card(ET)).not_to_be_visible()
    found = person.cards()
    assert "cut:lepton_isolation" in found
    assert 0 < len(found) < 12


def test_the_page_works_without_its_script(open_review: OpenReview, demo_run: Path) -> None:
    opened = open_review(demo_run, script=False)
    person, page = Person(opened.page), opened.page
    person.click(ET, "Accept")
    person.sees(ET, "accepted")
    assert page.url.endswith("#cut-electron_et")
    person.card(WINDOW).locator('[data-do="edit"]').click()
    page.get_by_label("threshold").fill("60 to 104")
    page.get_by_role("button", name="Save").click()
    person.sees(WINDOW, "edited")
    page.get_by_role("button", name="Undo").click()
    person.sees(WINDOW, "open")


def test_a_second_review_of_a_run_sees_what_the_first_did(open_review: OpenReview, demo_run: Path) -> None:
    person = Person(open_review(demo_run).page)
    with start_review(demo_run, "--by", "L. Meitner") as second:
        page = person.page.context.browser.new_page()
        page.goto(second.entrance)
        Person(page).click(ET, "Accept")
        Person(page).sees(ET, "accepted")
        page.close()
    person.sees(ET, "accepted")  # without a reload
    assert [r["by"] for r in read_history(demo_run)] == ["L. Meitner"]
