"""The command that scores a reading: from files to numbers, and what it says when something is missing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.cli import bench
from schemas.errors import UsageError

CRITERION = {
    "id": "P-01", "stage": "object", "subject": "muon", "second_subject": None, "variable": "pt", "operator": ">",
    "value": 15, "unit": "GeV", "effect": "keep", "condition": None, "scope": None, "page": 4, "also_pages": [7],
    "quote": "p_T > 15 GeV", "source": "prose", "numeric": True, "executable": True, "cites": [],
}  # fmt: skip
FINDING = {
    "id": "r1", "stage": "object", "subject": "muon", "variable": "pt", "operator": ">", "value": 15.0, "unit": "GeV",
    "quote": ["p_T > 15 GeV"], "page": 7, "reader": "rules",
}  # fmt: skip


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    gold, findings = tmp_path / "gold", tmp_path / "findings"
    gold.mkdir()
    findings.mkdir()
    other = {**CRITERION, "id": "P-02", "subject": "electron", "also_pages": []}
    content = {"paper": "P", "pdf": "P.pdf", "pages_of_selection": [4], "criteria": [CRITERION, other]}
    (gold / "P.json").write_text(json.dumps(content))
    (findings / "P.json").write_text(json.dumps([FINDING, {**FINDING, "id": "r2", "value": 99.0}]))
    return gold, findings


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(bench, ["score", *arguments])
    return result.exit_code, result.output


def test_scores_as_json(folders: tuple[Path, Path]) -> None:
    gold, findings = folders
    code, output = run("--gold", str(gold), "--findings", str(findings), "--json")
    (score,) = json.loads(output)
    assert (code, score["recall"], score["precision"], score["missed"]) == (0, 0.5, [0.5, 1.0], ["P-02"])
    assert score["unmatched"][0]["finding"]["value"] == 99.0


def test_missed_and_unmatched_are_listed(folders: tuple[Path, Path]) -> None:
    gold, findings = folders
    code, output = run("--gold", str(gold), "--findings", str(findings), "--show", "all")
    assert code == 0
    assert "1/2 = 50.0%" in output
    assert "P-02" in output
    assert "undecided p.7" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--paper", "Q"), "no gold list for Q"),
        (("--pdf", "."), "either --pdf or --findings"),
    ],
)
def test_what_makes_no_sense_is_said(folders: tuple[Path, Path], arguments: tuple[str, ...], words: str) -> None:
    gold, findings = folders
    code, output = run("--gold", str(gold), "--findings", str(findings), *arguments)
    assert code == 2
    assert words in output


def test_an_empty_gold_folder_is_said(folders: tuple[Path, Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = CliRunner().invoke(bench, ["score", "--gold", str(empty), "--findings", str(folders[1])])
    assert isinstance(result.exception, UsageError)  # told by the command line, with --json as a document
    assert "no gold list" in str(result.exception)
