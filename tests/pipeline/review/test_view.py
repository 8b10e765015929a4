"""What the page shows: everything escaped, nothing inline, only what differs sent, questions where they are asked."""

import re
from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.tables.formulas import list_names
from pipeline.review.acting import act
from pipeline.review.form_fields import FieldProblem
from pipeline.review.form_view import build_form, build_preview
from pipeline.review.history_view import build_history, word_action
from pipeline.review.pages import list_words
from pipeline.review.parts import find_part, list_parts
from pipeline.review.question_words import set_cuts, set_question
from pipeline.review.rendering import (
    render_changes,
    render_form,
    render_form_page,
    render_history,
    render_layer,
    render_page,
    render_preview,
)
from pipeline.review.selections import make_evidence
from pipeline.review.suggesting import suggest_values
from pipeline.review.typeset import set_quote
from pipeline.review.view import Standing, build_view
from pipeline.review.view_models import Query, ReviewView, make_anchor
from schemas.alternatives import map_cuts
from schemas.criteria import Cut, Question, SelectionCriteria, Threshold
from schemas.review import Accept, Action, Change, Edit, Reject, Reply, ReviewState, Revision
from tests.pipeline.review.selections import load_demo
from tests.pipeline.review.served import make_document

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} \"' onclick=x"
AT = "2026-01-02T03:04:05+00:00"
STANDING = Standing("run", NASTY, 1, undo=NASTY)


class Inline(HTMLParser):
    """What of a page a strict policy would not let run or style it, and elements that nobody means to be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs).get("src", "")
        if tag in ("style", "iframe", "object", "base") or (tag == "script" and own != "/static/review.js"):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith("on")]
        self.found += [
            f"{tag} {value}" for _, value in attrs if value and value.strip().lower().startswith("javascript:")
        ]


def list_inline(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


def show(state: ReviewState, query: Query = Query(), standing: Standing = STANDING) -> ReviewView:  # noqa: B008
    return build_view(state, (make_document(),), (), standing, query)


def make_state(criteria: SelectionCriteria | None = None) -> ReviewState:
    """The demo's selection, undecided."""
    plain = map_cuts(criteria or load_demo(), lambda cut: cut.model_copy(update={"status": "proposed"}))
    return ReviewState(criteria=plain)


def do(state: ReviewState, action: Action) -> ReviewState:
    return act(state, action, "A. Physicist", AT).state


def list_swaps(html: str) -> dict[str, str]:
    return dict(re.findall(r'<template data-swap="#([^"]+)">(.*?)</template>', html, re.DOTALL))


def without_tags(html: str) -> str:
    """What a person reads of text without scripts."""
    plain = re.sub(r"<[^>]+>", "", html)
    return (
        plain.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", '"')
        .replace("&amp;", "&")
    )


def test_whatever_a_paper_or_a_person_wrote_is_text() -> None:
    document = make_document(NASTY)
    quote = make_evidence(document, 0, 25)
    criteria = map_cuts(load_demo(), lambda cut: cut.model_copy(update={"note": NASTY, "evidence": (quote,)}))
    analysis = criteria.analysis.model_copy(update={"title": NASTY})
    state = ReviewState(criteria=criteria.model_copy(update={"analysis": analysis}))
    cut = next(p for p in list_parts(criteria) if p.kind == "cut")
    form = build_form(
        state.criteria, address=cut.address, typed={"threshold": NASTY, "why": NASTY},
        problems=(FieldProblem("threshold", NASTY),),
    )  # fmt: skip
    revision = Revision(
        number=1, at=AT, by=NASTY, why=NASTY, action=Reject(part=cut.address), criteria_sha256="",
        changes=(Change(part=cut.address, before=NASTY, after=None),),
    )  # fmt: skip
    preview = build_preview(form.anchor, criteria, before=None, after=None, owner=None, problems=form_problems())
    pages = [
        render_page(build_view(state, (document,), (), STANDING)),
        render_form(form),
        render_form_page(form),
        render_preview(preview),
        render_layer(document.page(1), list_words(document, 1)),
        render_history(build_history((revision,), NASTY)),
    ]
    for page in pages:
        assert "alert(1)" in page
        assert "<img src=x" not in page
        assert list_inline(page) == []


def form_problems() -> tuple[FieldProblem, ...]:
    return (FieldProblem("", NASTY),)


