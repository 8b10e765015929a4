"""The whole way on small files: a run, the gate, bad event data, kill -9, what is redone."""

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from codegen.sandbox import probe_sandbox
from pipeline.analyses import load_analysis
from pipeline.run_store import list_runs, load_artefact, load_manifest
from schemas.criteria import Alternative, Question
from schemas.criteria_yaml import dump_criteria, load_criteria
from schemas.execution import Execution
from tests.pipeline.calling import call, clean_environment, command
from tests.pipeline.samples import write_empty_tree, write_other_tree, write_sample, write_without_branch

# Where no sandbox works, the code of these runs is still our own compiler's, from our own criteria.
UNSAFE = [] if probe_sandbox().usable else ["--unsafe-no-sandbox"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def finished(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the demo's criteria against their baseline."""
    runs = tmp_path_factory.mktemp("runs")
    called = call("run", "demo_h4l", "--data", sample, "--against", "demo_h4l", "--runs-dir", runs, *UNSAFE)
    assert called.code == 0, called.err
    assert "the same events" in called.out
    (folder,) = list_runs(runs)
    return folder


def write_open(path: Path) -> Path:
    """The demo's criteria with a question about the upper bound of m34."""
    criteria = load_criteria(load_analysis("demo_h4l").criteria)
    cut = next(c for r in criteria.regions for c in r.cuts if c.id == "subleading_pair_mass_max")
    question = Question(
        id="q1_m34",
        text="Is the upper bound of m34 meant for all events?",
        why="the text does not say",
        alternatives=(Alternative(key="keep", text="yes"), Alternative(key="leave_out", text="no", rejects=(cut.id,))),
        default="keep",
        cuts=(cut.id,),
    )
    path.write_text(dump_criteria(criteria.model_copy(update={"questions": (question,)})), encoding="utf-8")
    return path


def test_a_run_leaves_a_folder_with_everything(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert {
        "manifest.json", "criteria.yaml", "criteria.json", "accepted.yaml", "analysis.py", "binding.json",
        "execution.json", "cutflow.json", "histograms.json", "candidates.csv", "baseline.json", "comparison.json",
        "figure-m4l-preselection.png", "figure-m4l-preselection.pdf", "report.html", "report.md",
    } <= names  # fmt: skip
    manifest = load_manifest(finished)
    assert manifest.finished is not None
    assert [step.name for step in manifest.steps] == [
        "adopt", "export", "accept", "compile", "execute", "baseline", "compare", "draw", "report",
    ]  # fmt: skip
    assert (finished / "figure-m4l-preselection.png").read_bytes().startswith(b"\x89PNG")


def test_the_report_is_one_file_that_fetches_nothing(finished: Path) -> None:
    html = (finished / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<iframe|\son\w+=|javascript:", html)
    assert set(re.findall(r'src="([a-z]+:)', html)) == {"data:"}
    assert "http" not in re.sub(r"http-equiv", "", html)
    assert "the same events" in html
    markdown = (finished / "report.md").read_text(encoding="utf-8")
    assert "figure-m4l-preselection.png" in markdown
    assert "higgs.leptons\\[0\\].pt" in markdown


def test_running_a_finished_run_again_redoes_nothing(finished: Path) -> None:
    called = call("run", finished, *UNSAFE, "--json")
    assert called.code == 0, called.err
    assert called.json()["matched"] is True
    lines = [line for line in called.err.splitlines() if line]
    assert lines
    assert all(line.startswith("↺") for line in lines), called.err


def test_an_edited_file_is_kept_and_what_follows_is_redone(sample: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    base = ["--data", sample, "--against", "demo_h4l", "--runs-dir", runs, *UNSAFE]
    assert call("run", "demo_h4l", *base, "-q").code == 0
    (folder,) = list_runs(runs)
    criteria = folder / "criteria.yaml"
    edited = criteria.read_text(encoding="utf-8").replace("value: 16, unit: GeV", "value: 36, unit: GeV")
    criteria.write_text(edited, encoding="utf-8")
    called = call("run", folder, *UNSAFE, "--json")
    assert called.code == 1, called.err
    assert criteria.read_text(encoding="utf-8") == edited
    assert "edited by hand" in called.err
    comparison = called.json()["comparison"]
    assert comparison["first_difference"] == "preselection/subleading_lepton_pt"
    example = comparison["examples"][0]
    assert example["only"] == "baseline"
    ours = example["analysis_values"]["subleading_lepton_pt"]
    assert 16 < ours <= 36
    assert ours == pytest.approx(example["baseline_values"]["subleading_lepton_pt"], rel=1e-6)
    again = call("compare", folder, "--against", "demo_h4l")
    assert again.code == 1
    assert "subleading_lepton_pt" in again.out


def test_the_gate_names_the_question_and_the_command(sample: Path, tmp_path: Path) -> None:
    criteria = write_open(tmp_path / "open.yaml")
    runs = tmp_path / "runs"
    base = ["run", criteria, "--data", sample, "--runs-dir", runs, *UNSAFE]
    refused = call(*base)
    assert refused.code == 5
    assert "q1_m34" in refused.error_line()
    assert "paperfilter answer" in refused.error_line()
    assert "--accept-defaults" in refused.error_line()
    (folder,) = list_runs(runs)
    assert not (folder / "analysis.py").exists()
    accepted = call(*base, "--accept-defaults", "-q")  # goes on in the same run
    assert accepted.code == 0, accepted.err
    assert list_runs(runs) == (folder,)
    answer = load_criteria(folder / "accepted.yaml").questions[0].answer
    assert answer is not None
    assert (answer.by, answer.alternative) == ("A. Physicist", "keep")
    assert load_criteria(folder / "criteria.yaml").questions[0].answer is None
    again = call("run", folder, "--json", *UNSAFE)  # what was accepted for these criteria stays accepted
    assert again.code == 0, again.err
    assert "accept" not in re.findall(r"^✓ (\w+)", again.err, re.M)


def test_answers_go_into_the_file_and_change_the_cut(tmp_path: Path) -> None:
    criteria = write_open(tmp_path / "open.yaml")
    unknown = call("answer", criteria, "q1_m34=perhaps")
    assert unknown.code == 5
    assert "keep" in unknown.error_line()
    answered = call("answer", criteria, "q1_m34=leave_out", "--by", "B. Reviewer")
    assert answered.code == 0, answered.err
    written = load_criteria(criteria)
    answer = written.questions[0].answer
    assert answer is not None
    assert answer.by == "B. Reviewer"
    cut = next(c for r in written.regions for c in r.cuts if c.id == "subleading_pair_mass_max")
    assert cut.status == "rejected"
    compiled = call("compile", criteria, "-o", tmp_path / "analysis.py")
    assert compiled.code == 0, compiled.err
    assert "subleading_pair_mass_max" not in (tmp_path / "analysis.py").read_text(encoding="utf-8")


def test_a_cut_without_a_grounded_quote_needs_a_name(tmp_path: Path) -> None:
    criteria = load_criteria(load_analysis("demo_h4l").criteria)
    region = criteria.regions[0]
    loose = region.cuts[1].model_copy(update={"origin": "rules", "status": "proposed"})
    regions = (region.model_copy(update={"cuts": (region.cuts[0], loose, *region.cuts[2:])}), *criteria.regions[1:])
    path = tmp_path / "loose.yaml"
    path.write_text(dump_criteria(criteria.model_copy(update={"regions": regions})), encoding="utf-8")
    refused = call("compile", path, "--accept-defaults")
    assert (refused.code, refused.out) == (5, "")
    assert "leading_lepton_pt" in refused.error_line()
    assert call("answer", path, "--accept", "leading_lepton_pt").code == 0
    assert call("compile", path).code == 0


def test_event_files_that_are_not_what_they_should_be(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "text.root").write_text("this is no ROOT file")
    (tmp_path / "nothing.root").touch()
    cases = {
        write_other_tree(tmp_path / "other.root"): "no tree 'mini'",
        write_without_branch(tmp_path / "lacks.root", sample, "lep_pt"): "lep_pt",
        tmp_path / "text.root": "cannot be read as a ROOT file",
        tmp_path / "nothing.root": "empty",
        tmp_path / "absent-*.root": "matches no file",
        tmp_path: "folder",
    }
    for path, word in cases.items():
        examined = call("doctor", "--data", path, "--json")
        checks = {check["name"]: check for check in examined.json()}
        assert checks["data"]["state"] == ("ok" if "lacks" in path.name else "failed"), path
        called = call("run", "demo_h4l", "--data", path, "--runs-dir", tmp_path / "runs", *UNSAFE)
        assert called.code == 4, (path, called.err)
        assert word in called.error_line(), called.err
        assert str(path) in called.error_line(), called.err


def test_a_tree_without_events_is_said(sample: Path, tmp_path: Path) -> None:
    empty = write_empty_tree(tmp_path / "empty.root", sample)
    called = call("run", "demo_h4l", "--data", empty, "--runs-dir", tmp_path / "runs", *UNSAFE)
    assert called.code == 4
    assert "no events" in called.error_line()
    together = call("run", "demo_h4l", "--data", empty, sample, "--runs-dir", tmp_path / "runs", "--json", *UNSAFE)
    assert together.code == 0, together.err
    assert together.json()["cutflow"]["n_events"] > 0


def test_kill_9_anywhere_and_the_same_command_again_ends_in_the_same_result(
    sample: Path, finished: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    line = command("run", "demo_h4l", "--data", sample, "--against", "demo_h4l", "--runs-dir", runs, "-q", *UNSAFE)
    rng = random.Random(11)
    kills = 0
    for attempt in range(8):
        process = subprocess.Popen(line, env=clean_environment(), stdin=subprocess.DEVNULL)
        patience = rng.uniform(0.4, 2.5) if attempt < 7 else 300.0
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
        if list_runs(runs) and load_manifest(list_runs(runs)[0]).finished:
            break
    assert kills >= 1
    (folder,) = list_runs(runs)
    assert load_manifest(folder).finished is not None
    for name in ("analysis.py", "cutflow.json", "histograms.json", "candidates.csv", "comparison.json"):
        assert (folder / name).read_bytes() == (finished / name).read_bytes(), name
    assert not [path.name for path in folder.iterdir() if path.name.startswith((".tmp-", ".work"))]


def test_ctrl_c_is_one_line_and_the_run_goes_on_afterwards(sample: Path, tmp_path: Path) -> None:
    line = command("run", "demo_h4l", "--data", sample, "--runs-dir", tmp_path, "-q", *UNSAFE)
    line = ["env", "--default-signal=INT", *line]  # tests in the background are started with it ignored
    process = subprocess.Popen(line, env=clean_environment(), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/*/analysis.py")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=3)
    except subprocess.TimeoutExpired:  # Python drops an interrupt that meets it in a destructor: a person presses again
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "paperfilter: interrupted; the same command goes on where it stopped"
    (folder,) = list_runs(tmp_path)
    assert load_manifest(folder).finished is None
    again = call("run", "demo_h4l", "--data", sample, "--runs-dir", tmp_path, "--json", *UNSAFE)
    assert again.code == 0, again.err
    assert list_runs(tmp_path) == (folder,)


def test_a_run_without_a_sandbox_is_recorded(sample: Path, tmp_path: Path) -> None:
    called = call("run", "demo_h4l", "--data", sample, "--runs-dir", tmp_path, "-q", "--unsafe-no-sandbox")
    assert called.code == 0, called.err
    (folder,) = list_runs(tmp_path)
    assert load_artefact(folder / "execution.json", Execution).tier == "none"
    execute = load_manifest(folder).find_step("execute")
    assert execute is not None
    assert "--unsafe-no-sandbox" in execute.settings["sandbox"]
    assert "without a sandbox" in (folder / "report.html").read_text(encoding="utf-8")
