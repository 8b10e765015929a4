"""A contest in reading goes on in the same folder: what an earlier command measured stays in its results."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import bench
from benchmarks.contest.storing import load_results
from tests.benchmarks.extracting.test_running import find, run, serve
from tests.benchmarks.extracting.tiny import Reader, write_papers

pytest.importorskip("typst", reason="needs the demo extra")


def test_who_is_not_named_again_stays_as_long_as_it_can_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = write_papers(tmp_path / "own", ["alpha", "beta"])
    reader = Reader()
    words = ("--runs", "2", "--mode", "chunk", "--no-with-rules", "--out", "c")
    with serve(reader) as server:
        model = ("--models", f"m@{server.url}", "--paper", "alpha", *words)
        assert run(own, *model).exit_code == 0
        asked, before = len(reader.heard), load_results(tmp_path / "c")
        assert run(own, "--no-model", "--paper", "beta", *words).exit_code == 0
        results = load_results(tmp_path / "c")
        assert {m for m in results.measures if m.subject == "alpha"} == set(before.measures)
        assert {(m.contestant, m.run) for m in results.measures if m.subject == "beta"} == {("rules", 0), ("rules", 1)}
        assert "| m | chunk" in (tmp_path / "c" / "report.md").read_text()
        gold = own / "alpha.json"
        gold.write_text(gold.read_text().replace("150.0", "151.0"))
        given = ("extract", "--papers", str(own), "--gold", str(own), "--no-model", "--paper", "alpha", *words)
        told = CliRunner().invoke(bench, given)
        assert [line for line in told.output.splitlines() if "an earlier gold list" in line and "m on alpha" in line]
        assert {(m.contestant, m.subject) for m in load_results(tmp_path / "c").measures} == {
            ("rules", "alpha"), ("rules", "beta"),
        }  # fmt: skip
        assert run(own, *model).exit_code == 0
    assert len(reader.heard) == asked
    results = load_results(tmp_path / "c")
    recall = find(results, "recall", "m", group="numeric")
    assert [(m.subject, m.hits, m.of) for m in recall] == [("alpha", 3, 5)] * 2  # one is missed, one is wrong now
    assert {m.contestant for m in results.measures if m.subject == "beta"} == {"rules"}