def test_only_what_an_action_changed_is_sent() -> None:
    before = make_state()
    part = next(p for p in list_parts(before.criteria) if p.kind == "cut" and p.owner == "region:preselection")
    after = do(before, Accept(parts=(part.address,)))
    sent = list_swaps(render_changes(show(before), show(after)))
    group = f"group-{make_anchor('region:preselection')}-head"
    assert set(sent) == {"bar", "filters", make_anchor(part.address), group}
    assert 'data-status="accepted"' in sent[make_anchor(part.address)]
    assert sent[make_anchor(part.address)] in render_page(show(after))
    assert set(list_swaps(render_changes(show(after), show(after)))) == {"bar", "filters"}


def test_a_part_more_sends_its_group_anew() -> None:
    before = make_state()
    region = before.criteria.regions[0]
    fewer = region.model_copy(update={"cuts": region.cuts[1:]})
    without = before.criteria.model_copy(update={"regions": (fewer, *before.criteria.regions[1:])})
    sent = list_swaps(render_changes(show(ReviewState(criteria=without)), show(before)))
    group = f"group-{make_anchor(f'region:{region.name}')}"
    assert f'id="{make_anchor(f"cut:{region.cuts[0].id}")}"' in sent[group]
    everything = list_swaps(render_changes(None, show(before)))
    assert {"bar", "cards", "parts"} <= set(everything)


def test_a_question_stands_below_the_last_cut_that_it_touches() -> None:
    criteria = load_demo()
    cuts = criteria.regions[0].cuts
    question = {
        "id": "which", "text": "Which of them?", "why": "it is not said", "cuts": [cuts[2].id, cuts[0].id],
        "alternatives": [
            {"key": "first", "text": "the first", "rejects": [cuts[2].id]}, {"key": "both", "text": "both"},
        ],
        "default": "both",
    }  # fmt: skip
    asked = SelectionCriteria.model_validate(criteria.model_dump() | {"questions": [question]})
    view = show(make_state(asked))
    order = [c.address for c in view.cards]
    assert order.index("question:which") == order.index(f"cut:{cuts[2].id}") + 1
    card = next(c for c in view.cards if c.kind == "question")
    assert [(c.key, c.is_default, c.effect) for c in card.choices] == [
        ("first", False, "1 cut goes"),
        ("both", True, ""),
    ]
    answered = show(do(make_state(asked), Reply(question="which", alternative="first")))
    statuses = {c.address: c.status for c in answered.cards}
    assert (statuses["question:which"], statuses[f"cut:{cuts[2].id}"]) == ("answered", "rejected")


def test_a_question_says_its_cuts_as_their_cards_do() -> None:
    cuts = {
        "low": Cut(id="low", variable="pt", operator=">", threshold=Threshold(value=1, unit="GeV")),
        "high": Cut(id="high", variable="pt", operator=">", threshold=Threshold(value=15, unit="GeV")),
        "loose": Cut(id="loose", variable="id", operator=">=", threshold=Threshold(label="loose")),
    }
    names = list_names(load_demo())
    asked = Question(
        id="which", text="<b> pt > 1 GeV, pt > 15 GeV, pt > 151 or id >= loose?", why="", cuts=(*cuts, "gone"),
        alternatives=(), default=None,
    )  # fmt: skip
    assert set_question(asked.text, set_cuts(asked, cuts, names)) == (
        "&lt;b&gt; <i>p</i><sub>T</sub> &gt; 1\u00a0GeV, <i>p</i><sub>T</sub> &gt; 15\u00a0GeV, pt &gt; 151"
        " or id &gt;= loose?"
    )


def test_filters_count_and_hide() -> None:
    state = make_state()
    cut = state.criteria.regions[0].cuts[0]
    state = do(state, Reject(part=f"cut:{cut.id}"))
    view = show(state, Query(show="rejected"))
    assert [c.address for c in view.cards if not c.hidden] == [f"cut:{cut.id}"]
    assert next(f.count for f in view.filters if f.key == "rejected") == 1
    found = [c for c in show(state, Query(words=f"{cut.id} preselection")).cards if not c.hidden]
    assert [c.address for c in found] == [f"cut:{cut.id}"]


def test_a_quote_is_marked_on_its_page_and_leads_there() -> None:
    document = make_document()
    quote = make_evidence(document, 0, 27)
    criteria = map_cuts(load_demo(), lambda c: c.model_copy(update={"evidence": (quote,)}) if c.id == "muon_pt" else c)
    view = build_view(make_state(criteria), (document,), (), STANDING)
    (mark,) = view.documents[0].pages[0].marks
    card = next(c for c in view.cards if c.anchor == mark.anchor)
    assert card.address == "cut:muon_pt"
    assert card.quotes[0].page == view.documents[0].pages[0].anchor
    assert all(box.width > 0 and box.height > 0 for box in mark.boxes)


