"""A real server whose model talks noise as a coder: the loop goes through its rounds and says that nothing matched."""

from pathlib import Path

import pytest

from benchmarks.coders.bench import write_sample
from pipeline.run_store import list_runs, load_artefact
from schemas.coding import CodingRecord
from tests.pipeline.calling import call
from tests.vllm.conftest import NAME

pytestmark = pytest.mark.vllm

ROUNDS = 2


@pytest.mark.parametrize("analysis", ["h4l", "diphoton", "leptoquark"])
def test_noise_ends_as_not_matched(url: str, tmp_path: Path, analysis: str) -> None:
    sample, runs, config = write_sample(analysis, tmp_path), tmp_path / "runs", tmp_path / "paperfilter.toml"
    config.write_text("max_tokens = 300\n", encoding="utf-8")  # noise has no end of its own
    asked = ("run", analysis, "--data", *sample, "--against", analysis, "--runs-dir", runs, "--coder", "llm")
    asked = (*asked, "--config", config)
    models = ("--model", NAME, "--url", url, "--rounds", ROUNDS)
    called = call(*asked, *models)
    assert called.code == 1, called.err
    assert "not matched" in called.out + called.err
    assert "Traceback" not in called.err
    (folder,) = list_runs(runs)
    record = load_artefact(folder / "coding.json", CodingRecord)
    assert (record.ended, len(record.attempts)) == ("not matched", ROUNDS)
    assert not any(attempt.accepted for attempt in record.attempts)
    assert {attempt.failure for attempt in record.attempts} <= {"syntax", "other"}
    assert record.calls >= ROUNDS
    assert record.total_tokens > record.user_tokens > 0
    assert record.agent_work is not None
    assert record.agent_work > 0

    # without the server the same replies give the same attempts
    again = call(*asked, "--model", NAME, "--url", "http://127.0.0.1:9/v1", "--rounds", ROUNDS, "--replay")
    assert again.code == 1, again.err
    newest = max(list_runs(runs), key=lambda p: (p / "coding.json").stat().st_mtime)
    replayed = load_artefact(newest / "coding.json", CodingRecord)
    assert [a.code_sha256 for a in replayed.attempts] == [a.code_sha256 for a in record.attempts]
    assert [a.failure for a in replayed.attempts] == [a.failure for a in record.attempts]
