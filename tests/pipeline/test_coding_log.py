"""The logs of a coder's loop: complete, readable, the same when written again, and safe whatever a model says."""

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from pipeline.coding_calls import keep_call, load_calls
from pipeline.coding_log import LOG, VALIDATION, load_attempts, write_logs
from pipeline.markdown import LIMIT, fence_text
from pipeline.run_store import dump_artefact
from pipeline.terminal import strip_controls
from schemas.errors import RunFolderError
from tests.pipeline.coders import EVIL, PRICE, ask, fill, reply


def read_headings(text: str) -> list[str]:
    """The headings that a reader of Markdown sees."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]


def load_texts(folder: Path) -> list[str | None]:
    """The replies of an attempt."""
    return [call.reply.text if call.reply else None for call in load_calls(folder)]


def count_rows(text: str) -> int:
    """The rows of all tables."""
    return sum(token.type == "tr_open" for token in MarkdownIt("commonmark").enable("table").parse(text))


def list_types(text: str) -> set[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return {t.type for token in tokens for t in (token, *(token.children or ()))}


def test_the_log_has_everything_in_order(tmp_path: Path) -> None:
    record = fill(tmp_path)
    write_logs(tmp_path, record)
    log = (tmp_path / LOG).read_text()
    headings = read_headings(log)
    assert [h for h in headings if h.startswith("Attempt")] == [f"Attempt {n}" for n in range(1, 5)]
    second = headings[headings.index("Attempt 2") : headings.index("Attempt 3")]
    assert second == [
        "Attempt 2", "Call 1: supervisor", "supervisor was told (system)", "supervisor was told (user)",
        "supervisor answered", "Call 2: coder", "coder was told (system)", "coder was told (user)", "coder answered",
        "Code", "Guard", "Run", "stdout", "stderr",
    ]  # fmt: skip
    for said in (
        "1000 + 100 tokens", "2.5 s", "exit code 1", "4 GiB", "64 processes", "NameError: x", "- wrong branch, line 3",
        "def select(events, selection):", "function-calling error** (by rules", "semantic error** (by a model)",
        "agent work 10.00: 8800 tokens in all, 800 of the user", "8 calls, 20.0 s, cost 0.0096", "**Accepted.**",
    ):  # fmt: skip
        assert said in log, said
    assert log.count("You write selections.") == 1  # what every prompt begins with is printed once
    assert log.count("The same as in `attempt-01/call-01-supervisor.md`.") == 8  # once to both roles


def test_the_validation_log_has_every_step(tmp_path: Path) -> None:
    write_logs(tmp_path, fill(tmp_path))
    log = (tmp_path / VALIDATION).read_text()
    third = log[log.index("## Attempt 3") : log.index("## Attempt 4")]
    assert "| SR | four\\_leptons | 329 | 322 | 7 | 0 | **different** |" in third
    assert "| SR | initial | 832 | 832 | 0 | 0 | equal |" in third
    assert "First difference: SR/four\\_leptons" in third
    assert "Held-out events: not reached." in third
    assert "Witness events (19): the same." in log
    assert "| z1 | candidates | wrong | no; x \\| y |" in log
    assert "Not compared: it ended as crashed, exit code 1." in log
    assert "Not compared: it was not run." in log


def test_written_again_they_are_the_same(tmp_path: Path) -> None:
    """After a resume replies come from the cache; what they took was taken when they were asked."""
    record = fill(tmp_path)
    write_logs(tmp_path, record)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    folder = tmp_path / "attempt-01"
    again = keep_call(folder, 2, ask("coder", "Attempt 1. "), reply("Text", None, cached=True), model="m", price=PRICE)
    assert not again.cached
    assert again.cost == pytest.approx(0.0012)
    write_logs(tmp_path, record)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
    other = keep_call(folder, 2, ask("coder", "Attempt 1. "), reply("New", cached=True), model="m", price=PRICE)
    assert other.cached
    assert load_texts(folder)[1] == "New"


def test_nothing_leaves_its_place_in_the_logs(tmp_path: Path) -> None:
    write_logs(tmp_path / "plain", fill(tmp_path / "plain"))
    write_logs(tmp_path / "evil", fill(tmp_path / "evil", EVIL))
    for name in (LOG, VALIDATION):
        plain, evil = ((tmp_path / which / name).read_text() for which in ("plain", "evil"))
        assert strip_controls(evil) == evil
        more = [h for h in read_headings(evil) if h not in read_headings(plain)]
        assert not [h for h in more if not h.endswith("thought")], more
        assert not list_types(evil) & {"html_block", "html_inline", "link_open", "image"}
        assert count_rows(plain) == count_rows(evil)
    whole = (tmp_path / "evil" / "attempt-01" / "call-02-coder.md").read_text()
    assert read_headings(whole) == ["coder: attempt 1", "system", "user", "reasoning", "reply"]
    kept = json.loads((tmp_path / "evil" / "attempt-01" / "call-02-coder.json").read_text())
    assert kept["reply"]["text"] == f"Text{EVIL}"  # for programs it is as it was


def test_a_long_text_is_cut_with_a_note_where_all_of_it_is(tmp_path: Path) -> None:
    fill(tmp_path)
    folder = tmp_path / "attempt-01"
    for path in folder.glob("call-02*"):
        path.unlink()
    keep_call(folder, 2, ask("coder", "x" * 1_000_000), reply("A" + "`" * 10_000_000 + "Z"), model="m")
    write_logs(tmp_path)
    log = (tmp_path / LOG).read_text()
    assert len(log) < 40 * LIMIT
    assert f"{10_000_002 - LIMIT} characters are left out here; all of it is in `attempt-01/call-02-coder.md`." in log
    assert (folder / "call-02-coder.md").stat().st_size > 10_000_000
    assert "Attempt 4" in read_headings(log)


def test_a_call_without_a_reply_and_one_with_half_a_character(tmp_path: Path) -> None:
    failed = keep_call(tmp_path, 1, ask("coder"), None, model="m", failure="no reply after 5 attempts", price=PRICE)
    assert (failed.prompt_tokens, failed.seconds, failed.cost) == (0, 0.0, None)
    keep_call(tmp_path, 2, ask("coder"), reply("a\ud800b"), model="m")
    assert load_texts(tmp_path) == [None, "a?b"]
    assert "no reply after 5 attempts" in (tmp_path / "call-01-coder.md").read_text()
    # asked again, it answers
    keep_call(tmp_path, 1, ask("coder"), reply("yes"), model="m")
    assert load_texts(tmp_path)[0] == "yes"


def test_a_fence_holds_what_is_in_it() -> None:
    for text in ("```", "~~~~", "`````\n```", "", "\n", "    indented", "> quote", "a\r\n\x0bb", "`" * 50):
        (token,) = MarkdownIt("commonmark").parse(fence_text(text))
        assert token.type == "fence"
        assert token.content.strip("\n") == strip_controls(text).strip("\n")


def test_an_attempt_under_way_is_left_out_and_a_damaged_one_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "attempt-05").mkdir()
    assert [kept.attempt.number for kept in load_attempts(tmp_path)] == [1, 2, 3, 4]
    dump_artefact(tmp_path / "attempt-05" / "attempt.json", ())
    with pytest.raises(RunFolderError, match="attempt-05"):
        write_logs(tmp_path)