@given(st.text(min_size=1), st.text(min_size=1))
def test_addresses_have_ids_of_their_own(one: str, other: str) -> None:
    ids = [make_anchor(f"cut:{name}") for name in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", i) for i in ids)


@pytest.mark.parametrize(
    ("text", "numbers", "html"),
    [
        ("p_T > 20 GeV", ("20",), "p<sub>T</sub> &gt; <mark>20</mark> GeV"),
        ("E_T^{miss} > 2.5", ("2",), "E<sub>T</sub><sup>miss</sup> &gt; 2.5"),
        ("m_{4ℓ} and x_{i_1}", (), "m<sub>4ℓ</sub> and x<sub>i<sub>1</sub></sub>"),
        ("a <b> & 120 GeV", ("12",), "a &lt;b&gt; &amp; 120 GeV"),
    ],
)
def test_quotes_are_typeset(text: str, numbers: tuple[str, ...], html: str) -> None:
    assert set_quote(text, numbers) == html


@given(st.text(alphabet="pT_^{}<>&|η 0123456789.\n'\"", max_size=40))
def test_typesetting_a_quote_loses_no_word(text: str) -> None:
    shown = without_tags(str(set_quote(text, ("12", "3"))))
    letters = str.maketrans("", "", "_^{} \n")
    assert shown.translate(letters) == text.translate(letters)


@pytest.mark.parametrize(
    ("words", "owner", "expected"),
    [
        ("Jets must have p_T > 30 GeV", "object:jets", "pt > 30 GeV"),
        ("Muons with a transverse impact parameter greater than 1 mm are rejected.", "object:muons", "abs(d0) <= 1 mm"),
        ("Events must have at least two jets.", "region:preselection", "count(jets) >= 2 "),
        ("The mass must satisfy 50 < m < 106 GeV.", "region:preselection", " between (50, 106) GeV"),
        ("The detector is described elsewhere.", "object:jets", "   "),
    ],
)
def test_a_new_cut_begins_with_what_the_words_say(words: str, owner: str, expected: str) -> None:
    criteria = load_demo()
    values = suggest_values(criteria, owner, make_evidence(make_document(words), 0, len(words)))
    assert " ".join(values.get(name, "") for name in ("variable", "operator", "threshold", "unit")) == expected
    assert f"cut:{values['id']}" not in {p.address for p in list_parts(criteria)}


def test_a_form_shows_again_what_was_typed_and_what_is_wrong_with_it() -> None:
    criteria = load_demo()
    part = next(p for p in list_parts(criteria) if p.kind == "cut")
    form = build_form(
        criteria, address=part.address, typed={"threshold": "twenty", "condition": "x"},
        problems=(FieldProblem("threshold", "no number"), FieldProblem("", "all of it")), stale=True,
    )  # fmt: skip
    threshold = next(f for f in form.fields if f.name == "threshold")
    assert (threshold.value, threshold.problem, form.problem) == ("twenty", "no number", "all of it")
    assert form.now is not None
    assert form.opened
    html = render_form(form)
    assert f'id="{form.anchor}-threshold-problem"' in html
    assert 'aria-invalid="true"' in html


def test_every_action_has_words() -> None:
    kinds = get_args(get_args(Action)[0])
    cut = find_part(load_demo(), "cut:muon_pt").value
    given_fields = {
        "parts": ("cut:a",), "part": "cut:a", "after": cut, "added": cut, "at": 0, "question": "q",
        "threshold": "threshold:p/1-2", "evidence": make_evidence(make_document(), 0, 27), "owner": "object:jets",
    }  # fmt: skip
    said = []
    for kind in kinds:
        fields = {name: value for name, value in given_fields.items() if name in kind.model_fields}
        said.append(word_action(kind(**fields)))
    assert len(set(said)) == len(kinds)
    assert word_action(Edit(part="cut:a", after=cut)) == "edited cut a"


def test_a_formula_waits_for_nobody_and_is_nobodys_edit() -> None:
    view = show(make_state())
    formulas = [c for c in view.cards if c.kind == "variable"]
    assert formulas
    assert all((c.status, c.facets) == ("none", ()) for c in formulas)
    waiting = {c.address for c in view.cards if "open" in c.facets}
    assert len(waiting) == view.progress.all - view.progress.reviewed
