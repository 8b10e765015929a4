"""What reports say about a coder: rounds, classes, agent work and cost, on the terminal, in HTML, Markdown and JSON."""

import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from pipeline import artefacts
from pipeline.coding_log import load_attempts
from pipeline.commands.show import command
from pipeline.manifest import Manifest, Request
from pipeline.report import Report
from pipeline.report_coding import CodingReport, load_coding_report, word_outcome
from pipeline.report_coding_terminal import print_attempt, print_coding
from pipeline.report_html import render_html
from pipeline.report_markdown import render_markdown
from pipeline.run_store import dump_artefact
from pipeline.terminal import strip_controls
from schemas.coding import Attempt, CodingRecord
from schemas.errors import UsageError
from tests.pipeline.coders import EVIL, compare, execute, fill

REQUEST = Request(
    command="run", kind="criteria", source="h4l", source_sha256="0" * 64, reader="rules", coder="compiler", profile="p"
)


class Tags(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def load(folder: Path, evil: str = "") -> CodingReport:
    """The report of a run folder with a loop of four rounds in it."""
    folder.mkdir(exist_ok=True)
    dump_artefact(folder / artefacts.CODING, fill(folder / "coding", evil))
    coding = load_coding_report(folder)
    assert coding is not None
    return coding


def render(coding: CodingReport | None, folder: Path) -> tuple[str, str, str]:
    """The page, the Markdown and the terminal."""
    report = Report(run="s/r", title="t", manifest=Manifest(created="now", request=REQUEST, versions={}), coding=coding)
    console = Console(file=StringIO(), width=160)
    if coding is not None:
        print_coding(console, coding)
    assert isinstance(console.file, StringIO)
    return render_html(report, folder), render_markdown(report), console.file.getvalue()


def test_every_form_tells_the_same(tmp_path: Path) -> None:
    coding = load(tmp_path)
    assert [(row.outcome, row.lines, row.failure, row.tokens, row.seconds) for row in coding.rounds] == [
        ("no code", None, "syntax", 2200, 5.0),
        ("crashed, exit code 1", 3, "function-calling error", 2200, 5.0),
        ("other events", 3, "semantic error", 2200, 5.0),
        ("accepted", 3, "", 2200, 5.0),
    ]
    page, markdown, terminal = render(coding, tmp_path)
    tags = Tags()
    tags.feed(page)
    facts = (
        "matched after 4 rounds", "supervised by big", "SR/four_leptons", "semantic error", "function-calling error",
        "the same events (events.root)", "19", "10.0 tokens per token of the user", "8800", "800 of the user",
        "8 (4 coder, 4 supervisor)", "20.0", "0.0096",
    )  # fmt: skip
    plain = re.sub(r"\\(?=[_()-])", "", markdown)
    for fact in facts:
        assert fact in tags.text, fact
        assert fact in plain, fact
        assert fact in terminal, fact


def test_without_a_coder_nothing_is_said(tmp_path: Path) -> None:
    assert load_coding_report(tmp_path) is None
    page, markdown, _ = render(None, tmp_path)
    assert 'id="coder"' not in page
    assert "## Coder" not in markdown


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    pages = [Tags(), Tags()]
    for tags, evil in zip(pages, ("", EVIL), strict=True):
        page, markdown, terminal = render(load(tmp_path / ((evil and "evil") or "plain"), evil), tmp_path)
        tags.feed(page)
        for text in (page, markdown, terminal):
            assert strip_controls(text) == text
        assert "<script" not in page.lower().replace("&lt;script", "")
        assert not re.search(r"(?<!\\)<", markdown)
        (row,) = [line for line in markdown.splitlines() if line.startswith("| 3 |")]
        assert len(re.findall(r"(?<!\\)\|", row)) == 9
    assert pages[0].tags == pages[1].tags
    assert "alert(1)" in pages[1].text


def test_one_attempt_is_shown_with_code_and_reason(tmp_path: Path) -> None:
    for evil in ("", EVIL):
        coding = tmp_path / ((evil and "evil") or "plain")
        fill(coding, evil)
        said = []
        for kept in load_attempts(coding):
            console = Console(file=StringIO(), width=100)
            print_attempt(console, kept)
            assert isinstance(console.file, StringIO)
            said.append(console.file.getvalue())
        assert all(strip_controls(text) == text for text in said)
        assert "Text" in said[0]  # the reply that held no code
        assert "class: function-calling error" in said[1]
        assert "line 3, wrong branch: no branch" in said[1]
        assert "1  def select(events, selection):" in said[1]
        assert "NameError: x" in said[1]
        assert "class by a model: semantic error" in said[2]
        assert "First difference: SR, step four_leptons" in said[2]
        assert said[3].startswith("Attempt 4: accepted")


def test_an_attempt_is_asked_for_with_its_run(tmp_path: Path) -> None:
    runner = CliRunner()
    for words, complaint in (
        (["--attempt", "1"], "goes with a run"),
        (["h4l", "--attempt", "1"], "h4l has no attempt 1: no model wrote code there"),
    ):
        result = runner.invoke(command, [*words, "--runs-dir", str(tmp_path)])
        assert isinstance(result.exception, UsageError)
        assert complaint in str(result.exception)


def test_a_loop_that_was_interrupted_shows_what_there_is(tmp_path: Path) -> None:
    record = fill(tmp_path / "coding")
    (tmp_path / "coding" / "attempt-04" / "attempt.json").unlink()
    coding = load_coding_report(tmp_path)
    assert coding is not None
    assert (coding.ended, coding.finished, len(coding.rounds)) == ("not finished: 3 rounds so far", False, 3)
    assert all(render(coding, tmp_path))
    dump_artefact(tmp_path / artefacts.CODING, record.model_copy(update={"attempts": (), "ended": "not matched"}))
    empty = load_coding_report(tmp_path)
    assert empty is not None
    assert empty.ended == "not matched after 0 rounds"


def test_what_is_not_known_is_not_made_up(tmp_path: Path) -> None:
    record = fill(tmp_path / "coding")
    unknown: dict[str, object] = {
        "user_tokens": 0,
        "cost": None,
        "ended": "not matched",
        "attempts": record.attempts[:3],
    }
    dump_artefact(tmp_path / artefacts.CODING, record.model_copy(update=unknown))
    coding = load_coding_report(tmp_path)
    assert coding is not None
    facts = dict(coding.facts)
    assert (facts["agent work"], facts["cost of all calls"]) == ("not known", "no price")
    assert facts["held-out events"].startswith("not reached")
    assert not coding.matched


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"code_sha256": None}, "no code"),
        ({}, "refused before it ran"),
        ({"execution": execute(outcome="timeout", code=None)}, "ran out of time"),
        ({"execution": execute(outcome="crashed", code=139)}, "crashed, exit code 139"),
        ({"execution": execute()}, "results that cannot be used"),
        ({"execution": execute(), "comparison": compare(3)}, "other events"),
        (
            {"execution": execute(), "comparison": compare(0), "held_out": False},
            "other events where they were held out",
        ),
        (
            {"execution": execute(), "comparison": compare(0), "held_out": True, "witness": False},
            "wrong in witness events",
        ),
    ],
)
def test_how_far_an_attempt_came(parts: dict[str, object], words: str) -> None:
    attempt = Attempt.model_validate({"number": 1, "code_sha256": "0" * 64, "problem": "why"} | parts)
    assert word_outcome(attempt) == words
    assert word_outcome(attempt.model_copy(update={"problem": None})) == "accepted"


def test_agent_work_is_that_of_the_publication() -> None:
    """(total - user) / user: what is asked and answered beyond what the user gave, per token of it."""
    parts: dict[str, object] = {
        "coder": "llm", "model": "m", "supervisor": None, "rounds": 1, "ended": "matched", "attempts": (),
        "against": "b", "held_out": "x", "user_tokens": 1000, "total_tokens": 12_500,
    }  # fmt: skip
    assert CodingRecord.model_validate(parts).agent_work == 11.5
