"""`paperfilter explain`: what a person is told of a run that does not match, and of one that does."""

import json
from pathlib import Path

import pytest

from codegen.sandbox import probe_sandbox
from pipeline.analyses import load_analysis
from pipeline.explaining import explain_named
from pipeline.run_store import list_runs
from schemas.errors import UsageError
from tests.pipeline.calling import call
from tests.pipeline.samples import write_sample

UNSAFE = [] if probe_sandbox().usable else ["--unsafe-no-sandbox"]
ASKED = "threshold: {value: 20, unit: GeV"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose criteria say another number than its baseline, and one that matches."""
    folder = tmp_path_factory.mktemp("explained")
    criteria = load_analysis("h4l").criteria.read_text(encoding="utf-8")
    assert ASKED in criteria
    changed = folder / "changed.yaml"
    changed.write_text(criteria.replace(ASKED, "threshold: {value: 60, unit: GeV", 1), encoding="utf-8")
    sample = write_sample(folder)
    for source, code in ((changed, 1), ("h4l", 0)):
        called = call("run", source, "--data", sample, "--against", "h4l", "--runs-dir", folder / "runs", *UNSAFE)
        assert called.code == code, called.err
    return folder / "runs"


def find_run(runs: Path, slug: str) -> Path:
    return next(run for run in list_runs(runs) if run.parent.name == slug)


def test_a_mismatch_is_explained_and_exits_with_1(runs: Path) -> None:
    called = call("explain", find_run(runs, "changed"))
    assert called.code == 1, called.err
    assert "First difference: preselection, step leading_lepton_pt" in called.out
    assert "higgs.leptons[0].pt > 60 GeV" in called.out
    assert "the baseline does something else" in called.out
    assert "kept by the baseline only" in called.out


def test_json_is_one_document_with_the_same(runs: Path) -> None:
    called = call("explain", find_run(runs, "changed"), "--json")
    said = called.json()
    assert called.code == 1
    assert said["format"] == "paperfilter-explanation/1"
    assert said["explanation"]["step"] == "leading_lepton_pt"
    assert 1 <= len(said["explanation"]["examples"]) <= 3
    assert "leading_lepton_pt" in said["explanation"]["causes"][0]["text"]


def test_a_match_says_so_and_exits_with_0(runs: Path) -> None:
    called = call("explain", find_run(runs, "h4l"))
    assert called.code == 0, called.err
    assert "the events match" in called.out
    assert explain_named(str(find_run(runs, "h4l")), runs, None, None).explanation is None


def test_it_is_kept_with_the_run_and_in_its_reports(runs: Path) -> None:
    run = find_run(runs, "changed")
    explanation = json.loads((run / "explanation.json").read_text(encoding="utf-8"))
    assert explanation["region"] == "preselection"
    assert not (find_run(runs, "h4l") / "explanation.json").exists()
    for name in ("report.html", "report.md"):
        assert "Why they differ" in (run / name).read_text(encoding="utf-8")
        assert "Why they differ" not in (find_run(runs, "h4l") / name).read_text(encoding="utf-8")


def test_two_cutflow_files_are_explained_by_their_steps(runs: Path) -> None:
    run = find_run(runs, "changed")
    found = explain_named(str(run / "cutflow.json"), runs, str(run / "baseline.json"), None)
    assert found.explanation is not None
    assert found.explanation.step == "leading_lepton_pt"
    assert explain_named(str(run / "baseline.json"), runs, str(run / "baseline.json"), None).matched


def test_another_baseline_is_compared_anew(runs: Path) -> None:
    run = find_run(runs, "h4l")
    found = explain_named(str(run), runs, str(find_run(runs, "changed") / "cutflow.json"), None)
    assert not found.matched
    assert found.explanation is not None
    assert found.explanation.only_analysis


def test_what_cannot_be_explained_is_one_line(runs: Path) -> None:
    run = str(find_run(runs, "changed"))
    for name, attempt, says in (
        (run, 2, "has no attempt 2"),
        ("nothing-here", None, "is no run"),
        (f"{run}/cutflow.json", None, "--against"),
    ):
        with pytest.raises(UsageError, match=says):
            explain_named(name, runs, None, attempt)
    called = call("explain", "nothing-here", "--runs-dir", runs)
    assert called.code == 2
    assert "is no run" in called.error_line()
