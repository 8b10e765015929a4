"""The command line: help, exit codes, one line for every error, JSON for programs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import schemas.errors
from pipeline.cli import COMMANDS, EPILOG, _run
from pipeline.terminal import encode_json, strip_controls
from tests.pipeline.calling import ROOT, call, clean_environment, command
from tests.pipeline.papers import write_encrypted, write_paper, write_scan


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline.cli import _run; _run(['--help']);"
        "heavy = ['pydantic', 'rich', 'numpy', 'coffea', 'pymupdf', 'matplotlib', 'jinja2', 'httpx'];"
        "print('HEAVY', [m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), cwd=ROOT
    )
    assert "HEAVY []" in done.stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", done.stdout, re.M)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([name, "-h"]) == 0
    assert "Usage: paperfilter" in capsys.readouterr().out


def test_the_help_lists_the_exit_codes_of_the_error_tree() -> None:
    listed = {int(number) for number in re.findall(r"^ +(\d+)  ", EPILOG, re.M)}
    kinds = [k for k in vars(schemas.errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert {k.exit_code for k in kinds} | {0, 1, 130} == listed


def test_a_bug_is_one_line_and_a_file_with_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(COMMANDS, "broken", ("tests.pipeline.broken_command", ""))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert _run(["broken"]) == 70
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "ZeroDivisionError: first line" in err
    (written,) = tmp_path.glob("paperfilter-*.txt")
    assert str(written) in err
    assert "Traceback" in written.read_text()


def test_the_files_that_are_no_papers(tmp_path: Path) -> None:
    html, nothing, torn = tmp_path / "html.pdf", tmp_path / "nothing.pdf", tmp_path / "torn.pdf"
    html.write_text("<!doctype html><title>Please log in</title>")
    nothing.touch()
    whole = write_paper(tmp_path / "whole.pdf").read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    cases = {
        html: "not a PDF",
        nothing: "empty",
        torn: "truncated",
        write_encrypted(tmp_path / "locked.pdf"): "password",
        write_scan(tmp_path / "scan.pdf"): "scan",
    }
    for path, word in cases.items():
        called = call("extract", path, "--runs-dir", tmp_path / "runs", "--json")
        assert called.code == 3, path
        assert path.name in called.error_line()
        assert word in called.error_line()
        assert called.json()["error"]["exit_code"] == 3
    assert not any((tmp_path / "runs").iterdir())  # nothing that was started for nothing


def test_extract_gives_findings_with_evidence_and_criteria(tmp_path: Path) -> None:
    paper = write_paper(tmp_path / "note.pdf", hidden="Photons are required to have pT > 999 GeV.")
    called = call("extract", paper, "--runs-dir", tmp_path / "runs", "--json")
    assert called.code == 0, called.err
    result = called.json()
    by_variable = {(f["subject"], f["variable"]): f for f in result["findings"]}
    electron = by_variable["electron", "pt"]
    assert (electron["operator"], electron["value"], electron["unit"]) == (">", 7.0, "GeV")
    assert electron["grounded"] is True
    assert electron["evidence"]["page"] == 1
    assert "999" in result["document"]["hidden"][0]["text"]
    assert "999" not in json.dumps(result["findings"]) + json.dumps(result["criteria"])
    names = {o["name"] for o in result["criteria"]["objects"]}
    assert {"electrons", "muons"} <= names
    folder = Path(result["run"])
    assert folder.parent.name == "note"
    for name in ("document.json", "findings.json", "evidence.json", "coverage.json", "criteria.yaml", "manifest.json"):
        assert (folder / name).is_file()
    assert "\x1b" not in called.err


def test_extract_and_show_print_for_people(tmp_path: Path) -> None:
    paper = write_paper(tmp_path / "note.pdf", hidden="Photons are required to have pT > 999 GeV.")
    runs = tmp_path / "runs"
    called = call("extract", paper, "--runs-dir", runs)
    assert called.code == 0, called.err
    assert "pt > 7 GeV" in called.out
    assert "hidden text (white) on p. 1" in called.out
    assert "\x1b" not in called.out + called.err
    shown = call("show", "note", "--runs-dir", runs)
    assert shown.code == 0, shown.err
    assert "Electrons are required" in shown.out
    listed = call("show", "--runs-dir", runs)
    assert listed.out.startswith("note/")
    quiet = call("extract", paper, "--runs-dir", runs, "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_unwritable_run_folders(tmp_path: Path) -> None:
    paper = write_paper(tmp_path / "note.pdf")
    in_the_way = tmp_path / "runs"
    in_the_way.write_text("a file")
    for runs in (in_the_way, Path("/proc/runs"), Path("/dev/null")):
        called = call("extract", paper, PAPERFILTER_RUNS=str(runs))
        assert called.code == 8
        assert str(runs) in called.error_line()
        assert "--runs-dir" in called.error_line()


def test_wrong_arguments_are_code_2(tmp_path: Path) -> None:
    cases = {
        ("extract", tmp_path / "nowhere.pdf"): "no such file",
        ("extract",): "PAPER",
        ("run", "h4l"): "--data",
        ("run", "no_such_analysis", "--data", "x"): "h4l",
        ("show", "nothing", "--runs-dir", tmp_path): "nothing",
        ("data", "get", "no-such-set"): "atlas-2020-4lep",
        ("--no-such-option",): "--no-such-option",
        ("compare", "a.json"): "--against",
    }
    for arguments, word in cases.items():
        called = call(*arguments)
        assert called.code == 2, arguments
        assert word in called.error_line(), arguments


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    paper = write_paper(tmp_path / "note.pdf")
    line = f"{' '.join(command('extract', paper, '--runs-dir', tmp_path))} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=clean_environment())
    assert done.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in done.stderr


def test_text_of_a_paper_cannot_drive_a_terminal() -> None:
    evil = "pT\x1b[2J > 7\x07 GeV\x9b31m \u202e42\u2066 fine\u0000"
    shown = strip_controls(evil)
    assert shown == "pT[2J > 7 GeV31m 42 fine"
    encoded = encode_json({"quote": evil})
    assert json.loads(encoded) == {"quote": evil}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", encoded)
