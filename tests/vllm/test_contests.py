"""Contests with a real server whose model talks noise: every cell ends as an honest row, and nothing is invented."""

from pathlib import Path

import pytest

from benchmarks.contest.storing import load_results
from tests.pipeline.calling import call
from tests.vllm.conftest import NAME

pytestmark = pytest.mark.vllm


def write_config(folder: Path) -> Path:
    """Settings that end what has no end of its own."""
    config = folder / "paperfilter.toml"
    config.write_text("max_tokens = 300\n", encoding="utf-8")
    return config


def test_noise_reads_nothing_and_is_counted(url: str, notes: Path, tmp_path: Path) -> None:
    contest, paper = tmp_path / "contest", notes / "03-b-to-kmumu.pdf"
    asked = ("bench", "extract", "--papers", paper, "--runs", 2, "--config", write_config(tmp_path), "--out", contest)
    called = call(*asked, "--models", f"{NAME}@{url}")
    assert called.code == 0, called.err
    assert "Traceback" not in called.err
    rows = load_results(contest).measures
    alone = [row for row in rows if row.kind == "model"]
    assert {(row.mode, row.run) for row in alone if row.metric == "recall"} == {
        (mode, run) for mode in ("bulk", "chunk") for run in (1, 2)
    }
    assert all(row.hits == 0 for row in alone if (row.metric, row.group) == ("recall", "numeric"))
    assert all((row.value or 0) == 0 for row in alone if row.metric == "invented_grounded")
    assert all((row.value or 0) > 0 for row in alone if row.metric == "completion_tokens")
    (rules,) = (row for row in rows if (row.contestant, row.metric, row.group) == ("rules", "recall", "numeric"))
    assert (rules.value or 0) > 0.5

    # the same command without the server: everything is there
    again = call(*asked, "--models", f"{NAME}@{url}", "--json")
    assert again.code == 0, again.err
    assert load_results(contest).measures == rows


def test_noise_codes_nothing_and_is_counted(url: str, tmp_path: Path) -> None:
    contest = tmp_path / "contest"
    called = call(
        "bench", "code", "--analyses", "h4l", "--models", f"{NAME}@{url}", "--runs", 1, "--rounds", 1,
        "--config", write_config(tmp_path), "--out", contest,
    )  # fmt: skip
    assert called.code == 0, called.err
    assert "Traceback" not in called.err
    matched = {row.kind: row.value for row in load_results(contest).measures if row.metric == "matched"}
    assert matched == {"compiler": 1.0, "model": 0.0}
