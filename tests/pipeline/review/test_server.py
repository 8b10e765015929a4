"""What a person does with the forms of the page, with and without a script, alone and beside others."""

import re
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from pipeline.reading import load_criteria
from pipeline.review.parts import digest_part, find_part
from pipeline.review.store import Review
from pipeline.run_store import hold_folder
from schemas.criteria import Cut, Threshold
from schemas.review import Accept, Reject
from tests.pipeline.review.runs import AUTHOR, edit_by_hand, make_run
from tests.pipeline.review.served import PAPER, TEXT, Served, enter, make_document, serve_review

START = TEXT.index("pT >")
END = TEXT.index(" GeV") + 4


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve_review(make_run(tmp_path), make_document(), by=AUTHOR) as review:
        yield enter(review)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A review in which nothing is ever done."""
    with serve_review(make_run(tmp_path_factory.mktemp("run")), make_document(), by=AUTHOR) as review:
        yield enter(review)
        assert review.desk.revision == 0


def read_cut(served: Served, name: str) -> Cut:
    value = find_part(served.desk.state.criteria, f"cut:{name}").value
    assert isinstance(value, Cut)
    return value


def list_swaps(text: str) -> dict[str, str]:
    """What a script is told to put in the place of what."""
    found = re.findall(r'<template data-swap="#([^"]+)">(.*?)</template>', text, re.DOTALL)
    return dict(found)


def test_a_form_without_a_script_goes_back_to_its_card(served: Served) -> None:
    page = served.client.get("/", params={"show": "open", "q": "pt"})
    assert page.status_code == 200
    assert "cut:mu_pt" in page.text
    answer = served.client.post(
        "/act", data={"do": "accept", "part": "cut:mu_pt"}, headers={"Referer": f"{served.home}/?show=open&q=pt"}
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?show=open&q=pt#cut-mu_pt"
    assert read_cut(served, "mu_pt").status == "accepted"
    assert served.desk.history[-1].by == AUTHOR


def test_a_script_gets_what_changed_since_its_page_whoever_changed_it(served: Served) -> None:
    Review.open(served.desk.run).act(Accept(parts=("cut:mu_eta",)), "Somebody else")
    answer = served.client.post(
        "/act", data={"do": "accept", "part": "cut:mu_pt", "why": "as printed"},
        headers={"X-Fragment": "1", "X-Revision": "0"},
    )  # fmt: skip
    swaps = list_swaps(answer.text)
    assert answer.status_code == 200
    assert {"bar", "cut-mu_pt", "cut-mu_eta"} <= set(swaps)
    assert not {"cut-pair", "cut-window"} & set(swaps)
    assert 'data-revision="2"' in swaps["bar"]
    assert served.desk.history[-1].why == "as printed"
    later = served.client.get("/cards", headers={"X-Fragment": "1", "X-Revision": "2"})
    assert not {"cut-mu_pt", "cut-mu_eta"} & set(list_swaps(later.text))
    for unknown in ("", "99", "-1", "x" * 50):
        everything = served.client.get("/cards", headers={"X-Fragment": "1", "X-Revision": unknown})
        assert "cards" in list_swaps(everything.text)


def test_a_cut_is_edited_in_its_fields_and_the_paper_word_is_not_lost_without_need(served: Served) -> None:
    form = served.client.get("/edit/cut:mu_pt")
    assert form.status_code == 200
    assert 'value="20"' in form.text
    answer = served.act(do="edit", part="cut:mu_pt", threshold="22.5", unit="GeV", why="see the table")
    assert answer.status_code == 303
    assert read_cut(served, "mu_pt").threshold == Threshold(value=22.5, unit="GeV")
    assert read_cut(served, "mu_pt").status == "edited"
    served.act(do="edit", part="cut:window", threshold="[60, 120)")
    assert read_cut(served, "window").threshold == Threshold(range=(60, 120), closed="left", unit="GeV")
    kept = read_cut(served, "window").threshold
    served.act(do="edit", part="cut:window", threshold="[60, 120)", note="as in the first paper")
    assert read_cut(served, "window").threshold == kept
    assert "as in the first paper" in (read_cut(served, "window").note or "")


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"threshold": "twenty two!"}, "threshold", "threshold"),
        ({"threshold": "22", "unit": "furlong"}, "unit", "furlong"),
        ({"variable": "momentum"}, "variable", "momentum"),
        ({"operator": "~"}, "operator", "expected"),
        ({"operator": "between"}, "threshold", "range"),
        ({"condition": "pt > "}, "condition", ""),
        ({"id": ""}, "id", "missing"),
        ({"words": "a muon that is nice"}, "variable", "beside words"),
        ({"variable": "pt +"}, "variable", "Python"),
        ({"threshold": "= pt * 2 +"}, "threshold", ""),
        ({"id": "mu_eta"}, "id", "twice"),
        ({"threshold": ""}, "threshold", ""),
        ({"quantifier": "most"}, "quantifier", "expected"),
        ({"note": "x" * 3000}, "note", "2000"),
        ({"yaml": "id: mu_pt\nvariabel: pt\noperator: '>'\n"}, "yaml", "did you mean variable"),
        ({"yaml": "a: &a [1]\nb: [*a, *a]"}, "yaml", "anchors"),
        ({"yaml": "id: !!python/object/apply:os.system [ls]"}, "yaml", "tags"),
        ({"yaml": "{" * 2000}, "yaml", "nested"),
        ({"yaml": "id: x\n  bad: [", }, "yaml", "line"),
        ({"yaml": "id: mu_pt\nvariable: pt\noperator: pass\nevidence: []\n"}, "yaml", "other cards"),
    ],
)  # fmt: skip
def test_what_does_not_fit_stands_beside_its_field(
    untouched: Served, fields: dict[str, str], field: str, says: str
) -> None:
    served = untouched
    answer = served.act(fragment=True, do="edit", part="cut:mu_pt", **fields)
    assert answer.status_code == 422
    form = list_swaps(answer.text)["cut-mu_pt-form"]
    problem = re.search(rf'id="cut-mu_pt-{field}-problem">([^<]*)<', form)
    assert problem is not None, form
    assert says in problem[1]
    plain = served.act(do="edit", part="cut:mu_pt", **fields)
    assert plain.status_code == 422
    assert f'id="cut-mu_pt-{field}-problem"' in plain.text


def test_an_edit_is_shown_before_it_is_done(untouched: Served) -> None:
    fields = {"do": "edit", "part": "cut:mu_pt", "threshold": "25", "unit": "GeV"}
    answer = untouched.act(fragment=True, path="/preview", **fields)
    shown = list_swaps(answer.text)["cut-mu_pt-preview"]
    assert answer.status_code == 200
    assert "20" in shown
    assert "25" in shown
    plus, minus = (re.findall(rf'<span class="{sign}">([^<]*)', shown) for sign in ("plus", "minus"))
    assert any("25" in line for line in plus), shown  # the line of the generated program
    assert any("20" in line for line in minus)
    wrong = untouched.act(fragment=True, path="/preview", **{**fields, "threshold": "["})
    assert wrong.status_code == 422
    assert "problem" in list_swaps(wrong.text)["cut-mu_pt-preview"]
    assert untouched.act(path="/preview", **fields).status_code == 200
    assert untouched.desk.revision == 0


def test_a_stale_edit_shows_both_versions_and_the_next_one_overrules(served: Served) -> None:
    seen = digest_part(read_cut(served, "mu_pt"))
    first = served.act(do="edit", part="cut:mu_pt", threshold="25", seen=f"cut:mu_pt={seen}")
    assert first.status_code == 303
    second = served.act(fragment=True, do="edit", part="cut:mu_pt", threshold="30", seen=f"cut:mu_pt={seen}")
    assert second.status_code == 409
    form = list_swaps(second.text)["cut-mu_pt-form"]
    assert "25" in form  # as it is
    assert 'value="30"' in form  # as it was typed
    assert read_cut(served, "mu_pt").threshold == Threshold(value=25, unit="GeV")
    again = re.search(r'name="seen" value="([^"]+)"', form)
    assert again is not None
    third = served.act(do="edit", part="cut:mu_pt", threshold="30", seen=again[1])
    assert third.status_code == 303
    assert read_cut(served, "mu_pt").threshold == Threshold(value=30, unit="GeV")
    rejected = served.act(do="reject", part="cut:mu_pt", seen=seen)  # the bare digest of the form's only part
    assert rejected.status_code == 409
    assert "changed meanwhile" in rejected.text
    assert read_cut(served, "mu_pt").status == "edited"


def test_many_are_accepted_at_once_or_none(served: Served) -> None:
    names = ("mu_pt", "mu_eta", "pair")
    digests = [digest_part(read_cut(served, name)) for name in names]
    form = {"do": "accept", "part": [f"cut:{n}" for n in names], "seen": [*digests[:2], "0" * 64]}
    assert served.client.post("/act", data=form).status_code == 409
    assert served.desk.revision == 0
    assert served.client.post("/act", data={**form, "seen": digests}).status_code == 303
    assert {read_cut(served, name).status for name in names} == {"accepted"}
    assert served.desk.revision == 1


def test_a_new_cut_is_made_from_what_is_selected(served: Served) -> None:
    place = {"doc": PAPER, "start": str(START), "end": str(END)}
    form = served.client.get("/add", params={"kind": "cut", "owner": "object:muons", **place})
    assert form.status_code == 200
    assert "pT &gt; 20 GeV" in form.text
    fields = {"do": "add", "kind": "cut", "owner": "object:muons", "id": "mu_hard", "variable": "pt",
              "operator": ">", "threshold": "20 GeV", **place}  # fmt: skip
    answer = served.act(**fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/#cut-mu_hard")
    cut = read_cut(served, "mu_hard")
    (quote,) = cut.evidence
    assert (cut.origin, cut.status, cut.by) == ("human", "accepted", AUTHOR)
    assert (quote.document_id, quote.spans, quote.number) == (PAPER, ((START, END),), "ok")
    for wrong in ({"doc": "nobody"}, {"start": "5", "end": "5"}, {"end": "99999999"}, {"start": "-1"}, {"start": "x"}):
        refused = served.act(fragment=True, **{**fields, "id": "other", **wrong})
        assert refused.status_code == 422, wrong
    attached = served.act(do="attach", part="cut:pair", **place)
    assert attached.status_code == 303
    assert len(read_cut(served, "pair").evidence) == 1


def test_definitions_are_written_as_yaml(served: Served) -> None:
    new = "name: jets\nbase: jet\nnote: for the veto\n"
    assert served.act(do="add", kind="object", yaml=new).status_code == 303
    assert "base: jet" in served.client.get("/edit/object:jets").text
    edited = served.act(do="edit", part="object:muons", yaml="name: muons\nbase: muon\nnote: of both detectors\n")
    assert edited.status_code == 303
    muons = find_part(served.desk.state.criteria, "object:muons").value
    assert getattr(muons, "note", None) == "of both detectors"
    assert len(getattr(muons, "cuts", ())) == 2  # they have cards of their own
    missing = served.act(fragment=True, do="add", kind="region", yaml="name: side\nparent: nobody\n")
    assert missing.status_code == 422
    assert served.act(do="add", kind="question", yaml="id: x").status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "edit", "part": "question:ends", "yaml": "id: x"}, {"do": "edit", "part": "threshold:p/1-2"},
        {"do": "edit"},
        {"do": "add", "kind": "cut", "owner": "nobody", "id": "x", "variable": "pt", "operator": "pass"},
        {"do": "add", "kind": "removal", "owner": "region:peak", "yaml": "with: muons\ndeltaR: 0.1"},
        {"do": "attach", "part": "object:muons", "doc": PAPER, "start": "1", "end": "20"},
        {"do": "claim", "threshold": f"threshold:{PAPER}/1-20", "part": "cut:mu_pt"},
        {"do": "dismiss", "threshold": f"threshold:{PAPER}/1-20"}, {"do": "dismiss", "threshold": "cut:mu_pt"},
        {"do": "move", "part": "question:ends", "to": "up"}, {"do": "remove", "part": "question:ends"},
        {"do": "reject", "part": "object:muons"}, {"do": "reject", "part": "candidate:z"},
        {"do": "answer", "question": "nobody", "text": "x"}, {"do": "accept"}, {"do": ""}, {},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_every_way(untouched: Served, fields: dict[str, str]) -> None:
    for path in ("/act", "/preview"):
        for fragment in (True, False):
            assert untouched.act(path=path, fragment=fragment, **fields).status_code == 422
    if "part" in fields:
        known = untouched.client.get(f"/edit/{fields['part']}").status_code
        assert known == (404 if fields["part"].startswith(("question", "threshold")) else 200)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"doc": "nobody", "start": "0", "end": "9"}, "there is no document 'nobody'"),
        ({"doc": PAPER, "start": "x", "end": "9"}, "start: expected a whole number"),
        ({"doc": PAPER, "start": "9", "end": "9"}, "nothing is selected"),
        ({"doc": PAPER, "start": "0", "end": "99999"}, "99999"),
        ({"start": "0", "end": "9"}, "no document"),
        ({"kind": "muon"}, "'muon' cannot be added; there are cut"),
        ({"owner": "object:nobody"}, "there is no object 'nobody'"),
        ({"kind": "removal", "owner": "region:peak"}, "a removal cannot be added to region 'peak'"),
    ],
)
def test_a_new_part_that_cannot_be_is_told_before_its_form(untouched: Served, query: dict[str, str], says: str) -> None:
    for headers in ({}, {"X-Fragment": "1"}):
        answer = untouched.client.get("/add", params=query, headers=headers)
        assert answer.status_code == 422
        assert "part-form" not in answer.text
        assert says in unescape(answer.text)


def test_cuts_move_up_and_down_but_not_over_the_ends(served: Served) -> None:
    assert served.act(do="move", part="cut:window", to="up").status_code == 303
    assert served.act(do="move", part="cut:window", to="up").status_code == 422
    assert [c.id for c in served.desk.state.criteria.regions[0].cuts] == ["window", "pair"]
    assert served.act(do="move", part="cut:window", to="1").status_code == 303
    assert served.act(do="move", part="cut:window", to="down").status_code == 422


def test_questions_are_answered_and_what_was_done_is_undone(served: Served) -> None:
    assert served.act(do="answer", question="ends").status_code == 422
    assert served.act(do="answer", question="ends", alternative="with", text="both").status_code == 422
    assert served.act(do="answer", question="ends", alternative="with").status_code == 303
    assert read_cut(served, "window").threshold == Threshold(range=(70, 110), closed="both", unit="GeV")
    assert served.act(do="undo").status_code == 303
    assert served.desk.state.criteria.questions[0].answer is None
    assert served.act(do="redo", revision="1").status_code == 409  # of a page that does not show the latest
    script = {"X-Fragment": "1", "X-Revision": "2"}  # it has seen what the form did not know yet
    assert served.client.post("/act", data={"do": "redo", "revision": "1"}, headers=script).status_code == 200
    assert served.act(do="redo").status_code == 422
    assert served.act(do="rewrite").status_code == 422
    for kind, says in (("json", '"by": "A. Physicist"'), ("csv", "A. Physicist"), ("md", "A. Physicist")):
        exported = served.client.get(f"/history.{kind}")
        assert says in exported.text
        assert exported.headers["content-disposition"] == f'attachment; filename="history.{kind}"'
    assert "answered ends" in served.client.get("/history").text


def test_the_gate_says_what_is_open_and_then_lets_through(served: Served) -> None:
    shut = served.act(path="/finish")
    assert shut.status_code == 422
    assert 'href="/#question-ends"' in shut.text
    assert 'href="/#question-ends"' in list_swaps(served.act(path="/finish", fragment=True).text)["notices"]
    assert not (served.desk.run / "accepted.yaml").exists()
    served.act(do="edit", part="cut:mu_pt", threshold="25")
    served.act(do="defaults")
    opened = served.act(path="/finish")
    assert opened.status_code == 200
    assert f"paperfilter run {served.desk.run} --data FILES" in opened.text
    accepted = load_criteria(served.desk.run / "accepted.yaml")
    assert accepted.objects[0].cuts[0].threshold == Threshold(value=25, unit="GeV")
    assert accepted.objects[0].cuts[0].by == AUTHOR


def test_a_run_that_works_in_the_folder_is_waited_for(served: Served) -> None:
    with hold_folder(served.desk.run):
        for path in ("/act", "/finish"):
            busy = served.act(fragment=True, path=path, do="accept", part="cut:mu_pt")
            assert busy.status_code == 423
            assert "in use" in list_swaps(busy.text)["notices"]
        assert served.client.get("/").status_code == 200
    assert served.act(do="accept", part="cut:mu_pt").status_code == 303


def test_another_process_and_a_hand_in_the_file_are_noticed(served: Served) -> None:
    before = served.client.get("/state").json()
    Review.open(served.desk.run).act(Reject(part="cut:mu_eta"), "Somebody else")
    after = served.client.get("/state").json()
    assert (before["revision"], after["revision"]) == (0, 1)
    assert "rejected" in served.client.get("/").text


def test_a_file_that_was_spoilt_by_hand_is_told_and_nothing_is_done(served: Served) -> None:
    edit_by_hand(served.desk.run, "value: 2.4", "value: two")
    problem = served.client.get("/state").json()["problem"]
    assert "two" in problem
    assert "two" in served.client.get("/").text
    refused = served.act(fragment=True, do="accept", part="cut:mu_pt")
    assert refused.status_code == 422
    assert "two" in list_swaps(refused.text)["notices"]
    edit_by_hand(served.desk.run, "value: two", "value: 2.5")
    assert served.client.get("/state").json() | {"effect": 0} == {
        "revision": 1, "effect": 0, "running": False, "problem": None,
    }  # fmt: skip
    assert read_cut(served, "mu_eta").threshold == Threshold(value=2.5)
    assert read_cut(served, "mu_eta").status == "edited"


def test_many_people_at_once_lose_nothing(served: Served) -> None:
    names = ["mu_pt", "mu_eta", "pair", "window"]
    codes: list[int] = []

    def accept(name: str) -> None:
        codes.append(served.act(fragment=True, do="accept", part=f"cut:{name}").status_code)

    threads = [threading.Thread(target=accept, args=(name,)) for name in names * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] * 4 + [422] * 4  # each once; the second is told that it is accepted already
    assert [r.number for r in served.desk.history] == [1, 2, 3, 4]
    assert {read_cut(served, name).status for name in names} == {"accepted"}


def test_who_waits_keeps_nobody_waiting(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.review import routes

    began, go_on = threading.Event(), threading.Event()

    def draw(*_: object) -> bytes:
        began.set()
        assert go_on.wait(60)
        return b"a picture"

    monkeypatch.setattr(routes, "draw_page", draw)
    slow = threading.Thread(target=served.client.get, args=(f"/pages/{PAPER}/1.png",))
    slow.start()
    assert began.wait(60)
    assert served.act(do="accept", part="cut:mu_pt").status_code == 303
    assert served.client.get("/state").json()["revision"] == 1
    assert slow.is_alive()
    go_on.set()
    slow.join(60)


def test_text_is_text_wherever_it_comes_from(served: Served) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7919*7927}}"
    served.act(do="edit", part="cut:mu_pt", note=evil, why=evil)
    served.act(do="answer", question="ends", text=evil)
    place = {"doc": PAPER, "start": str(TEXT.index("<script>")), "end": str(TEXT.index(" there."))}
    served.act(do="attach", part="cut:mu_pt", **place)
    refused = served.act(do="accept", part=f"cut:{evil}")
    pages = [served.client.get(p).text for p in ("/", f"/?q={evil}&show={evil}", "/history", "/edit/cut:mu_pt",
                                                 f"/edit/{evil}", f"/pages/{PAPER}/1/layer")]  # fmt: skip
    pages += [refused.text, served.client.get("/add", params={"kind": evil, "owner": evil, **place}).text]
    for text in pages:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert str(7919 * 7927) not in text
    assert "&lt;script&gt;" in pages[0]
    assert "&lt;script&gt;" in pages[5]


def test_what_is_typed_is_cleaned_of_what_no_text_has(served: Served) -> None:
    served.act(do="edit", part="cut:mu_pt", note="a\x00b\u202ec\x1b[31m\r\nd")
    note = read_cut(served, "mu_pt").note or ""
    assert note.startswith("abc[31m\nd"), note
    assert unquote("%00") not in note


def test_a_search_that_finds_nothing_is_a_page(untouched: Served) -> None:
    for query in ({"q": "zzz"}, {"show": "nothing"}, {"doc": "nobody"}, {"q": "x" * 500}, {"show": ""}):
        assert untouched.client.get("/", params=query).status_code == 200
